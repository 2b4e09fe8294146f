"""How much one laptop or one address may ask for, so that nobody's haste is another's wait.

Buckets: each holds some tokens, fills at an even pace, and is emptied by use. What is over is not refused for good
but put off: the answer is 503 with the time after which to come again, drawn at random so that many who wait do not
come back at once.

Source: docs/operations.md, section "Limits"; docs/threat_model.md.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

_MOST_KNOWN = 10_000
"""Names that a limit keeps in mind; the one not used for longest is forgotten first."""
_SOONEST_S, _LATEST_S = 10, 120


def retry_after_s() -> int:
    """Return after how many seconds somebody who is put off is to come again."""
    return _SOONEST_S + secrets.randbelow(_LATEST_S - _SOONEST_S + 1)


@dataclass(slots=True)
class Limit:
    """A bucket for each name.

    Attributes:
        most: Tokens of a full bucket.
        a_second: How fast it fills.
        now_s: A clock that only goes forward.
    """

    most: float
    a_second: float
    now_s: Callable[[], float]
    _buckets: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def left(self, name: str) -> float:
        """Return the tokens that a name has now; below zero it is to wait."""
        now = self.now_s()
        tokens, at = self._buckets.get(name, (self.most, now))
        return min(self.most, tokens + (now - at) * self.a_second)

    def take(self, name: str, tokens: float = 1) -> None:
        """Take tokens of a name, more than it has too: the debt is waited off."""
        self._buckets[name] = (self.left(name) - tokens, self.now_s())
        self._buckets.move_to_end(name)
        if len(self._buckets) > _MOST_KNOWN:
            self._buckets.popitem(last=False)

    def allows(self, name: str) -> bool:
        """Tell whether a name has a token left."""
        return self.left(name) >= 1


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one server.

    Attributes:
        exchanges: Requests of a laptop: 240 at once, then one a second; a refused one counts for five.
        received: Bytes of a laptop: 256 MiB at once, then 1 MiB a second.
        wrong_codes: Codes that did not fit, from one address: twenty, then one a minute.
        questions: Requests of a laptop about chunks of attachments: 1,200 at once, then four a second.
    """

    exchanges: Limit
    questions: Limit
    received: Limit
    wrong_codes: Limit

    @classmethod
    def usual(cls, now_s: Callable[[], float]) -> "Limits":
        """Return the limits of a study's server."""
        return cls(
            exchanges=Limit(240, 1, now_s),
            questions=Limit(1200, 4, now_s),
            received=Limit(256 * 1024 * 1024, 1024 * 1024, now_s),
            wrong_codes=Limit(20, 1 / 60, now_s),
        )


REFUSED_COSTS = 5
"""Tokens that a request takes more when it was refused."""
