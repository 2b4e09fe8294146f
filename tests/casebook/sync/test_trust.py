import random

from casebook import payloads
from casebook.canonical import Value
from casebook.crypto import SigningKey
from casebook.ids import user_id
from casebook.ledger import CommitDraft
from casebook.payloads import KeyGrantPayload
from casebook.sync import trust
from casebook.sync.trust import DEVICE_AUTHOR, Directory
from tests.casebook.store.memory_log import MemoryLog
from tests.casebook.sync.study import Writer, memory_study


def test_directory_knows_sites_people_laptops_and_certificates() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    directory = Directory(server.identity)
    directory.refresh(server.log)

    (device,) = directory.devices("001")
    key = directory.person_key(user_id("investigator.a"), laptop.device)

    assert (device.letter, device.name, device.revoked) == ("A", "Laptop A", False)
    assert [one.name for one in directory.staff("001")] == ["Investigator A"]
    assert directory.staff("002") == ()
    assert key is not None
    assert key.certificate == b"DER"
    assert directory.person_key(user_id("investigator.a"), server.identity.device) is None


def test_persons_key_counts_for_its_own_laptop_and_user_alone() -> None:
    server = memory_study()
    first, second = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
    commit = first.write()
    assert server.directory.key(commit.parsed) == first.person.public

    second.person = first.person
    assert server.directory.key(second.write().parsed) is None
    first.person = second.key
    assert server.directory.key(first.write().parsed) is None


def test_laptops_key_seals_grants_and_recovered_entries_only_as_the_laptop() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())

    def allowed(kind: str, author: str) -> bool:
        draft = CommitDraft(kind=kind, author=user_id(author), body={"x": ""})
        return server.directory.key(laptop.seal(draft, laptop.key).parsed) is not None

    assert allowed("key", DEVICE_AUTHOR)
    assert allowed("data", DEVICE_AUTHOR)
    assert not allowed("data", "investigator.a")
    assert not allowed("subj", DEVICE_AUTHOR)
    assert not allowed("srv", "server")


def test_grant_of_the_identity_key_is_found_by_laptop() -> None:
    server = memory_study()
    first, second = Writer(server, MemoryLog()), Writer(server, MemoryLog(), letter="B")
    payload = KeyGrantPayload(site="001", device=second.device, sealed_key=b"sealed")
    kind, body = payloads.write(payload)
    first.log.append([first.seal(CommitDraft(kind=kind, author=DEVICE_AUTHOR, body=body), first.key)])
    first.sync()
    second.sync()

    assert second.directory.grant(second.device) == b"sealed"
    assert second.directory.grant(first.device) is None


def test_custodians_are_known_by_site_and_the_latest_word_counts() -> None:
    server = memory_study()
    directory = Directory(server.identity)
    assert directory.custodians("001") is None
    for number in (1, 2):
        server.state("001", trust.custodians_statement("001", (bytes([number]) * 32, bytes(32))))
    directory.refresh(server.log)
    assert directory.custodians("001") == (bytes([2]) * 32, bytes(32))
    assert directory.custodians("002") is None


def test_grant_by_a_laptop_of_another_site_is_passed_over() -> None:
    server = memory_study(sites=("001", "002"))
    first, stranger = Writer(server, MemoryLog()), Writer(server, MemoryLog(), site="002")
    kind, body = payloads.write(KeyGrantPayload(site="001", device=first.device, sealed_key=b"false"))
    commit = stranger.seal(CommitDraft(kind=kind, author=DEVICE_AUTHOR, body=body), stranger.key)
    server.directory.learn([commit])

    assert server.directory.grant(first.device) is None


def test_later_statement_replaces_an_earlier_one() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    server.state("001", trust.site_statement(trust.Site(site="001", name="New name")))
    server.state("001", trust.revoked_statement(laptop.device, "001"))

    device = server.directory.device(laptop.device)

    assert server.directory.sites() == (trust.Site(site="001", name="New name"),)
    assert device is not None
    assert device.revoked


def test_unreadable_statement_and_grant_are_passed_over() -> None:
    server = memory_study()
    laptop = Writer(server, MemoryLog())
    bodies: list[dict[str, Value]] = [{"ev": "device", "kv": []}, {"ev": "later", "kv": [["a", "b"]]}, {"zz": ""}]
    for body in bodies:
        server.state("001", CommitDraft(kind="srv", author=trust.SERVER_AUTHOR, body=body))
    laptop.log.append([laptop.seal(CommitDraft(kind="key", author=DEVICE_AUTHOR, body={"x": "?"}), laptop.key)])

    assert laptop.sync().in_step
    assert len(server.directory.devices("001")) == 1


def test_statement_under_another_key_is_nobodys() -> None:
    server = memory_study()
    other = memory_study(2)
    server.signing = SigningKey(random.Random(9).randbytes(32))
    statement = next(iter(other.log.commits()))

    assert server.directory.key(statement.parsed) is None
