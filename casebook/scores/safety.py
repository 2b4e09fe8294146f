"""Safety: intracranial haemorrhage, symptomatic haemorrhage, and how the NIHSS moves after randomisation.

Scores are looked up in the scale's own forms and never typed again: the functions over columns get the
times and totals of every assessment. An assessment whose place before or after another moment cannot be
told (its time is unknown) leaves the answer open.

Source: clinical content, sections 0.0 (sICH, EC029, POST_END), 1.7, 2.7 and 7.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from casebook.records import Reading
from casebook.scores.registry import (
    WHOLE,
    Columns,
    Readings,
    both,
    derivation,
    either,
    is_any,
    number_text,
    numbers,
    rule,
    yes_no,
)
from casebook.values import Interval, Kind, at_most, interval_of, less

# -- Heidelberg classes ----------------------------------------------------------------------------------

HEIDELBERG = {
    "PH2": "2",
    "PH1": "1c",
    "PHR1": "3a",
    "PHR2": "3a",
    "IVH": "3b",
    "SAH": "3c",
    "SDH": "3d",
    "HI2": "1b",
    "HI1": "1a",
}
"""Heidelberg class of each finding, the most severe first (section 2.7)."""
_CLASSES = ("1a", "1b", "1c", "2", "3a", "3b", "3c", "3d")
NO_HAEMORRHAGE = "NONE"


def heidelberg_of(findings: Sequence[str]) -> str | None:
    """Return the class of the most severe of the findings, None without one. Source: section 2.7."""
    found = {code.upper() for code in findings}
    return next((grade for finding, grade in HEIDELBERG.items() if finding in found), None)


def _classes(reading: Reading) -> frozenset[str]:
    found = {code.upper() for code in (reading.value or "").split()}
    return frozenset(grade for finding, grade in HEIDELBERG.items() if finding in found)


@derivation(1)
def heidelberg_headline(readings: Readings) -> str | None:
    """Return the Heidelberg class of the most severe finding, None without one. Source: section 2.7."""
    return heidelberg_of((readings[0].value or "").split())


@derivation(1)
def heidelberg_classes(readings: Readings) -> str | None:
    """Return the Heidelberg class of every finding, in the order of the classes. Source: section 2.7."""
    found = _classes(readings[0])
    return " ".join(grade for grade in _CLASSES if grade in found) or None


@rule(2)
def heidelberg_disagrees(readings: Readings) -> bool | None:
    """EC055: the class that the report states is not that of the findings. Items: findings, reported classes.

    A report may state the class of each finding, or that of the most severe one only. Source: section 7.
    """
    findings, reported = readings
    if findings.value is None or reported.value is None:
        return None
    stated, derived = frozenset(reported.value.split()), _classes(findings)
    headline = heidelberg_of(findings.value.split())
    return stated not in ({derived, frozenset({headline})} if headline else {derived})


# -- symptomatic haemorrhage -------------------------------------------------------------------------------

RISE = 4
"""Points of the NIHSS that make a haemorrhage symptomatic."""
ITEM_RISE = 2
"""Points in a single item of the NIHSS (Heidelberg)."""
EARLY_HOURS = 36
WEEK_HOURS = 7 * 24
SAFETY_HOURS = 48
_LARGE = frozenset({"PH2", "PHR2"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Bleeding:
    """What the five definitions ask of one haemorrhage. None: not known.

    Attributes:
        findings: Codes of the haemorrhage list; () for none.
        imaging_hours: From randomisation, in both arms, to the image.
        lowest_24h: The lowest score from randomisation to 24 h, and before the worsening.
        lowest_7d: The same to 7 days.
        worst: The highest score at or after the worsening.
        open_scores: Whether a score that is not known may still come. If not, it could not be taken, and
            only intervention and death can make the haemorrhage symptomatic.
    """

    new: bool | None
    findings: tuple[str, ...] | None
    imaging_hours: Fraction | None
    baseline: int | None = None
    lowest_24h: int | None = None
    lowest_7d: int | None = None
    before: int | None = None
    worst: int | None = None
    item_rise: int | None = None
    intervention: bool | None = None
    alternative: bool | None = None
    predominant: bool | None = None
    decline: bool | None = None
    death: bool | None = None
    open_scores: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptomatic:
    """Whether a haemorrhage is symptomatic, by each definition. None: cannot be told."""

    heidelberg: bool | None
    sits_most: bool | None
    ecass2: bool | None
    ecass3: bool | None
    ninds: bool | None


def symptomatic_of(bleeding: Bleeding) -> Symptomatic:
    """Judge one haemorrhage by the five definitions, time zero being randomisation.

    Heidelberg: a new haemorrhage without a better explanation, and a rise of 4 from the score immediately
    before the worsening, of 2 in one item, or a major intervention. SITS-MOST: PH2 or PHr2 within 36 h and
    a rise of 4 from the lower of baseline and lowest 0-24 h score, or death. ECASS II: any within 7 days
    and the same against 0-7 days. ECASS III: ECASS II, and the haemorrhage is the predominant cause.
    NINDS: any within 36 h with any decline.

    Source: clinical content, sections 0.0 (sICH) and 2.7.
    """
    found = None if bleeding.findings is None else {one.upper() for one in bleeding.findings} - {NO_HAEMORRHAGE}
    present = both(bleeding.new, True if found is None else bool(found))
    large = None if found is None else bool(found & _LARGE)
    week = either(_rises(bleeding, _lower(bleeding.baseline, bleeding.lowest_7d)), bleeding.death)
    day = either(_rises(bleeding, _lower(bleeding.baseline, bleeding.lowest_24h)), bleeding.death)
    item = _scored(bleeding, answer=None if bleeding.item_rise is None else bleeding.item_rise >= ITEM_RISE)
    ecass2 = both(present, _within(bleeding, WEEK_HOURS), week)
    return Symptomatic(
        heidelberg=both(
            present,
            None if bleeding.alternative is None else not bleeding.alternative,
            either(_rises(bleeding, bleeding.before), item, bleeding.intervention),
        ),
        sits_most=both(present, large, _within(bleeding, EARLY_HOURS), day),
        ecass2=ecass2,
        ecass3=both(ecass2, bleeding.predominant),
        ninds=both(present, _within(bleeding, EARLY_HOURS), bleeding.decline),
    )


def _lower(one: int | None, other: int | None) -> int | None:
    return min((score for score in (one, other) if score is not None), default=None)


def _rises(bleeding: Bleeding, start: int | None) -> bool | None:
    known = start is not None and bleeding.worst is not None
    return _scored(bleeding, answer=(bleeding.worst or 0) - (start or 0) >= RISE if known else None)


def _scored(bleeding: Bleeding, *, answer: bool | None) -> bool | None:
    return False if answer is None and not bleeding.open_scores else answer


def _within(bleeding: Bleeding, hours: int) -> bool | None:
    return None if bleeding.imaging_hours is None else bleeding.imaging_hours <= hours


def _bleeding(readings: Readings) -> Bleeding:
    new, findings, randomised, imaged, *scores, intervention, alternative, predominant, decline, death, unscored = (
        readings
    )
    baseline, lowest_24h, lowest_7d, before, worst, item_rise = (_whole(one) for one in scores)
    minutes = _minutes(randomised, imaged)
    fell = None if before is None or worst is None else worst > before
    none = is_any(intervention, "NONE")
    return Bleeding(
        new=is_any(new, "Y"),
        findings=None if findings.value is None else tuple(findings.value.split()),
        imaging_hours=None if minutes is None else minutes / 60,
        baseline=baseline,
        lowest_24h=lowest_24h,
        lowest_7d=lowest_7d,
        before=before,
        worst=worst,
        item_rise=item_rise,
        intervention=None if none is None else not none,
        alternative=is_any(alternative, "Y"),
        predominant=is_any(predominant, "Y"),
        decline=True if fell else is_any(decline, "Y"),
        death=is_any(death, "Y"),
        open_scores=unscored.value != "Y",
    )


def _whole(reading: Reading) -> int | None:
    return int(reading.value) if reading.value is not None and WHOLE.fullmatch(reading.value) else None


def _minutes(start: Reading, end: Reading) -> Fraction | None:
    times = [interval_of(one.value) if one.value is not None else None for one in (start, end)]
    if any(one is None or one.kind is not Kind.INSTANT or not one.is_exact for one in times):
        return None
    first, last = (Fraction(one.low) for one in times if one is not None)
    return last - first


_FACTS = 16
"""Items of each definition: new haemorrhage, findings, randomisation, image, baseline score, lowest 0-24 h,
lowest 0-7 d, score before the worsening, worst, largest rise of one item, interventions, alternative
explanation, predominant cause, any decline, death, whether the scale could not be scored afterwards."""


def _code(*, answer: bool | None) -> str | None:
    return None if answer is None else yes_no(answer=answer)


@derivation(_FACTS)
def sich_heidelberg(readings: Readings) -> str | None:
    """Return Y for a symptomatic haemorrhage by the Heidelberg classification, else N. Source: section 2.7."""
    return _code(answer=symptomatic_of(_bleeding(readings)).heidelberg)


@derivation(_FACTS)
def sich_sits_most(readings: Readings) -> str | None:
    """Return Y for a symptomatic haemorrhage by SITS-MOST, else N. Source: section 2.7."""
    return _code(answer=symptomatic_of(_bleeding(readings)).sits_most)


@derivation(_FACTS)
def sich_ecass2(readings: Readings) -> str | None:
    """Return Y for a symptomatic haemorrhage by ECASS II, else N. Source: section 2.7."""
    return _code(answer=symptomatic_of(_bleeding(readings)).ecass2)


@derivation(_FACTS)
def sich_ecass3(readings: Readings) -> str | None:
    """Return Y for a symptomatic haemorrhage by ECASS III, else N. Source: section 2.7."""
    return _code(answer=symptomatic_of(_bleeding(readings)).ecass3)


@derivation(_FACTS)
def sich_ninds(readings: Readings) -> str | None:
    """Return Y for a symptomatic haemorrhage by NINDS, else N. Source: section 2.7."""
    return _code(answer=symptomatic_of(_bleeding(readings)).ninds)


@derivation(3)
def sich_within_48h(readings: Readings) -> str | None:
    """Return SICH48: symptomatic by the chosen definition and imaged within 48 h of randomisation.

    Items: the flag of the chosen definition, randomisation, image. Source: sections 0.0 (sICH) and 1.6.
    """
    flag, randomised, imaged = readings
    minutes = _minutes(randomised, imaged)
    early = None if minutes is None else minutes <= SAFETY_HOURS * 60
    return _code(answer=both(is_any(flag, "Y"), early))


@derivation(1, columns=2)
def finding_of_image(readings: Readings, columns: Columns) -> str | None:
    """Return what the imaging form of the same date and time found. Item: the time. Columns: times, findings.

    Source: section 5.12 (F.ICH, imaging id).
    """
    at = readings[0].value
    found = [two.value for one, two in zip(*columns, strict=True) if at is not None and one.value == at]
    return next((value for value in found if value), None)


@derivation(2)
def volume_growth(readings: Readings) -> str | None:
    """Return a volume less the earlier one, mL. Items: the core at baseline, the infarct. Source: section 1.6."""
    found = numbers(readings)
    return None if found is None else number_text(Fraction(found[1]) - Fraction(found[0]))


DEATH_AFTER_MINUTES = WEEK_HOURS * 60


@derivation(3)
def death_after_bleeding(readings: Readings) -> str | None:
    """Return Y for a death by the haemorrhage or within 7 days of it, else N.

    Items: when the haemorrhage was seen, death, cause of death. Source: section 2.7 (death); the 7 days
    are those of ECASS II (docs/study_assumptions.md).
    """
    seen, died, cause = readings
    if died.value is None:
        return "N"
    if cause.value == "ICH":
        return "Y"
    times = [interval_of(one.value or "") for one in (seen, died)]
    if times[0] is None or times[1] is None:
        return None
    return _code(answer=at_most(times[1], times[0].moved(DEATH_AFTER_MINUTES)))


# -- the course of the NIHSS --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One assessment that has a total."""

    at: Interval
    total: int
    place: int


def _scores(times: Sequence[Reading], totals: Sequence[Reading]) -> tuple[Score, ...] | None:
    """Return every assessment with a total; None where one of them has no date at all."""
    found: list[Score] = []
    for place, (time, reading) in enumerate(zip(times, totals, strict=True)):
        total = _whole(reading)
        if total is None:
            continue
        at = _instant(time)
        if at is None:
            return None
        found.append(Score(at=at, total=total, place=place))
    return tuple(found)


def _instant(reading: Reading) -> Interval | None:
    at = interval_of(reading.value) if reading.value is not None else None
    return at if at is not None and at.kind is Kind.INSTANT else None


def _placed(scores: Sequence[Score], *, before: Interval) -> tuple[tuple[Score, ...], tuple[Score, ...]] | None:
    """Split assessments into those before a moment and those at or after it; None where one cannot be placed."""
    earlier: list[Score] = []
    later: list[Score] = []
    for one in scores:
        first = less(one.at, before)
        if first is None:
            return None
        (earlier if first else later).append(one)
    return tuple(earlier), tuple(later)


def _latest(scores: Sequence[Score]) -> Score | None:
    """Return the last of the assessments; None where there is none, or their order cannot be told."""
    for one in scores:
        if all(other is one or at_most(other.at, one.at) for other in scores):
            return one
    return None


def _around(moment: Reading, columns: Columns) -> tuple[tuple[Score, ...], tuple[Score, ...]] | None:
    scores, at = _scores(columns[0], columns[1]), _instant(moment)
    return None if scores is None or at is None else _placed(scores, before=at)


@derivation(1, columns=2)
def nihss_before(readings: Readings, columns: Columns) -> str | None:
    """Return the last total before a worsening. Item: its time. Columns: times, totals. Source: section 2.7."""
    found = _around(readings[0], columns)
    last = None if found is None else _latest(found[0])
    return None if last is None else str(last.total)


@derivation(1, columns=2)
def nihss_first_after(readings: Readings, columns: Columns) -> str | None:
    """Return the first total at or after a worsening. Item: its time. Columns: times, totals. Source: 5.12."""
    found = _around(readings[0], columns)
    later = () if found is None else found[1]
    for one in later:
        if all(other is one or at_most(one.at, other.at) for other in later):
            return str(one.total)
    return None


@derivation(1, columns=2)
def nihss_worst(readings: Readings, columns: Columns) -> str | None:
    """Return the highest total at or after a worsening. Item: its time. Columns: times, totals. Source: 0.0."""
    found = _around(readings[0], columns)
    return None if found is None or not found[1] else str(max(one.total for one in found[1]))


def _lowest(readings: Readings, columns: Columns, *, hours: int) -> str | None:
    found, start = _around(readings[1], columns), _instant(readings[0])
    if found is None or start is None:
        return None
    totals: list[int] = []
    for one in found[0]:
        inside = both(at_most(start, one.at), at_most(one.at, start.moved(hours * 60)))
        if inside is None:
            return None
        totals.extend([one.total] if inside else [])
    return str(min(totals)) if totals else None


@derivation(2, columns=2)
def nihss_lowest_24h(readings: Readings, columns: Columns) -> str | None:
    """Return the lowest total from randomisation to 24 h, and before the worsening.

    Items: randomisation, worsening. Columns: times, totals. Source: sections 0.0 (sICH) and 2.7.
    """
    return _lowest(readings, columns, hours=24)


@derivation(2, columns=2)
def nihss_lowest_7d(readings: Readings, columns: Columns) -> str | None:
    """Return the lowest total from randomisation to 7 days, and before the worsening; as `nihss_lowest_24h`."""
    return _lowest(readings, columns, hours=WEEK_HOURS)


_ITEMS = 15


@derivation(1, columns=2 + _ITEMS)
def nihss_item_rise(readings: Readings, columns: Columns) -> str | None:
    """Return the largest rise of one item from the assessment before a worsening to any at or after it.

    Item: the worsening's time. Columns: times, totals, then the fifteen items. Untestable items do not
    count. Source: section 2.7 (Heidelberg).
    """
    found = _around(readings[0], columns)
    last = None if found is None else _latest(found[0])
    if found is None or last is None:
        return None
    rises = [
        grade - start
        for column in columns[2:]
        for later in found[1]
        if (start := _whole(column[last.place])) is not None and (grade := _whole(column[later.place])) is not None
    ]
    return str(max(rises)) if rises else None


@derivation(2)
def nihss_change(readings: Readings) -> str | None:
    """Return a total less the one before randomisation. Items: before randomisation, now. Source: section 1.6."""
    found = numbers(readings)
    return None if found is None else number_text(Fraction(found[1]) - Fraction(found[0]))


POST_END_RISE = 4
POST_END_MINUTES = 24 * 60


@derivation(3, columns=2)
def post_end(readings: Readings, columns: Columns) -> str | None:
    """Return POST_END: Y for a rise of 4 from an earlier total, both after randomisation, at most 24 h apart.

    Items: this assessment's time and total, randomisation. Columns: times and totals of all assessments.
    None for an assessment that is not after randomisation. Source: sections 0.0 and 1.7.
    """
    at, total, randomised = _instant(readings[0]), _whole(readings[1]), _instant(readings[2])
    if at is None or total is None or randomised is None or at_most(randomised, at) is not True:
        return None
    scores = _scores(columns[0], columns[1])
    if scores is None:
        return None
    lower = [one for one in scores if total - one.total >= POST_END_RISE]
    return _code(
        answer=either(
            *(
                both(at_most(randomised, one.at), less(one.at, at), at_most(at, one.at.moved(POST_END_MINUTES)))
                for one in lower
            )
        )
    )


JUMP = 8
"""EC029: a rise of this many points between adjacent assessments asks for its cause."""
_EXPLAINED_MINUTES = 24 * 60


@rule(2, columns=6)
def nihss_jump_unexplained(readings: Readings, columns: Columns) -> bool | None:
    """EC029: the total is 8 or more above the assessment before, and no form of an event explains it.

    Items: this assessment's time and total. Columns: times and totals of all assessments, then times of
    worsenings, haemorrhages, death, and the progression that led into the trial. An event explains the
    rise from the earlier assessment to 24 h after this one; one whose time is not known, where it may lie
    there. Source: sections 0.0 (EC029) and 7.
    """
    at, total = _instant(readings[0]), _whole(readings[1])
    found = _around(readings[0], columns[:2])
    if at is None or total is None or found is None:
        return None
    if not found[0]:
        return False
    before = _latest(found[0])
    if before is None:
        return None
    if total - before.total < JUMP:
        return False
    events = [_instant(one) for column in columns[2:] for one in column]
    until = at.moved(_EXPLAINED_MINUTES)
    return not any(
        event is not None and less(event, before.at) is not True and less(until, event) is not True for event in events
    )
