"""What is remembered beside a laptop's vault, open to whoever has the laptop: nothing of a participant.

Of a person no more than how they like their windows, under the name that the page of unlocking shows.
"""

import contextlib
import json
from pathlib import Path

_FILE = "preferences.json"


def preferences(laptop: Path) -> dict[str, object]:
    """Return what is remembered of a laptop, by name."""
    try:
        kept = json.loads((laptop / _FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return kept if isinstance(kept, dict) else {}


def keep_preference(laptop: Path, name: str, value: str | None) -> None:
    """Remember one thing of a laptop, or forget it; where the disk refuses, all stays as it was."""
    kept = preferences(laptop)
    changed = {**kept, name: value} if value is not None else {one: kept[one] for one in kept if one != name}
    if changed != kept:
        fresh = laptop / f"{_FILE}.tmp"
        with contextlib.suppress(OSError):
            laptop.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.write_text(json.dumps(changed), encoding="utf-8")
            fresh.replace(laptop / _FILE)
