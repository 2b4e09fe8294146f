"""Documents that tests hold true: names of tests, links, kinds, operations, error codes."""

import re
from pathlib import Path

import pytest

from casebook import errors
from casebook.errors import CasebookError

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
KINDS = ("data", "subj", "blob", "sec", "key", "srv")
OPERATIONS = ("=", "u", "+", "-", "c", "m", "t", "b")


def _named_tests() -> list[str]:
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"`(tests/[^`]+)`", text)))


@pytest.mark.parametrize("name", _named_tests())
def test_validation_names_a_test_that_exists(name: str) -> None:
    file, _, function = name.partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    assert not function or f"def {function}(" in text


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_of_a_document_lead_somewhere(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (document.parent / target).exists(), target


def test_every_kind_and_operation_stands_in_the_record_s_document() -> None:
    text = (ROOT / "docs" / "record_format.md").read_text(encoding="utf-8")
    assert [kind for kind in KINDS if f"| `{kind}` |" not in text] == []
    assert [operation for operation in OPERATIONS if f'["{operation}",' not in text] == []


@pytest.mark.parametrize("package", ["casebook", "casebook/sync", "casebook/store", "desktop_app", "central_server"])
def test_every_module_has_its_line_in_the_architecture(package: str) -> None:
    told = set(re.findall(r"`([a-z_]+)`", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")))
    modules = {file.stem for file in (ROOT / package).glob("*.py") if not file.stem.startswith("_")}
    assert sorted(modules - told) == []


def _all_errors(family: type[CasebookError] = CasebookError) -> set[type[CasebookError]]:
    return {family, *(deeper for direct in family.__subclasses__() for deeper in _all_errors(direct))}


def test_every_code_is_of_one_error_and_has_a_room() -> None:
    ours = [one for one in _all_errors() if one.__module__.startswith("casebook") and "." in one.code]
    codes = [one.code for one in ours]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"[a-z]+\.[a-z_0-9]+", code) for code in codes)
    assert errors.__doc__
