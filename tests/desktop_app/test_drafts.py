"""Which open draft of a form counts after a crash."""

from casebook.ids import SubjectId, UserId
from casebook.records import FormKey, ItemPath, Operation, Reading, SetItem, VisitKey
from desktop_app.drafts import DraftEntry, OpenDraft, Typed, group_entries, one_per_form

KEY = FormKey(subject=SubjectId("AAAAAAAAAAAAAAAA"), visit=VisitKey(visit="SE.V1"), form="F.VS")
HR = ItemPath(group="IG.VS.OTHER", item="HR")
SYSBP = ItemPath(group="IG.VS.BP1", item="SYSBP")
VALUE = SetItem(path=SYSBP, reading=Reading(value="150"))
UNREADABLE = Typed(path=HR, raw="about eighty")


def _draft(name: str, *what: Operation | Typed, author: str = "coordinator") -> OpenDraft:
    entries = [
        DraftEntry(
            draft=name, author=UserId(author), key=KEY, form_version="0", what=one, since_open_ms=0, entered_ms=0
        )
        for one in what
    ]
    (draft,) = group_entries(entries)
    return draft


def test_draft_that_was_about_to_follow_gives_way_to_the_one_that_was_not_sealed() -> None:
    whole, follower = _draft("one", VALUE, UNREADABLE), _draft("two", UNREADABLE)
    assert one_per_form([whole, follower]) == ((whole,), (follower,))


def test_follower_counts_once_the_first_is_sealed() -> None:
    follower = _draft("two", UNREADABLE)
    assert one_per_form([follower]) == ((follower,), ())


def test_two_drafts_that_differ_are_joined_and_lose_nothing() -> None:
    (joined,), superseded = one_per_form([_draft("one", VALUE), _draft("two", UNREADABLE)])
    assert superseded == ()
    assert joined.operations == (VALUE,)
    assert joined.typed == {HR: UNREADABLE}


def test_drafts_of_two_people_stand_side_by_side() -> None:
    drafts = (_draft("one", VALUE), _draft("two", VALUE, author="investigator"))
    assert one_per_form(drafts) == (drafts, ())
