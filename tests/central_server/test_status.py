"""What `casebook-server status` says of laptops."""

from casebook.store import CommitLog
from tests.casebook.store.memory_log import MemoryLog
from tests.central_server.laptops import EnrolledLaptop
from tests.server_process import ServerProcess


def _copy_of(log: CommitLog) -> MemoryLog:
    copy = MemoryLog()
    copy.append(list(log.commits()))
    return copy


def test_a_laptop_whose_folder_was_copied_is_named(server: ServerProcess) -> None:
    copied, single = EnrolledLaptop(server, name="Copied"), EnrolledLaptop(server, name="Single")
    for laptop in (copied, single):
        laptop.write("1")
        laptop.sync()
    log, heads = _copy_of(copied.log), dict(copied.heads)
    copied.write("on the laptop")
    copied.sync()
    copied.log, copied.heads = log, heads
    copied.write("on the copy")
    copied.sync()

    said = {one["device"]: one["copied"] for site in server.status()["sites"] for one in site["laptops"]}
    assert (said[copied.device], said[single.device]) == (True, False)
    lines = server.command("status").splitlines()
    assert [line for line in lines if "copied" in line] == [line for line in lines if copied.device in line]
