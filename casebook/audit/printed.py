"""An audit trail as a table for paper and as a table for spreadsheets.

Source: docs/paper.md, section "Tables"; docs/export.md, section "Tables" (no cell is taken for a formula).
"""

import hashlib
from collections.abc import Iterable, Sequence

from casebook.audit.act import both, same
from casebook.audit.lines import AuditLine
from casebook.design import Text
from casebook.paper.table import Cell, Table
from casebook.spreadsheet import table
from casebook.timekeeping import TimeStanding

TITLE = both("Audit trail", "稽查轨迹")
CSV_COLUMNS = (
    "at",
    "time_standing",
    "time_off_s",
    "person",
    "person_id",
    "role",
    "laptop",
    "sealed_by",
    "site",
    "subject",
    "visit",
    "form",
    "item",
    "what",
    "said",
    "old",
    "new",
    "why",
    "commit",
)
_HEADINGS = (
    both("When, by whom", "时间、人员"),
    both("Where", "位置"),
    both("What was done", "操作"),
    both("Why", "原因"),
    both("Record", "记录"),
)
_SHARES = (0.23, 0.21, 0.33, 0.13, 0.10)


def audit_csv(lines: Iterable[AuditLine], language: str) -> bytes:
    """Return lines as the bytes of a CSV file, in the words of `language`; times with their offset."""
    return table(CSV_COLUMNS, (_texts(line, language) for line in lines))


def _texts(line: AuditLine, language: str) -> tuple[str, ...]:
    label = line.time
    return (
        line.at.isoformat(timespec="milliseconds"),
        str(label.standing),
        "" if label.off_ms == 0 and not label.verified else f"{label.off_ms / 1000:.3f}",
        line.who(language),
        line.user,
        line.role(language),
        line.laptop,
        line.sealed_by(language),
        line.site,
        line.number,
        line.visit(language),
        line.form(language),
        line.item(language),
        line.name,
        line.sentence(language),
        line.old(language),
        line.new(language),
        line.why(language),
        line.commit,
    )


def audit_table(lines: Sequence[AuditLine], *, subject: str, site: str, about: tuple[Text, ...] = ()) -> Table:
    """Return lines as a table for paper, in their order.

    Args:
        lines: Those of one subject or of one form; see `casebook.audit.filters`.
        subject: The subject's number, or the site's.
        site: The site's number and name.
        about: Sentences above the table, such as the form and the conditions; how many lines it has follows.
    """
    state = hashlib.sha256("\n".join(f"{line.commit} {line.index}" for line in lines).encode("ascii"))
    uncertain = sum(not line.time.verified for line in lines)
    counted = both(
        f"Lines: {len(lines)}. Times that are not verified: {uncertain}.",
        f"共 {len(lines)} 行，其中 {uncertain} 行的时间未核实。",
    )
    return Table(
        kind="AUDIT",
        title=TITLE,
        subject=subject,
        site=site,
        about=(*about, counted),
        headings=_HEADINGS,
        shares=_SHARES,
        rows=tuple(_row(line, subject) for line in lines),
        record_state=state.hexdigest()[:16],
    )


def _row(line: AuditLine, subject: str) -> tuple[Cell, ...]:
    """Return a line; it names its own subject where the table is not about that one alone."""
    at = f"{line.at:%Y-%m-%d %H:%M:%S} {line.at.isoformat()[-6:]}"
    laptop = (both(f"laptop {line.laptop}", f"电脑 {line.laptop}"),) if line.laptop else ()
    who = (line.who, line.role) if line.role("en") else (line.who,)
    sealed = (both(f"sealed by {line.sealed_by('en')}", f"封存：{line.sealed_by('zh')}"),) if line.unconfirmed else ()
    number = same("" if line.number == subject else line.number)
    where = (number, line.visit, line.form, line.item)
    return (
        Cell(lines=(same(at), line.time_words, *who, *laptop, *sealed), alert=line.time.standing is TimeStanding.OFF),
        Cell(lines=tuple(one for one in where if one("en"))),
        Cell(lines=(line.sentence,)),
        Cell(lines=(line.why,)),
        Cell(lines=(same(line.commit_short),)),
    )
