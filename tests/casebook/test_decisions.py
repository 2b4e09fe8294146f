"""Which changes to a form are allowed."""

import pytest

from casebook.checks import Finding
from casebook.decisions import add_row, confirm, enter_item, set_complete, strike_row
from casebook.design import DataType, Derivation, Form, Item, ItemGroup, Severity, Text
from casebook.errors import (
    DerivedItemError,
    IncompleteFormError,
    ReasonRequiredError,
    UnknownItemError,
)
from casebook.ids import ref_of
from casebook.projection import FormState, project
from casebook.records import (
    EMPTY,
    AddRow,
    Confirmation,
    Mark,
    MissingCode,
    Operation,
    Reading,
    SetItem,
    Sitting,
    StrikeRow,
)

from .commits import Laptop, form_key, path_of, set_item

NAME = Text({"en": "name", "zh": "名称"})


def _item(name: str, **more: object) -> Item:
    return Item(name=name, oid=f"I.VS.{name}", label=NAME, data_type=DataType.TEXT, **more)  # type: ignore[arg-type]


def _form(*, sitting: bool = False) -> Form:
    derivation = Derivation(function="mean_arterial_pressure", items=("SYSBP", "DIABP"))
    items = (_item("SYSBP"), _item("DIABP"), _item("MAP", derivation=derivation))
    group = ItemGroup(oid="IG.VS", label=NAME, items=items, sitting=sitting)
    log = ItemGroup(oid="IG.LOG", label=NAME, items=(_item("NOTE"),), repeating=True)
    return Form(oid="F.VS", label=NAME, groups=(group, log))


def _recorded(*saves: tuple[Operation, ...]) -> FormState:
    laptop = Laptop(1)
    subject, added = laptop.add_subject()
    key = form_key(subject)
    return project(subject, [added, *(laptop.save(key, *operations) for operations in saves)]).form(key)


SYSBP = path_of("SYSBP")
EMPTY_FORM = _recorded()


def test_first_entry_has_no_bases_and_needs_no_reason() -> None:
    assert enter_item(_form(), EMPTY_FORM, SYSBP, Reading(value="140")) == (
        SetItem(path=SYSBP, reading=Reading(value="140")),
    )


def test_replaced_value_names_what_was_seen_and_why() -> None:
    state = _recorded((set_item("SYSBP", "140"),))
    (entry,) = enter_item(_form(), state, SYSBP, Reading(value="150"), reason="TRANSCRIPTION")
    assert isinstance(entry, SetItem)
    assert (entry.bases, entry.reason) == (state.items[SYSBP].bases, "TRANSCRIPTION")


@pytest.mark.parametrize("reading", [Reading(value="150"), EMPTY, Reading(missing=MissingCode.UNKNOWN)])
def test_replacing_or_clearing_a_value_without_a_reason_is_refused(reading: Reading) -> None:
    with pytest.raises(ReasonRequiredError):
        enter_item(_form(), _recorded((set_item("SYSBP", "140"),)), SYSBP, reading)


def test_filling_a_field_that_was_recorded_as_cleared_needs_no_reason() -> None:
    laptop = Laptop(1)
    subject, added = laptop.add_subject()
    key = form_key(subject)
    first = laptop.save(key, set_item("SYSBP", "140"))
    cleared = laptop.save(key, set_item("SYSBP", None, first, reason="x"))
    state = project(subject, [added, first, cleared]).form(key)
    (entry,) = enter_item(_form(), state, SYSBP, Reading(value="150"))
    assert isinstance(entry, SetItem)
    assert entry.bases == (ref_of(cleared.id),)


def test_same_value_and_empty_on_empty_record_nothing() -> None:
    assert enter_item(_form(), _recorded((set_item("SYSBP", "140"),)), SYSBP, Reading(value="140")) == ()
    assert enter_item(_form(), EMPTY_FORM, SYSBP, EMPTY) == ()


def test_conflict_is_resolved_only_with_a_reason_and_names_every_head() -> None:
    one, two = Laptop(1), Laptop(2)
    subject, added = one.add_subject()
    key = form_key(subject)
    commits = [added, one.save(key, set_item("SYSBP", "140")), two.save(key, set_item("SYSBP", "150"))]
    state = project(subject, commits).form(key)
    shown = state.items[SYSBP].shown
    assert enter_item(_form(), state, SYSBP, shown) == ()
    (entry,) = enter_item(_form(), state, SYSBP, shown, reason="source checked")
    assert isinstance(entry, SetItem)
    assert len(entry.bases) == 2
    with pytest.raises(ReasonRequiredError):
        enter_item(_form(), state, SYSBP, Reading(value="160"))


def test_sitting_says_what_was_seen_of_it() -> None:
    seen, entry = enter_item(_form(sitting=True), EMPTY_FORM, SYSBP, Reading(value="140"))
    assert seen == Sitting(group="IG.VS", bases=())
    assert isinstance(entry, SetItem)


def test_derived_and_unknown_items_are_refused() -> None:
    with pytest.raises(DerivedItemError):
        enter_item(_form(), EMPTY_FORM, path_of("MAP"), Reading(value="1"))
    with pytest.raises(UnknownItemError):
        enter_item(_form(), EMPTY_FORM, path_of("OTHER"), Reading(value="1"))


def test_change_reopens_a_completed_form() -> None:
    state = _recorded((Mark(flag="complete", on=True),))
    *_, reopened = enter_item(_form(), state, SYSBP, Reading(value="140"))
    assert reopened == Mark(flag="complete", on=False, bases=state.complete_bases)


def test_rows_are_added_and_struck_with_a_reason_never_deleted() -> None:
    assert add_row(_form(), EMPTY_FORM, "IG.LOG", "r1") == (AddRow(group="IG.LOG", row="r1"),)
    assert strike_row(_form(), EMPTY_FORM, "IG.LOG", "r1", "twice") == (
        StrikeRow(group="IG.LOG", row="r1", reason="twice"),
    )
    with pytest.raises(ReasonRequiredError):
        strike_row(_form(), EMPTY_FORM, "IG.LOG", "r1", "  ")
    with pytest.raises(UnknownItemError):
        add_row(_form(), EMPTY_FORM, "IG.VS", "r1")
    with pytest.raises(UnknownItemError):
        strike_row(_form(), EMPTY_FORM, "IG.VS", "r1", "x")


def _finding(*, confirmable: bool = True, confirmed: str | None = None) -> Finding:
    return Finding(
        check="EC051",
        severity=Severity.HARD,
        path=SYSBP,
        message=NAME,
        confirmable=confirmable,
        confirmed=confirmed,
    )


def test_confirmation_names_the_value_and_the_reason() -> None:
    assert confirm(_form(), _finding(), Reading(value="310"), "measured twice") == (
        Confirmation(check="EC051", path=SYSBP, value="310", reason="measured twice"),
    )
    with pytest.raises(ReasonRequiredError):
        confirm(_form(), _finding(), Reading(value="310"), "")


def test_contradiction_has_no_such_exit() -> None:
    with pytest.raises(UnknownItemError):
        confirm(_form(), _finding(confirmable=False), Reading(value="310"), "because")


def test_complete_needs_every_answer_and_every_hard_finding_closed() -> None:
    form = _form()
    assert set_complete(form, EMPTY_FORM, (), (), on=True) == (Mark(flag="complete", on=True),)
    assert set_complete(form, EMPTY_FORM, (), (_finding(confirmed="true"),), on=True)
    for left, found in (((SYSBP,), ()), ((), (_finding(),))):
        with pytest.raises(IncompleteFormError):
            set_complete(form, EMPTY_FORM, left, found, on=True)


def test_same_flag_again_records_nothing_and_taking_it_back_is_always_allowed() -> None:
    form = _form()
    done = _recorded((Mark(flag="complete", on=True),))
    assert set_complete(form, done, (SYSBP,), (_finding(),), on=True) == ()
    assert set_complete(form, done, (SYSBP,), (_finding(),), on=False) == (
        Mark(flag="complete", on=False, bases=done.complete_bases),
    )
