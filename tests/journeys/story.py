"""The main job as a story: two laptops, one server process, one participant; told once, looked at by many tests.

Offline on the first laptop, everything through its windows; then the server is started, the second
laptop is admitted and shows the same. What there was to see is kept in `Journey`; what lay on the
disks at each stage is copied, so that a byte search can look at a running laptop too.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QListWidget

from casebook.records import FormKey, ItemPath
from desktop_app.snapshots import DocumentRow, Mark, PaperItem
from desktop_app.start import keep_language
from desktop_app.vault import Laptop
from tests.journeys.answers import CHANGED_VOLUME, FIRST_VISIT, SECOND_VISIT, UNREADABLE, answers
from tests.journeys.hands import Hands
from tests.journeys.online import online_laptop
from tests.laptops import PASSPHRASE
from tests.server_process import ServerProcess

INVESTIGATOR = "Li Minghua"
COORDINATOR = "Zhao Min"
PAPERS = (FIRST_VISIT, SECOND_VISIT)

Shown = Mapping[ItemPath, tuple[str, str, Mark | None]]


@dataclass
class Journey:
    """What there was to see.

    Attributes:
        disks: Copies of the laptops' folders, by stage.
        offline: What the first laptop showed in each form after it was filled in.
        first, second: What either laptop showed in each form at the end.
        papers: The unsigned PDFs of either laptop, by laptop and visit.
        signed: The signed PDFs as the second laptop shows them, by name.
        said: What windows said, by occasion.
    """

    folder: Path
    server: ServerProcess
    began: datetime
    number: str = ""
    disks: dict[str, Path] = field(default_factory=dict)
    offline: dict[FormKey, Shown] = field(default_factory=dict)
    first: dict[FormKey, Shown] = field(default_factory=dict)
    second: dict[FormKey, Shown] = field(default_factory=dict)
    papers: dict[tuple[str, str], bytes] = field(default_factory=dict)
    signed: dict[str, bytes] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """Whatever both applications wrote to logs, in the greatest detail."""
        return self.folder / "applications.log"

    @property
    def authority(self) -> bytes:
        """The study authority's certificate, as the first laptop keeps it."""
        return (self.folder / "one" / "study-authority.der").read_bytes()

    def laptop(self, name: str) -> Laptop:
        """Return a laptop of the ward."""
        return online_laptop(self.folder / name)

    def copy_disks(self, stage: str) -> None:
        """Copy the laptops' folders as they lie on the disk now."""
        for name in ("one", "two"):
            if (self.folder / name).exists():
                self.disks[f"{stage}, {name}"] = self.folder / "disks" / stage / name
                shutil.copytree(self.folder / name, self.disks[f"{stage}, {name}"])


def tell(qt: QApplication, folder: Path) -> Journey:
    """Walk the whole way."""
    server = ServerProcess(folder / "server")
    journey = Journey(folder=folder, server=server, began=datetime.now().astimezone() - timedelta(hours=30))
    try:
        server.start()
        one = Hands(qt, journey.laptop("one"))
        one.application.language_switched.connect(keep_language(folder / "one"))
        _enrol(one, server, INVESTIGATOR, "investigator", "Stroke unit 1")
        two = Hands(qt, journey.laptop("two"))
        _enrol(two, server, COORDINATOR, "coordinator", "Stroke unit 2")
        server.stop()
        one.come_to_front()
        _work_offline(one, journey)
        server.start()
        _exchange(one, two, journey)
        _look_at_all(two, journey, journey.second, "two")
        journey.signed = _signed_papers(two)
        journey.copy_disks("second laptop shows all")
        one.come_to_front()
        _look_at_all(one, journey, journey.first, "one")
        two.close()
        one.close()
        journey.copy_disks("closed")
    finally:
        server.stop()
    return journey


def _enrol(hands: Hands, server: ServerProcess, name: str, role: str, laptop_name: str) -> None:
    _, personal = server.add_user(name, role)
    hands.enrol(server.url, (server.enrolment_code(), personal), laptop_name, PASSPHRASE)


def _work_offline(hands: Hands, journey: Journey) -> None:
    hands.click("unlock_language")
    hands.click("unlock_language")
    hands.unlock(PASSPHRASE)
    hands.control(Qt.Key.Key_N)
    hands.settle()
    hands.open_first_subject()
    journey.number = hands.window.windowTitle().split()[0]
    for (visit, form, turn), given in answers(journey.began).items():
        key = hands.open_form(visit, form, turn)
        hands.fill(given)
        if form == "F.ICF":
            hands.type("consent_passphrase", PASSPHRASE)
            hands.click("consent_sign")
            hands.settle()
            journey.said["consent signed"] = hands.words("consent_signed_words")
        if form == "F.NIHSS":
            hands.click("form_complete")
            hands.settle()
            journey.said[f"score at {visit}"] = hands.words("form_score")
        if form == "F.IMG1":
            journey.copy_disks("entries kept, form open")
            _change_a_recorded_value(hands)
        journey.offline[key] = hands.shown()
        hands.back()
    _type_what_cannot_be_read(hands)
    journey.said["sync offline"] = hands.sync()
    journey.said["custody offline"] = hands.words("foot_custody")
    _sign_visit(hands, SECOND_VISIT, PASSPHRASE)
    journey.copy_disks("offline work done")


def _change_a_recorded_value(hands: Hands) -> None:
    hands.control(Qt.Key.Key_S)
    hands.settle()
    row = hands.go_to("CORVOL")
    hands.control(Qt.Key.Key_A)
    hands.write(CHANGED_VOLUME)
    hands.press(Qt.Key.Key_Return)
    hands.write("1")
    hands.settle()
    assert row.mark.mark is Mark.KEPT


def _type_what_cannot_be_read(hands: Hands) -> None:
    hands.open_form(FIRST_VISIT, "F.VS")
    hands.answer(hands.go_to("HR"), UNREADABLE)
    hands.settle()
    hands.back()


def _sign_visit(hands: Hands, visit: str, passphrase: str) -> None:
    _open_papers(hands)
    _choose_paper(hands, visit)
    hands.click("paper_sign_open")
    hands.type("paper_passphrase", passphrase)
    hands.click("paper_sign")
    hands.settle()


def _exchange(one: Hands, two: Hands, journey: Journey) -> None:
    """Send from the first laptop, admit the second, and fetch there."""
    journey.said["first sync"] = one.sync()
    two.come_to_front()
    two.unlock(PASSPHRASE)
    journey.said["second laptop before it is admitted"] = two.sync()
    journey.said["aside before it is admitted"] = two.words("sync_aside")
    one.come_to_front()
    fingerprint = two.find("sync_laptop_B").findChildren(QLabel)[1].text()
    one.sync()
    one.click("sync_admit_B")
    assert fingerprint in " ".join(label.text() for label in one.find("sync_laptop_B").findChildren(QLabel))
    one.click("sync_admit_yes_B")
    one.settle()
    journey.said["last sync of the first"] = one.sync()
    journey.said["custody at the end"] = one.words("foot_custody")
    two.come_to_front()
    journey.said["second laptop's sync"] = two.sync()
    assert not two.shows("sync_aside")


def _look_at_all(hands: Hands, journey: Journey, shown: dict[FormKey, Shown], laptop: str) -> None:
    """Open every form that was filled in, and draw the visits' papers."""
    hands.open_first_subject()
    for visit, form, turn in answers(journey.began):
        key = hands.open_form(visit, form, turn)
        shown[key] = hands.shown()
        hands.back()
    _open_papers(hands)
    for visit in PAPERS:
        journey.papers[laptop, visit] = _choose_paper(hands, visit)


def _open_papers(hands: Hands) -> None:
    hands.open_first_subject()
    hands.control(Qt.Key.Key_P)
    hands.settle()


def _choose_paper(hands: Hands, visit: str) -> bytes:
    """Click a visit's line in the list of papers; returns what the page shows then."""

    def fits(what: object) -> bool:
        return isinstance(what, PaperItem) and what.visit is not None and what.visit.visit == visit

    for place, what in enumerate(_lines(hands)):
        if fits(what):
            return _choose_line(hands, place)
    raise AssertionError(f"no paper for {visit}")


def _signed_papers(hands: Hands) -> dict[str, bytes]:
    lines = [(place, what) for place, what in enumerate(_lines(hands)) if isinstance(what, DocumentRow)]
    return {what.name: _choose_line(hands, place) for place, what in lines}


def _lines(hands: Hands) -> list[object]:
    papers = hands.find("paper_list")
    assert isinstance(papers, QListWidget)
    return [papers.item(place).data(Qt.ItemDataRole.UserRole) for place in range(papers.count())]


def _choose_line(hands: Hands, place: int) -> bytes:
    papers = hands.find("paper_list")
    assert isinstance(papers, QListWidget)
    papers.setFocus()
    while papers.currentRow() > place:
        hands.press(Qt.Key.Key_Up)
    while papers.currentRow() < place:
        hands.press(Qt.Key.Key_Down)
    hands.settle()
    data = hands.workplace.paper.sheet.data
    assert data is not None
    return data
