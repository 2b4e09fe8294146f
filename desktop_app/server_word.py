"""The server's word, looked at anew at each sign-in: whose keys count here, and who keeps the way back in.

Everybody of a laptop can write to its record; so what decides about keys is believed only where it is signed by
the server that a person's own slot names.

Source: docs/store.md, sections "Custodians" and "Who gets the unblinding key"; docs/threat_model.md.
"""

import contextlib

from casebook import ledger, payloads
from casebook.errors import (
    CommitUnreadableError,
    CommitUntrustedError,
    SealedAwayError,
    TamperedStoreError,
    UnavailableError,
)
from casebook.ids import DeviceId, UserId
from casebook.ledger import SealedCommit
from casebook.payloads import InvitationPayload, ServerPayload
from casebook.store import CommitLog
from casebook.store.slots import KeySlots, Unlocked
from casebook.sync.trust import Directory
from desktop_app.laptop_facts import LaptopFacts
from desktop_app.person_keys import PersonKeys

_VERDICT = "verdict"
"""Says nothing about keys, and there may be thousands."""


def check_word(log: CommitLog, facts: LaptopFacts, keys: PersonKeys, file: str) -> None:
    """Check that the server is the one whom a person's slot names, and that it said what is said in its name.

    Args:
        log: The standard shelf's, in which who is who is stated.
        facts: What the laptop's record says of itself and of its server: to another one everything would be sent.
        file: The name of the record's file, for what is told.

    Raises:
        TamperedStoreError: Something else than Casebook wrote this; or a person's keys are of another study.
    """
    if facts.fingerprint != keys.server:
        raise TamperedStoreError(file=file, why="it names another server")
    server = facts.place.identity
    for _, commit in log.of_kind("srv"):
        if commit.parsed.device == server.device and not _is_said(commit, server.signing):
            raise TamperedStoreError(file=file, why="something is said there in the server's name")


def _is_said(commit: SealedCommit, public_key: bytes) -> bool:
    try:
        payload = payloads.read(commit)
    except (CommitUnreadableError, SealedAwayError):
        return True  # nothing is learnt from it
    if isinstance(payload, ServerPayload) and payload.statement == _VERDICT:
        return True
    try:
        ledger.verify(commit, public_key)
    except (CommitUnreadableError, CommitUntrustedError):
        return False
    return True


def keep_escrow(slots: KeySlots, unlocked: Unlocked, custodians: tuple[bytes, bytes] | None) -> bool:
    """Seal to the study's custodians what is not sealed to them yet; a disk that refuses is asked again next time.

    Args:
        custodians: Public keys (X25519) of the custodians of the data and of what is unblinding; None while the
            server has not named any.

    Returns:
        Whether something was sealed.
    """
    if custodians is None:
        return False
    data, unblinding = custodians
    key, before = unlocked.unblinding_key, slots.generation
    with contextlib.suppress(UnavailableError):
        if not slots.is_sealed_to(data):
            slots.set_escrow(unlocked.vault_key, data)
        if key is not None and not slots.is_sealed_to(unblinding, key):
            slots.set_unblinding_escrow(unlocked.vault_key, key, unblinding)
    return slots.generation != before


def known_keys(
    log: CommitLog, directory: Directory, device: DeviceId, inviters: frozenset[UserId]
) -> set[tuple[UserId, bytes]]:
    """Return whose public sealing keys (X25519) the study knows on this laptop.

    Args:
        log: The standard shelf's, with the invitations that the server may not have taken up yet.
        inviters: Who may let people in.
    """
    known = {
        (user, key.sealing)
        for user in directory.people_on(device)
        for key in directory.keys_of(user)
        if key.device == device and key.sealing
    }
    for _, commit in log.of_kind("inv"):
        header = commit.parsed
        key = directory.key(header)
        if key is None or header.author not in inviters or directory.is_refused(commit.id) or not _is_said(commit, key):
            continue
        payload = payloads.read(commit)
        if isinstance(payload, InvitationPayload) and payload.device == device:
            known.add((payload.user, payload.sealing))
    return known
