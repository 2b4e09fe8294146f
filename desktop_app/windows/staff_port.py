"""What windows may ask around people and the audit trail: protocols, no code.

As `desktop_app.windows.port`: every call runs on the store thread unless it says that it is the sync thread's.
"""

from datetime import date
from typing import Protocol

from casebook.ids import CommitId, SubjectId, UserId
from casebook.records import FormKey, ItemPath
from desktop_app.audit_snapshots import AuditQuestion, AuditView
from desktop_app.staff_snapshots import (
    DelegationView,
    Invited,
    KeysMade,
    MatrixView,
    RedactView,
    SecondPerson,
    SheetOffer,
    StaffView,
    Unblinded,
)


class AuditPort(Protocol):
    """The audit trail of the session's record."""

    def page(self, question: AuditQuestion) -> AuditView:
        """Return one page of what is asked for, the newest first."""

    def paper(self, question: AuditQuestion) -> bytes:
        """Return what is asked for as a PDF, the oldest first."""

    def tables(self, question: AuditQuestion, language: str) -> bytes:
        """Return what is asked for as a CSV file."""


class RedactPort(Protocol):
    """Taking values out of the record, by two people."""

    def entries(self, key: FormKey, path: ItemPath) -> RedactView:
        """Return the entries of an item that hold a value or words, the newest first."""

    def redact(
        self, key: FormKey, path: ItemPath, commit: CommitId, reason: str, passphrase: str, second: UserId, other: str
    ) -> RedactView:
        """Take the value that one entry gave out of the record."""


class StaffPort(Protocol):
    """The people of the site and of this laptop."""

    def view(self) -> StaffView:
        """Return who belongs to the site."""

    def invite(self, user: str, name: str, role: str) -> Invited:
        """Return somebody new, for whom keys can be made."""

    def invite_again(self, user: UserId) -> Invited:
        """Return a colleague who forgot the passphrase, for whom new keys can be made."""

    def make_keys(self, invited: Invited, passphrase: str) -> KeysMade:
        """Make their keys, sealed by the passphrase that they typed. The sync thread's: it takes seconds."""

    def announce(self, made: KeysMade) -> StaffView:
        """Record that somebody was let in with these keys; the next exchange has them certified."""

    def certify_me(self, code: str) -> UserId:
        """Have the signed-in person's own keys certified by a personal code. The sync thread's."""

    def remove(self, user: UserId, passphrase: str) -> StaffView:
        """Take a person's way in from this laptop, and renew its keys. `passphrase`: of the signed-in person."""

    def delegations(self) -> DelegationView:
        """Return the delegation log of the site."""

    def delegate(
        self, user: UserId, role: str, duties: tuple[str, ...], start: date, end: date | None, passphrase: str
    ) -> DelegationView:
        """Add an entry to the delegation log, signed by the signed-in principal investigator."""

    def end_delegation(self, entry: str, day: date, reason: str, passphrase: str) -> DelegationView:
        """End an entry of the delegation log."""

    def delegation_paper(self) -> bytes:
        """Return the delegation log as a PDF."""

    def matrix(self) -> MatrixView:
        """Return what each role may do and see."""

    def matrix_paper(self) -> bytes:
        """Return the same as a PDF."""

    def begin_sheet(self) -> SheetOffer:
        """Make a new recovery sheet; it counts, and the old one ends, once its code was typed back."""

    def test_sheet(self, code: str) -> None:
        """Open the new sheet with the code as it was typed back."""

    def seconds(self, right: str) -> tuple[SecondPerson, ...]:
        """Return who may be the second person of an act that takes this right."""

    def blinded_people(self) -> tuple[SecondPerson, ...]:
        """Return the blinded people of the site: who may have been told."""

    def unblind(
        self, subject: SubjectId, told: UserId | None, reason: str, passphrase: str, second: UserId, other: str
    ) -> Unblinded:
        """Record, by two people, that a blinded assessor was told a subject's treatment; begin the deviation."""
