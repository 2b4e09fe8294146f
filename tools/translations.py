"""Keeps desktop_app/i18n in step with the code: the texts of the windows in every language but English.

    tools/translations.py update   gather the texts of the code into the .ts files, then make the .qm files
    tools/translations.py check    fail when a text is missing, unfinished or no longer used, or a .qm file is old

Qt's own tools do the work. Texts of the forms are part of the study and lie in forms/.
"""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "desktop_app" / "i18n"


def run(tool: str, *arguments: str) -> None:
    """Run one of Qt's translation tools quietly; its output is shown when it fails."""
    program = Path(sysconfig.get_path("scripts")) / tool
    done = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{tool} failed:\n{done.stdout}{done.stderr}")


def sources() -> list[str]:
    """Return the Python files whose texts are translated, in a fixed order."""
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "desktop_app").rglob("*.py"))


def gather(catalogue: Path) -> None:
    """Bring `catalogue` (.ts) in step with the code; texts that are gone are dropped."""
    run("pyside6-lupdate", *sources(), "-no-obsolete", "-locations", "none", "-ts", str(catalogue))


def release(catalogue: Path, compiled: Path) -> None:
    """Make the file that Qt loads (.qm) from a .ts file; a program that has the earlier one mapped keeps that."""
    fresh = compiled.with_suffix(".qm.new")
    run("pyside6-lrelease", str(catalogue), "-qm", str(fresh))
    fresh.replace(compiled)


def messages(catalogue: Path) -> dict[tuple[str, str, str], tuple[str, bool]]:
    """Return (context, text, comment) -> (translation, finished) of a .ts file."""
    found = {}
    for context in ET.parse(catalogue).getroot().iter("context"):
        for message in context.iter("message"):
            key = (context.findtext("name", ""), message.findtext("source", ""), message.findtext("comment", ""))
            translation = message.find("translation")
            text = "" if translation is None else "".join(translation.itertext()).strip()
            found[key] = (text, translation is not None and translation.get("type") is None)
    return found


def problems(catalogue: Path) -> list[str]:
    """Return what is wrong with one .ts file and its .qm file, a line each."""
    kept = messages(catalogue)
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / catalogue.name
        shutil.copyfile(catalogue, fresh)
        gather(fresh)
        wanted = messages(fresh)
        compiled = fresh.with_suffix(".qm")
        release(catalogue, compiled)
        shipped = catalogue.with_suffix(".qm")
        old = not shipped.exists() or shipped.read_bytes() != compiled.read_bytes()
    lines = [f"missing: {context}: {text}" for context, text, _ in wanted.keys() - kept.keys()]
    lines += [f"no longer used: {context}: {text}" for context, text, _ in kept.keys() - wanted.keys()]
    lines += [
        f"unfinished: {context}: {text}"
        for (context, text, _), (translation, finished) in kept.items()
        if not (finished and translation)
    ]
    if old:
        lines.append(f"{shipped.name} is missing or old")
    return [f"{catalogue.name}: {line}" for line in sorted(lines)]


def main(arguments: list[str]) -> int:
    """Do what the command line asks."""
    catalogues = sorted(CATALOGUES.glob("*.ts"))
    if not catalogues:
        print(f"no catalogue (.ts) in {CATALOGUES.relative_to(ROOT)}")
        return 1
    match arguments:
        case ["update"]:
            for catalogue in catalogues:
                gather(catalogue)
                release(catalogue, catalogue.with_suffix(".qm"))
        case ["check"]:
            found = [line for catalogue in catalogues for line in problems(catalogue)]
            if found:
                print(*found, "Run: python tools/translations.py update, and translate what it adds.", sep="\n")
                return 1
            print(f"{len(catalogues)} catalogue(s) complete")
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
