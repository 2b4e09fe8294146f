"""New passphrases are measured in words and refused only when easy to guess; known ones are shown by the eye."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop_app.strength import MOST, Holds, measure
from desktop_app.widgets.passphrase import NewPassphraseField, PassphraseField
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.laptops import PASSPHRASE, Ward

ROOT = Path(__file__).parents[2]


@pytest.fixture
def field(qtbot: QtBot) -> NewPassphraseField:
    made = NewPassphraseField("new", lambda: ("Coordinator Huang", "ward-seven"))
    made.set_texts("New &passphrase", "Four or five unrelated words.")
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def typed(field: NewPassphraseField, qtbot: QtBot, text: str) -> str:
    """Type, and return what is said of it once it was measured."""
    field.edit.selectAll()
    before = field.bar.accessibleName()
    QTest.keyClicks(field.edit, text)
    qtbot.waitUntil(lambda: field.bar.accessibleName() not in {"", before}, timeout=SETTLE_MS)
    return field.bar.accessibleName()


@pytest.mark.parametrize(
    ("passphrase", "enough"),
    [
        ("correct horse battery staple", True),
        ("qwertyui", False),
        ("password1", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("Xk9#q", False),
        ("huangward-seven", False),
        ("月亮苹果自行车雨伞窗帘铅笔", True),
    ],
)
def test_passphrase_is_judged_by_what_guessing_it_takes(passphrase: str, *, enough: bool) -> None:
    assert measure(passphrase, ("Coordinator Huang", "ward-seven")).is_enough is enough


def test_stronger_passphrases_hold_longer_and_length_beyond_the_limit_changes_nothing() -> None:
    held = [measure(text).holds for text in ("password", "tuesday lamp", "correct horse battery staple")]
    assert held == sorted(held, key=list(Holds).index)
    assert held[0] is Holds.SECONDS
    assert held[-1] is Holds.CENTURIES
    long = "seven purple lorries " * 4
    assert measure(long) == measure(long[:MOST])


def test_words_and_bar_follow_what_is_typed(field: NewPassphraseField, qtbot: QtBot) -> None:
    assert typed(field, qtbot, "p") == "Too short yet: at least 8 characters."
    assert field.bar.filled == 1
    assert typed(field, qtbot, "password1").startswith("Very weak:")
    assert typed(field, qtbot, "correct horse battery staple").startswith("Strong: would hold a thief off")
    assert field.bar.filled == 4
    field.clear()
    assert field.bar.filled == 0


def test_refusal_says_what_to_do(field: NewPassphraseField) -> None:
    for text, says in (("short", "at least 8"), ("password1", "too easy to guess"), (PASSPHRASE, "")):
        field.edit.setText(text)
        assert says in field.refusal()
        assert bool(field.refusal()) is bool(says)


def test_eye_shows_and_hides_by_key_and_hides_with_the_text(qtbot: QtBot) -> None:
    field = PassphraseField("known")
    field.set_texts("Passphrase")
    qtbot.addWidget(field)
    field.show()
    QTest.keyClicks(field.edit, "words")
    field.eye.setFocus()
    QTest.keyClick(field.eye, Qt.Key.Key_Space)
    assert field.edit.echoMode() is QLineEdit.EchoMode.Normal
    assert field.eye.accessibleName() == "Hide the passphrase: Passphrase"
    field.clear()
    assert field.edit.echoMode() is QLineEdit.EchoMode.Password
    assert not field.eye.isChecked()


def test_window_stands_without_the_word_lists() -> None:
    code = "import sys, desktop_app.doors, desktop_app.windows.settings; sys.exit('zxcvbn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_weak_passphrase_is_refused_beside_its_field_in_the_settings(hands: Hands) -> None:
    hands.unlock()
    hands.control(Qt.Key.Key_7)
    hands.settle()
    for name, text in (
        ("settings_old_passphrase", PASSPHRASE),
        ("settings_new_passphrase", "coordinator001"),
        ("settings_new_passphrase_again", "coordinator001"),
    ):
        hands.type(name, text)
    hands.press(Qt.Key.Key_Return)
    hands.settle()
    assert "too easy to guess" in hands.words("settings_new_passphrase_line")
    assert hands.words("settings_new_passphrase") == "coordinator001"


# -- waiting after failures -----------------------------------------------------------------------------------------


def wrongly(hands: Hands, times: int) -> None:
    """Type a wrong passphrase and press Enter, several times."""
    for _ in range(times):
        hands.find("unlock_passphrase").setFocus()
        hands.control(Qt.Key.Key_A)
        QTest.keyClicks(hands.find("unlock_passphrase"), "not this one")
        hands.press(Qt.Key.Key_Return)
        hands.settle()


def test_wrong_passphrases_make_the_next_try_wait_and_the_page_counts_down(
    hands: Hands, qtbot: QtBot, enrolled_ward: Ward
) -> None:
    wrongly(hands, 3)
    assert not hands.shows("unlock_countdown")
    wrongly(hands, 1)
    assert "Next try in" in hands.find("unlock_countdown").accessibleName()
    assert hands.words("unlock_passphrase") == "not this one"
    assert not hands.find("unlock_button").isEnabled()
    assert hands.find("unlock_forgotten").isEnabled()
    qtbot.waitUntil(lambda: hands.find("unlock_button").isEnabled(), timeout=SETTLE_MS)
    assert hands.find("unlock_countdown").accessibleName() == "You can try again now."
    assert hands.words("unlock_passphrase") == "not this one"
    hands.control(Qt.Key.Key_A)
    enrolled_ward.clock.utc_ms += 10_000  # the laptop's own clock stands still while nobody looks
    hands.unlock()
    assert "Coordinator A" in hands.words("foot_who")


def test_one_person_s_wait_keeps_nobody_else_out(hands: Hands) -> None:
    wrongly(hands, 4)
    assert hands.shows("unlock_countdown")
    hands.unlock(place=1)
    assert "Investigator B" in hands.words("foot_who")


def test_wait_is_said_in_the_language_that_is_chosen(hands: Hands) -> None:
    wrongly(hands, 4)
    hands.click("unlock_language")
    assert "已多次输错" in hands.find("unlock_countdown").accessibleName()
