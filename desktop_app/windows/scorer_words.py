"""The words of the scorer: total so far, change, flags, and what each place of its strip says."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication

from casebook.design import CodeList
from casebook.entry import display
from casebook.records import ItemPath
from desktop_app.models import scoring
from desktop_app.models.scoring import Plan, Tally
from desktop_app.phrases import told_of
from desktop_app.snapshots import EarlierValue, FormView, ItemView, Mark
from desktop_app.theme import Tone
from desktop_app.widgets.item_row import ItemRow
from desktop_app.widgets.scorer_card import before_words, when_words
from desktop_app.widgets.scorer_strip import Stop

APART = " \N{MIDDLE DOT} "


def total_words(view: FormView, tally: Tally, language: str) -> str:
    """Return the total, or the sum so far, and how often something was untestable."""
    label = view.form.label(language)
    apart = "".join(f"{APART}{answer} \N{MULTIPLICATION SIGN} {count}" for answer, count in tally.apart.items())
    if tally.total is not None:
        return f"{label} {tally.total}{apart}"
    told = QCoreApplication.translate("Scorer", "%1 so far %2 (%3 of %4)")
    words = told.replace("%1", label).replace("%2", str(tally.so_far))
    return words.replace("%3", str(tally.given)).replace("%4", str(tally.of)) + apart


def short_change_words(tally: Tally, earlier: EarlierValue | None) -> str:
    """Return the same as `change_words` for a low window, without the day."""
    change = scoring.change_since(tally, earlier)
    if change is not None:
        return _signed(change)
    if earlier is None:
        return ""
    return QCoreApplication.translate("Scorer", "Last time: %1").replace("%1", earlier.reading.value or "")


def change_words(tally: Tally, earlier: EarlierValue | None, language: str) -> str:
    """Return by how much the total differs from that of the assessment before; while there is none, what that said."""
    change = scoring.change_since(tally, earlier)
    if earlier is None or change is None:
        return before_words(earlier, language)
    told = QCoreApplication.translate("Scorer", "%1 since %2 (then %3)")
    return (
        told.replace("%1", _signed(change))
        .replace("%2", when_words(earlier, language))
        .replace("%3", earlier.reading.value or "")
    )


def _signed(change: int) -> str:
    return f"{change:+d}".replace("-", "\N{MINUS SIGN}") if change else "\N{PLUS-MINUS SIGN}0"


def flag_words(view: FormView, plan: Plan, lists: Mapping[str, CodeList], language: str) -> str:
    """Return the answers that are to be seen while the scale is scored; those that are usually offered go without."""
    told = []
    for name in plan.scorer.flags:
        group, item = view.form.find(name)
        one = view.item(ItemPath(group=group.oid, item=name))
        codes = lists.get(item.code_list or "")
        shown = display(item, codes, one.reading, language, offset_minutes=one.offset_minutes)
        if shown and f"={one.reading.value}" != item.offer:
            told.append(told_of(language, item.label(language), shown))
    return APART.join(told)


def stops_of(view: FormView, plan: Plan, rows: Sequence[ItemRow], tally: Tally, language: str) -> list[Stop]:
    """Return the places of the strip: the start, the items of the scale, the end."""
    begin, end = QCoreApplication.translate("Scorer", "Start"), QCoreApplication.translate("Scorer", "End")
    left = sum(1 for path in plan.before if path in view.unanswered)
    missing = QCoreApplication.translate("Scorer", "missing: %1").replace("%1", str(left))
    answered = QCoreApplication.translate("Scorer", "answered")
    done = tally.is_whole and not view.unanswered
    told = QCoreApplication.translate("Scorer", "total and what is missing")
    return [
        Stop(name=begin, label=begin, shown="" if left else "✓", told=missing if left else answered),
        *(_stop(view.item(row.path), row, number, language) for number, row in enumerate(rows, start=1)),
        Stop(name=end, label=end, shown="✓" if done else "", told=told),
    ]


def _stop(item: ItemView, row: ItemRow, number: int, language: str) -> Stop:
    answer = "" if item.reading.is_empty else str(item.reading.value or item.reading.missing)
    told = answer or QCoreApplication.translate("Scorer", "not scored")
    icon = ""
    found = [one.message(language) for one in item.findings if one.confirmed is None]
    if found:
        icon, told = "warning", f"{told}, {found[0]}"
    elif item.suggested and item.reading.is_empty:
        suggested = QCoreApplication.translate("Scorer", "suggested %1").replace("%1", item.suggested)
        icon, told = "information", f"{told}, {suggested}"
    elif row.in_flight or item.mark is Mark.TYPED:
        icon, told = "typed", f"{told}, {QCoreApplication.translate('Scorer', 'not kept yet')}"
    return Stop(
        name=scoring.short_name(item.item, number, language),
        label=item.item.label(language),
        shown=answer,
        told=told,
        icon=icon,
        tone=Tone.WARN,
    )
