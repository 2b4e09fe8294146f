"""Attachments in words: how large, where, by whom."""

from PySide6.QtCore import QCoreApplication

from desktop_app.attachment_snapshots import AttachmentRow
from desktop_app.models import times
from desktop_app.models.words import Sign
from desktop_app.theme import Tone

_KIB, _MIB = 1024, 1024 * 1024


def size_text(size_bytes: int) -> str:
    """Return a size: `812 kB`, `4.2 MB`."""
    if size_bytes < _MIB:
        return f"{max(1, round(size_bytes / _KIB))} kB"
    return f"{size_bytes / _MIB:.1f} MB"


def where_sign(row: AttachmentRow) -> Sign:
    """Return where an attachment is: here, on another laptop, at the server, and how far it has come."""
    if row.redacted:
        return Sign(
            icon="nothing", word=QCoreApplication.translate("Attachments", "Taken out of the record"), tone=Tone.QUIET
        )
    if row.is_here:
        return _where_here(row)
    if row.is_at_server:
        told = (
            QCoreApplication.translate("Attachments", "At the server; comes with the next exchange")
            if row.wanted
            else QCoreApplication.translate("Attachments", "At the server, not here yet")
        )
        return Sign(icon="server", word=told, tone=Tone.QUIET)
    if row.own:
        return Sign(
            icon="warning",
            word=QCoreApplication.translate("Attachments", "Parts are missing on this laptop"),
            tone=Tone.BAD,
        )
    told = QCoreApplication.translate("Attachments", "Still on laptop %1, %2 % at the server")
    return Sign(
        icon="laptop", word=told.replace("%1", row.laptop).replace("%2", str(row.server_percent)), tone=Tone.WARN
    )


def _where_here(row: AttachmentRow) -> Sign:
    if row.is_at_server:
        return Sign(
            icon="received", word=QCoreApplication.translate("Attachments", "Here and at the server"), tone=Tone.GOOD
        )
    if row.server_percent:
        told = QCoreApplication.translate("Attachments", "Here; %1 % at the server").replace(
            "%1", str(row.server_percent)
        )
        return Sign(icon="sync", word=told, tone=Tone.WARN)
    return Sign(icon="here_only", word=QCoreApplication.translate("Attachments", "Only on this laptop"), tone=Tone.WARN)


def line_of(row: AttachmentRow, language: str) -> str:
    """Return an attachment in three lines: what it is; who and when; how large and where."""
    first = row.name
    item = row.item(language)
    if item:
        first = f"{row.name} ({item})"
    if row.struck is not None:
        first = (
            QCoreApplication.translate("Attachments", "%1, struck through: %2")
            .replace("%1", first)
            .replace("%2", row.struck)
        )
    elif row.held:
        first = QCoreApplication.translate("Attachments", "%1, held").replace("%1", first)
    who = f"{row.author} · {times.minute(row.at)}"
    return f"{first}\n{who}\n{size_text(row.size_bytes)} · {where_sign(row).word}"
