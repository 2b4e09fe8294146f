"""The HTTP carrier between a laptop and the study's server.

Bytes go through here; what they mean is `casebook.sync`'s. TLS is verified against the study's own
authority and nothing else: no public authority, and no setting of the machine, can stand in for it.
Time-outs are for stalls (no byte either way), never for a whole exchange: a slow link may take hours.

Source: docs/sync_protocol.md, section "Carrier"; RFC 8446.
"""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import httpx

from casebook import crypto
from casebook.crypto import SealingKey, SigningKey
from casebook.errors import (
    CasebookError,
    CodeMistypedError,
    ServerAnswerError,
    ServerCertificateDateError,
    ServerNotTrustedError,
    ServerUnreachableError,
)
from casebook.ids import DeviceId
from casebook.sync import enrolment, problems
from casebook.sync.enrolment import CertifiedPerson, Enrolled, EnrolRequest, PersonRequest
from casebook.sync.frames import gathered

CONNECT_S = 20.0
STALL_S = 60.0
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

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """See `SyncPeer.send`."""
        with (
            _refusals(self._url),
            self._client.stream(
                "POST",
                f"{_PATH}/exchange",
                content=gathered(request),
                headers={"Content-Type": "application/crf-frames"},
            ) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise problems.read_problem(response.status_code, _limited(response))
            yield from response.iter_raw()

    def post(self, name: str, body: bytes) -> bytes:
        """Send one small request and return the answer's body.

        Raises:
            CasebookError: The server's refusal, or why it cannot be reached or trusted.
        """
        with (
            _refusals(self._url),
            self._client.stream("POST", f"{_PATH}/{name}", content=body) as response,
        ):
            answer = _limited(response)
            if response.status_code != httpx.codes.OK:
                raise problems.read_problem(response.status_code, answer)
            return answer

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

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


def _client(url: str, context: ssl.SSLContext, stall_s: float) -> httpx.Client:
    # Neither certificates nor proxies of the environment: the study's authority alone is trusted.
    return httpx.Client(
        base_url=url, verify=context, trust_env=False, timeout=httpx.Timeout(stall_s, connect=min(CONNECT_S, stall_s))
    )


def _trusting(authority: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=crypto.certificate_pem(authority).decode("ascii"))
    return context


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
    return ServerUnreachableError()
