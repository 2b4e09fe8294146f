"""What stands beside the visits of a casebook, as lines of tables: logs and events, due, findings, eligibility."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from PySide6.QtCore import QCoreApplication

from desktop_app.models import spans, times
from desktop_app.models.line_table import Line
from desktop_app.models.words import Sign, cell_sign, whereis_sign
from desktop_app.phrases import told_of
from desktop_app.snapshots import (
    CasebookView,
    CellState,
    CriterionLine,
    Custody,
    DueKind,
    DueLine,
    EligibilityView,
    FindingLine,
    InstanceRow,
    QueryState,
    Running,
    Standing,
)
from desktop_app.theme import Tone
from desktop_app.today_snapshots import Urgency, urgency_of_end

RUNNING_SIGNS = {
    Running.LOG: "log",
    Running.EVENT: "event",
    Running.UNSCHEDULED: "add",
    Running.SITE: "site",
    Running.OTHER_VERSION: "trail",
}


# -- logs and events ------------------------------------------------------------------------------------


def running_headings() -> tuple[str, ...]:
    """Return the headings of `running_lines`."""
    return (
        QCoreApplication.translate("Boards", "Form"),
        QCoreApplication.translate("Boards", "Date"),
        QCoreApplication.translate("Boards", "Content"),
        QCoreApplication.translate("Boards", "State"),
        QCoreApplication.translate("Boards", "Findings"),
        QCoreApplication.translate("Boards", "Where it is"),
    )


def running_lines(rows: Iterable[InstanceRow], language: str) -> tuple[Line, ...]:
    """Return one line for each log, event and unscheduled form."""
    return tuple(_running_line(row, language) for row in rows)


def _running_line(row: InstanceRow, language: str) -> Line:
    cell = row.cell
    state = cell_sign(cell.state, need=cell.need, open_here=cell.open_here)
    where = whereis_sign(cell.whereis)
    findings = finding_count(cell.hard_findings, cell.soft_findings)
    signs = {0: Sign(icon=RUNNING_SIGNS[row.kind], word="", tone=Tone.QUIET), 3: state}
    if findings is not None:
        signs[4] = findings
    if cell.custody is not Custody.NOTHING:
        signs[5] = where
    return Line(
        texts=(
            f"{cell.label(language)} ({row.turn})" if row.turn > 1 else cell.label(language),
            row.day,
            content_of(row, language),
            state.word,
            findings.word if findings is not None else "",
            where.word if cell.custody is not Custody.NOTHING else "",
        ),
        signs=signs,
        what=cell.key,
    )


def content_of(row: InstanceRow, language: str) -> str:
    """Return what stands in a form: how many rows, its first answers, or why it is not applicable."""
    parts = []
    if row.kind is Running.OTHER_VERSION:
        parts.append(QCoreApplication.translate("Boards", "Of another version of the study: to read"))
    if row.entries is not None:
        parts.append(QCoreApplication.translate("Boards", "Entries: %1").replace("%1", str(row.entries)))
    if row.summary(language):
        parts.append(row.summary(language))
    if row.cell.why_not is not None and row.cell.state is CellState.NOT_APPLICABLE:
        parts.append(row.cell.why_not(language))
    return " · ".join(parts)


def finding_count(hard: int, soft: int) -> Sign | None:
    """Return the sign of open findings, or None where there are none."""
    if hard:
        alone = QCoreApplication.translate("Boards", "%1 hard")
        words = QCoreApplication.translate("Boards", "%1 hard, %2 soft") if soft else alone
        return Sign(icon="error", word=words.replace("%1", str(hard)).replace("%2", str(soft)), tone=Tone.BAD)
    if soft:
        words = QCoreApplication.translate("Boards", "%1 soft")
        return Sign(icon="warning", word=words.replace("%1", str(soft)), tone=Tone.WARN)
    return None


# -- what is due ------------------------------------------------------------------------------------------


def due_headings() -> tuple[str, ...]:
    """Return the headings of `due_lines`."""
    return (
        QCoreApplication.translate("Boards", "What"),
        QCoreApplication.translate("Boards", "When"),
        QCoreApplication.translate("Boards", "About"),
    )


def due_lines(lines: Iterable[DueLine], language: str) -> tuple[Line, ...]:
    """Return one line for each thing that is due."""
    return tuple(
        Line(texts=(sign.word, due_when(one), one.what(language)), signs={0: sign}, what=one)
        for one in lines
        for sign in (due_sign(one),)
    )


def due_sign(line: DueLine) -> Sign:
    """Return what kind of thing is due, as a sign."""
    match line.kind:
        case DueKind.VISIT_OPEN:
            word = QCoreApplication.translate("Boards", "Visit window is open")
            return Sign(icon="event", word=word, tone=Tone.ACCENT)
        case DueKind.VISIT_AHEAD:
            word = QCoreApplication.translate("Boards", "Visit to come")
            return Sign(icon="event", word=word, tone=Tone.QUIET)
        case DueKind.VISIT_MISSED:
            word = QCoreApplication.translate("Boards", "Visit missed")
            return Sign(icon="warning", word=word, tone=Tone.BAD)
        case DueKind.CLOCK if line.over:
            word = QCoreApplication.translate("Boards", "Time has run out")
            return Sign(icon="clock", word=word, tone=Tone.BAD)
        case DueKind.CLOCK:
            word = QCoreApplication.translate("Boards", "Clock is running")
            return Sign(icon="clock", word=word, tone=Tone.WARN)
        case DueKind.OPENS:
            word = QCoreApplication.translate("Boards", "Not before")
            return Sign(icon="clock", word=word, tone=Tone.QUIET)
        case DueKind.DEVIATION:
            word = QCoreApplication.translate("Boards", "Deviation to classify")
            return Sign(icon="warning", word=word, tone=Tone.WARN)
        case DueKind.FORM:
            word = QCoreApplication.translate("Boards", "Form to finish")
            return Sign(icon="in_progress", word=word, tone=Tone.QUIET)


def due_when(line: DueLine) -> str:
    """Return the instant that counts, with the word that says how it counts."""
    if line.at is None:
        return ""
    match line.kind:
        case DueKind.VISIT_OPEN:
            words = QCoreApplication.translate("Boards", "until %1")
        case DueKind.VISIT_AHEAD | DueKind.OPENS:
            words = QCoreApplication.translate("Boards", "from %1")
        case DueKind.VISIT_MISSED:
            words = QCoreApplication.translate("Boards", "closed %1")
        case DueKind.CLOCK if line.over:
            words = QCoreApplication.translate("Boards", "ended %1")
        case DueKind.CLOCK:
            words = QCoreApplication.translate("Boards", "until %1")
        case _:
            words = QCoreApplication.translate("Boards", "since %1")
    return words.replace("%1", times.minute(line.at))


def due_sentence(line: DueLine, language: str) -> str:
    """Return a due thing as one line of text."""
    parts = (line.what(language), due_sign(line).word, due_when(line))
    return " · ".join(part for part in parts if part)


# -- findings ---------------------------------------------------------------------------------------------


def finding_headings() -> tuple[str, ...]:
    """Return the headings of `finding_lines`."""
    return (
        QCoreApplication.translate("Boards", "Rule"),
        QCoreApplication.translate("Boards", "Where"),
        QCoreApplication.translate("Boards", "Item"),
        QCoreApplication.translate("Boards", "What was found"),
        QCoreApplication.translate("Boards", "State"),
    )


def finding_lines(lines: Iterable[FindingLine], language: str, reasons: Mapping[str, str]) -> tuple[Line, ...]:
    """Return one line for each finding. `reasons`: the words of common reasons by their codes."""
    return tuple(
        Line(
            texts=(
                f"{one.check}\n{kind.word}",
                one.where(language),
                one.item(language),
                one.message(language),
                _answer(one, reasons),
            ),
            signs={0: kind, 4: query_sign(one.state)},
            what=(one.key, one.path, one.check),
        )
        for one in lines
        for kind in (severity_sign(one.severity.value),)
    )


def _answer(line: FindingLine, reasons: Mapping[str, str]) -> str:
    word = query_sign(line.state).word
    return f"{word}: {reasons.get(line.reason, line.reason)}" if line.reason else word


def severity_sign(severity: str) -> Sign:
    """Return the sign of a severity: H stands in the way of "complete", S asks."""
    if severity == "H":
        return Sign(icon="error", word=QCoreApplication.translate("Boards", "hard"), tone=Tone.BAD)
    return Sign(icon="warning", word=QCoreApplication.translate("Boards", "soft"), tone=Tone.WARN)


def query_sign(state: QueryState) -> Sign:
    """Return the sign of how a finding stands."""
    match state:
        case QueryState.OPEN:
            return Sign(icon="question", word=QCoreApplication.translate("Boards", "open"), tone=Tone.QUIET)
        case QueryState.ANSWERED:
            word = QCoreApplication.translate("Boards", "confirmed true")
            return Sign(icon="check", word=word, tone=Tone.GOOD)
        case QueryState.CLOSED:
            return Sign(icon="check", word=QCoreApplication.translate("Boards", "closed"), tone=Tone.QUIET)


# -- eligibility ------------------------------------------------------------------------------------------


def criterion_headings() -> tuple[str, ...]:
    """Return the headings of `criterion_lines`."""
    return (
        QCoreApplication.translate("Boards", "Criterion"),
        QCoreApplication.translate("Boards", "Standing"),
        QCoreApplication.translate("Boards", "What it says"),
        QCoreApplication.translate("Boards", "What decides it"),
        QCoreApplication.translate("Boards", "Time limit"),
    )


def criterion_lines(view: EligibilityView, now: datetime | None, language: str) -> tuple[Line, ...]:
    """Return one line for each criterion, in the order of the protocol; with the time left at `now`, if clocks run."""
    return tuple(_criterion_line(one, now, language) for one in view.criteria)


def _criterion_line(one: CriterionLine, now: datetime | None, language: str) -> Line:
    sign, limit = standing_sign(one.standing, inclusion=one.inclusion), limit_of(one, now)
    signs, standing = {1: sign}, sign.word
    if now is not None and one.closes_at is not None and one.standing is Standing.MET:
        signs = {1: end_sign(one.closes_at, now) or sign, 4: end_sign(one.closes_at, now) or sign}
        standing = f"{sign.word}\n{spans.end_words(one.closes_at, now).partition(chr(10))[0]}"
    texts = (one.id, standing, one.label(language), facts_of(one, language), limit)
    return Line(texts=texts, signs=signs, what=one.id)


def first_criterion(view: EligibilityView) -> str:
    """Return the criterion to be looked at first: one against, one unknown, else the one whose limit ends first."""
    for standing in (Standing.NOT_MET, Standing.UNKNOWN):
        for one in view.criteria:
            if one.standing is standing:
                return one.id
    ends = [(one.closes_at, one.id) for one in view.criteria if one.closes_at is not None]
    return min(ends)[1] if ends else ""


def end_sign(at: datetime, now: datetime) -> Sign | None:
    """Return how urgent an end is, as a sign; None where it can wait."""
    match urgency_of_end(at, now):
        case Urgency.OVERDUE:
            return Sign(icon="error", word=QCoreApplication.translate("Boards", "ended"), tone=Tone.BAD)
        case Urgency.NOW:
            return Sign(icon="warning", word=QCoreApplication.translate("Boards", "ends soon"), tone=Tone.WARN)
        case Urgency.TODAY:
            return Sign(icon="clock", word=QCoreApplication.translate("Boards", "ends today"), tone=Tone.ACCENT)
        case Urgency.OPEN:
            return None


def standing_sign(standing: Standing, *, inclusion: bool) -> Sign:
    """Return the sign of a criterion's standing; an exclusion criterion that is met in its words excludes."""
    match standing:
        case Standing.MET if inclusion:
            return Sign(icon="check", word=QCoreApplication.translate("Boards", "met"), tone=Tone.GOOD)
        case Standing.MET:
            return Sign(icon="check", word=QCoreApplication.translate("Boards", "does not exclude"), tone=Tone.GOOD)
        case Standing.NOT_MET if inclusion:
            return Sign(icon="error", word=QCoreApplication.translate("Boards", "not met"), tone=Tone.BAD)
        case Standing.NOT_MET:
            return Sign(icon="error", word=QCoreApplication.translate("Boards", "excludes"), tone=Tone.BAD)
        case Standing.UNKNOWN:
            return Sign(icon="question", word=QCoreApplication.translate("Boards", "unknown"), tone=Tone.WARN)


def facts_of(line: CriterionLine, language: str) -> str:
    """Return the facts that decide a criterion, one below the other; a missing one says so."""
    typed = QCoreApplication.translate("Boards", "not entered")
    worked_out = QCoreApplication.translate("Boards", "not known yet")
    return "\n".join(
        told_of(language, one.label(language), one.shown(language) or (worked_out if one.derived else typed))
        for one in line.facts
    )


def limit_of(line: CriterionLine, now: datetime | None) -> str:
    """Return when time alone changes how a criterion stands; how long that is away, while its clock runs."""
    parts = []
    if line.opens_at is not None and now is not None and line.opens_at > now:
        parts.append(spans.begin_words(line.opens_at, now))
    elif line.opens_at is not None:
        parts.append(QCoreApplication.translate("Boards", "from %1").replace("%1", times.minute(line.opens_at)))
    if line.closes_at is not None and now is not None:
        parts.append(spans.end_words(line.closes_at, now))
    elif line.closes_at is not None:
        parts.append(QCoreApplication.translate("Boards", "until %1").replace("%1", times.minute(line.closes_at)))
    return "\n".join(parts)


def eligibility_sentence(view: EligibilityView) -> tuple[str, Tone]:
    """Return how the subject stands, with totals, and its tone."""
    met, failed, unknown = (view.count(one) for one in (Standing.MET, Standing.NOT_MET, Standing.UNKNOWN))
    if view.eligible:
        words, tone = QCoreApplication.translate("Boards", "Eligible as entered."), Tone.GOOD
    elif failed:
        words, tone = QCoreApplication.translate("Boards", "Not eligible as entered."), Tone.BAD
    else:
        words, tone = QCoreApplication.translate("Boards", "Not yet known to be eligible."), Tone.WARN
    totals = QCoreApplication.translate("Boards", "In order: %1. Against: %2. Unknown: %3.")
    said = [words, totals.replace("%1", str(met)).replace("%2", str(failed)).replace("%3", str(unknown))]
    if view.until is not None and not failed:
        limit = QCoreApplication.translate("Boards", "The first time limit ends %1.")
        said.append(limit.replace("%1", times.minute(view.until)))
    return " ".join(said), tone


def counts(view: CasebookView) -> dict[str, int]:
    """Return what the headings of the boards count: entered logs and events, what is due, open findings."""
    begun = [row for row in view.running if row.cell.state not in {CellState.EMPTY, CellState.NOT_APPLICABLE}]
    return {
        "running": len(begun),
        "due": sum(1 for one in view.due if one.kind not in {DueKind.VISIT_AHEAD, DueKind.OPENS}),
        "findings": sum(1 for one in view.findings if one.state is QueryState.OPEN),
    }
