"""The self test of an installation: does every part that a site depends on work on this very machine?

Run by `casebook --smoke`, by the build on each artefact, and by whoever installs. It works in a
temporary folder with invented people, touches nothing of the user's, and needs no network and no
screen. Each step prints one line; the exit status is 0 only when all held.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEventLoop
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

from casebook import crypto
from casebook.clock import system_clock
from casebook.crypto import PRODUCTION_KDF
from casebook.design import DataType, Item, Role, StudyDesign, VisitKind
from casebook.ids import UserId
from casebook.paper import desk
from casebook.records import FormKey, ItemPath, VisitKey
from casebook.store.commit_log import SqlcipherLog
from casebook.study_files import read_study
from casebook.sync.trust import Site, StaffMember
from desktop_app import cli
from desktop_app.app import make_qt
from desktop_app.background import Background
from desktop_app.i18n import Translations
from desktop_app.practice import PracticeStudy
from desktop_app.session import Session
from desktop_app.snapshots import Custody, FormView, Mark
from desktop_app.vault import Laptop
from desktop_app.widgets.page_view import Pages
from desktop_app.windows.form import FormPage

_USER = UserId("investigator")
_PASSPHRASE = "a phrase for the self test alone"  # noqa: S105 - opens nothing but the temporary folder


class SmokeFailedError(Exception):
    """A step did not do what it has to."""


Result = TypeVar("Result")


def _must(holds: bool, what: str) -> None:
    if not holds:
        raise SmokeFailedError(what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the self test enters what: the first whole number that the study asks for at a planned visit."""

    visit: str
    form: str
    path: ItemPath
    value: str


def first_number(design: StudyDesign) -> Place:
    """Return where something can be entered in a study. Raises SmokeFailedError where it asks for no number."""
    place = next(_numbers(design), None)
    if place is None:
        raise SmokeFailedError("the study asks for no whole number")
    return place


def _numbers(design: StudyDesign) -> Iterator[Place]:
    scheduled = (one for one in design.visits if one.kind is VisitKind.SCHEDULED)
    for visit, planned in ((at, one) for at in scheduled for one in at.forms):
        form = design.form(planned.form)
        if planned.when is not None or planned.occasion or form.identity:
            continue
        groups = (one for one in form.groups if not one.repeating)
        for group, item in ((one, item) for one in groups for item in one.items if _is_plain_number(item)):
            low, high = item.hard
            value = 1 if low is None or high is None else int((low + high) / 2)
            path = ItemPath(group=group.oid, item=item.name)
            yield Place(visit=visit.oid, form=form.oid, path=path, value=str(value))


def _is_plain_number(item: Item) -> bool:
    return item.data_type is DataType.INTEGER and not (
        item.derivation or item.relevant_when or item.identity or item.twice
    )


def _signer(design: StudyDesign) -> Role:
    """Return a role that enters and signs, and sees everything."""
    return next(role for role in design.roles if role.rights >= {"enter", "sign"} and role.sees_unblinding)


class Smoke:
    """The steps, in order; each uses what the one before made."""

    def __init__(self, folder: Path) -> None:
        """Work in `folder`, which is empty."""
        self._folder = folder
        self._design = read_study(cli.study_folder())
        logs = [
            SqlcipherLog.create(folder / name, os.urandom(32), os.urandom(16))
            for name in ("server.db", "unblinding.db")
        ]
        self._server_logs = logs
        role = _signer(self._design)
        person = StaffMember(user=_USER, name="Investigator 研究者", role=role.oid, site="001", sees=role.sees)
        self._study = PracticeStudy(
            logs[0],
            unblinding=logs[1],
            study=self._design.code,
            site=Site(site="001", name="Self test"),
            staff=[person],
            authority=crypto.make_authority(self._design.code, at=datetime.now(UTC)),
            random_bytes=os.urandom,
            now_ms=lambda: system_clock().utc_ms,
        )
        self._laptop = Laptop(folder / "laptop", self._design, self._study, kdf=PRODUCTION_KDF)
        self._session: Session | None = None
        self._key: FormKey | None = None
        self._pdf = b""

    def steps(self) -> tuple[tuple[str, Callable[[], str]], ...]:
        """Return each step's name and work; the work returns what it saw."""
        return (
            ("study definition", self._read_design),
            ("store and key derivation", self._enrol),
            ("entering and sealing", self._enter),
            ("exchange", self._exchange),
            ("PDF and signature", self._sign),
            ("verification", self._verify),
            ("form window", self._show_form),
            ("preview", self._preview),
            ("fonts", self._fonts),
            ("translations", self._translations),
            ("locking and unlocking", self._unlock_again),
        )

    def close(self) -> None:
        """Close what is open."""
        if self._session is not None:
            self._session.lock()
        for log in self._server_logs:
            log.close()

    def _read_design(self) -> str:
        _must(len(self._design.visits) > 1, "the study has no visits")
        return f"{self._design.oid} {self._design.label}, {len(self._design.forms)} forms"

    def _enrol(self) -> str:
        code, personal = self._study.enrolment_code(), self._study.personal_code(_USER)
        self._laptop.enrol(code, "https://self.test", personal, "self test", _PASSPHRASE)
        begun = time.perf_counter()
        self._session = self._laptop.unlock(_USER, _PASSPHRASE)
        took_ms = round((time.perf_counter() - begun) * 1000)
        content = (self._laptop.folder.database).read_bytes()
        _must(not content.startswith(b"SQLite format 3"), "the database is not encrypted")
        return f"Argon2id {PRODUCTION_KDF.chosen.memory_kib // 1024} MiB, unlocked in {took_ms} ms"

    def _open(self) -> Session:
        if self._session is None:
            raise SmokeFailedError("no session is open")
        return self._session

    def _form(self) -> FormView:
        if self._key is None:
            raise SmokeFailedError("no form was entered")
        return self._open().form(self._key)

    def _enter(self) -> str:
        session = self._open()
        subject = session.add_subject()
        place = first_number(self._design)
        self._key = FormKey(subject=subject.subject, visit=VisitKey(visit=place.visit), form=place.form)
        kept = session.keep(self._key, place.path, place.value)
        _must(kept.item(place.path).mark is Mark.KEPT, "an entry was not kept")
        _must(session.save(self._key).item(place.path).mark is Mark.RECORDED, "an entry was not recorded")
        return f"subject {subject.number}"

    def _exchange(self) -> str:
        outcome = self._laptop.synchroniser().sync_now()
        self._open().take_in(outcome.message)
        _must(self._form().custody is Custody.RECEIVED, outcome.message("en"))
        return outcome.message("en")

    def _sign(self) -> str:
        session, key = self._open(), self._form().key
        row = session.sign_paper(key.subject, session.papers(key.subject)[0], _PASSPHRASE, "review")
        self._pdf = session.document(key.subject, row.sha256)
        return f"{row.size_bytes} bytes"

    def _verify(self) -> str:
        verdict = desk.verify_file(self._pdf, self._open().authority)
        _must(verdict.valid, verdict.sentence("en"))
        broken = bytearray(self._pdf)
        broken[len(broken) // 3] ^= 1
        _must(not desk.verify_file(bytes(broken), self._open().authority).valid, "a changed file passed as valid")
        return verdict.sentence("en")

    def _show_form(self) -> str:
        key = self._form().key
        self._open().lock()
        background = Background()  # the window asks on the store thread, so the record is opened there
        session = _done_by(background, lambda: self._laptop.unlock(_USER, _PASSPHRASE))
        page = FormPage(background, session, "zh")
        page.resize(1366, 768)
        page.show_form(_done_by(background, lambda: session.form(key)))
        page.show()
        _settle(background)
        picture = page.grab()
        page.close()
        _done_by(background, session.lock)
        background.close()
        self._session = self._laptop.unlock(_USER, _PASSPHRASE)
        _must(not picture.isNull(), "a form could not be drawn")
        return f"{picture.width()} x {picture.height()}"

    def _preview(self) -> str:
        pages = Pages(self._pdf)
        picture = pages.picture(0, 1.0)
        count = len(pages.sizes)
        pages.close()
        _must(not picture.isNull(), "a page could not be drawn")
        return f"{count} page(s)"

    def _fonts(self) -> str:
        families = [family for family in QFontDatabase.families() if family.startswith("Noto Sans SC")]
        _must(bool(families), "Noto Sans SC is not there")
        return families[0]

    def _translations(self) -> str:
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            raise SmokeFailedError("no Qt application")
        translations = Translations(application, "zh")
        said = QCoreApplication.translate("UnlockPage", "Unlock")
        translations.switch("en")
        _must(any("\u4e00" <= letter <= "\u9fff" for letter in said), "the Chinese windows are not there")
        return said

    def _unlock_again(self) -> str:
        session, key = self._open(), self._form().key
        session.lock()
        self._session = None
        self._session = self._laptop.unlock(_USER, _PASSPHRASE)
        view, place = self._session.form(key), first_number(self._design)
        _must(view.item(place.path).reading.value == place.value, "an entry was lost over a lock")
        return "the entry is there"


def run_smoke() -> int:
    """Run every step and print what it saw. Returns 0 when all held, else 1."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = make_qt(["casebook"])
    with tempfile.TemporaryDirectory(prefix="casebook-smoke-") as name:
        smoke = Smoke(Path(name))
        failed = 0
        try:
            for what, work in smoke.steps():
                failed += _run_step(what, work)
        finally:
            smoke.close()
    application.quit()
    print("all parts work" if not failed else f"{failed} part(s) failed")
    return 1 if failed else 0


def _settle(background: Background) -> None:
    while not background.idle:
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def _done_by(background: Background, work: Callable[[], Result]) -> Result:
    """Return what `work` gave on the store thread."""
    given: list[Result] = []
    background.run(work, then=given.append)
    _settle(background)
    _must(bool(given), "the store thread gave nothing")
    return given[0]


def _run_step(what: str, work: Callable[[], str]) -> int:
    try:
        print(f"ok      {what}: {work()}")
    except Exception as error:  # noqa: BLE001 - every failure of a part is this test's result
        print(f"FAILED  {what}: {type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0
