"""Study definitions: a folder of TOML files, read strictly into a `StudyDesign`.

Everything is refused that cannot be meant: unknown keys, names that lead nowhere, texts without a
translation, rules that no release can evaluate. The first mistake is told with file, place and remedy.

Source: docs/study_files.md.
"""

from importlib.resources.abc import Traversable

from casebook.design import StudyDesign
from casebook.study_files.canonical_form import named
from casebook.study_files.forms import read_code_lists, read_forms
from casebook.study_files.nodes import Node, load_toml, read_texts
from casebook.study_files.references import References, refuse_unparted_labels, used_lists
from casebook.study_files.visits import read_consents, read_reasons, read_roles, read_visits

FORMAT = 1
"""The only format of study folders so far."""

__all__ = ["FORMAT", "read_study"]


def read_study(folder: Traversable) -> StudyDesign:
    """Read a study definition.

    Args:
        folder: The study's folder (a Path or a packaged one): `study.toml`, `codelists.toml`, `crf/`, `texts/`.

    Raises:
        StudyFileError: A file is missing, misspelt or contradicts another.
    """
    root = Node(table=load_toml(folder, "study.toml"), file="study.toml", place="-")
    head = root.node("study") or root.missing("study")
    head = head.at("study")
    _check_head(head)
    languages = head.names("languages", required=True)
    texts = read_texts(folder, languages)
    lists = read_code_lists(folder, texts)
    forms = read_forms(folder, lists, texts)
    visits = read_visits(root, texts)
    references = References(forms=forms, visits=visits, lists=lists)
    references.check()
    refuse_unparted_labels(forms, lists)
    design = StudyDesign(
        oid=head.text("oid"),
        code=head.text("code"),
        name=texts.need(head.text("oid")),
        protocol=head.text("protocol"),
        label=head.text("label"),
        version="",
        languages=languages,
        visits=visits,
        forms={oid: form for oid, (form, _) in forms.items()},
        code_lists=lists,
        roles=read_roles(root, texts),
        reasons=read_reasons(root, texts),
        consents=read_consents(root, texts),
        anchors=_read_anchors(root, references),
        statuses={name: texts.need(f"STATUS.{name}") for name in head.names("statuses")},
    )
    head.finish()
    root.finish()
    texts.finish()
    return named(design, lambda form: used_lists(form, lists))


def _check_head(head: Node) -> None:
    if head.integer("format") != FORMAT:
        head.fail(
            f"this release reads format {FORMAT}. Update the application or the file.",
            f"本版本读取格式 {FORMAT}。请更新应用程序或文件。",
        )


def _read_anchors(root: Node, references: References) -> dict[str, tuple[str, ...]]:
    """Read the items on which schedule and status rest, each the first of a list that has a value."""
    table = root.node("anchors")
    if table is None:
        return {}
    anchors = {name: table.names(name, required=True) for name in table.table}
    for name, items in anchors.items():
        for item in items:
            references.check_anchor(f"anchors, {name}", item)
    return anchors
