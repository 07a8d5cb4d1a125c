"""S-23: a saved plan is applied as it was written, once read, or not at all."""

import json
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from ccops import resources
from ccops.errors import CcopsError, ExitCode, StalePlan
from ccops.planning.canonical import digest
from ccops.planning.plan import Plan
from ccops.planning.planfile import from_json, to_json
from ccops.session.saved import MAX_PLAN_BYTES, read_plan
from tests.e2e.stage import Done, Stage, finish
from tests.security.measured import scripted

SCHEMA = resources.schema("plan")
WRITES = ["PUT Spring [Members]", "POST Spring 2027-03-09T14:00:00.000Z"]


@dataclass(frozen=True, kw_only=True)
class Saved:
    """A stage on which a plan was saved."""

    stage: Stage
    path: Path
    text: str

    @property
    def plan(self) -> Plan:
        return from_json(self.text, schema=SCHEMA)

    def apply(self, content: str | bytes) -> Done:
        """Put this in the plan's place and apply it."""
        data = content.encode() if isinstance(content, str) else content
        self.path.write_bytes(data)
        return self.stage.run("apply", "plan.json", "--yes")


@pytest.fixture
def saved(draft: Stage) -> Saved:
    assert draft.run("plan", "--save", "plan.json").code == 0
    path = draft.folder / "plan.json"
    return Saved(stage=draft, path=path, text=path.read_text("utf-8"))


def refused(saved: Saved, done: Done) -> bool:
    """Whether it was refused as what it is, without a crash and without a write."""
    said = "CC6" in done.err and "Traceback" not in done.err
    return done.code == ExitCode.STALE and said and saved.stage.writes() == []


# Every byte.


def test_s23_every_bit_of_every_byte(saved: Saved) -> None:
    """A flipped bit is refused, unless it only writes an escape in capitals: the same plan.

    The first bit and the sixth are tried in tests/planning, the eighth below.
    """
    plan, data = saved.plan, saved.text.encode()
    harmless = 0
    for at in range(len(data)):
        for bit in (1, 2, 3, 4, 6):
            changed = bytes([*data[:at], data[at] ^ (1 << bit), *data[at + 1 :]])
            with suppress(StalePlan):
                assert from_json(changed.decode(), schema=SCHEMA) == plan
                assert to_json(from_json(changed.decode(), schema=SCHEMA)) == saved.text
                harmless += 1
    assert harmless < 20


def test_s23_the_highest_bit_of_every_byte(saved: Saved) -> None:
    """What is no UTF-8 any more is a plan that was changed, and not a file that was mistaken."""
    data = bytearray(saved.text.encode())
    for at in range(0, len(data), 7):
        data[at] ^= 128
        saved.path.write_bytes(data)
        with pytest.raises(StalePlan, match="CC614"):
            read_plan(str(saved.path))
        data[at] ^= 128


def test_s23_a_byte_of_every_part_through_the_program(saved: Saved) -> None:
    """Exit 7, and nothing is written."""
    data = saved.text.encode()
    for at in range(0, len(data), 101):
        for mask in (1, 128, 255):
            changed = bytes([*data[:at], data[at] ^ mask, *data[at + 1 :]])
            assert refused(saved, saved.apply(changed)), (at, mask)
    assert saved.apply(data).code == 0
    assert saved.stage.writes() == WRITES


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_s23_a_byte_through_a_process(saved: Saved, share: float) -> None:
    """As the shell sees it: for apply, and for show."""
    data = bytearray(saved.text.encode())
    data[int(len(data) * share)] ^= 2
    saved.path.write_bytes(data)
    assert refused(saved, saved.stage.process("apply", "plan.json", "--yes"))
    assert refused(saved, saved.stage.process("show", "plan.json"))


def test_s23_every_length(saved: Saved) -> None:
    """Cut off anywhere, a plan is none."""
    for length in range(0, len(saved.text) - 1, 23):
        with pytest.raises(StalePlan):
            from_json(saved.text[:length], schema=SCHEMA)
    assert refused(saved, saved.apply(saved.text[: len(saved.text) // 2]))


# Every value.


def leaves(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Where a document holds a value that holds no other."""
    if isinstance(value, dict):
        return [leaf for key, one in value.items() for leaf in leaves(one, (*path, key))]
    if isinstance(value, list) and value:
        return [leaf for key, one in enumerate(value) for leaf in leaves(one, (*path, key))]
    return [path]


def with_value(text: str, path: tuple[str | int, ...], value: object) -> dict[str, object]:
    document: dict[str, object] = json.loads(text)
    place: object = document
    for key in path[:-1]:
        place = place[key]  # type: ignore[index]  # a path leads through objects and arrays
    place[path[-1]] = value  # type: ignore[index]  # see above
    return document


def sealed(document: Mapping[str, object]) -> str:
    """A document with a digest that fits, whoever wrote it."""
    rest = {key: value for key, value in document.items() if key != "document_digest"}
    return json.dumps(rest | {"document_digest": digest(rest)})


OTHERS = ("other", None, True, 0, 10**30, [], {}, "2027-03-09T14:00:01Z")


def test_s23_every_value(saved: Saved) -> None:
    """Replaced by any other one, it is refused by the digest."""
    places = leaves(json.loads(saved.text))
    assert len(places) > 60
    for path in places:
        for value in OTHERS:
            document = with_value(saved.text, path, value)
            if document != json.loads(saved.text):
                with pytest.raises(StalePlan):
                    from_json(json.dumps(document), schema=SCHEMA)


def test_s23_every_value_under_a_digest_that_fits(saved: Saved) -> None:
    """Whoever computes the digest anew still has to keep to the schema and to what follows.

    What is then accepted makes the same requests for the same aim: anything else would have
    another checksum, which is what the one on the command line is for.
    """
    (kept,) = saved.plan.changes
    for path in leaves(json.loads(saved.text)):
        for value in OTHERS:
            with suppress(StalePlan):
                text = sealed(with_value(saved.text, path, value))
                (change,) = from_json(text, schema=SCHEMA).changes
                assert (change.steps, change.target) == (kept.steps, kept.target), (path, value)


# Documents that are none.

SHAPES: Mapping[str, Callable[[str], str | bytes]] = {
    "nothing": lambda _: "",
    "blanks": lambda _: " \n",
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "a null byte at the end": lambda text: text + "\x00",
    "two plans": lambda text: text + text,
    "a comment": lambda text: "// a plan\n" + text,
    "a comma too many": lambda text: text.rstrip()[:-1] + ",}",
    "a key twice, alike": lambda text: text.replace("{", '{"changes": [],', 1),
    "a key twice, deep": lambda text: text.replace('"row":', '"row": 1, "row":'),
    "a key twice, in escapes": lambda text: text.replace("{", '{"\\u0063hanges": [],', 1),
    "NaN": lambda text: text.replace("{", '{"x": NaN,', 1),
    "Infinity": lambda text: text.replace("{", '{"x": -Infinity,', 1),
    "a float": lambda text: text.replace("{", '{"x": 1.0,', 1),
    "a float too large": lambda text: text.replace("{", '{"x": 1e999,', 1),
    "a number of 5,000 digits": lambda text: text.replace("{", '{"x": ' + "9" * 5_000 + ",", 1),
    "a number of 4,000 digits": lambda text: sealed(
        json.loads(text) | {"requests_made": 10**3_999}
    ).replace('"changes": [', '"changes": [ {}, '),
    "brackets": lambda text: text.replace("{", '{"x": ' + "[" * 100_000 + ",", 1),
    "brackets, closed": lambda text: text.replace("{", '{"x": ' + "[" * 900 + "]" * 900 + ",", 1),
    "objects, closed": lambda text: text.replace("{", '{"x":' * 900 + "1" + "}" * 900, 1),
    "another format": lambda text: sealed(json.loads(text) | {"format_version": "1.1"}),
    "a later format": lambda text: sealed(json.loads(text) | {"format_version": "2.0"}),
    "a format that is a number": lambda text: sealed(json.loads(text) | {"format_version": 1}),
    "a further key": lambda text: sealed(json.loads(text) | {"note": "looks good"}),
    "a key too few": lambda text: sealed(
        {key: value for key, value in json.loads(text).items() if key != "findings"}
    ),
    "another digest": lambda text: json.dumps(json.loads(text) | {"document_digest": "sha256:0"}),
    "no digest": lambda text: json.dumps(
        {key: value for key, value in json.loads(text).items() if key != "document_digest"}
    ),
    "ten megabytes and a byte": lambda text: text + " " * (MAX_PLAN_BYTES + 1 - len(text)),
    "a list of plans": lambda text: f"[{text}]",
    "a list of 10 MB": lambda _: "[" * (MAX_PLAN_BYTES - 10),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_s23_what_is_no_plan(saved: Saved, shape: str) -> None:
    """Exit 7 for whatever is there and cannot be verified; for show, too."""
    done = saved.apply(SHAPES[shape](saved.text))
    assert refused(saved, done), done
    assert len(done.err) < 20_000
    assert refused(saved, saved.stage.run("show", "plan.json"))


@pytest.mark.parametrize("indent", [None, 0, 4])
def test_s23_blanks_between_values_are_no_change(saved: Saved, indent: int | None) -> None:
    """The digest is over values: a file that a tool laid out anew, or sorted, is the same plan."""
    document = json.loads(saved.text)
    shuffled = dict(sorted(document.items(), reverse=True))
    done = saved.apply(json.dumps(shuffled, indent=indent) + "\n" * 3)
    assert (done.code, saved.stage.writes()) == (0, WRITES)


def test_s23_ten_megabytes_are_read(saved: Saved) -> None:
    """The bound itself is accepted."""
    done = saved.apply(saved.text + " " * (MAX_PLAN_BYTES - len(saved.text)))
    assert done.code == 0


# Whole plans, for something else.

HOUR = timedelta(hours=1)
UNFIT: Mapping[str, tuple[Callable[[Plan], Plan], str]] = {
    "another account": (
        lambda plan: replace(plan, account=replace(plan.account, id="b2")),
        "CC605",
    ),
    "another origin": (lambda plan: replace(plan, origin="https://api.cc.email"), "CC606"),
    "another port": (lambda plan: replace(plan, origin="http://127.0.0.1:1"), "CC606"),
    "expired": (lambda plan: replace(plan, expires_at=plan.created_at - HOUR), "CC607"),
    "made in the future": (
        lambda plan: replace(plan, created_at=plan.created_at + timedelta(seconds=121)),
        "CC608",
    ),
    "another version": (lambda plan: replace(plan, ccops_version="99.0.0"), "CC609"),
    "no version": (lambda plan: replace(plan, ccops_version=""), "CC609"),
    "other zone data": (lambda plan: replace(plan, tzdata="1999a"), "CC610"),
}


@pytest.mark.parametrize("form", UNFIT)
def test_s23_a_plan_for_something_else(saved: Saved, form: str) -> None:
    """Well-formed and whole, but not for this account, API, hour, program or zone data."""
    change, code = UNFIT[form]
    done = saved.apply(to_json(change(saved.plan)))
    assert refused(saved, done)
    assert code in done.err


def test_s23_the_checksum_names_one_plan(saved: Saved) -> None:
    """A whole plan in the place of the one that was reviewed, for the same account and hour."""
    saved.stage.world.add_list("Others", 2)
    approved = json.loads(saved.text)["checksum"]
    other = saved.path.read_text("utf-8")
    manifest = saved.stage.folder / "campaigns" / "one.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("Members", "Others"), "utf-8")
    saved.stage.run("plan", "--save", "plan.json")
    assert saved.path.read_text("utf-8") != other
    done = saved.stage.run("apply", "plan.json", "--checksum", approved)
    assert refused(saved, done)
    assert "CC613" in done.err


def test_s23_an_older_plan_after_a_newer_one(saved: Saved) -> None:
    """Both were reviewed; the newer was applied, and somebody put the account back: 7 all the same."""
    saved.stage.world.advance(60)
    assert saved.stage.run("plan", "--save", "newer.json").code == 0
    assert saved.stage.run("apply", "newer.json", "--yes").code == 0
    world = saved.stage.world
    spring = world.primary(world.campaigns[world.campaign_by_name["Spring"]])
    world.put_activity(replace(spring, status="DRAFT", scheduled=None, contact_list_ids=()))
    done = saved.apply(saved.text)
    assert done.code == ExitCode.STALE
    assert saved.stage.writes() == WRITES


# How it is read.


def planted(form: str, path: Path, saved: Saved) -> None:
    path.unlink()
    match form:
        case "a link to the plan":
            kept = path.with_name("kept.json")
            kept.write_text(saved.text, "utf-8")
            path.symlink_to(kept)
        case "a link to nowhere":
            path.symlink_to("nowhere.json")
        case "a link to itself":
            path.symlink_to(path.name)
        case "a pipe":
            os.mkfifo(path)
        case "a folder":
            path.mkdir()
        case _:
            with socket.socket(socket.AF_UNIX) as server:
                os.chdir(path.parent)
                server.bind(path.name)


@pytest.mark.parametrize(
    "form",
    [
        "a link to the plan",
        "a link to nowhere",
        "a link to itself",
        "a pipe",
        "a folder",
        "a socket",
    ],
)
def test_s23_only_a_file_is_read(saved: Saved, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anything else is a mistake of usage: no link is followed, and no writer of a pipe awaited."""
    monkeypatch.chdir(saved.stage.folder)
    planted(form, saved.path, saved)
    for command in (("apply", "plan.json", "--yes"), ("show", "plan.json")):
        done = finish(saved.stage.start(*command))
        assert (done.code, "CC611" in done.err) == (3, True)
    assert saved.stage.writes() == []


@pytest.mark.parametrize("device", ["/dev/null", "/dev/zero", "/dev/stdin", "/proc/self/environ"])
def test_s23_no_device_is_read(saved: Saved, device: str) -> None:
    """Nor a file of the kernel's that has no end, or that holds the token."""
    for command in (("apply", device, "--yes"), ("show", device)):
        done = saved.stage.process(*command)
        assert done.code in {3, 7}
        assert "CC6" in done.err
        assert saved.stage.environment["CCOPS_ACCESS_TOKEN"] not in done.out + done.err


SWAPS: Mapping[str, Callable[[Path], object]] = {
    "another file": lambda path: (
        path.with_name("new").write_text("{}", "utf-8"),
        path.with_name("new").rename(path),
    ),
    "a link": lambda path: (path.unlink(), path.symlink_to("/etc/hostname")),
    "nothing": lambda path: path.unlink(),
}


@pytest.mark.parametrize("form", SWAPS)
def test_s23_what_was_opened_is_what_is_read(
    saved: Saved, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is replaced between opening and reading: the plan that was opened is applied."""
    look = os.fstat

    def swapping(handle: int) -> os.stat_result:
        if os.path.lexists(saved.path) and os.path.samestat(look(handle), saved.path.lstat()):
            SWAPS[form](saved.path)
        return look(handle)

    monkeypatch.setattr(os, "fstat", swapping)
    plan = read_plan(str(saved.path))
    monkeypatch.undo()
    assert plan == saved.plan
    assert not saved.path.is_file() or saved.path.read_text("utf-8") != saved.text


def test_s23_what_grows_while_it_is_read_is_refused(
    saved: Saved, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes that were read are the ones that are checked, also those that came late."""
    look = os.fstat

    def growing(handle: int) -> os.stat_result:
        with saved.path.open("a", encoding="utf-8") as file:
            file.write("{}")
        return look(handle)

    monkeypatch.setattr(os, "fstat", growing)
    with pytest.raises(CcopsError) as caught:
        read_plan(str(saved.path))
    assert caught.value.exit_code is ExitCode.STALE


OPENED = """
import os, sys
from ccops.cli import run
opened = []
sys.addaudithook(lambda event, of: opened.append(str(of[0])) if event == "open" else None)
code = run(sys.argv[1:])
print([one for one in opened if one.endswith("plan.json")], file=sys.stderr)
sys.exit(code)
"""


def test_s23_it_is_opened_once(saved: Saved) -> None:
    """What is checked is what is applied: nothing reads it a second time."""
    done = scripted(saved.stage, OPENED, "apply", "plan.json", "--yes")
    assert done.code == 0
    assert done.err.splitlines()[-1] == "['plan.json']"
