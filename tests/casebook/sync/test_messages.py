import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook import errors
from casebook.crypto import SigningKey
from casebook.errors import (
    CasebookError,
    FrameCorruptError,
    ProtocolUnsupportedError,
    ServerAnswerError,
    ServerWordUntrustedError,
)
from casebook.ids import CommitId, DeviceId, Epoch
from casebook.ledger import ChainHead
from casebook.sync import messages, problems
from casebook.sync.messages import End, HeldChain, Hello, Open, Receipt

_KEY = SigningKey(bytes(range(32)))
_HEAD = ChainHead(device=DeviceId("A" * 16), epoch=Epoch("B" * 6), sequence=7, id=CommitId("0f" * 32))
_OPEN = Open(
    study="RELOW1",
    device=DeviceId("A" * 16),
    app_version="0.1.0",
    nonce="00",
    chains=(HeldChain(head=_HEAD, receipted=3),),
)
_HELLO = Hello(study="RELOW1", nonce="00", now_ms=1, knows_device=True, heads=(_HEAD,), waiting=2)
_RECEIPT = Receipt(study="RELOW1", serial=9, head=_HEAD, at_ms=1)


def test_messages_come_back() -> None:
    assert messages.read_open(messages.write_open(_OPEN, _KEY)) == _OPEN
    assert messages.read_hello(messages.write_hello(_HELLO, _KEY), _KEY.public, "00") == _HELLO
    assert messages.read_receipt(messages.write_receipt(_RECEIPT, _KEY), _KEY.public) == _RECEIPT
    assert messages.read_end(messages.write_end(End(commits=3))) == End(commits=3)


def test_greeting_for_another_question_is_not_believed() -> None:
    with pytest.raises(ServerWordUntrustedError):
        messages.read_hello(messages.write_hello(_HELLO, _KEY), _KEY.public, "01")


def test_signature_of_one_message_does_not_hold_for_another() -> None:
    body = messages.write_receipt(_RECEIPT, _KEY)
    assert messages.signature_holds(_KEY.public, messages.RECEIPT_DOMAIN, body)
    assert not messages.signature_holds(_KEY.public, messages.HELLO_DOMAIN, body)


@given(place=st.integers(0, 1000), bit=st.integers(0, 7))
def test_any_flipped_bit_of_a_receipt_is_noticed(place: int, bit: int) -> None:
    body = bytearray(messages.write_receipt(_RECEIPT, _KEY))
    body[place % len(body)] ^= 1 << bit
    with pytest.raises(ServerWordUntrustedError):
        messages.read_receipt(bytes(body), _KEY.public)


@given(content=st.binary(max_size=100))
def test_arbitrary_bytes_are_no_opening(content: bytes) -> None:
    with pytest.raises((FrameCorruptError, ProtocolUnsupportedError)):
        messages.read_open(bytes(64) + content)


def test_opening_of_a_newer_protocol_alone_is_told() -> None:
    newer = Open(
        study=_OPEN.study,
        device=_OPEN.device,
        app_version="9",
        nonce="00",
        chains=(),
        protocol=(2, 3),
    )
    with pytest.raises(ProtocolUnsupportedError):
        messages.read_open(messages.write_open(newer, _KEY))


def test_spoken_check_depends_on_every_head_and_not_on_their_order() -> None:
    other = ChainHead(device=_HEAD.device, epoch=Epoch("C" * 6), sequence=1, id=CommitId("1f" * 32))
    assert messages.spoken_check([_HEAD, other]) == messages.spoken_check([other, _HEAD])
    assert messages.spoken_check([_HEAD]) != messages.spoken_check([_HEAD, other])


# -- problem documents ---------------------------------------------------------------------------------------------

_ERRORS = [one.error(**dict.fromkeys(one.fields, "x")) for one in problems.PROBLEMS if "sequence" not in one.fields] + [
    errors.SignatureBadError(device="A" * 16, epoch="B" * 6, sequence=7),
    errors.ChainBrokenError(device="A" * 16, epoch="B" * 6, sequence=7),
]


@pytest.mark.parametrize("error", _ERRORS, ids=lambda error: error.code)
def test_refusal_comes_back_as_the_same_error(error: CasebookError) -> None:
    status, body = problems.write_problem(error)

    document = json.loads(body)
    read = problems.read_problem(status, body)

    assert document["status"] == status
    assert document["type"].startswith("urn:casebook:problem:")
    assert {"title", "detail"} <= document.keys()
    assert type(read) is type(error)
    assert read.fields == error.fields


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b"[]", b'{"type":"urn:casebook:problem:new"}', b"\xff"])
def test_answer_of_something_else_is_told_with_its_status(body: bytes) -> None:
    error = problems.read_problem(502, body)
    assert isinstance(error, ServerAnswerError)
    assert "502" in error.sentence()


def test_error_outside_the_protocol_is_no_problem_document() -> None:
    with pytest.raises(ServerWordUntrustedError):
        problems.write_problem(ServerWordUntrustedError(why="receipt"))
