"""docs/security.md, made from the rows below and from the tests that are named after them.

`python -m tests.security.security_table` prints it; a test demands that the file is the same.
"""

import ast
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
NAMED = re.compile(r"test_((?:s\d\d_)+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A threat, what is done about it, and tests of other names that prove part of it."""

    number: int
    threat: str
    control: str
    others: Sequence[str] = ()


LINKS = "tests/constantcontact/test_links.py::"
ORIGIN = "tests/constantcontact/test_origin.py::"
CLIENT = "tests/constantcontact/test_client.py::"
JSON = "tests/constantcontact/test_strict_json.py::"
SECRET = "tests/constantcontact/test_secret.py::"
WRITES = "tests/constantcontact/test_write_list.py::"
TRANSPORT = "tests/transport/test_transport.py::"
YAML = "tests/manifest/test_yaml_trees.py::"
FILES = "tests/workspace/test_workspace_files.py::"
ESCAPE = "tests/render/test_escape.py::"
SAFETY = "tests/render/test_render_safety.py::"
FLOWS = "tests/auth/test_login_flows.py::"
KEYCHAIN = "tests/auth/test_keychain.py::"
RENEWAL = "tests/auth/test_renewal.py::"
PRIVATE = "tests/store/test_sqlite_files.py::"
LOGIN = "tests/e2e/test_seed_rows_login.py::"
NOW = "tests/e2e/test_seed_rows_now.py::"
FAULTS = "tests/e2e/test_faults.py::"
PLANS = "tests/planning/test_plan_files.py::"
RESOLVING = "tests/planning/test_resolving.py::"
PROTOCOL = "tests/applying/test_protocol_examples.py::"

ROWS = (
    Row(
        number=1,
        threat="Somebody reads the tokens of a login where they are kept.",
        control="In a file of mode 0600 in a folder of mode 0700 that is not followed through a "
        "link, in the platform's keychain, or in a row of the shared database. A keychain that "
        "is missing, locked or refuses is an error, never a reason for plain text; nothing takes "
        "a token on the command line; a browser that is started inherits none.",
        others=(
            f"{FLOWS}test_the_login_is_in_one_private_file",
            f"{FLOWS}test_logging_out_leaves_no_token_behind",
            f"{FLOWS}test_the_browser_is_opened_and_given_no_secret",
            f"{KEYCHAIN}test_a_keychain_that_refuses_the_text_is_no_reason_for_a_file",
            f"{PRIVATE}test_files_are_for_their_owner_alone",
            f"{PRIVATE}test_a_folder_that_others_may_write_to_is_refused",
            f"{PRIVATE}test_a_symbolic_link_is_not_followed",
        ),
    ),
    Row(
        number=2,
        threat="Two processes use one rotating refresh token, or an answer is lost, and the login "
        "dies or more is revoked.",
        control="One process renews, under a row lock; the others use what it got. What comes is "
        "stored before it is used. Which token is shown is noted before, so that none whose "
        "answer was lost is ever shown again.",
        others=(
            "tests/faults/test_logins.py::test_f21_a_lost_answer_is_not_asked_for_again",
            "tests/faults/test_logins.py::test_f22_of_eight_runners_one_renews",
            f"{RENEWAL}test_a_dead_grant_is_told_once_and_not_shown_again",
        ),
    ),
    Row(
        number=3,
        threat="A token appears in an output, a log, a file, a traceback or a process list, also "
        "when the server repeats it.",
        control="It is a value that prints as `***`; an access token is taken out of every answer "
        "before anything reads it. Every token, code and verifier that a process ever had, given, "
        "stored or renewed, is taken out of the traceback of a bug. No option takes one, no child "
        "process inherits one, and a crash leaves no core file.",
        others=(
            f"{SECRET}test_a_secret_is_revealed_on_request_alone",
            f"{SECRET}test_what_no_token_holds_is_refused_without_repeating_it",
            f"{CLIENT}test_nothing_shown_or_logged_holds_the_token",
            f"{LOGIN}test_the_token_is_in_no_output_and_no_file",
            f"{TRANSPORT}test_a_header_with_a_line_break_is_not_sent_and_not_shown",
        ),
    ),
    Row(
        number=4,
        threat="A link to the next page leads to another server, which is then handed the token.",
        control="Only the cursor of a link is used, on the origin and path that were just read; "
        "pages are counted, and a page that leads back ends the run.",
        others=(
            f"{LINKS}test_a_link_that_leads_elsewhere_is_a_fault",
            f"{LINKS}test_only_the_cursor_is_taken",
            f"{FAULTS}test_a_foreign_link_is_not_followed",
            f"{FAULTS}test_a_link_astray_ends_the_run",
        ),
    ),
    Row(
        number=5,
        threat="A redirect sends a request, or a write, to another place.",
        control="No redirect is followed. For a reading it is an error, for a write an answer "
        "that proves nothing.",
    ),
    Row(
        number=6,
        threat="A base URL leads the token to another host, or to a service inside the network.",
        control="Only `https://api.cc.email` and addresses of this machine are accepted, from the "
        "command line or `CCOPS_BASE_URL`; no file of a workspace can name one.",
        others=(
            f"{ORIGIN}test_any_other_origin_is_refused_and_the_allowed_ones_named",
            f"{LOGIN}test_nothing_is_sent_to_an_origin_that_is_no_sandbox",
        ),
    ),
    Row(
        number=7,
        threat="A proxy variable gets the token, or a netrc file replaces it.",
        control="The environment has no say in how a request is made.",
    ),
    Row(
        number=8,
        threat="Somebody on the way pretends to be Constant Contact.",
        control="TLS from 1.2 on, checked against the system's certificates; nothing switches it "
        "off, and no session keys are written to a file.",
    ),
    Row(
        number=9,
        threat="An answer without an end, or one that unpacks to gigabytes, stops the machine.",
        control="Bounds for connecting, reading and the whole answer; 5 MiB after unpacking; "
        "strict JSON of bounded depth; a bounded number of pages.",
        others=(
            f"{TRANSPORT}test_what_cannot_be_unpacked_is_no_reply",
            f"{JSON}test_what_json_should_not_say_is_refused",
        ),
    ),
    Row(
        number=10,
        threat="A YAML tag in a pull request runs code.",
        control="No tag is obeyed and none is accepted; only events of the parser are used.",
        others=(f"{YAML}test_traps_are_refused_at_their_place",),
    ),
    Row(
        number=11,
        threat="A small YAML file grows without bound, or crashes the parser.",
        control="Size and nesting are checked before parsing, values are counted while parsing; "
        "anchors, aliases and merge keys are errors.",
        others=(
            f"{YAML}test_deep_nesting_is_refused_and_never_crashes",
            f"{YAML}test_an_alias_bomb_is_refused_before_it_grows",
            f"{YAML}test_a_file_with_too_many_values_is_refused_without_reading_the_rest",
            f"{YAML}test_a_file_above_one_mebibyte_is_refused_unparsed",
            f"{FILES}test_a_file_of_100_megabytes_is_refused_without_reading_it",
        ),
    ),
    Row(
        number=12,
        threat="A name is read as a number, a date or a truth value.",
        control="YAML 1.2's core words and numbers alone are no text, and are refused where text "
        "is meant; keys that stand twice are errors.",
        others=(
            f"{YAML}test_unquoted_words_follow_yaml_1_2_but_keep_leading_zeros",
            f"{YAML}test_what_pyyaml_writes_in_quotes_is_read_as_it_was",
            f"{YAML}test_a_second_key_points_to_the_first",
        ),
    ),
    Row(
        number=13,
        threat="A file name, a link or a pipe in a branch reaches a file outside the workspace, or "
        "keeps the run waiting.",
        control="No includes; links are followed neither in reading nor in writing; only regular "
        "files are opened, without waiting; each folder is looked through a bounded number of "
        "times. A hard link is a file: git makes none.",
        others=(
            f"{FILES}test_a_link_to_a_file_outside_is_refused_unread",
            f"{FILES}test_a_link_inside_a_broken_one_and_a_loop_are_refused",
            f"{FILES}test_a_folder_that_is_a_link_is_refused_not_skipped",
            f"{FILES}test_a_pattern_stays_inside_and_ends_in_yaml",
            f"{FILES}test_a_pipe_is_refused_without_waiting_for_it",
            f"{FILES}test_a_socket_is_refused",
            f"{FILES}test_a_device_is_refused",
            f"{FILES}test_names_that_differ_only_in_case_are_refused",
        ),
    ),
    Row(
        number=14,
        threat="A name holds sequences that a terminal obeys, or characters that reorder a line.",
        control="Whatever ccops did not write itself is made visible, on one line, where it is "
        "shown; the same holds for usage errors, progress and tracebacks.",
        others=(
            f"{ESCAPE}test_visible_leaves_nothing_hidden",
            f"{ESCAPE}test_a_terminal_gets_one_inert_line",
            f"{SAFETY}test_plan_text",
            f"{SAFETY}test_report_text",
            f"{SAFETY}test_diagnostics_text",
            f"{SAFETY}test_tables_text",
        ),
    ),
    Row(
        number=16,
        threat="A name in the log of a GitHub job is obeyed as a command of the runner.",
        control="No word of the text begins with `::`, and `##[` occurs in no output: the text "
        "and Markdown have a blank in it, JSON an escape.",
        others=(f"{ESCAPE}test_a_log_obeys_no_line",),
    ),
    Row(
        number=22,
        threat="A plan or a workspace of one account meets the login of another.",
        control="The account behind the login is read first by every client; a plan names its "
        "account; writes have the form of the three that are allowed, and no other.",
        others=(
            f"{LOGIN}test_another_account_is_refused_before_it_is_read",
            f"{WRITES}test_nothing_else_may_leave_whatever_is_allowed",
        ),
    ),
    Row(
        number=23,
        threat="A saved plan is changed, replaced or outdated between its review and its apply.",
        control="One opening of a regular file; strict JSON, a digest of every value, a schema, "
        "and nothing that does not follow from the changes; the checksum on the command line "
        "names what was reviewed; the account is read again and must be as it was. What cannot "
        "be verified is refused with exit 7. The digest is no signature: the hour a plan expires "
        "is not covered by the checksum.",
        others=(
            f"{PLANS}test_every_flipped_bit_is_refused_or_changes_nothing",
            f"{PLANS}test_a_checksum_covers",
            f"{PLANS}test_what_a_plan_implies_must_follow_from_it",
            f"{PLANS}test_an_unfit_plan_is_refused",
            f"{PROTOCOL}test_a_plan_is_stale_when_any_field_changed",
            f"{NOW}test_another_checksum_never_sends",
        ),
    ),
    Row(
        number=26,
        threat="A crowd of campaigns of one name hides the one that is meant.",
        control="Ids are identity, names are not: a name that several have is blocked, and a pin "
        "finds its campaign.",
        others=(f"{RESOLVING}test_two_campaigns_of_one_name_need_a_pin",),
    ),
    Row(
        number=27,
        threat="Two lists have names that look alike, and the mail goes to the wrong one.",
        control="Names are compared exactly, in composed form; none or several is an error that "
        "shows the ids.",
        others=(
            f"{RESOLVING}test_a_name_is_found_however_its_accents_are_composed",
            f"{RESOLVING}test_all_wrong_names_are_told_at_once",
        ),
    ),
)

HEAD = """\
# Threats, controls and their proofs

What could be done to ccops or through it, what is done against it, and the tests that prove it. The numbers are those of
the project's threat list; a test is named after its row (`test_s10_…`), and some rows rest on other tests as well.

This page is made by `python -m tests.security.security_table > docs/security.md`; a test demands that it is up to date,
and that each test which it names is there.

| row | threat | control | tests |
|---|---|---|--:|
"""
ELSEWHERE = """
## Rows that are not on this page

S-15 (Markdown) is proven by `tests/render`. S-18 to S-21 (pull requests from forks, the action, the supply chain) concern
the workflows and lock files, which `tests/project` looks at. S-17, S-24 and S-25 (reports for spreadsheets, the journal's
content, least privilege) are not covered by a table of tests yet.
"""


def proofs(row: Row) -> dict[str, str]:
    """The tests of a row and what each says must hold: those named after it, then the others."""
    tests = every_test()
    named = [one for one in tests if f"s{row.number:02}_" in rows_of(one)]
    return {one: tests[one] for one in (*named, *row.others) if one in tests}


def rows_of(test: str) -> str:
    """The rows in a test's name, such as `s14_s16_`."""
    return "".join(NAMED.findall(test.partition("::")[2]))


@cache
def every_test() -> dict[str, str]:
    """All tests of the project, with the first line of each one's docstring."""
    return {
        f"{path.relative_to(ROOT).as_posix()}::{node.name}": said(node)
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def said(test: ast.FunctionDef) -> str:
    """The first paragraph of a docstring, on one line; a test without one says its name."""
    return (ast.get_docstring(test) or test.name).split("\n\n")[0].replace("\n", " ")


def page() -> str:
    """The whole page."""
    table = "".join(
        f"| [S-{row.number:02}](#s-{row.number:02}) | {row.threat} | {row.control} |"
        f" {len(proofs(row))} |\n"
        for row in ROWS
    )
    return HEAD + table + "".join(map(_section, ROWS)) + ELSEWHERE


def _section(row: Row) -> str:
    listed = "".join(f"- {_spoken(one)}: {said}\n  `{one}`\n" for one, said in proofs(row).items())
    return f"\n## S-{row.number:02}\n\n{listed}"


def _spoken(test: str) -> str:
    """A test's name as words: `test_s04_no_link_leads_away` is “no link leads away”."""
    name = NAMED.sub("", test.partition("::")[2]).removeprefix("test_")
    return f"**{name.replace('_', ' ')}**"


if __name__ == "__main__":
    sys.stdout.write(page())
