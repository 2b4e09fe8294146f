"""What can be printed of a casebook, drawn and signed.

The libraries behind it are slow to load, so `casebook.paper.desk` loads them at the first use, on the
store thread.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from casebook.design import StudyDesign, Text
from casebook.errors import UnknownItemError
from casebook.ids import UserId
from casebook.paper import desk
from casebook.paper.context import INVESTIGATOR, PaperContext, PaperMark, PaperPerson, PrintedSignature
from casebook.paper.table import Table
from casebook.payloads import BlobPayload
from casebook.projection import Casebook
from casebook.records import FormKey, VisitKey
from desktop_app.paper_tables import (
    ELIGIBILITY_TITLE,
    TIMELINE_TITLE,
    eligibility_table,
    screening_table,
    timeline_table,
    versions_table,
)
from desktop_app.reader import Reader
from desktop_app.snapshots import PaperItem, Person, SubjectRow
from desktop_app.standing import eligibility_view
from desktop_app.version_snapshots import VersionsView

CONSENT = "consent"
VISIT = "visit"
ELIGIBILITY = "eligibility"
TIMELINE = "timeline"
_PDF = "application/pdf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paperwork:
    """The papers of one casebook, for one person at one moment."""

    design: StudyDesign
    reader: Reader
    site_name: str
    people: dict[UserId, Person]
    person: Person
    printed_at: datetime
    training: bool = False
    """Every page says that it is no record of the study."""
    signatures: Callable[[VisitKey], tuple[PrintedSignature, ...]] = lambda _visit: ()
    """The signatures on the forms of a visit."""

    def items(self) -> tuple[PaperItem, ...]:
        """Return each consent that was begun, eligibility, the timeline, then each visit that was begun."""
        consents = [
            PaperItem(kind=CONSENT, key=key, visit=None, label=self.design.form(key.form).label)
            for key in self.reader.keys
            if self.design.form(key.form).consent
        ]
        visits = dict.fromkeys(key.visit for key in (*self.reader.keys, *self._of_others))
        begun = bool(self.reader.keys) and bool(self.design.criteria)
        drawn = bool(self.reader.keys) and not self.reader.chronology().is_empty
        return (
            *consents,
            *([PaperItem(kind=ELIGIBILITY, key=None, visit=None, label=ELIGIBILITY_TITLE)] if begun else []),
            *([PaperItem(kind=TIMELINE, key=None, visit=None, label=TIMELINE_TITLE)] if drawn else []),
            *(PaperItem(kind=VISIT, key=None, visit=visit, label=self._visit_label(visit)) for visit in visits),
        )

    @property
    def _of_others(self) -> tuple[FormKey, ...]:
        """The forms that were entered under other numbers of the same person."""
        found = (key for one in self._casebook.also for key in one.forms if key.form in self.design.forms)
        return tuple(sorted(found))

    def _visit_label(self, visit: VisitKey) -> Text:
        return self.design.visit(visit.visit).label

    def draw(self, item: PaperItem) -> bytes:
        """Return the unsigned PDF. Raises UnknownItemError when there is no such paper."""
        context = self._context
        view = eligibility_view(self.reader) if item.kind == ELIGIBILITY else None
        if view is not None:
            return desk.print_table(self.design, eligibility_table(self.reader, view, self.site_name), context)
        if item.kind == TIMELINE:
            chronology = self.reader.chronology()
            table = timeline_table(self.reader, chronology, self.site_name)
            return desk.print_table(self.design, table, context, chronology)
        if item.kind == CONSENT and item.key is not None:
            return desk.print_consent(self.design, self._casebook, item.key, context, around=self.reader.around)
        if item.kind == VISIT and item.visit is not None:
            signed = replace(context, signatures=self.signatures(item.visit))
            return desk.print_visit(self.design, self._casebook, item.visit, signed, around=self.reader.around)
        raise UnknownItemError(form=item.kind, item=item.kind)

    def draw_log(self, rows: Sequence[SubjectRow], site: str) -> bytes:
        """Return the screening log of the site as a PDF."""
        return desk.print_table(self.design, screening_table(rows, site, self.site_name), self._context)

    def draw_versions(self, view: VersionsView, site: str) -> bytes:
        """Return what a version changes at the site as a PDF."""
        return desk.print_table(self.design, versions_table(view, site, self.site_name), self._context)

    def draw_table(self, table: Table) -> bytes:
        """Return a table about the site or its people as a PDF."""
        return desk.print_table(self.design, table, self._context)

    @property
    def _casebook(self) -> Casebook:
        """The casebook without the forms of which only single items may be seen."""
        book = self.reader.casebook
        return replace(self._shown(book), also=tuple(self._shown(one) for one in book.also))

    def _shown(self, book: Casebook) -> Casebook:
        return replace(book, forms={key: one for key, one in book.forms.items() if key.form not in self.reader.hidden})

    @property
    def _context(self) -> PaperContext:
        return PaperContext(
            printed_by=self.person.name,
            printed_at=self.printed_at,
            site_name=self.site_name,
            people={user: PaperPerson(name=one.name, role=one.role_label) for user, one in self.people.items()},
            languages=self.design.languages,
            mark=PaperMark.TRAINING if self.training else None,
        )

    def sign(self, item: PaperItem, rsa_key: bytes, certificate: bytes, authority: bytes, meaning: str) -> BlobPayload:
        """Draw a paper, sign it as the signed-in person, and return it as the record keeps it.

        Args:
            rsa_key: PKCS#8 DER; `certificate`, `authority`: DER.
            meaning: `authorship`, `review` or `approval`.
        """
        signer = desk.load_signer(key_der=rsa_key, certificate_der=certificate, authority_der=authority)
        pdf = desk.sign_paper(
            self.draw(item),
            signer,
            name=self.person.name,
            meaning=meaning,
            at=self.printed_at,
            field=INVESTIGATOR,
            languages=self.design.languages,
        )
        return BlobPayload(key=self._home(item), name=self._name(item), media_type=_PDF, content=pdf)

    def _home(self, item: PaperItem) -> FormKey:
        """Return the form instance to which a paper belongs: of a visit the first entered, else the first of all."""
        if item.key is not None:
            return item.key
        for key in (*self.reader.keys, *self._of_others):
            if item.visit in {None, key.visit}:
                return key
        raise UnknownItemError(form=item.kind, item=item.kind)

    def _name(self, item: PaperItem) -> str:
        what = item.key.form if item.key is not None else item.visit.visit if item.visit is not None else item.kind
        stamp = self.printed_at.strftime("%Y%m%dT%H%M")
        name = f"{self.reader.casebook.number} {what} {stamp}.pdf"
        return f"TRAINING {name}" if self.training else name
