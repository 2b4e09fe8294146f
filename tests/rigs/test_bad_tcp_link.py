"""Real processes and sockets: laptop and server talk over TLS through a link that breaks, stalls and lies."""

import contextlib
import random
from collections.abc import Callable, Iterator

import pytest

from casebook.errors import CasebookError
from desktop_app.sync_client import HttpPeer
from tests.central_server.laptops import EnrolledLaptop, identities
from tests.rigs.histories import SOAK, chosen_seed
from tests.rigs.tcp_link import NOTHING, BadLink, Hurt
from tests.server_process import ServerProcess

CUTS = 400 if SOAK else 24
STALL_S = 0.4
FORMS = 5


class Site:
    """A server process, a laptop behind a bad link, and a second laptop that looks what arrived."""

    def __init__(self, server: ServerProcess, link: BadLink) -> None:
        self.server, self.link = server, link
        self.laptop, self.witness = EnrolledLaptop(server), EnrolledLaptop(server, name="Investigator B")
        self.laptop.sync_both()

    def through(self, hurt: Hurt) -> bool:
        """Exchange both shelves through the link, then directly, and check; tells whether the hurt was felt."""
        for shelf in ("S", "U"):
            for number in range(FORMS):
                self.laptop.write_form([str(number), *(["140", "160", "37.2"])], compartment=shelf)
        self.link.hurt = hurt
        self.link.up_bytes = self.link.down_bytes = 0
        felt = True
        with (
            contextlib.suppress(CasebookError),
            HttpPeer(self.link.url, self.laptop.enrolled.authority, stall_s=STALL_S) as peer,
        ):
            for shelf in ("S", "U"):
                self.laptop.sync(peer, shelf=shelf, signed_in=True)
            felt = False
        self.link.hang_up()
        self.check()
        return felt

    def check(self) -> None:
        """Connect again without the link: nothing is lost, nothing twice, and receipts speak of all."""
        reports = (*self.laptop.sync_both(), *self.witness.sync_both())
        assert all(report.in_step and not report.notices for report in reports)
        for ours, theirs in ((self.laptop.log, self.witness.log), (self.laptop.unblinding, self.witness.unblinding)):
            assert identities(ours) == identities(theirs)
            assert ours.forks() == ()
            assert ours.quarantined() == theirs.quarantined() == ()
        for log in (self.laptop.log, self.laptop.unblinding):
            for head in log.heads():
                if head.device == self.laptop.device:
                    assert log.custody(head.device, head.epoch) == head.sequence


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ServerProcess(tmp_path_factory.mktemp("server")) as server:
        with BadLink(int(server.url.rpartition(":")[2])) as link:
            yield Site(server, link)
        assert server.status()["quarantined"] == 0


@pytest.mark.timeout(0 if SOAK else 300)
def test_link_that_breaks_anywhere_loses_nothing(site: Site, record_property: Callable[[str, object], None]) -> None:
    chance = random.Random(chosen_seed())
    assert not site.through(NOTHING)
    up, down = site.link.up_bytes, site.link.down_bytes

    felt = 0
    for number in range(CUTS):
        reset = number % 4 >= 2
        hurt = (
            Hurt(up=chance.randrange(up), reset=reset) if number % 2 else Hurt(down=chance.randrange(down), reset=reset)
        )
        felt += site.through(hurt)

    assert felt
    record_property("rig", f"a TCP link cut {CUTS} times in {up} bytes up and {down} down, {felt} felt")


@pytest.mark.parametrize("manner", ["goes silent on the way up", "goes silent on the way down", "flips a bit"])
@pytest.mark.parametrize("part", [0.1, 0.4, 0.7])
def test_link_that_stalls_or_lies_loses_nothing(site: Site, manner: str, part: float) -> None:
    assert not site.through(NOTHING)
    up, down = int(site.link.up_bytes * part), int(site.link.down_bytes * part)
    hurts = {
        "goes silent on the way up": Hurt(up=up, silent=True),
        "goes silent on the way down": Hurt(down=down, silent=True),
        "flips a bit": Hurt(flipped=up),
    }

    assert site.through(hurts[manner])


def test_link_that_is_slow_carries_everything(site: Site) -> None:
    assert not site.through(Hurt(delay_s=0.02))
