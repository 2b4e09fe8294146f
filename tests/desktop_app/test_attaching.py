"""Attachments of a session over real vaults: kept, sent, fetched, struck, taken out, blinded, killed."""

import random
import subprocess
import sys
from pathlib import Path

import pytest

from casebook.attachments import CHUNK_BYTES, MOST_BYTES, chunk_names
from casebook.errors import (
    AttachmentElsewhereError,
    AttachmentEmptyError,
    AttachmentGoneError,
    AttachmentTooLargeError,
    OtherVersionError,
    ReasonRequiredError,
    RightMissingError,
)
from casebook.ids import SubjectId, UserId
from casebook.ledger import IDENTITY, STANDARD, UNBLINDING_IDENTITY
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.store.chunks import ChunksInMemory
from casebook.store.vault_files import VaultFolder
from casebook.sync.attachments import pending_attachments
from desktop_app.attachment_snapshots import AttachmentRow
from desktop_app.record import Record
from desktop_app.session import Session
from tests.laptops import PASSPHRASE, Ward, sync

PHOTO = random.Random(3).randbytes(3 * CHUNK_BYTES + 5)
NAME = "source page.jpg"


def contact(subject: SubjectId) -> FormKey:
    """Return the key of a form that is open to blinded people."""
    return FormKey(subject=subject, visit=VisitKey(visit="SE.V1"), form="F.CONTACT")


def adverse_events(subject: SubjectId) -> FormKey:
    """Return the key of a form that could tell the treatment."""
    return FormKey(subject=subject, visit=VisitKey(visit="SE.LOG"), form="F.AE")


def record_of(session: Session) -> Record:
    """Return what a session keeps, for a look that no window has."""
    record = vars(session)["_record"]
    assert isinstance(record, Record)
    return record


def attached(session: Session, key: FormKey, content: bytes = PHOTO, name: str = NAME) -> AttachmentRow:
    return session.attachments.attach(key, name, "image/jpeg", content).rows[-1]


def files_of(folder: VaultFolder) -> set[str]:
    """Return the names of the chunks that lie in a vault, those in the making too."""
    places = [*folder.path.glob("chunks/*/*"), *folder.path.glob("unblinding/chunks/*/*")]
    return {path.name for path in places if path.is_file()}


def test_a_photo_is_kept_shown_and_opened_again_after_a_lock(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        key = contact(session.add_subject().subject)
        row = attached(session, key)
        assert (row.name, row.size_bytes, row.author, row.laptop) == (NAME, len(PHOTO), "Coordinator A", "A")
        assert (row.here_percent, row.server_percent, row.is_here, row.own) == (100, 0, True, True)
        assert session.attachments.content(key, row.commit) == PHOTO
    with ward.session(laptop, "investigator") as session:
        view = session.attachments.of_form(key)
        assert view.standing == 1
        assert session.attachments.content(key, view.rows[0].commit) == PHOTO


def test_the_same_file_twice_is_one_until_it_is_struck(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        key = contact(session.add_subject().subject)
        first = attached(session, key)
        assert len(session.attachments.attach(key, "again.jpg", "image/jpeg", PHOTO).rows) == 1
        path = ItemPath(group="IG.CONTACT", item="PHONE")
        assert len(session.attachments.attach(key, NAME, "image/jpeg", PHOTO, path).rows) == 2
        session.attachments.strike(key, first.commit, "the wrong patient")
        assert len(session.attachments.attach(key, NAME, "image/jpeg", PHOTO).rows) == 3


def test_a_struck_photo_stays_readable_with_the_reason(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        key = contact(session.add_subject().subject)
        row = attached(session, key)
        with pytest.raises(ReasonRequiredError):
            session.attachments.strike(key, row.commit, " ")
        view = session.attachments.strike(key, row.commit, "the wrong patient")
        session.attachments.strike(key, row.commit, "once more")

        assert (view.rows[0].struck, view.rows[0].struck_by, view.standing) == ("the wrong patient", "Coordinator A", 0)
        assert session.attachments.content(key, row.commit) == PHOTO


def test_what_cannot_be_attached_leaves_nothing_behind(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "investigator", "monitor")
    with ward.session(laptop) as session:
        key = contact(session.add_subject().subject)
        with pytest.raises(AttachmentEmptyError):
            attached(session, key, b"")
        with pytest.raises(AttachmentTooLargeError):
            attached(session, key, bytes(MOST_BYTES + 1))
    with ward.session(laptop, "monitor") as session:
        assert session.attachments.of_form(key).why_not is not None
        with pytest.raises(RightMissingError):
            attached(session, key)
    assert files_of(laptop.folder) == set()


def test_a_photo_reaches_the_other_laptop_of_the_site(ward: Ward) -> None:
    one, two = ward.enrolled("one"), ward.enrolled("two", "principal")
    with ward.session(one) as session:
        key = contact(session.add_subject().subject)
        row = attached(session, key)
        sync(one, session)
        assert session.attachments.of_form(key).rows[0].is_at_server
        session.admit_laptop(next(one.device for one in session.sync_view().laptops if one.letter == "B"))
        sync(one, session)
    with ward.session(two, "principal") as session:
        sync(two, session)
        sync(two, session)
        shown = session.attachments.of_form(key).rows[0]
        assert (shown.is_here, shown.is_at_server, shown.laptop, shown.own) == (True, True, "A", False)
        assert session.attachments.content(key, row.commit) == PHOTO


def test_a_photo_that_is_elsewhere_says_so_and_comes_with_the_next_exchange(ward: Ward) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        key = contact(session.add_subject().subject)
        row = attached(session, key)
        sync(laptop, session)
        name = chunk_names(record_of(session).commit(row.commit))[1]
        next(laptop.folder.chunks.glob(f"*/{name}")).unlink()
        with pytest.raises(AttachmentElsewhereError) as refused:
            session.attachments.content(key, row.commit)
        assert "75 %" in refused.value.sentence()
        assert session.attachments.of_form(key).rows[0].wanted
        sync(laptop, session)
        assert session.attachments.content(key, row.commit) == PHOTO


def at_server(ward: Ward) -> dict[str, bytes]:
    chunks = ward.network.chunks[STANDARD]
    assert isinstance(chunks, ChunksInMemory)
    return chunks.held


def test_a_photo_taken_out_of_the_record_is_gone_here_at_the_server_and_in_the_second_copy(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "manager", "investigator", "principal")
    with ward.session(laptop) as session:
        key = contact(session.add_subject().subject)
        row = attached(session, key)
        sync(laptop, session)
    assert len(at_server(ward)) == 4
    with ward.session(laptop, "principal") as session:
        view = session.attachments.redact(
            key, row.commit, "the photo shows a face", PASSPHRASE, UserId("investigator"), PASSPHRASE
        )
        assert (view.rows[0].redacted, view.rows[0].sha256, view.standing) == (True, "", 0)
        with pytest.raises(AttachmentGoneError):
            session.attachments.content(key, row.commit)
        assert files_of(laptop.folder) == set()
        sync(laptop, session)
        assert at_server(ward) == {}
    with ward.session(laptop) as session:
        assert session.attachments.of_form(key).rows[0].redacted


# -- blinded -----------------------------------------------------------------------------------------------


def test_a_blinded_assessor_sees_no_attachment_of_what_could_tell_the_treatment_nor_its_count(ward: Ward) -> None:
    laptop = ward.enrolled("one", "coordinator", "investigator", "assessor")
    with ward.session(laptop) as session:
        subject = session.add_subject().subject
        open_row = attached(session, contact(subject))
        hidden = attached(session, adverse_events(subject), PHOTO[:1000])
        record = record_of(session)
        assert record.commit(open_row.commit).parsed.compartment == IDENTITY
        assert record.commit(hidden.commit).parsed.compartment == UNBLINDING_IDENTITY
        assert len(list(laptop.folder.unblinding.chunks.glob("*/*"))) == 1
        sync(laptop, session)
    with ward.session(laptop, "assessor") as session:
        assert session.attachments.of_form(contact(subject)).standing == 1
        with pytest.raises(OtherVersionError):
            session.attachments.of_form(adverse_events(subject))
        with pytest.raises(AttachmentGoneError):
            session.attachments.content(contact(subject), hidden.commit)
        record = record_of(session)
        shelves = [(shelf.name, pending_attachments(shelf.log, shelf.chunks)) for shelf in record.shelves]
        assert shelves == [("S", ())]


# -- a crash -----------------------------------------------------------------------------------------------

_ADDER = """
import sys
from pathlib import Path
from casebook.ids import SubjectId, UserId
from tests.desktop_app.test_attaching import contact
from tests.laptops import PASSPHRASE, Ward
ward = Ward(Path(sys.argv[1]))
laptop = ward.laptop("one")
session = laptop.unlock(UserId("coordinator"), PASSPHRASE)
key = contact(SubjectId(sys.argv[2]))
print("ready", flush=True)
for number in range(1000):
    content = number.to_bytes(4, "big") * 40_000
    session.attachments.attach(key, f"{number}.jpg", "image/jpeg", content)
    print(number, flush=True)
"""


@pytest.mark.parametrize("after", [1, 2, 5])
def test_a_kill_while_photos_are_attached_leaves_whole_ones_and_no_litter(ward: Ward, after: int) -> None:
    laptop = ward.enrolled()
    with ward.session(laptop) as session:
        subject = session.add_subject().subject
    adder = subprocess.Popen(
        [sys.executable, "-c", _ADDER, str(ward.folder), subject],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert adder.stdout is not None
    for _ in range(after + 1):
        assert adder.stdout.readline()
    adder.kill()
    said = after + len(adder.stdout.read().splitlines())
    adder.stdout.close()
    adder.wait()

    with ward.session(laptop) as session:
        key = contact(subject)
        rows = session.attachments.of_form(key).rows
        assert len(rows) in {said, said + 1}
        for number, row in enumerate(rows):
            assert session.attachments.content(key, row.commit) == number.to_bytes(4, "big") * 40_000
        named = {name for row in rows for name in chunk_names(record_of(session).commit(row.commit))}
        assert files_of(laptop.folder) == named
