"""What a form's page reads from its view: its items, what is asked, what was found, and the help of an item."""

from casebook.checks import Finding
from casebook.design import Item, Need, StudyDesign, Text
from casebook.records import ItemPath
from casebook.sentences import Sentences
from desktop_app.snapshots import FormView, ItemView


def open_findings(view: FormView) -> list[tuple[ItemPath, Finding]]:
    """Return the findings of a form that nobody has answered, from top to bottom."""
    return [(item.path, one) for item in items_of(view) for one in item.findings if one.confirmed is None]


def items_of(view: FormView) -> list[ItemView]:
    """Return the items of a form from top to bottom, those of struck rows not."""
    return [item for group in view.groups for row in group.rows if row.struck_reason is None for item in row.items]


def is_asked(item: ItemView) -> bool:
    """Tell whether an item counts as mandatory now."""
    return item.visible and item.item.need is not Need.OPTIONAL and item.item.derivation is None


def missing_of(view: FormView) -> list[tuple[Text, list[ItemView]]]:
    """Return the mandatory items without an answer, section by section."""
    left = set(view.unanswered)
    sections = [
        (group.group.label, [item for row in group.rows for item in row.items if item.path in left])
        for group in view.groups
    ]
    return [(label, items) for label, items in sections if items]


def missing_words(view: FormView, language: str, most: int = 4) -> str:
    """Return the names of the first mandatory items without an answer, and how many more there are; "" for none."""
    names = [item.item.label(language) for _, items in missing_of(view) for item in items]
    joined = ("、" if language == "zh" else ", ").join(names[:most])
    return joined if len(names) <= most else f"{joined} … (+{len(names) - most})"


def explain(view: FormView, design: StudyDesign, item: Item, language: str) -> tuple[str, ...]:
    """Return an item's hint, when it is asked, what it is worked out from, and what its checks look for."""
    said = Sentences(design, language)
    checks = [f"{check.id}: {said.fires(view.form, check)}" for check in view.form.checks if check.item == item.name]
    hint = item.hint(language) if item.hint is not None else ""
    own = (hint, _meanings(view, design, item, language), said.asked(view.form, item), said.worked_out(view.form, item))
    return tuple(text for text in (*own, *checks) if text)


def _meanings(view: FormView, design: StudyDesign, item: Item, language: str) -> str:
    """Return what the codes of an item mean, where the form does not show that beside them."""
    group, _ = view.form.find(item.name)
    codes = design.code_lists.get(item.code_list or "")
    if codes is None or group.style == "scale":
        return ""
    told = [f"{one.label(language)}: {one.meaning(language)}" for one in codes.codes if one.meaning is not None]
    return ("\N{FULLWIDTH SEMICOLON}" if language == "zh" else "; ").join(told)
