"""Every state of the Sync page, made of what the session and the exchanges tell: one case for each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone

from casebook import errors
from casebook.design import Text
from casebook.errors import CasebookError
from casebook.ids import DeviceId
from casebook.sync.engine import ExchangeReport
from desktop_app.sync_pace import Moved
from desktop_app.sync_snapshots import LaptopRow, SyncPause, SyncView
from desktop_app.synchroniser import SyncOutcome
from desktop_app.windows.sync_port import Activity, SyncStanding
from desktop_app.windows.sync_state import SyncState

CHINA = timezone(timedelta(hours=8))
URL = "https://casebook.stroke-trial.example:8443"
CONTACT = datetime(2026, 3, 1, 14, 3, tzinfo=CHINA)
_SAID = Text({"en": "said", "zh": "已说"})


def laptop(letter: str, *, this: bool = False, withdrawn: bool = False, admitted: bool = True) -> LaptopRow:
    return LaptopRow(
        device=DeviceId(f"device-{letter}"),
        letter=letter,
        name=f"Stroke ward {letter}",
        fingerprint="KOLA BERI TUNA MISO",
        is_this=this,
        admitted=admitted,
        withdrawn=withdrawn,
    )


USUAL = SyncView(
    here_only=0,
    received=412,
    from_others=1_208,
    parked=0,
    quarantined=0,
    open_forms=0,
    phase="idle",
    message=None,
    last_contact=CONTACT,
    server=URL,
    laptops=(laptop("A", this=True), laptop("B")),
    identity_available=True,
    backed_up=390,
)
NEW = replace(USUAL, received=0, from_others=0, backed_up=0, last_contact=None, laptops=(laptop("A", this=True),))


REPORT = ExchangeReport(
    pushed=0,
    pulled=0,
    receipts=0,
    waiting=0,
    in_step=True,
    older_copy=False,
    forks=(),
    notices=(),
    spoken_check="KOLABERI",
    server_ms=0,
    rounds=1,
    sent_bytes=0,
    received_bytes=0,
)


def done(report: ExchangeReport = REPORT, *, sent: int = 0, received: int = 0) -> SyncStanding:
    outcome = SyncOutcome(message=_SAID, report=report, moved=Moved(sent=sent, received=received))
    return SyncStanding(outcome=outcome, wait_s=300, connected=True, notices=report.notices, restored=report.restored)


def told(*notices: CasebookError, in_step: bool = True) -> SyncStanding:
    return done(replace(REPORT, notices=notices, in_step=in_step))


def failed(error: CasebookError, *, wait_s: int = 240, connected: bool = True) -> SyncStanding:
    return SyncStanding(outcome=SyncOutcome(message=_SAID, error=error), wait_s=wait_s, connected=connected)


@dataclass(frozen=True)
class Case:
    """What is told to the page, and what it is to say in front.

    Attributes:
        shows: Object names of what is said beside the state.
    """

    state: SyncState
    view: SyncView = USUAL
    standing: SyncStanding = field(default_factory=SyncStanding)
    shows: tuple[str, ...] = ()


WAITING = replace(USUAL, here_only=7)
BIG = Moved(sent_bytes=180_000, received_bytes=2_400_000, to_send_bytes=180_000, to_receive_bytes=9_800_000)
PAUSED = SyncStanding(paused=True, paused_until=CONTACT + timedelta(hours=16), connected=True)

CASES: Mapping[str, Case] = {
    "never synced": Case(SyncState.NEVER, NEW, SyncStanding(wait_s=0)),
    "no server": Case(SyncState.NO_SERVER, NEW, SyncStanding(activity=Activity.NONE)),
    "reaching the server": Case(SyncState.CONNECTING, WAITING, SyncStanding(activity=Activity.CONNECTING)),
    "first exchange": Case(
        SyncState.FIRST,
        NEW,
        SyncStanding(activity=Activity.EXCHANGING, moved=BIG, percent=26, left_s=1_180),
    ),
    "exchanging": Case(
        SyncState.EXCHANGING,
        WAITING,
        SyncStanding(
            activity=Activity.EXCHANGING,
            moved=Moved(sent=3, sent_bytes=2_400, to_send_bytes=5_800),
            percent=41,
            left_s=40,
        ),
    ),
    "exchanging, length unknown": Case(
        SyncState.EXCHANGING, WAITING, SyncStanding(activity=Activity.EXCHANGING, moved=Moved(sent_bytes=900))
    ),
    "stopping": Case(SyncState.STOPPING, WAITING, SyncStanding(activity=Activity.STOPPING, moved=BIG, percent=26)),
    "in step": Case(SyncState.IN_STEP, USUAL, done(sent=7, received=2)),
    "nothing was new": Case(SyncState.IN_STEP, USUAL, done()),
    "received, nothing asked today": Case(SyncState.RECEIVED, USUAL, SyncStanding(wait_s=0)),
    "nothing recorded": Case(SyncState.NOTHING, replace(NEW, last_contact=CONTACT), done()),
    "records wait": Case(SyncState.WAITING, WAITING, SyncStanding(wait_s=10, connected=True)),
    "records made since": Case(SyncState.WAITING, WAITING, done(sent=2)),
    "some in a bundle": Case(SyncState.WAITING, replace(WAITING, in_bundles=5), SyncStanding(wait_s=900)),
    "not all yet": Case(SyncState.PARTLY, WAITING, done(replace(REPORT, in_step=False), sent=40, received=2)),
    "paused until tomorrow": Case(
        SyncState.PAUSED, replace(WAITING, pause=SyncPause(left_s=60, until=CONTACT)), PAUSED
    ),
    "paused until resumed": Case(SyncState.PAUSED, USUAL, replace(PAUSED, paused_until=None)),
    "paused and offline": Case(
        SyncState.PAUSED, WAITING, replace(failed(errors.ServerUnreachableError()), paused=True)
    ),
    "offline": Case(SyncState.OFFLINE, WAITING, failed(errors.ServerUnreachableError(), connected=False)),
    "server not reached": Case(SyncState.UNREACHABLE, WAITING, failed(errors.ServerUnreachableError())),
    "busy": Case(SyncState.BUSY, WAITING, failed(errors.ServerBusyError(retry_s=90))),
    "stalled": Case(SyncState.STALLED, WAITING, failed(errors.LinkStalledError(), wait_s=5)),
    "stopped": Case(SyncState.STOPPED, WAITING, failed(errors.ExchangeStoppedError())),
    "not trusted": Case(SyncState.NOT_TRUSTED, WAITING, failed(errors.ServerNotTrustedError(url=URL), wait_s=1_700)),
    "a word without its seal": Case(
        SyncState.NOT_TRUSTED, WAITING, failed(errors.ServerWordUntrustedError(why="receipt 7"), wait_s=1_700)
    ),
    "wrong clock": Case(
        SyncState.CERTIFICATE_DATE, WAITING, failed(errors.ServerCertificateDateError(url=URL), wait_s=1_700)
    ),
    "needs a newer version": Case(SyncState.NEEDS_NEWER, WAITING, failed(errors.ProtocolUnsupportedError())),
    "refused: not enrolled": Case(SyncState.REFUSED, WAITING, failed(errors.DeviceUnknownError())),
    "refused: another study": Case(SyncState.REFUSED, WAITING, failed(errors.StudyMismatchError())),
    "answer not understood": Case(SyncState.TROUBLE, WAITING, failed(errors.ServerAnswerError(why="status 404"))),
    "store busy": Case(
        SyncState.TROUBLE, WAITING, SyncStanding(error=errors.StoreBusyError(file="casebook.db"), wait_s=60)
    ),
    "withdrawn": Case(
        SyncState.WITHDRAWN, replace(USUAL, laptops=(laptop("A", this=True, withdrawn=True), laptop("B")))
    ),
    "server restored": Case(
        SyncState.IN_STEP, USUAL, done(replace(REPORT, restored=True), sent=22), ("sync_restored",)
    ),
    "older copy": Case(
        SyncState.IN_STEP,
        USUAL,
        told(errors.OlderCopyError(count=9)),
        ("sync_notice_0",),
    ),
    "fork": Case(SyncState.IN_STEP, USUAL, told(errors.ChainForkError(device="7f3a9c")), ("sync_notice_0",)),
    "copy at work": Case(SyncState.IN_STEP, USUAL, told(errors.CopyAtWorkError()), ("sync_notice_0",)),
    "server lost records": Case(SyncState.IN_STEP, USUAL, told(errors.RecordsLostError(count=12)), ("sync_notice_0",)),
    "set aside at the server": Case(
        SyncState.PARTLY,
        WAITING,
        told(errors.SignatureBadError(device="7f3a9c", epoch="aaaaaa", sequence=7), in_step=False),
        ("sync_notice_0",),
    ),
    "invitation refused": Case(
        SyncState.IN_STEP,
        USUAL,
        told(
            errors.InvitationRefusedError(
                name="Coordinator B", user="coordinator.b", why={"en": "it does not fit.", "zh": "邀请不符。"}
            )
        ),
        ("sync_notice_0",),
    ),
    "author waits": Case(SyncState.IN_STEP, USUAL, done(replace(REPORT, waiting=3)), ("sync_notice_0",)),
    "quarantined": Case(SyncState.IN_STEP, replace(USUAL, quarantined=2), done(), ("sync_quarantined",)),
    "conflicts": Case(SyncState.IN_STEP, replace(USUAL, conflicts=2), done(), ("foot_conflicts",)),
    "parked": Case(SyncState.PARTLY, replace(USUAL, parked=4), done(replace(REPORT, in_step=False)), ("sync_aside",)),
    "records of a newer version": Case(SyncState.IN_STEP, replace(USUAL, newer=4), done(), ("sync_aside",)),
    "forms open": Case(SyncState.WAITING, replace(WAITING, open_forms=2), done(), ("sync_aside",)),
    "not admitted": Case(
        SyncState.IN_STEP,
        replace(USUAL, identity_available=False, laptops=(laptop("A", this=True, admitted=False), laptop("B"))),
        done(),
        ("sync_aside",),
    ),
    "clock": Case(
        SyncState.IN_STEP,
        replace(
            USUAL,
            clock=Text(
                {
                    "en": "This laptop's clock is 3 h 02 min ahead of the server. Set the clock.",
                    "zh": "本机时钟比服务器快 3 小时 02 分。请校正时钟。",
                }
            ),
        ),
        done(),
        ("sync_clock",),
    ),
}
