#!/usr/bin/env bash
# Run one command of ccops in a job. Inputs come by the environment and are never part of a script.
set -euo pipefail

fail() {
    echo "::error title=ccops::$1"
    exit 3
}

python="${RUNNER_TEMP}/ccops-venv/bin/python"
plan_file="${CCOPS_ACTION_PLAN_FILE:-${RUNNER_TEMP}/ccops/plan.json}"
since="${CCOPS_ACTION_SINCE:-}"
campaign="${CCOPS_ACTION_CAMPAIGN:-}"
[[ -n "${CCOPS_STORE:-}" ]] || unset CCOPS_STORE # a secret that nobody set is empty
cd "${GITHUB_WORKSPACE}/${CCOPS_ACTION_DIRECTORY:-.}"

ccops() {
    "${python}" -I -m ccops "$@"
}

git_safely() {
    git --no-optional-locks -c core.fsmonitor=false -c core.hooksPath=/dev/null "$@"
}

output() {
    echo "$1=$2" >>"${GITHUB_OUTPUT}"
}

# The files of the workspace that differ between two commits, one in each line.
differing() {
    git_safely diff-tree -r --no-renames --name-only --no-commit-id "$1" "$2" -- .
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

# A run that waited, or is run again, must not bring back what a later commit took away.
refuse_outdated() {
    local tip="refs/remotes/origin/${GITHUB_REF_NAME:-}"
    git_safely rev-parse --verify --quiet "${tip}^{commit}" >/dev/null || return 0
    local later ours
    later="$(differing HEAD "${tip}")"
    if [[ -n "${since}" ]]; then
        ours="$(differing "${since}" HEAD)"
        later="$(comm -12 <(sort <<<"${later}") <(sort <<<"${ours}"))"
    fi
    [[ -z "${later}" ]] ||
        fail "${GITHUB_REF_NAME} has changed since: start this workflow anew, so that what holds now is applied"
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

# Exit code 3 with CC287, and no other error, says that nothing is selected: then nothing is to do.
nothing_selected() {
    local told="${RUNNER_TEMP}/ccops-told" code=0
    ccops --plain --color never plan "${selection[@]}" "${locked[@]}" >/dev/null 2>"${told}" || code=$?
    [[ "${code}" == 3 ]] && grep -q '^error CC287: ' "${told}" &&
        ! grep -E 'error CC[0-9]{3}: ' "${told}" | grep -qv '^error CC287: '
}

end_clean() {
    echo "$1"
    echo "$1" >>"${GITHUB_STEP_SUMMARY}"
    output status clean
    output changes false
    output exit-code 0
    exit 0
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
        if nothing_selected; then
            end_clean "No manifest differs from ${since}: nothing is to be planned."
        fi
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
    select_by "state:resend"
    select_by "sends<48h"
    if nothing_selected; then
        end_clean "No resend is due within 48 hours."
    fi
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
    resend)
        refuse_outdated
        resend
        ;;
    drift) finish ccops ci drift "${locked[@]}" ;;
    verify) finish ccops verify ;;
    keepalive) finish ccops auth status ;;
    *) fail "'command' is none that this action knows" ;;
esac
