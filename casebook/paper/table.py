"""What a table on paper says: plain values, made without the layout library.

Source: docs/paper.md, section "Tables".
"""

from dataclasses import dataclass

from casebook.design import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell: lines of text, one below the other."""

    lines: tuple[Text, ...]
    bold: bool = False
    alert: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What the document says.

    Attributes:
        kind: What the code of its pages names as the visit, at most 40 characters: `ELIGIBILITY`, `LOG`.
        subject: The subject's number, or the site's.
        site: The site's number and name.
        about: The sentences above the table.
        shares: Widths of the columns as parts of the page's.
        record_state: 16 hex digits that name the state of the record.
    """

    kind: str
    title: Text
    subject: str
    site: str
    about: tuple[Text, ...]
    headings: tuple[Text, ...]
    shares: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    record_state: str
