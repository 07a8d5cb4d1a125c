"""Bytes become text, or an error that says where they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ccops.errors import InvalidInput
from ccops.manifest.text import decode


@given(st.text())
def test_utf_8_is_read_as_it_is(text: str) -> None:
    assert decode("a.yaml", text.encode()) == text


@given(st.binary(max_size=40))
def test_any_bytes_are_text_or_an_error_inside_the_file(data: bytes) -> None:
    try:
        text = decode("a.yaml", data)
    except InvalidInput as refused:
        (one,) = refused.diagnostics
        assert one.code == "CC010"  # either outcome is right
        assert one.place is not None
        assert one.place.line <= data.count(b"\n") + 1
    else:
        assert text.encode() == data


@pytest.mark.parametrize(
    ("data", "place", "line"),
    [
        (b"\xff", "1:1", "\ufffd"),
        ("a: é\n".encode() + b"b: x\xe9y z\r\nc", "2:5", "b: x\ufffdy z"),
        ("a: 😀".encode() + b"\xc3", "1:5", "a: 😀\ufffd"),
        ("\ufeffa".encode() + b"\x80", "1:2", "a\ufffd"),
    ],
)
def test_the_first_byte_that_is_no_utf_8_is_shown(data: bytes, place: str, line: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode("a.yaml", data)
    (one,) = caught.value.diagnostics
    assert str(one.place) == f"a.yaml:{place}"
    assert one.place is not None
    assert one.place.text == line


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_saved_as_utf_16_is_recognized(encoding: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        decode("a.yaml", "\ufeffcampaign: x".encode(encoding))
    assert "UTF-16" in caught.value.diagnostics[0].help
