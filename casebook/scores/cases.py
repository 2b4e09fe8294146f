"""Groups of `casebook study test` that are pure scores: from the facts of a case to what the score says.

Each calls the very function that the forms name; nothing is computed here a second time.

Source: clinical content, sections 0.0, 1.3 (I10, I11), 2.1 to 2.4, 2.7 and 4.2.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from casebook.case_facts import Answer, CaseFacts, UnusableFactError
from casebook.records import EMPTY, Reading
from casebook.scores.imaging import ASPECTS_THRESHOLD, Mismatch, aspects_of, mismatch_of
from casebook.scores.procedure import ETICI_GRADES, NO_RESCUE, reperfusion_of
from casebook.scores.registry import WHOLE
from casebook.scores.safety import HEIDELBERG, NO_HAEMORRHAGE, Bleeding, heidelberg_of, symptomatic_of
from casebook.scores.scales import NIHSS_ITEMS, mrs_result, nihss_result
from casebook.values import INFINITE, half_up

VOLUME_DECIMALS, RATIO_DECIMALS = 1, 2
"""Decimals with which perfusion is shown (clinical content, section 0.0)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseGroup:
    """A group of cases.

    Attributes:
        keys: The facts that it can use; a case that gives another one fails.
        answer: From the facts to the answers. Raises UnusableFactError.
    """

    keys: frozenset[str]
    answer: Callable[[CaseFacts], Answer]


def nihss_total(facts: CaseFacts) -> Answer:
    """Sum an NIHSS sitting; null and absent are missing. Source: section 2.1."""
    result = nihss_result([_grade(facts, item) for item in NIHSS_ITEMS])
    return {
        "total": result.total,
        "un_items": list(result.un_items),
        "invalid_items": list(result.invalid_items),
        "missing_items": list(result.missing_items),
    }


def _grade(facts: CaseFacts, item: str) -> Reading:
    value = facts.given.get(item)
    if value is None:
        return EMPTY
    if isinstance(value, str) and not WHOLE.fullmatch(value):
        return Reading(value=value)
    return Reading(value=str(facts.whole(item)))


def aspects(facts: CaseFacts) -> Answer:
    """Score affected regions; a name that is no region gives no score. Source: sections 1.3 (I10) and 2.3."""
    regions = facts.texts("affected_regions")
    score = None if regions is None else aspects_of(regions)
    return {
        "score": score,
        "valid": regions is None or score is not None,
        "meets_I10": None if score is None else score >= ASPECTS_THRESHOLD,
    }


def perfusion(facts: CaseFacts) -> Answer:
    """Compare two volumes with I11: unrounded compared, rounded shown. Source: sections 1.3 (I11) and 4.2."""
    core, hypoperfused = facts.number("core_ml"), facts.number("hypoperfusion_tmax6_ml")
    for key, volume in (("core_ml", core), ("hypoperfusion_tmax6_ml", hypoperfused)):
        if volume is not None and volume < 0:
            raise UnusableFactError(f"{key} is {volume}, and no volume is negative")
    if core is None or hypoperfused is None:
        return {"mismatch_ml": None, "mismatch_ratio": None, "meets_I11_volumes": None, "failed_parts": []}
    found = mismatch_of(core, hypoperfused)
    return {
        "mismatch_ml": str(half_up(found.volume, VOLUME_DECIMALS)),
        "mismatch_ratio": _ratio_shown(found),
        "meets_I11_volumes": not found.failed_parts,
        "failed_parts": list(found.failed_parts),
    }


def _ratio_shown(found: Mismatch) -> str | None:
    if found.infinite:
        return INFINITE
    return None if found.ratio is None else str(half_up(found.ratio, RATIO_DECIMALS))


def mrs(facts: CaseFacts) -> Answer:
    """Judge a grade of the mRS; what was not obtained stays missing. Source: section 2.2."""
    grade, alive = facts.whole("mrs"), facts.yes("alive")
    result = mrs_result(grade, alive=alive)
    return {
        "valid": result.valid,
        "excellent_0_1": result.excellent_0_1,
        "primary_0_2": result.primary_0_2,
        "ambulatory_0_3": result.ambulatory_0_3,
        "dead": True if grade is None and alive is False else result.dead,
        "allowed_as_prestroke": result.allowed_as_prestroke,
    }


def sich(facts: CaseFacts) -> Answer:
    """Judge a haemorrhage by the five definitions. Source: sections 0.0 (sICH) and 2.7.

    A score that is null could not be taken: then only intervention and death make it symptomatic, and a
    rise in a single item, which needs scores, does not count either.
    """
    findings, worst = _findings(facts), facts.whole("nihss_worst")
    item_rise = facts.whole("max_single_item_rise")
    hours = facts.number("imaging_h")
    result = symptomatic_of(
        Bleeding(
            new=facts.yes("new_ich"),
            findings=findings,
            imaging_hours=None if hours is None else Fraction(hours),
            baseline=facts.whole("nihss_baseline"),
            lowest_24h=facts.whole("nihss_lowest_0_24h"),
            lowest_7d=facts.whole("nihss_lowest_0_7d"),
            before=facts.whole("nihss_before_worsening"),
            worst=worst,
            item_rise=None if worst is None else item_rise,
            intervention=facts.yes("major_intervention"),
            alternative=facts.yes("alternative_explanation"),
            predominant=facts.yes("ich_predominant_cause"),
            decline=facts.yes("any_decline"),
            death=facts.yes("death"),
        )
    )
    return {
        "heidelberg": result.heidelberg,
        "sits_most": result.sits_most,
        "ecass2": result.ecass2,
        "ecass3": result.ecass3,
        "ninds": result.ninds,
        "heidelberg_class": None if findings is None else heidelberg_of(findings),
    }


def _findings(facts: CaseFacts) -> tuple[str, ...] | None:
    """Return the codes of one or several findings: a list, or a text with spaces between them."""
    if isinstance(facts.given.get("ht_type"), list):
        codes = facts.texts("ht_type") or None
    else:
        text = facts.text("ht_type")
        codes = None if text is None else tuple(text.split()) or (text,)
    known = {*HEIDELBERG, NO_HAEMORRHAGE}
    for one in codes or ():
        if one.upper() not in known:
            raise UnusableFactError(f"ht_type {one} is no type of haemorrhage")
    return codes


def reperfusion(facts: CaseFacts) -> Answer:
    """Grade a reperfusion, eTICI or a plain `2b`. Source: sections 0.0 (passes) and 2.4."""
    grade, passes = facts.code("etici", ETICI_GRADES), facts.whole("passes")
    if passes is not None and passes < 0:
        raise UnusableFactError(f"passes is {passes}, and no number of passes is negative")
    rescue = facts.text("rescue")
    found = None if grade is None else reperfusion_of(grade, _exact(passes), _rescues(rescue))
    if found is None:
        return {"mtici": None, "successful": None, "near_complete": None, "first_pass_effect": None}
    return {
        "mtici": found.mtici,
        "successful": found.successful,
        "near_complete": found.near_complete,
        "first_pass_effect": found.first_pass_effect,
    }


def _exact(number: int | None) -> Decimal | None:
    return None if number is None else Decimal(number)


def _rescues(text: str | None) -> tuple[str, ...] | None:
    """Return rescue treatments; Y stands for any of them, N for none."""
    if text is None:
        return None
    return () if not text.split() else tuple(NO_RESCUE[0] if one in NO_RESCUE else one for one in text.split())


CASE_GROUPS: Mapping[str, CaseGroup] = {
    "nihss_total": CaseGroup(keys=frozenset(NIHSS_ITEMS), answer=nihss_total),
    "aspects": CaseGroup(keys=frozenset({"affected_regions"}), answer=aspects),
    "perfusion": CaseGroup(keys=frozenset({"core_ml", "hypoperfusion_tmax6_ml"}), answer=perfusion),
    "mrs": CaseGroup(keys=frozenset({"mrs", "alive"}), answer=mrs),
    "sich": CaseGroup(
        keys=frozenset(
            {
                "new_ich",
                "ht_type",
                "imaging_h",
                "nihss_baseline",
                "nihss_lowest_0_24h",
                "nihss_lowest_0_7d",
                "nihss_before_worsening",
                "nihss_worst",
                "max_single_item_rise",
                "major_intervention",
                "alternative_explanation",
                "ich_predominant_cause",
                "any_decline",
                "death",
            }
        ),
        answer=sich,
    ),
    "reperfusion": CaseGroup(keys=frozenset({"etici", "passes", "rescue"}), answer=reperfusion),
}
"""The groups of cases that ask a score and need no study definition, by name."""
