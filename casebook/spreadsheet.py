"""Tables that spreadsheets open: comma-separated text in which no cell is ever taken for a formula.

A cell that begins as a formula would (`=`, `+`, `-`, `@`, their full-width forms, a tab or a line break)
gets an apostrophe in front; so does a cell that begins with an apostrophe, so that the first one may
always be taken away again. A negative number, with or without its unit, stays the number that it is.

Files are UTF-8 with a byte order mark, since Excel otherwise reads them in the machine's own code page and
Chinese comes out garbled; R and pandas skip it as `UTF-8-BOM` and `utf-8-sig`. Lines end with CR LF
(RFC 4180). Nothing depends on the locale.

Source: OWASP, "CSV Injection"; RFC 4180.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence

BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_NUMBER = re.compile(r"-\d+(?:\.\d+)?(?: [\w%/^.°·×\[\]{}]+)?")
_DANGEROUS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", "'")


def cell(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula."""
    if text.startswith(_DANGEROUS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as the bytes of a file, each row as long as `header`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([cell(one) for one in header])
    writer.writerows([cell(one) for one in row] for row in rows)
    return BYTE_ORDER_MARK + text.getvalue().encode("utf-8")
