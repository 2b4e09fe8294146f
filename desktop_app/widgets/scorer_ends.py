"""What stands before a scale and after it: who scores and when, what is offered; the total, what is missing, the end.

An offer is shown in words beside the empty item and becomes a value by an act of the user, never by itself.
"""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from casebook.design import CodeList
from casebook.records import ItemPath
from desktop_app import theme
from desktop_app.phrases import told_of
from desktop_app.snapshots import FormView, ItemView
from desktop_app.theme import Tone
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import PrimaryButton
from desktop_app.widgets.item_row import ItemRow


class StartCard(QWidget):
    """What is told before a scale is scored.

    Signals:
        begin_wanted: The scale is to be begun; what is offered is taken.
        offer_taken: One offer is taken (path).
    """

    begin_wanted = Signal()
    offer_taken = Signal(object)

    def __init__(self, rows: Sequence[ItemRow], lists: Mapping[str, CodeList], parent: QWidget | None = None) -> None:
        """Make the card around the rows of its items."""
        super().__init__(parent)
        self.rows = tuple(rows)
        self._lists = lists
        self._low = False
        self._takes: dict[ItemPath, QPushButton] = {}
        self.offered = QLabel(self)
        self.offered.setObjectName("scorer_offered")
        self.offered.setWordWrap(True)
        self.offered.setTextFormat(Qt.TextFormat.PlainText)
        self.begin = PrimaryButton(self)
        self.begin.setObjectName("scorer_begin")
        self.begin.setMinimumHeight(theme.FINGER)
        frame = QFrame(self)
        theme.set_role(frame, "card")
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(theme.MEDIUM, theme.MEDIUM, theme.MEDIUM, theme.MEDIUM)
        inner.setSpacing(theme.SMALL)
        inner.addWidget(self.offered)
        inner.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addWidget(frame)
        for row in self.rows:
            column.addWidget(row)
            self._takes[row.path] = self._make_take(row)
        column.addStretch(1)
        self.begin.clicked.connect(self.begin_wanted)

    def set_low(self, *, on: bool) -> None:
        """Say what is offered in one paragraph, for a low window."""
        self._low = on

    def show_form(self, view: FormView, language: str, *, begun: bool) -> None:
        """Show what is offered; `begun`: the scale was begun already."""
        items = [view.item(row.path) for row in self.rows]
        offers = [item for item in items if item.offer]
        told = [told_of(language, item.item.label(language), self._words(item, language)) for item in offers]
        if told:
            lines = [self.tr("Offered, and taken only by this button:"), *told]
            self.offered.setText((" \N{MIDDLE DOT} " if self._low else "\n").join(lines))
            words = self.tr("Take this and go on (Enter)") if begun else self.tr("Take this and begin (Enter)")
        else:
            self.offered.setText(self.tr("Everything that follows is kept item by item."))
            words = self.tr("Go on (Enter)") if begun else self.tr("Begin (Enter)")
        self.begin.setText(words)
        self.begin.setAccessibleName(words)
        self.begin.setAccessibleDescription(self.offered.text())
        for row, item in zip(self.rows, items, strict=True):
            button = self._takes[row.path]
            button.setText(self.tr("Offered: %1. Take it").replace("%1", self._words(item, language)))
            button.setAccessibleName(button.text())
            button.setVisible(bool(item.offer) and item.visible)

    def _make_take(self, row: ItemRow) -> QPushButton:
        button = QPushButton(row)
        button.setObjectName(f"{row.item.oid}.offer")
        button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.offer_taken.emit(row.path))
        button.hide()
        row.add_below(button)
        return button

    def _words(self, item: ItemView, language: str) -> str:
        codes = self._lists.get(item.item.code_list or "")
        if codes is not None:
            return codes.label(item.offer, language)
        return self.tr("now") if item.offer == "now" else item.offer


class EndCard(QWidget):
    """What stands after a scale was scored.

    Signals:
        item_wanted: An item is to be gone to (path).
        complete_wanted: The form is to be marked complete.
        done: The user is done with the form.
    """

    item_wanted = Signal(object)
    complete_wanted = Signal()
    done = Signal()

    def __init__(self, rows: Sequence[ItemRow], parent: QWidget | None = None) -> None:
        """Make the card around the rows of the items that follow the scale."""
        super().__init__(parent)
        self.rows = tuple(rows)
        self._links: list[QPushButton] = []
        self._shown: tuple[object, ...] = ()
        self.total = QLabel(self)
        self.total.setObjectName("scorer_end_total")
        theme.set_role(self.total, "figure")
        self.change = QLabel(self)
        self.change.setObjectName("scorer_end_change")
        self.change.setWordWrap(True)
        self.missing = QLabel(self)
        self.missing.setObjectName("scorer_missing")
        self.missing.setWordWrap(True)
        self._places = WrappingRow(theme.SMALL, self)
        self.complete = PrimaryButton(self)
        self.complete.setObjectName("scorer_complete")
        self.complete.setMinimumHeight(theme.FINGER)
        self.back = QPushButton(self)
        self.back.setObjectName("scorer_done")
        self.back.setMinimumHeight(theme.FINGER)
        self._buttons = WrappingRow(theme.SMALL, self)
        self._buttons.add(self.complete)
        self._buttons.add(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        for widget in (self.total, self.change, self.missing, self._places, self._buttons, *self.rows):
            column.addWidget(widget)
        column.addStretch(1)
        self.complete.clicked.connect(self.complete_wanted)
        self.back.clicked.connect(self.done)

    def show_end(
        self, total: str, change: str, view: FormView, found: Sequence[tuple[ItemPath, str]], language: str
    ) -> None:
        """Show the total, its change, and what is missing.

        Args:
            found: What checks found and nobody answered: where, and in words.
        """
        self.total.setText(total)
        self.change.setText(change)
        self.change.setVisible(bool(change))
        left = [(path, view.item(path).item.label(language)) for path in view.unanswered]
        if left:
            self.missing.setText(self.tr("Missing: %1. Each leads to its item.").replace("%1", str(len(left))))
        elif found:
            self.missing.setText(self.tr("Nothing is missing. Look at what was found:"))
        else:
            self.missing.setText(self.tr("Nothing is missing."))
        theme.set_tone(self.missing, Tone.WARN if left or found else Tone.GOOD)
        self._show_links([*left, *found])
        self.complete.setText(self.tr("Complete ✓") if view.complete else self.tr("Mark complete (Enter)"))
        self.complete.setAccessibleName(self.tr("Complete") if view.complete else self.tr("Mark complete"))
        self.complete.setEnabled(view.editable and not view.complete and not left)
        self.back.setText(self.tr("Save and go back"))
        self.back.setAccessibleName(self.back.text())

    def main_button(self) -> QPushButton:
        """Return the button of the one obvious next act."""
        if self.complete.isEnabled():
            return self.complete
        return self._links[0] if self._links else self.back

    def _show_links(self, links: list[tuple[ItemPath, str]]) -> None:
        state = tuple(links)
        if state == self._shown:
            return
        self._shown = state
        for button in self._links:
            button.hide()
            button.deleteLater()
        self._links = []
        fresh = WrappingRow(theme.SMALL, self)
        for number, (path, label) in enumerate(links):
            button = QPushButton(label.replace("&", "&&"), fresh)
            button.setObjectName(f"scorer_missing_{number}")
            button.setAccessibleName(self.tr("Go to: %1").replace("%1", label))
            button.clicked.connect(lambda _=False, path=path: self.item_wanted.emit(path))
            fresh.add(button)
            self._links.append(button)
        layout = self.layout()
        if layout is not None:
            layout.replaceWidget(self._places, fresh)
        fresh.stackUnder(self._buttons)  # a screen reader and Tab meet it where it stands
        self._places.hide()
        self._places.deleteLater()
        self._places = fresh
        fresh.show()  # at once, since the focus goes there
