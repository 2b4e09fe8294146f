"""From what is said over entries to the rows that windows show. Pure functions; no disk, no Qt."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from casebook.design import Item, StudyDesign, Text
from casebook.errors import LANGUAGES, CasebookError
from casebook.oversight import Double, FlagState, FormFlags, FormSignature, Query, QueryState, Said, SignState, Verified
from casebook.oversight import Turn as CoreTurn
from casebook.projection import Casebook, FormState
from casebook.records import FormKey, ItemPath
from casebook.supervision import Flag, Level, Meaning, QueryAct, QueryPayload, Scope
from casebook.versions import item_at
from desktop_app import views
from desktop_app.conflict_views import Totals, label_of, settled_by, sides_of, unit_of
from desktop_app.oversight_snapshots import (
    FlagKind,
    FlagMark,
    QueryLine,
    QueryStanding,
    QueryWord,
    SignatureLine,
    Turn,
)
from desktop_app.views import Surroundings

_STANDINGS = {
    QueryState.OPEN: QueryStanding.OPEN,
    QueryState.ANSWERED: QueryStanding.ANSWERED,
    QueryState.CLOSED: QueryStanding.CLOSED,
}
_TURNS = {CoreTurn.SITE: Turn.SITE, CoreTurn.DATA_MANAGEMENT: Turn.DATA, CoreTurn.NOBODY: Turn.NOBODY}
_WIDER = {
    Level.STUDY: ("for the whole study", "整个研究"),
    Level.SITE: ("for the whole site", "整个中心"),
    Level.SUBJECT: ("for the whole subject", "该受试者全部表单"),
    Level.VISIT: ("for the whole visit", "该访视全部表单"),
}
MEANINGS = {
    Meaning.AUTHORSHIP: ("authorship", "录入"),
    Meaning.REVIEW: ("review", "审阅"),
    Meaning.APPROVAL: ("approval", "批准"),
}


def both(en: str, zh: str) -> Text:
    """Return a text in both languages."""
    return Text({"en": en, "zh": zh})


def same(text: str) -> Text:
    """Return a text that is the same in every language."""
    return Text(dict.fromkeys(LANGUAGES, text))


def joined(parts: Iterable[Text], separator: str = " · ") -> Text:
    """Return texts one after the other; those without words are left out."""
    found = list(parts)
    return Text({one: separator.join(word for text in found if (word := text(one))) for one in LANGUAGES})


def says(error: CasebookError) -> Text:
    """Return a refusal's sentence in both languages."""
    return Text({language: error.sentence(language) for language in LANGUAGES})


# -- places -------------------------------------------------------------------------------------------------


def visit_label(design: StudyDesign, visit: str) -> Text:
    """Return a visit's name; its OID where the version in force has none of that name."""
    return next((one.label for one in design.visits if one.oid == visit), same(visit))


def form_label(design: StudyDesign, key: FormKey) -> Text:
    """Return a form's name with its occasion."""
    form = design.forms.get(key.form)
    label = form.label if form is not None else same(key.form)
    for visit in design.visits:
        if visit.oid == key.visit.visit:
            for planned in visit.forms:
                if (planned.form, planned.occasion) == (key.form, key.repeat) and planned.occasion_label is not None:
                    return Text({one: f"{label(one)} ({planned.occasion_label(one)})" for one in LANGUAGES})
    return label


def item_of(design: StudyDesign, key: FormKey, path: ItemPath) -> Item | None:
    """Return an item; None where the version in force does not have it."""
    form = design.forms.get(key.form)
    return item_at(form, path) if form is not None else None


def item_label(design: StudyDesign, key: FormKey, path: ItemPath) -> Text:
    """Return an item's question; its name where the version in force does not have it."""
    item = item_of(design, key, path)
    return item.label if item is not None else same(path.item)


def value_of(state: FormState, path: ItemPath, around: Surroundings) -> Text:
    """Return a value as it stands, in words."""
    found = state.items.get(path)
    if found is None or found.shown.is_empty:
        return same("")
    item = item_of(around.design, state.key, path)
    if item is None:
        return same(found.shown.value or str(found.shown.missing or ""))
    return views.shown_text(item, found.shown, around)


def place_of(design: StudyDesign, scope: Scope, state: FormState | None = None) -> tuple[Text, Text]:
    """Return where a scope is, and what it is, in words. `state`: of the form, where it is at hand."""
    key = scope.key
    if key is not None:
        where = joined((visit_label(design, key.visit.visit), form_label(design, key)))
        if scope.path is not None:
            return where, label_of(design, key, scope.path, state) or item_label(design, key, scope.path)
        return visit_label(design, key.visit.visit), form_label(design, key)
    if scope.visit is not None:
        return same(""), visit_label(design, scope.visit.visit)
    return same(""), both("the whole subject", "整个受试者") if scope.subject else both("the whole site", "整个中心")


# -- queries ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class May:
    """What the signed-in person may do to a query, rights alone; `why_not`: the refusal that matters now."""

    answer: bool = False
    query: bool = False
    choose: bool = False
    why_not: Text | None = None


def query_line(
    query: Query,
    casebook: Casebook,
    around: Surroundings,
    may: May,
    *,
    now_ms: int,
    me: str,
    totals: Totals,
) -> QueryLine:
    """Return a query's line. `me`: who is signed in. `totals`: works out the values of a form as it would stand."""
    scope = query.target
    state = casebook.form(scope.key) if scope.key is not None else None
    where, what = place_of(around.design, scope, state)
    standing = _STANDINGS[query.state]
    open_ = standing is not QueryStanding.CLOSED
    commits = [one.commit for one in query.history] or [one.commit for one in query.settled or query.conflict]
    if query.double is not None and state is not None:
        commits = commits or list(state.commits)
    return QueryLine(
        id=query.id,
        scope=scope,
        number=casebook.number or around.site,
        where=where,
        what=what,
        value=value_of(state, scope.path, around) if state is not None and scope.path is not None else same(""),
        standing=standing,
        turn=_TURNS[query.turn],
        raised_by=around.name_of(query.raised_by) if query.raised_by is not None else "",
        opened_at=query.opened_at.local,
        age_days=query.age(now_ms).days,
        words=tuple(_word(one, around) for one in query.history),
        custody=views.custody_of(commits, around.unsent),
        disputed=unit_of(query),
        sides=sides_of(query, state, around, totals) if state is not None else (),
        settled=settled_by(query, state, around, totals) if state is not None else (),
        mine=query.raised_by == me,
        may_answer=may.answer and open_ and not query.conflict,
        may_close=may.query and open_ and not query.conflict,
        may_reopen=may.query and standing is not QueryStanding.OPEN and not query.conflict,
        may_choose=may.choose and bool(query.conflict),
        may_ask=may.query and bool(query.conflict),
        why_not=may.why_not if open_ else None,
        asked=_asked(query.double, casebook.number or around.site) if query.double is not None else None,
    )


def _asked(double: Double, number: str) -> Text:
    return both(
        f"This form also stands under {double.number}, the same person. Which of the two counts, item by item? "
        f"Enter what counts under {number}, with the reason; nothing is taken over by itself.",
        f"此表单在同一人的另一编号 {double.number} 下也有录入。各项目以哪一份为准？"
        f"请在 {number} 下录入应采用的数值并说明原因；系统不会自动合并。",
    )


def _word(one: Said[QueryPayload], around: Surroundings) -> QueryWord:
    return QueryWord(
        act=QueryAct(one.payload.act),
        author=around.name_of(one.author),
        laptop=around.letter_of(one.device),
        at=one.moment.local,
        text=one.payload.text,
    )


# -- flags and signatures -----------------------------------------------------------------------------------


def marks_of(flags: FormFlags, around: Surroundings) -> tuple[FlagMark, ...]:
    """Return a form's flags, in the order in which they are shown."""
    marks: list[FlagMark] = []
    if flags.complete:
        marks.append(FlagMark(kind=FlagKind.COMPLETE))
    marks += _verified(flags)
    disputed = {one.flag for one in flags.disputed}
    if flags.frozen is not None:
        told = flag_words(flags.frozen, around)
        marks.append(FlagMark(kind=FlagKind.FROZEN, told=told, conflict=Flag.FROZEN in disputed))
    marks += _signed(flags, around)
    if flags.locked is not None:
        told = flag_words(flags.locked, around)
        marks.append(FlagMark(kind=FlagKind.LOCKED, told=told, conflict=Flag.LOCKED in disputed))
    return tuple(marks)


def _verified(flags: FormFlags) -> list[FlagMark]:
    if flags.verified is Verified.ALL:
        return [FlagMark(kind=FlagKind.VERIFIED)]
    if flags.verified is Verified.PART or flags.changed_since_verified:
        changed = both("changed since it was verified", "核对后有修改")
        return [FlagMark(kind=FlagKind.PART_VERIFIED, told=changed if flags.changed_since_verified else same(""))]
    return []


def _signed(flags: FormFlags, around: Surroundings) -> list[FlagMark]:
    if flags.signed is SignState.NONE:
        return []
    told = same(", ".join(dict.fromkeys(around.name_of(one.user) for one in flags.signatures)))
    kind = FlagKind.SIGNED if flags.signed is SignState.SIGNED else FlagKind.CHANGED_SINCE_SIGNED
    return [FlagMark(kind=kind, told=told)]


def flag_words(flag: FlagState, around: Surroundings) -> Text:
    """Return who set a flag, when, why, and how wide it is."""
    who = around.name_of(flag.by) if flag.by is not None else ""
    when = f"{flag.at.local:%Y-%m-%d %H:%M}" if flag.at is not None else ""
    wider = both(*_WIDER[flag.scope.level]) if flag.scope.level in _WIDER else same("")
    return joined((same(who), same(when), same(flag.reason), wider))


def signature_line(
    signature: FormSignature, around: Surroundings, role_of: Callable[[str], Text], time_label: Text
) -> SignatureLine:
    """Return a signature on a form. `role_of`: the label of the role that is printed on it."""
    one = signature.said
    return SignatureLine(
        name=one.payload.name,
        role=role_of(one.payload.role),
        meaning=both(*MEANINGS[signature.meaning]),
        at=one.moment.local,
        time_label=time_label,
        stands=signature.is_current,
        digest=signature.printed_digest,
        custody=views.custody_of([one.commit], around.unsent),
    )
