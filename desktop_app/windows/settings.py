"""Settings: language, look, people on this laptop, passphrase, recovery sheet, and what is installed."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal, qVersion
from PySide6.QtWidgets import QApplication, QButtonGroup, QGridLayout, QLabel, QRadioButton, QVBoxLayout, QWidget

import casebook
from casebook.errors import CasebookError
from desktop_app import theme
from desktop_app.audit_snapshots import AuditQuestion
from desktop_app.background import Background
from desktop_app.i18n import LANGUAGES
from desktop_app.models.words import Sign
from desktop_app.phrases import clauses
from desktop_app.snapshots import Person
from desktop_app.staff_snapshots import SheetOffer
from desktop_app.theme import Look, Tone
from desktop_app.widgets.fields import all_filled
from desktop_app.widgets.icon import IconButton, PrimaryButton, SignLabel
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.passphrase import NewPassphraseField, PassphraseField
from desktop_app.widgets.recovery_code import RecoveryCode
from desktop_app.windows import sheet
from desktop_app.windows.files import write_file
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort

WIDTH = 640


class _Way:
    """A card that leads elsewhere: what is there, and the button."""

    def __init__(self, name: str, icon: str) -> None:
        """Make the card; `name` is the button's."""
        self._heading = sheet.label("lead")
        self._note = sheet.label("note")
        self.button = IconButton(icon)
        self.button.setObjectName(name)
        self.card, column = sheet.card(f"{name}_card")
        column.addWidget(self._heading)
        column.addWidget(self._note)
        column.addLayout(sheet.row(self.button))

    def set_texts(self, heading: str, note: str, button: str) -> None:
        """Set every visible text."""
        self._heading.setText(heading)
        self._note.setText(note)
        self.button.setText(button)


class SettingsPage(Page):
    """Language, look, people, passphrase, recovery sheet, about.

    Signals:
        language_wanted: The user asks for another language ('en' or 'zh').
        look_wanted: The user asks for another look (Look).
        guide_wanted: The first steps are to be shown.
        people_wanted: The people of the site are to be shown.
        export_wanted: The user wants the record as files.
        retiring_wanted: The laptop is to leave the study.
    """

    language_wanted = Signal(str)
    look_wanted = Signal(str)
    guide_wanted = Signal()
    people_wanted = Signal()
    export_wanted = Signal()
    retiring_wanted = Signal()

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._people: tuple[Person, ...] = ()
        self._heading = sheet.label("title")
        self._guide = _Way("settings_guide", "guide")
        self._audit = _Way("settings_audit", "trail")
        self._export = _Way("settings_export", "folder")
        self._retiring = _Way("settings_retire", "laptop")
        inner = QWidget()
        theme.set_role(inner, "sheet")
        inner.setMaximumWidth(WIDTH)
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, theme.SMALL, 0)
        column.setSpacing(theme.LARGE)
        for part in (
            self._make_language(),
            self._make_look(),
            self._guide.card,
            self._make_people(),
            self._make_passphrase(),
            self._make_recovery(),
            self._audit.card,
            self._export.card,
            self._retiring.card,
            self._make_about(),
        ):
            column.addWidget(part)
        column.addStretch(1)
        outer = sheet.page_column(self)
        outer.addWidget(self._heading)
        outer.addWidget(sheet.scrolling(inner), 1)
        self._connect()
        self.retranslate()

    def _make_language(self) -> QWidget:
        self._language_heading = sheet.label("lead")
        self._languages = QButtonGroup(self)
        frame, column = sheet.card("settings_language_card")
        column.addWidget(self._language_heading)
        buttons = []
        for place, (code, name) in enumerate(LANGUAGES.items()):
            button = QRadioButton(name)
            button.setObjectName(f"settings_language_{code}")
            button.setChecked(code == self.language)
            self._languages.addButton(button, place)
            buttons.append(button)
        column.addLayout(sheet.row(*buttons))
        return frame

    def _make_look(self) -> QWidget:
        self._look_heading = sheet.label("lead")
        self._looks = {look: QRadioButton() for look in Look}
        self._look_group = QButtonGroup(self)
        frame, column = sheet.card("settings_look_card")
        column.addWidget(self._look_heading)
        for look, button in self._looks.items():
            button.setObjectName(f"settings_look_{look}")
            self._look_group.addButton(button)
            button.toggled.connect(partial(self._choose_look, look))
        column.addLayout(sheet.row(*self._looks.values()))
        self.show_look()
        return frame

    def _make_people(self) -> QWidget:
        self._people_heading = sheet.label("lead")
        self._people_rows = QGridLayout()
        self._people_rows.setSpacing(theme.TIGHT)
        self._people_rows.setHorizontalSpacing(theme.HUGE)
        self._people_rows.setColumnStretch(1, 1)
        self._people_button = IconButton("person")
        self._people_button.setObjectName("settings_people")
        frame, column = sheet.card("settings_people_card")
        column.addWidget(self._people_heading)
        column.addLayout(self._people_rows)
        column.addLayout(sheet.row(self._people_button))
        return frame

    def _known_here(self) -> tuple[str, ...]:
        """Return what anybody knows of the person and the place: it makes no passphrase stronger."""
        port = self.port
        return ("Casebook", port.person.name, port.person.user, port.site, port.site_name, port.design.code)

    def _make_passphrase(self) -> QWidget:
        self._passphrase_heading = sheet.label("lead")
        self._old = PassphraseField("settings_old_passphrase")
        self._new = NewPassphraseField("settings_new_passphrase", self._known_here)
        self._again = PassphraseField("settings_new_passphrase_again")
        self._change = PrimaryButton()
        self._change.setObjectName("settings_change_passphrase")
        self._change_outcome = Notice("settings_passphrase_outcome")
        frame, column = sheet.card("settings_passphrase_card")
        for widget in (self._passphrase_heading, self._old, self._new, self._again, self._change_outcome):
            column.addWidget(widget)
        column.addLayout(sheet.row(self._change))
        return frame

    def _make_recovery(self) -> QWidget:
        self._recovery_heading = sheet.label("lead")
        self._recovery_note = sheet.label("note")
        self._recovery = IconButton("recovery")
        self._recovery.setObjectName("settings_make_recovery")
        self._fresh = RecoveryCode("settings_recovery")
        self._fresh.hide()
        self._recovery_outcome = Notice("settings_recovery_outcome")
        frame, column = sheet.card("settings_recovery_card")
        for widget in (self._recovery_heading, self._recovery_note, self._recovery_outcome, self._fresh):
            column.addWidget(widget)
        column.addLayout(sheet.row(self._recovery))
        return frame

    def _make_about(self) -> QWidget:
        self._about_heading = sheet.label("lead")
        self._about = sheet.label()
        self._about.setObjectName("settings_about")
        self._about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        frame, column = sheet.card("settings_about_card")
        column.addWidget(self._about_heading)
        column.addWidget(self._about)
        return frame

    def _connect(self) -> None:
        self._languages.idToggled.connect(self._choose_language)
        self._guide.button.clicked.connect(self.guide_wanted)
        self._people_button.clicked.connect(self.people_wanted)
        self._audit.button.clicked.connect(lambda: self.audit_wanted.emit(AuditQuestion()))
        self._change.clicked.connect(self._change_passphrase)
        self._again.edit.returnPressed.connect(self._change_passphrase)
        self._recovery.clicked.connect(self._make_sheet)
        self._fresh.typed_back.connect(self._test_sheet)
        self._fresh.written_down.connect(self._sheet_counts)
        self._fresh.save_wanted.connect(self._save_sheet)
        self._export.button.clicked.connect(self.export_wanted)
        self._retiring.button.clicked.connect(self.retiring_wanted)

    # -- what is shown ------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Settings")

    def refresh(self) -> None:
        """Ask for the people of the site."""
        self.background.run(self.port.people, then=self.show_people, otherwise=self._people_refused)

    def show_people(self, people: tuple[Person, ...]) -> None:
        """Show who belongs to the site."""
        self._people = people
        self._tell_rights()
        while (item := self._people_rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        for person in people:
            name, where = self._person_line(person)
            row = self._people_rows.rowCount()
            self._people_rows.addWidget(name, row, 0)
            self._people_rows.addWidget(where, row, 1)
        self._people_button.raise_()

    def _tell_rights(self) -> None:
        sheet.offer(self._export.button, self.why_not("export"), "Ctrl+Shift+E")
        sheet.offer(self._recovery, self.why_not("manage"))
        sheet.offer(self._retiring.button, self.why_not("administer"))

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        self._languages.button(list(LANGUAGES).index(self.language)).setFocus()

    def _person_line(self, person: Person) -> tuple[QLabel, SignLabel]:
        name = QLabel(clauses(self.language, (person.name, person.role_label(self.language))))
        where = SignLabel()
        if person.on_this_laptop:
            where.show_sign(Sign(icon="check", word=self.tr("signs in here"), tone=Tone.GOOD))
        else:
            where.show_sign(Sign(icon="nothing", word=self.tr("not on this laptop"), tone=Tone.QUIET))
        return name, where

    def leave(self, then: Callable[[], None]) -> None:
        """Forget what should not stay on the screen."""
        self._hide_sheet()
        super().leave(then)

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(self.title())
        self._language_heading.setText(self.tr("Language"))
        self._look_heading.setText(self.tr("Theme"))
        words = {Look.SYSTEM: self.tr("As the system"), Look.LIGHT: self.tr("Light"), Look.DARK: self.tr("Dark")}
        for look, button in self._looks.items():
            button.setText(words[look])
        self._guide.set_texts(
            self.tr("First steps"),
            self.tr("A few minutes with a practice subject, in a study of its own: nothing counts. F6 from anywhere."),
            self.tr("Sho&w the first steps"),
        )
        self._people_heading.setText(self.tr("People"))
        self._people_button.setText(self.tr("&People, delegation, roles…"))
        self._passphrase_heading.setText(self.tr("My passphrase"))
        self._old.set_texts(self.tr("Present passphrase"))
        self._new.set_texts(
            self.tr("New passphrase"), self.tr("Four or five unrelated words are strong and easy to type.")
        )
        self._again.set_texts(self.tr("New passphrase again"))
        self._change.setText(self.tr("Change passphrase"))
        self._recovery_heading.setText(self.tr("Recovery sheet"))
        self._recovery_note.setText(
            self.tr(
                "It opens this laptop's records when a passphrase is forgotten. A new sheet ends the old one once it "
                "was tested."
            )
        )
        self._recovery.setText(self.tr("Make a new recovery sheet"))
        self._fresh.retranslate()
        self._audit.set_texts(
            self.tr("Audit trail"),
            self.tr(
                "Every change and act at this site, as a sentence: who, when, what, why. Ctrl+Shift+H from anywhere."
            ),
            self.tr("Audit &trail of the site…"),
        )
        self._export.set_texts(
            self.tr("Export"),
            self.tr(
                "This site's record as CDISC ODM and as tables, without identity data. Ctrl+Shift+E from anywhere."
            ),
            self.tr("&Export data…"),
        )
        self._retiring.set_texts(
            self.tr("Retire this laptop"),
            self.tr(
                "Removes the keys and all records from this laptop when it leaves the study. Nothing goes that is only "
                "here: it is sent first, or put into an encrypted rescue copy."
            ),
            self.tr("Ret&ire this laptop…"),
        )
        self._tell_rights()
        self._about_heading.setText(self.tr("About"))
        self._retranslate_about()
        self.show_people(self._people)

    def _retranslate_about(self) -> None:
        design = self.port.design
        lines = (
            self.tr("Casebook %1, Qt %2").replace("%1", casebook.__version__).replace("%2", qVersion()),
            self.tr("Study: %1").replace("%1", design.name(self.language)),
            self.tr("Protocol %1, definition %2 (%3)")
            .replace("%1", design.protocol)
            .replace("%2", design.label)
            .replace("%3", design.version[:16]),
            self.tr("Site %1 %2, laptop %3")
            .replace("%1", self.port.site)
            .replace("%2", self.port.site_name)
            .replace("%3", self.port.laptop_letter),
        )
        self._about.setText("\n".join(lines))

    # -- what the user does --------------------------------------------------------------------------------

    def _choose_language(self, place: int, checked: bool) -> None:
        code = list(LANGUAGES)[place]
        if checked and code != self.language:
            self.language_wanted.emit(code)

    def set_language(self, language: str) -> None:
        """Change the language; its button follows, whoever asked for it."""
        super().set_language(language)
        self._languages.button(list(LANGUAGES).index(language)).setChecked(True)

    def show_look(self) -> None:
        """Mark the look that was chosen, whoever asked for it."""
        self._looks[theme.chosen_look(QApplication.instance())].setChecked(True)

    def _choose_look(self, look: Look, checked: bool) -> None:
        if checked and look is not theme.chosen_look(QApplication.instance()):
            self.look_wanted.emit(look)

    def _people_refused(self, error: CasebookError) -> None:
        self.status.emit(error.sentence(self.language))

    def _change_passphrase(self) -> None:
        if not all_filled((self._old, self._new, self._again), self.tr("This is needed.")):
            return
        if not self._new.is_good_with(self._again, self.tr("The two passphrases differ. Type the second one again.")):
            return
        self._change.setEnabled(False)
        self._change_outcome.say(self.tr("Deriving keys. This takes about two seconds by design."))
        work = partial(self.port.change_passphrase, self._old.text(), self._new.text())
        self.background.run(work, then=self._passphrase_changed, otherwise=self._passphrase_refused)

    def _passphrase_changed(self, _nothing: None) -> None:
        self._change.setEnabled(True)
        for field in (self._old, self._new, self._again):
            field.edit.clear()
        self._change_outcome.say(self.tr("Your passphrase is changed. Use the new one from now on."), Tone.GOOD)

    def _passphrase_refused(self, error: CasebookError) -> None:
        self._change.setEnabled(True)
        self._change_outcome.say(error.sentence(self.language), Tone.BAD)

    def _make_sheet(self) -> None:
        self._recovery.setEnabled(False)
        self.background.run(self.port.staff.begin_sheet, then=self._show_sheet, otherwise=self._sheet_refused)

    def _show_sheet(self, offer: SheetOffer) -> None:
        self._recovery.setEnabled(True)
        self._recovery.hide()
        self._recovery_outcome.say("")
        self._fresh.show_code(offer.code, offer.pdf, self.tr("Recovery sheet") + ".pdf")
        self._fresh.show()
        self._fresh.setFocus()

    def _test_sheet(self, code: str) -> None:
        work = partial(self.port.staff.test_sheet, code)
        self.background.run(work, then=lambda _done: self._fresh.accept(), otherwise=self._sheet_not_opened)

    def _sheet_not_opened(self, error: CasebookError) -> None:
        self._fresh.refuse(error.sentence(self.language))

    def _sheet_counts(self) -> None:
        self._hide_sheet()
        words = self.tr("The new sheet counts from now on. The old one opens nothing any more: destroy it.")
        self._recovery_outcome.say(words, Tone.GOOD)
        self._recovery.setFocus()

    def _save_sheet(self, path: str) -> None:
        data = self._fresh.paper.data
        if data is not None:
            self.background.run(
                lambda: write_file(path, data), then=self._sheet_saved, otherwise=self._sheet_not_opened
            )

    def _sheet_saved(self, path: str) -> None:
        self._fresh.tell(self.tr("Saved as %1. Print it and delete it.").replace("%1", path), Tone.WARN)

    def _hide_sheet(self) -> None:
        self._fresh.forget()
        self._fresh.hide()
        self._recovery.show()
        self._recovery_outcome.say("")

    def _sheet_refused(self, error: CasebookError) -> None:
        self._recovery.setEnabled(True)
        self._recovery_outcome.say(error.sentence(self.language), Tone.BAD)
