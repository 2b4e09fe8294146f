"""Study definitions: a folder of TOML files, read strictly into a `StudyDesign`.

Everything is refused that cannot be meant: unknown keys, names that lead nowhere, texts without a
translation, rules that no release can evaluate. The first mistake is told with file, place and remedy;
`find_faults` tells all of them.

Source: docs/study_files.md.
"""

import re
from importlib.resources.abc import Traversable

from casebook.design import StudyDesign
from casebook.errors import StudyFileError
from casebook.study_files.canonical_form import named
from casebook.study_files.drawings import read_drawings, refuse_unused
from casebook.study_files.edit_checks import expand, read_every
from casebook.study_files.forms import read_code_lists, read_forms
from casebook.study_files.nodes import Faults, Node, load_file, read_texts
from casebook.study_files.people import read_blinding, read_roles
from casebook.study_files.references import References, refuse_unparted_labels, used_lists
from casebook.study_files.study_wide import (
    read_anchors,
    read_approvals,
    read_deviations,
    read_eligibility,
    read_idle_minutes,
    read_same,
    read_statuses,
)
from casebook.study_files.timeline import check_timeline, read_timeline
from casebook.study_files.visits import read_absences, read_consents, read_reasons, read_visits

FORMAT = 1
"""The only format of study folders so far."""

_OFFSET = re.compile(r"([+-])(0\d|1[0-4]):([0-5]\d)")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")

__all__ = ["FORMAT", "find_faults", "read_study"]


def read_study(folder: Traversable) -> StudyDesign:
    """Read a study definition.

    Args:
        folder: The study's folder (a Path or a packaged one): `study.toml`, `codelists.toml`, `crf/`, `texts/`.

    Raises:
        StudyFileError: A file is missing, misspelt or contradicts another.
    """
    return _read(folder, Faults())


def find_faults(folder: Traversable) -> tuple[StudyDesign | None, tuple[StudyFileError, ...]]:
    """Read a study definition and tell every mistake in it.

    Names are looked up only in a study whose files are all readable, so that one mistake is not told twice.

    Returns:
        The design, None where there is a mistake, and the mistakes.
    """
    faults = Faults(keep=True)
    try:
        design = _read(folder, faults)
    except StudyFileError as mistake:
        return None, tuple(dict.fromkeys((*faults.found, mistake)))
    return (None if faults.found else design), tuple(faults.found)


def _read(folder: Traversable, faults: Faults) -> StudyDesign:
    root = load_file(folder, faults, "study.toml")
    head = root.node("study") or root.missing("study")
    head = head.at("study")
    _check_head(head)
    languages = _read_languages(head)
    texts = read_texts(folder, languages, faults)
    faults.stop()
    lists = read_code_lists(folder, texts)
    drawings = read_drawings(folder, texts)
    forms = read_forms(folder, lists, drawings, texts)
    visits = read_visits(root, texts)
    for every in read_every(root):
        with faults.gather():
            forms = expand(every, forms, texts)
    statuses = {name: texts.need(f"STATUS.{name}") for name in head.names("statuses")}
    design = StudyDesign(
        oid=head.text("oid"),
        code=head.text("code"),
        name=texts.need(head.text("oid")),
        protocol=head.text("protocol"),
        label=head.text("label"),
        version="",
        languages=languages,
        utc_offset_minutes=_read_offset(head),
        visits=visits,
        forms={oid: form for oid, (form, _) in forms.items()},
        code_lists=lists,
        roles=read_roles(root, texts),
        reasons=read_reasons(root, texts),
        absences=read_absences(root, texts),
        consents=read_consents(root, texts),
        blinding=read_blinding(root),
        anchors=read_anchors(root),
        statuses=statuses,
        status_rules=read_statuses(root, statuses),
        criteria=read_eligibility(folder, texts, faults),
        deviations=read_deviations(root),
        approvals=read_approvals(root),
        same=read_same(root),
        timeline=read_timeline(root, texts),
        idle_minutes=read_idle_minutes(root),
    )
    for node in (head, root):
        with faults.gather():
            node.finish()
    faults.stop()
    pictures = [group.picture for form, _ in forms.values() for group in form.groups]
    refuse_unused(drawings, {picture.drawing.oid for picture in pictures if picture is not None}, faults)
    criteria = frozenset(one.id for one in design.criteria)
    references = References(forms=forms, visits=visits, lists=lists, criteria=criteria, faults=faults)
    references.check()
    references.check_above(design)
    check_timeline(references, design.timeline)
    refuse_unparted_labels(forms, lists, faults)
    texts.finish()
    return named(design, lambda form: used_lists(form, lists))


def _check_head(head: Node) -> None:
    if head.integer("format") != FORMAT:
        head.fail(
            f"this release reads format {FORMAT}. Update the application or the file.",
            f"本版本读取格式 {FORMAT}。请更新应用程序或文件。",
        )


def _read_offset(head: Node) -> int:
    """Return the sites' wall clock, minutes east of UTC."""
    found = _OFFSET.fullmatch(head.text("utc_offset"))
    if found is None:
        head.fail(
            'utc_offset is the wall clock of the sites, such as "+08:00". Correct it.',
            'utc_offset 是各中心的当地时间，例如 "+08:00"。请更正。',
        )
    minutes = int(found[2]) * 60 + int(found[3])
    return -minutes if found[1] == "-" else minutes


def _read_languages(head: Node) -> tuple[str, ...]:
    languages = head.names("languages", required=True)
    if not languages or not all(_LANGUAGE.fullmatch(language) for language in languages):
        head.fail(
            'languages lists at least one code such as "en" or "zh". Correct it.',
            "languages 至少列出一个语言代码，例如 en 或 zh。请更正。",
        )
    return languages
