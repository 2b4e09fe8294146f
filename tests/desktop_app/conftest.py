"""Windows over real vaults: a ward's laptop, the whole application on it, and hands on its keyboard."""

import copy
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from casebook.ids import UserId
from casebook.versions import Designs
from desktop_app import theme
from desktop_app.app import Application, Training
from desktop_app.cli import PRACTICE_WORD, training_folder
from desktop_app.relaunch import Relaunch
from desktop_app.training import TrainingLaptop
from desktop_app.vault import Laptop
from tests.desktop_app.forms_at_work import open_casebook, open_form
from tests.desktop_app.hands import Hands
from tests.laptops import Ward, design

OpenApplication = Callable[..., Hands]


@pytest.fixture(scope="session", autouse=True)
def _look(qapp: QApplication) -> None:
    theme.load_fonts()
    theme.apply(qapp, theme.LIGHT)


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    """An empty ward and its study's server."""
    return Ward(tmp_path)


@pytest.fixture
def open_application(qtbot: QtBot, qapp: QApplication) -> Iterator[OpenApplication]:
    """Open the application on a laptop; everything opened is closed at the end."""
    opened: list[Hands] = []

    def open_one(
        laptop: Laptop | TrainingLaptop,
        language: str = "en",
        *,
        relaunch: Relaunch | None = None,
        now_s: Callable[[], float] = time.monotonic,
    ) -> Hands:
        training = None
        if isinstance(laptop, TrainingLaptop):
            training = Training(passphrase=PRACTICE_WORD, start_over=laptop.start_over)
        application = Application(
            qapp,
            laptop,
            lambda _session: laptop.synchroniser(),
            language,
            sync_every_ms=0,
            relaunch=relaunch,
            now_s=now_s,
            training=training,
        )
        hands = Hands(qtbot, application)
        opened.append(hands)
        application.window.resize(1366, 728)
        application.start()
        qtbot.waitExposed(application.window)
        hands.settle()
        return hands

    yield open_one
    for hands in opened:
        hands.close()
    QApplication.processEvents()


@pytest.fixture(scope="session")
def enrolled_once(tmp_path_factory: pytest.TempPathFactory) -> Ward:
    """A ward with one enrolled laptop, made once: RSA keys take their time. Nobody works on it; it is copied."""
    ward = Ward(tmp_path_factory.mktemp("ward"))
    ward.enrolled()
    return ward


@pytest.fixture
def enrolled_ward(enrolled_once: Ward, tmp_path: Path) -> Ward:
    """A ward of its own with a laptop `one`, where the coordinator and the investigator can sign in."""
    shutil.copytree(enrolled_once.folder, tmp_path, dirs_exist_ok=True)
    ward = copy.deepcopy(enrolled_once)
    ward.folder = tmp_path
    return ward


@pytest.fixture
def hands(open_application: OpenApplication, enrolled_ward: Ward) -> Hands:
    """An enrolled laptop with its application, at the unlock page."""
    return open_application(enrolled_ward.laptop("one"))


@pytest.fixture
def vitals(hands: Hands) -> Hands:
    """Vital signs of the first visit, empty."""
    open_casebook(hands)
    open_form(hands, "F.VS")
    return hands


@pytest.fixture(scope="session")
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of training as it was made, once. Nobody works in it; it is copied."""
    folder = tmp_path_factory.mktemp("once") / "casebook-training"
    laptop = TrainingLaptop(folder, Designs(current=design()))
    laptop.unlock(UserId("pi"), PRACTICE_WORD).lock()
    laptop.close()
    return folder


@pytest.fixture
def training_laptop(trained_once: Path, tmp_path: Path) -> Iterator[TrainingLaptop]:
    """Training as it was made, in a folder of its own: `pi`, `coordinator` and the others can sign in."""
    folder = training_folder(tmp_path / "casebook")
    shutil.copytree(trained_once, folder)
    laptop = TrainingLaptop(folder, Designs(current=design()))
    yield laptop
    laptop.close()
