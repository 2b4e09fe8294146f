"""What works beside a session on the sync thread: its own ways to the shelves, and the bundles.

Source: docs/architecture.md, "One path of data".
"""

from collections.abc import Callable, Iterable
from dataclasses import replace

from casebook.clock import Clock
from casebook.ledger import STANDARD, UNBLINDING
from casebook.store.commit_log import SqlcipherLog
from casebook.store.slots import KeySlots, Unlocked, database_key
from casebook.store.vault_files import VaultFolder
from casebook.sync import engine
from desktop_app.bundling import Bundling
from desktop_app.laptop_facts import LaptopFacts, laptop_of
from desktop_app.record import Record
from desktop_app.shelf import Shelf
from desktop_app.synchroniser import ShelfDoor


def shelf_doors(
    folder: VaultFolder, unlocked: Unlocked, slots: KeySlots, shelves: Iterable[Shelf], clock: Clock
) -> tuple[ShelfDoor, ...]:
    """Return connections to the shelves that a session opened, to be opened again by another thread."""
    opening = {STANDARD: (folder, unlocked.vault_key, slots.database_salt)}
    if unlocked.unblinding_key is not None:
        opening[UNBLINDING] = (folder.unblinding, unlocked.unblinding_key, slots.unblinding_salt)
    return tuple(_door(shelf, *opening[shelf.name], clock) for shelf in shelves)


def _door(shelf: Shelf, folder: VaultFolder, key: bytes, salt: bytes, clock: Clock) -> ShelfDoor:
    def note_older_copy() -> None:
        shelf.must_begin_epoch = True

    return ShelfDoor(
        name=shelf.name,
        open_log=lambda: SqlcipherLog.open(
            folder.database, database_key(key), salt, clock=clock, reserve=folder.ballast
        ),
        on_older_copy=note_older_copy,
        chunks=shelf.chunks,
    )


def make_bundling(
    folder: VaultFolder,
    facts: LaptopFacts,
    unlocked: Unlocked,
    slots: KeySlots,
    record: Record,
    *,
    on_withdrawn: Callable[[], None],
    training: bool = False,
) -> Bundling:
    """Return what writes and reads bundles for the session of `record`."""
    seat = record.seat
    person = engine.PersonSigner(user=unlocked.person.user, signing=seat.signer)
    return Bundling(
        doors=shelf_doors(folder, unlocked, slots, record.shelves, seat.clock),
        laptop=replace(laptop_of(facts), person=person),
        site=facts.place.site,
        letter=facts.place.letter,
        server=facts.place.identity,
        sealing=facts.sealing,
        person_sealing=unlocked.sealing,
        random_bytes=seat.random_bytes,
        identity_key=lambda: record.seat.identity_key,
        sidecar=folder.sidecar_bytes,
        clock=seat.clock,
        on_withdrawn=on_withdrawn,
        training=training,
    )
