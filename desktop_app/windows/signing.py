"""Sign: the forms that await this person's signature, each read through, then signed in one act.

Source: 21 CFR 11.50 (name, time, meaning), 11.70 (link to the content), 11.200 (identification at signing).
"""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QBoxLayout, QComboBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from casebook.records import FormKey
from casebook.supervision import Meaning
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models.oversight_lines import sign_headings, sign_lines
from desktop_app.models.oversight_words import meaning_word
from desktop_app.oversight_snapshots import SigningView, SignLine
from desktop_app.snapshots import FormView
from desktop_app.theme import Tone
from desktop_app.widgets.choice_list import ChoiceList
from desktop_app.widgets.fields import Field
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import PrimaryButton, PromptButton
from desktop_app.widgets.item_editors import QuietCombo
from desktop_app.widgets.line_list import Share
from desktop_app.widgets.notes import NoteLine
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.oversight_tabs import OversightTabs
from desktop_app.widgets.passphrase import PassphraseField
from desktop_app.widgets.reading import ReadingView
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

WIDE = 600
"""From this width in pixels on, the form stands beside the list; else below it."""
LOW = 520
"""Below this height in pixels the page says less: the form is what is to be read."""
FIELD_WIDTH = 300


class SigningPage(Page):
    """What awaits the signature of the signed-in person.

    Signals:
        item_wanted: What stands in the way is to be shown (FormKey, ItemPath or None).
        place_wanted: Another page of data management is to be opened (its name).
        settled: Forms were signed.
    """

    item_wanted = Signal(object, object)
    place_wanted = Signal(str)
    settled = Signal()

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._view = SigningView(lines=())
        self._shown: tuple[SignLine, ...] = ()
        self._seen: dict[FormKey, str] = {}
        self._ticked: set[FormKey] = set()
        self._error: CasebookError | None = None
        self._focus_wanted = False
        self._said = ""
        self._heading = sheet.label("title")
        self._tabs = OversightTabs("signing", self)
        self._notice = Notice("signing_notice")
        self._subject = QComboBox()
        self._subject.setObjectName("signing_subject")
        self._visit = QComboBox()
        self._visit.setObjectName("signing_visit")
        for combo in (self._subject, self._visit):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            combo.addItem("", sheet.ANY)
        self._tick = PromptButton()
        self._tick.setObjectName("signing_tick")
        self._tick_all = PromptButton()
        self._tick_all.setObjectName("signing_tick_all")
        self._table = ChoiceList(
            "signing_table",
            (
                Share(least=96),
                Share(least=92, from_width=320),
                Share(least=90, weight=1, from_width=430),
                Share(least=110, weight=3),
                Share(least=130, weight=2, from_width=560),
            ),
        )
        self.reading = ReadingView("signing_form")
        self._obstacles = QFrame()
        self._obstacles.setObjectName("signing_obstacles")
        self._obstacle_rows = QVBoxLayout(self._obstacles)
        self._card = QFrame()
        self._card.setObjectName("signing_card")
        theme.set_role(self._card, "card")
        self._statement = sheet.label("lead")
        self._statement.setObjectName("signing_statement")
        self._meaning: QComboBox = QuietCombo()
        self._meaning.setObjectName("signing_meaning")
        self._user = Field("signing_user")
        self._passphrase = PassphraseField("signing_passphrase")
        self._sign = PrimaryButton()
        self._sign.setObjectName("signing_sign")
        self._sign.setMinimumHeight(theme.TARGET)
        self._busy = False
        self._lay_out()
        self._connect()
        self.retranslate()

    def _lay_out(self) -> None:
        asked = WrappingRow(theme.SMALL)
        for widget in (self._subject, self._visit, self._tick, self._tick_all):
            asked.add(widget)
        self._obstacle_rows.setContentsMargins(0, 0, 0, 0)
        self._obstacle_rows.setSpacing(theme.TIGHT)
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.SMALL)
        beside.addWidget(self._obstacles)
        beside.addWidget(self.reading, 1)
        self._parts = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._parts.setSpacing(theme.MEDIUM)
        self._parts.addWidget(self._table, 2)
        self._parts.addWidget(right, 3)
        for field in (self._user, self._passphrase):
            field.setMaximumWidth(FIELD_WIDTH)
        line = QHBoxLayout()
        line.setSpacing(theme.MEDIUM)
        line.addWidget(self._user, 1)
        line.addWidget(self._passphrase, 1)
        button = QVBoxLayout()
        button.addSpacing(self.fontMetrics().height() + theme.TIGHT)
        button.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        button.addStretch(1)
        line.addLayout(button)
        line.addStretch(1)
        said = QHBoxLayout()
        said.setSpacing(theme.MEDIUM)
        said.addWidget(self._meaning, 0, Qt.AlignmentFlag.AlignTop)
        said.addWidget(self._statement, 1)
        column = QVBoxLayout(self._card)
        column.setContentsMargins(theme.MEDIUM, theme.SMALL, theme.MEDIUM, theme.SMALL)
        column.setSpacing(theme.SMALL)
        column.addLayout(said)
        column.addLayout(line)
        page = sheet.scrolling_column(self, self._table, right)
        page.setSpacing(theme.SMALL)
        for part in (self._heading, self._tabs, asked, self._notice):
            page.addWidget(part)
        page.addLayout(self._parts, 1)
        page.addWidget(self._card)
        self._heading.lower()  # a screen reader meets it first

    def _connect(self) -> None:
        self._tabs.wanted.connect(self.place_wanted)
        for combo in (self._subject, self._visit):
            combo.currentIndexChanged.connect(self._show_lines)
        self._table.current_changed.connect(self._open)
        self._table.line_chosen.connect(lambda _what: self.reading.setFocus())
        self._table.marked.connect(self._toggle)
        from_list = QShortcut(QKeySequence("PgDown"), self._table)
        from_list.setContext(Qt.ShortcutContext.WidgetShortcut)
        from_list.activated.connect(self._read_on)
        self._tick.clicked.connect(self._toggle)
        self._tick_all.clicked.connect(self._tick_what_was_read)
        self.reading.read_through.connect(self._note_read)
        self.reading.went_past_end.connect(self._tick_and_go_on)
        self._meaning.currentIndexChanged.connect(self._meaning_changed)
        self._passphrase.edit.textChanged.connect(self._look)
        self._user.edit.textChanged.connect(self._look)
        self._passphrase.edit.returnPressed.connect(self._sign_now)
        self._sign.clicked.connect(self._sign_now)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the form below the list where the window is narrow."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        self._parts.setDirection(QBoxLayout.Direction.LeftToRight if wide else QBoxLayout.Direction.TopToBottom)
        low = self.height() < LOW
        self._heading.setVisible(not low)
        theme.set_role(self._statement, "note" if low else "lead")
        self._tell()

    # -- what is shown ----------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Sign")

    def choose_subject(self, number: str) -> None:
        """Show one subject's forms when the page is filled next."""
        if self._subject.findData(number) < 0:
            self._subject.addItem(number, number)
        self._subject.setCurrentIndex(self._subject.findData(number))

    def refresh(self) -> None:
        """Ask again for what awaits the signature."""
        self.background.run(self.port.oversight.signing, then=self.show_view, otherwise=self._refused)

    def show_view(self, view: SigningView) -> None:
        """Show what awaits the signature. What was read counts as long as its content is the same."""
        self._view = view
        self._error = None
        standing = {one.key: one.digest for one in view.lines}
        self._seen = {key: digest for key, digest in self._seen.items() if standing.get(key) == digest}
        self._ticked &= set(self._seen)
        sheet.offer_values(self._subject, self.tr("All subjects"), [one.number for one in view.lines])
        sheet.offer_values(self._visit, self.tr("All visits"), [one.visit(self.language) for one in view.lines])
        chosen = self._meaning.currentData()
        self._meaning.blockSignals(True)
        self._meaning.clear()
        for meaning in view.meanings:
            self._meaning.addItem(meaning_word(meaning), meaning)
        self._meaning.setCurrentIndex(max(self._meaning.findData(chosen), 0))
        self._meaning.blockSignals(False)
        self._show_lines()
        if self._focus_wanted:
            self._focus_wanted = False
            self._focus()

    @property
    def _chosen_meaning(self) -> Meaning | None:
        chosen = self._meaning.currentData()
        return Meaning(chosen) if chosen else None

    def _show_lines(self) -> None:
        view, meaning = self._view, self._chosen_meaning
        self._shown = tuple(
            one
            for one in view.lines
            if (meaning is None or meaning in one.meanings)
            and self._subject.currentData() in {sheet.ANY, one.number}
            and self._visit.currentData() in {sheet.ANY, one.visit(self.language)}
        )
        self._ticked &= {one.key for one in self._shown}
        self._show_ticks()
        signs = view.why_not is None
        for widget in (self._table, self.reading):
            widget.setVisible(bool(self._shown))
        self._tick.setVisible(bool(self._shown))
        self._tick_all.setVisible(bool(self._shown))
        self._card.setVisible(signs and bool(self._shown))
        self._meaning.setVisible(len(view.meanings) > 1)
        statement = view.statements.get(meaning) if meaning is not None else None
        self._statement.setText(statement(self.language) if statement is not None else "")
        self._user.setVisible(view.whole)
        self._tell()
        self._open()

    def _tell(self) -> None:
        """Say what comes next, or why nothing does."""
        if self._error is not None:
            return
        if self._view.why_not is not None:
            self._notice.say(self._view.why_not(self.language), Tone.WARN)
        elif self._said:
            self._notice.say(self._said, Tone.GOOD)
        elif not self._shown:
            self._notice.say(self.tr("Nothing awaits your signature here."), Tone.GOOD)
        elif self.height() < LOW:
            self._notice.say("")
        else:
            told = self.tr(
                "Read each form through: PageDown goes on, and at its end ticks it. Then sign what is ticked."
            )
            self._notice.say(told)

    def _show_ticks(self) -> None:
        lines = sign_lines(self._shown, self.language, self._seen.keys(), self._ticked)
        self._table.show_lines(sign_headings(), lines)
        self._look()

    def _current(self) -> SignLine | None:
        wanted = self._table.current()
        return next((one for one in self._shown if one.key == wanted), None)

    def _open(self) -> None:
        """Show the form in front, with what stands in its way."""
        line = self._current()
        self._show_obstacles(line)
        self._look()
        if line is None:
            self.reading.show_form(None, self.port.design, self.language)
        elif self.reading.view is None or self.reading.view.key != line.key:
            self.background.run(partial(self.port.form, line.key), then=self._show_form, otherwise=self._refused)

    def _show_form(self, view: FormView) -> None:
        line = self._current()
        if line is not None and line.key == view.key:
            self.reading.show_form(view, self.port.design, self.language)

    def _show_obstacles(self, line: SignLine | None) -> None:
        while (item := self._obstacle_rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        obstacles = line.obstacles if line is not None else ()
        for place, obstacle in enumerate(obstacles):
            note = NoteLine("error", Tone.BAD, obstacle.what(self.language), parent=self._obstacles)
            button = note.add_button(f"signing_obstacle_{place}", self.tr("Go there"))
            button.clicked.connect(partial(self._lead, obstacle.key, obstacle.path))
            self._obstacle_rows.addWidget(note)
        apart = line.apart if line is not None else ()
        if apart:
            told = self.tr("Entered on two laptops unseen by each other: look through once. %1")
            note = NoteLine("laptop", Tone.WARN, told.replace("%1", " / ".join(apart)), parent=self._obstacles)
            note.setObjectName("signing_apart")
            self._obstacle_rows.addWidget(note)
        self._obstacles.setVisible(bool(obstacles or apart))

    def _lead(self, key: FormKey, path: object, _checked: object = None) -> None:
        self.item_wanted.emit(key, path)

    def take_focus(self) -> None:
        """Put the cursor into the list; once more when the list has come."""
        self._focus_wanted = True
        self._focus()

    def _focus(self) -> None:
        (self._table if self._table.isVisibleTo(self) else self._tabs).setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._tabs.retranslate()
        self._subject.setAccessibleName(self.tr("Subject of the forms that are shown"))
        self._visit.setAccessibleName(self.tr("Visit of the forms that are shown"))
        self._tick.setText(self.tr("&Tick"))
        self._tick.setToolTip(self.tr("Space"))
        self._tick_all.setText(self.tr("Tick all that &was read"))
        self._tick_all.setAccessibleName(self.tr("Tick all forms that were read through"))
        self._meaning.setAccessibleName(self.tr("Meaning of the signature"))
        self._user.set_texts(self.tr("Your user id"))
        self._passphrase.set_texts(self.tr("Your passphrase"))
        self._table.setAccessibleName(self.tr("Forms that await your signature; Enter reads, Space ticks"))
        self.reading.show_form(None, self.port.design, self.language)
        self.show_view(self._view)
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)

    def _look(self) -> None:
        """Let be pressed what can be done now."""
        line = self._current()
        readable = line is not None and not line.obstacles
        self._tick.setEnabled(readable and line is not None and line.key in self._seen)
        told = "" if self._tick.isEnabled() else self.tr("Read the form through first: PageDown.")
        self._tick.setToolTip(told or self.tr("Space"))
        self._tick.setAccessibleDescription(told)
        count = len(self._ticked)
        self._sign.setText(self.tr("Signing…") if self._busy else self.tr("Sign %1").replace("%1", str(count)))
        self._sign.setAccessibleName(self.tr("Sign the forms that are ticked: %1").replace("%1", str(count)))
        whole = not self._view.whole or bool(self._user.text().strip())
        self._sign.setEnabled(bool(count) and whole and bool(self._passphrase.text()) and not self._busy)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._notice.say(error.sentence(self.language), Tone.BAD)

    # -- what the user does -------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Read on by PageDown; Esc in the form leads back to the list."""
        if event.key() == Qt.Key.Key_Escape and self.reading.hasFocus():
            self._table.setFocus()
        else:
            super().keyPressEvent(event)

    def _meaning_changed(self) -> None:
        self._said = ""
        self._show_lines()

    def _note_read(self, key: FormKey) -> None:
        line = next((one for one in self._shown if one.key == key), None)
        if line is not None and not line.obstacles:
            self._seen[key] = line.digest
            self._show_ticks()

    def _toggle(self, _what: object = None) -> None:
        line = self._current()
        if line is None or line.key not in self._seen:
            self.reading.setFocus()
            return
        self._ticked ^= {line.key}
        self._show_ticks()

    def _read_on(self) -> None:
        """Read on from the list."""
        self.reading.setFocus()
        self.reading.read_on()

    def _tick_what_was_read(self) -> None:
        self._ticked |= {one.key for one in self._shown if one.key in self._seen}
        self._show_ticks()

    def _tick_and_go_on(self) -> None:
        """At the end of a form: tick it and open the next one; after the last one ask for the passphrase."""
        line = self._current()
        if line is not None and line.key in self._seen:
            self._ticked.add(line.key)
            self._show_ticks()
        if not self._table.go(1):
            (self._user.edit if self._view.whole else self._passphrase.edit).setFocus()

    def _sign_now(self) -> None:
        meaning = self._chosen_meaning
        if meaning is None or not self._sign.isEnabled():
            return
        self._busy = True
        self._look()
        forms = [(one.key, one.digest) for one in self._shown if one.key in self._ticked]
        user, passphrase = self._user.text().strip(), self._passphrase.text()
        work = partial(self.port.oversight.sign, forms, meaning, user, passphrase)
        self.background.run(work, then=partial(self._signed, len(forms)), otherwise=self._not_signed)

    def _signed(self, count: int, _done: None) -> None:
        self._busy = False
        self._ticked.clear()
        self._passphrase.edit.clear()
        self._passphrase.show_error("")
        self._said = self.tr("Signed: %1.").replace("%1", str(count))
        self.status.emit(self._said)
        self.settled.emit()
        self.refresh()
        self._table.setFocus()

    def _not_signed(self, error: CasebookError) -> None:
        self._busy = False
        self._look()
        self._passphrase.show_error(error.sentence(self.language))
        self._passphrase.edit.setFocus()
