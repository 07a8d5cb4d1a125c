#!/usr/bin/env bash
# Install the ccops that lies beside this action, at the commit that the workflow pinned.
#
# The repository under review must not be able to change what gets installed: it is not the current
# folder, Python takes no module and no variable from it, and everything that is downloaded must
# have a hash that this commit knows. Nothing is built but ccops itself, from these files. No login
# and no other secret is in the environment of what is run here.
set -euo pipefail

fail() {
    echo "::error title=ccops::$1"
    exit 1
}

[[ "${RUNNER_OS:-Linux}" == Linux ]] || fail "this action needs a runner with Linux"

root="$(cd "${GITHUB_ACTION_PATH}/../../.." && pwd -P)"
venv="${RUNNER_TEMP}/ccops-venv"
python="${CCOPS_ACTION_PYTHON:-python3}"
locks=("${root}/requirements-build.lock" "${root}/.github/actions/ccops/requirements.lock")

for file in "${root}/pyproject.toml" "${locks[@]}"; do
    [[ -f "${file}" ]] || fail "this action is not a whole checkout of ccops: ${file##*/} is missing"
done

cd "${RUNNER_TEMP}"
unset -v "${!CCOPS_@}" "${!PYTHON@}" PGPASSWORD
unset -v PIP_REQUIREMENT PIP_CONSTRAINT PIP_TARGET PIP_PREFIX PIP_USER PIP_PYTHON

"${python}" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "ccops needs Python 3.11 or newer"
rm -rf "${venv}"
"${python}" -I -m venv --without-pip "${venv}"

# The copy is built, not the action itself: what a build leaves behind stays in the temporary folder.
source="${RUNNER_TEMP}/ccops-source"
rm -rf "${source}"
mkdir -p "${source}"
cp -R "${root}/ccops" "${root}/schemas" "${root}/examples" "${root}/pyproject.toml" \
    "${root}/README.md" "${root}/LICENSE" "${source}"

pip=("${python}" -I -m pip --python "${venv}/bin/python" --disable-pip-version-check --no-input
    --quiet install --no-compile)
"${pip[@]}" --require-hashes --only-binary :all: -r "${locks[0]}" -r "${locks[1]}"
"${pip[@]}" --no-index --no-deps --no-build-isolation "${source}"
"${venv}/bin/python" -I -m ccops --version
