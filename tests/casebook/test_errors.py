"""Every refusal has one code and a sentence in every language that names the same fields."""

import string
from collections.abc import Iterator

import pytest

from casebook import errors
from casebook.errors import LANGUAGES, CasebookError

FAMILIES = {
    errors.CasebookError,
    errors.RefusedError,
    errors.UnreadableError,
    errors.UntrustedError,
    errors.UnavailableError,
}


def kinds(family: type[CasebookError] = CasebookError) -> Iterator[type[CasebookError]]:
    for kind in family.__subclasses__():
        if kind.__module__.startswith("casebook.errors"):
            yield from kinds(kind)
            if kind not in FAMILIES:
                yield kind


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


ALL = sorted(set(kinds()), key=lambda kind: kind.code)


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in ALL]
    assert len(codes) == len(set(codes))
    assert "error" not in codes


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.code)
def test_error_has_a_sentence_in_every_language(kind: type[CasebookError]) -> None:
    assert set(kind.texts) == set(LANGUAGES)
    assert all(text.strip() for text in kind.texts.values())
    assert kind.texts["zh"].endswith("。")


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.code)
def test_sentences_of_an_error_name_the_same_fields(kind: type[CasebookError]) -> None:
    assert placeholders(kind.texts["en"]) == placeholders(kind.texts["zh"])


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.code)
def test_error_belongs_to_a_family(kind: type[CasebookError]) -> None:
    assert sum(family in kind.__mro__ for family in FAMILIES - {CasebookError}) == 1
