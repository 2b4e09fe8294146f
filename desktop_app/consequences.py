"""What a save brings with it: the trace of findings that opened or closed, and deviations that the data raise.

Both follow from what is recorded once the save is done. Pure; the session seals them with the save.

Source: clinical content, section 0.0 ("confirmed true", "visit status"); docs/record_format.md, "Operations".
"""

from collections.abc import Callable, Mapping

from casebook.projection import FormState
from casebook.records import Fired, FormKey, ItemPath, Operation, SetItem
from desktop_app.reader import Reader

Consequences = Mapping[FormKey, tuple[Operation, ...]]
"""What is written beside a save, by form instance."""


def consequences_of(
    reader: Reader,
    *,
    may_enter: bool,
    opens_identity: bool,
    is_newer: Callable[[FormState], bool] = lambda _state: False,
) -> Consequences:
    """Return what has to be written because of what is recorded now.

    Args:
        reader: The record with nothing over it but the entries that are being saved.
        may_enter: Whether the person enters data; deviations are raised by their saves alone.
        opens_identity: Whether this laptop reads everything; one that does not cannot tell what fires.
        is_newer: Tells whether a form holds entries of a version that is not known here: it is left alone.
    """
    if reader.casebook.sealed_away and not opens_identity:
        return {}
    written: dict[FormKey, tuple[Operation, ...]] = {}
    for key in reader.keys:
        if is_newer(reader.casebook.form(key)):
            continue
        if opens_identity or not reader.design.form(key.form).identity:
            traced = _traced(reader, key, reader.casebook.form(key))
            if traced:
                written[key] = traced
    for due in reader.deviations() if may_enter else ():
        if is_newer(reader.casebook.form(due.key)):
            continue
        entries: tuple[Operation, ...] = tuple(SetItem(path=path, reading=one) for path, one in due.values)
        written[due.key] = (*written.get(due.key, ()), *entries)
    return written


def _traced(reader: Reader, key: FormKey, state: FormState) -> tuple[Operation, ...]:
    """Return what a form's trace does not say yet."""
    fires = {(one.check, one.path) for one in reader.subject.findings(key)}
    said = {place for place, entries in state.fired.items() if entries[-1].fires}
    return tuple(
        Fired(check=check, path=path, fires=(check, path) in fires) for check, path in sorted(fires ^ said, key=_place)
    )


def _place(one: tuple[str, ItemPath]) -> tuple[ItemPath, str]:
    return one[1], one[0]
