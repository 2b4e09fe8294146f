"""Vaults for the store's tests: a cheap key derivation, a small ballast, real files."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.casebook.commits import Laptop
from tests.casebook.store.killing import Killer
from tests.casebook.store.vaults import Vault


@pytest.fixture
def laptop() -> Laptop:
    return Laptop(seed=7)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    made = Vault.make(tmp_path / "vault")
    yield made
    made.close()


@pytest.fixture
def new_vault(tmp_path: Path) -> Iterator[Callable[[], Vault]]:
    made: list[Vault] = []

    def make() -> Vault:
        made.append(Vault.make(tmp_path / f"vault{len(made)}"))
        return made[-1]

    yield make
    for vault in made:
        vault.close()


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    """What lets processes be killed, for all tests of a module."""
    made = Killer()
    yield made
    made.close()
