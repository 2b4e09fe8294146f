"""The program knows no study: what it asks, counts and prints stands in study files alone.

Looks through every text of the three packages, comments and docstrings included, for words of the study
that is shipped and for the names of its forms, sections, code lists and items. The scores are left out:
they are named pure functions that a study may ask for (docs/adr/0017).
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from casebook.locations import shipped_study
from casebook.study_files import read_study

ROOT = Path(__file__).parents[1]
SCORES = ROOT / "casebook" / "scores"
WORDS = re.compile(
    r"(?i)\b(nihss\w*|mrs|aspects|sich\w*|[em]tici|endlow|rescue_end_low|thromb\w+|heidelberg|haemorrhag\w*|"
    r"infarct\w*|ischaemi\w*|perfusion|occlusion|lkwdtm|stroke (?:unit|trial|scale|patient)s?)\b|"
    r"脑卒中|卒中|取栓|溶栓|梗死|出血|NCT06155032|RELOW1"
)
SHORTEST = 5
"""Items with shorter names (`SEX`, `AGE`) are called as words are."""

ALLOWED: dict[tuple[str, str], str] = {}
"""What may stand where, each with its reason."""


def _sources() -> Iterator[Path]:
    for package in ("casebook", "desktop_app", "central_server"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if not path.is_relative_to(SCORES):
                yield path


def _names() -> frozenset[str]:
    """Return what the shipped study calls its parts, as far as no other study would call its own so."""
    study = read_study(shipped_study())
    groups = [group for form in study.forms.values() for group in form.groups]
    items = {item.name for group in groups for item in group.items if len(item.name) >= SHORTEST}
    checks = {check.id for form in study.forms.values() for check in form.checks} - {"EC051", "EC052", "EC053"}
    return frozenset({study.oid, *study.forms, *study.code_lists, *(group.oid for group in groups), *items, *checks})


def _texts(path: Path) -> Iterator[str]:
    """Return every text constant of a module, its docstrings among them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _in_words(path: Path) -> set[str]:
    return {found[0] for found in WORDS.finditer(path.read_text(encoding="utf-8"))}


def test_no_word_of_the_shipped_study_stands_in_the_program() -> None:
    found = {(path.relative_to(ROOT).as_posix(), word) for path in _sources() for word in _in_words(path)}
    assert found - ALLOWED.keys() == set()


def test_no_name_of_the_shipped_study_stands_in_the_program() -> None:
    names = _names()
    dotted = re.compile(r"\b(?:F|IG|CL|I|ST)\.[A-Z][A-Z0-9.]*|\b[A-Z][A-Z0-9_]{2,}\b")
    found = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in _sources()
        for text in _texts(path)
        for name in dotted.findall(text)
        if name in names
    }
    assert found - ALLOWED.keys() == set()


def test_every_allowance_is_used() -> None:
    used = {(path.relative_to(ROOT).as_posix(), word) for path in _sources() for word in _in_words(path)}
    assert ALLOWED.keys() <= used


@pytest.mark.parametrize("text", ["die NIHSS-Summe", "rescue_end_low", "卒中单元", "sICH within 36 h", "Stroke unit 2"])
def test_word_of_the_study_would_be_found(text: str) -> None:
    assert WORDS.search(text)
