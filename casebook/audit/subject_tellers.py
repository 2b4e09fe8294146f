"""Links between subjects that are one person, and new numbers, as acts of the audit trail.

Source: docs/record_format.md, sections "One person, two numbers" and "Audit"; 21 CFR 11.10(e).
"""

from collections.abc import Iterator

from casebook.audit.act import Act, Deed
from casebook.ledger import Header
from casebook.payloads import Payload
from casebook.subject_acts import LinkPayload, NumberPayload


def tell_link(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell what was said of two subjects, in the history of both."""
    if isinstance(payload, LinkPayload):
        name = f"link-{payload.act}"
        details = {"subject": str(payload.source), "under": str(payload.target)}
        for one in (payload.source, payload.target):
            yield Act(deed=Deed.EVENT, name=name, what=name, details=details, reason=payload.reason, subject=one)


def tell_number(_header: Header, payload: Payload) -> Iterator[Act]:
    """Tell that a subject got another number."""
    if isinstance(payload, NumberPayload):
        yield Act(
            deed=Deed.EVENT,
            name="renumbered",
            what="renumbered",
            details={"number": payload.number},
            reason=payload.reason,
            subject=payload.subject,
        )
