"""A pasted panel before anything of it is kept: what each line would become, what is asked, what is not understood.

Nothing here touches the disk. The user ticks, chooses where the text leaves something open, and takes all ticked
lines at once; where recorded values change, one reason is asked for all of them.
"""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from casebook.design import CodeList, Item
from desktop_app import theme
from desktop_app.models.lab_words import why_words
from desktop_app.pasting import Does, Given, PastedLine, PrintedRange, Way, read_panel
from desktop_app.snapshots import FormView
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import PrimaryButton, PromptButton
from desktop_app.widgets.pasted_row import PastedRow
from desktop_app.widgets.reason_panel import ReasonPanel, Reasons

WIDTH = 1240


class PastePreview(QFrame):
    """The lines of a pasted text.

    Signals:
        taken: Values are to be kept: a tuple of `Given`, and the reason for those that change.
        closed: Nothing is taken.
    """

    taken = Signal(object, str)
    closed = Signal()

    def __init__(self, reasons: Reasons, code_lists: Mapping[str, CodeList], parent: QWidget | None = None) -> None:
        """Make an empty preview."""
        super().__init__(parent)
        self._code_lists = code_lists
        self.setObjectName("paste")
        self._language = "en"
        self._text = ""
        self._where = ""
        self._units: Mapping[str, str] = {}
        self.rows: list[PastedRow] = []
        self.title = QLabel(self)
        theme.set_role(self.title, "lead")
        self.title.setWordWrap(True)
        self.summary = QLabel(self)
        self.summary.setObjectName("paste_summary")
        self.summary.setWordWrap(True)
        self.take = PrimaryButton()
        self.take.setObjectName("paste_take")
        self.likely = PromptButton()
        self.likely.setObjectName("paste_likely")
        self.ranges = PromptButton()
        self.ranges.setObjectName("paste_ranges")
        theme.set_role(self.ranges, "quiet")
        self.answers = QLabel(self)
        self.answers.setObjectName("paste_answers")
        self.answers.setWordWrap(True)
        theme.set_role(self.answers, "note")
        self.leave = PromptButton()
        self.leave.setObjectName("paste_leave")
        theme.set_role(self.leave, "quiet")
        self.panel = ReasonPanel(reasons.changes, "paste", self)
        self.panel.hide()
        self._caption = QLabel(self)
        theme.set_role(self._caption, "lead")
        self._left: list[QLabel] = []
        self._lay_out()
        self.take.clicked.connect(self._take)
        self.likely.clicked.connect(self._tick_likely)
        self.ranges.clicked.connect(self._tick_ranges)
        self.leave.clicked.connect(self.closed)
        self.panel.given.connect(self._given)
        self.panel.cancelled.connect(self._reason_refused)

    def _lay_out(self) -> None:
        buttons = WrappingRow(theme.SMALL, self)
        for button in (self.take, self.likely, self.ranges, self.leave):
            button.setMinimumHeight(theme.TARGET)
            buttons.add(button)
        head = QVBoxLayout()
        head.setContentsMargins(theme.HUGE, theme.SMALL, theme.HUGE, theme.SMALL)
        head.setSpacing(theme.SMALL)
        for part in (self.title, self.summary, self.answers, buttons, self.panel):
            head.addWidget(part)
        self._scroll = QScrollArea(self)
        self._scroll.setObjectName("paste.lines")
        self._scroll.setWidgetResizable(True)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        ground = QWidget(self._scroll)
        theme.set_role(ground, "sheet")
        sheet = QWidget(ground)
        sheet.setMaximumWidth(WIDTH)
        across = QHBoxLayout(ground)
        across.setContentsMargins(theme.HUGE, 0, theme.HUGE, theme.HUGE)
        across.addWidget(sheet, 100)
        across.addStretch(1)
        self._column = QVBoxLayout(sheet)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self._caption)
        self._column.addStretch(1)
        self._scroll.setWidget(ground)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(head)
        outer.addWidget(self._scroll, 1)

    # -- in -------------------------------------------------------------------------------------------------------

    def show_text(self, text: str, view: FormView, units: Mapping[str, str], language: str) -> None:
        """Show what a text would do to a form, and stand on the button that takes it."""
        self._text, self._units, self._language = text, units, language
        self._where = " · ".join((view.number, view.form.label(language), view.visit_label(language)))
        for old in (*self.rows, *self._left):
            self._column.removeWidget(old)
            old.hide()
            old.deleteLater()
        self.panel.hide()
        lines = read_panel(text, view, units)
        readable = sorted((one for one in lines if one.ways), key=lambda one: one.line.is_sure)  # what is asked first
        self.rows = [PastedRow(one, f"paste.{place}", self) for place, one in enumerate(readable)]
        for place, row in enumerate(self.rows):
            row.show_line(row.pasted, language)
            row.begin()
            row.changed.connect(lambda row=row: self._changed(row))
            self._column.insertWidget(place, row)
        self._left = [self._left_line(one) for one in lines if not one.ways]
        for place, label in enumerate(self._left, start=len(self.rows) + 1):
            self._column.insertWidget(place, label)
        for later in (self._caption, *self._left):
            later.raise_()  # a screen reader meets them behind the rows
        self._tell()
        (self.take if self.take.isEnabled() else self.leave).setFocus(Qt.FocusReason.OtherFocusReason)

    def show_form(self, view: FormView, language: str) -> None:
        """Show the same text beside the form as it stands now; what was chosen stays."""
        self._language = language
        lines = {(one.line.number, one.line.text): one for one in read_panel(self._text, view, self._units)}
        for row in self.rows:
            row.show_line(lines.get((row.pasted.line.number, row.pasted.line.text), row.pasted), language)
        self._tell()

    def _left_line(self, one: PastedLine) -> QLabel:
        label = QLabel(f"{' '.join(one.line.text.split())}\n{why_words(one.line)}", self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setContentsMargins(0, theme.SMALL, 0, theme.SMALL)
        flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        label.setTextInteractionFlags(flags)
        label.setAccessibleName(f"{one.line.text}: {why_words(one.line)}")
        theme.set_role(label, "note")
        return label

    # -- what is told ---------------------------------------------------------------------------------------------

    def values(self) -> tuple[Way, ...]:
        """Return what would be kept now."""
        return tuple(way for row in self.rows if (way := row.taken) is not None)

    def printed(self) -> tuple[PrintedRange, ...]:
        """Return the ranges of the report that would be kept now."""
        return tuple(ranged for row in self.rows if (ranged := row.ranged) is not None)

    def _open(self) -> list[PastedRow]:
        return [row for row in self.rows if not row.pasted.line.is_sure and row.taken is None]

    def _tell(self) -> None:
        count, asked, left = len(self.values()), len(self._open()), len(self._left)
        self.title.setText(" · ".join((self.tr("Pasted results"), self._where)))
        parts = [self.tr("Ready: %1.").replace("%1", str(count))]
        if asked:
            parts.append(self.tr("Waiting for a choice: %1.").replace("%1", str(asked)))
        if left:
            parts.append(self.tr("Not understood, at the end: %1.").replace("%1", str(left)))
        if not self.rows and not left:
            parts = [self.tr("Nothing that was copied can be read as results.")]
        between = "" if self._language == "zh" else " "
        self.summary.setText(between.join([*parts, self.tr("Nothing is kept until you take it.")]))
        self._tell_take(count)
        likely = sum(1 for row in self.rows if row.pasted.is_likely and row.taken is None)
        self.likely.setText(self.tr("Tick %1 more as shown").replace("%1", str(likely)))
        self.likely.setAccessibleName(self.likely.text())
        self.likely.setVisible(likely > 0)
        self.leave.setText(self.tr("Take nothing (Esc)"))
        self.leave.setAccessibleName(self.leave.text())
        self._caption.setText(self.tr("Not understood: copy by hand what is needed"))
        self._caption.setVisible(left > 0)
        self.setAccessibleName(f"{self.title.text()}. {self.summary.text()}")

    def _tell_take(self, count: int) -> None:
        """Say what Enter takes: results, and ranges of the report with what must be answered for them."""
        printed = self.printed()
        told = self.tr("Take %1 (Enter)")
        if printed:
            told = self.tr("Take %1 and %2 ranges (Enter)") if count else self.tr("Take %2 ranges (Enter)")
        self.take.setText(told.replace("%1", str(count)).replace("%2", str(len(printed))))
        self.take.setAccessibleName(self.take.text())
        self.take.setEnabled(bool(count or printed))
        offered = sum(1 for row in self.rows if row.printed is not None and row.printed.is_ready)
        told = self.tr("Without the reference ranges") if printed else self.tr("With %1 reference ranges")
        self.ranges.setText(told.replace("%1", str(offered)))
        self.ranges.setAccessibleName(self.ranges.text())
        self.ranges.setVisible(bool(printed or offered))
        answer = self.tr("With the reference ranges of the report, “%1” is answered: %2.")
        answered = [
            answer.replace("%2", self._code_label(view.item, code)).replace("%1", view.item.label(self._language))
            for view, code in {view.path: (view, code) for one in printed for view, code in one.answers}.values()
        ]
        self.answers.setText(("" if self._language == "zh" else " ").join(answered))
        self.answers.setVisible(bool(answered))

    def _code_label(self, item: Item, code: str) -> str:
        code_list = self._code_lists.get(item.code_list or "")
        return code_list.label(code, self._language) if code_list is not None else code

    def _changed(self, row: PastedRow) -> None:
        """Let a value be taken from one line only: the last that was ticked."""
        way = row.taken
        for other in self.rows if way is not None else ():
            if other is not row and other.taken is not None and way is not None and other.taken.path == way.path:
                other.tick.setChecked(False)
        self._tell()

    def _tick_likely(self) -> None:
        for row in self.rows:
            if row.pasted.is_likely and row.way is not None:
                row.tick.setChecked(True)
        self.take.setFocus(Qt.FocusReason.OtherFocusReason)

    def _tick_ranges(self) -> None:
        on = not self.printed()
        for row in self.rows:
            row.tick_range(on=on)
        self.take.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- taking ---------------------------------------------------------------------------------------------------

    def _take(self) -> None:
        does = [way.does for way in self.values()] + [printed.does for printed in self.printed()]
        changed = does.count(Does.CHANGES)
        if not does:
            return
        if changed:
            asked = self.tr("Recorded values that change: %1. Why? One reason goes to all of them.")
            self.panel.ask(asked.replace("%1", str(changed)), self._language)
            self.panel.focus_first()
        else:
            self._given("")

    def _given(self, reason: str) -> None:
        self.panel.hide()
        printed = self.printed()
        given: list[Given] = [(way.path, way.raw, way.unit or None) for way in self.values()]
        given += dict.fromkeys((view.path, code, None) for ranged in printed for view, code in ranged.answers)
        given += [one for ranged in printed for one in ranged.given]
        self.taken.emit(tuple(given), reason)

    def _reason_refused(self) -> None:
        self.panel.hide()
        self.take.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take by Enter, leave by Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            others = (self.likely, self.ranges, self.leave)
            focused = next((one for one in others if one.hasFocus()), self.take)
            focused.click()
        else:
            super().keyPressEvent(event)
