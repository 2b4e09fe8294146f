"""The lock of the whole program: a fresh process each time, nothing of the last person in its memory, and the way back.

Real processes of the real program, offscreen; the keys are pressed inside them.
"""

import os
import secrets
from pathlib import Path

from casebook.crypto import PRODUCTION_KDF
from casebook.ids import UserId
from casebook.store.slots import KeySlots
from desktop_app.vault import Laptop
from tests.journeys.test_kill import Talker
from tests.laptops import PASSPHRASE, Ward, design

NOBODY_LISTENS = "https://127.0.0.1:9"
PIECE = 1 << 20


def memory_holds(process: int, wanted: bytes) -> bool:
    """Tell whether bytes stand anywhere in the writable memory of a process."""
    folder = Path("/proc") / str(process)
    maps = (folder / "maps").read_text(encoding="utf-8").splitlines()
    with (folder / "mem").open("rb", buffering=0) as memory:
        for line in maps:
            span, rights = line.split()[:2]
            if "w" not in rights:
                continue
            begin, end = (int(part, 16) for part in span.split("-"))
            memory.seek(begin)
            kept = b""
            while begin < end:
                try:
                    piece = memory.read(min(PIECE, end - begin))
                except OSError:
                    break
                if not piece:
                    break
                if wanted in kept + piece:
                    return True
                kept, begin = piece[-len(wanted) :], begin + len(piece)
    return False


def test_a_lock_replaces_the_process_and_everyone_finds_their_own(stage: Path, tmp_path: Path) -> None:
    ward = Ward(tmp_path)
    laptop = Laptop(tmp_path / "one", design(), ward.network, kdf=PRODUCTION_KDF)
    people = [ward.network.personal_code(user) for user in ("coordinator", "investigator")]
    laptop.enrol(ward.network.enrolment_code(), NOBODY_LISTENS, people[0], "Ward", PASSPHRASE)
    session = laptop.unlock(UserId("coordinator"), PASSPHRASE)
    session.add_person(people[1], PASSPHRASE)
    session.lock()
    canary = f"mm {secrets.token_hex(8)}"
    (stage / "canary").write_text(canary, encoding="utf-8")
    slots = KeySlots.open(tmp_path / "one", PRODUCTION_KDF)
    vault_key = slots.unlock(UserId("coordinator"), PASSPHRASE).vault_key

    program = Talker("tests.journeys.locking_process", "--folder", str(tmp_path / "one"))
    try:
        (_, first, *_), _ = program.hear("stands")
        (stage / "go.1").touch()
        program.hear("typed")
        assert memory_holds(first, canary.encode("utf-16-le"))  # as Qt keeps text: the search finds what is there
        assert memory_holds(first, vault_key)
        (stage / "lock.1").touch()
        program.hear("locks")

        (_, second, chosen, focused), _ = program.hear("stands")
        assert program.process.wait() == 0
        assert second != first
        assert (chosen.split(",")[0], focused) == ("Coordinator A", "unlock_passphrase")
        for secret in (canary.encode(), canary.encode("utf-16-le"), vault_key):
            assert not memory_holds(second, secret)
        (stage / "go.2").touch()
        (_, chosen, focused), _ = program.hear("chose")
        assert (chosen.split(",")[0], focused) == ("Investigator B", "unlock_passphrase")
        (_, who, seen), _ = program.hear("worked")
        assert who.startswith("Investigator B")
        assert seen == ""  # nobody else sees what is no value yet

        (_, third, chosen, focused), _ = program.hear("stands")
        assert third not in {first, second}
        assert (chosen.split(",")[0], focused) == ("Coordinator A", "unlock_passphrase")  # the other one of two
        (stage / "go.3").touch()
        (_, form, field, text), _ = program.hear("back")
        assert (form, field, text) == ("F.VS", "I.VS.SYSBP", canary)
        (_, cursor, other), _ = program.hear("cursor")
        assert (cursor, other) == (5, "81")
        os.waitpid(second, 0)
        assert os.waitstatus_to_exitcode(os.waitpid(third, 0)[1]) == 0
    finally:
        program.close()
