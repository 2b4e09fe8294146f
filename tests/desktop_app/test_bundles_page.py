"""The page of bundles, worked by keys and clicks over a real vault, with a folder for a stick."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QTableView

from casebook.ids import DeviceId
from desktop_app import removable
from desktop_app.bundle_snapshots import BundleOutcome
from desktop_app.removable import is_removable
from desktop_app.session import Session
from desktop_app.snapshots import Custody
from desktop_app.sync_stop import StopSign
from desktop_app.vault import Laptop
from desktop_app.windows.bundles import BundlesPage
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import SETTLE_MS, Hands
from tests.desktop_app.test_attaching import attached, contact
from tests.desktop_app.test_bundling import enter
from tests.laptops import Ward, sync


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.fixture
def laptop(enrolled_ward: Ward) -> Laptop:
    laptop = enrolled_ward.laptop("one")
    with enrolled_ward.session(laptop) as session:
        sync(laptop, session)
        enter(session)
    return laptop


@pytest.fixture
def hands(open_application: OpenApplication, enrolled_ward: Ward, laptop: Laptop) -> Hands:
    """The page of bundles, opened from Sync, where no server can be reached."""
    enrolled_ward.network.down = True
    return _at_bundles(open_application(laptop))


def _at_bundles(hands: Hands) -> Hands:
    hands.unlock()
    workplace = hands.application.workplace
    assert workplace is not None
    workplace.open_place("sync")
    hands.settle()
    hands.click("sync_to_stick")
    hands.settle()
    return hands


def _page(hands: Hands) -> BundlesPage:
    workplace = hands.application.workplace
    assert workplace is not None
    return workplace.custody.bundles


def _device(hands: Hands) -> DeviceId:
    session = _page(hands).port
    assert isinstance(session, Session)
    return session.bundling.laptop.device


def _choose(hands: Hands, stick: Path) -> None:
    hands.click("bundles_choose")
    (dialog,) = hands.window.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(stick))
    dialog.close()


def _read(hands: Hands, *files: Path) -> None:
    hands.click("bundles_read")
    (dialog,) = hands.window.findChildren(QFileDialog)
    dialog.filesSelected.emit([str(file) for file in files])
    dialog.close()
    hands.settle()


def _write(hands: Hands) -> None:
    hands.find("bundles_write").setFocus()
    hands.press(Qt.Key.Key_Space)
    hands.settle()


def _lines(hands: Hands) -> list[list[str]]:
    table = hands.find("bundles_table")
    assert isinstance(table, QTableView)
    model = table.model()
    columns = range(model.columnCount())
    return [[str(model.index(row, column).data()) for column in columns] for row in range(model.rowCount())]


def _custody(hands: Hands) -> set[Custody]:
    """Ask, on the store thread, where what is recorded of subjects is."""
    found: list[set[Custody]] = []
    port = _page(hands).port
    hands.application.background.run(lambda: {row.custody for row in port.subjects()}, then=found.append)
    hands.settle()
    return found[0]


def test_a_bundle_is_written_to_a_stick_and_its_answer_read(hands: Hands, enrolled_ward: Ward, stick: Path) -> None:
    _choose(hands, stick)

    _write(hands)

    (file,) = stick.iterdir()
    assert "You can take the stick out" in hands.words("bundles_outcome_words")
    assert [_lines(hands)[0][place] for place in (0, 2, 4)] == ["1", "server", "not answered yet"]

    assert _custody(hands) == {Custody.BUNDLE}

    enrolled_ward.network.take_bundle(file)
    (answer,) = enrolled_ward.network.write_reply(_device(hands), stick)
    _read(hands, answer)

    assert hands.words("bundles_outcome_words").startswith("The server has answered bundle 1")
    assert _lines(hands)[0][4] == "answered"
    assert _custody(hands) == {Custody.RECEIVED}


def test_attachments_go_along_or_stay_as_the_user_says_and_the_page_tells_which(
    open_application: OpenApplication, enrolled_ward: Ward, laptop: Laptop, stick: Path
) -> None:
    enrolled_ward.network.down = True
    with enrolled_ward.session(laptop) as session:
        attached(session, contact(enter(session)))
    hands = _at_bundles(open_application(laptop))
    box = hands.find("bundles_attachments")
    assert isinstance(box, QCheckBox)
    assert (box.text(), box.isChecked()) == ("With attach&ments: 1, about 256.0 kB", True)
    assert not hands.shows("bundles_attachments_note")
    _choose(hands, stick)

    QTest.keyClick(box, Qt.Key.Key_Space)
    assert "not safe to wipe" in hands.words("bundles_attachments_note")
    hands.click("bundles_write")
    hands.settle()
    without = _lines(hands)[0][5]
    assert "1 attachments are not in it and stay on this laptop" in hands.words("bundles_outcome_words")
    QTest.keyClick(box, Qt.Key.Key_Space)
    hands.click("bundles_write")
    hands.settle()

    assert (without, _lines(hands)[0][5]) == ("1 left out", "1")
    assert "and 1 attachments in" in hands.words("bundles_outcome_words")
    enrolled_ward.network.take_bundle(max(stick.iterdir()))
    _read(hands, *enrolled_ward.network.write_reply(_device(hands), stick))
    assert not hands.shows("bundles_attachments")  # the server has it, by its signed word


def test_a_damaged_file_is_told_and_changes_nothing(hands: Hands, stick: Path) -> None:
    cut = stick / "cut.crfb"
    cut.write_bytes(b"CRFB\x01\x00")

    _read(hands, cut)

    assert "cut.crfb is damaged or was cut short" in hands.words("bundles_outcome_words")
    assert not hands.shows("bundles_table")


def test_a_folder_that_is_gone_is_told(hands: Hands, stick: Path) -> None:
    _choose(hands, stick)
    stick.rmdir()

    _write(hands)

    assert "could not be written" in hands.words("bundles_outcome_words")
    assert hands.find("bundles_write").isEnabled()


def test_an_answer_that_says_the_laptop_is_withdrawn_locks_it(hands: Hands, enrolled_ward: Ward, stick: Path) -> None:
    _choose(hands, stick)
    _write(hands)
    (file,) = stick.iterdir()
    device = enrolled_ward.network.directory.device(_device(hands))
    assert device is not None
    enrolled_ward.network.office.withdraw_laptop(device)
    enrolled_ward.network.take_bundle(file)

    _read(hands, *enrolled_ward.network.write_reply(device.device, stick))

    hands.qtbot.waitUntil(
        lambda: hands.application.workplace is None or hands.shows("unlock_people"), timeout=SETTLE_MS
    )
    assert enrolled_ward.laptop("one").state().withdrawn


def test_everything_is_offered_for_the_server_alone(
    open_application: OpenApplication, enrolled_ward: Ward, laptop: Laptop
) -> None:
    enrolled_ward.enrolled("two", "coordinator")
    with enrolled_ward.session(laptop) as session:
        sync(laptop, session)
    hands = _at_bundles(open_application(laptop))
    recipients = hands.find("bundles_to")
    assert isinstance(recipients, QComboBox)
    assert isinstance(hands.find("bundles_whole"), QCheckBox)
    assert [recipients.itemText(place) for place in range(recipients.count())] == [
        "the study's server",
        "laptop B (Laptop two)",
    ]

    recipients.setCurrentIndex(1)

    assert not hands.shows("bundles_whole")


def test_two_laptops_meet_by_what_one_shows_and_the_other_types(
    open_application: OpenApplication, enrolled_ward: Ward, laptop: Laptop
) -> None:
    other = enrolled_ward.enrolled("two", "coordinator")
    with enrolled_ward.session(other) as session:
        enter(session, "171")
    with enrolled_ward.session(laptop) as session:
        sync(laptop, session)
    enrolled_ward.network.down = True
    hands = _at_bundles(open_application(laptop))

    hands.click("bundles_wait")
    hands.qtbot.waitUntil(lambda: hands.shows("bundles_open_figures"), timeout=SETTLE_MS)
    address = hands.words("bundles_open_address").split()[0]
    assert hands.words("bundles_open_figures") in hands.words("bundles_running")
    port = address.rpartition(":")[2] if ":" in address else "47115"
    done: list[BundleOutcome] = []

    def call(figures: str) -> None:
        with enrolled_ward.session(other) as session:
            done.append(session.bundling.call(f"127.0.0.1:{port}", figures, lambda _: None, StopSign()))

    thread = threading.Thread(target=call, args=(hands.words("bundles_open_figures"),))
    thread.start()
    hands.settle()
    thread.join(30)

    assert [one.error for one in done] == [None]
    assert "Both show the same now." in hands.words("bundles_outcome_words")
    assert not hands.shows("bundles_open_figures")


def test_waiting_ends_when_the_page_is_left(hands: Hands) -> None:
    hands.click("bundles_wait")
    hands.qtbot.waitUntil(lambda: hands.shows("bundles_open_figures"), timeout=SETTLE_MS)

    hands.press(Qt.Key.Key_Escape)
    hands.settle()

    assert hands.application.background.idle


def test_what_was_typed_wrongly_is_told_at_its_field(hands: Hands) -> None:
    hands.click("bundles_call")
    assert "needed" in hands.words("bundles_address_line")
    hands.type("bundles_address", "10.0.0.1")
    hands.type("bundles_figures", "12 34")
    hands.press(Qt.Key.Key_Return)
    assert "six figures" in hands.words("bundles_figures_line")


def test_the_page_follows_the_language(hands: Hands) -> None:
    workplace = hands.application.workplace
    assert workplace is not None
    workplace.language_wanted.emit("zh")
    hands.settle()
    assert hands.words("bundles_write") == "写入数据包(&W)"
    assert _page(hands).title() == "U 盘与电脑直连"


def test_sticks_come_first_and_documents_are_always_there() -> None:
    found = removable.carriers()
    assert not found[-1].removable
    assert [one.removable for one in found] == sorted((one.removable for one in found), reverse=True)
    assert is_removable("/media/somebody/STICK")
    assert not is_removable("/home/somebody")
