"""Manifests in many hands: thirty files as people write them, and any number of generated ones."""

import json
import random
import re
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

FILES = sorted((Path(__file__).parent / "files").glob("*.yaml"))
NAMES = [path.stem for path in FILES]
ZONE = "America/New_York"
AMOUNT = 1_000

_WORDS = ["Fall", "Été – 😀", "a: b", "- x", "send_at", "#1", "it's", 'say "x"', "春", "2026 list"]
_COMMENTS = ["", "", "  # x", "   # send_at: now", "  # é 😀 '\"[", "      # - y", "  #", "  "]
_LINES = ["", "", "", "\n", "# above\n", "# - a\n\n", "\n# a: [1\n", "\n\n", "    # deep\n"]
_ID = "1c2d3e4f-0000-11ef-8f6e-fa163e123456"


def written(path: Path) -> str:
    """Give a file to the byte, line breaks included."""
    return path.read_bytes().decode()


def comments(text: str) -> list[str]:
    """Give everything from a `#` on, also where it is none: formatting changes neither."""
    return sorted(
        found.rstrip() for found in re.findall(r"(?<!\S)#[^\r\n]*", text.removeprefix("\ufeff"))
    )


def generated() -> Iterator[str]:
    """Give a thousand files of one to three manifests each, always the same ones."""
    for seed in range(AMOUNT):
        yield _file(random.Random(seed))


def _file(chance: random.Random) -> str:
    manifests = [_manifest(chance, number) for number in range(chance.choice([1, 1, 1, 2, 3]))]
    between = chance.choice(["---\n", "--- # next\n", "...\n---\n", "---\n---\n"])
    text = chance.choice(["", "", "# top\n\n", "# vim: ts=2\n", "\ufeff", "\n\n"])
    text += between.join(manifests) + chance.choice(["", "", "# end\n", "...\n", "\n\n"])
    text = text.rstrip("\n") if chance.random() < 0.2 else text
    return text.replace("\n", "\r\n") if chance.random() < 0.2 else text


def _manifest(chance: random.Random, number: int) -> str:
    step = chance.choice([2, 2, 4])
    keys = [
        f"campaign:{_blank(chance)}{_quoted(chance, f'{chance.choice(_WORDS)} {number}')}",
        _recipients(chance, step),
        f"send_at:{_blank(chance)}{_time(chance, 0)}",
        *_optional(chance, step),
    ]
    chance.shuffle(keys)
    return "".join(f"{chance.choice(_LINES)}{key}{chance.choice(_COMMENTS)}\n" for key in keys)


def _optional(chance: random.Random, step: int) -> Iterator[str]:
    if chance.random() < 0.5:
        times = [_time(chance, week) for week in range(1, chance.randint(2, 4))]
        yield _list(chance, "resend_to_new_contacts", times, "", step)
    if chance.random() < 0.3:
        pinned = str(uuid.UUID(int=chance.getrandbits(128)))
        yield f"activity:{_blank(chance)}{chance.choice([pinned, json.dumps(pinned)])}"
    if chance.random() < 0.4:
        yield _expect(chance, step)
    if chance.random() < 0.5:
        amount = chance.randint(1, 3)
        yield _list(chance, "tags", chance.sample(["a", "'b c'", '"d: e"'], amount), "", step)
    if chance.random() < 0.3:
        yield f"owner:\n{' ' * step}{_quoted(chance, chance.choice(_WORDS))}"


def _recipients(chance: random.Random, step: int) -> str:
    if chance.random() < 0.3:
        segment = chance.choice(
            [_quoted(chance, chance.choice(_WORDS)), "{ id: 102}", '{id: "9" }']
        )
        inner = f"segment: {segment}"
    else:
        names = [_quoted(chance, word) for word in chance.sample(_WORDS, chance.randint(1, 4))]
        names += [f"{{id: {_ID}}}"] if chance.random() < 0.3 else []
        inner = _list(chance, "lists", names, " " * step, step)
    return f"recipients:{chance.choice(_COMMENTS)}\n{' ' * step}{inner}"


def _expect(chance: random.Random, step: int) -> str:
    pairs = [f"subject: {_quoted(chance, chance.choice(_WORDS))}", "from: a@example.org"]
    chance.shuffle(pairs)
    pairs = pairs[: chance.randint(1, 2)]
    if chance.random() < 0.4:
        return f"expect: {{{chance.choice([', ', ' ,  ']).join(pairs)}}}"
    return "expect:" + "".join(f"{chance.choice(_COMMENTS)}\n{' ' * step}{one}" for one in pairs)


def _list(chance: random.Random, key: str, words: list[str], indent: str, step: int) -> str:
    style = chance.random()
    if style < 0.3:
        return f"{key}: [{chance.choice([', ', ',', ' , ']).join(words)}]"
    if style < 0.4:
        rows = "".join(f"{indent}  {word},{chance.choice(_COMMENTS)}\n" for word in words)
        return f"{key}: [{chance.choice(_COMMENTS)}\n{rows}{indent} ]"
    deep = indent + chance.choice(["", " " * step])
    dash = chance.choice(["- ", "-   ", f"-{' ' * step}"])
    return f"{key}:" + "".join(f"{chance.choice(_COMMENTS)}\n{deep}{dash}{word}" for word in words)


def _time(chance: random.Random, week: int) -> str:
    when = datetime(2026, 10, 6, 9) + timedelta(days=7 * week, minutes=chance.randint(0, 600))  # noqa: DTZ001 - wall time
    text = f"{when:%a %Y-%m-%d %H:%M}" if chance.random() < 0.5 else f"{when:%Y-%m-%d %H:%M}"
    return chance.choice([text, f"'{text}'", f'"{text}"'])


def _quoted(chance: random.Random, text: str) -> str:
    plain = text[0].isalnum() and not set(text) & set("#:'\"")
    single = "'" + text.replace("'", "''") + "'"
    double = json.dumps(text, ensure_ascii=False).replace("é", chance.choice(["é", "\\u00e9"]))
    return chance.choice([text, single, double] if plain else [single, double])


def _blank(chance: random.Random) -> str:
    return chance.choice([" ", " ", "   ", "\n  "])
