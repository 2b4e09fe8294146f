"""Signatures: bound to the content by its digest, and what becomes of them when the content changes.

A form's content lies in compartments, and not everybody opens all of them. So there is a digest for each, and a
reader compares those that they open. The signer signs no digest of what the signature's own place may not tell:
a signature that lies on the standard shelf covers the standard content of its forms and their names.

Source: docs/record_format.md, section "Scopes, frontiers, what is held"; 21 CFR 11.70.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from casebook import operations
from casebook.canonical import Value, encode
from casebook.errors import SealedAwayError
from casebook.ids import UserId
from casebook.ledger import IDENTITY, STANDARD, UNBLINDING, UNBLINDING_IDENTITY
from casebook.oversight.acts import Said
from casebook.projection import FormState
from casebook.records import Calculated, Document, Fired, FormKey, Mark, SetItem, Sitting
from casebook.supervision import Meaning, SignPayload

_SEALED = frozenset({IDENTITY, UNBLINDING_IDENTITY})
_NO_CONTENT = SetItem | Sitting | Calculated | Mark | Fired | Document
"""Operations that are told by the items' heads, or are no content: what is worked out, and flags."""


def readable(*, opens_unblinding: bool, opens_identity: bool) -> tuple[str, ...]:
    """Return the compartments that a session opens."""
    shelves = (STANDARD, UNBLINDING) if opens_unblinding else (STANDARD,)
    sealed = {STANDARD: IDENTITY, UNBLINDING: UNBLINDING_IDENTITY}
    return tuple(one for shelf in shelves for one in ((shelf, sealed[shelf]) if opens_identity else (shelf,)))


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


class SignState(StrEnum):
    """How a form stands towards its signatures."""

    NONE = "none"
    SIGNED = "signed"
    CHANGED = "changed"
    """It was signed, and its content is another since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormSignature:
    """A signature on one form. `is_current`: it stands for the content as it is now."""

    said: Said[SignPayload]
    digests: Mapping[str, str]
    is_current: bool

    @property
    def user(self) -> UserId:
        """Who signed."""
        return self.said.author

    @property
    def meaning(self) -> Meaning:
        """What it means."""
        return self.said.payload.meaning

    @property
    def printed_digest(self) -> str:
        """One digest over those of all compartments, for paper: 64 hex digits."""
        return printed_digest(self.digests)


def printed_digest(digests: Mapping[str, str]) -> str:
    """Return one digest over those of several compartments, 64 hex digits."""
    pairs: list[Value] = [[name, digests[name]] for name in sorted(digests)]
    return hashlib.sha256(encode(pairs)).hexdigest()


def signatures_of(
    key: FormKey, signed: Iterable[Said[SignPayload]], standing: Mapping[str, str]
) -> tuple[FormSignature, ...]:
    """Return the signatures on a form, oldest first by the signers' clocks.

    Args:
        standing: The digests of the content as it is now, of the compartments that the reader opens.
    """
    found = [
        FormSignature(said=one, digests=form.digests, is_current=_equal(form.digests, standing))
        for one in signed
        for form in one.payload.forms
        if form.key == key
    ]
    return tuple(sorted(found, key=lambda one: (one.said.moment.utc_ms, one.said.commit)))


def _equal(signed: Mapping[str, str], standing: Mapping[str, str]) -> bool:
    both = signed.keys() & standing.keys()
    return bool(both) and all(signed[name] == standing[name] for name in both)


def state_of(signatures: Iterable[FormSignature]) -> SignState:
    """Return how a form stands: signed while any signature on it is current."""
    found = list(signatures)
    if not found:
        return SignState.NONE
    return SignState.SIGNED if any(one.is_current for one in found) else SignState.CHANGED


def to_sign_again(signatures: Iterable[FormSignature]) -> tuple[tuple[UserId, Meaning], ...]:
    """Return who signed with which meaning and has to sign again, since no signature of that meaning is current."""
    found = list(signatures)
    current = {one.meaning for one in found if one.is_current}
    again = [(one.user, one.meaning) for one in found if one.meaning not in current]
    return tuple(dict.fromkeys(again))
