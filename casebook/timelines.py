"""What the timeline of a casebook draws, as the study file says it: events, and scores over time.

The visits with their windows are drawn for every study; they need no word here.

Source: docs/study_files.md, section "Timeline".
"""

from dataclasses import dataclass
from decimal import Decimal

from casebook.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEvent:
    """Something that happened once or more, and the item that says when. `item`: as `F.X:WHEN`."""

    name: str
    label: Text
    item: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePlot:
    """A score that is drawn over time.

    Attributes:
        item: The score, as `F.X:TOTAL`; its form says when it was taken.
        untested: An item of the same form that counts what could not be tested and so adds nothing; "" for none.
        least, most: Between what the score lies.
    """

    name: str
    label: Text
    item: str
    untested: str
    least: Decimal
    most: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What is drawn. `since`: the event from which the time to every other one is told; "" for none."""

    events: tuple[TimelineEvent, ...]
    plots: tuple[TimelinePlot, ...]
    since: str
