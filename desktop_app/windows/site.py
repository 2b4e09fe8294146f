"""Site file: the forms about the site itself, kept once for all its subjects."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from casebook.errors import CasebookError
from casebook.records import FormKey
from casebook.supervision import of_site
from desktop_app.background import Background
from desktop_app.models import boards
from desktop_app.oversight_snapshots import Offer
from desktop_app.snapshots import InstanceRow
from desktop_app.theme import Tone
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet
from desktop_app.windows.page import Page
from desktop_app.windows.port import SessionPort
from desktop_app.windows.standing_actions import StandingActions

Rows = tuple[InstanceRow, ...]


class SitePage(Page):
    """The site's own forms.

    Signals:
        versions_wanted: The user asks for the versions of the study.
    """

    versions_wanted = Signal()

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Make the page; `refresh` fills it."""
        super().__init__(background, port, language, parent)
        self._rows: Rows = ()
        self._error: CasebookError | None = None
        self._heading = sheet.label("title")
        self._note = sheet.label("note")
        self._versions = IconButton("document")
        self._versions.setObjectName("site_versions")
        self._notice = Notice("site_notice")
        self.acts = StandingActions("site", background, port, self)
        self._table = LineList(
            "site_table",
            (
                Share(least=220, weight=2),
                Share(least=128, from_width=700),
                Share(least=150, weight=2, from_width=520),
                Share(least=136),
                Share(least=112, from_width=620),
                Share(least=192, from_width=860),
            ),
        )
        page = sheet.page_column(self)
        head = sheet.row(self._heading)
        head.addWidget(self.acts.button)
        head.addWidget(self._versions)
        page.addLayout(head)
        page.addWidget(self._note)
        page.addWidget(self._notice)
        page.addWidget(self.acts.panel)
        self._heading.lower()  # a screen reader meets it first
        page.addWidget(self._table, 1)
        self._table.line_chosen.connect(self._open)
        self._versions.clicked.connect(self.versions_wanted)
        self.acts.done.connect(self.refresh)
        keys = QShortcut(QKeySequence("Ctrl+Shift+A"), self)
        keys.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        keys.activated.connect(self.acts.open_menu)
        self.retranslate()

    def title(self) -> str:
        """Return the page's name."""
        return self.tr("Site file")

    def refresh(self) -> None:
        """Ask for the forms again."""
        self.background.run(self.port.site_forms, then=self.show_rows, otherwise=self._refused)
        offers = partial(self.port.oversight.offers, of_site(self.port.site))
        self.background.run(offers, then=self._show_offers, otherwise=self._refused)

    def _show_offers(self, offers: tuple[Offer, ...]) -> None:
        """Offer what can be done to the whole site."""
        self.acts.show_places([(self.tr("The whole site"), offers)])

    def show_rows(self, rows: Rows) -> None:
        """Show the forms as they stand."""
        self._rows = rows
        self._error = None
        self._notice.say("" if rows else self.tr("This study keeps no forms about the site."))
        if self.port.notice is not None and rows:
            self._notice.say(self.port.notice(self.language), Tone.WARN)
        self._table.show_lines(boards.running_headings(), boards.running_lines(rows, self.language))
        self._table.setVisible(bool(rows))

    def take_focus(self) -> None:
        """Put the cursor into the list."""
        self._table.setFocus()

    def retranslate(self) -> None:
        """Set every visible text again."""
        self._heading.setText(f"{self.title()}  {self.port.site} {self.port.site_name}")
        self._note.setText(
            self.tr("Kept once for the whole site. Checks of all subjects look here; Enter opens a form.")
        )
        self._versions.setText(self.tr("Study &versions"))
        self._versions.setAccessibleName(self.tr("Study versions: what is in force, what waits, what it changes"))
        self._table.setAccessibleName(self.tr("Forms of the site"))
        self.acts.retranslate(self.language)
        self.show_rows(self._rows)
        if self._error is not None:
            self._notice.say(self._error.sentence(self.language), Tone.BAD)

    def _open(self, key: object) -> None:
        if isinstance(key, FormKey):
            self.open_form.emit(key)

    def _refused(self, error: CasebookError) -> None:
        self._error = error
        self._notice.say(error.sentence(self.language), Tone.BAD)
