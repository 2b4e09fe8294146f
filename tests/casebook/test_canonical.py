"""Canonical bytes: one value, one spelling."""

import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from casebook.canonical import clean_text, decode, decode_object, encode
from casebook.errors import CommitUnreadableError

_texts = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])).map(
    lambda text: unicodedata.normalize("NFC", text)
)
_values = st.recursive(
    st.none() | st.integers(-(2**53) + 1, 2**53 - 1) | _texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abcz09", min_size=1, max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_values)
def test_value_survives_its_bytes(value: object) -> None:
    assert decode(encode(value)) == value  # type: ignore[arg-type]


@given(st.text())
def test_clean_text_always_has_canonical_bytes(text: str) -> None:
    assert decode(encode(clean_text(text))) == clean_text(text)


@pytest.mark.parametrize("value", [1.5, True, 2**53, "e\u0301", "tab\t", {"Key": 1}, {"long": 1}, b"bytes", {"a": 0.0}])
def test_value_without_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(CommitUnreadableError):
        encode(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b'{"b":1,"a":2}', b'{"a": 1}', b'{"a":1}\n', b"\xff", b'{"a":1.0}', b'{"a":1,"a":1}'])
def test_bytes_in_another_spelling_are_refused(data: bytes) -> None:
    with pytest.raises(CommitUnreadableError):
        decode(data)


_PIECES = (
    st.sampled_from(
        [
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            '"',
            '"a":',
            '"b"',
            "1",
            "-0",
            "0",
            "1.0",
            "1e3",
            "9007199254740991",
            "true",
            "null",
        ]
    )
    | st.sampled_from(
        ["9007199254740992", "false", "NaN", "\\u0041", "\\u0001", "\\ud800", "\\n", "\\t", "\\\\", '\\"', "\\/", " "]
    )
    | st.sampled_from(
        ["\x7f", "\x85", "\n", "\t", "e", "\u0301", "\u00e9", "\u540c", "\u1100\u1161", "\u0338", "=", "A", "\ufeff"]
    )
)
_wrapped = (
    st.lists(_PIECES, max_size=8)
    .map("".join)
    .flatmap(
        lambda text: st.sampled_from(
            [text, f'"{text}"', f'["{text}"]', f'{{"a":"{text}"}}', f'{{"{text}":1}}', f"[{text}]"]
        )
    )
)


@example('{"A":1}')
@example('"true"')
@example('["e\u0301"]')
@example('"\\n\u0301"')
@example("9007199254740992")
@given(_wrapped)
def test_bytes_are_taken_just_where_they_are_what_their_value_is_written_as(text: str) -> None:
    data = text.encode("utf-8")
    try:
        value = json.loads(data)
        is_so = encode(value) == data
    except (ValueError, CommitUnreadableError):
        is_so = False
    if is_so:
        assert decode(data) == value
    else:
        with pytest.raises(CommitUnreadableError):
            decode(data)


def test_deep_nesting_is_refused_not_crashed() -> None:
    with pytest.raises(CommitUnreadableError):
        decode(b"[" * 100_000 + b"]" * 100_000)


def test_list_is_not_taken_for_an_object() -> None:
    with pytest.raises(CommitUnreadableError):
        decode_object(b"[]")


def test_keys_are_ordered_and_text_is_not_escaped() -> None:
    assert (
        encode({"b": "同意", "a": None})
        == json.dumps({"a": None, "b": "同意"}, ensure_ascii=False, separators=(",", ":")).encode()
    )
