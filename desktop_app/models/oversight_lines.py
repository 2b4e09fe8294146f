"""Queries, values to verify, forms to sign and held entries as lines of tables."""

from collections.abc import Collection, Iterable

from PySide6.QtCore import QCoreApplication

from casebook.records import FormKey
from desktop_app.models import times
from desktop_app.models.line_table import Line
from desktop_app.models.oversight_words import (
    age_word,
    query_sign,
    ruling_sign,
    turn_word,
    verify_sign,
)
from desktop_app.models.words import Sign, custody_sign
from desktop_app.oversight_snapshots import HeldLine, QueryLine, SignLine, VerifyLine
from desktop_app.snapshots import Custody
from desktop_app.theme import Tone

# -- queries ----------------------------------------------------------------------------------------------


def query_headings() -> tuple[str, ...]:
    """Return the headings of `query_lines`."""
    return (
        QCoreApplication.translate("Oversight", "State"),
        QCoreApplication.translate("Oversight", "Where"),
        QCoreApplication.translate("Oversight", "Item"),
        QCoreApplication.translate("Oversight", "Value now"),
        QCoreApplication.translate("Oversight", "Last words"),
        QCoreApplication.translate("Oversight", "Age"),
    )


def query_lines(lines: Iterable[QueryLine], language: str) -> tuple[Line, ...]:
    """Return one line for each query."""
    return tuple(_query_line(one, language) for one in lines)


def _query_line(line: QueryLine, language: str) -> Line:
    sign = query_sign(line)
    turn = turn_word(line.turn)
    signs = {0: sign}
    if line.custody is Custody.HERE_ONLY:
        signs[5] = custody_sign(line.custody)
    return Line(
        texts=(
            f"{sign.word}\n{turn}" if turn else sign.word,
            "\n".join(one for one in (line.number, line.where(language)) if one),
            line.what(language),
            line.value(language),
            last_words(line, language),
            age_word(line.age_days),
        ),
        signs=signs,
        what=line.id,
    )


def last_words(line: QueryLine, language: str) -> str:
    """Return what was said last and by whom; of a conflict nobody has spoken of, how many differ or who settled it."""
    if line.settled:
        told = QCoreApplication.translate("Oversight", "Settled by %1")
        return told.replace("%1", ", ".join(dict.fromkeys(one.author for one in line.settled)))
    if line.last is None and line.asked is not None:
        return line.asked(language)
    if line.last is None:
        return QCoreApplication.translate("Oversight", "Entries differ: %1").replace("%1", str(len(line.sides)))
    separator = QCoreApplication.translate("Oversight", ": ", "before words")
    return f"{line.last.author}{separator}{line.last.text}" if line.last.text else line.last.author


def spoken(line: QueryLine, language: str) -> str:
    """Return everything of a query that is looked through when the user types."""
    words = (one.text for one in line.words)
    return " ".join(
        (line.number, line.where(language), line.what(language), line.value(language), line.raised_by, *words)
    ).casefold()


# -- verification -------------------------------------------------------------------------------------------


def verify_headings() -> tuple[str, ...]:
    """Return the headings of `verify_lines`."""
    return (
        QCoreApplication.translate("Oversight", "State"),
        QCoreApplication.translate("Oversight", "Subject"),
        QCoreApplication.translate("Oversight", "Visit"),
        QCoreApplication.translate("Oversight", "Item"),
        QCoreApplication.translate("Oversight", "Value"),
    )


def verify_lines(lines: Iterable[VerifyLine], language: str) -> tuple[Line, ...]:
    """Return one line for each value that is to be verified."""
    found = []
    for one in lines:
        signs = {0: verify_sign(one.state)}
        if one.queries:
            word = QCoreApplication.translate("Oversight", "Query")
            signs[3] = Sign(icon="queries", word=word, tone=Tone.WARN)
        texts = (
            verify_sign(one.state).word,
            one.number,
            one.visit(language),
            one.item(language),
            one.value(language),
        )
        found.append(Line(texts=texts, signs=signs, what=(one.key, one.path)))
    return tuple(found)


# -- signing --------------------------------------------------------------------------------------------------


def sign_headings() -> tuple[str, ...]:
    """Return the headings of `sign_lines`."""
    return (
        QCoreApplication.translate("Oversight", "Sign"),
        QCoreApplication.translate("Oversight", "Subject"),
        QCoreApplication.translate("Oversight", "Visit"),
        QCoreApplication.translate("Oversight", "Form"),
        QCoreApplication.translate("Oversight", "Why"),
    )


def sign_lines(
    lines: Iterable[SignLine], language: str, seen: Collection[FormKey], ticked: Collection[FormKey]
) -> tuple[Line, ...]:
    """Return one line for each form that awaits a signature."""
    found = []
    for one in lines:
        tick = tick_sign(one, seen, ticked)
        texts = (tick.word, one.number, one.visit(language), one.form(language), reason_word(one))
        signs = {0: tick}
        if one.changed:
            signs[4] = Sign(icon="changed", word=texts[4], tone=Tone.WARN)
        found.append(Line(texts=texts, signs=signs, what=one.key))
    return tuple(found)


def tick_sign(line: SignLine, seen: Collection[FormKey], ticked: Collection[FormKey]) -> Sign:
    """Return how far a form is on the way to its signature."""
    if line.obstacles:
        return Sign(icon="error", word=QCoreApplication.translate("Oversight", "Not yet"), tone=Tone.BAD)
    if line.key in ticked:
        return Sign(icon="complete", word=QCoreApplication.translate("Oversight", "Ticked"), tone=Tone.GOOD)
    if line.key in seen:
        return Sign(icon="empty", word=QCoreApplication.translate("Oversight", "Read"), tone=Tone.ACCENT)
    return Sign(icon="eye", word=QCoreApplication.translate("Oversight", "To read"), tone=Tone.QUIET)


def reason_word(line: SignLine) -> str:
    """Return why a form awaits the signature."""
    if line.changed:
        return QCoreApplication.translate("Oversight", "Changed since signed")
    return QCoreApplication.translate("Oversight", "Complete, not signed")


# -- held entries -----------------------------------------------------------------------------------------------


def held_headings() -> tuple[str, ...]:
    """Return the headings of `held_lines`."""
    return (
        QCoreApplication.translate("Oversight", "State"),
        QCoreApplication.translate("Oversight", "Where"),
        QCoreApplication.translate("Oversight", "What"),
        QCoreApplication.translate("Oversight", "Who and when"),
        QCoreApplication.translate("Oversight", "What was found"),
    )


def held_lines(lines: Iterable[HeldLine], language: str) -> tuple[Line, ...]:
    """Return one line for each entry that is or was held, or is told."""
    return tuple(
        Line(
            texts=(
                sign.word,
                "\n".join(part for part in (one.number, one.where(language)) if part),
                one.what(language),
                f"{one.author} ({one.laptop})\n{times.minute(one.at)}",
                one.why(language),
            ),
            signs={0: sign},
            what=one.commit,
        )
        for one in lines
        for sign in (ruling_sign(one),)
    )
