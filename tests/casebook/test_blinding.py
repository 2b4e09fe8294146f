"""What the allow-list opens, where each operation lies, and who enters what: on the shipped study."""

from pathlib import Path

import pytest

from casebook.blinding import (
    carriers_of,
    compartment_of,
    for_blinded,
    is_disclosed,
    may_answer,
    may_enter,
    reason_apart,
)
from casebook.dependencies import plan_of
from casebook.ledger import STANDARD, UNBLINDING
from casebook.records import (
    AddRow,
    Calculated,
    Confirmation,
    Fired,
    ItemPath,
    Mark,
    Note,
    Operation,
    Reading,
    SetItem,
    Sitting,
    StrikeRow,
)
from casebook.study_files import read_study
from tests.laptops import design

PLACE = ItemPath(group="IG.RND.RESULT", item="RANDDTM")
ARM = ItemPath(group="IG.RND.RESULT", item="RANDARM")
SAID = (
    Fired(check="EC001", path=PLACE, fires=True),
    Confirmation(check="EC001", path=PLACE, value="x", reason="he is in the angiography suite"),
    Calculated(path=PLACE, value="x"),
    Note(path=PLACE, text="words"),
)
ENTERED: tuple[Operation, ...] = (
    SetItem(path=ARM, reading=Reading(value="EVT")),
    Sitting(group="IG", bases=()),
    AddRow(group="IG", row="r"),
    StrikeRow(group="IG", row="r", reason="why"),
    Mark(flag="complete", on=True),
)


def where(form: str | None, operation: Operation, *, sealed: bool = False, shelf: str = UNBLINDING) -> str:
    return compartment_of(design(), form, operation, sealed=sealed, shelf=shelf)


def test_blinded_study_holds_open_forms_at_their_visits_and_nothing_that_rests_on_others() -> None:
    known = for_blinded(design())
    planned = {(visit.oid, one.form) for visit in known.visits for one in visit.forms}
    assert planned == {
        (visit.oid, one.form) for visit in design().visits for one in visit.forms if design().is_open(one.form)
    }
    assert set(known.forms) == {form for form in design().forms if design().is_open(form)} | {"F.RND"}
    assert carriers_of(design()) == {"F.RND"}
    assert [rule.name for rule in known.status_rules] == ["randomised"]
    assert dict(known.anchors) == {"randomised_at": ("F.RND:RANDDTM",)}
    assert (known.criteria, known.consents, known.deviations) == ((), (), None)
    assert known.form("F.RND").checks == ()
    assert {form: known.form(form).version for form in known.forms} == {
        form: design().form(form).version for form in known.forms
    }
    plan_of(known)  # its rules can be planned without the other forms


def test_study_that_blinds_nobody_is_left_as_it_is() -> None:
    study = read_study(Path(__file__).parents[1] / "second_study")
    assert for_blinded(study) is study
    assert {compartment_of(study, "F.X", one, sealed=False, shelf=STANDARD) for one in (*SAID, *ENTERED)} == {"S"}
    assert compartment_of(study, None, ENTERED[0], sealed=True, shelf=STANDARD) == "I"


@pytest.mark.parametrize("form", sorted(design().forms))
def test_what_unblinded_people_enter_is_standard_only_in_open_forms(form: str) -> None:
    expected = "S" if design().is_open(form) else "U"
    assert {where(form, one) for one in ENTERED} == {expected}
    assert {where(form, one, sealed=True) for one in ENTERED} == {"I" if expected == "S" else "UI"}


@pytest.mark.parametrize("form", sorted(design().forms))
def test_what_unblinded_people_say_of_findings_and_see_calculated_is_never_standard(form: str) -> None:
    assert {where(form, one) for one in SAID} == {"U"}


def test_open_item_of_another_form_is_standard_where_it_is_set_and_nowhere_else() -> None:
    setting = SetItem(path=PLACE, reading=Reading(value="2026-03-01T09:30+08:00"))
    assert where("F.RND", setting) == "S"
    assert is_disclosed(design(), "F.RND", setting)
    in_a_row = SetItem(path=ItemPath(group=PLACE.group, item=PLACE.item, row="r"), reading=Reading(value="x"))
    assert where("F.RND", in_a_row) == "U"
    assert where("F.DM", setting) == "U"


def test_form_that_nobody_knows_is_unblinding_and_of_a_blinded_session_standard() -> None:
    assert where(None, ENTERED[0], sealed=True) == "UI"
    assert where(None, ENTERED[0], sealed=True, shelf=STANDARD) == "I"


def test_reason_in_own_words_is_parted_from_the_change_and_a_code_is_not() -> None:
    change = SetItem(path=PLACE, reading=Reading(value="x"), reason="the angiography began earlier")
    kept, note = reason_apart(design(), change)
    assert (kept.reason, note) == ("OTHER", Note(path=PLACE, text="the angiography began earlier"))
    for code in (None, "TRANSCRIPTION", "NOTORDERED"):
        plain = SetItem(path=PLACE, reading=Reading(value="x"), reason=code)
        assert reason_apart(design(), plain) == (plain, None)


def entered_by(role: str, *, opens: bool = True) -> set[str]:
    return {form for form in design().forms if may_enter(design(), design().role(role), form, opens_unblinding=opens)}


def test_each_role_enters_what_the_study_gives_it() -> None:
    whole = set(design().forms) - {"F.B90"}
    assert entered_by("ROLE.COORDINATOR") == entered_by("ROLE.INVESTIGATOR") == entered_by("ROLE.PI") == whole
    assert entered_by("ROLE.BLIND", opens=False) == {"F.B90", "F.CONTACT"}
    assert entered_by("ROLE.INTERVENTION") == {"F.EVT", "F.IMG2", "F.ICH"}
    assert entered_by("ROLE.MONITOR") == entered_by("ROLE.DATA") == set()
    assert entered_by("ROLE.COORDINATOR", opens=False) == {"F.CONTACT", "F.ETHICS"}
    assert not may_enter(design(), None, "F.DM")


def test_findings_of_the_assessed_form_are_answered_by_the_unblinded_too() -> None:
    coordinator, blind = design().role("ROLE.COORDINATOR"), design().role("ROLE.BLIND")
    assert may_answer(design(), coordinator, "F.B90")
    assert not may_answer(design(), coordinator, "F.AE", opens_unblinding=False)
    assert not may_answer(design(), blind, "F.AE")
    assert not may_answer(design(), design().role("ROLE.MONITOR"), "F.AE")
    assert not may_answer(design(), None, "F.AE")
