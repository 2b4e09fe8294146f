"""Signing forms: what awaits the signature of who is signed in, and signing several in one act.

Source: 21 CFR 11.50 (name, time, meaning), 11.70 (link to the content), 11.200 (identification at signing).
"""

from collections.abc import Iterable, Sequence

from casebook.contributions import Contribution
from casebook.design import Text
from casebook.errors import OtherSignerError, SignedContentChangedError
from casebook.ids import SubjectId
from casebook.ledger import STANDARD
from casebook.oversight import (
    FormFlags,
    FormSignature,
    content_digests,
    decisions,
    printed_digest,
    readable,
)
from casebook.oversight.decisions import RIGHT_OF_MEANING, STATEMENTS, ToSign
from casebook.paper.context import PrintedSignature
from casebook.projection import FormState
from casebook.records import FormKey, VisitKey
from casebook.rights import Allowed, Refusal, Rights
from casebook.supervision import Authentication, Meaning, SignPayload
from desktop_app.oversight_gather import Gathered
from desktop_app.oversight_snapshots import Obstacle, SignatureLine, SigningView, SignLine
from desktop_app.oversight_views import form_label, item_label, joined, same, says, signature_line, visit_label

CONTINUOUS_MS = 10 * 60_000
"""For how long after a signature the next one of the same session asks for the passphrase alone."""


class SigningDesk:
    """Signs for one session."""

    def __init__(self, gathered: Gathered) -> None:
        """Nothing was signed in this session yet."""
        self._gathered = gathered
        self._bench = gathered.bench
        self._signed_at: tuple[str, int] | None = None

    # -- what stands -----------------------------------------------------------------------------------------

    def lines(self, signatures: Iterable[FormSignature]) -> tuple[SignatureLine, ...]:
        """Return the signatures on a form in words."""
        around, time_words = self._bench.around(), self._gathered.time_words
        return tuple(signature_line(one, around, self._role_label, time_words(one.said.commit)) for one in signatures)

    def printed(self, subject: SubjectId, visit: VisitKey) -> tuple[PrintedSignature, ...]:
        """Return the signatures on the forms of a visit, form by form, as paper shows them."""
        gathered, design = self._gathered, self._bench.design
        gathered.look()
        return tuple(
            PrintedSignature(
                form=form_label(design, state.key),
                name=line.name,
                role=line.role,
                meaning=line.meaning,
                at=line.at,
                time_label=line.time_label,
                digest=line.digest,
                stands=line.stands,
            )
            for state in gathered.states_of(subject)
            if state.key.visit == visit
            for line in self.lines(gathered.flags(state).signatures)
        )

    def _role_label(self, role: str) -> Text:
        """Return a printed role in both languages, where the study still has it."""
        labels = {
            " / ".join(dict.fromkeys(one.label.by_language.values())): one.label for one in self._bench.design.roles
        }
        return labels.get(role, same(role))

    # -- what awaits -----------------------------------------------------------------------------------------

    def view(self) -> SigningView:
        """Return what awaits the signature; forms that changed since they were signed stand first."""
        gathered = self._gathered
        rights, today = gathered.rights(), gathered.today
        meanings = tuple(one for one in Meaning if _may(rights, one, None, gathered))
        if not meanings:
            refused = rights.may("sign", on=today)
            return SigningView(lines=(), why_not=says(refused) if isinstance(refused, Refusal) else None)
        self._bench.save_all(None)
        gathered.look()
        lines = [line for state in gathered.states() for line in self._awaiting(state, rights, meanings)]
        lines.sort(key=lambda one: not one.changed)
        return SigningView(
            lines=tuple(lines),
            meanings=meanings,
            statements={one: STATEMENTS[one] for one in meanings},
            whole=not self._continues(),
        )

    def _awaiting(self, state: FormState, rights: Rights, meanings: Sequence[Meaning]) -> list[SignLine]:
        gathered, design, key = self._gathered, self._bench.design, state.key
        flags = gathered.flags(state)
        if not state.complete and not flags.changed_since_signed:
            return []
        me = self._bench.record.seat.user
        wanted = [one for one in meanings if _may(rights, one, key.form, gathered) and not _is_signed(flags, one, me)]
        if not wanted:
            return []
        found = decisions.obstacles(rights, wanted[0], [self._to_sign(state)], on=gathered.today)
        return [
            SignLine(
                key=key,
                number=gathered.number_of(key.subject),
                visit=visit_label(design, key.visit.visit),
                form=form_label(design, key),
                meanings=tuple(wanted),
                changed=flags.changed_since_signed,
                digest=self._digest(state),
                apart=tuple(dict.fromkeys(self._saved(one) for one in gathered.oversight.entered_apart(state))),
                obstacles=tuple(
                    Obstacle(
                        what=joined((item_label(design, key, one.path), one.words), ": ")
                        if one.path is not None
                        else one.words,
                        key=key,
                        path=one.path,
                    )
                    for one in found
                ),
            )
        ]

    def _saved(self, one: Contribution) -> str:
        """Return who saved a form, on which laptop, when."""
        around = self._bench.around()
        return f"{around.name_of(one.author)} ({around.letter_of(one.device)}) {one.moment.local:%Y-%m-%d %H:%M}"

    def _to_sign(self, state: FormState) -> ToSign:
        return ToSign(state=state, findings=self._bench.reader(state.key.subject).filled(state.key).findings)

    def _digest(self, state: FormState) -> str:
        gathered = self._gathered
        return printed_digest(content_digests(state, gathered.compartments, self._bench.record.seat.identity_key))

    # -- signing ---------------------------------------------------------------------------------------------

    def _continues(self) -> bool:
        """Tell whether a signature of this session was made just before, by the clock that nobody sets."""
        now = self._bench.record.seat.clock()
        if self._signed_at is None:
            return False
        boot, uptime_ms = self._signed_at
        return now.boot == boot and 0 <= now.uptime_ms - uptime_ms <= CONTINUOUS_MS

    def sign(self, forms: Sequence[tuple[FormKey, str]], meaning: Meaning, user: str, passphrase: str) -> None:
        """Sign forms in one act.

        Args:
            forms: Each with the digest that was shown with it.
            user: The signer's user id; asked for unless a signature of this session was made just before.

        Raises:
            OtherSignerError: The user id is not that of who is signed in.
            WrongPassphraseError, WaitBeforeRetryError: The passphrase is not theirs.
            SignedContentChangedError: A form is not as it was shown.
            Refusal, SignatureObstaclesError, NothingToSignError: It may not be signed so.
        """
        bench, gathered = self._bench, self._gathered
        whole = not self._continues()
        if whole and user.strip() != bench.record.seat.user:
            raise OtherSignerError(user=user.strip())
        bench.ring.prove(passphrase)
        bench.save_all(None)
        authentication = Authentication.FULL if whole else Authentication.NEXT
        by_subject: dict[SubjectId, list[FormState]] = {}
        for key, digest in forms:
            state = gathered.state(key)
            if self._digest(state) != digest:
                raise SignedContentChangedError(form=form_label(bench.design, key).by_language)
            by_subject.setdefault(key.subject, []).append(state)
        written = [(subject, self._payloads(states, meaning, authentication)) for subject, states in by_subject.items()]
        for subject, payloads in written:
            bench.record.seal(payloads, subject=subject)
        now = bench.record.seat.clock()
        self._signed_at = (now.boot, now.uptime_ms)

    def _payloads(
        self, states: Sequence[FormState], meaning: Meaning, authentication: Authentication
    ) -> list[tuple[SignPayload, str]]:
        """Return what is sealed for one subject: a signature tells nothing on a shelf of what lies on another."""
        gathered, bench = self._gathered, self._bench
        parts: dict[str, list[FormState]] = {}
        for state in states:
            parts.setdefault(gathered.compartment(state.key.form), []).append(state)
        identity_key = bench.record.seat.identity_key
        opened = readable(opens_unblinding=False, opens_identity=identity_key is not None)
        return [
            (
                decisions.sign(
                    gathered.rights(),
                    [self._to_sign(state) for state in found],
                    meaning=meaning,
                    authentication=authentication,
                    compartments=opened if where == STANDARD else gathered.compartments,
                    identity_key=identity_key,
                    frontier=gathered.frontier(where),
                    on=gathered.today,
                ),
                where,
            )
            for where, found in parts.items()
        ]


def _may(rights: Rights, meaning: Meaning, form: str | None, gathered: Gathered) -> bool:
    return isinstance(rights.may(RIGHT_OF_MEANING[meaning], form=form, on=gathered.today), Allowed)


def _is_signed(flags: FormFlags, meaning: Meaning, me: str) -> bool:
    """Tell whether a form is signed as it stands; a review by somebody else is not this person's."""
    standing = [one for one in flags.signatures if one.is_current and one.meaning is meaning]
    return any(meaning is not Meaning.REVIEW or one.user == me for one in standing)
