"""People: who belongs to the site, who signs in on this laptop, and how somebody is let in or out."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from casebook.design import Text
from casebook.errors import CasebookError
from casebook.ids import UserId
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models.line_table import Line
from desktop_app.models.words import Sign
from desktop_app.snapshots import Person
from desktop_app.staff_snapshots import (
    CertificateState,
    DelegationState,
    Invited,
    KeysMade,
    StaffRow,
    StaffView,
    UnblindingAccess,
)
from desktop_app.theme import Tone
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.fields import Field, all_filled
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton, PrimaryButton
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.passphrase import NewPassphraseField, PassphraseField
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.staff_port import StaffPort

WIDTH = 640
LIST, ADD, AGAIN, REMOVE, CERTIFY = range(5)


class PeoplePage(Page):
    """The people of the site.

    Signals:
        delegation_wanted: The delegation log is to be shown.
        roles_wanted: What each role may do is to be shown.
        people_changed: Somebody was let in or out; the server should hear of it.
    """

    delegation_wanted = Signal()
    roles_wanted = Signal()
    people_changed = Signal()

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
        self._view: StaffView | None = None
        self._said: tuple[Callable[[], str], Tone] | None = None
        self._back = BackButton("people")
        self._heading = QLabel()
        theme.set_role(self._heading, "title")
        self._delegation = IconButton("log")
        self._delegation.setObjectName("people_delegation")
        self._roles = IconButton("question")
        self._roles.setObjectName("people_roles")
        self._notice = Notice("people_notice")
        self._steps = QStackedWidget()
        for part in (
            self._make_list(),
            self._make_add(),
            self._make_again(),
            self._make_remove(),
            self._make_certify(),
        ):
            self._steps.addWidget(part)
        head = sheet.row(self._back, self._heading)
        head.addWidget(self._delegation)
        head.addWidget(self._roles)
        page = sheet.page_column(self)
        page.addLayout(head)
        page.addWidget(self._notice)
        page.addWidget(self._steps, 1)
        self._connect()
        self.retranslate()

    def _make_list(self) -> QWidget:
        shares = (
            Share(least=180, weight=3),
            Share(least=150, weight=2, from_width=560),
            Share(least=190, weight=2),
            Share(least=170, weight=2, from_width=700),
        )
        self._table = LineList("people_table", shares)
        self._add = PrimaryButton()
        self._add.setObjectName("people_add")
        self._again = IconButton("recovery")
        self._again.setObjectName("people_again")
        self._remove = IconButton("strike")
        self._remove.setObjectName("people_remove")
        self._certify = IconButton("sign")
        self._certify.setObjectName("people_certify")
        self._certify.hide()
        actions = WrappingRow(theme.SMALL)
        for button in (self._add, self._again, self._remove, self._certify):
            actions.add(button)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addWidget(self._table, 1)
        column.addWidget(actions)
        return whole

    def _make_add(self) -> QWidget:
        self._add_heading = sheet.label("lead")
        self._ways = QButtonGroup(self)
        self._by_code, self._offline = QRadioButton(), QRadioButton()
        for place, (button, name) in enumerate(((self._by_code, "people_by_code"), (self._offline, "people_offline"))):
            button.setObjectName(name)
            self._ways.addButton(button, place)
        self._by_code.setChecked(True)
        self._way_note = sheet.label("note")
        self._way_note.setObjectName("people_way_note")
        self._code = Field("people_code")
        self._name = Field("people_name")
        self._user = Field("people_user")
        self._role = QComboBox()
        self._role.setObjectName("people_role")
        self._role_label = QLabel()
        self._role_label.setBuddy(self._role)
        self._first = NewPassphraseField("people_passphrase", self._known_here)
        self._second = PassphraseField("people_passphrase_again")
        self._add_go, self._add_cancel = PrimaryButton(), QPushButton()
        self._add_go.setObjectName("people_add_go")
        self._add_cancel.setObjectName("people_add_cancel")
        frame, column = sheet.card("people_add_card")
        above: tuple[QWidget, ...] = (self._add_heading, self._by_code, self._offline, self._way_note, self._code)
        below: tuple[QWidget, ...] = (self._role_label, self._role, self._first, self._second)
        for widget in above:
            column.addWidget(widget)
        pair = QHBoxLayout()
        pair.setSpacing(theme.LARGE)
        pair.addWidget(self._name, 1, Qt.AlignmentFlag.AlignTop)
        pair.addWidget(self._user, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(pair)
        for widget in below:
            column.addWidget(widget)
        return sheet.panel(frame, column, WIDTH, self._add_go, self._add_cancel)

    def _make_again(self) -> QWidget:
        self._again_heading = sheet.label("lead")
        self._again_note = sheet.label()
        self._again_first = NewPassphraseField("people_again_passphrase", self._known_here)
        self._again_second = PassphraseField("people_again_passphrase_again")
        self._again_go, self._again_cancel = PrimaryButton(), QPushButton()
        self._again_go.setObjectName("people_again_go")
        self._again_cancel.setObjectName("people_again_cancel")
        frame, column = sheet.card("people_again_card")
        for widget in (self._again_heading, self._again_note, self._again_first, self._again_second):
            column.addWidget(widget)
        return sheet.panel(frame, column, WIDTH, self._again_go, self._again_cancel)

    def _make_remove(self) -> QWidget:
        self._remove_heading = sheet.label("lead")
        self._remove_note = sheet.label()
        self._own = PassphraseField("people_own_passphrase")
        self._remove_go, self._remove_cancel = PrimaryButton(), QPushButton()
        self._remove_go.setObjectName("people_remove_go")
        self._remove_cancel.setObjectName("people_remove_cancel")
        frame, column = sheet.card("people_remove_card")
        for widget in (self._remove_heading, self._remove_note, self._own):
            column.addWidget(widget)
        return sheet.panel(frame, column, WIDTH, self._remove_go, self._remove_cancel)

    def _make_certify(self) -> QWidget:
        self._certify_heading = sheet.label("lead")
        self._certify_note = sheet.label()
        self._own_code = Field("people_own_code")
        self._certify_go, self._certify_cancel = PrimaryButton(), QPushButton()
        self._certify_go.setObjectName("people_certify_go")
        self._certify_cancel.setObjectName("people_certify_cancel")
        frame, column = sheet.card("people_certify_card")
        for widget in (self._certify_heading, self._certify_note, self._own_code):
            column.addWidget(widget)
        return sheet.panel(frame, column, WIDTH, self._certify_go, self._certify_cancel)

    def _connect(self) -> None:
        self._back.clicked.connect(self.back_requested)
        self._delegation.clicked.connect(self.delegation_wanted)
        self._roles.clicked.connect(self.roles_wanted)
        self._table.selectionModel().currentChanged.connect(self._show_actions)
        self._add.clicked.connect(self._ask_add)
        self._again.clicked.connect(self._ask_again)
        self._remove.clicked.connect(self._ask_remove)
        self._certify.clicked.connect(self._ask_certify)
        self._certify_go.clicked.connect(self._have_certified)
        self._own_code.edit.returnPressed.connect(self._have_certified)
        self._ways.idToggled.connect(self._show_way)
        for button in (self._add_cancel, self._again_cancel, self._remove_cancel, self._certify_cancel):
            theme.set_role(button, "quiet")
            button.clicked.connect(self._close_panel)
        for edit, go in (
            (self._second.edit, self._let_in),
            (self._again_second.edit, self._let_in_again),
            (self._own.edit, self._take_out),
        ):
            edit.returnPressed.connect(go)
        self._add_go.clicked.connect(self._let_in)
        self._again_go.clicked.connect(self._let_in_again)
        self._remove_go.clicked.connect(self._take_out)

    def _known_here(self) -> tuple[str, ...]:
        """Return what anybody knows of the person and the place: it makes no passphrase stronger."""
        port, row = self.port, self._chosen()
        chosen = (row.name, row.user) if row is not None else ()
        typed = (self._name.text(), self._user.text())
        return ("Casebook", port.person.name, port.site, port.site_name, port.design.code, *chosen, *typed)

    # -- what is shown --------------------------------------------------------------------------------------

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("People")

    def refresh(self) -> None:
        """Ask who belongs to the site."""
        self.background.run(self._staff.view, then=self.show_view, otherwise=self._refused)

    def show_view(self, view: StaffView) -> None:
        """Show the people of the site."""
        self._view = view
        chosen = self._role.currentData()
        self._role.clear()
        for role in view.roles:
            self._role.addItem(role.label(self.language), role.oid)
        self._role.setCurrentIndex(max(0, self._role.findData(chosen)))
        self._show_rows()

    def _show_rows(self) -> None:
        view = self._view
        if view is None:
            return
        headings = (self.tr("Person"), self.tr("Delegated"), self.tr("On this laptop"), self.tr("Unblinding data"))
        self._table.show_lines(headings, [self._line(row) for row in view.rows])
        self._show_actions()
        self._show_way()

    def _line(self, row: StaffRow) -> Line:
        name = f"{row.name}\n{row.role_label(self.language)}"
        if row.is_me:
            you = self.tr("%1 (you)").replace("%1", row.name)
            name = f"{you}\n{row.role_label(self.language)}"
        delegated, here, unblinding = self._delegated(row), self._here(row), self._unblinding(row)
        signs = {1: delegated, 2: here, 3: unblinding}
        texts = (name, delegated.word, here.word, unblinding.word)
        return Line(texts=texts, what=row.user, signs={place: sign for place, sign in signs.items() if sign.word})

    def _delegated(self, row: StaffRow) -> Sign:
        match row.delegation:
            case DelegationState.NOT_NEEDED:
                return Sign(icon="nothing", word=self.tr("by role, none needed"), tone=Tone.QUIET)
            case DelegationState.NO_LOG:
                return Sign(icon="nothing", word=self.tr("no delegation log yet"), tone=Tone.QUIET)
            case DelegationState.STANDING:
                word = self.tr("since %1").replace("%1", str(row.since))
                if row.until is not None:
                    word = self.tr("%1 to %2").replace("%1", str(row.since)).replace("%2", str(row.until))
                return Sign(icon="check", word=word, tone=Tone.GOOD)
            case DelegationState.NOT_STANDING:
                return Sign(icon="warning", word=self.tr("not delegated today"), tone=Tone.WARN)

    def _here(self, row: StaffRow) -> Sign:
        match row.certificate:
            case CertificateState.ISSUED:
                return Sign(icon="check", word=self.tr("signs in here"), tone=Tone.GOOD)
            case CertificateState.PENDING:
                return Sign(icon="clock", word=self.tr("signs in here; certificate pending"), tone=Tone.WARN)
            case CertificateState.ABSENT:
                return Sign(icon="nothing", word=self.tr("not on this laptop"), tone=Tone.QUIET)

    def _unblinding(self, row: StaffRow) -> Sign:
        match row.unblinding:
            case UnblindingAccess.YES:
                return Sign(icon="check", word=self.tr("opens it"), tone=Tone.QUIET)
            case UnblindingAccess.WAITING:
                word = self.tr("waiting: a colleague who has the key signs in")
                return Sign(icon="clock", word=word, tone=Tone.WARN)
            case UnblindingAccess.NEVER:
                return Sign(icon="sealed_away", word=self.tr("blinded"), tone=Tone.QUIET)
            case UnblindingAccess.ABSENT:
                return Sign(icon="nothing", word="", tone=Tone.QUIET)

    def _chosen(self) -> StaffRow | None:
        rows = self._view.rows if self._view is not None else ()
        return next((row for row in rows if row.user == self._table.current()), None)

    def _show_actions(self) -> None:
        row = self._chosen()
        movable = row is not None and row.here and not row.is_me
        for button, words in (
            (self._again, self.tr("Choose a colleague who signs in on this laptop.")),
            (self._remove, self.tr("Choose a colleague who signs in on this laptop.")),
        ):
            button.setEnabled(movable)
            button.setToolTip("" if movable else words)
            button.setAccessibleDescription("" if movable else words)

        mine = next((one for one in self._view.rows if one.is_me), None) if self._view is not None else None
        self._certify.setVisible(mine is not None and mine.certificate is CertificateState.PENDING)

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
        self._delegation.setText(self.tr("&Delegation log"))
        self._roles.setText(self.tr("&What each role may do"))
        self._table.setAccessibleName(self.tr("People of this site"))
        self._add.setText(self.tr("&Add a person…"))
        self._again.setText(self.tr("&Let in again…"))
        self._remove.setText(self.tr("&Remove from this laptop…"))
        self._add_heading.setText(self.tr("Add a person to this laptop"))
        self._by_code.setText(self.tr("With a personal &code from the data manager (needs the network)"))
        self._offline.setText(self.tr("&Here and now, without the network"))
        self._code.set_texts(self.tr("&Personal code"))
        self._name.set_texts(self.tr("&Name"), self.tr("As colleagues know them."))
        self._user.set_texts(self.tr("&Short name"), self.tr("Small letters, such as wang.l; it never changes."))
        self._role_label.setText(self.tr("Rol&e"))
        self._role.setAccessibleName(self.tr("Role"))
        self._first.set_texts(self.tr("Their new passphrase"), self.tr("They type it themselves."))
        self._second.set_texts(self.tr("Their passphrase again"))
        self._add_go.setText(self.tr("Let them in"))
        self._again_note.setText(
            self.tr(
                "They forgot their passphrase: they type a new one here. Their old keys sign nothing any more and what "
                "they signed stays valid. Until their new keys are certified they work as “certificate pending”: the "
                "next sync does it where you may let people in, else a personal code."
            )
        )
        self._again_first.set_texts(self.tr("Their new passphrase"), self.tr("They type it themselves."))
        self._again_second.set_texts(self.tr("Their passphrase again"))
        self._again_go.setText(self.tr("Let them in again"))
        self._certify.setText(self.tr("Have my &keys certified…"))
        self._certify_heading.setText(self.tr("Have your keys certified"))
        self._certify_note.setText(
            self.tr(
                "Your keys on this laptop are not certified yet: what you enter is kept and waits. A personal code "
                "from the data manager certifies them; the network is needed."
            )
        )
        self._own_code.set_texts(self.tr("Personal code"))
        self._certify_go.setText(self.tr("Certify"))
        self._remove_note.setText(
            self.tr(
                "They no longer sign in here, and the keys of this laptop are renewed. What they entered stays in the "
                "record. Their account in the study is ended by the data manager."
            )
        )
        self._own.set_texts(self.tr("Your passphrase"), self.tr("To prove that it is you."))
        self._remove_go.setText(self.tr("Remove"))
        for button in (self._add_cancel, self._again_cancel, self._remove_cancel, self._certify_cancel):
            button.setText(self.tr("Cancel (Esc)"))
            button.setAccessibleName(self.tr("Cancel"))
        self._name_panels()
        self._show_rows()
        if self._said is not None:
            self._notice.say(self._said[0](), self._said[1])

    def _name_panels(self) -> None:
        row = self._chosen()
        name = row.name if row is not None else ""
        self._again_heading.setText(self.tr("Let %1 in again").replace("%1", name))
        self._remove_heading.setText(self.tr("Remove %1 from this laptop").replace("%1", name))

    def _show_way(self) -> None:
        """Show the fields of the chosen way of adding somebody."""
        view = self._view
        may = view is not None and view.may_invite
        self._offline.setEnabled(may)
        if not may:
            self._by_code.setChecked(True)
        offline = self._offline.isChecked()
        self._code.setVisible(not offline)
        for part in (self._name, self._user, self._role_label, self._role):
            part.setVisible(offline)
        why: Text | None = view.why_not if view is not None else None
        if offline:
            note = self.tr("They work at once. Their keys are certified at the next sync.")
        elif may or why is None:
            note = ""
        else:
            note = why(self.language)
        self._way_note.setText(note)
        self._way_note.setVisible(bool(note))

    # -- what the user does ---------------------------------------------------------------------------------

    def _tell(self, words: Callable[[], str], tone: Tone) -> None:
        self._said = (words, tone)
        self._notice.say(words(), tone)

    def _open_panel(self, panel: int, first: QWidget) -> None:
        self._said = None
        self._notice.say("")
        self._name_panels()
        self._steps.setCurrentIndex(panel)
        first.setFocus()

    def _close_panel(self) -> None:
        self._clear()
        self._steps.setCurrentIndex(LIST)
        self._table.setFocus()

    def _clear(self) -> None:
        for field in (self._first, self._second, self._again_first, self._again_second, self._own):
            field.clear()
            field.show_error("")
        for typed in (self._code, self._name, self._user, self._own_code):
            typed.edit.clear()
            typed.show_error("")

    def _ask_add(self) -> None:
        self._open_panel(ADD, self._code if self._by_code.isChecked() else self._name)

    def _ask_again(self) -> None:
        self._open_panel(AGAIN, self._again_first)

    def _ask_remove(self) -> None:
        self._open_panel(REMOVE, self._own)

    def _ask_certify(self) -> None:
        self._open_panel(CERTIFY, self._own_code)

    def _have_certified(self) -> None:
        code = self._own_code.text().strip()
        if not self._certify_go.isEnabled():
            return
        if not code:
            self._own_code.show_error(self.tr("This is needed."))
            return
        self._busy(busy=True)
        self._tell(lambda: self.tr("Talking to the server."), Tone.QUIET)
        self.background.run_sync(partial(self._staff.certify_me, code), then=self._certified, otherwise=self._refused)

    def _certified(self, _user: UserId) -> None:
        self._tell(lambda: self.tr("Your keys are certified; the next sync brings the certificate."), Tone.GOOD)
        self._ended()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave a panel by Esc."""
        if event.key() == Qt.Key.Key_Escape and self._steps.currentIndex() != LIST:
            self._close_panel()
            return
        super().keyPressEvent(event)

    def _let_in(self) -> None:
        offline = self._offline.isChecked()
        named = (self._name, self._user) if offline else (self._code,)
        if not self._add_go.isEnabled() or not self._filled(self._first, self._second, *named):
            return
        self._busy(busy=True)
        passphrase = self._first.text()
        if offline:
            self._tell(lambda: self.tr("Making their keys. This takes some seconds."), Tone.QUIET)
            user, name, role = self._user.text().strip(), self._name.text().strip(), str(self._role.currentData())
            work = partial(self._staff.invite, user, name, role)
            self.background.run(work, then=partial(self._make_keys, passphrase), otherwise=self._refused)
        else:
            self._tell(
                lambda: self.tr("Talking to the server and making their keys. This takes some seconds."), Tone.QUIET
            )
            certify = partial(self.port.certify_person, self._code.text().strip(), passphrase)
            self.background.run_sync(certify, then=self._note_person, otherwise=self._refused)

    def _note_person(self, user: UserId) -> None:
        self.background.run(partial(self.port.note_person, user), then=self._person_added, otherwise=self._refused)

    def _person_added(self, person: Person) -> None:
        self._tell(lambda: self.tr("%1 can sign in on this laptop now.").replace("%1", person.name), Tone.GOOD)
        self._ended()
        self.refresh()

    def _let_in_again(self) -> None:
        row = self._chosen()
        if row is None or not self._again_go.isEnabled() or not self._filled(self._again_first, self._again_second):
            return
        self._busy(busy=True)
        self._tell(lambda: self.tr("Making their keys. This takes some seconds."), Tone.QUIET)
        work = partial(self._staff.invite_again, row.user)
        passphrase = self._again_first.text()
        self.background.run(work, then=partial(self._make_keys, passphrase), otherwise=self._refused)

    def _make_keys(self, passphrase: str, invited: Invited) -> None:
        work = partial(self._staff.make_keys, invited, passphrase)
        self.background.run_sync(work, then=self._announce, otherwise=self._refused)

    def _announce(self, made: KeysMade) -> None:
        work = partial(self._staff.announce, made)
        self.background.run(work, then=partial(self._announced, made.invited.user), otherwise=self._refused)

    def _announced(self, user: UserId, view: StaffView) -> None:
        name = next((row.name for row in view.rows if row.user == user), str(user))
        self._tell(
            lambda: self.tr("%1 can sign in on this laptop now.").replace("%1", name),
            Tone.GOOD,
        )
        self.show_view(view)
        self._ended()

    def _take_out(self) -> None:
        row = self._chosen()
        if row is None or not self._remove_go.isEnabled():
            return
        if not self._own.text():
            self._own.show_error(self.tr("This is needed."))
            return
        self._busy(busy=True)
        work = partial(self._staff.remove, row.user, self._own.text())
        self.background.run(work, then=partial(self._taken_out, row.name), otherwise=self._refused)

    def _taken_out(self, name: str, view: StaffView) -> None:
        self._tell(lambda: self.tr("%1 no longer signs in on this laptop.").replace("%1", name), Tone.GOOD)
        self.show_view(view)
        self._ended()

    def _ended(self) -> None:
        self._busy(busy=False)
        self._close_panel()
        self.people_changed.emit()

    def _busy(self, *, busy: bool) -> None:
        for button in (self._add_go, self._again_go, self._remove_go, self._certify_go):
            button.setEnabled(not busy)

    def _refused(self, error: CasebookError) -> None:
        self._busy(busy=False)
        self._tell(lambda: error.sentence(self.language), Tone.BAD)

    def _filled(self, first: NewPassphraseField, again: PassphraseField, *others: Field) -> bool:
        """Tell whether all fields are filled and the two passphrases, one that is good, agree."""
        if not all_filled((*others, first, again), self.tr("This is needed.")):
            return False
        return first.is_good_with(again, self.tr("The two passphrases differ. Type the second one again."))
