"""The pages of one person's session, and the ways between them.

Loaded after the first window stands: what a form or a paper needs is no part of unlocking.
"""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

from casebook.design import VisitKind
from casebook.errors import CasebookError
from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app.autosync import AutoSync
from desktop_app.background import Background
from desktop_app.custody_pages import CustodyPages
from desktop_app.form_pages import FormPages
from desktop_app.news import News
from desktop_app.now_pages import NowPages
from desktop_app.oversight_pages import OversightPages
from desktop_app.reading_on import ReadingOn
from desktop_app.snapshots import DocumentRow, FormView
from desktop_app.staff_pages import StaffPages
from desktop_app.way import Way
from desktop_app.windows.casebook import CasebookPage
from desktop_app.windows.entry_page import EntryPage
from desktop_app.windows.export import ExportPage
from desktop_app.windows.main import MainWindow
from desktop_app.windows.page import FormWindow, Page
from desktop_app.windows.paper import PaperPage
from desktop_app.windows.port import SessionPort
from desktop_app.windows.screening import ScreeningPage
from desktop_app.windows.settings import SettingsPage
from desktop_app.windows.site import SitePage
from desktop_app.windows.subjects import SubjectsPage
from desktop_app.windows.sync import SyncPage
from desktop_app.windows.versions import VersionsPage
from desktop_app.windows.whereabouts import Whereabouts, read_whereabouts

PATIENCE_MS = 1_500
"""How long a lock waits for an exchange whose process ends with it."""


class Workplace(QObject):
    """The pages of one session, and the ways between them.

    Attributes:
        to_people: The lock was asked for so that somebody else signs in.
        exchanges, reading: The exchanges of the session; the reading of the site's casebooks.

    Signals:
        locking: The curtain is drawn; what is open is being sealed.
        locked: Everything is sealed and the store is closed.
        stayed: It could not be; the session goes on and the foot line says why.
        language_wanted: The user asks for another language.
        look_wanted: The user asks for another look (Look).
    """

    locking = Signal()
    locked = Signal()
    stayed = Signal()
    language_wanted = Signal(str)
    look_wanted = Signal(str)

    def __init__(
        self,
        window: MainWindow,
        background: Background,
        session: SessionPort,
        exchanges: AutoSync,
        language: str,
        *,
        leaves_exchanges: bool = False,
    ) -> None:
        """Make the pages of `session` and put them into `window`.

        Args:
            exchanges: The exchanges of this session; they end with it.
            leaves_exchanges: The process ends after the lock, and an exchange that hangs with it; else the lock waits.
        """
        super().__init__()
        self.to_people = False
        self._leaves_exchanges = leaves_exchanges
        self._closing_store = False
        self._window = window
        self._background = background
        self._session = session
        self.exchanges = exchanges
        exchanges.setParent(self)
        self._language = language
        self._subject: tuple[SubjectId, str] | None = None
        self._locking = self._is_over = False
        self._export_keys = QShortcut(QKeySequence("Ctrl+Shift+E"), window)
        self._audit_keys = QShortcut(QKeySequence("Ctrl+Shift+H"), window)
        self._sync_keys = QShortcut(QKeySequence("F5"), window)
        self.now = NowPages(background, session, language, self)
        self.subjects = SubjectsPage(background, session, language)
        self.casebook = CasebookPage(background, session, language)
        self.forms = FormPages(background, session, language, self)
        self.form, self.consent, self.scorer = self.forms.form, self.forms.consent, self.forms.scorer
        self.paper = PaperPage(background, session, language)
        self.sync_page = SyncPage(background, session, language)
        self.settings = SettingsPage(background, session, language)
        self.site = SitePage(background, session, language)
        self.screening = ScreeningPage(background, session, language)
        self.export = ExportPage(background, session, language)
        self.versions = VersionsPage(background, session, language)
        self.oversight = OversightPages(background, session, language, self)
        self.staff = StaffPages(background, session, language, self)
        self.custody = CustodyPages(window, background, session, exchanges, language, self)
        for page in self._pages():
            window.add_page(page)
        self._news = News(window, background, session, exchanges, self.sync_page)
        self._news.language = language
        lists = (self.now.today, self.now.randomise, self.subjects, self.screening)
        self.reading = ReadingOn(window, background, session.agenda, lists, self)
        self._way = Way(window, self.subjects, self._places(), may_arrive=lambda: not self._locking)
        self._frame = self._of_frame()
        self._connect()

    def _pages(self) -> tuple[Page, ...]:
        return (
            self.now.today,
            self.now.randomise,
            self.subjects,
            self.casebook,
            *self.forms.pages,
            self.paper,
            self.sync_page,
            self.settings,
            self.site,
            self.screening,
            self.export,
            self.versions,
            *self.oversight.pages.values(),
            *self.staff.pages.values(),
            *self.custody.pages,
        )

    def _places(self) -> dict[Page, str]:
        """Return the place of the rail that a page belongs to, wherever the user came from."""
        return {
            **dict.fromkeys((self.subjects, self.casebook, self.screening, self.staff.same), "subjects"),
            self.now.today: "today",
            self.now.randomise: "randomise",
            self.paper: "paper",
            self.sync_page: "sync",
            **dict.fromkeys((self.custody.custody, self.custody.bundles), "sync"),
            self.custody.retire: "settings",
            self.settings: "settings",
            self.export: "settings",
            self.site: "site",
            self.versions: "site",
            **dict.fromkeys(self.oversight.pages.values(), "queries"),
            self.staff.people: "settings",
            self.staff.delegation: "settings",
            self.staff.roles: "settings",
        }

    def _connect(self) -> None:
        for page in self._pages():
            page.back_requested.connect(self.back)
            page.open_form.connect(self.open_form)
            page.status.connect(self._window.foot.say)
            page.titled.connect(self._retitle)
            page.audit_wanted.connect(self.staff.open_audit)
            page.redaction_wanted.connect(self.staff.open_redaction)
            page.attachments_wanted.connect(self.staff.open_attachments)
            page.help_wanted.connect(self._window.help_wanted)
            page.attachment_redaction_wanted.connect(self.staff.open_attachment_redaction)
        self.forms.other_wanted.connect(self._show_instead)
        for form in self.forms.pages:
            form.left.connect(self._news.look)
            form.changed.connect(self._news.look)
        self.now.place_wanted.connect(self.open_place)
        self.now.item_wanted.connect(self.open_item)
        self.now.casebook_wanted.connect(self.open_casebook)
        self.now.eligibility_wanted.connect(self.open_eligibility)
        self.now.signing_wanted.connect(self.oversight.open_signing_of)
        self.subjects.subject_chosen.connect(self.open_casebook)
        self.subjects.log_wanted.connect(self.open_screening_log)
        self.subjects.pair_wanted.connect(self.staff.open_pair)
        self.casebook.also.other_wanted.connect(self.open_casebook)
        self.casebook.also.pair_wanted.connect(self.staff.open_pair)
        self.screening.table.line_chosen.connect(self._open_screened)
        self.site.versions_wanted.connect(self.open_versions)
        self.casebook.item_wanted.connect(self.open_item)
        self.casebook.papers_wanted.connect(self.open_papers)
        self.casebook.document_wanted.connect(self.open_document)
        self.casebook.queries_wanted.connect(self.oversight.open_queries_of)
        self.casebook.signing_wanted.connect(self.oversight.open_signing_of)
        self.oversight.page_wanted.connect(self._open_page)
        self.oversight.item_wanted.connect(self.open_item)
        self.oversight.casebook_wanted.connect(self.open_casebook)
        self.oversight.settled.connect(self._news.look)
        self._connect_exchanges()
        self.settings.language_wanted.connect(self.language_wanted)
        self.settings.look_wanted.connect(self.look_wanted)
        self.settings.people_wanted.connect(self.staff.open_people)
        self.settings.export_wanted.connect(self.open_export)
        self._connect_staff()
        self._connect_custody()
        self._export_keys.activated.connect(self.open_export)
        for signal, slot in self._frame:
            signal.connect(slot)

    def _of_frame(self) -> tuple[tuple[SignalInstance, Callable[..., None]], ...]:
        """Return what the frame around the pages asks for, and who does it."""
        foot = self._window.foot
        return (
            (self._window.rail.place_wanted, self.open_place),
            (self._window.back_wanted, self.back),
            (foot.lock_wanted, self.lock),
            (foot.switch_wanted, self.switch_user),
            (foot.sync_wanted, partial(self.open_place, "sync")),
            (foot.custody_wanted, self._open_custody),
            (foot.queries_wanted, partial(self.open_place, "queries")),
        )

    def _connect_exchanges(self) -> None:
        self.sync_page.sync_wanted.connect(self.sync)
        self._sync_keys.activated.connect(self.sync)
        self._news.withdrawn.connect(self._withdrawn)
        self._news.reading_wanted.connect(self.reading.go_on)
        self.reading.done.connect(self._news.count)
        self.reading.refused.connect(self._say)
        self.locking.connect(self.reading.halt)
        self.stayed.connect(self.reading.resume)
        self._news.following = {
            self.now.today,
            self.now.randomise,
            self.subjects,
            self.casebook,
            self.form,
            self.scorer,
            self.settings,
            self.site,
            self.versions,
            *self.oversight.pages.values(),
            self.staff.people,
            self.staff.delegation,
            self.custody.custody,
        }

    def _connect_staff(self) -> None:
        self.staff.page_wanted.connect(self._step_to)
        self.staff.item_wanted.connect(self.open_item)
        self.staff.casebook_wanted.connect(self.open_casebook)
        self.staff.people_changed.connect(self.sync)
        self.staff.settled.connect(self._news.look)
        self.casebook.unblinding_wanted.connect(self.staff.open_unblinding)
        self._audit_keys.activated.connect(self.staff.open_audit)

    def _connect_custody(self) -> None:
        self.custody.page_wanted.connect(self._step_to)
        self.custody.session_ended.connect(self._session_ended)
        self.custody.left.connect(self.locked)
        self.sync_page.custody_wanted.connect(self.custody.open_custody)
        self.settings.retiring_wanted.connect(self.custody.open_retiring)
        self.sync_page.bundles_wanted.connect(lambda reading: self.custody.open_bundles(reading=reading))
        self.custody.bundles.viewed.connect(self._news.show)
        self.custody.bundles.withdrawn.connect(self._news.show_withdrawn)
        self.locking.connect(self.custody.stop_waiting)

    def _open_custody(self) -> None:
        self._open_page(self.custody.custody)

    def _session_ended(self) -> None:
        """Ask nothing of the session any more: the laptop was retired."""
        self._locking = self._is_over = True
        self.locking.emit()

    # -- beginning and ending ------------------------------------------------------------------------------

    @property
    def language(self) -> str:
        """Which language the pages speak."""
        return self._language

    @property
    def idle_minutes(self) -> int:
        """After how long without use the study wants its laptops locked."""
        return self._session.design.idle_minutes

    def start(self) -> None:
        """Show what is to be done; exchanges begin with the first look at what is where."""
        session = self._session
        self._window.foot.show_person(
            session.person, session.site, session.site_name, session.laptop_letter, self._language
        )
        self._way.begin(self.now.today)
        self._news.look()
        for page in (self.now.today, self.subjects):
            page.show_notice(session.notice)
        self._background.run(session.take_place, then=self._come_back, otherwise=self._say)

    def lock(self, *, by_itself: bool = False, returns: bool = True, is_faulty: bool = False) -> None:
        """Draw the curtain, seal what is open, close the store and say so. A refusal is said and all stays open.

        Args:
            by_itself: Nobody asked: the laptop was left alone, or goes to sleep.
            returns: The person comes back to where they stand now.
            is_faulty: The page in front failed twice, and is not asked anything.
        """
        if self._is_over:
            self.locked.emit()
        if self._locking:
            return
        close_what_stands_open(self._window)
        front = self._window.page()
        place = self._whereabouts(front) if returns else Whereabouts()
        if isinstance(front, Page) and not is_faulty:
            front.put_down(by_itself=by_itself)
        self._locking = True  # only now: a page with a fault must not keep the laptop from ever locking
        self.exchanges.end()
        self._window.draw_curtain()
        self.locking.emit()
        entering = front if isinstance(front, EntryPage) and not is_faulty else None
        close_store = partial(self._close_store, place.text() if place.page else None, entering, by_itself)
        # The sync thread has its own connection to the store: it ends first, and at once.
        self._background.run_sync(lambda: None, then=lambda _done: close_store())
        if self._leaves_exchanges:
            QTimer.singleShot(PATIENCE_MS, self, close_store)

    def switch_user(self) -> None:
        """Lock, for somebody else to sign in."""
        self.to_people = True
        self.lock()

    def _whereabouts(self, front: QWidget | None) -> Whereabouts:
        names = {page: name for name, page in self._returning().items()}
        if not isinstance(front, Page) or front not in names:
            return Whereabouts()
        place = front.whereabouts()
        if front is self.paper and self._subject is not None:
            place = Whereabouts(subject=self._subject[0], number=self._subject[1])
        return place.on(names[front])

    def _returning(self) -> dict[str, Page]:
        """Return the pages to which somebody comes back, by name."""
        return {
            "form": self.form,
            "consent": self.consent,
            "scorer": self.scorer,
            "casebook": self.casebook,
            "paper": self.paper,
            "site": self.site,
            "screening": self.screening,
            "subjects": self.subjects,
            "randomise": self.now.randomise,
            **self.oversight.pages,
        }

    def _close_store(self, place: str | None, entering: EntryPage | None, by_itself: bool) -> None:
        if not self._closing_store:
            self._closing_store = self._news.is_over = True
            # What was typed last has its answer from the disk by then, and after that what was refused.
            close = partial(self._close_or_stay, place, None if by_itself else entering)
            self._background.run(lambda: None, then=lambda _done: self._close_at_last(entering, close))

    def _close_at_last(self, entering: EntryPage | None, close: Callable[[], None]) -> None:
        if entering is not None:
            entering.keep_at_last()
        self._background.run(lambda: None, then=lambda _done: close())

    def _close_or_stay(self, place: str | None, holding: EntryPage | None) -> None:
        if holding is not None and holding.holds_back():
            self._stay_open()
            return
        work = partial(self._session.lock, place)
        self._background.run_last(work, then=self._locked, otherwise=self._not_locked)

    def _locked(self, _done: None) -> None:
        self.locked.emit()

    def _not_locked(self, error: CasebookError) -> None:
        self._stay_open()
        self._say(error)

    def _stay_open(self) -> None:
        self._locking = self._closing_store = self.to_people = self._news.is_over = False
        self.exchanges.go_on()
        self._window.lift_curtain()
        self._retitle()
        self.stayed.emit()

    def dissolve(self) -> None:
        """Take all pages out of the window."""
        for signal, slot in self._frame:
            signal.disconnect(slot)
        self._export_keys.deleteLater()
        self._audit_keys.deleteLater()
        self._sync_keys.deleteLater()
        for page in self._pages():
            self._window.remove_page(page)
        self.deleteLater()

    def set_language(self, language: str) -> None:
        """Change the language of every page."""
        self._language = self._news.language = language
        for page in self._pages():
            page.set_language(language)
        self._retitle()

    def _retitle(self) -> None:
        front = self._window.page()
        if isinstance(front, Page):
            self._window.show_page(front, front.title())
            self._way.tell_origin()

    def _come_back(self, text: str | None) -> None:
        """Lead to where the person stood when they locked."""
        place = read_whereabouts(text)
        if place is None:
            return
        if place.key is not None:
            self._come_back_to_form(place.key, place)
        elif place.page == "casebook" and place.subject:
            self.open_casebook(place.subject)
        elif place.page == "paper" and place.subject:
            self.open_papers(place.subject, place.number)
        elif place.page in {"site", "subjects", "randomise"}:
            self.open_place(place.page)
        elif place.page == "screening":
            self.open_screening_log()
        elif place.page in self.oversight.pages:
            self.oversight.open_place(place.page)

    def _come_back_to_form(self, key: FormKey, place: Whereabouts) -> None:
        if self._keeps(key) is self.site:
            self.open_place("site")
        else:
            self.open_casebook(key.subject)
        work = partial(self._session.form, key)
        self._background.run(work, then=partial(self._arrive_at_form, None, place=place), otherwise=self._say)

    # -- ways ----------------------------------------------------------------------------------------------

    def open_place(self, place: str) -> None:
        """Lead to a place of the rail."""
        if place == "paper":
            self._open_paper_place()
            return
        pages: dict[str, Page] = {
            "today": self.now.today,
            "randomise": self.now.randomise,
            "subjects": self.subjects,
            "sync": self.sync_page,
            "settings": self.settings,
            "site": self.site,
            "queries": self.oversight.queries,
        }
        self._open_page(pages[place])

    def _step_to(self, page: Page) -> None:
        self._way.go(lambda: self._way.step(page))

    def _open_page(self, page: Page) -> None:
        self._way.go(lambda: self._way.begin(page))

    def _open_paper_place(self) -> None:
        if self._subject is not None:
            self.open_papers(*self._subject)
            return
        self._way.go(lambda: self._way.begin(self.subjects))
        self._window.foot.say(self.tr("Open a subject first: its pages can be signed and printed then."))

    def open_screening_log(self) -> None:
        """Lead to the screening log."""
        self._step_to(self.screening)

    def open_versions(self) -> None:
        """Lead to the versions of the study."""
        self._step_to(self.versions)

    def _open_screened(self, what: object) -> None:
        subject = self.screening.subject_of(what)
        if subject is not None:
            self.open_casebook(subject)

    def open_casebook(self, subject: str) -> None:
        """Lead to a subject's casebook."""
        chosen = SubjectId(subject)

        def arrive() -> None:
            self._way.step(self.casebook)
            self.casebook.show_subject(chosen)
            self.casebook.take_focus()

        self._way.go(arrive)

    def open_eligibility(self, subject: str) -> None:
        """Lead to the criteria of a subject."""
        self.open_casebook(subject)
        self.casebook.show_eligibility()

    def open_form(self, key: FormKey) -> None:
        """Lead to a form; a consent has its own page."""
        self.open_item(key, None)

    def jump_to_form(self, key: FormKey) -> None:
        """Lead to a form from anywhere; back leads to where it is kept, and then to where the user came from."""
        work = partial(self._session.form, key)
        over = self._keeps(key)
        self._background.run(work, then=partial(self._arrive_at_form, None, over=over), otherwise=self._say)

    def _keeps(self, key: FormKey) -> Page:
        """Return the page on which a form is one of many."""
        kinds = {visit.oid: visit.kind for visit in self._session.design.visits}
        return self.site if kinds.get(key.visit.visit) is VisitKind.SITE else self.casebook

    def open_item(self, key: FormKey, path: ItemPath | None) -> None:
        """Lead to an item of a form; None leads to where the form is to be gone on with."""
        self.casebook.return_to(key)
        work = partial(self._session.form, key)
        self._background.run(work, then=partial(self._arrive_at_form, path), otherwise=self._say)

    def _arrive_at_form(
        self, path: ItemPath | None, view: FormView, *, place: Whereabouts | None = None, over: Page | None = None
    ) -> None:
        page = self.forms.page_of(view, path, place)

        def arrive() -> None:
            if over is self.casebook:
                self.casebook.show_subject(view.key.subject)
                self.casebook.return_to(view.key)
            page.show_form(view)
            self._way.step(page, over=over)
            if path is None or not page.go_to_item(path):
                page.setFocus()
            if place is not None:
                page.take_up(place)

        self._way.go(arrive)

    def _show_instead(self, page: FormWindow, key: FormKey, path: ItemPath | None) -> None:
        def show(view: FormView) -> None:
            page.show_form(view)
            self._way.instead(page)
            if path is None or not page.go_to_item(path):
                page.setFocus()

        work = partial(self._session.form, key)
        self._way.go(lambda: self._background.run(work, then=show, otherwise=self._say))

    def open_papers(self, subject: str, number: str, visit: VisitKey | None = None) -> None:
        """Lead to what can be printed for a subject; to a visit's record where one is meant."""
        self._subject = (SubjectId(subject), number)

        def arrive() -> None:
            self._way.step(self.paper)
            self.paper.show_subject(SubjectId(subject), number, visit)

        self._way.go(arrive)

    def open_document(self, subject: str, row: DocumentRow) -> None:
        """Lead to a finished document."""

        def arrive() -> None:
            self._way.step(self.paper)
            self.paper.show_document(SubjectId(subject), row)

        self._way.go(arrive)

    def open_export(self) -> None:
        """Lead to the export of the record."""
        self._step_to(self.export)

    def back(self) -> None:
        """Lead back to where the user came from."""
        self._way.back()

    # -- what is where -------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Exchange with the server once, on the sync thread; one exchange at a time."""
        if not self._locking:
            self.exchanges.sync()

    def _withdrawn(self) -> None:
        """Lock: what was made here has gone to the server, and the unlock page says why."""
        self.lock(by_itself=True, returns=False)

    def _say(self, error: CasebookError) -> None:
        self._window.foot.say(error.sentence(self._language))


def close_what_stands_open(window: QWidget) -> None:
    """Close menus, lists and dialogs over `window`: nothing of the study stays on the screen."""
    for _ in QApplication.topLevelWidgets():
        popup: object = QApplication.activePopupWidget()
        if not isinstance(popup, QWidget):
            break
        popup.close()
    for other in QApplication.topLevelWidgets():
        if other is not window and other.isVisible() and other.parentWidget() is not None:
            other.close()
