"""Commits of a small history in the shipped study, and what their audit trail needs."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from casebook import payloads
from casebook.audit import AuditContext, AuditLine, audit_of
from casebook.design import StudyDesign, Text
from casebook.ids import CommitRef, DeviceId, SubjectId, UserId, ref_of
from casebook.ledger import Header, SealedCommit
from casebook.locations import data_folder
from casebook.payloads import Payload
from casebook.records import FormKey, ItemPath, MissingCode, Operation, Reading, SetItem, VisitKey
from casebook.study_files import read_study
from casebook.timekeeping import TimeLabel, Timeline, TimeStanding
from tests.casebook.commits import Laptop

COORDINATOR = UserId("coordinator")
INVESTIGATOR = UserId("investigator")
NAMES = {COORDINATOR: "Coordinator A", INVESTIGATOR: "Investigator A"}
ROLES = {
    COORDINATOR: Text({"en": "Coordinator", "zh": "协调员"}),
    INVESTIGATOR: Text({"en": "Investigator", "zh": "研究者"}),
}


@cache
def design() -> StudyDesign:
    """Return the shipped study."""
    return read_study(data_folder("forms") / "rescue_end_low")


def vitals(subject: SubjectId, visit: str = "SE.V1", form: str = "F.VS") -> FormKey:
    return FormKey(subject=subject, visit=VisitKey(visit=visit), form=form)


def entry(
    item: str,
    value: str | None,
    *bases: SealedCommit,
    group: str = "IG.VS.OTHER",
    row: str = "",
    reason: str | None = None,
    missing: MissingCode | None = None,
) -> SetItem:
    refs: tuple[CommitRef, ...] = tuple(ref_of(base.id) for base in bases)
    return SetItem(
        path=ItemPath(group=group, item=item, row=row),
        reading=Reading(value=value, missing=missing),
        bases=refs,
        reason=reason,
    )


def save(laptop: Laptop, key: FormKey, *done: Operation, recovered_for: UserId | None = None) -> SealedCommit:
    version = design().forms[key.form].version if key.form in design().forms else "0" * 64
    return laptop.seal(
        payloads.DataPayload(key=key, form_version=version, operations=done, recovered_for=recovered_for)
    )


class Site:
    """Two laptops of a site, one subject, and the context in which their trail is read."""

    def __init__(self) -> None:
        self.one = Laptop(seed=1)
        self.two = Laptop(seed=2, author="investigator")
        self.subject, self.added = self.one.add_subject("001-A001")
        self.key = vitals(self.subject)
        self.timeline = Timeline()

    def letter_of(self, device: DeviceId) -> str:
        return {self.one.device: "A", self.two.device: "B"}.get(device, "")

    def number_of(self, subject: SubjectId) -> str:
        return "001-A001" if subject == self.subject else ""

    def time_of(self, header: Header) -> TimeLabel:
        return self.timeline.label(header)

    def context(self, identity_key: bytes | None = None) -> AuditContext:
        def read(commit: SealedCommit) -> Payload | None:
            return payloads.read(commit, identity_key)

        return AuditContext(
            design=design(),
            name_of=lambda user: NAMES.get(user, user),
            role_of=lambda user: ROLES.get(user, Text({"en": "", "zh": ""})),
            letter_of=self.letter_of,
            number_of=self.number_of,
            time_of=self.time_of,
            read=read,
        )

    def lines(self, *commits: SealedCommit) -> list[AuditLine]:
        return list(audit_of(commits, self.context()))


VERIFIED = TimeLabel(standing=TimeStanding.VERIFIED, uncertainty_ms=1000)


def verified(context: AuditContext, which: Iterable[str] = ()) -> AuditContext:
    """Return a context in which all times are verified but those of some commits' devices."""
    off = frozenset(which)
    return replace(
        context,
        time_of=lambda header: (
            TimeLabel(standing=TimeStanding.OFF, off_ms=3_600_000) if header.device in off else VERIFIED
        ),
    )
