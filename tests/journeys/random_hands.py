"""What hands do at random wherever they are: doors, places, help, language, scheme, wire, and any button in sight."""

import gc
import random
import threading

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QDialog,
    QLineEdit,
    QListWidget,
    QWidget,
)
from shiboken6 import isValid

from desktop_app import theme
from desktop_app.practice import PracticeStudy
from desktop_app.vault import Laptop
from desktop_app.windows.page import Page
from tests.journeys.agreement import Census, Told
from tests.journeys.hands import Hands
from tests.journeys.random_values import SOUGHT
from tests.laptops import PASSPHRASE

NONE = Qt.KeyboardModifier.NoModifier
ALT, CONTROL, SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
SIZES = ((683, 364), (800, 560), (1024, 700), (1366, 728))
NOT_PRESSED = ("subjects_add", "settings_make_recovery", "sync_lost")
"""Buttons that are counted elsewhere, or end what this is about."""


class RandomHands(Hands):
    """Hands that are led by a seed, of two people who take turns on one laptop."""

    def __init__(self, qt: QApplication, laptop: Laptop, network: PracticeStudy, seed: int) -> None:
        """Open the application; it stands at the unlock page, in English."""
        super().__init__(qt, laptop)
        self._qt = qt
        self._network = network
        self._people = [one.user for one in laptop.state().people]
        self._chance = random.Random(seed)
        self.told = Told()
        self._sign_in()
        self._help()  # its panel is made once, and stays
        self._lock()

    def _one(self, count: int) -> int:
        """Return a place among so many."""
        return self._chance.randrange(count)

    def _front(self) -> QWidget | None:
        return self.window.front()

    def _is_in(self) -> bool:
        return self.application.workplace is not None

    def _stands_on(self, kind: type[Page]) -> bool:
        return isinstance(self._front(), kind)

    def _close_what_is_open(self) -> None:
        while (popup := QApplication.activePopupWidget()) is not None:
            QTest.keyClick(popup, Qt.Key.Key_Escape)
            QApplication.processEvents()
        for window in QApplication.topLevelWidgets():
            if isinstance(window, QDialog) and window.isVisible():
                QTest.keyClick(window, Qt.Key.Key_Escape)
        if not self.window.isActiveWindow():
            self.come_to_front()
        self.settle()

    @staticmethod
    def _touch(widget: QWidget | None) -> None:
        if widget is not None:
            QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
            QApplication.processEvents()

    # -- doors -----------------------------------------------------------------------------------------------

    def _sign_in(self) -> str:
        people = self.find("unlock_people")
        assert isinstance(people, QListWidget)
        who = self._one(people.count())
        QTest.mouseClick(
            people.viewport(), Qt.MouseButton.LeftButton, NONE, people.visualItemRect(people.item(who)).center()
        )
        self.settle()
        if self._chance.random() < 0.2:
            self.type("unlock_passphrase", "not this one")
            self.press(Qt.Key.Key_Return)
            self.settle()
            self._clear_line("unlock_passphrase")
        self.type("unlock_passphrase", PASSPHRASE)
        self.press(Qt.Key.Key_Return)
        self.settle()
        assert self._is_in(), self.words("unlock_passphrase_line")
        self.person = self._people[who]
        return f"sign in as {who}"

    def _clear_line(self, name: str) -> None:
        line = self.find(name)
        assert isinstance(line, QLineEdit)
        QTest.mouseClick(line, Qt.MouseButton.LeftButton)
        self.control(Qt.Key.Key_A)
        self.press(Qt.Key.Key_Delete)

    def _lock(self) -> str:
        switches = self._chance.random() < 0.5
        self.press(Qt.Key.Key_L, CONTROL | SHIFT if switches else CONTROL)
        self.settle()
        assert not self._is_in()
        self.take_census()
        return "switch user" if switches else "lock"

    def take_census(self) -> None:
        """Count what lives now."""
        self.settle()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        QApplication.processEvents()
        gc.collect()
        timers = [one for one in gc.get_objects() if isinstance(one, QTimer) and isValid(one)]
        self.told.census.append(
            Census(
                in_window=len(self.window.findChildren(QObject)),
                widgets=len(QApplication.allWidgets()),
                timers=len(timers),
                threads=len(threading.enumerate()),
            )
        )

    # -- everywhere ------------------------------------------------------------------------------------------

    def _go_to_a_place(self) -> str:
        number = 1 + self._one(8)
        self.press(Qt.Key(Qt.Key.Key_0 + number), CONTROL)
        return f"place {number}"

    def _find(self) -> str:
        words = self._chance.choice(SOUGHT)
        self.control(Qt.Key.Key_K)
        self.settle()
        self.write(words)
        self.settle()
        takes = self._chance.random() < 0.6
        self.press(Qt.Key.Key_Return if takes else Qt.Key.Key_Escape)
        self.settle()
        if self.shows("palette"):
            self.press(Qt.Key.Key_Escape)
        return f"find {words} {takes}"

    def _help(self) -> str:
        self.press(Qt.Key.Key_F1)
        self.settle()
        if self.shows("help"):
            self.press(Qt.Key.Key_Escape)
        return "help"

    def _go_back(self) -> str:
        self.press(Qt.Key.Key_Escape)
        return "back"

    def _tab(self) -> str:
        count = 1 + self._one(6)
        for _ in range(count):
            self.press(Qt.Key.Key_Tab)
        return f"tab {count}"

    def _press_a_button(self) -> str:
        """Press whatever can be pressed, with the mouse or by Space."""
        buttons = [
            one
            for one in self.window.findChildren(QAbstractButton)
            if one.isVisible() and one.isEnabled() and one.objectName() not in NOT_PRESSED
        ]
        place = self._one(len(buttons))
        button = buttons[place]
        if self._chance.random() < 0.5 and button.focusPolicy() & Qt.FocusPolicy.TabFocus:
            button.setFocus(Qt.FocusReason.TabFocusReason)
            self.press(Qt.Key.Key_Space)
            return f"Space on button {place}"
        self._touch(button)
        return f"click on button {place}"

    def _wheel(self) -> str:
        areas = [one for one in self.window.findChildren(QAbstractScrollArea) if one.isVisible()]
        if not areas:
            return "wheel nowhere"
        area, turn = areas[self._one(len(areas))].viewport(), self._chance.choice((-600, -120, 120, 600))
        middle = area.rect().center()
        event = QWheelEvent(
            QPointF(middle),
            QPointF(area.mapToGlobal(middle)),
            QPoint(0, turn // 8),
            QPoint(0, turn),
            Qt.MouseButton.NoButton,
            NONE,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(area, event)
        return f"wheel {turn}"

    def _synchronise(self) -> str:
        self.control(Qt.Key.Key_6)
        self.settle()
        button = self.find("sync_now")
        if button.isEnabled():
            self.click("sync_now")
            self.settle()
        return f"sync, the wire is {'cut' if self._network.down else 'whole'}"

    def _cut_or_mend_the_wire(self) -> str:
        self._network.down = not self._network.down
        return f"the wire is {'cut' if self._network.down else 'whole'}"

    def _switch_language(self) -> str:
        code = self._chance.choice(("en", "zh"))
        self.control(Qt.Key.Key_7)
        self.settle()
        self.click(f"settings_language_{code}")
        return f"language {code}"

    def _switch_theme(self) -> str:
        dark = self._chance.random() < 0.5
        theme.apply(self._qt, theme.DARK if dark else theme.LIGHT)
        return "dark" if dark else "light"

    def _resize(self) -> str:
        size = self._chance.choice(SIZES)
        self.window.resize(*size)
        return f"window {size}"
