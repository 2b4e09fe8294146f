"""Problem documents: how a refusal travels (RFC 9457, `application/problem+json`).

Each refusal of the protocol is one error class on both ends; the table gives its slug and status.
A laptop never repeats a request that met one of these in the same exchange.

Source: RFC 9457; docs/sync_protocol.md, section "Problems".
"""

import json
from dataclasses import dataclass

from casebook import errors
from casebook.errors import CasebookError

MEDIA_TYPE = "application/problem+json"
MAX_PROBLEM_BYTES = 64 * 1024
_URN = "urn:casebook:problem:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One kind of refusal: slug, HTTP status, and the error that it is on both ends."""

    slug: str
    status: int
    title: str
    error: type[CasebookError]
    fields: tuple[str, ...] = ()


PROBLEMS = (
    Problem(
        slug="frame-corrupt", status=422, title="A frame is damaged", error=errors.FrameCorruptError, fields=("why",)
    ),
    Problem(
        slug="sig-bad",
        status=422,
        title="A record does not verify",
        error=errors.SignatureBadError,
        fields=("device", "epoch", "sequence"),
    ),
    Problem(
        slug="chain-bad",
        status=422,
        title="A record does not continue its chain",
        error=errors.ChainBrokenError,
        fields=("device", "epoch", "sequence"),
    ),
    Problem(slug="device-unknown", status=403, title="The laptop is not enrolled", error=errors.DeviceUnknownError),
    Problem(slug="device-revoked", status=410, title="The laptop is withdrawn", error=errors.DeviceRevokedError),
    Problem(slug="not-permitted", status=403, title="Not for this person", error=errors.NotPermittedError),
    Problem(slug="study-mismatch", status=409, title="Another study", error=errors.StudyMismatchError),
    Problem(slug="enrol-code", status=401, title="The code is not accepted", error=errors.CodeRefusedError),
    Problem(
        slug="letters-exhausted",
        status=409,
        title="The site has no letter left",
        error=errors.LettersExhaustedError,
        fields=("site",),
    ),
    Problem(slug="proto-unsupported", status=426, title="No version in common", error=errors.ProtocolUnsupportedError),
    Problem(slug="too-large", status=413, title="Larger than is taken", error=errors.TooLargeError),
    Problem(slug="busy", status=503, title="Too much to do", error=errors.ServerBusyError),
)


def problem_of(error: CasebookError) -> Problem | None:
    """Return the problem that an error is on the wire, or None for one that is not of the protocol."""
    return next((one for one in PROBLEMS if type(error) is one.error), None)


def write_problem(error: CasebookError) -> tuple[int, bytes]:
    """Return status and document of a refusal. Raises the error itself when it is not of the protocol."""
    problem = problem_of(error)
    if problem is None:
        raise error
    document: dict[str, object] = {
        "type": _URN + problem.slug,
        "title": problem.title,
        "status": problem.status,
        "detail": error.sentence(),
    }
    document |= {name: error.fields[name] for name in problem.fields if name in error.fields}
    return problem.status, json.dumps(document, ensure_ascii=False).encode("utf-8")


def read_problem(status: int, body: bytes) -> CasebookError:
    """Return the error that an answer other than 200 means."""
    try:
        document = json.loads(body)
        slug = str(document["type"]).removeprefix(_URN)
        problem = next(one for one in PROBLEMS if one.slug == slug)
        return problem.error(**{name: document[name] for name in problem.fields})
    except (ValueError, KeyError, TypeError, StopIteration):
        return errors.ServerAnswerError(why=f"status {status}")
