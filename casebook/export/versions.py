"""What other versions of the study asked: entries that the version of an export has no item for.

They lie in the record under their own question, and leave with it: `other_versions.csv` holds every one of
them, values and history in one, so that nothing that was ever entered is missing from an export. What any
known version takes for identity is left out, and so is what no known version asked, since nobody can tell.

Source: docs/adr/0018; docs/export.md, section "other_versions.csv"; docs/adr/0005.
"""

from collections.abc import Iterable, Iterator, Mapping

from casebook.design import StudyDesign
from casebook.entry import display
from casebook.export.context import ExportContext
from casebook.export.disclosure import leaves
from casebook.projection import Casebook, Entry, FormState
from casebook.records import FormKey, ItemPath
from casebook.spreadsheet import table
from casebook.versions import Designs, item_at, shows

NAME = "other_versions.csv"


def other_versions(designs: Designs, casebooks: Iterable[Casebook], context: ExportContext, site: str) -> bytes:
    """Return the table, one line for each entry.

    Args:
        site: Subject id of the site's own file, which has no number.
    """
    design = designs.current
    header = ["study", "site", "subject", "entered_under", "visit", "visit_repeat", "form", "form_repeat"]
    header += ["group", "row_id", "item"]
    header += [f"question.{one}" for one in design.languages]
    header += ["value", *(f"value.{one}" for one in design.languages), "missing", "stands", "reason", "at", "user"]
    header += ["role", "place", "commit", "study_version", "form_version"]
    everyone = tuple(casebooks)
    roots: dict[str, str] = {one.subject: one.number for one in everyone}
    rows = (
        [
            *(design.protocol, casebook.site or context.site, *_numbers(casebook, roots, site)),
            *(key.visit.visit, key.visit.repeat, key.form, key.repeat, path.group, path.row, path.item),
            *_told(designs, design, state, (path, entry), context),
        ]
        for casebook in everyone
        for key, state in sorted(casebook.forms.items())
        for path, entry in _entries(designs, key, state)
    )
    return table(header, rows)


def _numbers(casebook: Casebook, roots: Mapping[str, str], site: str) -> tuple[str, str]:
    """Return the subject's number, and that under which the casebook was entered where it is another one."""
    if casebook.subject == site:
        return "", ""
    return (roots[casebook.into], casebook.number) if casebook.into in roots else (casebook.number, "")


def _entries(designs: Designs, key: FormKey, state: FormState) -> Iterator[tuple[ItemPath, Entry]]:
    """Yield the entries of places that the current version cannot show, or whose value it cannot."""
    design = designs.current
    form = design.forms.get(key.form)
    planned = any(visit.oid == key.visit.visit for visit in design.visits)
    for path, held in sorted(state.items.items()):
        if not _may_leave(designs, key.form, path):
            continue
        for entry in held.history:
            if entry.index >= 0 and not (planned and shows(design, form, path, entry.reading)):
                yield path, entry


def _may_leave(designs: Designs, form: str, path: ItemPath) -> bool:
    known = [(one.forms[form], item_at(one.forms[form], path)) for one in designs.in_order if form in one.forms]
    return any(item is not None for _, item in known) and all(
        item is None or leaves(asked, item) for asked, item in known
    )


def _told(
    designs: Designs, design: StudyDesign, state: FormState, one: tuple[ItemPath, Entry], context: ExportContext
) -> Iterator[str]:
    path, entry = one
    version = next((each.payload.form_version for each in state.contributions if each.commit == entry.commit), "")
    asked = designs.asked_in(state.key.form, version)
    found = (asked[0], item_at(asked[1], path)) if asked is not None else (None, None)
    if found[1] is None:
        found = designs.latest_with(state.key.form, path) or (None, None)
    home, item = found
    lists = home.code_lists if home is not None else {}
    person = context.people.get(entry.author)
    yield from (item.label(each) if item is not None else "" for each in design.languages)
    yield entry.reading.value or ""
    for each in design.languages:
        codes = lists.get(item.code_list or "") if item is not None else None
        minutes = design.utc_offset_minutes
        yield display(item, codes, entry.reading, each, offset_minutes=minutes) if item is not None else ""
    yield str(entry.reading.missing or "")
    yield "Y" if entry is state.items[path].entry else "N"
    yield entry.reason or ""
    yield entry.moment.local.isoformat(timespec="milliseconds")
    yield from (entry.author, person.role if person else "", context.place(entry.device), entry.commit)
    yield asked[0].label if asked is not None else ""
    yield version
