"""Writes THIRD_PARTY_NOTICES.md from the installed packages, and gathers their licence texts for the built application.

    tools/third_party.py write            rewrite THIRD_PARTY_NOTICES.md
    tools/third_party.py check            fail when it no longer fits
    tools/third_party.py gather FOLDER    copy every licence text of the shipped packages to FOLDER

Shipped is what `desktop` and `server` need, on any system that the product runs on. What a package's
metadata does not say stands in HAND_KEPT; what is inside a package but not in its metadata stands in
tools/third_party_notes.md. The list is part of the product: its licences ask for it.
"""

import importlib.metadata
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
NOTICES = ROOT / "THIRD_PARTY_NOTICES.md"
NOTES = ROOT / "tools" / "third_party_notes.md"
OWN_NAME = "casebook-crf"
SHIPPED_EXTRAS = ("desktop", "server")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
SYSTEMS = (("linux", "Linux", "posix"), ("win32", "Windows", "nt"), ("darwin", "Darwin", "posix"))

# Licence and home of packages whose metadata is silent, or that this system does not install.
HAND_KEPT = {
    "click-default-group": "BSD-3-Clause",
    "pypdfium2": "BSD-3-Clause AND Apache-2.0, with PDFium's own (BSD-3-Clause and those in its licence folder)",
    "pyside6-essentials": "LGPL-3.0-only (chosen of LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only)",
    "reportlab": "BSD-3-Clause",
    "shiboken6": "LGPL-3.0-only (chosen of LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only)",
    "sqlcipher3": "Zlib, with SQLCipher (BSD-3-Clause) and OpenSSL (Apache-2.0) inside",
}
# What pip installs beside a package and the application neither imports nor ships: sqlite-utils asks for pip.
NOT_SHIPPED = {"pip", "setuptools"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A shipped package: its name as locked, its version, its licence in words."""

    name: str
    version: str
    licence: str


def locked() -> dict[str, str]:
    """Return name and version of everything in requirements.lock."""
    text = (ROOT / "requirements.lock").read_text("utf-8")
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", text, flags=re.MULTILINE))


def environments() -> Iterator[dict[str, str]]:
    """Yield the marker environments of every system and Python that the product runs on."""
    for python in PYTHONS:
        for sys_platform, platform_system, os_name in SYSTEMS:
            yield {
                "python_version": python,
                "python_full_version": f"{python}.0",
                "sys_platform": sys_platform,
                "platform_system": platform_system,
                "os_name": os_name,
                "platform_python_implementation": "CPython",
                "implementation_name": "cpython",
            }


def requirements(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """Yield what `name` with `extras` needs on any of the product's systems."""
    try:
        lines = importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return  # needed on another system only
    for requirement in map(Requirement, lines):
        marker = requirement.marker
        places = [{**place, "extra": extra} for extra in ("", *extras) for place in environments()]
        if marker is None or any(marker.evaluate(place) for place in places):
            yield requirement


def shipped() -> tuple[Package, ...]:
    """Return the packages that the application ships, by name."""
    versions: dict[str, str] = {canonicalize_name(name): version for name, version in locked().items()}
    seen: set[tuple[str, frozenset[str]]] = set()
    todo: list[tuple[str, frozenset[str]]] = [(OWN_NAME, frozenset(SHIPPED_EXTRAS))]
    while todo:
        name, extras = todo.pop()
        if (name, extras) in seen or name in NOT_SHIPPED:
            continue
        seen.add((name, extras))
        todo += [(canonicalize_name(each.name), frozenset(each.extras)) for each in requirements(name, extras)]
    names = sorted({name for name, _ in seen} - {OWN_NAME})
    return tuple(Package(name=name, version=versions[name], licence=licence_of(name)) for name in names)


def licence_of(name: str) -> str:
    """Return a package's licence in words: by hand where kept, else from its metadata."""
    if name in HAND_KEPT:
        return HAND_KEPT[name]
    metadata = importlib.metadata.metadata(name)
    expression = next((metadata[key] for key in ("License-Expression", "License") if key in metadata), "")
    if expression and "\n" not in expression:
        return expression
    classifiers = metadata.get_all("Classifier") or []
    return ", ".join(line.rsplit(" :: ", 1)[-1] for line in classifiers if line.startswith("License :: "))


def document() -> str:
    """Return the text of THIRD_PARTY_NOTICES.md."""
    rows = "\n".join(f"| {package.name} | {package.version} | {package.licence} |" for package in shipped())
    return NOTES.read_text("utf-8").replace("{{packages}}", rows)


def gather(folder: Path) -> int:
    """Copy every licence text of the shipped packages to `folder`/name/; return how many files there are."""
    count = 0
    for package in shipped():
        try:
            files = importlib.metadata.files(package.name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for file in files:
            head, _, tail = file.as_posix().partition(".dist-info/")
            if "/" in head or not re.search(r"(?i)licen|copying|notice", tail):
                continue
            target = folder / package.name / tail.removeprefix("licenses/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(str(file.locate()), target)
            count += 1
    return count


def main(arguments: list[str]) -> int:
    """Do what the command line asks."""
    match arguments:
        case ["write"]:
            NOTICES.write_text(document(), "utf-8")
        case ["check"]:
            if not NOTICES.exists() or NOTICES.read_text("utf-8") != document():
                print("THIRD_PARTY_NOTICES.md does not fit requirements.lock; run: python tools/third_party.py write")
                return 1
        case ["gather", folder]:
            print(f"{gather(Path(folder))} licence texts in {folder}")
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
