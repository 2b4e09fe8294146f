"""Eligibility, the timeline and the screening log as tables for paper, in every language of the product.

Pure functions; the drawing is `casebook.paper.table_document`'s.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from casebook.chronology import Chronology, Shape
from casebook.design import Text
from casebook.paper.table import Cell, Table
from desktop_app.phrases import told_of
from desktop_app.reader import Reader
from desktop_app.snapshots import CriterionLine, EligibilityView, FactLine, Standing, SubjectRow
from desktop_app.version_snapshots import ChangeLine, VersionsView


def _both(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


def _same(text: str) -> Text:
    return Text({"en": text, "zh": text})


ELIGIBILITY_TITLE = _both("Eligibility", "入选资格")
TIMELINE_TITLE = _both("Timeline", "时间线")
VERSIONS_TITLE = _both("Study versions", "研究版本")
LOG_TITLE = _both("Screening log", "筛选登记表")
_STANDING = {
    (Standing.MET, True): _both("met", "符合"),
    (Standing.MET, False): _both("does not exclude", "不排除"),
    (Standing.NOT_MET, True): _both("not met", "不符合"),
    (Standing.NOT_MET, False): _both("excludes", "应排除"),
    (Standing.UNKNOWN, True): _both("unknown", "未知"),
    (Standing.UNKNOWN, False): _both("unknown", "未知"),
}


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


# -- eligibility ----------------------------------------------------------------------------------------


def eligibility_table(reader: Reader, view: EligibilityView, site_name: str) -> Table:
    """Return one row for each criterion: standing, deciding facts, time limit."""
    met, failed, unknown = (view.count(one) for one in (Standing.MET, Standing.NOT_MET, Standing.UNKNOWN))
    if view.eligible:
        verdict = _both("Eligible as entered.", "按录入内容，符合入选资格。")
    elif failed:
        verdict = _both("Not eligible as entered.", "按录入内容，不符合入选资格。")
    else:
        verdict = _both("Not yet known to be eligible.", "尚不能确定是否符合入选资格。")
    totals = _both(
        f"In order: {met}. Against: {failed}. Unknown: {unknown}.",
        f"符合 {met} 条，不符合 {failed} 条，未知 {unknown} 条。",
    )
    return Table(
        kind="ELIGIBILITY",
        title=ELIGIBILITY_TITLE,
        subject=reader.casebook.number,
        site=f"{reader.casebook.site} {site_name}".strip(),
        about=(verdict, totals),
        headings=(
            _both("Criterion", "标准"),
            _both("Standing", "状态"),
            _both("What it says", "内容"),
            _both("What decides it", "依据"),
            _both("Time limit", "时限"),
        ),
        shares=(0.08, 0.12, 0.30, 0.36, 0.14),
        rows=tuple(_criterion(one) for one in view.criteria),
        record_state=reader.casebook.digest,
    )


def _criterion(line: CriterionLine) -> tuple[Cell, ...]:
    limits = []
    if line.opens_at is not None:
        limits.append(_both(f"from {_minute(line.opens_at)}", f"{_minute(line.opens_at)} 起"))
    if line.closes_at is not None:
        limits.append(_both(f"until {_minute(line.closes_at)}", f"{_minute(line.closes_at)} 止"))
    against = line.standing is Standing.NOT_MET
    return (
        Cell(lines=(_same(line.id),), bold=True),
        Cell(lines=(_STANDING[line.standing, line.inclusion],), bold=against, alert=against),
        Cell(lines=(line.label,)),
        Cell(lines=tuple(_fact(one) for one in line.facts)),
        Cell(lines=tuple(limits)),
    )


def _fact(fact: FactLine) -> Text:
    missing = _both("not known", "未知")
    return Text(
        {one: told_of(one, label, fact.shown(one) or missing(one)) for one, label in fact.label.by_language.items()}
    )


# -- timeline -------------------------------------------------------------------------------------------


def timeline_table(reader: Reader, chronology: Chronology, site_name: str) -> Table:
    """Return one row for each mark of the drawing but the present, then one for each thing that is not drawn."""
    rows = [
        (
            Cell(lines=(stop.when,)),
            Cell(lines=(stop.label,), bold=True),
            Cell(lines=(stop.what,), alert=stop.shape in {Shape.MISSED, Shape.NO_SCORE}),
        )
        for stop in chronology.stops
        if stop.shape is not Shape.NOW
    ]
    blank = Cell(lines=(_same(""),))
    return Table(
        kind="TIMELINE",
        title=TIMELINE_TITLE,
        subject=reader.casebook.number,
        site=f"{reader.casebook.site} {site_name}".strip(),
        about=(
            _both(
                "Times on the wall clock of the study's sites. Time is not drawn to scale: short times are wider.",
                "时间均为研究中心当地时间。时间轴不按比例绘制：较短的时段画得较宽。",
            ),
        ),
        headings=(_both("When", "时间"), _both("What", "事件"), _both("What it says", "内容")),
        shares=(0.26, 0.26, 0.48),
        rows=(*rows, *((blank, blank, Cell(lines=(said,), alert=True)) for said in chronology.absent)),
        record_state=reader.casebook.digest,
    )


# -- versions of the study ------------------------------------------------------------------------------


def versions_table(view: VersionsView, site: str, site_name: str) -> Table:
    """Return one row for each form that a version changes, and below them every change of the study in words."""
    state = hashlib.sha256(repr(view.lines).encode()).hexdigest()
    ahead = _both(
        f"What version {view.new} changes against version {view.old}, which is in force.",
        f"{view.new} 版相对于现行 {view.old} 版的变化。",
    )
    done = _both(
        f"What version {view.new}, which is in force, changed against version {view.old}.",
        f"现行 {view.new} 版相对于 {view.old} 版的变化。",
    )
    only = _both("This version is the only one.", "仅有此一个版本。")
    about = only if not view.new else ahead if view.ahead else done
    blank = Cell(lines=(_same(""),))
    sentences = tuple(
        (Cell(lines=(_both(en, zh),)), blank, blank, blank, blank)
        for en, zh in zip(view.changes.get("en", ()), view.changes.get("zh", ()), strict=True)
        if en.strip()
    )
    return Table(
        kind="VERSIONS",
        title=VERSIONS_TITLE,
        subject=site,
        site=f"{site} {site_name}".strip(),
        about=(about,),
        headings=(
            _both("Form, change", "表单、变化"),
            _both("Begun", "已录入"),
            _both("Kept", "保留"),
            _both("Added", "新增"),
            _both("No longer asked", "不再询问"),
        ),
        shares=(0.44, 0.08, 0.10, 0.16, 0.22),
        rows=(*(_changed(one) for one in view.lines), *sentences),
        record_state=state[:16],
    )


def _changed(line: ChangeLine) -> tuple[Cell, ...]:
    kept = [_same(str(line.kept))]
    if line.reworded:
        kept.append(_both(f"{line.reworded} reworded", f"其中 {line.reworded} 项措辞已改"))
    return (
        Cell(lines=(line.label,), bold=True),
        Cell(lines=(_same(str(line.instances)),)),
        Cell(lines=tuple(kept)),
        Cell(lines=(_same(str(line.added)), *line.added_items)),
        Cell(lines=(_same(str(line.orphaned)), *line.orphaned_items), alert=bool(line.orphaned)),
    )


# -- screening log --------------------------------------------------------------------------------------


def screening_table(rows: Sequence[SubjectRow], site: str, site_name: str) -> Table:
    """Return one row for each subject of the site, in order of number; no identity data."""
    state = hashlib.sha256("\n".join(f"{row.number} {row.last_change.isoformat()}" for row in rows).encode())
    counted: dict[str, int] = {}
    for row in rows:
        counted[row.status] = counted.get(row.status, 0) + 1
    labels = {row.status: row.status_label for row in rows}
    totals = {
        one: "; ".join(f"{labels[status](one)} {count}" for status, count in counted.items()) for one in ("en", "zh")
    }
    everyone = _both(f"Subjects: {len(rows)}. {totals['en']}", f"受试者 {len(rows)} 名。{totals['zh']}")
    return Table(
        kind="LOG",
        title=LOG_TITLE,
        subject=site,
        site=f"{site} {site_name}".strip(),
        about=(everyone,),
        headings=(
            _both("Subject", "受试者"),
            _both("Screened", "筛选"),
            _both("Consent", "知情同意"),
            _both("Randomised", "随机"),
            _both("Status", "状态"),
            _both("Since", "自"),
            _both("Reason", "原因"),
        ),
        shares=(0.12, 0.12, 0.12, 0.12, 0.17, 0.12, 0.23),
        rows=tuple(_subject(row) for row in rows),
        record_state=state.hexdigest()[:16],
    )


def _other_numbers(row: SubjectRow) -> tuple[Text, ...]:
    """Return the numbers under which the same person is known too, one line for each kind."""
    earlier, also = ", ".join(row.earlier), ", ".join(row.also)
    found = [_both(f"earlier {earlier}", f"原编号 {earlier}")] if earlier else []
    return (*found, *([_both(f"also {also}", f"又作 {also}")] if also else []))


def _subject(row: SubjectRow) -> tuple[Cell, ...]:
    facts = row.screening
    days = (f"{row.added_at:%Y-%m-%d}", facts.consented_on, facts.randomised_on)
    return (
        Cell(lines=(_same(row.number), *_other_numbers(row)), bold=True),
        *(Cell(lines=(_same(day or "–"),)) for day in days),
        Cell(lines=(row.status_label,)),
        Cell(lines=(_same(facts.since or "–"),)),
        Cell(lines=(facts.reason,)),
    )
