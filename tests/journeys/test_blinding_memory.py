"""The memory of a blinded session whose process follows an unblinded one: no value, key or commit of the other."""

import os
import secrets
from pathlib import Path

from casebook.crypto import PRODUCTION_KDF
from casebook.ids import UserId
from casebook.store.commit_log import SqlcipherLog
from casebook.store.slots import KeySlots, database_key, spool_key
from desktop_app.vault import Laptop
from tests.desktop_app.places import Book
from tests.journeys.test_kill import Talker
from tests.journeys.test_lock import memory_holds
from tests.laptops import PASSPHRASE, SITE, Ward, design

NOBODY_LISTENS = "https://127.0.0.1:9"


def test_memory_of_a_blinded_session_after_an_unblinded_one_holds_nothing_of_the_other_shelf(
    stage: Path, tmp_path: Path
) -> None:
    ward, canary, typed = Ward(tmp_path), f"zq{secrets.token_hex(8)}", f"B{secrets.token_hex(4)}"
    laptop = Laptop(tmp_path / "one", design(), ward.network, kdf=PRODUCTION_KDF)
    people = [ward.network.personal_code(user) for user in ("coordinator", "assessor")]
    laptop.enrol(ward.network.enrolment_code(), NOBODY_LISTENS, people[0], "Ward", PASSPHRASE)
    session = laptop.unlock(UserId("coordinator"), PASSPHRASE)
    session.add_person(people[1], PASSPHRASE)
    book = Book(design(), session.add_subject().subject, SITE)
    book.enter(session, {"F.RND": {"RANDDTM": "2026-03-01T09:30+08:00", "RANDNO": canary, "RANDARM": "EVT"}})
    book.enter(session, {"F.EVT": {"OPERID": canary}, "F.AE": {"AETERM": f"{canary} after thrombectomy"}})
    session.lock()
    (stage / "typed").write_text(typed, encoding="utf-8")
    held = KeySlots.open(tmp_path / "one", PRODUCTION_KDF)
    unlocked = held.unlock(UserId("coordinator"), PASSPHRASE)
    key = unlocked.unblinding_key
    assert key is not None
    log = SqlcipherLog.open(laptop.folder.unblinding.database, database_key(key), held.unblinding_salt)
    commits = [one for one in log.commits() if one.parsed.kind == "data"]
    log.close()
    assert len(commits) >= 3
    hidden = [
        *(canary.encode(encoding) for encoding in ("utf-8", "utf-16-le")),
        *(one for secret in (key, database_key(key), spool_key(key)) for one in (secret, secret.hex().encode())),
        *(one for commit in commits for one in (bytes.fromhex(commit.id), commit.id.encode(), commit.header)),
        b"after thrombectomy",
    ]

    program = Talker("tests.journeys.blinded_process", "--folder", str(tmp_path / "one"))
    try:
        program.hear("stands")
        (stage / "go.1").touch()
        (_, first, shown), _ = program.hear("looks")
        assert shown == canary
        for found in (canary.encode("utf-16-le"), key, commits[0].id.encode()):
            assert memory_holds(first, found), "the search finds what is there"
        (stage / "lock.1").touch()
        program.hear("stands")
        (stage / "go.2").touch()
        (_, second, who), _ = program.hear("assesses")
        assert second != first
        assert who.startswith("Assessor D")
        assert memory_holds(second, typed.encode("utf-16-le"))
        assert memory_holds(second, unlocked.vault_key)
        assert [one for one in hidden if memory_holds(second, one)] == []
        (stage / "end").touch()
        assert os.waitstatus_to_exitcode(os.waitpid(second, 0)[1]) == 0
    finally:
        program.close()
