"""What can be done to a form, a visit, a subject or a site: a menu, and the question that an act asks in place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from casebook.errors import CasebookError
from casebook.supervision import Scope
from desktop_app import theme
from desktop_app.background import Background
from desktop_app.models.oversight_words import act_done, act_icon, act_label, act_question
from desktop_app.oversight_snapshots import Act, Offer
from desktop_app.widgets import menus
from desktop_app.widgets.focus import focused_widget
from desktop_app.widgets.icon import IconButton
from desktop_app.widgets.words_panel import WordsPanel
from desktop_app.windows.port import SessionPort

Places = Sequence[tuple[str, Sequence[Offer]]]
"""What each part of the menu is about, in words, with what can be done to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Besides:
    """What the menu offers besides: where it leads, by which keys it is reached without the menu, why not if so."""

    name: str
    icon: str
    words: Callable[[], str]
    keys: str
    lead: Callable[[], None]
    why_not: Callable[[], str] = str


def audit_besides(lead: Callable[[], None]) -> Besides:
    """Return the way to the audit trail of what is in front."""

    def words() -> str:
        return QCoreApplication.translate("StandingActions", "Audit trail…")

    return Besides(name="audit", icon="trail", words=words, keys="Alt+Shift+H", lead=lead)


def redact_besides(lead: Callable[[], None]) -> Besides:
    """Return the way to taking a value of the item in front out of the record."""

    def words() -> str:
        return QCoreApplication.translate("StandingActions", "Take a value out of the record…")

    return Besides(name="redact", icon="strike", words=words, keys="", lead=lead)


class StandingActions(QObject):
    """A menu button and a panel, for the page to lay out.

    What the signed-in person may not do stands in the menu, disabled, and says why.

    Signals:
        done: Something was done; the page may look again.
    """

    done = Signal()

    def __init__(self, name: str, background: Background, port: SessionPort, parent: QWidget) -> None:
        """Make both; `name` starts the object names."""
        super().__init__(parent)
        self._background = background
        self._port = port
        self._name = name
        self._language = "en"
        self._short = False
        self._asked: tuple[Act, Scope] | None = None
        self._places: Places = ()
        self._besides: tuple[Besides, ...] = ()
        self._return_to: QWidget | None = None
        self.button = IconButton("flag", parent)
        self.button.setObjectName(f"{name}_actions")
        self.button.setMenu(QMenu(self.button))
        self.button.menu().setToolTipsVisible(True)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the cursor in the item that is meant
        theme.set_role(self.button, "menu")
        self.button.hide()
        self.panel = WordsPanel(f"{name}_act", parent)
        self.panel.given.connect(self._given)
        self.panel.cancelled.connect(self._give_back_focus)

    def retranslate(self, language: str) -> None:
        """Set every visible text again."""
        self._language = language
        self.button.setText("" if self._short else self.tr("Ac&tions"))
        self.button.setAccessibleName(self.tr("Raise a query, freeze, lock, unlock"))
        self.button.setToolTip("Ctrl+Shift+A")
        self.show_places(self._places)

    def be_short(self, *, on: bool) -> None:
        """Show the icon alone, for a narrow window."""
        self._short = on
        self.retranslate(self._language)

    def show_places(self, places: Places) -> None:
        """Offer what can be done now; where several places are offered each has its own part of the menu."""
        self._places = places
        menu = self.button.menu()
        menus.empty(menu)
        offered = [(title, offers) for title, offers in places if offers]
        for title, offers in offered:
            part = menus.add_part(menu, title.replace("&", "&&")) if len(offered) > 1 else menu
            part.setToolTipsVisible(True)
            for offer in offers:
                self._add(part, offer, title)
        if offered and self._besides:
            menus.separate(menu)
        for besides in self._besides:
            action = menus.add_action(menu, besides.words(), theme.icon(besides.icon, self.button.palette()))
            action.setObjectName(f"{self._name}.{besides.name}")
            action.setToolTip(besides.keys)
            why_not = besides.why_not()
            if why_not:
                _refuse(action, why_not)
            action.triggered.connect(besides.lead)
        self.button.setVisible(bool(offered or self._besides))

    def offer_besides(self, *besides: Besides) -> None:
        """Offer these at the end of the menu from now on."""
        self._besides = besides
        self.show_places(self._places)

    def _add(self, menu: QMenu, offer: Offer, title: str) -> None:
        icon = theme.icon(act_icon(offer.act), self.button.palette())
        action = menus.add_action(menu, act_label(offer.act), icon)
        action.setObjectName(f"{self._name}.{offer.act.value}.{offer.scope.level.value}")
        if offer.why_not is not None:
            _refuse(action, offer.why_not(self._language))
        action.triggered.connect(partial(self.ask, offer.act, offer.scope, title))

    def open_menu(self) -> None:
        """Open the menu by key."""
        if self.button.isVisible():
            self.button.showMenu()

    def ask(self, act: Act, scope: Scope, title: str, _checked: object = None) -> None:
        """Ask in place for the words that an act needs."""
        focused = focused_widget()
        if focused is not None and not self.panel.isAncestorOf(focused):
            self._return_to = focused
        self._asked = (act, scope)
        self.panel.ask(act_question(act).replace("%1", title), act_done(act))

    def _given(self, words: str) -> None:
        if self._asked is None:
            return
        act, scope = self._asked
        oversight = self._port.oversight
        if act is Act.QUERY:
            work = partial(oversight.raise_query, scope, words)
        else:
            work = partial(oversight.set_flag, act, scope, words)
        self._background.run(work, then=self._finished, otherwise=self._refused)

    def _finished(self, _done: None) -> None:
        self._asked = None
        self.panel.close_panel()
        self._give_back_focus()
        self.done.emit()

    def _refused(self, error: CasebookError) -> None:
        self.panel.refuse(error.sentence(self._language))

    def _give_back_focus(self) -> None:
        """Put the focus back to where it was before the question."""
        wanted, self._return_to = self._return_to, None
        if wanted is not None and wanted.isVisible() and wanted.isEnabled():
            wanted.setFocus()
        elif self.button.isVisible():
            self.button.setFocus()


def _refuse(action: QAction, why_not: str) -> None:
    """Let an action stand in its menu, disabled, and say why."""
    action.setEnabled(False)
    action.setToolTip(why_not)
    action.setStatusTip(why_not)
    action.setWhatsThis(why_not)
