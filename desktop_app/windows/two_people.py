"""What two people do together: one is signed in, the other confirms it on the same page, and both say why."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from casebook.errors import CasebookError
from casebook.ids import UserId
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.phrases import clauses
from desktop_app.staff_snapshots import SecondPerson
from desktop_app.theme import Tone
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.fields import Field, all_filled
from desktop_app.widgets.icon import PrimaryButton
from desktop_app.widgets.notice import Notice
from desktop_app.widgets.passphrase import PassphraseField
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.staff_port import StaffPort

WIDTH = 640


class TwoPeoplePage(Page):
    """A page on which something is chosen, a reason is given, and two people type their passphrases."""

    def __init__(
        self,
        name: str,
        choice: str,
        background: Background,
        port: SessionPort,
        staff: StaffPort,
        language: str,
        parent: QWidget | None = None,
    ) -> None:
        """Make the page; its texts are set by its own `retranslate`.

        Args:
            name: Starts the names of the controls.
            choice: Ends the name of what is chosen.
        """
        super().__init__(background, port, language, parent)
        self._staff = staff
        self._said: tuple[Callable[[], str], Tone] | None = None
        self._back = BackButton(name)
        self._heading = QLabel()
        theme.set_role(self._heading, "title")
        self._lead = sheet.label()
        self._notice = Notice(f"{name}_notice")
        self._choice, self._second = QComboBox(), QComboBox()
        self._choice.setObjectName(f"{name}_{choice}")
        self._second.setObjectName(f"{name}_second")
        self._choice_label, self._second_label = QLabel(), QLabel()
        self._choice_label.setBuddy(self._choice)
        self._second_label.setBuddy(self._second)
        self._reason = Field(f"{name}_reason")
        self._own, self._other = PassphraseField(f"{name}_passphrase"), PassphraseField(f"{name}_second_passphrase")
        self._go = PrimaryButton()
        self._go.setObjectName(f"{name}_go")
        frame, column = sheet.card(f"{name}_card")
        above: tuple[QWidget, ...] = (self._lead, self._choice_label, self._choice, self._reason, self._own)
        for widget in above:
            column.addWidget(widget)
        pair = QHBoxLayout()
        pair.setSpacing(theme.LARGE)
        who = QVBoxLayout()
        who.setSpacing(theme.TIGHT)
        who.addWidget(self._second_label)
        who.addWidget(self._second)
        who.addStretch(1)
        pair.addLayout(who, 1)
        pair.addWidget(self._other, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(pair)
        page = sheet.page_column(self)
        page.addLayout(sheet.row(self._back, self._heading))
        page.addWidget(self._notice)
        page.addWidget(sheet.panel(frame, column, WIDTH, self._go), 1)
        self._back.clicked.connect(self.back_requested)
        self._go.clicked.connect(self._act)
        self._other.edit.returnPressed.connect(self._act)

    def _act(self) -> None:
        """Do it, where everything is given."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Put the cursor where the user goes on."""
        self._choice.setFocus()

    def leave(self, then: Callable[[], None]) -> None:
        """Forget the passphrases."""
        self._clear()
        super().leave(then)

    def retranslate(self) -> None:
        """Set again what is said of the page and in it."""
        self._back.retranslate()
        self._heading.setText(self.title())
        if self._said is not None:
            self._notice.say(self._said[0](), self._said[1])

    def _offer_seconds(self, people: tuple[SecondPerson, ...]) -> None:
        """Offer who may be the second person; without one nothing is done."""
        self._second.clear()
        for one in people:
            self._second.addItem(clauses(self.language, (one.name, one.role_label(self.language))), one.user)
        self._go.setEnabled(bool(people))

    def _clear(self) -> None:
        for field in (self._own, self._other):
            field.clear()
            field.show_error("")
        self._reason.edit.clear()
        self._reason.show_error("")

    def _tell(self, words: Callable[[], str], tone: Tone) -> None:
        self._said = (words, tone)
        self._notice.say(words(), tone)

    def _given(self, needed: str) -> tuple[str, str, UserId, str] | None:
        """Return the reason, a passphrase, the second person and theirs; None where a field is empty and says so.

        Args:
            needed: What an empty field says.
        """
        if not all_filled((self._reason, self._own, self._other), needed):
            return None
        second = UserId(str(self._second.currentData()))
        return self._reason.text().strip(), self._own.text(), second, self._other.text()

    def _ready(self) -> bool:
        """Tell whether there is a second person and nothing is under way."""
        return self._second.currentData() is not None and self._go.isEnabled()

    def _done(self, words: Callable[[], str]) -> None:
        """Say that it is done, and keep no passphrase."""
        self._go.setEnabled(True)
        self._clear()
        self._tell(words, Tone.GOOD)

    def _refused(self, error: CasebookError) -> None:
        self._go.setEnabled(self._second.count() > 0)
        self._tell(lambda: error.sentence(self.language), Tone.BAD)
