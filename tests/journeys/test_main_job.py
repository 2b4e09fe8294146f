"""The main job on real parts: one participant from consent to signed PDF, offline, then on a second laptop.

Two applications by keys and clicks, one server process over TLS, encrypted files. The story itself is
in story.py; each test here looks at what it left.
"""

import re
import subprocess
from pathlib import Path

import pytest

from casebook import crypto
from casebook.paper import desk
from casebook.paper.code import CodeVerdict
from desktop_app.snapshots import Mark
from tests.journeys.answers import (
    CHANGED_VOLUME,
    FIRST_VISIT,
    NAME,
    PHONE,
    RANDOM_NUMBER,
    SECOND_VISIT,
    TOTAL,
    answers,
)
from tests.journeys.story import COORDINATOR, INVESTIGATOR, PAPERS, Journey

BY_HAND = {"SIGPINK"}
"""Items that are drawn."""


def test_offline_work_is_said_to_be_here_only(journey: Journey) -> None:
    assert journey.number == "001-A001"
    assert "cannot be reached" in journey.said["sync offline"]
    assert "on this laptop only" in journey.said["custody offline"]


def test_every_answer_stands_in_its_field_and_is_marked(journey: Journey) -> None:
    for (key, shown), ((visit, form, _), given) in zip(
        journey.offline.items(), answers(journey.began).items(), strict=True
    ):
        assert (key.visit.visit, key.form) == (visit, form)
        fields = {path.item: field for path, field in shown.items()}
        for name, answer in {**given, **({"CORVOL": CHANGED_VOLUME} if form == "F.IMG1" else {})}.items():
            text, _, mark = fields[name]
            assert mark in {Mark.KEPT, Mark.RECORDED}, (form, name)
            assert name in BY_HAND or text == answer, (form, name)


@pytest.mark.parametrize("visit", PAPERS)
def test_stroke_scale_is_scored_live(journey: Journey, visit: str) -> None:
    assert journey.said[f"score at {visit}"] == f"NIHSS total {TOTAL}"


def test_consent_is_signed_in_its_window(journey: Journey) -> None:
    assert INVESTIGATOR in journey.said["consent signed"]


def test_both_ends_are_in_step_once_the_server_is_there(journey: Journey) -> None:
    first, second = journey.said["last sync of the first"], journey.said["second laptop's sync"]
    assert "In step with the server" in first
    assert first.split("Check: ")[1] == second.split("Check: ")[1]
    assert journey.said["custody at the end"] == "Not sealed yet: 1"  # what cannot be read: kept, and nothing else
    assert journey.server.status()["quarantined"] == 0


def test_identity_is_sealed_away_until_the_second_laptop_is_admitted(journey: Journey) -> None:
    assert "not admitted" in journey.said["aside before it is admitted"]
    (contact,) = (shown for key, shown in journey.second.items() if key.form == "F.CONTACT")
    assert {field[0] for field in contact.values()} >= {NAME, PHONE}


def test_second_laptop_shows_all_of_it(journey: Journey) -> None:
    assert journey.second == journey.first
    assert set(journey.second) == set(journey.offline)
    for key, shown in journey.offline.items():
        assert {path: field[:2] for path, field in journey.second[key].items()} == {
            path: field[:2] for path, field in shown.items()
        }
        entered = [journey.second[key][path] for path, field in shown.items() if field[2] in {Mark.KEPT, Mark.RECORDED}]
        assert {mark for _, _, mark in entered} == {Mark.RECORDED}


# -- paper -------------------------------------------------------------------------------------------------


def _words(pdf: bytes, folder: Path) -> str:
    """Return a PDF's text as an independent program reads it, in one line."""
    (folder / "paper.pdf").write_bytes(pdf)
    said = subprocess.run(["pdftotext", str(folder / "paper.pdf"), "-"], check=True, capture_output=True).stdout
    return " ".join(said.decode().split())


def _printed(words: str, person: str) -> int:
    return len(re.findall(rf"Printed 打印 {person}, \d{{4}}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d", words))


def _without_print(words: str, person: str) -> str:
    """Leave out who printed it and when: the only thing in which two prints may differ."""
    return re.sub(rf"Printed 打印 {person}, \d{{4}}-\d\d-\d\d \d\d:\d\d [+-]\d\d:\d\d", "", words)


@pytest.mark.parametrize("visit", PAPERS)
def test_papers_of_either_laptop_carry_the_same_data(journey: Journey, visit: str, tmp_path: Path) -> None:
    first = _words(journey.papers["one", visit], tmp_path)
    second = _words(journey.papers["two", visit], tmp_path)
    assert _printed(first, INVESTIGATOR) == _printed(second, COORDINATOR) > 0
    assert _without_print(first, INVESTIGATOR) == _without_print(second, COORDINATOR)
    assert journey.number in first
    assert str(TOTAL) in first


def test_first_visit_is_printed_with_what_was_entered(journey: Journey, tmp_path: Path) -> None:
    words = _words(journey.papers["two", FIRST_VISIT], tmp_path)
    assert RANDOM_NUMBER in words
    assert CHANGED_VOLUME in words
    assert PHONE not in words


def test_signed_papers_reach_the_second_laptop(journey: Journey) -> None:
    assert [name.split()[1] for name in journey.signed] == ["F.ICF", SECOND_VISIT]


def test_signatures_are_valid_by_our_verifier(journey: Journey) -> None:
    for pdf in journey.signed.values():
        verdict = desk.verify_file(pdf, journey.authority)
        assert not isinstance(verdict, CodeVerdict)
        assert verdict.valid, verdict.problems
        assert [one.signer for one in verdict.signatures] == [INVESTIGATOR]


def test_signatures_are_valid_by_an_independent_viewer(journey: Journey, tmp_path: Path) -> None:
    trusting = tmp_path / "nss"
    trusting.mkdir()
    (tmp_path / "ca.pem").write_bytes(crypto.certificate_pem(journey.authority))
    store = ("certutil", "-d", f"sql:{trusting}")
    subprocess.run([*store, "-N", "--empty-password"], check=True)
    subprocess.run([*store, "-A", "-n", "ca", "-t", "CT,C,C", "-i", str(tmp_path / "ca.pem")], check=True)
    for number, pdf in enumerate(journey.signed.values()):
        file = tmp_path / f"{number}.pdf"
        file.write_bytes(pdf)
        command = ["pdfsig", "-nssdir", str(trusting), str(file)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert said.count("Signature is Valid.") == 1
        assert said.count("Certificate is Trusted.") == 1
        assert "Total document signed" in said


def test_consent_shows_the_participants_name_and_two_languages(journey: Journey, tmp_path: Path) -> None:
    consent = next(pdf for name, pdf in journey.signed.items() if "F.ICF" in name)
    words = _words(consent, tmp_path)
    assert NAME in words
    assert "知情同意" in words
    assert "Page 1 of" in words
