#!/usr/bin/env bash
# Run one command of ccops in a job. Inputs come by the environment and are never part of a script.
set -euo pipefail
shopt -s inherit_errexit

fail() {
    echo "::error title=ccops::$1"
    exit 3
}

case "${GITHUB_EVENT_NAME:-}" in
    pull_request_target | workflow_run | issue_comment)
        fail "ccops does not run for the event ${GITHUB_EVENT_NAME}: it can give a stranger's files the secrets"
        ;;
esac

python="${RUNNER_TEMP}/ccops-venv/bin/python"
plan_file="${CCOPS_ACTION_PLAN_FILE:-${RUNNER_TEMP}/ccops/plan.json}"
since="${CCOPS_ACTION_SINCE:-}"
campaign="${CCOPS_ACTION_CAMPAIGN:-}"
tip=refs/ccops/tip

# A link in the checkout must not lead to another workspace, nor its lack to one further up.
root="$(cd "${GITHUB_WORKSPACE}" && pwd -P)"
cd "${root}/${CCOPS_ACTION_DIRECTORY:-.}" || fail "'working-directory' names no folder of the checkout"
here="$(pwd -P)"
[[ "${here}/" == "${root}/"* && -f ccops.yaml && ! -L ccops.yaml ]] ||
    fail "'working-directory' holds no ccops.yaml of this checkout"
cd "${here}"

ccops() {
    "${python}" -I -m ccops "$@"
}

# In a shell of its own: git gets no secret, and no variable that changes what it does.
git_safely() (
    unset -v "${!CCOPS_@}" "${!GIT_@}" PGPASSWORD
    exec git --no-optional-locks --no-replace-objects --literal-pathspecs \
        -c core.fsmonitor=false -c core.hooksPath=/dev/null "$@"
)

# Ask GitHub what the branch holds now. What `actions/checkout` leaves behind under the branch's name
# is the commit of this job, however old that is. The token goes to no command line, and to no other server.
fetch_tip() (
    word="$(printf 'x-access-token:%s' "${CCOPS_CI_GITHUB_TOKEN:-}" | base64 | tr -d '\n')"
    unset -v "${!CCOPS_@}" "${!GIT_@}" PGPASSWORD
    export GIT_TERMINAL_PROMPT=0 GIT_ALLOW_PROTOCOL=https:file GIT_CONFIG_COUNT=1
    export GIT_CONFIG_KEY_0="http.${GITHUB_SERVER_URL:-https://github.com}/.extraheader"
    export GIT_CONFIG_VALUE_0="AUTHORIZATION: basic ${word}"
    exec git -c core.fsmonitor=false -c core.hooksPath=/dev/null -c credential.helper= \
        -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=30 -c gc.auto=0 -c maintenance.auto=false \
        fetch --quiet --no-tags --no-recurse-submodules --no-write-fetch-head \
        origin "+${GITHUB_REF}:${tip}"
)

output() {
    echo "$1=$2" >>"${GITHUB_OUTPUT}"
}

# The files of the workspace that differ between two commits, one in each line.
differing() {
    git_safely diff-tree -r --no-renames --name-only --no-commit-id --relative "$1" "$2" | LC_ALL=C sort
}

# `since` must be a commit that what is checked out has grown from: after a forced push, or on a new
# branch, nobody can say what was pushed.
check_since() {
    [[ -n "${since}" ]] || return 0
    [[ "${since}" == "HEAD^1" || "${since}" =~ ^[0-9a-f]{40}$ ]] ||
        fail "'since' must be a full commit id"
    [[ ! "${since}" =~ ^0+$ ]] ||
        fail "this push made the branch, so there is nothing to compare with; name a commit by hand"
    git_safely cat-file -e "${since}^{commit}" ||
        fail "the commit ${since} is not in this checkout: fetch its history (fetch-depth: 0)"
    git_safely merge-base --is-ancestor "${since}" HEAD ||
        fail "${since} is no ancestor of what is checked out: the branch was overwritten; name a commit by hand"
}

# Find in `later` what a later commit changed of that which this run is about: with `since`, of the
# files that differ from it and those that bear on all; else of all files of the workspace. It is never
# called in a condition, where a failure would go on: nothing may be written if nobody can say.
later=""
find_later() {
    local ours
    [[ "${GITHUB_REF:-}" == refs/heads/* ]] || fail "only what is on a branch is planned and applied so"
    fetch_tip || fail "GitHub does not say what ${GITHUB_REF#refs/heads/} holds now; nothing was done"
    later="$(differing HEAD "${tip}")"
    if [[ -n "${since}" ]]; then
        ours="$(differing "${since}" HEAD)"
        ours="$(LC_ALL=C sort <<<"${ours}"$'\nccops.lock\nccops.yaml')"
        later="$(LC_ALL=C comm -12 <(echo "${later}") <(echo "${ours}"))"
    fi
}

# A run that waited, or is run again, must not bring back what a later commit took away.
refuse_outdated() {
    find_later
    [[ -z "${later}" ]] ||
        fail "${GITHUB_REF#refs/heads/} has changed since: start this workflow anew, so that what holds now is applied"
}

# Shell wildcards stand for themselves in a campaign's name.
exactly() {
    local name="${1//\[/[[]}"
    name="${name//\*/[*]}"
    printf '%s' "${name//\?/[?]}"
}

selection=()
select_by() {
    selection+=(--select "$1")
}

# Run the command, tell its exit code to the next steps, and end with it.
finish() {
    local code=0
    "$@" || code=$?
    output exit-code "${code}"
    exit "${code}"
}

validate() {
    local page="${RUNNER_TEMP}/ccops-offline.md" code=0
    rm -f "${page}"
    ccops ci validate || code=$?
    if [[ "${code}" == 0 && -n "${since}" ]]; then
        ccops plan --offline --base "${since}" --out "markdown=${page}" || code=$?
    fi
    if [[ -f "${page}" ]]; then
        cat "${page}" >>"${GITHUB_STEP_SUMMARY}"
    fi
    output exit-code "${code}"
    exit "${code}"
}

plan() {
    local permit=()
    mkdir -p "$(dirname "${plan_file}")"
    if [[ -n "${campaign}" ]]; then
        [[ -n "${CCOPS_ACTION_REASON:-}" ]] || fail "'campaign' needs a 'reason'"
        select_by "name:$(exactly "${campaign}")"
        permit=(--allow "send-now=${campaign}" --reason "${CCOPS_ACTION_REASON}")
    fi
    if [[ -n "${since}" ]]; then
        select_by "changed:${since}"
    fi
    finish ccops ci plan "${selection[@]}" "${locked[@]}" "${permit[@]}" \
        --save "${plan_file}" --report "${RUNNER_TEMP}/ccops-calendar.html"
}

apply() {
    [[ -n "${CCOPS_ACTION_CHECKSUM:-}" ]] || fail "'apply' needs the 'checksum' of the reviewed plan"
    finish ccops ci apply "${plan_file}" --checksum "${CCOPS_ACTION_CHECKSUM}"
}

# `resend` is the verdict on an email that was sent and has a further send declared: never on a
# first send. Only those whose time is near are read, so that an hourly run costs little.
resend() {
    find_later
    if [[ -n "${later}" ]]; then
        echo "::notice title=ccops::Nothing was done, for the branch has changed since this run was started"
        output changes false
        finish true
    fi
    select_by "state:resend"
    select_by "sends<48h"
    finish ccops ci apply "${selection[@]}" "${locked[@]}"
}

locked=()
case "${CCOPS_ACTION_LOCKED:-true}" in
    true) locked=(--locked) ;;
    false) ;;
    *) fail "'locked' must be true or false" ;;
esac

check_since
case "${CCOPS_ACTION_COMMAND}" in
    validate) validate ;;
    plan)
        [[ "${GITHUB_EVENT_NAME:-}" == "pull_request" ]] || refuse_outdated
        plan
        ;;
    apply)
        refuse_outdated
        apply
        ;;
    resend) resend ;;
    drift) finish ccops ci drift "${locked[@]}" ;;
    verify) finish ccops ci verify ;; # a campaign that needs a person fails the job
    keepalive) finish ccops auth status ;;
    *) fail "'command' is none that this action knows" ;;
esac
