"""Signatures: what they cover, when they stand, and what stands in their way."""

from dataclasses import replace

import pytest

from casebook.canonical import Value
from casebook.checks import Finding
from casebook.design import Severity, Text
from casebook.errors import (
    NothingToSignError,
    RightMissingError,
    SealedAwayError,
    SignatureObstaclesError,
)
from casebook.ids import SubjectId
from casebook.ledger import IDENTITY, UNBLINDING, SealedCommit
from casebook.oversight import (
    SignState,
    content_digests,
    printed_digest,
    readable,
)
from casebook.oversight.decisions import (
    STATEMENTS,
    ObstacleKind,
    ToSign,
    obstacles,
    sign,
)
from casebook.projection import FormState
from casebook.records import (
    AddRow,
    Confirmation,
    Fired,
    ItemPath,
    Mark,
    MissingCode,
    Reading,
    SetItem,
    StrikeRow,
)
from casebook.supervision import (
    Authentication,
    Meaning,
    SignedForm,
    SignPayload,
)

from .overseen import PLAIN, TODAY, Ward, in_conflict
from .people import rights


def _signed(ward: Ward, user: str = "investigator", meaning: Meaning = Meaning.AUTHORSHIP) -> SealedCommit:
    payload = sign(
        rights(user),
        [ToSign(state=ward.state)],
        meaning=meaning,
        authentication=Authentication.FULL,
        compartments=PLAIN,
        identity_key=None,
        frontier=ward.oversight.frontier,
        on=TODAY,
    )
    return ward.says(user, payload)


def _stands(ward: Ward) -> SignState:
    return ward.flags.signed


def _completed() -> Ward:
    ward = Ward()
    ward.enters("coordinator", "140 mmHg")
    ward.saves("coordinator", Mark(flag="complete", on=True))
    return ward


def test_signature_stands_until_the_content_changes_and_is_kept_after() -> None:
    ward = _completed()
    assert _stands(ward) is SignState.NONE
    commit = _signed(ward)
    assert _stands(ward) is SignState.SIGNED
    (signature,) = ward.flags.signatures
    assert (signature.user, signature.meaning, signature.is_current) == ("investigator", Meaning.AUTHORSHIP, True)
    assert signature.printed_digest == printed_digest(content_digests(ward.state, PLAIN))
    payload = signature.said.payload
    assert (payload.name, payload.statement) == ("Investigator", dict(STATEMENTS[Meaning.AUTHORSHIP].by_language))
    assert "研究者" in payload.role
    ward.enters("coordinator", "150 mmHg")
    flags = ward.flags
    assert (flags.signed, flags.changed_since_signed) == (SignState.CHANGED, True)
    assert flags.sign_again == (("investigator", Meaning.AUTHORSHIP),)
    assert flags.signatures[0].said.commit == commit.id
    _signed(ward)
    assert _stands(ward) is SignState.SIGNED
    assert ward.flags.sign_again == ()
    assert [one.is_current for one in ward.flags.signatures] == [False, True]


def test_traces_and_flags_are_no_content_but_rows_and_confirmations_are() -> None:
    ward = _completed()
    _signed(ward)
    path = ItemPath(group="IG.VS.MAIN", item="SYSBP")
    ward.saves("coordinator", Fired(check="EC1", path=path, fires=True))
    ward.saves("coordinator", Mark(flag="complete", on=False, bases=ward.state.complete_bases))
    assert _stands(ward) is SignState.SIGNED
    for operation in (
        Confirmation(check="EC1", path=path, value="140 mmHg", reason="so"),
        AddRow(group="IG.VS.ROWS", row="r1"),
        StrikeRow(group="IG.VS.ROWS", row="r1", reason="no"),
    ):
        ward.saves("coordinator", Mark(flag="complete", on=True, bases=ward.state.complete_bases))
        _signed(ward)
        ward.saves("coordinator", operation)
        assert _stands(ward) is SignState.CHANGED


def test_another_meaning_does_not_stand_in_for_one_that_changed() -> None:
    ward = _completed()
    _signed(ward)
    ward.enters("coordinator", "150 mmHg")
    _signed(ward, "principal", Meaning.APPROVAL)
    assert _stands(ward) is SignState.SIGNED
    assert ward.flags.sign_again == (("investigator", Meaning.AUTHORSHIP),)


def test_signature_covers_what_its_reader_opens() -> None:
    ward = _completed()
    _signed(ward)
    ward.enters("coordinator", "secret", "NAME", compartment=IDENTITY)
    ward.enters("coordinator", "arm", "ARM", compartment=UNBLINDING)
    everything = readable(opens_unblinding=True, opens_identity=True)
    assert everything == ("S", "I", "U", "UI")
    assert readable(opens_unblinding=False, opens_identity=False) == ("S",)
    assert _stands(ward) is SignState.SIGNED
    whole = ward.oversight.of_form(ward.state, None, site="001", compartments=everything, identity_key=b"k" * 32)
    assert whole.signed is SignState.SIGNED
    digests = content_digests(ward.state, everything, b"k" * 32)
    signed = SignPayload(
        subject=ward.subject,
        meaning=Meaning.REVIEW,
        statement={},
        name="n",
        role="r",
        authentication=Authentication.NEXT,
        forms=(SignedForm(key=ward.key, digests=digests),),
    )
    ward.says("investigator", signed, UNBLINDING)
    ward.enters("coordinator", "other arm", "ARM", compartment=UNBLINDING)
    unblinded = ward.oversight.of_form(ward.state, None, site="001", compartments=("S", "U")).signatures
    assert [one.is_current for one in unblinded] == [True, False]
    names_alone = ward.oversight.of_form(
        ward.state, None, site="001", compartments=("S", "I"), identity_key=b"k" * 32
    ).signatures
    assert [one.is_current for one in names_alone] == [True, True]


def test_digest_of_names_tells_nothing_without_their_key() -> None:
    ward = _completed()
    ward.enters("coordinator", "secret", "NAME", compartment=IDENTITY)
    with pytest.raises(SealedAwayError):
        content_digests(ward.state, ("I",))
    one, two = (content_digests(ward.state, ("I",), key) for key in (b"k" * 32, b"l" * 32))
    assert one != two


def test_what_stands_in_the_way_of_signing_is_listed() -> None:
    ward = in_conflict()
    path = ItemPath(group="IG.VS.MAIN", item="SYSBP")
    hard = Finding(
        check="EC1", path=path, severity=Severity.HARD, message=Text({"en": "High", "zh": "高"}), confirmable=True
    )
    waiting = ToSign(
        state=ward.state, findings=(hard, replace(hard, severity=Severity.SOFT), replace(hard, confirmed="so"))
    )
    found = obstacles(rights("investigator"), Meaning.AUTHORSHIP, [waiting], on=TODAY)
    assert [one.kind for one in found] == [ObstacleKind.INCOMPLETE, ObstacleKind.CONFLICT, ObstacleKind.FINDING]
    assert [one.path for one in found] == [None, path, path]
    (refused,) = obstacles(rights("investigator"), Meaning.APPROVAL, [waiting], on=TODAY)
    assert refused.kind is ObstacleKind.NOT_ALLOWED
    assert refused.words("zh").endswith("。")

    def attempt(user: str, *forms: ToSign) -> SignPayload:
        return sign(
            rights(user),
            forms,
            meaning=Meaning.AUTHORSHIP,
            authentication=Authentication.FULL,
            compartments=PLAIN,
            identity_key=None,
            frontier=(),
            on=TODAY,
        )

    with pytest.raises(SignatureObstaclesError, match="3"):
        attempt("investigator", waiting)
    with pytest.raises(RightMissingError):
        attempt("coordinator", waiting)
    with pytest.raises(NothingToSignError):
        attempt("investigator")
    other = ToSign(state=FormState(key=replace(ward.key, subject=SubjectId("B" * 16)), complete=True))
    with pytest.raises(NothingToSignError):
        attempt("investigator", waiting, other)


def test_missing_codes_are_content() -> None:
    ward = _completed()
    before = content_digests(ward.state, PLAIN)
    path = ItemPath(group="IG.VS.MAIN", item="HR")
    ward.saves("coordinator", SetItem(path=path, reading=Reading(missing=MissingCode.NOT_DONE)))
    assert content_digests(ward.state, PLAIN) != before


def test_digest_names_the_value_that_was_signed() -> None:
    ward = Ward()
    digests: set[Value] = set()
    for value in ("1 mmHg", "2 mmHg", None):
        ward.enters("coordinator", value)
        digests |= set(content_digests(ward.state, PLAIN).values())
    assert len(digests) == 3
