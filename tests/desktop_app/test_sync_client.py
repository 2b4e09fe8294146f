"""The carrier on links that hang: stalls are told from slowness, and a cut from another thread ends any wait."""

import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from casebook import crypto
from casebook.errors import (
    CasebookError,
    ExchangeStoppedError,
    LinkStalledError,
    ServerAnswerError,
    ServerBusyError,
    ServerCertificateDateError,
    ServerNotTrustedError,
    ServerUnreachableError,
)
from desktop_app.sync_client import HttpPeer, retry_after_s
from tests.desktop_app.hung_server import Manner, answering, beginning, serving, silent, slow

STALL_S = 1.0
"""Of tests about stalls; elsewhere the production one stands, and nothing may wait for it."""
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BROKEN_OFF = b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nok"


def refusal(peer: HttpPeer, request: list[bytes]) -> CasebookError:
    with pytest.raises(CasebookError) as caught:
        list(peer.send(request))
    return caught.value


# -- stalls ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("manner", [silent, beginning(BROKEN_OFF)], ids=["no answer", "half an answer"])
def test_link_of_which_nothing_comes_is_said_to_stand_still(manner: Manner) -> None:
    with serving(manner) as server, HttpPeer(server.url, server.authority, stall_s=STALL_S) as peer:
        assert isinstance(refusal(peer, [b"frames"]), LinkStalledError)


def test_slow_upload_is_no_stall() -> None:
    """Three times as long as a stall; what the system may hold back is gone within one."""
    manner = slow(250_000, OK)
    with (
        serving(manner, receive_buffer=16_384) as server,
        HttpPeer(server.url, server.authority, stall_s=STALL_S) as peer,
    ):
        assert b"".join(peer.send([os.urandom(40_000)] * 20)) == b"ok"


def test_server_that_is_not_there_cannot_be_reached() -> None:
    with serving(silent) as server:
        url, authority = server.url, server.authority
    with HttpPeer(url, authority) as peer:
        assert isinstance(refusal(peer, [b"frames"]), ServerUnreachableError)


# -- certificates ----------------------------------------------------------------------------------------------


def test_server_whose_certificate_expired_is_sent_nothing_and_says_so() -> None:
    with serving(silent, certified=timedelta(days=-1000)) as server, HttpPeer(server.url, server.authority) as peer:
        assert isinstance(refusal(peer, [b"frames"]), ServerCertificateDateError)
        assert not server.met.is_set()


def test_server_of_another_authority_is_sent_nothing() -> None:
    _, other = crypto.make_authority("RELOW1", at=datetime.now(UTC))
    with serving(silent) as server, HttpPeer(server.url, other) as peer:
        assert isinstance(refusal(peer, [b"frames"]), ServerNotTrustedError)
        assert not server.met.is_set()


# -- busy ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_proxy_that_cannot_have_the_server_means_that_it_is_busy(status: int) -> None:
    answer = b"HTTP/1.1 %d No\r\nRetry-After: 77\r\nContent-Length: 0\r\n\r\n" % status
    with serving(answering(answer)) as server, HttpPeer(server.url, server.authority) as peer:
        error = refusal(peer, [b"frames"])
    assert isinstance(error, ServerBusyError)
    assert error.retry_s == 77


def test_other_answers_of_a_proxy_are_not_understood() -> None:
    answer = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"
    with serving(answering(answer)) as server, HttpPeer(server.url, server.authority) as peer:
        assert isinstance(refusal(peer, [b"frames"]), ServerAnswerError)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("", 0),
        ("soon", 0),
        ("-3", 0),
        ("Sun, 01 Mar 2026 06:02:00 GMT", 120),
        ("Sun, 01 Mar 2026 05:00:00 GMT", 0),
        ("9" * 5_000, 0),
    ],
)
def test_retry_after_is_a_number_or_a_date(text: str, seconds: int) -> None:
    assert retry_after_s(text, datetime(2026, 3, 1, 6, tzinfo=UTC)) == seconds


# -- cutting ---------------------------------------------------------------------------------------------------


def endless() -> Iterator[bytes]:
    while True:
        yield os.urandom(16_384)


@pytest.mark.parametrize(
    ("manner", "request_of"),
    [
        (silent, lambda: iter([b"frames"])),
        (beginning(BROKEN_OFF), lambda: iter([b"frames"])),
        (slow(1, OK), endless),
        (None, lambda: iter([b"frames"])),
    ],
    ids=["waiting for an answer", "in the answer", "sending", "before TLS"],
)
def test_cut_from_another_thread_ends_the_wait(
    manner: Manner | None, request_of: Callable[[], Iterator[bytes]]
) -> None:
    caught: list[CasebookError] = []
    with serving(manner, receive_buffer=16_384) as server, HttpPeer(server.url, server.authority) as peer:

        def send() -> None:
            try:
                list(peer.send(request_of()))
            except CasebookError as error:
                caught.append(error)

        sender = threading.Thread(target=send)
        sender.start()
        assert server.met.wait(10)
        peer.cut()
        sender.join(10)
        assert not sender.is_alive()
    assert [type(error) for error in caught] == [ExchangeStoppedError]


def test_nothing_begins_after_a_cut() -> None:
    with serving(answering(OK)) as server, HttpPeer(server.url, server.authority) as peer:
        peer.cut()
        assert isinstance(refusal(peer, [b"frames"]), ExchangeStoppedError)
        assert not server.met.is_set()
