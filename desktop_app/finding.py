"""Finding a subject, a form, a place or an action by a few letters: pure, and fast with ten thousand subjects.

What is typed is taken as words in any order, in either language at once. A word fits where a word of the line
begins with it, where it is the initials of the line's words, or, from three letters on and in Chinese from the
first, where it stands inside. Forms are not listed for every subject: of what is typed, the words that no form
takes must name the subject. Nothing here reads a disk, a clock or a screen, and nothing keeps what was typed.
"""

import heapq
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from casebook.design import StudyDesign, Text, VisitKind
from casebook.ids import SubjectId
from casebook.records import FormKey, VisitKey
from desktop_app.phrases import clauses

LINES = 12
"""How many lines are shown at most."""
INSIDE = 3
"""From how many letters on a word may stand inside another one."""
NOTHING = Text({"en": "", "zh": ""})
EXACT, BEGINS, INITIALS, WITHIN = range(4)
"""How close a typed word comes to a line, the closest first."""


class Kind(IntEnum):
    """What a line leads to, in the order in which equals are shown."""

    FORM = 0
    HERE = 1
    """What can be done on the page in front."""
    PLACE = 2
    ACT = 3
    SUBJECT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Something that can be found.

    Attributes:
        id: The same for the same thing, for as long as the session lasts.
        note: What stands beside its name.
        also: Further words by which it is found.
        why_not: Why the signed-in person may not do it now; None where they may.
        leads_to: What it stands for: a subject, a form, or whatever the one who made the line knows.
    """

    id: str
    kind: Kind
    label: Text
    note: Text = NOTHING
    also: tuple[str, ...] = ()
    keys: str = ""
    icon: str = ""
    why_not: Text | None = None
    leads_to: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A subject that can be found. `numbers`: the number in force first, then earlier and further ones."""

    subject: SubjectId
    numbers: tuple[str, ...]
    status: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A form that every subject has a place for."""

    visit: str
    form: str
    occasion: str
    label: Text
    note: Text

    def of(self, subject: SubjectId, number: str) -> Line:
        """Return the line of this form of a subject."""
        key = FormKey(subject=subject, visit=VisitKey(visit=self.visit), form=self.form, repeat=self.occasion)
        return form_line(key, number, self.label, self.note)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The lines to show, best first, and the words that they were found by."""

    lines: tuple[Line, ...] = ()
    words: tuple[str, ...] = ()


def form_line(key: FormKey, number: str, label: Text, where: Text) -> Line:
    """Return the line of one form of a subject: its name, and beside it the number and `where` it stands."""
    note = Text({one: f"{number}  {where(one)}" for one in label.by_language})
    return Line(id=f"form {key}", kind=Kind.FORM, label=label, note=note, icon="document", leads_to=key)


def planned_forms(design: StudyDesign) -> tuple[Planned, ...]:
    """Return the forms that every subject has a place for: those of scheduled visits, and the logs."""
    made = []
    for visit in design.visits:
        if visit.kind not in {VisitKind.SCHEDULED, VisitKind.LOG}:
            continue
        for one in visit.forms:
            note = visit.short
            if one.occasion_label is not None:
                note = Text({k: clauses(k, (visit.short(k), one.occasion_label(k))) for k in visit.short.by_language})
            label = design.form(one.form).label
            made.append(Planned(visit=visit.oid, form=one.form, occasion=one.occasion, label=label, note=note))
    return tuple(made)


# -- words -------------------------------------------------------------------------------------------------


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as they are compared: one width and case, without punctuation."""
    return tuple(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))


def _haystack(texts: Iterable[str]) -> str:
    return " " + " ".join(word for text in texts for word in words_of(text)) + " "


def _initials(text: str) -> str:
    words = words_of(text)
    return "".join(word[0] for word in words) if len(words) > 1 and text.isascii() else ""


def _number_words(numbers: Sequence[str]) -> str:
    """Return the words of numbers, each also in one piece and without its leading zeros: a001 is a1."""
    words = [word for number in numbers for word in (*words_of(number), "".join(words_of(number)))]
    return _haystack([*words, *(re.sub(r"(?<=\D)0+(?=\d)|^0+(?=\d)", "", word) for word in words)])


def closeness(word: str, haystack: str, initials: Sequence[str] = ()) -> int | None:
    """Return how close a typed word comes to a line; None where it does not fit."""
    at = haystack.find(word)
    if at < 0:
        return INITIALS if any(one.startswith(word) for one in initials) and len(word) > 1 else None
    if f" {word} " in haystack:
        return EXACT
    if f" {word}" in haystack:
        return BEGINS
    if any(one.startswith(word) for one in initials) and len(word) > 1:
        return INITIALS
    return WITHIN if len(word) >= INSIDE or not word.isascii() else None


def spans(text: str, words: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return where the words that were typed stand in a text: (from, to), in order and apart from each other."""
    folded, places = [], []
    for place, letter in enumerate(text):
        for one in unicodedata.normalize("NFKC", letter).casefold():
            folded.append(one)
            places.append(place)
    plain = "".join(folded)
    marked = [False] * len(text)
    for word in words:
        starts = [one.start() for one in re.finditer(re.escape(word), plain)]
        begins = [one for one in starts if one == 0 or not plain[one - 1].isalnum()] or starts[:1]
        for start in begins:
            for place in places[start : start + len(word)]:
                marked[place] = True
    return tuple(_runs(marked))


def _runs(marked: Sequence[bool]) -> Iterable[tuple[int, int]]:
    start = None
    for place, on in enumerate((*marked, False)):
        if on and start is None:
            start = place
        elif not on and start is not None:
            yield start, place
            start = None


# -- the stock ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Indexed:
    line: Line
    name: str
    """Its own words; what stands beside it is in the haystack alone."""
    haystack: str
    initials: tuple[str, ...]

    def beside(self, words: Sequence[str]) -> int:
        """Return how many of the words that fit are not in its name."""
        return sum(word in self.haystack and f" {word}" not in self.name for word in words)


def _indexed(line: Line) -> _Indexed:
    labels = [*line.label.by_language.values()]
    notes = [*line.note.by_language.values()]
    initials = tuple(found for found in map(_initials, [*labels, *line.also]) if found)
    return _Indexed(line, _haystack(labels), _haystack([*labels, *notes, *line.also]), initials)


@dataclass(frozen=True, slots=True)
class Stock:
    """Everything that can be found, ready to be searched: see `stock_of`."""

    lines: tuple[_Indexed, ...]
    known: "KnownSubjects"
    planned: tuple[tuple[Planned, _Indexed], ...]
    front: int | None


class KnownSubjects:
    """The subjects of a site, ready to be searched. Making it is the one step that takes time."""

    def __init__(self, known: Sequence[Known] = ()) -> None:
        """Gather what each is found by: number and status, and the number alone."""
        self.known = tuple(known)
        self.numbers = tuple(_number_words(one.numbers) for one in self.known)
        statuses = {id(one.status): _haystack(one.status.by_language.values()) for one in self.known}
        self.haystacks = tuple(
            number + statuses[id(one.status)] for number, one in zip(self.numbers, self.known, strict=True)
        )


def stock_of(lines: Sequence[Line], known: KnownSubjects, planned: Sequence[Planned], front: SubjectId | None) -> Stock:
    """Return what can be searched.

    Args:
        lines: Places, actions, forms that stand for themselves.
        planned: The forms that every subject has a place for.
        front: Whose forms are meant where no subject is named.
    """
    place = next((place for place, one in enumerate(known.known) if one.subject == front), None)
    templates = tuple((one, _indexed(one.of(SubjectId(""), ""))) for one in planned)
    return Stock(tuple(_indexed(line) for line in lines), known, templates, place)


def search(stock: Stock, typed: str, recent: Sequence[str] = ()) -> Found:
    """Return the lines that fit what was typed, best first; for nothing typed what was chosen last, then the rest.

    Args:
        recent: Ids of what was chosen before, the latest first.
    """
    words = words_of(typed)
    place = {one: number for number, one in enumerate(recent)}
    if not words:
        return Found(lines=_first_lines(stock, place))
    ranked = [
        (_rank(close, one.line, place, one.beside(words)), one.line)
        for one in stock.lines
        if (close := _fits(words, one))
    ]
    ranked += _subjects(stock, words, place)
    ranked += _forms(stock, words, place)
    best: dict[str, Line] = {}
    for _, line in heapq.nsmallest(2 * LINES, ranked, key=lambda one: one[0]):
        best.setdefault(line.id, line)
    return Found(lines=tuple(best.values())[:LINES], words=words)


Rank = tuple[bool, int, int, int, int, int, int, str]


def _rank(close: Sequence[int], line: Line, recent: Mapping[str, int], beside: int = 0) -> Rank:
    """Put what may be done first, then the closest, what was chosen lately, what is named so, and the shortest name."""
    name, refused = line.label("en"), line.why_not is not None
    worst, lately = max(0, max(close) - BEGINS), recent.get(line.id, LINES * LINES)
    return refused, worst, lately, sum(close), beside, line.kind, len(name), name


def _fits(words: Sequence[str], one: _Indexed) -> tuple[int, ...] | None:
    found = []
    for word in words:
        close = closeness(word, one.haystack, one.initials)
        if close is None:
            return None
        found.append(close)
    return tuple(found)


def _first_lines(stock: Stock, recent: Mapping[str, int]) -> tuple[Line, ...]:
    lines = {one.line.id: one.line for one in stock.lines}
    for one in stock.known.known if recent else ():
        if f"subject {one.subject}" in recent:
            lines[f"subject {one.subject}"] = subject_line(one)
    usual = [line for line in lines.values() if line.kind is not Kind.FORM or line.id in recent]
    usual.sort(key=lambda line: (line.why_not is not None, recent.get(line.id, LINES * LINES), line.kind))
    return tuple(usual[:LINES])


def subject_line(known: Known) -> Line:
    """Return the line of a subject."""
    number, also = known.numbers[0], known.numbers[1:]
    note = Text({one: "  ".join((words, *also)) for one, words in known.status.by_language.items()})
    return Line(
        id=f"subject {known.subject}",
        kind=Kind.SUBJECT,
        label=Text(dict.fromkeys(known.status.by_language, number)),
        note=note,
        icon="person",
        leads_to=known.subject,
    )


def _subjects(stock: Stock, words: Sequence[str], recent: Mapping[str, int]) -> list[tuple[Rank, Line]]:
    found = []
    for place, haystack in enumerate(stock.known.haystacks):
        if all(word in haystack for word in words):
            close = [closeness(word, haystack) for word in words]
            fits = [one for one in close if one is not None]
            if len(fits) == len(close):
                found.append((max(fits), sum(fits), place, fits))
    lines = []
    for _, _, place, fits in heapq.nsmallest(LINES, found):
        known = stock.known.known[place]
        line = subject_line(known)
        lines.append((_rank(fits, line, {line.id: -1} if _is_number_of(words, known) else recent), line))
    return lines


def _is_number_of(words: Sequence[str], known: Known) -> bool:
    """Tell whether the words are a subject's number, with or without what stands before its last hyphen."""
    numbers = [words_of(number) for number in known.numbers]
    return any(tuple(words) in {number, number[-1:]} for number in numbers)


def _forms(stock: Stock, words: Sequence[str], recent: Mapping[str, int]) -> list[tuple[Rank, Line]]:
    """Find planned forms of other subjects: the words that a form leaves over must name the subject."""
    found: list[tuple[Rank, Line]] = []
    named: dict[tuple[str, ...], list[int]] = {}
    for planned, one in stock.planned:
        close = {word: closeness(word, one.haystack, one.initials) for word in words}
        left = tuple(word for word in words if close[word] is None)
        taken = [value for value in close.values() if value is not None]
        if not taken:
            continue
        if left not in named:
            named[left] = _named(stock, left)
        beside = one.beside(words)
        for place in named[left]:
            known = stock.known.known[place]
            line = planned.of(known.subject, known.numbers[0])
            found.append((_rank([*taken, *([BEGINS] if left else [])], line, recent, beside), line))
    return found


def _named(stock: Stock, words: Sequence[str]) -> list[int]:
    """Return the places of the subjects whose number the words name, the closest first."""
    if not words:
        return [stock.front] if stock.front is not None else []
    found = []
    for place, haystack in enumerate(stock.known.numbers):
        if all(f" {word}" in haystack for word in words):
            found.append((sum(f" {word} " not in haystack for word in words), place))
    return [place for _, place in heapq.nsmallest(LINES, found)]
