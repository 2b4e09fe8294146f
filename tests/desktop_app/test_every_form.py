"""Every form of the study is filled from first to last item by keys alone, in both languages."""

import copy
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop_app.snapshots import Mark
from desktop_app.windows.form_words import open_findings
from tests.desktop_app.forms_at_work import ASSESSOR, COORDINATOR
from tests.desktop_app.typist import Answers, Typist, reading_of
from tests.journeys.hands import Hands
from tests.laptops import PASSPHRASE, Ward, design

TOLD = tomllib.loads((Path(__file__).parents[1] / "data" / "answers.toml").read_text(encoding="utf-8"))
"""What forms' own rules need, by form and item; everything else follows from the items' definitions."""


def answers_of(form: str, language: str) -> Answers:
    """Return the answers to a form: the usual ones in English, those that ask for more in Chinese."""
    rare = language == "zh"
    given = TOLD["given"].get(form, {}) | (TOLD["rare"].get(form, {}) if rare else {})
    return Answers(design(), design().form(form), language, given, rare=rare)


@pytest.fixture(scope="module", params=["en", "zh"])
def typist(
    request: pytest.FixtureRequest, qapp: QApplication, enrolled_once: Ward, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Typist]:
    """An application on a laptop of its own, in one language, with the coordinator signed in."""
    folder = tmp_path_factory.mktemp("forms")
    shutil.copytree(enrolled_once.folder, folder, dirs_exist_ok=True)
    ward = copy.deepcopy(enrolled_once)
    ward.folder = folder
    ward.join(ward.laptop("one"), "assessor")
    hands = Hands(qapp, ward.laptop("one"), request.param)
    hands.unlock(PASSPHRASE)
    hands.application.background.run_sync(lambda: None)  # its thread begins here and not in one of the tests
    hands.settle()
    yield Typist(hands, request.param)
    hands.close()


@pytest.mark.parametrize("form", sorted(design().forms))
def test_form_is_filled_from_first_to_last_item_by_keys_and_completed(typist: Typist, form: str) -> None:
    typist.open_new_subject()
    typist.enter_beside(TOLD["beside"].get(form, {}))
    blinding = design().blinding
    assessed = blinding is not None and form in blinding.assessed
    if assessed:
        subject = typist.subject
        typist.sign_in(ASSESSOR)
        typist.open_casebook(subject)
    key = typist.open_form(form)
    assert typist.hands.words("form_title") == design().form(form).label(typist.language)
    typed = typist.fill(answers_of(form, typist.language))
    assert typed
    assert not typist.hands.shows("form_next"), typist.view.unanswered
    typist.save_and_complete()
    view = typist.kept(key)
    assert view.complete, (typist.hands.words("form_notice_words"), open_findings(view))
    assert {path: view.item(path).reading for path in typed} == {path: reading_of(text) for path, text in typed.items()}
    assert {view.item(path).mark for path in typed} == {Mark.RECORDED}
    if assessed:
        typist.sign_in(COORDINATOR)
