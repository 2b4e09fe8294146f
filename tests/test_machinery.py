"""What holds the house together: pins, lock, licences, contracts and the shape of the source tree."""

import importlib
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKED: dict[str, str] = {
    canonicalize_name(name): version
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", LOCK, flags=re.MULTILINE)
}
NOT_OURS = {".venv", ".git", "build", "dist", "__pycache__", ".hypothesis", ".shared"}
MAX_LINES = 600
# Pieces, so that this file does not name what it forbids.
REGISTRY_HOSTS = [".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"))]
MACHINE_PATHS = [f"/{folder}/" for folder in ("work", "root", "tmp")] + ["C:\\Users\\"]


def tracked() -> Iterator[Path]:
    """Yield the files that the repository keeps; no git is needed for it."""
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT).parts
        if path.is_file() and not NOT_OURS.intersection(inside) and not inside[0].endswith(("_cache", ".egg-info")):
            yield path


def texts() -> Iterator[tuple[str, str]]:
    """Yield (name, text) of every text file that the repository keeps."""
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content:
            yield path.relative_to(ROOT).as_posix(), content.decode("utf-8")


def declared() -> list[Requirement]:
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    return [Requirement(line) for group in (project["dependencies"], *extras) for line in group]


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_lock_holds_a_version_that_each_declared_bound_allows(requirement: Requirement) -> None:
    assert requirement.specifier.contains(LOCKED[canonicalize_name(requirement.name)])


def test_lock_pins_the_proved_pyside() -> None:
    assert "PySide6_Essentials==6.11.3" in PROJECT["project"]["optional-dependencies"]["desktop"]
    assert LOCKED["pyside6-essentials"] == LOCKED["shiboken6"] == "6.11.3"


def test_lock_hashes_every_package() -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9])", LOCK, flags=re.MULTILINE)[1:]
    assert len(blocks) == len(LOCKED)
    assert [block.split("\n", 1)[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_lock_names_no_host_and_no_option() -> None:
    code = [line for line in LOCK.splitlines() if not line.lstrip().startswith(("#", "--hash=sha256:"))]
    assert [line for line in code if not re.match(r"[A-Za-z0-9._-]+==\S+( ; .*)? \\$", line)] == []
    assert "://" not in LOCK


def test_installed_versions_are_those_of_the_lock() -> None:
    names = [requirement.name for requirement in declared()]
    locked = {name: LOCKED[canonicalize_name(name)] for name in names}
    assert {name: importlib.metadata.version(name) for name in names} == locked


def test_files_name_no_machine_path_and_no_registry() -> None:
    paths = "|".join(map(re.escape, MACHINE_PATHS))
    hosts = "|".join(map(re.escape, REGISTRY_HOSTS))
    forbidden = re.compile(rf"{hosts}|(?<![\w.}}$~/-])(?:{paths})")
    found = [f"{name}: {match.group()}" for name, text in texts() for match in forbidden.finditer(text)]
    assert found == []


def test_no_module_is_over_600_lines() -> None:
    long = {name: text.count("\n") for name, text in texts() if name.endswith(".py") and text.count("\n") > MAX_LINES}
    assert long == {}


def test_every_relaxed_rule_has_a_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    lint = text.split("[tool.ruff.lint]")[1].split("[tool.ruff.lint.mccabe]")[0]
    rules = [line for line in lint.splitlines() if re.match(r'\s+"[A-Z]+[0-9]*",', line)]
    assert rules
    assert [line for line in rules if not re.search(r'", +# \w', line)] == []


def test_contracts_have_no_exceptions() -> None:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    assert [contract["name"] for contract in contracts if "ignore_imports" in contract] == []
    assert [c["name"] for c in contracts if c["type"] == "layers" and c.get("exhaustive") is not True] == []


@pytest.mark.parametrize("command", sorted(PROJECT["project"]["scripts"]))
def test_console_script_names_a_function(command: str) -> None:
    module, function = PROJECT["project"]["scripts"][command].split(":")
    assert callable(getattr(importlib.import_module(module), function))


# -- licences -----------------------------------------------------------------------------------------


def notices() -> dict[str, tuple[str, str]]:
    """Return name -> (version, licence) of the table in THIRD_PARTY_NOTICES.md."""
    text = (ROOT / "THIRD_PARTY_NOTICES.md").read_text("utf-8").split("## Packages")[1]
    rows = re.findall(r"^\| ([a-z0-9.-]+) \| (\S+) \| (.*) \|$", text, flags=re.MULTILINE)
    return {name: (version, licence) for name, version, licence in rows if name != "package"}


def test_notices_fit_the_lock() -> None:
    done = subprocess.run(
        [sys.executable, "tools/third_party.py", "check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_notices_name_every_declared_package_of_the_application() -> None:
    project = PROJECT["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["desktop"], *extras["server"]]
    assert {canonicalize_name(Requirement(line).name) for line in lines} <= notices().keys()


def test_shipped_packages_have_a_licence_and_none_is_gpl() -> None:
    table = notices()
    assert [name for name, (_, licence) in table.items() if not licence.strip()] == []
    chosen = {name: re.sub(r"\(chosen of .*?\)", "", licence) for name, (_, licence) in table.items()}
    assert [name for name, licence in chosen.items() if re.search(r"(?<!L)GPL|General Public", licence)] == []


def test_licence_texts_lie_in_the_tree() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text("utf-8")
    kept = {path.name for path in (ROOT / "resources" / "licences").iterdir()}
    assert kept == {"LGPL-3.0.txt", "GPL-3.0.txt", "SQLCipher.txt"}
