"""What the windows said was kept, and whether the screen says what the record says."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from casebook.design import CodeList
from casebook.entry import display
from casebook.records import FormKey, ItemPath, Reading
from desktop_app.snapshots import FormView, ItemView, Mark
from desktop_app.widgets.flag_editor import FlagEditor
from desktop_app.widgets.item_editors import NOT_YET, DerivedEditor
from desktop_app.widgets.item_row import ItemRow
from desktop_app.widgets.item_text import editable_text

Noted = dict[ItemPath, Reading]


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that the window said was kept. `step`: after which step it said so."""

    step: int
    key: FormKey
    path: ItemPath
    shown: str


@dataclass
class Census:
    """What lives while nobody is signed in: in the window, of widgets anywhere, of timers and of threads."""

    in_window: int
    widgets: int
    timers: int
    threads: int


@dataclass
class Told:
    """What the user did, and what the windows said of it."""

    steps: list[str] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    forms: dict[FormKey, Noted] = field(default_factory=dict)
    census: list[Census] = field(default_factory=list)


def items_of(view: FormView) -> list[ItemView]:
    """Return every item of a form as it stands."""
    return [item for group in view.groups for row in group.rows for item in row.items]


def compare(shown: FormView, recorded: FormView) -> None:
    """Hold what a page was told last against what the record says now."""
    assert (shown.key, shown.complete, shown.editable) == (recorded.key, recorded.complete, recorded.editable)
    for one, other in zip(items_of(shown), items_of(recorded), strict=True):
        stands, recorded_so = (one.reading, one.mark, one.typed), (other.reading, other.mark, other.typed)
        assert (one.path, stands) == (other.path, recorded_so), f"{one.path}: {stands}, recorded {recorded_so}"


def hold(row: ItemRow, view: ItemView, code_lists: Mapping[str, CodeList], language: str) -> None:
    """Hold what stands in a field against the record."""
    editor = row.editor
    text, unit = editable_text(view.item, view.reading)
    if view.mark is Mark.TYPED:
        text = view.typed
    stands = {editor.raw(), f"{editor.raw()} {editor.unit()}"}
    if isinstance(editor, DerivedEditor):
        codes = code_lists.get(view.item.code_list or "")
        text = display(view.item, codes, view.reading, language, offset_minutes=view.offset_minutes) or NOT_YET
    if isinstance(editor, FlagEditor):
        stands = {editor.label.accessibleName().removeprefix(view.item.label(language)).removeprefix(": ") or NOT_YET}
    assert stands & {text, f"{text} {unit}"}, (row.path, stands, text, unit)
    assert view.visible, row.path
    assert row.mark.mark == view.mark, (row.path, row.mark.mark, view.mark)
