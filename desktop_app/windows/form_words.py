"""What a form's page reads from its view: its items, what is asked, what was found, and the help of an item."""

from casebook.checks import Finding
from casebook.design import Item, Need, StudyDesign, Text
from casebook.records import ItemPath
from casebook.sentences import Sentences
from casebook.tellings import TellingLine, told_asked, told_fires, told_worked_out
from desktop_app.models.boards import severity_sign
from desktop_app.phrases import told_of
from desktop_app.snapshots import FormView, ItemView
from desktop_app.widgets.item_cards import HelpPart


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


def explain(view: FormView, design: StudyDesign, item: Item, language: str) -> tuple[HelpPart, ...]:
    """Return an item's hint, when it is asked, what it is worked out from, and what its checks look for."""
    said, form = Sentences(design, language), view.form
    own = (
        (TellingLine(item.hint(language)),) if item.hint is not None else (),
        _meanings(view, design, item, language),
        told_asked(said, form, item),
        told_worked_out(said, form, item),
    )
    checks = [
        HelpPart(
            heading=f"{check.id} \N{MIDDLE DOT} {severity_sign(check.severity.value).word}",
            lines=(TellingLine(check.message(language)), *told_fires(said, form, check)),
        )
        for check in form.checks
        if check.item == item.name
    ]
    return (*(HelpPart(lines=lines) for lines in own if lines), *checks)


def _meanings(view: FormView, design: StudyDesign, item: Item, language: str) -> tuple[TellingLine, ...]:
    """Return what the codes of an item mean, where the form does not show that beside them."""
    group, _ = view.form.find(item.name)
    codes = design.code_lists.get(item.code_list or "")
    if codes is None or group.style == "scale":
        return ()
    told = [(one.label(language), one.meaning(language)) for one in codes.codes if one.meaning is not None]
    return tuple(TellingLine(told_of(language, label, meaning), 1) for label, meaning in told)
