"""Whatever is done in whatever order: who should get in gets in, with the right keys, and nobody else does."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from casebook.clock import Moment
from casebook.crypto import SealingKey, SigningKey
from casebook.errors import WrongPassphraseError, WrongRecoveryCodeError
from casebook.ids import UserId
from casebook.store.escrow import open_escrow
from casebook.store.slot_file import SIDECAR, SIDECAR_COPY
from casebook.store.slots import KeySlots, VaultPerson
from tests.casebook.store.vaults import CHEAP_KDF

NAMES = tuple(UserId(name) for name in ("ann", "bo", "cai", "dan"))
names = st.sampled_from(NAMES)


class OneDayLater:
    """A clock that goes a day further at each look, so that nobody waits."""

    def __init__(self) -> None:
        self.days = 0

    def __call__(self) -> Moment:
        self.days += 1
        return Moment(utc_ms=self.days * 86_400_000, offset_minutes=480, boot="b", uptime_ms=self.days * 86_400_000)


class Slots(RuleBasedStateMachine):
    """One vault, opened anew for each act; what is expected stands in plain variables beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock = OneDayLater()
        self.granter = SigningKey.generate()
        self.phrases: dict[UserId, str] = {}
        self.sealing: dict[UserId, SealingKey] = {}
        self.unblinded: set[UserId] = set()
        self.offered: set[UserId] = set()
        self.sheets: dict[str, bool] = {}
        self.dead_sheets: list[str] = []
        self.custodian = SealingKey.generate()
        self.escrowed = False
        self.unblinding_key: bytes | None = None
        self.number = 0

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    def open(self) -> KeySlots:
        return KeySlots.open(self.folder, CHEAP_KDF, clock=self.clock)

    def fresh(self, name: UserId) -> None:
        self.number += 1
        self.phrases[name] = f"passphrase {self.number}"
        self.sealing[name] = SealingKey.generate()
        self.offered.discard(name)

    @initialize()
    def made(self) -> None:
        slots, self.vault_key = KeySlots.create(self.folder, CHEAP_KDF, clock=self.clock)
        self.fresh(NAMES[0])
        slots.add_person(
            self.vault_key,
            self.person(NAMES[0]),
            self.phrases[NAMES[0]],
            NAMES[0].encode(),
            sealing=self.sealing[NAMES[0]],
        )

    def person(self, name: UserId) -> VaultPerson:
        return VaultPerson(user=name, name=name.title())

    def holds(self) -> bool:
        """Tell whether the unblinding key still stands somewhere, so that a session could hold it."""
        return self.unblinding_key is not None and self.open().has_unblinding_key

    def key_if(self, *, wanted: bool) -> bytes | None:
        return self.unblinding_key if wanted and self.holds() else None

    @rule(name=names, with_key=st.booleans())
    def add_or_replace(self, name: UserId, *, with_key: bool) -> None:
        self.fresh(name)
        self.open().add_person(
            self.vault_key,
            self.person(name),
            self.phrases[name],
            name.encode(),
            sealing=self.sealing[name],
            unblinding_key=(key := self.key_if(wanted=with_key)),
            replace_slot=True,
        )
        self.unblinded.discard(name)
        if key is not None:
            self.unblinded.add(name)

    @precondition(lambda self: len(self.phrases) > 1)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.phrases)))
        self.open().remove_person(self.vault_key, name)
        self.forget(name)

    def forget(self, name: UserId) -> None:
        del self.phrases[name]
        self.unblinded.discard(name)
        self.offered.discard(name)

    @rule(data=st.data())
    def change_passphrase(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.phrases)))
        self.number += 1
        new = f"passphrase {self.number}"
        self.open().change_passphrase(name, self.phrases[name], new)
        self.phrases[name] = new

    @precondition(lambda self: self.unblinding_key is None)
    @rule(data=st.data())
    def make_unblinding_key(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.phrases)))
        slots = self.open()
        self.unblinding_key = slots.make_unblinding_key(slots.unlock(name, self.phrases[name])).unblinding_key
        self.unblinded.add(name)

    @rule(name=names)
    def hand_over(self, name: UserId) -> None:
        if name not in self.phrases or name in self.unblinded or not self.holds():
            return
        assert self.unblinding_key is not None
        self.open().grant_unblinding(
            self.vault_key,
            self.unblinding_key,
            name,
            self.sealing[name].public,
            by=UserId("granter"),
            signer=self.granter,
        )
        self.offered.add(name)

    @precondition(lambda self: self.offered)
    @rule(data=st.data())
    def accept(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.offered)))
        slots = self.open()
        slots.accept_unblinding(slots.unlock(name, self.phrases[name]), self.granter.public)
        self.offered.discard(name)
        self.unblinded.add(name)

    @rule(with_key=st.booleans(), typed_back=st.booleans())
    def make_sheet(self, *, with_key: bool, typed_back: bool) -> None:
        slots, key = self.open(), self.key_if(wanted=with_key)
        code = slots.begin_recovery(self.vault_key, key)
        if not typed_back:
            self.dead_sheets.append(code)
            return
        self.open().test_recovery(code)
        self.dead_sheets += [old for old, opens_more in self.sheets.items() if key is not None or not opens_more]
        self.sheets = {old: more for old, more in self.sheets.items() if more and key is None}
        self.sheets[code] = key is not None

    @rule()
    def seal_to_custodian(self) -> None:
        self.open().set_escrow(self.vault_key, self.custodian.public)
        self.escrowed = True

    @rule(with_key=st.booleans(), drop_sheets=st.booleans(), data=st.data())
    def rotate(self, *, with_key: bool, drop_sheets: bool, data: st.DataObject) -> None:
        removed = data.draw(st.sets(st.sampled_from(sorted(self.phrases)), max_size=len(self.phrases) - 1))
        before = self.vault_key
        rotated = self.open().rotate(
            self.vault_key,
            self.key_if(wanted=with_key),
            remove=removed,
            remove_sheets=None if drop_sheets else (),
            certified={name: key.public for name, key in self.sealing.items()},
        )
        self.vault_key = rotated.vault_key
        assert before in self.open().earlier_vault_keys(self.vault_key)
        if rotated.unblinding_key is not None:
            assert self.unblinding_key in self.open().earlier_unblinding_keys(rotated.unblinding_key)
            self.unblinding_key = rotated.unblinding_key
            assert not self.open().unblinding_rotation_due
        for name in removed:
            self.forget(name)
        if drop_sheets:
            self.dead_sheets += self.sheets
            self.sheets = {}

    @rule(name=st.sampled_from([SIDECAR, SIDECAR_COPY]))
    def lose_one_file(self, name: str) -> None:
        (self.folder / name).unlink()

    @invariant()
    def who_should_get_in_gets_in_and_nobody_else(self) -> None:
        assert {person.user for person in self.open().people()} == set(self.phrases)
        for name in NAMES:
            if name not in self.phrases:
                with pytest.raises(WrongPassphraseError):
                    self.open().unlock(name, "passphrase 1")
                continue
            unlocked = self.open().unlock(name, self.phrases[name])
            assert unlocked.vault_key == self.vault_key
            assert unlocked.private == name.encode()
            assert unlocked.unblinding_key == (self.unblinding_key if name in self.unblinded else None)
            assert (unlocked.offer is not None) == (name in self.offered)
        for code, opens_more in self.sheets.items():
            recovered = self.open().unlock_recovery(code)
            assert recovered.vault_key == self.vault_key
            assert recovered.unblinding_key == (self.unblinding_key if opens_more else None)
        for code in self.dead_sheets:
            with pytest.raises(WrongRecoveryCodeError):
                self.open().unlock_recovery(code)
        if self.escrowed:
            opened = open_escrow((self.folder / SIDECAR).read_bytes(), self.custodian)
            assert opened.vault_key == self.vault_key


Slots.TestCase.settings = settings(stateful_step_count=25, max_examples=settings().max_examples // 2)
TestSlots = Slots.TestCase
