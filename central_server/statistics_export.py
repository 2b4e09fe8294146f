"""`casebook-server export`: the record of the study's sites as files, for the study statistician.

Without `--unblinded` only shelf S goes out. With it the key of the unblinding store is asked for, and the study's
record says who took it and why, before anything is written.

Source: docs/operations.md, section "Export"; docs/export.md; 21 CFR 11.10(b); ICH E9 2.3.1.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import casebook
from casebook import payloads
from casebook.errors import CommitUnreadableError, ServerFolderError, UnknownSiteError
from casebook.export import ExportContext, ExportPerson, export_record, write_export
from casebook.ids import CommitId, SubjectId, UserId, site_file_id, user_id
from casebook.ledger import SealedCommit
from casebook.links import Links, joined
from casebook.projection import Casebook, project
from casebook.sync.judging import StudyJudge
from casebook.sync.trust import Directory
from casebook.versions import Designs
from central_server.app import Stores

STATISTICIAN = user_id("statistician")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteExport:
    """What went out of one site. `held`: records that a verdict keeps from counting."""

    site: str
    path: Path
    subjects: int
    forms: int
    unreadable: int
    held: int


def chosen_sites(directory: Directory, wanted: Sequence[str]) -> tuple[str, ...]:
    """Return the sites to export, all for none named. Raises UnknownSiteError."""
    known = [one.site for one in directory.sites()]
    for site in wanted:
        if site not in known:
            raise UnknownSiteError(what="site", name=site)
    return tuple(wanted) or tuple(known)


def export_sites(
    stores: Stores,
    directory: Directory,
    designs: Designs,
    *,
    out: Path,
    sites: Sequence[str],
    at: datetime,
    note: Callable[[str], None],
) -> tuple[SiteExport, ...]:
    """Write a folder for each site that has records.

    Args:
        stores: What goes out: with the unblinding store, everything; else shelf S alone.
        out: The folder to make.
        note: Told a site before its files appear.

    Raises:
        ServerFolderError: `out` exists.
        ExportInvalidError, FileUnwritableError: A site's folder was not written; those before it were.
    """
    try:
        out.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise ServerFolderError(folder=out, why="it exists already") from None
    record = _by_site(stores)
    held = StudyJudge(stores.by_shelf, directory, designs.current).held()
    return tuple(
        _export(record[site], directory, designs, held, out=out / site, site=site, at=at, note=note)
        for site in sites
        if site in record
    )


def _by_site(stores: Stores) -> dict[str, dict[SubjectId, list[SealedCommit]]]:
    found: dict[str, dict[SubjectId, list[SealedCommit]]] = {}
    for log in stores.by_shelf.values():
        for commit in log.commits():
            try:
                subject = payloads.subject_of(commit)
            except CommitUnreadableError:
                continue
            if subject is not None:
                found.setdefault(commit.parsed.site, {}).setdefault(subject, []).append(commit)
    return found


def _export(
    record: Mapping[SubjectId, Iterable[SealedCommit]],
    directory: Directory,
    designs: Designs,
    held: frozenset[CommitId],
    *,
    out: Path,
    site: str,
    at: datetime,
    note: Callable[[str], None],
) -> SiteExport:
    place = directory.site(site)
    context = ExportContext(
        exported_at=at,
        exported_by=STATISTICIAN,
        site=site,
        site_name=place.name if place is not None else site,
        app_version=casebook.__version__,
        people=_people(directory, designs, site),
        letters={one.device: one.letter for one in directory.devices(site)},
    )
    casebooks = _joined(record, directory, designs, held)
    own_file = casebooks.pop(site_file_id(designs.current.code, site), None)
    counts: list[tuple[int, int, int]] = []

    def fill(folder: Path) -> None:
        done = export_record(
            folder, designs.current, list(casebooks.values()), context, site=own_file, earlier=designs.earlier
        )
        counts.append((done.subjects, done.forms, done.unreadable))

    written = write_export(out, fill, at=at, note=lambda _: note(site))
    ((subjects, forms, unreadable),) = counts
    kept_back = sum(len(one.held) for one in casebooks.values())
    return SiteExport(
        site=site, path=written.path, subjects=subjects, forms=forms, unreadable=unreadable, held=kept_back
    )


def _joined(
    record: Mapping[SubjectId, Iterable[SealedCommit]],
    directory: Directory,
    designs: Designs,
    held: frozenset[CommitId],
) -> dict[SubjectId, Casebook]:
    """Return the casebooks of a site, those of one person beside each other."""
    roles = {role.oid: role.rights for role in designs.current.roles}

    def may(user: UserId, right: str) -> bool:
        member = directory.member(user)
        return member is not None and right in roles.get(member.role, ())

    acts = {subject: tuple(commits) for subject, commits in record.items()}
    links = Links.of((one for commits in acts.values() for one in commits), may=may, held=held)
    own = {subject: project(subject, commits, held=held) for subject, commits in acts.items()}
    return {
        subject: joined(casebook, links, lambda one: own.get(one) or Casebook(subject=one))
        for subject, casebook in own.items()
    }


def _people(directory: Directory, designs: Designs, site: str) -> dict[UserId, ExportPerson]:
    roles = {role.oid: role for role in designs.current.roles}
    people = {}
    for member in (*directory.staff(site), *directory.given(site)):
        role = roles.get(member.role)
        if role is not None:
            people[member.user] = ExportPerson(role=role.oid, role_label=role.label, signs="sign" in role.rights)
    return people
