"""What the server writes down of itself: one JSON object a line, on standard error, and never a datum.

    time     UTC, milliseconds            level, event
    route    method and path              status, outcome    of an answer; the code of a refusal
    device   the laptop's id, as proven   new                how many commits or chunks were new
    in, out  bytes                        ms                 from the first byte to the last

Whatever other libraries say is written without what they fill in, and an error by its kind and the places it passed:
texts of errors can hold what somebody entered.

Source: docs/operations.md, section "Logs".
"""

import json
import logging
import sys
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path

OURS = "casebook.server"
_told: ContextVar[dict[str, object] | None] = ContextVar("told", default=None)


def begin_request() -> dict[str, object]:
    """Begin to gather what is told of a request; returns what `tell` adds to."""
    facts: dict[str, object] = {}
    _told.set(facts)
    return facts


def tell(**facts: str | int) -> None:
    """Add to the line of the request under way: ids, counts, codes; no text that anybody entered."""
    gathered = _told.get()
    if gathered is not None:
        gathered.update(facts)


def line(event: str, facts: dict[str, object], *, level: int = logging.INFO) -> None:
    """Write one line."""
    logging.getLogger(OURS).log(level, event, extra={"facts": facts})


class JsonLines(logging.Formatter):
    """Writes records as JSON objects."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        document: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage() if record.name == OURS else f"{record.name}: {record.msg}",
        }
        facts = getattr(record, "facts", None)
        if isinstance(facts, dict):
            document |= facts
        if record.exc_info and record.exc_info[0] is not None:
            document["error"] = record.exc_info[0].__name__
            passed = traceback.extract_tb(record.exc_info[2])
            document["at"] = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in passed]
        return json.dumps(document, ensure_ascii=False)


def write_to_standard_error() -> None:
    """Send everything that is logged in this process to standard error, as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
