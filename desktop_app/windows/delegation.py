"""Delegation log: who may do what at the site, from when to when, signed by the principal investigator."""

from collections.abc import Callable
from datetime import date
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models import times
from desktop_app.models.line_table import Line
from desktop_app.models.words import Sign
from desktop_app.phrases import begun, clauses
from desktop_app.staff_snapshots import DelegationChoice, DelegationRow, DelegationView
from desktop_app.theme import Tone
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.fields import Field, all_filled
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton, PrimaryButton
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.paper_sheet import PaperSheet
from desktop_app.widgets.passphrase import PassphraseField
from desktop_app.windows import sheet
from desktop_app.windows.files import write_file
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.staff_port import StaffPort

WIDTH = 640
LIST, ADD, END, PAPER = range(4)


class DelegationPage(Page):
    """The delegation log of the site."""

    def __init__(
        self,
        background: Background,
        port: SessionPort,
        staff: StaffPort,
        language: str,
        parent: QWidget | None = None,
    ) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._staff = staff
        self._view: DelegationView | None = None
        self._said: tuple[Callable[[], str], Tone] | None = None
        self._boxes: list[tuple[str, QCheckBox]] = []
        self._back = BackButton("delegation")
        self._heading = QLabel()
        theme.set_role(self._heading, "title")
        self._look = IconButton("paper")
        self._look.setObjectName("delegation_look")
        self._look.setCheckable(True)
        self._none_yet = Notice("delegation_none_yet")
        self._notice = Notice("delegation_notice")
        self.sheet = PaperSheet("delegation")
        self._steps = QStackedWidget()
        for part in (self._make_list(), self._make_add(), self._make_end(), self.sheet):
            self._steps.addWidget(part)
        head = sheet.row(self._back, self._heading)
        head.addWidget(self._look)
        page = sheet.page_column(self)
        page.addLayout(head)
        page.addWidget(self._none_yet)
        page.addWidget(self._notice)
        page.addWidget(self._steps, 1)
        self._connect()
        self.retranslate()

    def _make_list(self) -> QWidget:
        shares = (
            Share(least=150, weight=2),
            Share(least=120, weight=3, from_width=600),
            Share(least=150, weight=1),
            Share(least=180, weight=2),
        )
        self._table = LineList("delegation_table", shares)
        self._add = PrimaryButton()
        self._add.setObjectName("delegation_add")
        self._end = IconButton("strike")
        self._end.setObjectName("delegation_end")
        self._why = sheet.label("note")
        self._why.setObjectName("delegation_why_not")
        actions = WrappingRow(theme.SMALL)
        for button in (self._add, self._end):
            actions.add(button)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addWidget(self._table, 1)
        column.addWidget(actions)
        column.addWidget(self._why)
        return whole

    def _make_add(self) -> QWidget:
        self._add_heading = sheet.label("lead")
        self._person = QComboBox()
        self._person.setObjectName("delegation_person")
        self._person_label = QLabel()
        self._person_label.setBuddy(self._person)
        self._duties_label = sheet.label()
        self._duties = QWidget()
        self._duty_rows = QVBoxLayout(self._duties)
        self._duty_rows.setContentsMargins(0, 0, 0, 0)
        self._duty_rows.setSpacing(0)
        self._start, self._until = Field("delegation_start"), Field("delegation_until")
        self._passphrase = PassphraseField("delegation_passphrase")
        self._sign, self._cancel = PrimaryButton(), QPushButton()
        self._sign.setObjectName("delegation_sign")
        self._cancel.setObjectName("delegation_cancel")
        frame, column = sheet.card("delegation_add_card")
        for widget in (self._add_heading, self._person_label, self._person, self._duties_label, self._duties):
            column.addWidget(widget)
        days = QHBoxLayout()
        days.setSpacing(theme.LARGE)
        days.addWidget(self._start, 1, Qt.AlignmentFlag.AlignTop)
        days.addWidget(self._until, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(days)
        column.addWidget(self._passphrase)
        return sheet.panel(frame, column, WIDTH, self._sign, self._cancel)

    def _make_end(self) -> QWidget:
        self._end_heading = sheet.label("lead")
        self._last = Field("delegation_last_day")
        self._reason = Field("delegation_reason")
        self._end_passphrase = PassphraseField("delegation_end_passphrase")
        self._end_sign, self._end_cancel = PrimaryButton(), QPushButton()
        self._end_sign.setObjectName("delegation_end_sign")
        self._end_cancel.setObjectName("delegation_end_cancel")
        frame, column = sheet.card("delegation_end_card")
        for widget in (self._end_heading, self._last, self._reason, self._end_passphrase):
            column.addWidget(widget)
        return sheet.panel(frame, column, WIDTH, self._end_sign, self._end_cancel)

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self._look.toggled.connect(self._toggle)
        self._table.selectionModel().currentChanged.connect(self._show_actions)
        self._add.clicked.connect(self._ask_add)
        self._end.clicked.connect(self._ask_end)
        self._person.currentIndexChanged.connect(self._show_duties)
        for button in (self._cancel, self._end_cancel):
            theme.set_role(button, "quiet")
            button.clicked.connect(self._close_panel)
        self._sign.clicked.connect(self._delegate)
        self._passphrase.edit.returnPressed.connect(self._delegate)
        self._end_sign.clicked.connect(self._end_entry)
        self._end_passphrase.edit.returnPressed.connect(self._end_entry)
        self.sheet.save_wanted.connect(self._write)

    # -- what is shown --------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Delegation log")

    def refresh(self) -> None:
        """Ask for the log again."""
        self._look.setChecked(False)
        sheet.offer(self._look, self.why_not("print"), "Ctrl+P")
        self.background.run(self._staff.delegations, then=self.show_view, otherwise=self._refused)

    def show_view(self, view: DelegationView) -> None:
        """Show the log."""
        self._view = view
        chosen = self._person.currentData()
        self._person.clear()
        for choice in view.people:
            self._person.addItem(clauses(self.language, (choice.name, choice.role.label(self.language))), choice.user)
        self._person.setCurrentIndex(max(0, self._person.findData(chosen)))
        self._show_rows()

    def _show_rows(self) -> None:
        view = self._view
        if view is None:
            return
        headings = (self.tr("Person"), self.tr("Duties"), self.tr("From, to"), self.tr("Signed"))
        self._table.show_lines(headings, [self._line(row) for row in view.rows])
        none = "" if view.rows else self.tr("No delegation log yet: until its first entry the role alone counts.")
        self._none_yet.say(none, Tone.WARN)
        self._add.setEnabled(view.may_delegate)
        why = view.why_not(self.language) if view.why_not is not None else ""
        self._add.setToolTip(why)
        self._add.setAccessibleDescription(why)
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self._show_actions()

    def _line(self, row: DelegationRow) -> Line:
        language = self.language
        comma = self.tr(", ", "between the parts of a list")
        duties = comma.join(duty.label(language) for duty in row.duties) or self.tr("everything the role may")
        days = self.tr("from %1").replace("%1", str(row.start))
        if row.end is not None:
            days = self.tr("%1 to %2").replace("%1", str(row.start)).replace("%2", str(row.end))
        signed = f"{row.signed_by}\n{times.minute(row.signed_at)}"
        if row.ended_by:
            ended = self.tr("ended by %1: %2").replace("%1", row.ended_by).replace("%2", row.why_ended)
            signed = f"{signed}\n{ended}"
        if row.held:
            sign = Sign(icon="warning", word=self.tr("does not count"), tone=Tone.WARN)
        elif row.standing:
            sign = Sign(icon="check", word=self.tr("stands today"), tone=Tone.GOOD)
        else:
            sign = Sign(icon="nothing", word=self.tr("does not stand today"), tone=Tone.QUIET)
        signs = {2: sign}
        if not row.verified:
            signs[3] = Sign(icon="clock", word=row.time(language), tone=Tone.WARN)
        texts = (f"{row.person}\n{row.role_label(language)}", duties, f"{days}\n{sign.word}", signed)
        return Line(texts=texts, what=row.entry, signs=signs)

    def _chosen(self) -> DelegationRow | None:
        rows = self._view.rows if self._view is not None else ()
        return next((row for row in rows if row.entry == self._table.current()), None)

    def _show_actions(self) -> None:
        row, view = self._chosen(), self._view
        may = view is not None and view.may_delegate and row is not None and not row.ended_by
        self._end.setEnabled(may)

    def _show_duties(self) -> None:
        for _, box in self._boxes:
            self._duty_rows.removeWidget(box)
            box.hide()
            box.deleteLater()
        choice = self._choice()
        self._boxes = []
        before: QWidget = self._person
        for duty in choice.role.duties if choice is not None else ():
            box = QCheckBox(begun(duty.label(self.language)), self._duties)
            box.setObjectName(f"delegation_duty_{duty.right}")
            box.setChecked(True)
            self._duty_rows.addWidget(box)
            QWidget.setTabOrder(before, box)
            before = box
            self._boxes.append((duty.right, box))

    def _choice(self) -> DelegationChoice | None:
        people = self._view.people if self._view is not None else ()
        return next((one for one in people if one.user == self._person.currentData()), None)

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        self._table.setFocus()

    def leave(self, then: Callable[[], None]) -> None:
        """Forget what was typed into a panel."""
        self._close_panel()
        super().leave(then)

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._back.retranslate()
        self._heading.setText(self.title())
        self._look.setText(self.tr("&Pages to print"))
        sheet.offer(self._look, self.why_not("print"), "Ctrl+P")
        self._look.setAccessibleName(self.tr("Show the pages of the delegation log, to print or save them"))
        self._table.setAccessibleName(self.tr("Delegation log, the newest entry first"))
        self._add.setText(self.tr("&Add an entry…"))
        self._end.setText(self.tr("&End the entry…"))
        self._add_heading.setText(self.tr("Delegate"))
        self._person_label.setText(self.tr("&Who"))
        self._person.setAccessibleName(self.tr("Who"))
        self._duties_label.setText(self.tr("Duties"))
        self._start.set_texts(self.tr("&From"), self.tr("A day, such as 2026-03-01."))
        self._until.set_texts(self.tr("&To"), self.tr("Empty while it is open."))
        self._last.set_texts(self.tr("&Last day"), self.tr("A day, such as 2026-03-01."))
        self._reason.set_texts(self.tr("&Why it ends"))
        for field in (self._passphrase, self._end_passphrase):
            field.set_texts(self.tr("Your passphrase"), self.tr("It signs the entry as the principal investigator."))
        self._sign.setText(self.tr("Sign the entry"))
        self._end_sign.setText(self.tr("Sign the end"))
        for button in (self._cancel, self._end_cancel):
            button.setText(self.tr("Cancel (Esc)"))
            button.setAccessibleName(self.tr("Cancel"))
        self.sheet.retranslate()
        self._name_end()
        if self._view is not None:
            self.show_view(self._view)
        if self._said is not None:
            self._notice.say(self._said[0](), self._said[1])

    def _name_end(self) -> None:
        row = self._chosen()
        self._end_heading.setText(self.tr("End the entry of %1").replace("%1", row.person if row is not None else ""))

    # -- what the user does ---------------------------------------------------------------------------------

    def _tell(self, words: Callable[[], str], tone: Tone) -> None:
        self._said = (words, tone)
        self._notice.say(words(), tone)

    def _ask_add(self) -> None:
        self._said = None
        self._notice.say("")
        if self._view is not None and not self._start.text():
            self._start.edit.setText(self._view.today.isoformat())
        self._steps.setCurrentIndex(ADD)
        self._person.setFocus()

    def _ask_end(self) -> None:
        self._said = None
        self._notice.say("")
        self._name_end()
        if self._view is not None:
            self._last.edit.setText(self._view.today.isoformat())
        self._steps.setCurrentIndex(END)
        self._last.setFocus()

    def _close_panel(self) -> None:
        for field in (self._passphrase, self._end_passphrase):
            field.clear()
            field.show_error("")
        for typed in (self._start, self._until, self._last, self._reason):
            typed.edit.clear()
            typed.show_error("")
        self._look.setChecked(False)
        self._steps.setCurrentIndex(LIST)
        self._table.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave a panel by Esc; look at the pages and print them by Ctrl+P."""
        control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if event.key() == Qt.Key.Key_Escape and self._steps.currentIndex() != LIST:
            self._close_panel()
        elif control and event.key() == Qt.Key.Key_P and self._look.isChecked():
            self.sheet.ask_printer()
        elif control and event.key() == Qt.Key.Key_P:
            self._look.click()
        else:
            super().keyPressEvent(event)

    def _delegate(self) -> None:
        choice = self._choice()
        if choice is None or not self._sign.isEnabled():
            return
        start, until = self._day(self._start), self._day(self._until, empty=True)
        chosen = tuple(right for right, box in self._boxes if box.isChecked())
        if start is None or (until is None and self._until.text().strip()):
            return
        if until is not None and until < start:
            self._until.show_error(self.tr("It cannot end before it begins."))
            return
        if not chosen:
            self._tell(lambda: self.tr("Choose at least one duty."), Tone.BAD)
            return
        if not self._passphrase.text():
            self._passphrase.show_error(self.tr("This is needed."))
            return
        duties = () if len(chosen) == len(self._boxes) else chosen
        self._busy(busy=True)
        work = partial(
            self._staff.delegate, choice.user, choice.role.oid, duties, start, until, self._passphrase.text()
        )
        self.background.run(work, then=self._signed, otherwise=self._refused)

    def _end_entry(self) -> None:
        row, day = self._chosen(), self._day(self._last)
        if row is None or day is None or not self._end_sign.isEnabled():
            return
        if not all_filled((self._reason, self._end_passphrase), self.tr("This is needed.")):
            return
        self._busy(busy=True)
        reason, passphrase = self._reason.text().strip(), self._end_passphrase.text()
        work = partial(self._staff.end_delegation, row.entry, day, reason, passphrase)
        self.background.run(work, then=self._signed, otherwise=self._refused)

    def _signed(self, view: DelegationView) -> None:
        self._busy(busy=False)
        self._tell(lambda: self.tr("Signed and recorded."), Tone.GOOD)
        self._close_panel()
        self.show_view(view)

    def _day(self, field: Field, *, empty: bool = False) -> date | None:
        text = field.text().strip()
        if empty and not text:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            field.show_error(self.tr("This is no day. Type it as 2026-03-01."))
            return None

    def _busy(self, *, busy: bool) -> None:
        for button in (self._sign, self._end_sign):
            button.setEnabled(not busy)

    def _toggle(self, on: bool) -> None:
        self._steps.setCurrentIndex(PAPER if on else LIST)
        if on:
            self.sheet.show_document(None, "")
            self.background.run(self._staff.delegation_paper, then=self._show_pdf, otherwise=self._refused)

    def _show_pdf(self, data: bytes) -> None:
        self.sheet.show_document(data, self.file_name(f"{self.port.site} {self.title()}.pdf"))
        self.sheet.view.setFocus()

    def _write(self, path: str) -> None:
        data = self.sheet.data
        if data is not None:
            self.background.run(lambda: write_file(path, data), then=self._written, otherwise=self._refused)

    def _written(self, path: str) -> None:
        self._tell(lambda: self.tr("Saved as %1").replace("%1", path), Tone.GOOD)

    def _refused(self, error: CasebookError) -> None:
        self._busy(busy=False)
        self._tell(lambda: error.sentence(self.language), Tone.BAD)
