"""Frozen studies read for ever, refused when changed; which version is in force where; what a new one does."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from casebook.design import ApprovalForm, Form, StudyDesign
from casebook.errors import StudyFileError
from casebook.locations import data_folder
from casebook.records import ItemPath, Reading, Readings
from casebook.study_diff import changes
from casebook.study_files import read_study
from casebook.study_files.archive import freeze, read_earlier, thaw
from casebook.study_files.canonical_form import named
from casebook.study_files.references import used_lists
from casebook.versions import Designs, approvals_in, plain_label, preview, read_designs, shows
from tests.casebook.small_study import files, write_study
from tests.journeys.versioned_study import write_first

APPROVALS = ApprovalForm(form="F.ETH", version="VER", approved="DAY", what="WHAT", design="DESIGN")
SHIPPED = data_folder("forms") / "rescue_end_low"


@pytest.fixture(scope="module")
def shipped() -> StudyDesign:
    return read_study(SHIPPED)


def study(folder: Path, **changes: tuple[str, str]) -> StudyDesign:
    """Read the small study with texts replaced in its files, by the file's stem."""
    contents = files()
    for name, text in contents.items():
        stem = name.removesuffix(".toml").replace("/", "_").replace(".", "_")
        if stem in changes:
            before, after = changes[stem]
            assert before in text
            contents[name] = text.replace(before, after)
    return read_study(write_study(folder, contents))


# -- freezing ------------------------------------------------------------------------------------------


def test_thaw_returns_the_design_that_was_frozen(shipped: StudyDesign) -> None:
    data = freeze(shipped)
    thawed = thaw(data)
    assert thawed == shipped
    assert freeze(thawed) == data


def test_frozen_study_is_the_same_bytes_for_the_same_definition(tmp_path: Path) -> None:
    assert freeze(study(tmp_path / "1")) == freeze(study(tmp_path / "2"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"Systolic"', '"Diastole"'),
        ('"rule":"Range"', '"rule":"Rnage"'),
        ('"low":"40"', '"low":"41"'),
        ('"low":"40"', '"low":"forty"'),
        ('"format":1', '"format":2'),
        ('"need":"M"', '"need":"X"'),
        ('"critical":false', '"critical":true'),
        ('"critical":false', '"colour":false'),
        ('"code":"SMALL1"', '"code":7'),
    ],
)
def test_thaw_refuses_what_was_changed(tmp_path: Path, before: str, after: str) -> None:
    text = freeze(study(tmp_path)).decode("utf-8")
    assert before in text
    with pytest.raises(StudyFileError, match=r"earlier/1\.json"):
        thaw(text.replace(before, after, 1).encode("utf-8"), "earlier/1.json")


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[]", b"{}", b'{"format": 1, "version": "", "design": []}'])
def test_thaw_refuses_what_is_no_frozen_study(data: bytes) -> None:
    with pytest.raises(StudyFileError):
        thaw(data)


def test_frozen_study_is_plain_json(tmp_path: Path) -> None:
    design = study(tmp_path)
    whole = json.loads(freeze(design))
    assert whole["version"] == design.version
    assert whole["design"]["forms"]["F.A"]["version"] == design.form("F.A").version


def test_earlier_versions_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    first = study(tmp_path / "1", study=('label = "1.0"', 'label = "0.8"'))
    second = study(tmp_path / "2", study=('label = "1.0"', 'label = "0.9"'))
    folder = tmp_path / "3"
    study(folder)
    assert read_earlier(folder) == ()
    (folder / "earlier").mkdir()
    assert read_earlier(folder) == ()
    (folder / "earlier" / "02.json").write_bytes(freeze(second))
    (folder / "earlier" / "01.json").write_bytes(freeze(first))
    assert [one.label for one in read_designs(folder).in_order] == ["0.8", "0.9", "1.0"]


def test_shipped_study_opens_with_its_earlier_versions() -> None:
    designs = read_designs(SHIPPED)
    assert designs.in_order[-1] == designs.current


# -- which version is in force --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Designs:
    folder = tmp_path_factory.mktemp("versions")
    labels = ("0.8", "0.9", "1.0")
    first, second, current = (
        replace(study(folder / label, study=('label = "1.0"', f'label = "{label}"')), approvals=APPROVALS)
        for label in labels
    )
    return Designs(current=current, earlier=(first, second))


@pytest.mark.parametrize(
    ("approvals", "day", "label"),
    [
        ([], 1, "0.8"),
        ([("0.9", 5)], 4, "0.8"),
        ([("0.9", 5)], 5, "0.9"),
        ([("1.0", 5)], 6, "1.0"),
        ([("1.0", 9), ("0.9", 5)], 8, "0.9"),
        ([("2.0", 1)], 8, "0.8"),
    ],
)
def test_newer_version_is_dormant_until_it_is_approved(
    three: Designs, approvals: list[tuple[str, int]], day: int, label: str
) -> None:
    dated = [(name, date(2026, 5, at)) for name, at in approvals]
    on = date(2026, 5, day)
    assert three.in_force(dated, on).label == label
    waiting = [one.label for one in three.dormant(dated, on)]
    assert waiting == [one for one in ("0.8", "0.9", "1.0") if one > label]


def test_version_needs_no_approval_where_there_is_no_form_for_it(three: Designs) -> None:
    free = Designs(current=three.current, earlier=(replace(three.in_order[0], approvals=None), three.in_order[1]))
    assert free.in_force([], date(2026, 5, 1)).label == "0.9"
    none = Designs(current=three.current, earlier=tuple(replace(one, approvals=None) for one in three.earlier))
    assert none.in_force([], date(2026, 5, 1)) == three.current


@pytest.mark.parametrize(
    ("label", "plain"), [(" V1.1", "1.1"), ("v.1.1", "1.1"), ("Version 1.1", "1.1"), ("\uff11.1", "1.1"), ("v", "v")]
)
def test_label_is_found_however_it_was_typed(label: str, plain: str) -> None:
    assert plain_label(label) == plain


def approval(row: str, *values: tuple[str, ...]) -> dict[ItemPath, list[Reading]]:
    names = ("WHAT", "VER", "DAY")
    return {
        ItemPath(group="IG.ETH", item=name, row=row): [Reading(value=one) for one in said]
        for name, said in zip(names, values, strict=True)
    }


@pytest.mark.parametrize(
    ("standing", "told"),
    [
        (approval("r", ("DESIGN",), ("V1.1",), ("2026-05-04",)), [("1.1", date(2026, 5, 4))]),
        (approval("r", ("DESIGN",), ("1.1",), ("2026-05---",)), [("1.1", date(2026, 5, 31))]),
        (approval("r", ("ICF",), ("1.1",), ("2026-05-04",)), []),
        (approval("r", ("DESIGN",), (), ("2026-05-04",)), []),
        (approval("r", ("DESIGN",), ("1.1",), ()), []),
        (approval("r", ("DESIGN", "ICF"), ("1.1",), ("2026-05-04",)), []),
        (approval("r", ("DESIGN",), ("1.1", "1.2"), ("2026-05-04",)), []),
        (approval("r", ("DESIGN",), ("1.1",), ("2026-05-04", "2026-05-09")), [("1.1", date(2026, 5, 9))]),
    ],
)
def test_approval_counts_where_all_that_was_entered_says_so(
    three: Designs, standing: dict[ItemPath, list[Reading]], told: list[tuple[str, date]]
) -> None:
    assert list(approvals_in(three.current, "F.ETH", standing)) == told
    assert not list(approvals_in(three.current, "F.OTHER", standing))
    assert not list(approvals_in(replace(three.current, approvals=None), "F.ETH", standing))


def test_versions_of_one_label_or_of_another_study_are_refused(tmp_path: Path) -> None:
    twin = study(tmp_path / "1", texts_en=("Systolic", "Systolic pressure"))
    other = study(tmp_path / "2", study=('code = "SMALL1"', 'code = "SMALL2"'))
    folder = tmp_path / "3"
    study(folder, study=('label = "1.0"', 'label = "V 1.0"'))
    (folder / "earlier").mkdir()
    for version in (twin, replace(other, label="0.9")):
        (folder / "earlier" / "1.json").write_bytes(freeze(_named(version)))
        with pytest.raises(StudyFileError, match="earlier"):
            read_designs(folder)


def _named(design: StudyDesign) -> StudyDesign:
    bare = {oid: replace(form, version="") for oid, form in design.forms.items()}
    return named(replace(design, version="", forms=bare), lambda form: used_lists(form, design.code_lists))


@pytest.mark.parametrize(
    ("item", "value", "shown"),
    [
        ("SYS", "150", True),
        ("SYS", "150.5", False),
        ("SYS", "high", False),
        ("DONE", "Y", True),
        ("DONE", "MAYBE", False),
        ("WHEN", "2026-05-04T08:00+08:00", True),
        ("WHEN", "2026-05-04", False),
        ("GLUC", "<0.5 mmol/L", True),
        ("GLUC", "sweet", False),
        ("MAP", "90", False),
        ("GONE", "1", False),
    ],
)
def test_form_shows_values_of_its_items_types_and_codes(three: Designs, item: str, value: str, *, shown: bool) -> None:
    design, path = three.current, ItemPath(group="IG.A.MAIN", item=item)
    assert shows(design, design.form("F.A"), path, Reading(value=value)) is shown
    assert not shows(design, design.form("F.A"), replace(path, row="r"), Reading(value=value))
    assert not shows(design, None, path, Reading(value=value))


def test_versions_are_found_by_study_and_by_form(tmp_path: Path, three: Designs) -> None:
    changed = study(tmp_path, texts_en=("Systolic", "Systolic pressure"), study=('label = "1.0"', 'label = "1.1"'))
    designs = Designs(current=changed, earlier=three.in_order)
    old = three.current.form("F.A")
    assert designs.by_version(three.current.version) == three.current
    assert designs.by_version("0" * 64) is None
    assert designs.form_by_version(old.version) == old
    assert designs.form_by_version(changed.form("F.A").version) == changed.form("F.A")
    assert designs.by_form_version(old.version) == three.current
    assert designs.form_by_version("0" * 16) is None
    assert designs.asked_in("F.A", old.version) == (three.current, old)
    assert designs.asked_in("F.B", old.version) is None
    found = designs.latest_with("F.A", ItemPath(group="IG.A.MAIN", item="SYS"))
    assert found is not None
    assert found[0] == changed
    assert designs.latest_with("F.A", ItemPath(group="IG.A.MAIN", item="GONE")) is None


def test_current_version_that_was_frozen_already_stands_once(three: Designs) -> None:
    again = Designs(current=three.current, earlier=three.in_order)
    assert [one.label for one in again.in_order] == ["0.8", "0.9", "1.0"]


# -- what a new version does ----------------------------------------------------------------------------


def entered(*names: tuple[str, str, str]) -> Readings:
    return {ItemPath(group=group, item=item, row=row): Reading(value="1") for group, item, row in names}


def without(form: Form, name: str) -> Form:
    groups = (replace(group, items=tuple(one for one in group.items if one.name != name)) for group in form.groups)
    return replace(form, groups=tuple(groups))


def test_preview_tells_what_is_kept_reworded_added_and_orphaned(tmp_path: Path) -> None:
    old = study(tmp_path / "1")
    new = study(
        tmp_path / "2",
        crf_F_A=('name = "HIGH"\ntype = "decimal"', 'name = "HIGH"\ntype = "integer"'),
        texts_en=("Systolic", "Systolic pressure"),
    )
    before = without(old.form("F.A"), "GLUC")
    after = without(new.form("F.A"), "DIA")
    state = entered(
        ("IG.A.MAIN", "SYS", ""), ("IG.A.MAIN", "DIA", ""), ("IG.A.ROWS", "LOW", "r1"), ("IG.A.ROWS", "HIGH", "r1")
    )
    told = preview([state], (old, before), (new, after))
    assert [path.item for path in told.kept] == ["SYS", "LOW"]
    assert [path.item for path in told.reworded] == ["SYS"]
    assert [item.name for item in told.added] == ["GLUC"]
    assert [path.item for path in told.orphaned] == ["DIA", "HIGH"]
    assert set(told.kept) | set(told.orphaned) == set(state)


def test_preview_of_the_same_version_keeps_everything(three: Designs) -> None:
    form = three.current.form("F.A")
    state = entered(("IG.A.MAIN", "SYS", ""), ("IG.A.MAIN", "DIA", ""))
    told = preview([state], (three.current, form), (three.current, form))
    assert (told.reworded, told.added, told.orphaned) == ((), (), ())
    assert len(told.kept) == 2


# -- where approvals are recorded -----------------------------------------------------------------------

APPROVAL_FAULTS = {
    "form that is not there": ('form = "F.ETH"\nwhat', 'form = "F.ETHICS"\nwhat', "no form of the site's own file"),
    "form of a subject": ('form = "F.ETH"\nwhat', 'form = "F.VIS"\nwhat', "no form of the site's own file"),
    "item that is not there": ('version = "ETHVER"', 'version = "LABEL"', "items of one group"),
    "day that is no date": ('approved = "ETHDAY"', 'approved = "ETHVER"', "must be a date"),
    "code that is not offered": ('design = "DESIGN"', 'design = "PLAN"', "PLAN"),
    "code without item": ('what = "ETHWHAT"\n', "", "belong together"),
    "unknown key": ('what = "ETHWHAT"', 'what = "ETHWHAT"\nexpires = "ETHDAY"', "expires"),
}


@pytest.mark.parametrize("name", APPROVAL_FAULTS)
def test_mistake_in_where_approvals_are_recorded_is_told(tmp_path: Path, name: str) -> None:
    before, after, said = APPROVAL_FAULTS[name]
    folder = write_first(tmp_path)
    text = (folder / "study.toml").read_text("utf-8")
    assert before in text
    (folder / "study.toml").write_text(text.replace(before, after), "utf-8")
    with pytest.raises(StudyFileError) as found:
        read_study(folder)
    assert said in found.value.sentence()
    assert found.value.sentence("zh") != found.value.sentence()


def test_change_of_where_approvals_are_recorded_is_told(tmp_path: Path) -> None:
    design = read_study(write_first(tmp_path))
    (change,) = changes(design, replace(design, approvals=None), "en")
    assert change.told == "where a site records approvals of versions"
