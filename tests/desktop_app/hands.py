"""Hands of the tests of the windows: one application of the test's own process."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop_app.app import Application
from tests.laptops import PASSPHRASE

SETTLE_MS = 120_000
"""Nothing takes that long; a busy machine may."""


class Hands:
    """Works one application as a user does: by keys and clicks on what is shown."""

    def __init__(self, qtbot: QtBot, application: Application) -> None:
        self.qtbot = qtbot
        self.application = application
        self.window = application.window

    def close(self) -> None:
        """Close the window and wait until everything is sealed and ended."""
        self.window.close()
        self.qtbot.waitUntil(lambda: not self.window.isVisible(), timeout=SETTLE_MS)
        self.window.deleteLater()

    def settle(self) -> None:
        """Wait until no work is under way."""
        self.qtbot.waitUntil(lambda: self.application.background.idle, timeout=SETTLE_MS)
        QApplication.processEvents()

    def find(self, name: str) -> QWidget:
        """Return the shown widget with this object name."""
        found = [widget for widget in self.window.findChildren(QWidget, name) if widget.isVisible()]
        assert found, f"nothing called {name} is shown"
        return found[0]

    def shows(self, name: str) -> bool:
        """Tell whether a widget with this object name is shown."""
        return any(widget.isVisible() for widget in self.window.findChildren(QWidget, name))

    def words(self, name: str) -> str:
        """Return the words that a shown widget says."""
        return str(self.find(name).property("text"))

    def type(self, name: str, text: str) -> None:
        """Click a field, unless the keyboard is there already, and type."""
        if not self.find(name).hasFocus():
            self.click(name)
        QTest.keyClicks(self.find(name), text)

    def click(self, name: str) -> None:
        """Click in the middle of a widget."""
        QTest.mouseClick(self.find(name), Qt.MouseButton.LeftButton)

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key where the keyboard's focus is."""
        QTest.keyClick(QApplication.focusWidget() or self.window, key, modifier)
        QApplication.processEvents()

    def control(self, key: Qt.Key) -> None:
        """Press a key with Control."""
        self.press(key, Qt.KeyboardModifier.ControlModifier)

    def unlock(self, place: int = 0, passphrase: str = PASSPHRASE, *, stays: bool = False) -> None:
        """Sign in as the person in line `place` of the unlock page, and go on to the subjects unless one `stays`."""
        self.settle()
        if place:
            self.find("unlock_people").setFocus()
        for _ in range(place):
            self.press(Qt.Key.Key_Down)
        self.type("unlock_passphrase", passphrase)
        self.press(Qt.Key.Key_Return)
        self.settle()
        workplace = self.application.workplace
        if workplace is not None and workplace.now.today.isVisible() and not stays:
            self.control(Qt.Key.Key_2)  # who locked on a page comes back to it, everybody else to Today
            self.settle()
