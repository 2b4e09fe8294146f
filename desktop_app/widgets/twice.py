"""An item that is typed twice, the second time without seeing the first, before it is kept.

Source: clinical content, section 0.0 (number and arm of the randomisation are entered twice).
"""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from casebook.design import Item
from desktop_app import theme
from desktop_app.snapshots import ItemView
from desktop_app.widgets.focus import holds_focus
from desktop_app.widgets.item_editors import ItemEditor, Present


class TwiceEditor(ItemEditor):
    """Two editors of one item, of which one is seen at a time."""

    def __init__(self, item: Item, make: Callable[[QWidget], ItemEditor], parent: QWidget | None = None) -> None:
        """Make both editors. `make` makes one of the item's own kind."""
        super().__init__(item, parent)
        self.first = make(self)
        self.second = make(self)
        self.second.setObjectName(f"{self.second.objectName()}.again")
        self.second.input().setObjectName(f"{self.second.input().objectName()}.again")
        self._entered: tuple[str, str] | None = None
        self._stands = ("", "")
        self._differs = False
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.restart = QPushButton(self)
        self.restart.setObjectName(f"{item.oid}.restart")
        theme.set_role(self.restart, "quiet")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addWidget(self.first)
        column.addWidget(self.second)
        foot = QHBoxLayout()
        foot.addWidget(self.note, 1)
        foot.addWidget(self.restart, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(foot)
        self.first.edited.connect(self.edited)
        self.first.committed.connect(self._take_first)
        self.second.committed.connect(self._take_second)
        self.first.finished.connect(self._go_on_from_first)
        self.second.finished.connect(self._go_on_from_second)
        self.restart.clicked.connect(self._start_again)
        self._show_stage()

    def show_item(self, view: ItemView, language: str) -> None:
        """Show the value that stands; an entry that waits for its second typing is left alone."""
        self.first.show_item(view, language)
        self.second.show_item(view, language)
        if self._entered is None:
            self._differs = False
        self._stands = (self.first.raw(), self.first.unit())
        self.translate(language)

    def translate(self, language: str) -> None:
        """Label both editors and the note."""
        self.language = language
        self.first.translate(language)
        self.second.translate(language)
        label = self.item.label(language)
        self.second.input().setAccessibleName(self.tr("%1, once more").replace("%1", label))
        self.restart.setText(self.tr("Start again"))
        self.restart.setAccessibleName(self.tr("%1: start again").replace("%1", label))
        self._show_stage()

    def tell_problem(self, sentence: str) -> None:
        """Tell of both."""
        self.first.tell_problem(sentence)
        self.second.tell_problem(sentence)

    def use_clock(self, present: Present) -> None:
        """Know the present by a clock, both times."""
        self.first.use_clock(present)
        self.second.use_clock(present)

    @property
    def is_dirty(self) -> bool:
        """Whether an entry waits here."""
        return self._entered is not None or self.first.is_dirty

    def commit(self) -> None:
        """Take what the visible editor holds."""
        (self.second if self._entered else self.first).commit()

    def mark_unkept(self) -> None:
        """Say it again at the next leaving."""
        self.first.mark_unkept()

    def settle(self) -> None:
        """Take what stands here as said; the second entry is made anew."""
        self._entered = None
        self.first.settle()
        self.second.forget()

    def input(self) -> QWidget:
        """Return the visible editor's control."""
        return (self.second if self._entered else self.first).input()

    def put(self, text: str, unit: str) -> None:
        """Show a value as agreed."""
        self.first.put(text, unit)

    def raw(self) -> str:
        """Return the first entry."""
        return self.first.raw()

    def unit(self) -> str:
        """Return the first entry's unit."""
        return self.first.unit()

    def set_editable(self, *, on: bool) -> None:
        """Let the user type, or only read."""
        self.first.set_editable(on=on)
        self.second.set_editable(on=on)

    def _take_first(self, raw: str, unit: str) -> None:
        self._differs = False
        if raw:
            had_focus = holds_focus(self)
            self._entered = (raw, unit)
            self.second.forget()
            self._show_stage()
            if had_focus:
                self.second.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.committed.emit("", "")

    def _take_second(self, raw: str, unit: str) -> None:
        entered = self._entered
        if entered is None or not raw:
            return
        self._entered = None
        self._differs = (raw, unit) != entered
        if self._differs:
            self._show_what_stands()
            return
        self.first.put(*entered)
        self._show_stage()
        self.committed.emit(*entered)

    def _go_on_from_first(self) -> None:
        if self._entered is not None:
            self.second.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.finished.emit()

    def _go_on_from_second(self) -> None:
        if self._differs or self._entered is not None:
            self.input().setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.finished.emit()

    def _start_again(self) -> None:
        self._entered = None
        self._differs = False
        self._show_what_stands()
        self.first.setFocus(Qt.FocusReason.TabFocusReason)

    def _show_what_stands(self) -> None:
        self.first.put(*self._stands)
        self.first.settle()
        self._show_stage()
        self.edited.emit()

    def _show_stage(self) -> None:
        again = self._entered is not None
        self.note.show()
        self.first.setVisible(not again)
        self.second.setVisible(again)
        self.restart.setVisible(again)
        self.setFocusProxy(self.second if again else self.first)
        if again:
            self.note.setText(self.tr("Entered once. Enter it a second time; it is kept when both agree."))
        elif self._differs:
            self.note.setText(self.tr("The two entries differ, so nothing was kept. Enter it twice again."))
        else:
            self.note.setVisible(not self.first.raw())
            self.note.setText(self.tr("To be entered twice, the second time without seeing the first."))
        theme.set_tone(self.note, theme.Tone.BAD if self._differs else theme.Tone.QUIET)
