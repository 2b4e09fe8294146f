"""How a scale stands while it is scored: its items in order, what is asked behind each, the total so far, its change.

Pure functions of a form's snapshot. Order, total and what goes with it are the study's; nothing here knows a scale.

Source: docs/study_files.md, section "Scales that are scored item by item".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from casebook.bedside import Scorer
from casebook.design import Form, Item, ItemGroup
from casebook.records import ItemPath
from casebook.rule_kinds import OneOf
from desktop_app.snapshots import EarlierValue, FormView, ItemView, Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """In which order a form with a scale is filled in.

    Attributes:
        steps: The items of the scale.
        behind: What is asked right behind an item of the scale, such as why it is untestable.
        before, after: The other items that somebody fills in.
    """

    scorer: Scorer
    steps: tuple[ItemPath, ...]
    behind: Mapping[ItemPath, tuple[ItemPath, ...]]
    before: tuple[ItemPath, ...]
    after: tuple[ItemPath, ...]

    def step_of(self, path: ItemPath) -> ItemPath | None:
        """Return the item of the scale at which an item is asked; None for those before and after."""
        return next((step for step in self.steps if path == step or path in self.behind[step]), None)


def scale_of(form: Form) -> tuple[ItemGroup, Scorer] | None:
    """Return the section of a form that is scored item by item; None where the study says of none."""
    return next(((group, group.scorer) for group in form.groups if group.scorer is not None), None)


def opens_item_by_item(view: FormView) -> bool:
    """Tell whether a form is one to be scored now: begun or empty, and nothing in it disagrees."""
    if scale_of(view.form) is None or not view.editable or view.complete or view.design is not None:
        return False
    return not any(item.mark is Mark.CONFLICT for group in view.groups for row in group.rows for item in row.items)


def plan_of(form: Form) -> Plan:
    """Return the order of a form with a scale. Raises KeyError for one without."""
    found = scale_of(form)
    if found is None:
        raise KeyError(form.oid)
    scale, scorer = found
    steps = tuple(_path(scale, item) for item in scale.items if item.derivation is None)
    place = form.groups.index(scale)
    others = [
        (at < place, _path(group, item), item)
        for at, group in enumerate(form.groups)
        for item in group.items
        if group is not scale and not group.repeating and item.derivation is None
    ]
    behind = {step: tuple(path for _, path, item in others if _asked_of(item) == step.item) for step in steps}
    taken = {path for paths in behind.values() for path in paths}
    return Plan(
        scorer=scorer,
        steps=steps,
        behind=behind,
        before=tuple(path for is_before, path, _ in others if is_before and path not in taken),
        after=tuple(path for is_before, path, _ in others if not is_before and path not in taken),
    )


def _path(group: ItemGroup, item: Item) -> ItemPath:
    return ItemPath(group=group.oid, item=item.name)


def _asked_of(item: Item) -> str:
    """Return the item whose answer alone decides whether this one is asked; "" for none."""
    return item.relevant_when.item if isinstance(item.relevant_when, OneOf) else ""


def asks_more(plan: Plan, form: Form, step: ItemPath, value: str) -> bool:
    """Tell whether a grade of an item has something asked right behind it."""
    items = (form.find(path.item)[1] for path in plan.behind[step])
    return any(isinstance(item.relevant_when, OneOf) and value in item.relevant_when.values for item in items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How far a scale is scored.

    Attributes:
        so_far: The sum of the grades that are numbers.
        given, of: How many items have an answer, of how many.
        apart: How often each answer that adds nothing was given, such as `UN`.
        total: The total as the study works it out; None while it cannot be.
    """

    so_far: int
    given: int
    of: int
    apart: Mapping[str, int]
    total: int | None

    @property
    def is_whole(self) -> bool:
        """Whether every item has an answer."""
        return self.given == self.of


def tally_of(view: FormView, plan: Plan) -> Tally:
    """Return how far the scale of a form is scored."""
    items = [view.item(step) for step in plan.steps]
    answers = [str(item.reading.value or item.reading.missing) for item in items if not item.reading.is_empty]
    apart = [answer for answer in answers if not answer.isdecimal()]
    return Tally(
        so_far=sum(int(answer) for answer in answers if answer.isdecimal()),
        given=len(answers),
        of=len(items),
        apart={answer: apart.count(answer) for answer in dict.fromkeys(apart)},
        total=_number(total_item(view, plan).reading.value),
    )


def total_item(view: FormView, plan: Plan) -> ItemView:
    """Return the calculated item that holds the total."""
    group, item = view.form.find(plan.scorer.total)
    return view.item(_path(group, item))


def change_since(tally: Tally, earlier: EarlierValue | None) -> int | None:
    """Return by how much the total differs from that of the assessment before; None where one of them is not known."""
    before = _number(earlier.reading.value) if earlier is not None else None
    return None if before is None or tally.total is None else tally.total - before


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isdecimal() else None


def suggested(view: FormView, plan: Plan) -> dict[ItemPath, str]:
    """Return the grades that rules of the scale ask for and nobody has given yet, by item in its order."""
    items = [view.item(step) for step in plan.steps]
    return {one.path: one.suggested for one in items if one.suggested and one.reading.is_empty and one.editable}


def first_open(view: FormView, plan: Plan) -> ItemPath | None:
    """Return the first item of the scale where something is to be answered, itself or behind it; None when all is."""
    return next((step for step in plan.steps if is_open(view, plan, step)), None)


def is_open(view: FormView, plan: Plan, step: ItemPath) -> bool:
    """Tell whether an item of the scale, or what is asked behind it, awaits an answer."""
    own = view.item(step)
    return (own.visible and own.reading.is_empty) or any(path in view.unanswered for path in plan.behind[step])


def is_untouched(view: FormView, plan: Plan) -> bool:
    """Tell whether nothing at all was entered yet."""
    paths = (*plan.before, *plan.steps, *plan.after)
    return all(view.item(path).reading.is_empty and not view.item(path).typed for path in paths)


def short_name(item: Item, number: int, language: str) -> str:
    """Return the sign of an item of a scale: the number that its label begins with, else its place."""
    first = item.label(language).split()[0] if item.label(language).split() else ""
    return first if first[:1].isdigit() and len(first) <= len("10a") else str(number)
