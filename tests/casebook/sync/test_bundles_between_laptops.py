"""Bundles from one laptop of a site to another, and any history of losses, repeats and delays."""

import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casebook.errors import (
    BundleSenderError,
    BundleTurnedAwayError,
)
from casebook.ledger import UNBLINDING
from tests.casebook.sync import bundling
from tests.casebook.sync.bundling import BLIND, BundleServer, Carrier, write_both
from tests.casebook.sync.study import ids

study = bundling.study


def test_two_laptops_of_a_site_meet_by_files_alone(study: BundleServer, tmp_path: Path) -> None:
    one, two = Carrier(study, tmp_path, "A"), Carrier(study, tmp_path, "B")
    write_both(one)
    write_both(two, 2)

    one.read(*two.write(to=one.device).files)  # the first does not know the second yet: its file introduces it
    two.read(*one.write(to=two.device).files)

    assert ids(one.writer.log) == ids(two.writer.log)
    assert ids(one.writer.unblinding) == ids(two.writer.unblinding)
    assert one.custody() == [False]
    assert two.write(to=one.device).count == 0


def test_what_another_laptop_brought_goes_on_to_the_server(study: BundleServer, tmp_path: Path) -> None:
    one, two = Carrier(study, tmp_path, "A"), Carrier(study, tmp_path, "B")
    one.writer.sync()
    write_both(one)
    two.read(*one.write(to=two.device).files)

    study.take(*two.write().files)

    assert ids(study.server.log) >= ids(one.writer.log)
    assert ids(study.server.unblinding) == ids(one.writer.unblinding)


def test_a_laptop_of_another_site_or_a_withdrawn_one_is_not_read(study: BundleServer, tmp_path: Path) -> None:
    one, two = Carrier(study, tmp_path, "A"), Carrier(study, tmp_path, "B")
    one.writer.sync()
    one.writer.write("1")
    files = one.write(to=two.device).files
    device = study.server.directory.device(one.device)
    assert device is not None
    study.server.office.withdraw_laptop(device)
    two.writer.sync()

    with pytest.raises(BundleSenderError):
        two.read(*files)
    with pytest.raises(BundleTurnedAwayError):
        two.write(to=one.device)


class Post:
    """Two laptops and the server with nothing but files between them, which somebody loses, repeats and mixes up."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.study = BundleServer()
        self.laptops = [Carrier(self.study, folder, "A"), Carrier(self.study, folder, "B")]
        self.laptops[0].writer.sync(person=self.laptops[0].writer.signer)
        self.bundles: list[Path] = []
        self.replies: list[tuple[int, Path]] = []
        self.passed: list[tuple[int, Path]] = []

    def step(self, act: str, which: int) -> None:
        laptop = self.laptops[which % 2]
        match act:
            case "write":
                laptop.writer.write(str(which))
                laptop.writer.write(str(which), compartment=UNBLINDING)
            case "bundle":
                self.bundles += laptop.write(BLIND if which > 5 else laptop.writer.user).files
            case "lose" if self.bundles:
                self.bundles.pop(which % len(self.bundles)).unlink()
            case "pass":
                files = laptop.write(to=self.laptops[1 - which % 2].device).files
                self.passed += [(1 - which % 2, file) for file in files]
            case _:
                self._receive(act, which)

    def _receive(self, act: str, which: int) -> None:
        match act:
            case "take" if self.bundles:
                self.study.take(self.bundles[which % len(self.bundles)])
            case "reply":
                with contextlib.suppress(BundleTurnedAwayError):
                    files = self.study.reply(self.laptops[which % 2].device, self.folder)
                    self.replies += [(which % 2, file) for file in files]
            case "read" if self.replies:
                whose, file = self.replies[which % len(self.replies)]
                self.laptops[whose].read(file)
            case "read passed" if self.passed:
                whose, file = self.passed[which % len(self.passed)]
                self.laptops[whose].read(file)
            case _:
                pass

    def no_receipt_is_false(self) -> None:
        for one in self.laptops:
            for shelf, log in one.holder().logs.items():
                there = {(end.device, end.epoch): end.sequence for end in self.study.server.desk.shelf(shelf).heads()}
                for head in log.heads():
                    chain = (head.device, head.epoch)
                    assert log.custody(*chain) <= there.get(chain, 0)

    def everything_arrives(self) -> None:
        for _ in range(2):
            for one in self.laptops:
                self.study.take(*one.write().files)
                one.read(*self.study.reply(one.device, self.folder))
        for one in self.laptops:
            assert ids(one.writer.log) == ids(self.study.server.log)
            assert ids(one.writer.unblinding) == ids(self.study.server.unblinding)
            assert [*one.custody(), *one.custody(UNBLINDING)].count(False) == 0


ACTS = ("write", "bundle", "take", "reply", "read", "pass", "read passed", "lose")


@settings(max_examples=25, deadline=None)
@given(steps=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 7)), max_size=30))
def test_whatever_is_lost_repeated_or_late_no_receipt_is_false_and_all_agree_at_the_end(
    steps: list[tuple[str, int]],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        post = Post(Path(folder))
        for act, which in steps:
            post.step(act, which)
            post.no_receipt_is_false()
        post.everything_arrives()
