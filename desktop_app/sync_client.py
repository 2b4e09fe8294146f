"""The HTTP carrier between a laptop and the study's server.

Bytes go through here; what they mean is `casebook.sync`'s. TLS is verified against the study's own
authority and nothing else: no public authority, and no setting of the machine, can stand in for it.
Time-outs are for stalls (no byte either way), never for a whole exchange: a slow link may take hours. What
the system keeps to be sent is kept small for that: a large buffer on a slow link looks like a stall.

Source: docs/sync_protocol.md, section "Carrier"; RFC 8446; RFC 9110, 10.2.3.
"""

import itertools
import socket
import ssl
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx

from casebook import crypto
from casebook.crypto import SealingKey, SigningKey
from casebook.errors import (
    CasebookError,
    CodeMistypedError,
    ExchangeStoppedError,
    LinkStalledError,
    ServerAnswerError,
    ServerBusyError,
    ServerCertificateDateError,
    ServerNotTrustedError,
    ServerUnreachableError,
)
from casebook.ids import DeviceId
from casebook.sync import enrolment, problems
from casebook.sync.enrolment import CertifiedPerson, Enrolled, EnrolRequest, PersonRequest
from casebook.sync.frames import gathered

CONNECT_S = 60.0
"""Where three packets in ten are lost, a connection and its TLS handshake take half a minute and more."""
STALL_S = 60.0
SEND_BUFFER_BYTES = 32 * 1024
"""What the system holds of an upload, about twice that on Linux: ten seconds at 50 kbit/s, far from a stall."""
_BUSY = (429, 502, 503, 504)
"""What a proxy before the server says while the server cannot be had."""
_SMALL_BYTES = 8 * 1024
"""Up to this size a request goes as a whole."""
_NEEDLESS = ("Accept", "Accept-Encoding", "Connection", "User-Agent")
"""Headers of the HTTP library that nobody reads here; on a slow link each byte counts."""
_PATH = "/sync/v1"
_MAX_ANSWER_BYTES = 256 * 1024
_DATE_CODES = (9, 10)
"""X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED."""


class HttpPeer:
    """The study's server over HTTPS (a `casebook.sync.engine.SyncPeer`). One thread; keeps its connection."""

    def __init__(self, url: str, authority: bytes, *, stall_s: float = STALL_S) -> None:
        """Prepare to reach a server; nothing is sent yet.

        Args:
            url: `https://name:port`.
            authority: The study authority's certificate, DER.
            stall_s: After how long without a byte the link counts as gone.
        """
        self._url = clean_url(url)
        self._client = _client(self._url, _trusting(authority), stall_s)
        self._wire = _Wire()

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """See `SyncPeer.send`."""
        return self._stream("exchange", request)

    def send_chunks(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """See `casebook.sync.attachments.ChunkPeer.send_chunks`."""
        return self._stream("chunks", request)

    def _stream(self, name: str, request: Iterable[bytes]) -> Iterator[bytes]:
        with (
            self._wire.watched(),
            _refusals(self._url),
            self._client.stream(
                "POST",
                f"{_PATH}/{name}",
                content=_content(request),
                extensions={"trace": self._wire.note},
            ) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise _problem(response)
            yield from response.iter_raw()

    def post(self, name: str, body: bytes) -> bytes:
        """Send one small request and return the answer's body.

        Raises:
            CasebookError: The server's refusal, or why it cannot be reached or trusted.
        """
        with (
            self._wire.watched(),
            _refusals(self._url),
            self._client.stream(
                "POST", f"{_PATH}/{name}", content=body, extensions={"trace": self._wire.note}
            ) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise _problem(response)
            return _limited(response)

    def cut(self) -> None:
        """End at once what goes on, from any thread: who waits for the network gets ExchangeStoppedError."""
        self._wire.cut()

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
        self._wire.let_go()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


# -- enrolment ---------------------------------------------------------------------------------------


def fetch_authority(url: str) -> bytes:
    """Return the certificate (DER) that a server says is the study authority's.

    The connection is not verified, so nothing secret goes over it and what comes is believed only
    after its fingerprint was compared with the enrolment code.

    Raises:
        ServerUnreachableError: No connection.
        ServerAnswerError: The answer is no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    url = clean_url(url)
    with (
        _refusals(url),
        _client(url, context, CONNECT_S) as client,
        client.stream("GET", f"{_PATH}/authority") as response,
    ):
        if response.status_code != httpx.codes.OK:
            raise ServerAnswerError(why=f"status {response.status_code}")
        return _limited(response)


def enrol(
    url: str,
    code: str,
    *,
    device: DeviceId,
    signing: SigningKey,
    sealing: SealingKey,
    name: str,
    app_version: str,
) -> Enrolled:
    """Enrol this laptop. Safe to repeat with the same keys when the answer was lost.

    Args:
        code: The enrolment code as typed.
        device: Made on this laptop, as the two keys are; the keys' private parts stay here.
        name: What people call the laptop.

    Raises:
        CodeMistypedError: The code's check character does not fit.
        ServerNotTrustedError: The server's authority is not the one that the code names.
        CodeRefusedError, LettersExhaustedError: The server refuses.
        ServerUnreachableError: No connection.
    """
    read = enrolment.read_enrolment_code(code)
    authority = fetch_authority(url)
    _compare(url, read, authority)
    request = EnrolRequest(
        slot=read.secret.slot,
        device=device,
        signing=signing.public,
        sealing=sealing.public,
        name=name,
        app_version=app_version,
    )
    with HttpPeer(url, authority) as peer:
        answer = peer.post("enrol", enrolment.write_enrol_request(request, read.secret, signing))
    return enrolment.read_enrolled(answer, url=clean_url(url), authority=authority)


def _compare(url: str, code: enrolment.EnrolmentCode, authority: bytes) -> None:
    try:
        matches = code.matches(authority)
    except ValueError:
        raise ServerAnswerError(why="no certificate") from None
    if not matches:
        raise ServerNotTrustedError(url=url)


def certify_person(
    url: str,
    authority: bytes,
    code: str,
    *,
    device: DeviceId,
    device_signing: SigningKey,
    signing: bytes,
    paper: bytes,
    sealing: bytes = b"",
) -> CertifiedPerson:
    """Have a person's keys on this laptop certified. Safe to repeat with the same keys.

    Args:
        authority: The study authority's certificate, DER, as kept at enrolment.
        code: The personal code as typed.
        signing: The person's Ed25519 public key, 32 raw bytes.
        paper: The person's RSA public key for PDF signatures, SubjectPublicKeyInfo DER.
        sealing: The person's X25519 public key, 32 raw bytes: what colleagues seal keys to.

    Raises:
        CodeMistypedError: The code's check character does not fit.
        CodeRefusedError: The server refuses the code.
        DeviceUnknownError: The laptop is not enrolled, or was withdrawn.
        ServerUnreachableError, ServerNotTrustedError: See `HttpPeer`.
    """
    secret = enrolment.read_personal_code(code)
    request = PersonRequest(slot=secret.slot, device=device, signing=signing, paper=paper, sealing=sealing)
    with HttpPeer(url, authority) as peer:
        return enrolment.read_certified(
            peer.post("people", enrolment.write_person_request(request, secret, device_signing))
        )


# -- HTTP --------------------------------------------------------------------------------------------


def clean_url(url: str) -> str:
    """Return a typed server address as `https://name:port`. Raises CodeMistypedError for none or another scheme."""
    text = url.strip()
    text = text if "://" in text else f"https://{text}"
    try:
        parsed = httpx.URL(text)
    except httpx.InvalidURL:
        raise CodeMistypedError from None
    if parsed.scheme != "https" or not parsed.host:
        raise CodeMistypedError
    return text.rstrip("/").removesuffix(_PATH)


class _Wire:
    """The connection under a peer, so that another thread can end it while this one waits for the network."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._handle: socket.socket | None = None
        self._is_cut = False

    def note(self, event: str, told: Mapping[str, object]) -> None:
        """Take a handle of a new connection (httpcore's trace). A copy, since TLS takes the first one over."""
        if event != "connection.connect_tcp.complete":
            return
        about = getattr(told.get("return_value"), "get_extra_info", lambda _name: None)
        plain = about("socket")
        with self._guard:
            self._drop()
            self._handle = plain.dup() if isinstance(plain, socket.socket) else None
        if self._is_cut:
            self.cut()

    def cut(self) -> None:
        """Shut the connection, both ways, for every handle of it."""
        with self._guard:
            self._is_cut = True
            if self._handle is not None:
                with suppress(OSError):  # it was gone already
                    self._handle.shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Drop the handle."""
        with self._guard:
            self._drop()

    def _drop(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Say of what fails through a cut that it was stopped. Nothing new begins after one."""
        if self._is_cut:
            raise ExchangeStoppedError
        try:
            yield
        except CasebookError as error:
            if self._is_cut:
                raise ExchangeStoppedError from error
            raise


def _content(request: Iterable[bytes]) -> bytes | Iterator[bytes]:
    """Return a small request as a whole, which then says its length; a larger one goes as it is made."""
    parts = gathered(request, _SMALL_BYTES)
    first = next(parts, b"")
    second = next(parts, None)
    return first if second is None else itertools.chain((first, second), parts)


def _client(url: str, context: ssl.SSLContext, stall_s: float) -> httpx.Client:
    # Neither certificates nor proxies of the environment: the study's authority alone is trusted.
    client = httpx.Client(
        base_url=url,
        trust_env=False,
        timeout=httpx.Timeout(stall_s, connect=min(CONNECT_S, stall_s)),
        transport=httpx.HTTPTransport(
            verify=context,
            trust_env=False,
            socket_options=[(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)],
        ),
    )
    for name in _NEEDLESS:
        del client.headers[name]
    return client


def _trusting(authority: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=crypto.certificate_pem(authority).decode("ascii"))
    return context


def _problem(response: httpx.Response) -> CasebookError:
    """Return the refusal that an answer other than 200 is, with the time after which to come again."""
    error = problems.read_problem(response.status_code, _limited(response))
    busy = isinstance(error, ServerAnswerError) and response.status_code in _BUSY
    if busy or isinstance(error, ServerBusyError):
        return ServerBusyError(retry_s=retry_after_s(response.headers.get("Retry-After", ""), datetime.now(UTC)))
    return error


def retry_after_s(text: str, now: datetime) -> int:
    """Return the seconds of a Retry-After header (RFC 9110, 10.2.3: a number, or a date); 0 for none."""
    with suppress(ValueError):
        if text.strip().isdecimal():
            return int(text)
        at = parsedate_to_datetime(text)
        return max(0, round((at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()))
    return 0


def _limited(response: httpx.Response) -> bytes:
    body = bytearray()
    for data in response.iter_raw():
        body += data
        if len(body) > _MAX_ANSWER_BYTES:
            raise ServerAnswerError(why="longer than any answer")
    return bytes(body)


@contextmanager
def _refusals(url: str) -> Iterator[None]:
    """Say what stands between laptop and server in the words of `casebook.errors`."""
    try:
        yield
    except httpx.TransportError as error:
        raise _meaning(error, url) from error
    except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL) as error:
        raise ServerAnswerError(why=type(error).__name__) from error


def _meaning(error: BaseException, url: str) -> CasebookError:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            kind = ServerCertificateDateError if cause.verify_code in _DATE_CODES else ServerNotTrustedError
            return kind(url=url)
        cause = cause.__cause__ or cause.__context__
    return LinkStalledError() if isinstance(error, httpx.ReadTimeout | httpx.WriteTimeout) else ServerUnreachableError()
