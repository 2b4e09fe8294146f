"""What the Sync page says in front: one state of the exchanges, in words, with the one thing to do next.

Pure but for the translation of words. The order matters: what must not wait (a laptop that is withdrawn, a
server that is not the study's) comes before what mends itself, and that before what is well.
"""

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QCoreApplication

from casebook.errors import (
    CasebookError,
    DeviceRevokedError,
    ExchangeStoppedError,
    LinkStalledError,
    ProtocolUnsupportedError,
    RefusedError,
    ServerBusyError,
    ServerCertificateDateError,
    ServerNotTrustedError,
    ServerUnreachableError,
    ServerWordUntrustedError,
    UntrustedError,
)
from desktop_app.sync_snapshots import SyncView
from desktop_app.theme import Tone
from desktop_app.windows.sync_port import Activity, SyncStanding


class SyncState(StrEnum):
    """How exchanges stand, as one word."""

    NO_SERVER = "no-server"
    CONNECTING = "connecting"
    FIRST = "first"
    EXCHANGING = "exchanging"
    STOPPING = "stopping"
    WITHDRAWN = "withdrawn"
    NOT_TRUSTED = "not-trusted"
    CERTIFICATE_DATE = "certificate-date"
    NEEDS_NEWER = "needs-newer"
    REFUSED = "refused"
    PAUSED = "paused"
    OFFLINE = "offline"
    UNREACHABLE = "unreachable"
    BUSY = "busy"
    STALLED = "stalled"
    STOPPED = "stopped"
    TROUBLE = "trouble"
    PARTLY = "partly"
    NEVER = "never"
    WAITING = "waiting"
    IN_STEP = "in-step"
    RECEIVED = "received"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """A state in words. `icon` is a file of resources/icons."""

    state: SyncState
    icon: str
    tone: Tone
    title: str
    sentence: str


_ERRORS: tuple[tuple[tuple[type[CasebookError], ...], SyncState], ...] = (
    ((DeviceRevokedError,), SyncState.WITHDRAWN),
    ((ServerNotTrustedError, ServerWordUntrustedError), SyncState.NOT_TRUSTED),
    ((ServerCertificateDateError,), SyncState.CERTIFICATE_DATE),
    ((ProtocolUnsupportedError,), SyncState.NEEDS_NEWER),
    ((RefusedError, UntrustedError), SyncState.REFUSED),
    ((ServerBusyError,), SyncState.BUSY),
    ((LinkStalledError,), SyncState.STALLED),
    ((ExchangeStoppedError,), SyncState.STOPPED),
    ((ServerUnreachableError,), SyncState.UNREACHABLE),
)
_MEND_THEMSELVES = frozenset(
    {SyncState.BUSY, SyncState.STALLED, SyncState.STOPPED, SyncState.UNREACHABLE, SyncState.OFFLINE}
)


def state_of(view: SyncView, standing: SyncStanding) -> SyncState:
    """Return the state that is to be shown in front."""
    running = _running(view, standing)
    if running is not None:
        return running
    if is_withdrawn(view, standing):
        return SyncState.WITHDRAWN
    failed = _failed(standing)
    if failed is not None and not (standing.paused and failed in _MEND_THEMSELVES):
        return failed
    if standing.paused:
        return SyncState.PAUSED
    return _well(view, standing)


def is_withdrawn(view: SyncView, standing: SyncStanding) -> bool:
    """Tell whether the study has withdrawn this laptop."""
    said = standing.outcome is not None and standing.outcome.withdrawn
    return said or any(laptop.is_this and laptop.withdrawn for laptop in view.laptops)


def error_of(standing: SyncStanding) -> CasebookError | None:
    """Return what stood in the way of the last exchange, if anything."""
    if standing.error is not None:
        return standing.error
    return standing.outcome.error if standing.outcome is not None else None


def _running(view: SyncView, standing: SyncStanding) -> SyncState | None:
    match standing.activity:
        case Activity.NONE:
            return SyncState.NO_SERVER
        case Activity.STOPPING:
            return SyncState.STOPPING
        case Activity.CONNECTING:
            return SyncState.CONNECTING
        case Activity.EXCHANGING:
            return SyncState.FIRST if view.last_contact is None else SyncState.EXCHANGING
        case _:
            return None


def _failed(standing: SyncStanding) -> SyncState | None:
    error = error_of(standing)
    if error is None:
        return None
    state = next((state for kinds, state in _ERRORS if isinstance(error, kinds)), SyncState.TROUBLE)
    return SyncState.OFFLINE if state is SyncState.UNREACHABLE and standing.connected is False else state


def _well(view: SyncView, standing: SyncStanding) -> SyncState:
    outcome = standing.outcome
    if view.last_contact is None and outcome is None:
        return SyncState.NEVER
    if outcome is not None and not outcome.in_step:
        return SyncState.PARTLY
    if view.here_only:
        return SyncState.WAITING
    if outcome is not None and outcome.in_step and (outcome.moved.sent or outcome.moved.received):
        return SyncState.IN_STEP
    if not (view.received or view.from_others):
        return SyncState.NOTHING
    return SyncState.IN_STEP if outcome is not None else SyncState.RECEIVED


# -- words ---------------------------------------------------------------------------------------------

_SIGNS: dict[SyncState, tuple[str, Tone]] = {
    SyncState.NO_SERVER: ("information", Tone.QUIET),
    SyncState.CONNECTING: ("sync", Tone.ACCENT),
    SyncState.FIRST: ("sync", Tone.ACCENT),
    SyncState.EXCHANGING: ("sync", Tone.ACCENT),
    SyncState.STOPPING: ("sync", Tone.QUIET),
    SyncState.WITHDRAWN: ("error", Tone.BAD),
    SyncState.NOT_TRUSTED: ("error", Tone.BAD),
    SyncState.CERTIFICATE_DATE: ("clock", Tone.BAD),
    SyncState.NEEDS_NEWER: ("warning", Tone.WARN),
    SyncState.REFUSED: ("error", Tone.BAD),
    SyncState.PAUSED: ("pause", Tone.WARN),
    SyncState.OFFLINE: ("offline", Tone.QUIET),
    SyncState.UNREACHABLE: ("offline", Tone.QUIET),
    SyncState.BUSY: ("clock", Tone.QUIET),
    SyncState.STALLED: ("offline", Tone.QUIET),
    SyncState.STOPPED: ("information", Tone.QUIET),
    SyncState.TROUBLE: ("warning", Tone.WARN),
    SyncState.PARTLY: ("warning", Tone.WARN),
    SyncState.NEVER: ("sync", Tone.QUIET),
    SyncState.WAITING: ("here_only", Tone.WARN),
    SyncState.IN_STEP: ("check", Tone.GOOD),
    SyncState.RECEIVED: ("check", Tone.GOOD),
    SyncState.NOTHING: ("check", Tone.GOOD),
}


def headline(view: SyncView, standing: SyncStanding, language: str) -> Headline:
    """Return the state in words, in the language of the application."""
    state = state_of(view, standing)
    icon, tone = _SIGNS[state]
    error = error_of(standing) if state is _failed(standing) else None
    said = error.sentence(language) if error is not None and not standing.running else ""
    return Headline(
        state=state, icon=icon, tone=tone, title=_title(state), sentence=said or _sentence(state, view, standing)
    )


def _title(state: SyncState) -> str:
    words = {
        SyncState.NO_SERVER: QCoreApplication.translate("SyncState", "No server to exchange with"),
        SyncState.CONNECTING: QCoreApplication.translate("SyncState", "Reaching the server…"),
        SyncState.FIRST: QCoreApplication.translate("SyncState", "First exchange under way"),
        SyncState.EXCHANGING: QCoreApplication.translate("SyncState", "Exchanging with the server"),
        SyncState.STOPPING: QCoreApplication.translate("SyncState", "Stopping…"),
        SyncState.WITHDRAWN: QCoreApplication.translate("SyncState", "This laptop is withdrawn"),
        SyncState.NOT_TRUSTED: QCoreApplication.translate("SyncState", "Not the study's server"),
        SyncState.CERTIFICATE_DATE: QCoreApplication.translate("SyncState", "Check this laptop's date"),
        SyncState.NEEDS_NEWER: QCoreApplication.translate("SyncState", "Casebook is to be updated"),
        SyncState.REFUSED: QCoreApplication.translate("SyncState", "The exchange was refused"),
        SyncState.PAUSED: QCoreApplication.translate("SyncState", "Sync is paused"),
        SyncState.OFFLINE: QCoreApplication.translate("SyncState", "No network connection"),
        SyncState.UNREACHABLE: QCoreApplication.translate("SyncState", "Server not reached"),
        SyncState.BUSY: QCoreApplication.translate("SyncState", "The server is busy"),
        SyncState.STALLED: QCoreApplication.translate("SyncState", "The connection stood still"),
        SyncState.STOPPED: QCoreApplication.translate("SyncState", "Exchange stopped"),
        SyncState.TROUBLE: QCoreApplication.translate("SyncState", "The exchange did not finish"),
        SyncState.PARTLY: QCoreApplication.translate("SyncState", "Not yet in step"),
        SyncState.NEVER: QCoreApplication.translate("SyncState", "Not synced yet"),
        SyncState.WAITING: QCoreApplication.translate("SyncState", "Records wait here to be sent"),
        SyncState.IN_STEP: QCoreApplication.translate("SyncState", "In step with the server"),
        SyncState.RECEIVED: QCoreApplication.translate("SyncState", "Everything has been received"),
        SyncState.NOTHING: QCoreApplication.translate("SyncState", "Nothing to send"),
    }
    return words[state]


def _sentence(state: SyncState, view: SyncView, standing: SyncStanding) -> str:
    """Return what explains a state that no error explains."""
    match state:
        case SyncState.IN_STEP:
            return _in_step(standing)
        case SyncState.WAITING:
            words = QCoreApplication.translate(
                "SyncState", "Records on this laptop only: %1. They are safe here, and go to the server by themselves."
            )
            return words.replace("%1", str(view.here_only))
        case SyncState.PARTLY:
            words = QCoreApplication.translate(
                "SyncState", "%1 sent, %2 received; some records are still to come. Nothing is lost: sync again."
            )
            return _counted(words, standing)
        case _:
            return _PLAIN[state]()


def _in_step(standing: SyncStanding) -> str:
    words = QCoreApplication.translate("SyncState", "In step with the server: %1 sent, %2 received. Check: %3.")
    check = standing.outcome.check if standing.outcome is not None else ""
    return _counted(words, standing).replace("%3", check)


def _counted(words: str, standing: SyncStanding) -> str:
    moved = standing.outcome.moved if standing.outcome is not None else standing.moved
    return words.replace("%1", str(moved.sent)).replace("%2", str(moved.received))


_PLAIN = {
    SyncState.NO_SERVER: lambda: QCoreApplication.translate(
        "SyncState", "This laptop was started without a server. Everything is kept here."
    ),
    SyncState.CONNECTING: lambda: QCoreApplication.translate("SyncState", "You can go on working."),
    SyncState.EXCHANGING: lambda: QCoreApplication.translate("SyncState", "You can go on working."),
    SyncState.FIRST: lambda: QCoreApplication.translate(
        "SyncState",
        "The first exchange brings everything that your site has recorded, and may take long. You can go on working; "
        "if it is cut it goes on where it was.",
    ),
    SyncState.STOPPING: lambda: QCoreApplication.translate(
        "SyncState", "What has arrived stays. The next exchange goes on from there."
    ),
    SyncState.WITHDRAWN: lambda: QCoreApplication.translate(
        "SyncState", "It exchanges nothing any more. Keep the laptop and call the data manager."
    ),
    SyncState.PAUSED: lambda: QCoreApplication.translate(
        "SyncState", "Nothing goes to the server by itself. What you enter is safe on this laptop."
    ),
    SyncState.NEVER: lambda: QCoreApplication.translate(
        "SyncState", "This laptop has not met the study's server yet. What you enter is safe here until it does."
    ),
    SyncState.RECEIVED: lambda: QCoreApplication.translate(
        "SyncState", "The server has confirmed every record made on this laptop."
    ),
    SyncState.NOTHING: lambda: QCoreApplication.translate(
        "SyncState", "Nothing has been recorded yet. What you enter goes to the server by itself."
    ),
}
