"""The custody half of a session: where everything is, whether the laptop may be wiped, and retiring it.

A blinded session does not open the second shelf and knows nothing of what lies there: where one was ever made on
this laptop it cannot tell, and says so.

Source: docs/store.md, section "Custody"; docs/adr/0026-custody-is-evidence.md.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from casebook.clock import local_time
from casebook.custody import Custody, Kept, Where, WipeVerdict, may_wipe, weakest
from casebook.design import Text
from casebook.errors import BundleRoomError, NotSafeToWipeError, SiteNumberMistypedError, UnavailableError
from casebook.ids import CommitId, SubjectId
from casebook.ledger import STANDARD, UNBLINDING
from casebook.payloads import SecurityPayload
from casebook.records import FormKey
from casebook.store.rescue import RescueCopy, write_rescue
from casebook.store.retiring import begin_retiring, finish_retiring
from casebook.store.vault_files import VaultFolder, VaultLock
from desktop_app import evidence, views
from desktop_app.bundling import Bundling
from desktop_app.custody_snapshots import CustodyRow, CustodyView, Retired
from desktop_app.second_shelf import MADE
from desktop_app.shelf import Shelf
from desktop_app.sync_stop import StopSign
from desktop_app.workbench import Workbench

EVERY_FORM_UP_TO = 60
"""Subjects. Where there are more, those of whom everything was received have one line each."""
_BEGUN = "retiring"
"""A setting of the standard shelf: the note of retiring was sealed."""
_BROUGHT_BY_EXCHANGE = frozenset({Kept.OWN, Kept.OTHERS, Kept.ATTACHMENTS, Kept.NOT_IN_STEP})
_WHOLE = Text({"en": "All forms", "zh": "全部表单"})
_BESIDE = Text({"en": "Other records of the subject", "zh": "该受试者的其他记录"})
_NOBODY = Text({"en": "Sign-ins, keys, people and the like", "zh": "登录、密钥、人员等"})


class SessionCustody:
    """Tells where everything is, and retires the laptop. One thread: the store's."""

    def __init__(self, bench: Workbench, folder: VaultFolder, bundling: Bundling) -> None:
        """Look at nothing yet.

        Args:
            folder: The laptop's.
            bundling: Writes bundles beside this session.
        """
        self._bench = bench
        self._folder = folder
        self._bundling = bundling
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether retiring has closed the session."""
        return self._ended

    def begin(self) -> None:
        """Note that the laptop stayed, where retiring it was begun and cut short: somebody works with it."""
        if self._bench.record.standard.setting(_BEGUN):
            self.keep()

    # -- where everything is -------------------------------------------------------------------------

    def view(self) -> CustodyView:
        """Return where everything is: a line for each form, and whether the laptop may be wiped."""
        record = self._bench.record
        record.catch_up()
        record.refresh()
        told, offset = record.last_told_ms(), self._bench.design.utc_offset_minutes
        backup = record.standard.setting("backup_at_ms")
        return CustodyView(
            verdict=self.verdict(),
            rows=tuple(self._rows()),
            told_at=local_time(told, offset) if told is not None else None,
            backup_at=local_time(int(backup), offset) if backup and int(backup) else None,
        )

    def verdict(self) -> WipeVerdict:
        """Tell whether nothing would be lost if this laptop were wiped now."""
        bench, record = self._bench, self._bench.record
        record.catch_up()
        failures = len(bench.ring.untold_failures())
        holdings = [
            evidence.holding_of(
                shelf,
                evidence.ledger_of(shelf.log),
                record.seat.device,
                self._folder_of(shelf),
                owed=evidence.owed_notes(shelf) + (failures if shelf is record.standard else 0),
            )
            for shelf in record.shelves
        ]
        return may_wipe(
            holdings,
            unseen=self._unseen,
            attachments=sum(evidence.unsent_attachments(shelf, record.seat.device) for shelf in record.shelves),
            names_key_alone=record.admitted and not self._others_with_names_key(),
        )

    def note_waiting(self) -> None:
        """Note for the unlock page how many records about subjects wait for the server.

        Those of the standard shelf alone: the page is read by blinded colleagues too.
        """
        unsent = self._bench.record.standard.unsent(self._bench.record.seat.device)
        evidence.note_waiting(self._folder, sum(1 for subject in unsent.values() if subject is not None))

    def _folder_of(self, shelf: Shelf) -> VaultFolder:
        return self._folder.unblinding if shelf.name == UNBLINDING else self._folder

    @property
    def _unseen(self) -> bool:
        """Whether a second shelf was ever made here that this session did not open; of that alone it is told."""
        record = self._bench.record
        made = record.standard.setting(MADE) is not None or self._folder.unblinding.path.exists()
        return made and not record.opens_unblinding

    def _others_with_names_key(self) -> bool:
        bench = self._bench
        seat = bench.record.seat
        return bool(
            evidence.others_with_names_key(bench.record.standard.log, bench.directory, bench.place.site, seat.device)
        )

    def _rows(self) -> Iterator[CustodyRow]:
        record = self._bench.record
        subjects = sorted(record.subjects(), key=lambda one: (record.casebook(one).number or "~", one))
        files = self._bench.site_files()
        whole = len(subjects) > EVERY_FORM_UP_TO
        for subject in subjects:
            place = record.places.of_subject(subject)
            if whole and place.custody in {Custody.RECEIVED, Custody.BACKUP}:
                yield self._row(self._name(subject, files), _WHOLE, None, self._commits_of(subject))
            else:
                yield from self._rows_of(subject, self._name(subject, files))
        about_nobody = [
            link.id for ledger in record.places.ledgers() for link in ledger.links.values() if link.subject is None
        ]
        if about_nobody:
            yield self._row("", _NOBODY, None, about_nobody)

    def _name(self, subject: SubjectId, files: frozenset[SubjectId]) -> str:
        casebook = self._bench.record.casebook(subject)
        return (casebook.site if subject in files else casebook.number) or ""

    def _commits_of(self, subject: SubjectId) -> list[CommitId]:
        ledgers = self._bench.record.places.ledgers()
        return [link.id for ledger in ledgers for link in ledger.links.values() if link.subject == subject]

    def _rows_of(self, subject: SubjectId, number: str) -> Iterator[CustodyRow]:
        record = self._bench.record
        left = set(self._commits_of(subject))
        for key, state in record.casebook(subject).forms.items():
            commits = left & state.commits
            if commits and key.form in self._bench.design.forms:
                left -= commits
                yield self._row(number, self._form_words(key), self._visit_words(key), commits, key)
        for key in record.drafts:
            if key.subject == subject and key not in record.casebook(subject).forms:
                yield self._row(number, self._form_words(key), self._visit_words(key), (), key)
        if left:
            yield self._row(number, _BESIDE, None, left)

    def _form_words(self, key: FormKey) -> Text:
        return self._bench.design.form(key.form).label

    def _visit_words(self, key: FormKey) -> Text | None:
        return next((one.label for one in self._bench.design.visits if one.oid == key.visit.visit), None)

    def _row(
        self, number: str, what: Text, occasion: Text | None, commits: Iterable[CommitId], key: FormKey | None = None
    ) -> CustodyRow:
        record = self._bench.record
        places = [record.places.where(one) for one in commits]
        here = sum(1 for one in places if one.custody is Custody.HERE_ONLY)
        is_open = key is not None and key in record.drafts
        where = Where(custody=Custody.HERE_ONLY) if is_open else weakest(places)
        return CustodyRow(
            number=number,
            what=what,
            occasion=occasion,
            key=key,
            records=len(places),
            here_only=here + int(is_open),
            whereis=views.whereis_of(where, self._bench.design.utc_offset_minutes),
        )

    def table(self, language: str) -> bytes:
        """Return the custody table as CSV (UTF-8 with a mark, so that spreadsheets read it).

        Raises:
            Refusal: The signed-in person may not print; a table has no page to say that it is training.
        """
        self._bench.permissions.require("print")
        self._bench.refuse_in_training()
        view = self.view()
        self._bench.note("print", {"kind": "custody"})
        return table_csv(view, language)

    # -- retiring ------------------------------------------------------------------------------------

    def begin_retiring(self, passphrase: str, site: str, *, rescue: bool) -> WipeVerdict:
        """Prove who retires the laptop, seal what is open and note it in the record; an exchange is to follow.

        Args:
            rescue: A rescue copy will be made, so that what is only here is not lost.

        Raises:
            Refusal: The signed-in person may not administer laptops; in training nobody retires one.
            SiteNumberMistypedError: Another number was typed.
            WrongPassphraseError, WaitBeforeRetryError: The passphrase is not theirs.
            NotSafeToWipeError: Something keeps the laptop that an exchange does not bring away.
        """
        bench = self._bench
        bench.permissions.require("administer")
        bench.refuse_in_training()
        if site.strip() != bench.place.site:
            raise SiteNumberMistypedError(site=bench.place.site)
        bench.ring.prove(passphrase)
        bench.save_all(None)
        verdict = self.verdict()
        if not rescue and any(kept not in _BROUGHT_BY_EXCHANGE for kept, _ in verdict.reasons):
            raise NotSafeToWipeError
        self._note(evidence.RETIRED)
        bench.record.standard.set_setting(_BEGUN, "1")
        return verdict

    def retire(self, rescue_to: str | None) -> Retired:
        """Wipe the laptop: keys first, then files. The session is over when this returns.

        Args:
            rescue_to: The folder for a rescue copy, which is then made and verified first; None for none.

        Raises:
            NotSafeToWipeError: Something would be lost, and no rescue copy is wanted; the laptop stays.
            RescueTargetRefusedError, RescueUnreadableError, DiskFullError, DiskFailedError: No copy could be made
                that holds everything; the laptop stays.
            VaultInUseError: Another process took the folder; the session is over, and the laptop stays.
        """
        record = self._bench.record
        try:
            copy = self._rescue(rescue_to)
        except BaseException:
            self.keep()
            raise
        self._ended = True
        record.close()
        with VaultLock(self._folder):
            self._folder.ballast.release()
            begin_retiring(self._folder, copy)
            left = finish_retiring(self._folder)
        return Retired(
            copy=str(copy.path) if copy is not None else "", sha256=copy.sha256 if copy is not None else "", left=left
        )

    def _rescue(self, to: str | None) -> RescueCopy | None:
        """Make the rescue copy that is wanted; without one, refuse where something would be lost."""
        if to is not None:
            # A bundle beside it, which the server opens without the custodians; the copy holds everything anyway.
            written = self._bundling.write(to, None, lambda _: None, StopSign())
            if isinstance(written.error, BundleRoomError):
                self._bundling.write(to, None, lambda _: None, StopSign(), attachments=False)
            return write_rescue(self._folder, Path(to), self._bench.record.seat.clock())
        if self.verdict().reasons:
            raise NotSafeToWipeError
        return None

    def keep(self) -> None:
        """Note that the laptop was not retired after all."""
        with suppress(UnavailableError):
            self._note(evidence.KEPT)
            self._bench.record.standard.set_setting(_BEGUN, "")

    def _note(self, event: str) -> None:
        """Seal a note where everybody of the site reads it: it says nothing of any subject."""
        seat = self._bench.record.seat
        fields = {"device": str(seat.device)}
        self._bench.record.seal([(SecurityPayload(event=event, fields=fields), STANDARD)])


_HEADINGS = {
    "en": ("Subject", "Form", "Visit", "Saves", "Only here", "Where", "Received", "Bundle"),
    "zh": ("受试者", "表单", "访视", "保存次数", "仅在本机", "位置", "接收时间", "数据包"),
}
_PLACES = {
    "en": {
        Custody.NOTHING: "",
        Custody.HERE_ONLY: "this laptop only",
        Custody.BUNDLE: "in a bundle",
        Custody.RECEIVED: "received",
        Custody.BACKUP: "in a backup of the server",
    },
    "zh": {
        Custody.NOTHING: "",
        Custody.HERE_ONLY: "仅在本机",
        Custody.BUNDLE: "在数据包中",
        Custody.RECEIVED: "服务器已接收",
        Custody.BACKUP: "已在服务器备份中",
    },
}


def table_csv(view: CustodyView, language: str) -> bytes:
    """Return the lines of a custody view as CSV, UTF-8 with a byte order mark, times with their offset."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_HEADINGS[language])
    for row in view.rows:
        where = row.whereis
        writer.writerow(
            (
                row.number,
                row.what(language),
                row.occasion(language) if row.occasion is not None else "",
                row.records,
                row.here_only,
                _PLACES[language][where.custody],
                where.at.isoformat(timespec="seconds") if where.at is not None else "",
                where.bundle or "",
            )
        )
    return out.getvalue().encode("utf-8-sig")
