"""What is said about entries: it survives being written and read, and nothing else is read."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook import payloads, supervision
from casebook.canonical import Value, decode_object, encode
from casebook.errors import CommitUnreadableError
from casebook.ids import CommitId, CommitRef, DeviceId, Epoch, SubjectId, UserId
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.supervision import (
    AdjudicationPayload,
    Authentication,
    ChainMark,
    DelegationAct,
    DelegationPayload,
    Flag,
    FlagPayload,
    Level,
    Meaning,
    QueryAct,
    QueryPayload,
    Scope,
    SignedForm,
    SignPayload,
    SupervisionPayload,
    frontier_of,
    is_inside,
    of_form,
    of_item,
    of_site,
    of_subject,
    of_visit,
    whole_study,
)

from .commits import Laptop, form_key, path_of

SUBJECT = SubjectId("A" * 16)
KEY = FormKey(subject=SUBJECT, visit=VisitKey(visit="SE.V1", repeat="r"), form="F.VS", repeat="INITIAL")

texts = st.text(alphabet="ab é甲乙", max_size=6)
hexes = st.text(alphabet="0123456789abcdef", min_size=64, max_size=64)
ids = st.text(alphabet="abcXYZ09_-", min_size=16, max_size=16)
refs = st.lists(hexes.map(lambda one: CommitRef(one[:32])), max_size=3).map(tuple)
keys = st.builds(
    FormKey, subject=st.just(SUBJECT), visit=st.builds(VisitKey, visit=texts, repeat=texts), form=texts, repeat=texts
)
paths = st.builds(ItemPath, group=texts, item=texts, row=texts)
items = st.builds(of_item, keys, paths)
places = st.one_of(
    ids.map(lambda one: of_subject(SubjectId(one))), keys.map(lambda one: of_visit(one.subject, one.visit))
) | keys.map(of_form)
wide = st.just(whole_study()) | st.integers(0, 999).map(lambda one: of_site(f"{one:03d}"))
marks = st.builds(
    ChainMark,
    device=st.sampled_from("DE").map(lambda one: DeviceId(one * 16)),
    epoch=st.sampled_from("ef").map(lambda one: Epoch(one * 6)),
    sequence=st.integers(1, 9),
)
frontiers = st.lists(marks, max_size=5).map(frontier_of)
days = st.dates(date(2020, 1, 1), date(2030, 1, 1))
acts: st.SearchStrategy[SupervisionPayload] = st.one_of(
    st.builds(
        QueryPayload,
        query=ids | hexes.map(lambda one: one[:32]),
        act=st.sampled_from(QueryAct),
        target=places | items,
        text=texts,
        code=texts,
        bases=refs,
    ),
    st.builds(
        FlagPayload,
        flag=st.sampled_from([Flag.FROZEN, Flag.LOCKED]),
        on=st.booleans(),
        scope=places | wide,
        reason=texts,
        frontier=frontiers,
        bases=refs,
    ),
    st.builds(FlagPayload, flag=st.just(Flag.VERIFIED), on=st.booleans(), scope=items, frontier=frontiers, bases=refs),
    st.builds(
        SignPayload,
        subject=st.just(SUBJECT),
        meaning=st.sampled_from(Meaning),
        statement=st.dictionaries(st.sampled_from(["en", "zh"]), texts),
        name=texts,
        role=texts,
        authentication=st.sampled_from(Authentication),
        forms=st.lists(
            st.builds(SignedForm, key=keys, digests=st.dictionaries(st.sampled_from(["S", "U"]), hexes)), max_size=3
        ).map(tuple),
        frontier=frontiers,
        pdf=st.just("") | hexes,
    ),
    st.builds(
        AdjudicationPayload,
        commit=hexes.map(CommitId),
        accept=st.booleans(),
        reason=texts,
        subject=st.none() | ids.map(SubjectId),
        bases=refs,
    ),
    st.builds(
        DelegationPayload,
        entry=ids,
        act=st.just(DelegationAct.ADD),
        person=st.just(UserId("nurse.a")),
        role=texts,
        rights=st.lists(st.sampled_from(["enter", "sign_off"]), max_size=2).map(tuple),
        start=days,
        end=st.none() | days,
        reason=texts,
    ),
)


@given(acts)
def test_act_survives_writing_and_reading(act: SupervisionPayload) -> None:
    kind, body = payloads.write(act)
    assert kind in supervision.KINDS
    assert supervision.read(kind, decode_object(encode(body))) == act


@given(st.lists(marks), marks)
def test_inside_a_frontier_is_at_or_before_the_mark_of_its_chain(seen: list[ChainMark], mark: ChainMark) -> None:
    chain = [one for one in seen if (one.device, one.epoch) == (mark.device, mark.epoch)]
    assert is_inside(mark, frontier_of(seen)) == any(mark.sequence <= one.sequence for one in chain)


def test_scope_covers_what_lies_in_it() -> None:
    other = FormKey(subject=SUBJECT, visit=VisitKey(visit="SE.V2"), form="F.VS")
    wide_enough = [whole_study(), of_site("001"), of_subject(SUBJECT), of_visit(SUBJECT, KEY.visit), of_form(KEY)]
    assert all(scope.covers(KEY, "001") for scope in wide_enough)
    assert [scope.covers(other, "001") for scope in wide_enough] == [True, True, True, False, False]
    assert [scope.covers(KEY, "002") for scope in wide_enough] == [True, False, True, True, True]
    assert not of_item(KEY, path_of("SYSBP")).covers(KEY, "001")


def test_scope_names_its_form_only_where_it_has_one() -> None:
    assert of_form(KEY).key == of_item(KEY, path_of("SYSBP")).key == KEY
    assert of_visit(SUBJECT, KEY.visit).key is None


def test_act_is_about_its_subject() -> None:
    laptop = Laptop(1)
    subject, _ = laptop.add_subject()
    query = QueryPayload(query="q" * 16, act=QueryAct.OPEN, target=of_form(form_key(subject)), text="Which arm?")
    assert payloads.subject_of(laptop.seal(query)) == subject
    lock = FlagPayload(flag=Flag.LOCKED, on=True, scope=of_site("001"), reason="r")
    assert payloads.subject_of(laptop.seal(lock)) is None
    ruling = AdjudicationPayload(commit=CommitId("0" * 64), accept=True, reason="r", subject=subject)
    assert payloads.subject_of(laptop.seal(ruling)) == subject


GOOD: dict[str, SupervisionPayload] = {
    "query": QueryPayload(query="q" * 16, act=QueryAct.OPEN, target=of_subject(SUBJECT)),
    "flag": FlagPayload(flag=Flag.LOCKED, on=True, scope=whole_study()),
    "sign": SignPayload(
        subject=SUBJECT,
        meaning=Meaning.REVIEW,
        statement={"en": "I reviewed."},
        name="Investigator",
        role="Investigator",
        authentication=Authentication.FULL,
        forms=(SignedForm(key=KEY, digests={"S": "0" * 64}),),
    ),
    "adj": AdjudicationPayload(commit=CommitId("0" * 64), accept=True, reason="r"),
    "deleg": DelegationPayload(
        entry="d" * 16,
        act=DelegationAct.ADD,
        person=UserId("nurse.a"),
        role="ROLE.COORDINATOR",
        rights=("enter",),
        start=date(2026, 3, 1),
    ),
}


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("query", "qi", "short"),
        ("query", "ac", "shout"),
        ("query", "sc", ["study"]),
        ("query", "sc", ["moon"]),
        ("query", "sc", ["subject", "short"]),
        ("query", "ba", [1]),
        ("query", "ba", ["xyz"]),
        ("flag", "fl", "golden"),
        ("flag", "fl", "verified"),
        ("flag", "on", 2),
        ("flag", "sc", ["site", "1"]),
        ("flag", "fx", [["D" * 16, "e" * 6, 0]]),
        ("flag", "fx", [["D" * 16]]),
        ("sign", "me", "applause"),
        ("sign", "pd", "0"),
        ("sign", "tx", [["en"]]),
        ("sign", "fs", [["SE.V1"]]),
        ("sign", "fs", [["SE.V1", "", "F.VS", "", [["S", "0"]]]]),
        ("adj", "ac", "perhaps"),
        ("adj", "ci", "0"),
        ("deleg", "ac", "end"),
        ("deleg", "di", "short"),
        ("deleg", "fd", "yesterday"),
        ("deleg", "ri", [1]),
        ("deleg", "us", "Not A User"),
    ],
)
def test_another_shape_is_not_read(kind: str, name: str, value: Value) -> None:
    _, body = payloads.write(GOOD[kind])
    assert supervision.read(kind, body) == GOOD[kind]
    with pytest.raises((CommitUnreadableError, ValueError)):
        supervision.read(kind, body | {name: value})


def test_unknown_kind_is_not_read() -> None:
    with pytest.raises(CommitUnreadableError):
        supervision.read("praise", {})


def test_level_of_a_scope_is_its_first_word() -> None:
    scopes: list[Scope] = [whole_study(), of_site("001"), of_subject(SUBJECT), of_form(KEY)]
    assert [scope.to_list()[0] for scope in scopes] == [Level.STUDY, Level.SITE, Level.SUBJECT, Level.FORM]
