"""Each rule of who may do what at the server, and somebody who tries to get round it.

| rule | tried |
| --- | --- |
| an opening is signed by the key of the laptop that it names | another key; another laptop's name |
| a laptop that was never enrolled gets nothing and leaves nothing | an opening of its own making, with entries |
| shelf U is for a person who may know treatments | nobody signed in; a blinded person; a colleague's name |
| an opening of shelf U counts once | the same bytes again |
| a laptop gets its site, and those given to the person signed in | openings of chance that name anything as held |
| what is taken is of a site of the laptop or its author | an entry for another site; one signed by a stranger |
| nobody but the server states | a statement signed by a laptop |
| an enrolment code is for one laptop, once, and no personal code | one that was used; a personal code |
| keys are certified on a laptop of the person's site | a laptop of another site; one that is not enrolled |
| a withdrawn laptop gets nothing | an exchange after the withdrawal: test_server_process |
| attachments go where their commit goes | test_chunks |
| nothing else is served | paths beside, methods beside |
"""

import contextlib
import os
import ssl
from collections.abc import Iterable, Iterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casebook import crypto, ledger
from casebook.clock import system_clock
from casebook.crypto import SealingKey, SigningKey
from casebook.errors import (
    CasebookError,
    ChainBrokenError,
    CodeRefusedError,
    DeviceUnknownError,
    FrameCorruptError,
    NotPermittedError,
    SignatureBadError,
)
from casebook.ids import CommitId, DeviceId, UserId, new_device_id, new_epoch
from casebook.ledger import UNBLINDING, ChainHead, CommitDraft, SealedCommit, Sealer
from casebook.sync import messages, trust
from casebook.sync.frames import FrameParser, FrameType, pack_commits, unpack_commits, write_frame
from casebook.sync.messages import End, HeldChain, Open
from casebook.sync.trust import Site
from desktop_app.sync_client import HttpPeer, certify_person, enrol
from tests.central_server.laptops import EnrolledLaptop, paper_key
from tests.server_process import ServerProcess


class Wards:
    """Two sites with an investigator each, a blinded assessor in the first, and records on both shelves of each."""

    def __init__(self, server: ServerProcess) -> None:
        self.server = server
        self.ours = EnrolledLaptop(server, site="001", name="Ours")
        self.theirs = EnrolledLaptop(server, site="002", name="Theirs")
        self.blinded = EnrolledLaptop(server, site="001", name="Blinded", role="blind")
        self.asking = EnrolledLaptop(server, site="001", name="Asking")
        self.asking_blinded = EnrolledLaptop(server, site="001", name="Asking blinded", role="blind")
        self.foreign: set[CommitId] = set()
        for laptop in (self.ours, self.theirs):
            commits = [laptop.write("standard"), laptop.write("unblinding", compartment=UNBLINDING)]
            laptop.sync_both()
            self.foreign = {one.id for one in commits}

    def ask(self, request: Iterable[bytes]) -> list[SealedCommit]:
        """Send a request; returns the commits of the answer."""
        with HttpPeer(self.server.url, self.ours.enrolled.authority) as peer:
            answer = b"".join(peer.send(request))
        frames = FrameParser().feed(answer)
        return [one for frame in frames if frame.type is FrameType.COMMITS for one in unpack_commits(frame.body)]

    @property
    def held(self) -> int:
        """How many commits the server holds."""
        status = self.server.status()
        return int(status["commits"]) + int(status["unblinding_commits"])


@pytest.fixture(scope="module")
def wards(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wards]:
    sites = {"001": "One", "002": "Two"}
    with ServerProcess(tmp_path_factory.mktemp("rights") / "server", sites=sites) as server:
        yield Wards(server)


def _opening(
    laptop: EnrolledLaptop,
    *,
    shelf: str = "S",
    device: DeviceId | None = None,
    signing: SigningKey | None = None,
    user: UserId | None = None,
    person: SigningKey | None = None,
    chains: tuple[HeldChain, ...] = (),
    more: tuple[bytes, ...] = (),
    sent: int = 0,
) -> tuple[bytes, ...]:
    """Return a request; what is not given is as the laptop itself would say it."""
    person = person or laptop.person
    opened = Open(
        study=laptop.enrolled.study,
        device=device or laptop.device,
        app_version="1",
        nonce=messages.new_nonce(os.urandom),
        chains=chains,
        shelf=shelf,
        user=user or laptop.user,
        person_key=person.id,
    )
    body = messages.write_open(opened, signing or laptop.signing, person)
    end = write_frame(FrameType.END, messages.write_end(End(commits=sent)))
    return (write_frame(FrameType.OPEN, body), *more, end)


def test_opening_by_another_key_is_refused(wards: Wards) -> None:
    for request in (
        _opening(wards.ours, signing=SigningKey.generate()),
        _opening(wards.ours, device=wards.theirs.device),
    ):
        with pytest.raises(SignatureBadError):
            wards.ask(request)


def test_laptop_that_was_never_enrolled_gets_nothing_and_leaves_nothing(wards: Wards) -> None:
    stranger = SigningKey.generate()
    entry = write_frame(FrameType.COMMITS, pack_commits([wards.ours.write("mine")]))
    before = wards.held
    for request in (
        _opening(wards.ours, device=new_device_id(os.urandom), signing=stranger),
        _opening(wards.ours, device=new_device_id(os.urandom), signing=stranger, more=(entry,), sent=1),
    ):
        assert wards.ask(request) == []
    assert wards.held == before


def test_shelf_of_treatments_is_for_whom_it_is(wards: Wards) -> None:
    nobody = SigningKey.generate()
    for request in (
        _opening(wards.ours, shelf="U", person=nobody),
        _opening(wards.blinded, shelf="U"),
        _opening(wards.blinded, shelf="U", user=wards.ours.user),
        _opening(wards.blinded, shelf="U", user=wards.ours.user, person=wards.ours.person),
        _opening(wards.ours, shelf="U", signing=nobody),
    ):
        with pytest.raises(NotPermittedError):
            wards.ask(request)


def test_opening_of_the_shelf_of_treatments_counts_once(wards: Wards) -> None:
    request = _opening(wards.ours, shelf="U")
    assert wards.ask(request)
    with pytest.raises(NotPermittedError):
        wards.ask(request)


_PLACES = st.tuples(
    st.sampled_from(["ours", "theirs", "server", "nobody"]), st.integers(1, 9), st.sampled_from(["known", "made up"])
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    named=st.lists(_PLACES, max_size=5),
    shelf=st.sampled_from(["S", "U"]),
    asker=st.sampled_from(["ours", "blinded"]),
    user=st.sampled_from(["own", "theirs", "nobody"]),
)
def test_opening_of_chance_never_brings_what_another_site_recorded(
    wards: Wards, named: list[tuple[str, int, str]], shelf: str, asker: str, user: str
) -> None:
    laptop = wards.asking if asker == "ours" else wards.asking_blinded
    heads = {
        "ours": next(iter(wards.ours.heads.values())),
        "theirs": next(iter(wards.theirs.heads.values())),
        "server": next(one for one in laptop.log.heads() if one.device == laptop.enrolled.server.device)
        if laptop.log.heads()
        else next(iter(wards.theirs.heads.values())),
        "nobody": ChainHead(device=new_device_id(os.urandom), epoch=new_epoch(os.urandom), sequence=1, id=None),
    }
    chains = tuple(
        HeldChain(
            head=ChainHead(
                device=heads[whose].device,
                epoch=heads[whose].epoch,
                sequence=sequence,
                id=heads[whose].id if known == "known" and heads[whose].id else CommitId(os.urandom(32).hex()),
            )
        )
        for whose, sequence, known in named
    )
    person = {"own": laptop, "theirs": wards.theirs, "nobody": laptop}[user]
    key = SigningKey.generate() if user == "nobody" else person.person
    try:
        got = wards.ask(_opening(laptop, shelf=shelf, user=person.user, person=key, chains=chains))
    except (FrameCorruptError, NotPermittedError):
        return
    assert not {one.id for one in got} & wards.foreign
    assert {one.parsed.site for one in got} <= {"001"}
    assert {one.parsed.shelf for one in got} <= {shelf}
    assert shelf == "S" or asker == "ours"


def _sealed(laptop: EnrolledLaptop, site: str, draft: CommitDraft, signer: SigningKey) -> SealedCommit:
    head = ChainHead(device=laptop.device, epoch=new_epoch(os.urandom), sequence=0, id=None)
    sealer = Sealer(study=laptop.enrolled.study, site=site, app_version="1", signer=signer, random_bytes=os.urandom)
    return ledger.seal(draft, after=head, sealer=sealer, moment=system_clock())


def test_nothing_is_taken_that_the_author_may_not_write(wards: Wards) -> None:
    entry = wards.ours.write("for another site").parsed
    draft = CommitDraft(kind="data", author=wards.ours.user, body={"x": "y"})
    statement = trust.site_statement(Site(site="001", name="Ours now"))
    assert entry.site == "001"
    before = wards.held
    for commit in (
        _sealed(wards.ours, "002", draft, wards.ours.person),
        _sealed(wards.ours, "001", draft, SigningKey.generate()),
        _sealed(wards.ours, "001", statement, wards.ours.person),
        _sealed(wards.ours, "001", statement, wards.ours.signing),
    ):
        frame = write_frame(FrameType.COMMITS, pack_commits([commit]))
        with contextlib.suppress(SignatureBadError, ChainBrokenError):
            wards.ask(_opening(wards.ours, more=(frame,), sent=1))
    assert wards.held == before
    assert wards.server.status()["sites"][0]["name"] == "One"


def test_code_is_for_one_laptop_once_and_of_its_kind(wards: Wards) -> None:
    code = wards.server.enrolment_code()

    def enrolled(with_code: str) -> None:
        enrol(
            wards.server.url,
            with_code,
            device=new_device_id(os.urandom),
            signing=SigningKey.generate(),
            sealing=SealingKey.generate(),
            name="Laptop",
            app_version="1",
        )

    enrolled(code)
    with pytest.raises(CodeRefusedError):
        enrolled(code)
    with pytest.raises(CasebookError):
        enrolled(wards.server.personal_code(wards.ours.user))


def test_keys_are_certified_on_a_laptop_of_the_persons_site(wards: Wards) -> None:
    def certified(device: DeviceId, signing: SigningKey) -> None:
        certify_person(
            wards.server.url,
            wards.ours.enrolled.authority,
            wards.server.personal_code(wards.ours.user),
            device=device,
            device_signing=signing,
            signing=SigningKey.generate().public,
            paper=paper_key(),
            sealing=SealingKey.generate().public,
        )

    with pytest.raises(CodeRefusedError):
        certified(wards.theirs.device, wards.theirs.signing)
    with pytest.raises(DeviceUnknownError):
        certified(new_device_id(os.urandom), SigningKey.generate())
    with pytest.raises(SignatureBadError):
        certified(wards.ours.device, wards.theirs.signing)


def test_nothing_else_is_served(wards: Wards) -> None:
    context = ssl.create_default_context(cadata=crypto.certificate_pem(wards.ours.enrolled.authority).decode("ascii"))
    with httpx.Client(verify=context, trust_env=False, base_url=wards.server.url) as client:
        for path in ("/", "/docs", "/openapi.json", "/sync/v1", "/sync/v2/health", "/sync/v1/../../keys.json"):
            assert client.get(path).status_code == 404
        for method in ("PUT", "DELETE", "PATCH", "GET"):
            assert client.request(method, "/sync/v1/exchange").status_code == 405
