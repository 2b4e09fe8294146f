"""Queries, verification, flags, signatures and held entries of one session: it gathers, the pure core decides."""

from collections.abc import Sequence

from casebook.ids import CommitId, SubjectId
from casebook.records import FormKey, ItemPath
from casebook.supervision import Meaning, Scope
from desktop_app.oversight_snapshots import (
    Act,
    FormOversight,
    HeldLine,
    Offer,
    QueriesView,
    SigningView,
    SubjectOversight,
    VerificationView,
)


class Oversight:
    """The oversight of one session. One thread: the store's."""

    def queries(self) -> QueriesView:
        """Return every query that the person may see."""
        return QueriesView(lines=())

    def raise_query(self, scope: Scope, text: str) -> None:
        """Raise a query."""

    def answer(self, query: str, text: str) -> None:
        """Answer a query."""

    def close(self, query: str, text: str) -> None:
        """Close a query."""

    def reopen(self, query: str, text: str) -> None:
        """Open a query again."""

    def of_form(self, key: FormKey) -> FormOversight:
        """Return what stands beside the values of a form."""
        return FormOversight(key=key)

    def of_subject(self, subject: SubjectId) -> SubjectOversight:
        """Return the flags and queries of a casebook."""
        return SubjectOversight(subject=subject)

    def offers(self, scope: Scope) -> tuple[Offer, ...]:
        """Return what can be done to a place."""
        del scope
        return ()

    def set_flag(self, act: Act, scope: Scope, reason: str) -> None:
        """Freeze, lock or take that back."""

    def verification(self) -> VerificationView:
        """Return what is to be verified."""
        return VerificationView(lines=())

    def verify(self, key: FormKey, path: ItemPath, on: bool) -> None:
        """Mark a value as verified, or take the mark back."""

    def signing(self) -> SigningView:
        """Return what awaits this person's signature."""
        return SigningView(lines=())

    def sign(self, forms: Sequence[tuple[FormKey, str]], meaning: Meaning, user: str, passphrase: str) -> None:
        """Sign forms in one act."""

    def held(self) -> tuple[HeldLine, ...]:
        """Return the entries that are or were held."""
        return ()

    def rule(self, commit: CommitId, accept: bool, reason: str) -> None:
        """Accept or decline a held entry."""
