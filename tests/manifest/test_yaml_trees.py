"""YAML text becomes trees that know their places, and nothing surprising gets through."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import Diagnostic
from ccops.manifest.document import FASTEST, MAX_NODES, Loader, read_documents
from ccops.manifest.nodes import Mapping, Node, Scalar, Sequence
from ccops.manifest.scalars import resolve
from ccops.manifest.text import MAX_BYTES, MAX_DEPTH, MAX_ERRORS

LOADERS = pytest.mark.parametrize("loader", [FASTEST, yaml.SafeLoader], ids=["c", "python"])

TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="abc:-#?[]{},&*!|>'\"%@`~<= \n\t\\0\x00é\U0001f600", max_size=60),
    st.lists(
        st.sampled_from(
            [
                "a: ",
                "- ",
                "? ",
                "#c\n",
                "\n",
                "  ",
                "[",
                "]",
                "{",
                "}",
                "'",
                '"',
                "&x ",
                "*x",
                "!t ",
                "<<: ",
                "---\n",
                "...\n",
                ">-\n",
                "%YAML 1.1\n",
            ]
        ),
        max_size=20,
    ).map("".join),
)


def outcome(text: str, loader: Loader) -> tuple[list[object], list[tuple[str, str]]]:
    trees, errors = read_documents("a.yaml", text, loader=loader)
    return [tree.value for tree in trees], [(one.code, str(one.place)) for one in errors]


@given(TEXTS)
def test_any_text_gives_trees_or_errors_that_have_places(text: str) -> None:
    """The walk never crashes, and what it refuses it refuses at a place inside the file."""
    for loader in (FASTEST, yaml.SafeLoader):
        _, errors = read_documents("a.yaml", text, loader=loader)
        last = text.count("\n") + 1
        for error in errors:
            assert error.place is not None
            assert 1 <= error.place.line <= last
            assert error.place.column >= 1
            assert error.place.width >= 1
            assert error.message
            assert error.help


@given(TEXTS)
def test_a_sound_file_means_the_same_to_both_parsers(text: str) -> None:
    """Without libyaml, what is accepted is read alike, to the place of every node."""
    fast, slow = (read_documents("a.yaml", text, loader=one) for one in (FASTEST, yaml.SafeLoader))
    if not fast[1] and not slow[1]:
        assert [tree.value for tree in fast[0]] == [tree.value for tree in slow[0]]


@given(st.recursive(st.text(max_size=8), lambda inner: st.lists(inner, max_size=3), max_leaves=9))
def test_what_pyyaml_writes_in_quotes_is_read_as_it_was(value: object) -> None:
    text = yaml.safe_dump({"k": value}, default_style='"', allow_unicode=False, width=10_000)
    trees, errors = read_documents("a.yaml", text)
    assert errors == ()
    assert trees[0].value == {"k": value}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((word, None) for word in ("", "~", "null", "Null", "NULL")),
        *((word, True) for word in ("true", "True", "TRUE")),
        *((word, False) for word in ("false", "False", "FALSE")),
        *((word, word) for word in ("NO", "no", "yes", "on", "off", "y", "nUll", "tRue")),
        *((word, word) for word in ("9:30", "09:30", "12:30:00", "2026-10-06", "1_000")),
        *((word, word) for word in ("010", "007", "02451", "-01", "00", "00.5", "0o8", "0x", "+")),
        *((word, word) for word in (".", "-", "1e", "e1", "0b1", "1.2.3", "٣", "9" * 65)),
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("0o17", 15),
        ("0xFf", 255),
        ("1.10", 1.1),
        ("1.", 1.0),
        (".5", 0.5),
        ("-1e3", -1000.0),
        (".inf", float("inf")),
        ("-.INF", float("-inf")),
    ],
)
def test_unquoted_words_follow_yaml_1_2_but_keep_leading_zeros(written: str, value: object) -> None:
    """Nothing but the core schema's words and numbers is anything but text."""
    found = resolve(written)
    assert found == value
    assert type(found) is type(value)


def test_not_a_number_is_a_number_to_yaml() -> None:
    found = resolve(".nan")
    assert isinstance(found, float)
    assert found != found  # noqa: PLR0124  # this is what not a number means


@LOADERS
def test_every_node_and_key_knows_its_place(loader: Loader) -> None:
    """Columns count code points from 1, whatever stands before them."""
    text = '\ufeffé😀: {"ü": [x, "y z"]}\r\nb:\r\n  - 1\r\n'
    ((tree,), errors) = read_documents("d/a.yaml", text, loader=loader)
    assert errors == ()
    assert isinstance(tree, Mapping)
    spots: list[tuple[str, int]] = []

    def visit(node: Node) -> None:
        spots.append((str(node.place), node.place.width))
        if isinstance(node, Mapping):
            for key, value in node.entries.values():
                spots.append((str(key.place), key.place.width))
                visit(value)
        if isinstance(node, Sequence):
            for item in node.items:
                visit(item)

    visit(tree)
    assert spots == [
        ("d/a.yaml:1:1", 21),
        ("d/a.yaml:1:1", 2),
        ("d/a.yaml:1:5", 17),
        ("d/a.yaml:1:6", 3),
        ("d/a.yaml:1:11", 10),
        ("d/a.yaml:1:12", 1),
        ("d/a.yaml:1:15", 5),
        ("d/a.yaml:2:1", 1),
        ("d/a.yaml:3:3", 3),
        ("d/a.yaml:3:5", 1),
    ]
    assert tree.entries["b"][0].place.text == "b:"


TRAPS = {
    "a name that holds a #": ("l:\n  - Donors #2024\n", [("CC007", "2:12")]),
    "a # after an unquoted name in brackets": ("l: [Donors #1\n  ]\n", [("CC007", "1:12")]),
    "a # after an unquoted key's value": ("t: 9:30 # c\n", [("CC007", "1:9")]),
    "a # behind other scripts": ("\ufeffa: '😀é'\r\nb: x #c\r\n", [("CC007", "2:6")]),
    "a key twice": ("to: a\nx: 1\nto: b\n", [("CC002", "3:1")]),
    "a key twice, three times": ("a: 1\na: 2\n'a': 3\n", [("CC002", "2:1"), ("CC002", "3:1")]),
    "a tag": ("a: !!python/object/apply:os.system [id]\n", [("CC003", "1:4")]),
    "a local tag on a mapping": ("a: !x {b: 1}\n", [("CC003", "1:4")]),
    "an unquoted name with !": ("- !important\n", [("CC003", "1:3")]),
    "an anchor": ("a: &x 1\n", [("CC004", "1:4")]),
    "an alias": ("a: *x\n", [("CC004", "1:4")]),
    "a recursive alias": ("a: &a [*a]\n", [("CC004", "1:4"), ("CC004", "1:8")]),
    "a merge key": ("a: 1\n<<: {b: 2}\n", [("CC005", "2:1")]),
    "a quoted merge key": ("'<<': 1\n", [("CC005", "1:1")]),
    "a number as key": ("1: a\n", [("CC006", "1:1")]),
    "a truth as key": ("true: a\n", [("CC006", "1:1")]),
    "nothing as key": ("{~: a}\n", [("CC006", "1:2")]),
    "a list as key": ("? [a]\n: 1\n", [("CC006", "1:3")]),
    "a tab as indentation": ("a:\n\t- b\n", [("CC008", "2:1")]),
    "a tab before a comment": ("a: b\t# c\n", [("CC008", "1:5")]),
    "a NUL": ("a: b\n\x00\n", [("CC009", "2:1")]),
    "a lone carriage return": ("a: b\rc: d\n", [("CC009", "1:5")]),
    "a line separator": ("a: b\u2028c: d\n", [("CC009", "1:5")]),
    "text that turns around": ("a: 'b\u202ec'\n", [("CC009", "1:6")]),
    "a zero-width blank": ("a: b\u200b\n", [("CC009", "1:5")]),
    "half a character": ("a: '\ud800'\n", [("CC009", "1:5")]),
    "a byte order mark inside": ("a: b\n\ufeffc: d\n", [("CC009", "2:1")]),
    "a no-break blank as indentation": ("a:\n\xa0 b: c\n", [("CC009", "2:1")]),
    "one after blanks": ("a:\n  \xa0- b\n  \u3000- c\n", [("CC009", "2:3"), ("CC009", "3:3")]),
    "one on a line of its own": ("a: b\n\u2003\n", [("CC009", "2:1")]),
    "a merge conflict": ("<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> x\n", [("CC012", "1:1")]),
    "the rest of a merge conflict": ("a: 1\r\n=======\r\nb: 2\r\n", [("CC012", "2:1")]),
    "text over two lines": ("l:\n  - Donors\n    - Board\n", [("CC013", "2:5")]),
    "a directive": ("%YAML 1.1\n---\na: no\n", [("CC014", "1:1")]),
}


@LOADERS
@pytest.mark.parametrize("trap", TRAPS)
def test_traps_are_refused_at_their_place(trap: str, loader: Loader) -> None:
    """Each of these is read as something else by a naive loader."""
    text, expected = TRAPS[trap]
    _, errors = outcome(text, loader)
    assert errors == [(code, f"a.yaml:{place}") for code, place in expected]


def test_a_second_key_points_to_the_first() -> None:
    _, (error,) = read_documents("a.yaml", "to: a\nto: b\n")
    assert [str(place) for place, _ in error.also] == ["a.yaml:1:1"]


SYNTAX = {
    "a: b: c\n": ("1:5", "colon"),
    "a: @x\n": ("1:4", "cannot begin"),
    "a: *V*\n": ("1:6", "quoted"),
    "a: [x\n": ("2:1", "not closed"),
    "a: {x: 1\n": ("2:1", "not closed"),
    "a: 'x\n": ("1:4", "quote"),
    "a: 'x\n---\n": ("1:4", "quote"),
    'a: "\\q"\n': ("1:5", "escape"),
    'a: "x" y\n': ("1:8", "does not belong"),
    "a: 1\nb\nc: 2\n": ("2:1", "colon"),
    " a: 1\nb: 2\n": ("2:1", "indentation"),
    "a: - b\n": ("1:4", "list"),
    "a: !x!y z\n": ("1:4", "tag"),
    "- x\na: 1\n": ("2:1", "no entry"),
    "a: }\n": ("1:4", "missing"),
    "a: |x\n": ("1:5", "line of"),
}


@pytest.mark.parametrize("text", SYNTAX)
def test_a_syntax_error_says_what_a_person_must_do(text: str) -> None:
    place, words = SYNTAX[text]
    (trees, (error,)) = read_documents("a.yaml", text)
    assert trees == ()
    assert (error.code, str(error.place)) == ("CC001", f"a.yaml:{place}")
    assert words in error.message
    assert error.help


@pytest.mark.parametrize("text", [*SYNTAX, 'a: "\\UFFFFFFFF"\n'])
def test_the_python_parser_refuses_the_same_texts(text: str) -> None:
    _, (error,) = read_documents("a.yaml", text, loader=yaml.SafeLoader)
    assert error.code == "CC001"


def test_half_a_character_in_an_escape_is_refused_by_both_parsers() -> None:
    """The C parser refuses it itself; PyYAML's own parser makes text of it that no file can hold."""
    text = 'a: "\\ud800"\n'
    codes = [outcome(text, loader)[1][0][0] for loader in (FASTEST, yaml.SafeLoader)]
    assert codes == ["CC001", "CC009"]


@pytest.mark.parametrize(
    "text",
    [
        "a: b  # two blanks\n",
        "a: 'b' # after quotes\n",
        "a: [b] # after a bracket\n",
        "a: # before a mapping\n  b: c\n",
        "a: Donors#2024\n",
        "a: Donors\u00a0#2024\n",
        "a: |\n  text # not a comment\n",
        "a: 'one\n  two'\n",
        "a: <<<<<<< \n",
    ],
)
def test_what_cannot_be_mistaken_is_accepted(text: str) -> None:
    trees, errors = read_documents("a.yaml", text)
    assert (len(trees), errors) == (1, ())


@LOADERS
@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000 + "]" * 100_000,
        "[" * 100_000,
        "{a: " * 50_000,
        "- " * 100_000 + "x",
        "? " * 100_000,
        "".join(" " * depth + "a:\n" for depth in range(1400)),
        "".join(" " * depth + "-\n" for depth in range(1400)),
        "a: " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        # Closed again and again, or begun again at the margin: only the walk can count these.
        "a: {" + "b: [" * 16 + "\n]}" * 16 + "\n]",
        "- " + "\n".join(["[" * 20, "[" * 20]),
    ],
)
def test_deep_nesting_is_refused_and_never_crashes(text: str, loader: Loader) -> None:
    """Parsers written in C die of it; here it is one error."""
    trees, errors = read_documents("a.yaml", text, loader=loader)
    assert trees == ()
    assert [one.code for one in errors] == ["CC011"]


def test_nesting_that_only_the_walk_can_count_is_refused() -> None:
    """Brackets at the margin restart the count that is made before parsing."""
    text = "\n".join(["a: [", *["["] * 40, *["]"] * 41])
    _, errors = read_documents("a.yaml", text)
    assert [one.code for one in errors] == ["CC011"]


def test_nesting_up_to_the_bound_is_read() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    trees, errors = read_documents("a.yaml", text)
    assert (len(trees), errors) == (1, ())


def test_brackets_that_are_mere_text_do_not_add_up() -> None:
    """Forty documents may each speak of an unclosed bracket."""
    text = "---\n".join(f"k: {{v: x}}\ns: 'Sale [50% {number}'\n" for number in range(40))
    trees, errors = read_documents("a.yaml", text)
    assert (len(trees), errors) == (40, ())


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    """396 bytes would stand for two gigabytes."""
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9)
    )
    trees, errors = read_documents("a.yaml", bomb)
    assert trees == ()
    assert {one.code for one in errors} == {"CC004"}
    assert len(errors) == 9 + 8 * 9


@pytest.mark.parametrize("value", ["a", "[]", "{}"])
def test_a_file_with_too_many_values_is_refused_without_reading_the_rest(value: str) -> None:
    text = f"- {value}\n" * (MAX_NODES + 10) + "---\na: [\n"
    _, errors = read_documents("a.yaml", text)
    assert [one.code for one in errors] == ["CC011"]


@pytest.mark.parametrize("char", ["a", "é", "\ud800"])
def test_a_file_above_one_mebibyte_is_refused_unparsed(char: str) -> None:
    _, errors = read_documents("a.yaml", "# " + char * MAX_BYTES)
    assert [(one.code, str(one.place)) for one in errors] == [("CC011", "a.yaml:1:1")]


@pytest.mark.parametrize("line", ["a: 1\n", "\t\n", "%\n", "--- @\n", "- a #b\n"])
def test_errors_without_end_are_cut_off_and_that_is_said(line: str) -> None:
    _, errors = read_documents("a.yaml", line * (MAX_ERRORS + 12))
    assert len(errors) == MAX_ERRORS + 1
    assert errors[-1].code == "CC015"
    assert "more than 1,000 errors" in errors[-1].message


def test_an_error_in_one_document_hides_no_error_of_another() -> None:
    text = "a: [\n---\nb: *x\n--- {c: 1, c: 2}\n---\n\td: 1\n---\ne: 1 # x\n"
    trees, errors = outcome(text, FASTEST)
    assert trees == [{"c": 1}, {"e": 1}]
    assert errors == [
        ("CC001", "a.yaml:2:1"),
        ("CC004", "a.yaml:3:4"),
        ("CC002", "a.yaml:4:12"),
        ("CC008", "a.yaml:6:1"),
        ("CC007", "a.yaml:8:6"),
    ]


def test_empty_documents_are_skipped() -> None:
    text = "# only a comment\n---\n---\na: 1\n...\n---\n# nothing\n"
    assert outcome(text, FASTEST) == ([{"a": 1}], [])


def test_a_document_of_the_empty_text_is_not_empty() -> None:
    trees, _ = read_documents("a.yaml", "''\n")
    assert [tree.value for tree in trees if isinstance(tree, Scalar)] == [""]


def test_a_parser_without_a_place_is_quoted() -> None:
    """Whatever else a parser may say is shown as it is."""

    class Broken(yaml.SafeLoader):
        def get_event(self) -> yaml.Event:
            raise yaml.YAMLError("the moon is full")

    _, (error,) = read_documents("a.yaml", "a: 1\n", loader=Broken)
    assert (error.code, str(error.place)) == ("CC001", "a.yaml:1:1")
    assert isinstance(error, Diagnostic)
    assert "the moon is full" in error.help
