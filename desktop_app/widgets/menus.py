"""Menus that are filled again and again.

What Qt makes by itself (`addAction("text")`, `addMenu("title")`) PySide6 6.11 keeps a stand-in of for as long as the
menu lives, also when it is gone; what is made here goes whole (docs/known_limits.md).
"""

from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu


def empty(menu: QMenu) -> None:
    """Take everything out of a menu, its parts too."""
    menu.clear()
    for part in menu.findChildren(QMenu):
        part.deleteLater()


def add_action(menu: QMenu, text: str, icon: QIcon | None = None) -> QAction:
    """Add an action at the end; `&` before a letter makes it a mnemonic."""
    action = QAction(text, menu)
    if icon is not None:
        action.setIcon(icon)
    menu.addAction(action)
    return action


def add_part(menu: QMenu, title: str) -> QMenu:
    """Add a menu at the end."""
    part = QMenu(title, menu)
    menu.addMenu(part)
    return part


def separate(menu: QMenu) -> None:
    """Add a line at the end."""
    line = QAction(menu)
    line.setSeparator(True)
    menu.addAction(line)
