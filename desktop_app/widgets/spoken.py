"""What is told to assistive technology beyond names: what happened where the focus is not; one choice of several.

Source: WCAG 2.2, 1.3.1 (a group and its members), 4.1.2 (role, state), 4.1.3 (status messages).
"""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QWidget


def announce(widget: QWidget, sentence: str, *, at_once: bool = False) -> None:
    """Have a sentence read out where the focus does not go; `at_once`: before what is being read."""
    if sentence and QAccessible.isActive():
        event = QAccessibleAnnouncementEvent(widget, sentence)
        if at_once:
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)


def make_choice(buttons: Sequence[QAbstractButton], owner: QWidget) -> None:
    """Tell buttons as one choice of several, whose standing one may be taken back: radio buttons to a screen reader.

    A group that is not exclusive leaves it to `owner` which of them are checked.
    """
    group = QButtonGroup(owner)
    group.setExclusive(False)
    for button in buttons:
        button.setAutoExclusive(True)
        group.addButton(button)


def tell_choice(buttons: Sequence[QAbstractButton], of: str, more: str = "") -> None:
    """Describe each by what is chosen, by its place, and by what else there is to know: `Sex, 2 of 5 · required`."""
    words = QCoreApplication.translate("Spoken", "%1, %2 of %3")
    for number, button in enumerate(buttons, start=1):
        told = words.replace("%3", str(len(buttons))).replace("%2", str(number)).replace("%1", of)
        button.setAccessibleDescription(f"{told} \N{MIDDLE DOT} {more}" if more else told)
