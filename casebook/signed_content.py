"""What a signature covers: the content of a form, told by a digest for each compartment.

A form's content lies in compartments, and not everybody opens all of them. So there is a digest for each. The
content that somebody signed is worked out again from the commits that lie inside the signature's frontier; what
gives the same digest is covered.

Source: docs/record_format.md, section "Scopes, frontiers, what is held"; 21 CFR 11.70.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import replace

from casebook import operations
from casebook.canonical import Value, encode
from casebook.errors import SealedAwayError
from casebook.form_state import FormState
from casebook.heads import worked_out
from casebook.ids import CommitId
from casebook.ledger import IDENTITY, UNBLINDING_IDENTITY
from casebook.records import Calculated, Document, Fired, Mark, SetItem, Sitting
from casebook.supervision import SignPayload, is_inside

_SEALED = frozenset({IDENTITY, UNBLINDING_IDENTITY})
_NO_CONTENT = SetItem | Sitting | Calculated | Mark | Fired | Document
"""Operations that are told by the items' heads, or are no content: what is worked out, and flags."""


def content_digests(state: FormState, compartments: Iterable[str], identity_key: bytes | None = None) -> dict[str, str]:
    """Return the digest of a form's content in each compartment, 64 hex digits.

    Args:
        identity_key: The site's identity key (32 bytes); it keys the digests of what is sealed to the site, so
            that they tell nothing to whoever lacks it.

    Raises:
        SealedAwayError: A sealed compartment without that key.
    """
    found = {}
    for compartment in compartments:
        content = encode(_content(state, compartment))
        if compartment not in _SEALED:
            found[compartment] = hashlib.sha256(content).hexdigest()
        elif identity_key is None:
            raise SealedAwayError
        else:
            found[compartment] = hmac.new(identity_key, content, hashlib.sha256).hexdigest()
    return found


def _content(state: FormState, compartment: str) -> list[Value]:
    """Return what was entered in one compartment: each item's heads, and rows, confirmations and words beside."""
    here = {one.commit: one for one in state.contributions if one.compartment == compartment}
    items: list[Value] = []
    for path, item in sorted(state.items.items(), key=lambda one: (one[0].group, one[0].row, one[0].item)):
        heads: list[Value] = [
            [head.ref, head.reading.value, str(head.reading.missing) if head.reading.missing else None]
            for head in sorted(item.heads, key=lambda head: head.ref)
            if head.commit in here
        ]
        if heads:
            items.append([path.group, path.row, path.item, heads])
    said = {
        encode(operations.to_list(operation)): operations.to_list(operation)
        for one in here.values()
        for operation in one.payload.operations
        if not isinstance(operation, _NO_CONTENT)
    }
    others: list[Value] = [said[spelt] for spelt in sorted(said)]
    return [items, others]


def covered_by(
    state: FormState, signatures: Iterable[SignPayload], identity_key: bytes | None = None
) -> frozenset[CommitId]:
    """Return the entries of a form that signatures cover: seen by the signer, and part of the content signed.

    Args:
        signatures: Those that have effect, of any forms.
        identity_key: Needed where entries that are sealed to the site are among those that can be read.
    """
    found: set[CommitId] = set()
    for signature in signatures:
        for form in signature.forms:
            if form.key == state.key:
                inside = tuple(one for one in state.contributions if is_inside(one.mark, signature.frontier))
                signed = worked_out(replace(state, contributions=inside))
                there = {one.compartment for one in inside if one.compartment in form.digests}
                readable = [one for one in there if one not in _SEALED or identity_key is not None]
                now = content_digests(signed, readable, identity_key)
                same = {name for name in readable if hmac.compare_digest(now[name], form.digests[name])}
                found |= {one.commit for one in inside if one.compartment in same}
    return frozenset(found)
