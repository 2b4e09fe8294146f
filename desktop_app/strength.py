"""How long a new passphrase would hold, should the laptop be stolen. The one door to zxcvbn.

There are no rules about digits or capitals: what counts is how many guesses somebody needs who knows
words, names, dates and keyboard patterns. Each guess costs the same second of work that signing in
costs; `GUESSES_PER_SECOND` says how much hardware a thief is credited with.

Loading the word lists takes some hundredths of a second, so widgets load this module when a field for a
new passphrase first gets the focus, not when a window is made.

Source: D. L. Wheeler, zxcvbn: low-budget password strength estimation, USENIX Security 2016; NIST SP
800-63B, 5.1.1 (length and a blocklist, no composition rules).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from zxcvbn import zxcvbn

SHORTEST = 8
"""Characters that a passphrase has at least."""
WEAKEST = 2
"""The lowest score that is taken."""
MOST = 72
"""Characters that are looked at: more cannot make it weaker, and looking takes longer than linear."""
GUESSES_PER_SECOND = 10_000
"""A thief with ten thousand times the hardware of the laptop, or the same laptop for ten thousand times as long."""

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


class Holds(StrEnum):
    """How long a passphrase holds against such a thief, in orders that people can tell apart."""

    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"
    CENTURIES = "centuries"


_LIMITS = (
    (_MINUTE, Holds.SECONDS),
    (_HOUR, Holds.MINUTES),
    (_DAY, Holds.HOURS),
    (60 * _DAY, Holds.DAYS),
    (2 * 365 * _DAY, Holds.MONTHS),
    (200 * 365 * _DAY, Holds.YEARS),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strength:
    """What a passphrase is worth. `score`: 0 (guessed at once) to 4 (holds)."""

    score: int
    holds: Holds
    too_short: bool

    @property
    def is_enough(self) -> bool:
        """Whether it is taken."""
        return not self.too_short and self.score >= WEAKEST


def measure(passphrase: str, known: Iterable[str] = ()) -> Strength:
    """Return what a passphrase is worth.

    Args:
        known: What a thief knows of the person and the place: names, user id, site. Words out of them count nothing.
    """
    words = [word for text in known for word in {text, *text.split()} if word]
    looked_at = passphrase[:MOST]
    too_short = len(passphrase) < SHORTEST
    if not looked_at:
        return Strength(score=0, holds=Holds.SECONDS, too_short=True)
    found = zxcvbn(looked_at, user_inputs=words)
    return Strength(score=int(found["score"]), holds=_holds(int(found["guesses"])), too_short=too_short)


def _holds(guesses: int) -> Holds:
    seconds = guesses // GUESSES_PER_SECOND
    return next((word for limit, word in _LIMITS if seconds < limit), Holds.CENTURIES)
