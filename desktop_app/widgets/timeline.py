"""The timeline of a casebook: folded to one line, drawn, or as a table that can be copied."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from casebook.chronology import Chronology, Stop
from desktop_app import theme
from desktop_app.models import timeline_lines
from desktop_app.widgets.fold_button import FoldButton
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.table import elided
from desktop_app.widgets.timeline_drawing import TimelineDrawing

TABLE_HEIGHT = 216


UNBOUND = 16777215
"""As high as a widget may be."""


class OneLine(QLabel):
    """A sentence on one line; what does not fit stands in its tool tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self._said = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def say(self, sentence: str) -> None:
        """Show a sentence."""
        self._said = sentence
        self.setToolTip(sentence)
        self.setAccessibleName(sentence)
        self._cut()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut it to the new width."""
        super().resizeEvent(event)
        self._cut()

    def _cut(self) -> None:
        self.setText(elided(self.fontMetrics(), self._said, self.width()))


class TimelinePanel(QWidget):
    """A subject's course in time above the boards of its casebook.

    Signals:
        item_wanted: An item of a form was chosen (FormKey, ItemPath).
        form_wanted: A form was chosen (FormKey).
        folded: The user folded or opened it (open).
    """

    item_wanted = Signal(object, object)
    form_wanted = Signal(object)
    folded = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make a folded panel; `show_chronology` fills it."""
        super().__init__(parent)
        self._chronology: Chronology | None = None
        self._language = "en"
        self._open = False
        self._narrow = False
        self._low = False
        self.button = FoldButton()
        self.button.setObjectName("timeline_fold")
        theme.set_role(self.button, "quiet")
        self._summary = OneLine()
        self._summary.setObjectName("timeline_summary")
        theme.set_role(self._summary, "note")
        self.as_table = IconButton("log")
        self.as_table.setObjectName("timeline_as_table")
        self.as_table.setCheckable(True)
        self.copy_button = IconButton("save")
        self.copy_button.setObjectName("timeline_copy")
        self.drawing = TimelineDrawing()
        self.drawing.setObjectName("timeline_drawing")
        self._scroll = QScrollArea()
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self.drawing)
        self._table = LineList(
            "timeline_table", (Share(least=200), Share(least=150, weight=1), Share(least=220, weight=3))
        )
        self._lay_out()
        self.button.clicked.connect(self._toggle)
        self.as_table.clicked.connect(self.take_focus)
        self.as_table.toggled.connect(self._show_parts)
        self.copy_button.clicked.connect(self.copy)
        self.drawing.chosen.connect(self._choose)
        self.drawing.resized.connect(self._fit)
        self.drawing.reached.connect(self._scroll.ensureWidgetVisible)
        self._table.line_chosen.connect(self._choose)
        self._show_parts()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addWidget(self._summary)
        column.addWidget(self._scroll)
        column.addWidget(self._table, 1)

    # -- what is shown ------------------------------------------------------------------------------------

    def show_chronology(self, chronology: Chronology | None, language: str) -> None:
        """Show a subject's course; nothing at all where there is none to show."""
        self._chronology, self._language = chronology, language
        if chronology is not None:
            self.drawing.show_chronology(chronology, language)
            self._table.show_lines(timeline_lines.headings(), timeline_lines.lines(chronology, language))
        self._show_parts()
        self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self.button.setText("" if self._narrow else self.tr("Timeline"))
        self.button.setAccessibleName(self.tr("Fold the timeline") if self._open else self.tr("Open the timeline"))
        self.button.setToolTip("Ctrl+T")
        self.as_table.setText("" if self._narrow else self.tr("As a table"))
        self.as_table.setAccessibleName(self.tr("Timeline as a table"))
        self.as_table.setToolTip("Ctrl+Shift+T")
        self.copy_button.setText("" if self._narrow else self.tr("Copy"))
        self.copy_button.setAccessibleName(self.tr("Copy the table"))
        self.copy_button.setToolTip("Ctrl+C")
        self._table.setAccessibleName(self.tr("Timeline; Enter opens what a line is about"))
        self.drawing.setAccessibleName(self.tr("Timeline: left and right go from mark to mark, Enter opens"))
        if self._chronology is not None:
            said = timeline_lines.summary(self._chronology, self._language)
            self._summary.say(said)
            self.drawing.setAccessibleDescription(said)

    @property
    def has_something(self) -> bool:
        """Whether there is anything to show of the subject."""
        return self._chronology is not None and not self._chronology.is_empty

    @property
    def is_open(self) -> bool:
        """Whether more than its one line is shown."""
        return self._open

    def set_narrow(self, *, narrow: bool) -> None:
        """Show the icons of its buttons alone, or their words too."""
        self._narrow = narrow
        self.retranslate()

    def set_low(self, *, low: bool) -> None:
        """Say nothing while it is folded, and scroll while it is open, in a low window."""
        self._low = low
        self._show_parts()

    def set_open(self, *, on: bool) -> None:
        """Open or fold it."""
        self._open = on
        self.button.turn(down=on)
        self._show_parts()
        self.retranslate()

    def _show_parts(self) -> None:
        some, as_table = self.has_something, self.as_table.isChecked()
        self.setVisible(some)
        self.button.setVisible(some)
        self._summary.setVisible(not self._open and not self._low)
        self.as_table.setVisible(some and self._open)
        self.copy_button.setVisible(some and self._open and as_table)
        self._scroll.setVisible(self._open and not as_table)
        self._table.setVisible(self._open and as_table)
        self._table.setMaximumHeight(UNBOUND if self._low else TABLE_HEIGHT)
        self._fit()

    def _fit(self) -> None:
        """Take the height of the drawing, in a low window as much of it as there is."""
        height = self.drawing.height()
        # A bar that came and went with the height would change the width, and the height with it, without end.
        always, never = Qt.ScrollBarPolicy.ScrollBarAlwaysOn, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self._scroll.setVerticalScrollBarPolicy(always if self._low else never)
        self._scroll.setMinimumHeight(0 if self._low else height)
        self._scroll.setMaximumHeight(height)

    # -- what the user does -----------------------------------------------------------------------------------

    def _toggle(self) -> None:
        self.set_open(on=not self._open)
        self.folded.emit(self._open)

    def turn(self) -> None:
        """Open it and go into it, or fold it, by key."""
        if not self.has_something:
            return
        self._toggle()
        if self._open:
            self.take_focus()
        else:
            self.button.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def turn_table(self) -> None:
        """Show the same as a table, or as a drawing again, by key."""
        if not self.has_something:
            return
        if not self._open:
            self._toggle()
            self.as_table.setChecked(True)
        else:
            self.as_table.toggle()
        self.take_focus()

    def take_focus(self) -> None:
        """Go to the mark, or the line, where the user was last."""
        if self.as_table.isChecked():
            self._table.setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            self.drawing.take_focus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy by Ctrl+C, whether it is drawn or a table."""
        if event.key() == Qt.Key.Key_C and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Put the table into the clipboard, columns parted by tabs."""
        if self._chronology is not None:
            lines = timeline_lines.lines(self._chronology, self._language)
            texts = [timeline_lines.headings(), *(line.texts for line in lines)]
            QGuiApplication.clipboard().setText("\n".join("\t".join(one) for one in texts))

    def _choose(self, stop: object) -> None:
        if not isinstance(stop, Stop) or stop.key is None:
            return
        if stop.path is not None:
            self.item_wanted.emit(stop.key, stop.path)
        else:
            self.form_wanted.emit(stop.key)
