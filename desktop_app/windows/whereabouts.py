"""Where a person stands in the windows, so that they find it again after the laptop was locked.

Names of a page, a form, a field, and what was being asked there; never a value. It travels as one line of
text that only its own release reads: another one begins at the subjects.
"""

import json
from dataclasses import asdict, dataclass, replace

from casebook.ids import SubjectId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app.widgets.reason_panel import Asking, Asks


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """A place in the windows.

    Attributes:
        page: The page in front, by the workplace's name for it.
        subject, number: Whose casebook or papers are in front.
        key: The form in front.
        path: Its field that has the focus.
        cursor: Where the cursor stands in it; -1 where it has none.
        scroll: How far the form is scrolled, in pixels.
    """

    page: str = ""
    subject: str = ""
    number: str = ""
    key: FormKey | None = None
    path: ItemPath | None = None
    cursor: int = -1
    scroll: int = 0
    asking: Asking | None = None

    def on(self, page: str) -> "Whereabouts":
        """Return the same place on a page of that name."""
        return replace(self, page=page)

    def text(self) -> str:
        """Return it as a line of text."""
        return json.dumps(asdict(self), ensure_ascii=False)


def read_whereabouts(text: str | None) -> Whereabouts | None:
    """Return what `Whereabouts.text` wrote; None for anything else."""
    try:
        record = json.loads(text or "")
        key, path, asking = record["key"], record["path"], record["asking"]
        return Whereabouts(
            page=str(record["page"]),
            subject=str(record["subject"]),
            number=str(record["number"]),
            key=None if key is None else _key(key),
            path=None if path is None else ItemPath(**path),
            cursor=int(record["cursor"]),
            scroll=int(record["scroll"]),
            asking=None if asking is None else Asking(**{**asking, "kind": Asks(asking["kind"])}),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _key(record: dict[str, object]) -> FormKey:
    visit = record["visit"]
    if not isinstance(visit, dict):
        raise TypeError(visit)
    return FormKey(
        subject=SubjectId(str(record["subject"])),
        visit=VisitKey(**visit),
        form=str(record["form"]),
        repeat=str(record["repeat"]),
    )
