"""A laptop whose program speaks another protocol: it is told in a sentence, loses nothing, and goes on once updated."""

import os
import ssl
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from casebook import crypto
from casebook.errors import ProtocolUnsupportedError
from casebook.ledger import STANDARD, UNBLINDING
from casebook.sync.bundles import Holder, write_bundle
from central_server.__main__ import main
from desktop_app.sync_client import HttpPeer
from tests.central_server.laptops import EnrolledLaptop, identities
from tests.rigs.mutants import Fault, mutated
from tests.server_process import ServerProcess

OTHERS = [pytest.param(0, id="an older one"), pytest.param(2, id="a newer one")]
SAID = "Install the current program; records stay."


@contextmanager
def speaking(protocol: int) -> Iterator[None]:
    """Let this process, which is the laptops', speak one other protocol; the server runs in a process of its own."""
    range_ = f"protocol=({protocol}, {protocol}), app_version="
    with ExitStack() as other:
        for where, line, instead in (
            ("casebook.sync.shelf_exchange:ShelfExchange._open_in_full", "app_version=", range_),
            ("casebook.sync.bundles:opening_frames", "app_version=", range_),
            ("casebook.sync.brief:write_brief", "[PROTOCOL, flags]", f"[{protocol}, flags]"),
        ):
            other.enter_context(mutated(Fault(f"protocol {protocol}", where, line, instead)))
        yield


class Keeping:
    """Keeps what is sent."""

    def __init__(self, peer: HttpPeer) -> None:
        self._peer = peer
        self.sent = b""

    def send(self, request: Iterable[bytes]) -> Iterator[bytes]:
        """See `SyncPeer.send`."""

        def kept() -> Iterator[bytes]:
            for data in request:
                self.sent += data
                yield data

        return self._peer.send(kept())


def _commits(server: ServerProcess, site: str) -> int:
    return sum(int(one["commits"]) for one in server.status()["sites"] if one["site"] == site)


@pytest.mark.parametrize("known", [False, True], ids=["in full", "in short"])
@pytest.mark.parametrize("protocol", OTHERS)
def test_exchange_is_refused_in_a_sentence_and_after_the_update_everything_arrives(
    server: ServerProcess, protocol: int, *, known: bool
) -> None:
    site = f"00{1 + protocol + known}"
    laptop = EnrolledLaptop(server, site=site, name=f"Investigator {protocol} {known}")
    if known:
        laptop.sync()
    written = [laptop.write(str(value)) for value in range(40)]
    before, here = _commits(server, site), identities(laptop.log)
    receipts = laptop.log.receipts()

    with speaking(protocol):
        for _ in range(3):
            with pytest.raises(ProtocolUnsupportedError) as refusal:
                laptop.sync()
    after = _commits(server, site)
    still_here, still_receipts = identities(laptop.log), laptop.log.receipts()
    report = laptop.sync()

    assert refusal.value.sentence("en").endswith(SAID)
    assert "安装当前版本" in refusal.value.sentence("zh")
    assert (after, still_here, still_receipts) == (before, here, receipts)
    assert report.in_step
    assert laptop.log.custody(written[0].parsed.device, written[0].parsed.epoch) == 40
    assert _commits(server, site) == before + 40


@pytest.mark.parametrize("protocol", OTHERS)
def test_refusal_is_426_with_the_sentence_in_its_document(server: ServerProcess, protocol: int) -> None:
    laptop = EnrolledLaptop(server, site="005", name=f"Coordinator {protocol}")
    with speaking(protocol), HttpPeer(server.url, laptop.enrolled.authority) as http:
        peer = Keeping(http)
        with pytest.raises(ProtocolUnsupportedError):
            laptop.sync(peer)
    context = ssl.create_default_context(cadata=crypto.certificate_pem(laptop.enrolled.authority).decode("ascii"))

    with httpx.Client(verify=context, trust_env=False, base_url=server.url) as client:
        response = client.post("/sync/v1/exchange", content=peer.sent)

    assert response.status_code == 426
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["type"] == "urn:casebook:problem:proto-unsupported"
    assert response.json()["detail"].endswith(SAID)


@pytest.mark.parametrize("protocol", OTHERS)
def test_its_bundle_is_refused_whole_and_one_of_the_updated_program_is_taken(
    server: ServerProcess, protocol: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = f"00{6 + protocol}"
    laptop = EnrolledLaptop(server, site=site, name=f"Principal Investigator {protocol}")
    laptop.sync_both()
    laptop.write("140")
    laptop.write("arm", compartment=UNBLINDING)
    holder = Holder(
        laptop=laptop.laptop(signed_in=True),
        site=site,
        logs={STANDARD: laptop.log, UNBLINDING: laptop.unblinding},
        directory=laptop.directory,
        sealing=laptop.sealing,
        person_sealing=laptop.sealing,
        random_bytes=os.urandom,
    )
    before = _commits(server, site)
    with speaking(protocol):
        (other,) = write_bundle(holder, tmp_path, "other", at_ms=1).files
    capsys.readouterr()

    refused = main(["bundle", "take", str(server.folder), str(other)])
    said = capsys.readouterr().out
    between = _commits(server, site)
    (today,) = write_bundle(holder, tmp_path, "today", at_ms=2).files
    capsys.readouterr()
    taken = main(["bundle", "take", str(server.folder), str(today)])

    assert (refused, between) == (1, before)
    assert SAID in said
    assert taken == 0
    assert "2 new records" in capsys.readouterr().out
    assert laptop.sync(signed_in=True).in_step
