"""What every page of the main window has in common.

A page is shown in the main window's stack. It says its own title, can be told to change its language
while it stands, and is asked to leave before another page comes: that is where a form seals.
"""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from casebook.records import ItemPath
from desktop_app.background import Background
from desktop_app.snapshots import FormView
from desktop_app.today_snapshots import SiteReading
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.training_band import TRAINING
from desktop_app.windows.port import SessionPort
from desktop_app.windows.whereabouts import Whereabouts


class Page(QWidget):
    """One page of the main window.

    Signals:
        back_requested: The user wants to go where they came from (Esc).
        open_form: A form is to be opened (FormKey).
        titled: The page's title changed after it came to the front.
        status: A sentence for the foot line; "" clears it.
        audit_wanted: An audit trail is to be shown (AuditQuestion).
        redaction_wanted: A value of an item is to be taken out of the record (FormKey, ItemPath).
        attachments_wanted: The attachments of a form are to be shown: the form, the item that is in front or None,
            its name, and files to be attached (FormKey, ItemPath or None, str, list of paths).
        help_wanted: The page is to be explained, as by F1.
        reading_wanted: The page shows less than there is: the casebooks of the site are to be read on.
        attachment_redaction_wanted: An attachment is to be taken out of the record (FormKey, CommitId).
    """

    back_requested = Signal()
    open_form = Signal(object)
    titled = Signal()
    status = Signal(str)
    audit_wanted = Signal(object)
    redaction_wanted = Signal(object, object)
    attachments_wanted = Signal(object, object, str, object)
    attachment_redaction_wanted = Signal(object, str)
    help_wanted = Signal()
    reading_wanted = Signal()

    def __init__(self, background: Background, port: SessionPort, language: str, parent: QWidget | None = None) -> None:
        """Keep what every page needs. `language` is 'en' or 'zh'."""
        super().__init__(parent)
        self.background = background
        self.port = port
        self.language = language

    def why_not(self, act: str) -> str:
        """Return why the signed-in person may not do something today, "" where they may; see `Person.refusals`."""
        refused = self.port.person.refusals.get(act)
        return refused(self.language) if refused is not None else ""

    def file_name(self, name: str) -> str:
        """Return how a file that the page makes is called: in training it says so."""
        return f"{TRAINING} {name}" if self.port.training else name

    def title(self) -> str:
        """Return the page's name, as the window's title and screen readers say it."""
        return ""

    def short_title(self) -> str:
        """Return the page's name, as a button that leads back to it says it."""
        return self.title()

    def came_from(self, title: str) -> None:
        """Say on the page where Back leads."""
        for button in self.findChildren(BackButton):
            button.came_from(title)

    def refresh(self) -> None:
        """Ask the session for what the page shows; called whenever the page comes to the front."""

    def show_reading(self, reading: SiteReading) -> None:
        """Show how far the casebooks of the site are read, where the page shows less than there is."""

    def set_language(self, language: str) -> None:
        """Change the language of the standing page. The translators are installed already."""
        self.language = language
        self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""

    def leave(self, then: Callable[[], None]) -> None:
        """Finish what is open, durably, then call `then`. A form seals its entries here."""
        then()

    def whereabouts(self) -> Whereabouts:
        """Return where the user stands on the page, for the return after a lock."""
        return Whereabouts()

    def put_down(self, *, by_itself: bool) -> None:
        """Hand what is open to the session: the laptop is being locked, and the page will not come back.

        Args:
            by_itself: The laptop locks itself; else the user does, and leaves what they were typing.
        """


class FormWindow(Page):
    """A page that shows one form instance: the general form, or the consent.

    Signals:
        left: The entries are sealed and the page may go.
        changed: The form changed; what counts forms may look again.
    """

    left = Signal()
    changed = Signal()

    def show_form(self, view: FormView) -> None:
        """Show a form as it stands."""
        raise NotImplementedError

    def go_to_item(self, path: ItemPath) -> bool:
        """Put the focus on an item; False where the form does not ask it now."""
        raise NotImplementedError

    def take_up(self, place: Whereabouts) -> None:
        """Stand again where the user stood when the laptop was locked."""
        raise NotImplementedError
