"""What a change makes of the key file: pure functions from one version to the next.

Nothing here is written or asked; see `casebook.store.slots`.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace

from casebook.crypto import KdfParameters, KdfPolicy
from casebook.ids import UserId
from casebook.store import slot_seals
from casebook.store.slot_file import RECOVERY, UNBLINDING_ESCROW, Sidecar, Slot
from casebook.store.slot_seals import UNBLINDING, VAULT


def check_unblinding(sidecar: Sidecar, key: bytes) -> None:
    """Raise ValueError where `key` is not the unblinding key that slots here hold."""
    if not any(slot_seals.holds_unblinding(slot, sidecar.vault, key) for slot in sidecar.slots):
        message = "this is not the vault's unblinding key"
        raise ValueError(message)


def granted(sidecar: Sidecar, slot: Slot, vault_key: bytes, unblinding_key: bytes | None) -> Slot:
    """Return a new slot with its keys sealed to it.

    Raises:
        ValueError: That is not this vault's unblinding key.
    """
    slot = slot_seals.with_vault_grant(slot, sidecar.vault, vault_key)
    if unblinding_key is None:
        return slot
    check_unblinding(sidecar, unblinding_key)
    return slot_seals.with_unblinding_grant(slot, sidecar.vault, unblinding_key)


def cost_in_use(sidecar: Sidecar, policy: KdfPolicy) -> KdfParameters:
    """Return the highest cost of a slot here: it was measured on this laptop. The policy's own where there is none."""
    used = [slot.cost for slot in sidecar.slots if slot.cost is not None and policy.admits(slot.cost)]
    return max(used, key=lambda cost: cost.memory_kib * cost.passes, default=policy.chosen)


def replaced(sidecar: Sidecar, existing: Slot, slot: Slot) -> Sidecar:
    """Return the file with a person's new slot in the place of the one they had."""
    slots = tuple(slot if other.id == existing.id else other for other in sidecar.slots)
    lost = bool(existing.unblinding_grant) and not slot.unblinding_grant
    return replace(sidecar, slots=slots, unblinding_due=sidecar.unblinding_due or lost)


def without(sidecar: Sidecar, people: Collection[UserId], sheets: Collection[str] | None) -> Sidecar:
    """Return the file without some people and sheets (None: without any sheet)."""
    gone = tuple(
        slot
        for slot in sidecar.slots
        if (slot.person is not None and slot.person.user in people)
        or (slot.kind == RECOVERY and (sheets is None or slot.id in sheets))
    )
    due = sidecar.unblinding_due or any(slot.unblinding_grant for slot in gone)
    kept = tuple(slot for slot in sidecar.slots if slot not in gone)
    return replace(sidecar, slots=kept, unblinding_due=due)


def without_strangers(
    sidecar: Sidecar, certified: Mapping[UserId, bytes] | None, custodians: Collection[bytes] | None
) -> Sidecar:
    """Return the file without slots whose public key is not the one that the study certified.

    Args:
        certified: Each person's public sealing key; None to believe the file.
        custodians: The custodians' public keys; None to believe the file.
    """

    def stays(slot: Slot) -> bool:
        if slot.person is not None:
            return certified is None or certified.get(slot.person.user) == slot.sealing
        return slot.kind == RECOVERY or custodians is None or slot.sealing in custodians

    gone = tuple(slot for slot in sidecar.slots if not stays(slot))
    due = sidecar.unblinding_due or any(slot.unblinding_grant for slot in gone)
    return replace(sidecar, slots=tuple(slot for slot in sidecar.slots if stays(slot)), unblinding_due=due)


def only(sidecar: Sidecar, slot: Slot) -> Sidecar:
    """Return the file with a slot as the only one of its kind."""
    return replace(sidecar, slots=(*(other for other in sidecar.slots if other.kind != slot.kind), slot))


def with_fresh_sheet(sidecar: Sidecar, slot: Slot) -> Sidecar:
    """Return the file with a new sheet; one that was begun before and never typed back goes."""
    kept = tuple(other for other in sidecar.slots if other.kind != RECOVERY or other.tested)
    return replace(sidecar, slots=(*kept, slot))


def with_tested_sheet(sidecar: Sidecar, sheet: str) -> Sidecar:
    """Return the file in which a sheet counts and replaces the older ones, except those that open more than it."""
    tested = replace(next(slot for slot in sidecar.slots if slot.id == sheet), tested=True)

    def stays(slot: Slot) -> bool:
        opens_more = bool(slot.unblinding_grant) and not tested.unblinding_grant
        return slot.kind != RECOVERY or slot.id == tested.id or (slot.tested and opens_more)

    return replace(sidecar, slots=tuple(slot for slot in sidecar.slots if stays(slot))).having(tested)


def with_vault_key(sidecar: Sidecar, old: bytes, new: bytes) -> Sidecar:
    """Return the file in which a new vault key is sealed to every slot, and the old one to the new."""
    link = slot_seals.make_link(new, old, VAULT, sidecar.vault, len(sidecar.vault_links) + 1)
    slots = tuple(
        slot if slot.kind == UNBLINDING_ESCROW else slot_seals.with_vault_grant(slot, sidecar.vault, new)
        for slot in sidecar.slots
    )
    return replace(sidecar, slots=slots, vault_links=(link, *sidecar.vault_links))


def with_unblinding_key(sidecar: Sidecar, old: bytes, new: bytes) -> Sidecar:
    """Return the file in which a new unblinding key is sealed to the slots that provably held the old one."""
    link = slot_seals.make_link(new, old, UNBLINDING, sidecar.vault, len(sidecar.unblinding_links) + 1)
    slots = tuple(
        slot_seals.with_unblinding_grant(slot, sidecar.vault, new)
        if slot_seals.holds_unblinding(slot, sidecar.vault, old)
        else slot
        for slot in sidecar.slots
    )
    links = (link, *sidecar.unblinding_links)
    return replace(sidecar, slots=slots, unblinding_links=links, unblinding_due=False)
