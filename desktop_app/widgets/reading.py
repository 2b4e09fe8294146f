"""A form to read through, whole and at rest: every question with its answer; it says when its end was reached.

Source: 21 CFR 11.200(a) (what is signed was seen by its signer).
"""

from collections.abc import Mapping
from html import escape

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QTextBrowser, QWidget

from casebook.design import CodeList, StudyDesign
from casebook.entry import display
from desktop_app import theme
from desktop_app.snapshots import FormView, ItemView, RowView
from desktop_app.theme import Tone

GOING_ON = {Qt.Key.Key_PageDown, Qt.Key.Key_Space}


class ReadingView(QTextBrowser):
    """A form to read. PageDown and Space go through it; past its end they say so once more.

    Signals:
        read_through: The end of the form came into sight (FormKey).
        went_past_end: The user goes on at the end of the form.
    """

    read_through = Signal(object)
    went_past_end = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Start empty."""
        super().__init__(parent)
        self.setObjectName(name)
        self.setOpenLinks(False)
        self._view: FormView | None = None
        self._told = False
        self.verticalScrollBar().valueChanged.connect(self._look)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._look)

    @property
    def view(self) -> FormView | None:
        """The form that is shown."""
        return self._view

    def show_form(self, view: FormView | None, design: StudyDesign, language: str) -> None:
        """Show a form from its top; the same form as before stays where it is."""
        same = view is not None and self._view is not None and view.key == self._view.key
        place = self.verticalScrollBar().value() if same else 0
        self._view = view
        self._told = False
        self.setHtml(_as_html(view, design, language, self) if view is not None else "")
        self.setAccessibleName(view.form.label(language) if view is not None else "")
        self.verticalScrollBar().setValue(place)
        self._later.start(0)

    @property
    def at_end(self) -> bool:
        """Whether the end of the form is in sight."""
        bar = self.verticalScrollBar()
        return self._view is not None and self.isVisible() and bar.value() >= bar.maximum()

    def read_on(self) -> None:
        """Show the next page; at the end say that the user goes on."""
        bar = self.verticalScrollBar()
        if self.at_end:
            self.went_past_end.emit()
        else:
            bar.setValue(bar.value() + bar.pageStep() - theme.HUGE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go through the form, and on at its end."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} or event.key() in GOING_ON:
            if self.at_end or event.key() in GOING_ON:
                self.read_on()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Look where the end is now."""
        super().resizeEvent(event)
        self._later.start(0)

    def showEvent(self, event: QShowEvent) -> None:
        """Look where the end is now."""
        super().showEvent(event)
        self._later.start(0)

    def _look(self) -> None:
        if self._view is not None and not self._told and self.at_end:
            self._told = True
            self.read_through.emit(self._view.key)


def _as_html(view: FormView, design: StudyDesign, language: str, widget: QWidget) -> str:
    palette = widget.palette()
    quiet, warn = (theme.tone(palette, tone).name() for tone in (Tone.QUIET, Tone.WARN))
    here = view.design or design
    parts = [f"<h2>{escape(view.form.label(language))}</h2>"]
    where = [view.number, view.visit_label(language)]
    where += [view.occasion(language)] if view.occasion is not None else []
    where += [view.day] if view.day else []
    parts.append(f'<p style="color:{quiet}">{escape(" · ".join(where))}</p>')
    for group in view.groups:
        rows = [_row_html(row, here.code_lists, language, (quiet, warn)) for row in group.rows]
        if any(rows):
            parts.append(f"<h3>{escape(group.group.label(language))}</h3>")
            parts += [f'<table width="100%" cellspacing="0" cellpadding="4">{row}</table><br>' for row in rows if row]
    return "".join(parts)


def _row_html(row: RowView, lists: Mapping[str, CodeList], language: str, colours: tuple[str, str]) -> str:
    quiet, _ = colours
    lines = [_item_html(item, lists, language, colours) for item in row.items if item.visible]
    if row.struck_reason is not None and lines:
        told = escape(row.struck_reason)
        lines.insert(0, f'<tr><td colspan="2" style="color:{quiet}"><s>—</s> {told}</td></tr>')
    return "".join(lines)


def _item_html(item: ItemView, lists: Mapping[str, CodeList], language: str, colours: tuple[str, str]) -> str:
    quiet, warn = colours
    codes = lists.get(item.item.code_list or "")
    shown = display(item.item, codes, item.reading, language, offset_minutes=item.offset_minutes) or "–"
    value = f"<b>{escape(shown)}</b>"
    notes = [escape(f"{one.check}: {one.message(language)} ({one.confirmed})") for one in item.findings]
    notes += [escape(head.shown(language)) for head in item.heads]
    told = "".join(f'<br><span style="color:{warn}">{note}</span>' for note in notes)
    label = f'<td width="55%" style="color:{quiet}">{escape(item.item.label(language))}</td>'
    return f"<tr>{label}<td>{value}{told}</td></tr>"
