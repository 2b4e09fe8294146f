"""Which version of the study asks the questions at this site, and what another one would change.

A new version is dormant until the site's own file tells its ethics approval. Nothing that was recorded is
changed by either: a version only decides what is asked from now on. Pure; no disk, no Qt.

Source: docs/adr/0018; docs/study_files.md, section "Versions".
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from casebook import study_diff
from casebook.design import Form, StudyDesign, Text
from casebook.errors import LANGUAGES
from casebook.ids import SubjectId
from casebook.projection import Casebook, FormState
from casebook.records import FormKey, ItemPath, Readings
from casebook.versions import Designs, Standing, approvals_in, item_at, plain_label, preview
from desktop_app import views
from desktop_app.reader import Reader
from desktop_app.snapshots import InstanceRow, Running
from desktop_app.version_snapshots import ChangeLine, VersionRow, VersionState, VersionsView

Approvals = tuple[tuple[str, date], ...]
"""Plain labels of versions, each with the day from which its approval counts, the earliest first."""


def approvals_of(designs: Designs, site: Casebook) -> Approvals:
    """Return the approvals that a site's own file tells, as any known version of its form understands it."""
    found = {
        approval
        for design in designs.in_order
        for key, state in site.forms.items()
        for approval in approvals_in(design, key.form, _standing(state))
    }
    return tuple(sorted(found, key=lambda one: (one[1], one[0])))


def _standing(state: FormState) -> Standing:
    struck = {(group, one.row) for group, rows in state.rows.items() for one in rows if one.struck_reason is not None}
    return {
        path: [head.reading for head in one.heads] if one.conflict else [one.shown]
        for path, one in state.items.items()
        if (path.group, path.row) not in struck
    }


AtHome = Callable[[SubjectId, StudyDesign], tuple[Reader, views.Surroundings]]


@dataclass(frozen=True)
class Releases:
    """The versions of the study as they stand at one site on one day."""

    designs: Designs
    approvals: Approvals
    today: date

    @cached_property
    def in_force(self) -> StudyDesign:
        """The version that asks the questions."""
        return self.designs.in_force(self.approvals, self.today)

    @cached_property
    def dormant(self) -> tuple[StudyDesign, ...]:
        """The versions that wait, the earliest first."""
        return self.designs.dormant(self.approvals, self.today)

    def approved_on(self, design: StudyDesign) -> date | None:
        """Return the day from which a version's approval counts; None where none is recorded."""
        label = plain_label(design.label)
        return next((day for name, day in self.approvals if name == label), None)

    def is_newer(self, state: FormState) -> bool:
        """Tell whether a form holds entries of a version that this release does not know."""
        return any(self.designs.by_form_version(version) is None for version in state.form_versions)

    def home_of(self, key: FormKey, state: FormState | None) -> StudyDesign | None:
        """Return the version in which a form instance is read: the one in force, else the one that asked it.

        None where no known version has such a form at such a visit.
        """
        if has_place(self.in_force, key):
            return self.in_force
        asked = (self.designs.asked_in(key.form, one) for one in (state.form_versions if state is not None else ()))
        known = [design for found in asked if found is not None for design in (found[0],) if has_place(design, key)]
        return known[-1] if known else None

    def strangers(self, casebook: Casebook) -> Iterator[FormKey]:
        """Yield the form instances with entries for which the version in force has no place, in order."""
        yield from sorted(key for key, one in casebook.forms.items() if one.items and not has_place(self.in_force, key))

    def rows_of_strangers(self, casebook: Casebook, at_home: AtHome) -> Iterator[InstanceRow]:
        """Yield the lines of the forms for which the version in force has no place, each in its own version.

        Args:
            at_home: Reads a subject in a version.
        """
        turns: dict[str, int] = {}
        for key in self.strangers(casebook):
            home = self.home_of(key, casebook.forms[key])
            if home is not None:
                turns[key.form] = turns.get(key.form, 0) + 1
                reader, around = at_home(casebook.subject, home)
                yield views.instance_row(key, None, reader, around, (Running.OTHER_VERSION, turns[key.form]))

    # -- in words ----------------------------------------------------------------------------------------

    @property
    def notice(self) -> Text | None:
        """Say that a version waits; None where none does."""
        if not self.dormant:
            return None
        waits, asks = self.dormant[-1], self.in_force
        day = self.approved_on(waits)
        if day is None:
            return Text(
                {
                    "en": f"Version {waits.label} of the study is on this laptop but dormant: no ethics approval of it "
                    f"is recorded for this site. Until then the questions of version {asks.label} are asked.",
                    "zh": f"本机已有研究方案定义 {waits.label} 版，但尚未启用：本中心未记录该版本的伦理批准。"
                    f"在此之前使用 {asks.label} 版的问题。",
                }
            )
        return Text(
            {
                "en": f"Version {waits.label} of the study is approved for this site from {day} on. "
                f"Until then the questions of version {asks.label} are asked.",
                "zh": f"研究方案定义 {waits.label} 版在本中心自 {day} 起获批启用。在此之前使用 {asks.label} 版的问题。",
            }
        )

    def view(self, casebooks: Iterable[Casebook]) -> VersionsView:
        """Return every known version, and what the next one does to what is recorded; or what the last one did.

        Args:
            casebooks: All subjects of the site, and its own file.
        """
        order = self.designs.in_order
        place = order.index(self.in_force)
        pair: tuple[StudyDesign, StudyDesign] | None = None
        if self.dormant:
            pair = (self.in_force, self.dormant[-1])
        elif place:
            pair = (order[place - 1], self.in_force)
        lines = tuple(_lines(self.designs, *pair, tuple(casebooks))) if pair is not None else ()
        return VersionsView(
            rows=tuple(self._row(one, at, place) for at, one in enumerate(order)),
            old=pair[0].label if pair is not None else "",
            new=pair[1].label if pair is not None else "",
            ahead=bool(self.dormant),
            lines=lines,
            changes={one: study_diff.report(*pair, one) for one in LANGUAGES} if pair is not None else {},
        )

    def _row(self, design: StudyDesign, place: int, in_force: int) -> VersionRow:
        state = VersionState.IN_FORCE if place == in_force else VersionState.EARLIER
        return VersionRow(
            label=design.label,
            version=design.version[:16],
            state=VersionState.DORMANT if place > in_force else state,
            approved_on=self.approved_on(design),
        )


def words_of_version(design: StudyDesign, *, newer: bool) -> Text:
    """Say why a form can only be read."""
    if newer:
        return Text(
            {
                "en": "This form holds entries of a newer version of the study than this laptop knows. It is kept and "
                "passed on, and can only be read here: update Casebook to go on with it.",
                "zh": "本表单含有本机尚不识别的研究方案定义新版本的录入。数据会保留并上传，"
                "但在此只能查看：请更新 Casebook 后继续。",
            }
        )
    return Text(
        {
            "en": f"Version {design.label} of the study asked this form. The version in force here does not, so it can "
            "only be read.",
            "zh": f"本表单属于研究方案定义 {design.label} 版。当前启用的版本不含此表单，因此只能查看。",
        }
    )


def has_place(design: StudyDesign, key: FormKey) -> bool:
    """Tell whether a version has a form instance's form and visit."""
    return key.form in design.forms and any(visit.oid == key.visit.visit for visit in design.visits)


def _lines(
    designs: Designs, old: StudyDesign, new: StudyDesign, casebooks: tuple[Casebook, ...]
) -> Iterator[ChangeLine]:
    entered: dict[str, list[Readings]] = {}
    for casebook in casebooks:
        for key, state in casebook.forms.items():
            if readings := {path: one for path, one in state.readings.items() if not one.is_empty}:
                entered.setdefault(key.form, []).append(readings)
    for oid in dict.fromkeys((*new.forms, *old.forms)):
        before, after = old.forms.get(oid), new.forms.get(oid)
        if before is None or after is None or before.version != after.version:
            nothing = _empty(after or old.forms[oid])
            yield _line(designs, (old, before or nothing), (new, after or nothing), entered.get(oid, []))


def _line(
    designs: Designs, old: tuple[StudyDesign, Form], new: tuple[StudyDesign, Form], entered: list[Readings]
) -> ChangeLine:
    told = preview(entered, old, new)
    return ChangeLine(
        form=new[1].oid,
        label=new[1].label,
        instances=len(entered),
        kept=len(told.kept),
        reworded=len(told.reworded),
        added=len(told.added),
        orphaned=len(told.orphaned),
        reworded_items=_labels(new[1], told.reworded),
        added_items=tuple(item.label for item in told.added),
        orphaned_items=_orphaned(designs, new[1].oid, old[1], told.orphaned),
    )


def _empty(form: Form) -> Form:
    return Form(oid=form.oid, label=form.label, version="", groups=(), checks=())


def _labels(form: Form, places: Iterable[ItemPath]) -> tuple[Text, ...]:
    named = dict.fromkeys((path.group, path.item, bool(path.row)) for path in places)
    items = (item_at(form, ItemPath(group=group, item=item, row="1" if row else "")) for group, item, row in named)
    return tuple(item.label for item in items if item is not None)


def _orphaned(designs: Designs, form: str, old: Form, places: Iterable[ItemPath]) -> tuple[Text, ...]:
    labels: dict[str, Text] = {}
    for path in places:
        item = item_at(old, path)
        if item is None and (found := designs.latest_with(form, path)) is not None:
            item = found[1]
        labels[path.item] = item.label if item is not None else Text({"en": path.item, "zh": path.item})
    return tuple(labels.values())
