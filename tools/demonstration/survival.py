"""What a record survives: conflicts, a link that breaks, no network, a server put back, a laptop that leaves.

Laptops A and B of the site, and a third one that exchanges by itself and is retired in the end.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListWidget, QTableView

from desktop_app.snapshots import Mark
from tests.rigs.weak_link import weak_link

from .management import open_form
from .report import Report, StepFailedError, expect
from .stage import SITE, Stage, laptop_in
from .visitor import Visitor

VITALS = ("SE.V1", "F.VS")
EVERY_MS = 60_000
"""How often the third laptop exchanges by itself while all is well."""
_ROOT = Path(__file__).resolve().parents[2]
_PATIENCE_S = 300.0
_PHOTO = (2400, 1600)
_BEGUN = 0.75
"""How much of the photo the link carries before it breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Two laptops of the site with somebody signed in on each, and two subjects of which little is entered."""

    report: Report
    stage: Stage
    first: Visitor
    second: Visitor
    number: str
    other: str


def survive(site: Site) -> None:
    """Tell the whole story; laptops A and B are in step at the end. Raises StepFailedError."""
    third = ThirdLaptop(site, site.first.qt)
    settle_conflicts(site)
    attach_photo(site)
    back_up(site)
    meet_side_by_side(site)
    carry_by_stick(site)
    third.open()
    put_server_back(site)
    third.sync_by_itself()
    third.retire()


# -- two laptops, unseen by each other ----------------------------------------------------------------------


def settle_conflicts(site: Site) -> None:
    """Enter one item and one sitting on both laptops, unseen by each other; settle both by keys, with a reason."""
    report, first, second = site.report, site.first, site.second
    with report.step("Laptops A and B, unseen by each other, entered another heart rate and another blood pressure."):
        for hands, typed in ((first, ("150", "90", "80")), (second, ("164", "88", "90"))):
            hands.come_to_front()
            enter(hands, site.number, dict(zip(("SYSBP", "DIABP", "HR"), typed, strict=True)))
        for hands in (first, second, first):
            hands.come_to_front()
            hands.sync()
    with report.step("Both values stay: the same two queries opened by themselves on both laptops."):
        shown = [conflicts(hands) for hands in (first, second)]
        expect([len(lines) for lines in shown] == [2, 2], f"A shows {shown[0]}, B {shown[1]}.")
        for line in shown[0]:
            report.note(" | ".join(" ".join(text.split()) for text in line))
        first.come_to_front()
        first.picture_in_both_languages("conflict")
        first.press(Qt.Key.Key_Down)
        first.settle()
        first.picture_in_both_languages("conflict-sitting")
    with report.step("Laptop B settled the one and the other by a digit and a reason; laptop A shows them as closed."):
        second.come_to_front()
        for left in (1, 0):
            second.find("queries_table").setFocus()
            second.press(Qt.Key.Key_Home)
            second.settle()
            second.press(Qt.Key.Key_1)
            second.settle()
            second.write("1")  # the first of the common reasons
            second.settle()
            expect(len(conflicts(second)) == left, f"{conflicts(second)}")
        second.sync()
        first.come_to_front()
        first.sync()
        expect(not conflicts(first), f"{conflicts(first)}")
        open_form(first, site.number, VITALS)
        marks = {item: first.row(item).mark.mark for item in ("SYSBP", "DIABP", "HR")}
        expect(set(marks.values()) == {Mark.RECORDED}, f"{marks}")
        values = {item: first.row(item).editor.raw() for item in marks}
        expect((values["SYSBP"], values["DIABP"]) in {("150", "90"), ("164", "88")}, f"A reading was mixed: {values}")
        report.note(f"What counts now on both: {values}")


def conflicts(hands: Visitor) -> list[tuple[str, ...]]:
    """Return the lines of the list of queries that are conflicts; the list is in front then."""
    hands.come_to_front()
    hands.control(Qt.Key.Key_3)
    hands.settle()
    if hands.shows("queries_table"):
        hands.find("queries_table").setFocus()
    return [line for line in hands.lines("queries_table") if line[0].startswith("Conflict")]


def enter(hands: Visitor, number: str, values: dict[str, str]) -> None:
    """Enter vital signs of a subject, and save them."""
    open_form(hands, number, VITALS)
    for item, text in values.items():
        hands.answer(hands.go_to(item), text)
        hands.settle()
    hands.control(Qt.Key.Key_S)
    hands.settle()


# -- a photo over a link that breaks ------------------------------------------------------------------------


def attach_photo(site: Site) -> None:
    """Attach a photo of a source document, lose the link in the middle of it, and go on."""
    report, hands, server = site.report, site.first, site.stage.server
    with report.step("A photo of a source document was attached to the form: shown first, without place or camera."):
        file = site.report.part("sticks") / "vital signs sheet.jpg"
        draw_photo(file)
        hands.come_to_front()
        open_form(hands, site.number, VITALS)
        hands.press(Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
        hands.settle()
        hands.control(Qt.Key.Key_O)
        hands.answer_dialog(file)
        hands.picture("photo-to-attach")
        hands.press(Qt.Key.Key_Return)
        hands.settle()
        hands.settle()
        (line,) = attached(hands)
        expect("Only on this laptop" in line, line)
        folder = site.stage.laptop.folder.path
        size = sum(one.stat().st_size for one in folder.rglob("chunks/**/*") if one.is_file())
        hands.back()
    server.stop()
    with weak_link(server) as link:
        with report.step("The link broke in the middle of the photo: the data had gone first, and part of the photo."):
            link.left = round(size * _BEGUN)
            hands.sync()
            open_attachments(hands, site.number)
            (line,) = attached(hands)
            expect("% at the server" in line, line)
            report.note(" ".join(line.split()))
            hands.picture_in_both_languages("photo-part-at-server")
        before = link.carried
        with report.step("The link came back: the photo went on where it had ended, and is at the server."):
            link.left = None
            hands.sync()
            open_attachments(hands, site.number)
            (line,) = attached(hands)
            expect("Here and at the server" in line, line)
            after = link.carried - before
            expect(after < size / 2, f"{before} bytes first, then {after} of {size}.")
            report.note(
                f"Sent before: {before // 1024} KiB; afterwards: {after // 1024} KiB; the photo: {size // 1024} KiB"
            )
            hands.back()


def draw_photo(file: Path) -> None:
    """Draw what a telephone might take of a sheet from the ward."""
    picture = Image.effect_noise(_PHOTO, 24).point(lambda grey: min(255, grey + 80)).convert("RGB")
    pen = ImageDraw.Draw(picture)
    for place, words in enumerate(("Vital signs sheet (demonstration)", "Blood pressure  164 / 88", "Heart rate  90")):
        pen.text((200, 200 + place * 160), words, fill=(10, 20, 60), font_size=90)
    picture.save(file, quality=80)


def open_attachments(hands: Visitor, number: str) -> None:
    """Open the attachments of a subject's vital signs."""
    open_form(hands, number, VITALS)
    hands.press(Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
    hands.settle()


def attached(hands: Visitor) -> list[str]:
    """Return the lines of the list of attachments."""
    found = hands.find("attachments_list")
    return [found.item(row).text() for row in range(found.count())] if isinstance(found, QListWidget) else []


# -- where everything is ------------------------------------------------------------------------------------


def back_up(site: Site) -> None:
    """Back the server up while it runs; the laptop shows what lies in the backup."""
    report, hands = site.report, site.first
    with report.step("The server was backed up while it ran; the copy was opened again and every signature examined."):
        said = operate("backup", str(site.stage.server.folder), "--to", str(_backup(site)))
        report.note(said.splitlines()[-1])
    with report.step("Laptop A shows form by form what lies in the verified backup."):
        hands.come_to_front()
        hands.sync()
        open_custody(hands)
        kept = custody(hands)
        expect(any(line.startswith("In a backup") for line in kept), f"{kept[:5]}")
        report.note(f"Forms whose records lie in the backup: {sum(line.startswith('In a backup') for line in kept)}")
        hands.picture_in_both_languages("custody")
        hands.back()


def _backup(site: Site) -> Path:
    return site.report.part("backups") / "yesterday"


def open_custody(hands: Visitor) -> None:
    """Open the page that says where everything is."""
    hands.control(Qt.Key.Key_6)
    hands.settle()
    hands.click("sync_custody")
    hands.settle()


def custody(hands: Visitor) -> list[str]:
    """Return, line by line, where the records of each form are."""
    table = hands.find("custody_table")
    model = table.model() if isinstance(table, QTableView) else None
    if model is None:
        return []
    last = model.columnCount() - 1
    return [str(model.index(row, last).data()) for row in range(model.rowCount())]


def operate(*arguments: str) -> str:
    """Run a command of the server's command line, as its operator does; returns what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "central_server", *arguments],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    expect(done.returncode == 0, f"casebook-server {arguments[0]} ended with {done.returncode}: {done.stderr}")
    return done.stdout


# -- without the server -------------------------------------------------------------------------------------


def meet_side_by_side(site: Site) -> None:
    """Without the server: bring two laptops of the site together over the network of the room."""
    report, first, second = site.report, site.first, site.second
    with report.step("The server was stopped again; laptop A entered vital signs of another subject."):
        site.stage.server.stop()
        first.come_to_front()
        enter(first, site.other, {"HR": "72"})
    with report.step("Laptops A and B met over the network of the room, by six figures; B shows what A entered."):
        open_bundles(first)
        first.click("bundles_wait")
        until(lambda: first.shows("bundles_open_figures"), "Laptop A does not wait.")
        address = first.words("bundles_open_address").split()[0]
        figures = first.words("bundles_open_figures")
        QTest.qWait(50)
        first.picture_at_work("side-by-side-waiting")
        second.come_to_front()
        open_bundles(second)
        second.type("bundles_address", f"127.0.0.1:{address.partition(':')[2] or '47115'}")
        second.type("bundles_figures", figures)
        second.press(Qt.Key.Key_Return)
        for hands in (second, first):
            hands.settle()
            said = hands.words("bundles_outcome_words")
            expect("Both show the same now." in said, said)
        report.note(said)
        second.picture("side-by-side-done")
        open_form(second, site.other, VITALS)
        expect(second.row("HR").editor.raw() == "72", f"B shows {second.row('HR').editor.raw()!r}.")


def carry_by_stick(site: Site) -> None:
    """Carry what is only on the laptop to the server by stick, and its answer back."""
    report, hands = site.report, site.first
    stick = site.report.part("sticks") / "to-the-server"
    stick.mkdir()
    with report.step("Laptop A wrote a bundle to a stick, sealed to the server; its records are in bundle 1."):
        hands.come_to_front()
        open_bundles(hands)
        hands.click("bundles_choose")
        hands.answer_dialog(stick)
        hands.click("bundles_write")
        hands.settle()
        expect(
            "You can take the stick out" in hands.words("bundles_outcome_words"), hands.words("bundles_outcome_words")
        )
        hands.picture_in_both_languages("bundle-written")
        (bundle,) = stick.glob("*.crfb")
        report.made(bundle)
        open_custody(hands)
        expect(any("In bundle 1" in line for line in custody(hands)), f"{custody(hands)[:5]}")
        hands.picture("custody-in-bundle")
        hands.back()
    with report.step(
        "The server's operator took the bundle in, twice: the second time changed nothing; and answered it."
    ):
        folder = str(site.stage.server.folder)
        for more in ((), ("--reply", str(stick))):
            said = operate("bundle", "take", folder, str(bundle), *more)
            report.note(said.splitlines()[0])
        (answer,) = [file for file in stick.glob("*.crfb") if file != bundle]
        report.made(answer)
    with report.step("Laptop A read the answer: its records are at the server, though it never met it."):
        open_bundles(hands)
        hands.click("bundles_read")
        hands.answer_dialog(answer)
        said = hands.words("bundles_outcome_words")
        expect("has answered bundle 1" in said, said)
        hands.picture("bundle-answered")
        open_custody(hands)
        places = custody(hands)
        expect(not any("bundle" in line for line in places), f"{places[:5]}")
        hands.back()


def open_bundles(hands: Visitor) -> None:
    """Open the page of sticks and laptops side by side."""
    hands.control(Qt.Key.Key_6)
    hands.settle()
    hands.click("sync_to_stick")
    hands.settle()


# -- a server that is put back ------------------------------------------------------------------------------


def put_server_back(site: Site) -> None:
    """Lose the server, make one of yesterday's backup, and let the laptops fill it."""
    report, server = site.report, site.stage.server
    backups = site.report.part("backups")
    with report.step("The server was lost; another one was made of yesterday's backup, at the same address."):
        operate("restore", str(_backup(site)), "--to", str(backups / "restored"))
        shutil.move(server.folder, backups / "lost")
        shutil.move(backups / "restored", server.folder)
        server.start()
    with report.step("Both laptops were told, took no old receipt for evidence, and handed in again what was missing."):
        for hands in (site.first, site.second):
            hands.come_to_front()
            hands.sync()
            expect(hands.shows("sync_restored"), "Nothing says that the server was put back.")
            said = hands.sync()
            expect(hands.numbers("sync_here_only") == 0, said)
        site.first.come_to_front()
        site.first.picture_in_both_languages("server-restored")
        said = operate("receipts", str(server.folder))
        (line,) = [line for line in said.splitlines() if "Missing" in line]
        expect("Missing: 0" in line, said)
        report.note(line)


# -- a laptop that leaves -----------------------------------------------------------------------------------


class ThirdLaptop:
    """A laptop that exchanges by itself, is looked at, and leaves the study."""

    def __init__(self, site: Site, qt: QApplication) -> None:
        """Enrol it through its windows; nobody is signed in afterwards."""
        self._site = site
        self._qt = qt
        self._folder = site.report.part("laptops") / "C"
        server, account = site.stage.server, site.stage.principal
        with site.report.step(f"A third laptop was enrolled by {account.name}."):
            hands = Visitor(qt, laptop_in(self._folder), site.report)
            codes = (server.enrolment_code(), server.personal_code(account.user))
            hands.enrol(server.url, codes, "Outpatient clinic", account.words)
            hands.sign_in(account.name, account.words)
            hands.sync()
            hands.lock()
            hands.close()
        self._hands: Visitor | None = None

    @property
    def hands(self) -> Visitor:
        """Its window. Raises StepFailedError: it is not open."""
        if self._hands is None:
            raise StepFailedError("The third laptop is not open.")
        return self._hands

    def open(self) -> None:
        """Sign in while there is no server, and enter something."""
        account = self._site.stage.principal
        with self._site.report.step(f"{account.name} entered on the third laptop, without a server: not safe to wipe."):
            self._hands = Visitor(self._qt, laptop_in(self._folder), self._site.report, sync_every_ms=EVERY_MS)
            hands = self.hands
            hands.come_to_front()
            hands.sign_in(account.name, account.words)
            enter(hands, self._site.number, {"RESP": "16"})
            open_custody(hands)
            light = hands.find("custody_light").accessibleName()
            expect("Not safe to wipe" in light, light)
            self._site.report.note(f"{light} {hands.words('custody_reasons')}")
            hands.picture_in_both_languages("not-safe-to-wipe")

    def sync_by_itself(self) -> None:
        """Wait until it has met the server of its own accord; then it may be wiped."""
        report, hands = self._site.report, self.hands
        with report.step("The third laptop found the server by itself: nobody pressed anything."):
            hands.come_to_front()
            hands.control(Qt.Key.Key_6)
            hands.settle()
            until(lambda: hands.numbers("sync_here_only") == 0, "The third laptop does not exchange by itself.")
            report.note(hands.words("sync_message_words"))
        with report.step("Where everything is: safe to wipe."):
            hands.sync()
            open_custody(hands)
            light = hands.find("custody_light").accessibleName()
            expect("Safe to wipe" in light, light)
            hands.picture_in_both_languages("safe-to-wipe")

    def retire(self) -> None:
        """Enter once more without a server, and retire the laptop: a rescue copy keeps what is only there."""
        report, hands, site = self._site.report, self.hands, self._site
        stick = report.part("sticks") / "rescue"
        stick.mkdir()
        with report.step("The server was stopped, something was entered, and the laptop retired with a rescue copy."):
            site.stage.server.stop()
            enter(hands, site.other, {"RESP": "18"})
            open_custody(hands)
            hands.click("custody_retire")
            hands.settle()
            hands.type("retire_rescue", str(stick))
            hands.type("retire_passphrase", site.stage.principal.words)
            hands.type("retire_site", SITE)
            hands.picture("retire")
            hands.press(Qt.Key.Key_Return)
            until(lambda: hands.shows("retired_words"), "The laptop is not retired.")
            said = hands.words("retired_words")
            expect("read back and is whole" in said, said)
            report.note(said)
            hands.picture("retired")
            hands.press(Qt.Key.Key_Space)
            hands.settle()
            expect(hands.shows("enrol_code"), "The laptop is still enrolled.")
            hands.close()
        with report.step(
            "The server took in what lay beside the rescue copy, and laptop A shows it: nothing was lost."
        ):
            bundles = [str(file) for file in sorted(stick.glob("*.crfb"))]
            expect(bundles and list(stick.glob("*.zip")), f"On the stick: {[file.name for file in stick.iterdir()]}")
            operate("bundle", "take", str(site.stage.server.folder), *bundles)
            site.stage.server.start()
            site.first.come_to_front()
            site.first.sync()
            open_form(site.first, site.other, VITALS)
            value = site.first.row("RESP").editor.raw()
            expect(value == "18", f"Laptop A shows {value!r}.")


def until(holds: Callable[[], bool], otherwise: str) -> None:
    """Wait until something holds. Raises StepFailedError: it never does; `otherwise` says so."""
    began = time.monotonic()
    while not holds():
        expect(time.monotonic() - began < _PATIENCE_S, otherwise)
        QTest.qWait(50)
