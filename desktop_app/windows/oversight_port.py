"""What windows may ask of `session.oversight`: protocols, no code.

Every call runs on the store thread of `desktop_app.background`. Refusals are `casebook.errors.CasebookError`s.
"""

from collections.abc import Sequence
from typing import Protocol

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


class OversightPort(Protocol):
    """Queries, verification, flags, signatures and held entries of an unlocked session."""

    # -- queries --

    def queries(self) -> QueriesView:
        """Return every query that the person may see, those not closed first."""

    def raise_query(self, scope: Scope, text: str) -> None:
        """Raise a query on an item, a form, a visit or a subject."""

    def answer(self, query: str, text: str) -> None:
        """Answer a query."""

    def ask(self, query: str, text: str) -> None:
        """Ask the site about a conflict."""

    def choose(self, query: str, side: str | None, reason: str) -> FormKey:
        """Settle a conflict: one side counts as a whole; None empties a sitting, to be entered anew."""

    def close(self, query: str, text: str) -> None:
        """Close a query; `text` may be ""."""

    def reopen(self, query: str, text: str) -> None:
        """Open a closed or answered query again."""

    # -- flags --

    def of_form(self, key: FormKey) -> FormOversight:
        """Return what stands beside the values of a form."""

    def of_subject(self, subject: SubjectId) -> SubjectOversight:
        """Return the flags and queries of a whole casebook."""

    def offers(self, scope: Scope) -> tuple[Offer, ...]:
        """Return what can be done to a place, also what this person may not do, with the reason."""

    def set_flag(self, act: Act, scope: Scope, reason: str) -> None:
        """Freeze, lock or take that back, with a reason."""

    # -- source data verification --

    def verification(self) -> VerificationView:
        """Return what is to be verified at the site, and how far that is."""

    def verify(self, key: FormKey, path: ItemPath, on: bool) -> None:
        """Mark a value as verified against its source, or take the mark back."""

    # -- signatures --

    def signing(self) -> SigningView:
        """Return what awaits this person's signature."""

    def sign(self, forms: Sequence[tuple[FormKey, str]], meaning: Meaning, user: str, passphrase: str) -> None:
        """Sign forms in one act, each with the digest that was shown."""

    # -- held entries --

    def held(self) -> tuple[HeldLine, ...]:
        """Return the entries that are or were held."""

    def rule(self, commit: CommitId, accept: bool, reason: str) -> None:
        """Accept or decline a held entry."""
