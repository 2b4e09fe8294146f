"""In which unit a site's laboratory reported each value last: what a unit's chooser suggests, and never more.

Pure functions of casebooks. A suggestion stands in the chooser where everybody sees it; what is recorded is
what stands there when the value is kept.

Source: docs/windows.md, "Laboratory grid".
"""

from collections.abc import Iterable, Mapping

from casebook.projection import Casebook
from casebook.values import quantity_of

LOOKED_AT = 12
"""How many subjects, those written of last, are looked through; a laboratory does not change its units often."""


def units_used(casebooks: Iterable[Casebook], form: str) -> Mapping[str, str]:
    """Return the unit of the latest entry of each quantity of a form, by the item's name.

    Args:
        casebooks: Those that are looked through, in any order.
        form: The form's OID.
    """
    latest: dict[str, tuple[int, str]] = {}
    for casebook in casebooks:
        for key, state in casebook.forms.items():
            if key.form != form:
                continue
            for path, item in state.items.items():
                quantity = quantity_of(item.shown.value or "")
                if quantity is None or not quantity.unit:
                    continue
                latest[path.item] = max(latest.get(path.item, (0, "")), (item.entry.moment.utc_ms, quantity.unit))
    return {name: unit for name, (_, unit) in latest.items()}
