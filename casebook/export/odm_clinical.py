"""Subjects' data as ODM: what stands now (a snapshot), and every instruction that led there (transactions).

A snapshot has one value for each item, with the audit record of the entry that stands. The transactional
file repeats an item for each entry that was ever made, in causal order: Insert, Update, Remove.

Source: CDISC ODM 1.3.2, 2.3 (transaction types), 3.1.4 (clinical data); 21 CFR 11.10(e); docs/adr/0016.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from casebook.design import Item, StudyDesign
from casebook.export.attached_files import AttachedFile, OfRecord, nothing_attached
from casebook.export.context import ExportContext
from casebook.export.gathered import Cell, FormRecord, Row, SubjectRecord, Why
from casebook.export.odm_metadata import (
    COMPLETE,
    CONFLICT,
    INCOMPLETE,
    MISSING_LIST,
    SINGLE,
    STATE_LIST,
    UNCONFIRMED,
    repeats,
    unit_oid,
    version_oid,
)
from casebook.export.trail import Deed, TrailEntry, item_trail, row_trail
from casebook.export.values import odm_value, shown
from casebook.export.xml import XmlWriter
from casebook.ids import DeviceId
from casebook.records import FormKey, MissingCode, Reading, VisitKey

SIGNATURE = "SIG.PAPER"


def user_oid(user: str) -> str:
    """Return the OID of a person, or of a laptop that acts by itself."""
    return f"USER.{user}"


def location_oid(place: str) -> str:
    """Return the OID of a site, or of a laptop of it."""
    return f"LOC.{place}"


def stamp(moment: datetime) -> str:
    """Return a moment to the second, with its offset."""
    return moment.replace(microsecond=0).isoformat()


class ClinicalWriter:
    """Writes subjects' data and the site's own file."""

    def __init__(
        self,
        writer: XmlWriter,
        design: StudyDesign,
        context: ExportContext,
        *,
        history: bool,
        twice: frozenset[str] = frozenset(),
        attached: OfRecord = nothing_attached,
    ) -> None:
        """Write to `writer`; with `history` as transactions. `twice`: as `write_study`; `attached`: as `write_odm`."""
        self._attached = attached
        self._files: dict[FormKey, list[AttachedFile]] = {}
        self._writer = writer
        self._design = design
        self._context = context
        self._history = history
        self._repeating = {oid for oid, form in design.forms.items() if oid in twice or repeats(design, form)}

    def write(self, subjects: Iterable[SubjectRecord], site: SubjectRecord | None) -> None:
        """Write ReferenceData (the site's own file), then ClinicalData."""
        whole = {"StudyOID": self._design.oid, "MetaDataVersionOID": version_oid(self._design)}
        if site is not None and site.forms:
            with self._writer.inside("ReferenceData", whole):
                for form in site.forms:
                    for row in form.rows:
                        self._group(form, row)
        with self._writer.inside("ClinicalData", whole):
            for subject in subjects:
                self._subject(subject)

    def _transaction(self, kind: str) -> str | None:
        return kind if self._history else None

    def _subject(self, subject: SubjectRecord) -> None:
        self._files = {}
        for file in (file for one in (subject, *subject.also) for file in self._attached(one)):
            self._files.setdefault(file.key, []).append(file)
        attributes = {"SubjectKey": subject.number, "TransactionType": self._transaction("Upsert")}
        with self._writer.inside("SubjectData", attributes):
            self._writer.leaf("SiteRef", {"LocationOID": location_oid(subject.casebook.site or self._context.site)})
            visits: dict[VisitKey, list[tuple[str, FormRecord]]] = {}
            everything = [("", form) for form in subject.forms]
            everything += [(other.number, form) for other in subject.also for form in other.forms]
            for number, form in everything:
                visits.setdefault(form.key.visit, []).append((number, form))
            order = {visit.oid: place for place, visit in enumerate(self._design.visits)}
            for visit in sorted(visits, key=lambda one: order.get(one.visit, len(order))):
                self._visit(visit, visits[visit])

    def _visit(self, visit: VisitKey, forms: Sequence[tuple[str, FormRecord]]) -> None:
        attributes = {
            "StudyEventOID": visit.visit,
            "StudyEventRepeatKey": visit.repeat or None,
            "TransactionType": self._transaction("Upsert"),
        }
        with self._writer.inside("StudyEventData", attributes):
            for number, form in forms:
                self._form(form, number)

    def _form(self, form: FormRecord, number: str) -> None:
        """Write a form; `number`: that of the same person under which it was entered, "" for the subject's own."""
        key = form.key
        repeat = key.repeat or SINGLE
        attributes = {
            "FormOID": key.form,
            "FormRepeatKey": (f"{number}/{repeat}" if number else repeat) if key.form in self._repeating else None,
            "TransactionType": self._transaction("Upsert"),
        }
        with self._writer.inside("FormData", attributes):
            self._paper_signature(form)
            said = f"Entered under {number}, a number of the same person." if number else ""
            self._flags([(STATE_LIST, COMPLETE if form.state.complete else INCOMPLETE)], said)
            for place, file in enumerate(self._files.get(key, ()), start=2):
                with self._writer.inside("Annotation", {"SeqNum": str(place)}):
                    self._writer.leaf("Comment", {"SponsorOrSite": "Site"}, file.words)
            for row in form.rows:
                self._group(form, row)

    def _paper_signature(self, form: FormRecord) -> None:
        """Write the latest signature on a paper of this form; tables have them all."""
        if not form.state.documents or form.form.identity:
            return
        document = form.state.documents[-1]
        with self._writer.inside("Signature"):
            self._who(document.author, self._context.site)
            self._writer.leaf("SignatureRef", {"SignatureOID": SIGNATURE})
            self._writer.leaf("DateTimeStamp", text=stamp(document.moment.local))
            manifest = f"sha256:{document.sha256} {document.media_type}, commit {document.commit}"
            self._writer.leaf("CryptoBindingManifest", text=manifest)

    def _who(self, user: str, place: str) -> None:
        self._writer.leaf("UserRef", {"UserOID": user_oid(user)})
        self._writer.leaf("LocationRef", {"LocationOID": location_oid(place)})

    def _audit(self, *, user: str, device: DeviceId, at: datetime, reason: str, commit: str) -> None:
        with self._writer.inside("AuditRecord"):
            self._who(user, self._context.place(device))
            self._writer.leaf("DateTimeStamp", text=stamp(at))
            if reason:
                self._writer.leaf("ReasonForChange", text=reason)
            self._writer.leaf("SourceID", text=commit)

    def _audit_of(self, line: TrailEntry) -> None:
        self._audit(user=line.author, device=line.device, at=line.moment.local, reason=line.reason, commit=line.commit)

    # -- groups and items ----------------------------------------------------------------------------

    def _group(self, form: FormRecord, row: Row) -> None:
        if self._history:
            self._group_history(form, row)
            return
        if row.struck_reason is not None or not any(cell.value is not None or cell.why for cell in row.cells):
            return
        with self._writer.inside("ItemGroupData", self._group_attributes(row, None)):
            for cell in row.cells:
                self._item(cell)

    @staticmethod
    def _group_attributes(row: Row, transaction: str | None) -> dict[str, str | None]:
        return {
            "ItemGroupOID": row.group.oid,
            "ItemGroupRepeatKey": row.row or None,
            "TransactionType": transaction,
        }

    def _group_history(self, form: FormRecord, row: Row) -> None:
        lines = [line for cell in row.cells for line in self._instructions(form, cell)]
        deeds = row_trail(form.state, row.group.oid, row.row) if row.group.repeating else ()
        added = next((one for one in deeds if one.deed is Deed.ROW_ADDED), None)
        if not lines and added is None:
            return
        kind = "Upsert" if added is None else "Insert"
        with self._writer.inside("ItemGroupData", self._group_attributes(row, kind)):
            if added is not None:
                self._audit_of(added)
            for transaction, line in lines:
                self._entry(transaction, line)
        for one in deeds:
            if one.deed is Deed.ROW_STRUCK:
                with self._writer.inside("ItemGroupData", self._group_attributes(row, "Remove")):
                    self._audit_of(one)

    @staticmethod
    def _instructions(form: FormRecord, cell: Cell) -> Iterator[tuple[str, TrailEntry]]:
        """Yield what each entry of an item does to it, in causal order; clearing what is empty does nothing."""
        stands = False
        for line in item_trail(form.state, form.form, cell.path):
            if line.deed is Deed.CLEARED:
                if stands:
                    yield "Remove", line
                stands = False
                continue
            yield ("Update" if stands else "Insert"), line
            stands = True

    def _entry(self, transaction: str, line: TrailEntry) -> None:
        item = line.item
        if item is None:
            return
        flags = [(STATE_LIST, CONFLICT)] if line.in_conflict else []
        flags += [(STATE_LIST, UNCONFIRMED)] if line.unconfirmed else []
        if transaction == "Remove":
            attributes: dict[str, str | None] = {"ItemOID": item.oid, "TransactionType": transaction}
            with self._writer.inside("ItemData", attributes):
                self._audit_of(line)
                self._flags(flags)
            return
        self._value(item, line.reading, transaction, flags, line)

    def _item(self, cell: Cell) -> None:
        """Write an item as it stands; what is not asked any more, and what nobody answered, is not there."""
        item = cell.item
        if cell.why == Why.NOT_ASKED or (cell.value is None and not cell.why):
            return
        flags: list[tuple[str, str]] = []
        if cell.why == Why.CONFLICT:
            flags.append((STATE_LIST, CONFLICT))
        if cell.entry is not None and cell.entry.unconfirmed:
            flags.append((STATE_LIST, UNCONFIRMED))
        missing = MissingCode(cell.why) if cell.why in tuple(MissingCode) else None
        value = cell.value if cell.value is None or item.derivation is None else shown(item, cell.value)
        self._value(item, Reading(value=value, missing=missing), None, flags, cell)

    def _value(
        self,
        item: Item,
        reading: Reading,
        transaction: str | None,
        flags: Sequence[tuple[str, str]],
        origin: TrailEntry | Cell,
    ) -> None:
        value = None if reading.value is None else odm_value(item, reading.value)
        attributes = {
            "ItemOID": item.oid,
            "TransactionType": transaction,
            "IsNull": "Yes" if value is None else None,
            "Value": None if value is None else value.text,
        }
        with self._writer.inside("ItemData", attributes):
            if isinstance(origin, TrailEntry):
                self._audit_of(origin)
            elif origin.entry is not None:
                entry = origin.entry
                self._audit(
                    user=entry.author,
                    device=entry.device,
                    at=entry.moment.local,
                    reason=entry.reason or "",
                    commit=entry.commit,
                )
            if value is not None and value.unit:
                self._writer.leaf("MeasurementUnitRef", {"MeasurementUnitOID": unit_oid(value.unit)})
            missing = [(MISSING_LIST, str(reading.missing))] if reading.missing is not None else []
            self._flags([*missing, *flags])

    def _flags(self, flags: Sequence[tuple[str, str]], comment: str = "") -> None:
        if not flags:
            return
        with self._writer.inside("Annotation", {"SeqNum": "1"}):
            if comment:
                self._writer.leaf("Comment", {"SponsorOrSite": "Site"}, comment)
            for code_list, code in flags:
                with self._writer.inside("Flag"):
                    self._writer.leaf("FlagValue", {"CodeListOID": code_list}, code)
