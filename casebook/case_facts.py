"""What a case of `casebook study test` gives: facts by their keys, read by the type that a group needs.

A fact of another type is never guessed at; it is refused with a sentence that names the key, and the case
fails with it. Nothing here knows a study or a score.

Source: docs/study_files.md, section "Cases"; clinical content, section 0.3 (decimals, days, offsets).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal

Answer = dict[str, object]
"""What a group answers: plain values by the names that `expected` uses."""

_DECIMAL = re.compile(r"-?\d{1,30}(\.\d{1,30})?")
_PARTIAL_DAY = re.compile(r"\d{4}(-\d\d)?")


class UnusableFactError(ValueError):
    """A fact, or what the definition makes of it, cannot be used; the sentence says which and why."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The facts of one case. A key that is absent and a null are told apart by `has` alone."""

    given: Mapping[str, object]

    def has(self, key: str) -> bool:
        """Tell whether the key stands in the case at all, null or not."""
        return key in self.given

    def whole(self, key: str) -> int | None:
        """Return a whole number, None for null or absent. Raises UnusableFactError."""
        value = self.given.get(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        raise self._refused(key, "a whole number")

    def number(self, key: str) -> Decimal | None:
        """Return an exact number: a whole one, or a decimal in quotes. Raises UnusableFactError."""
        value = self.given.get(key)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return Decimal(value)
        if isinstance(value, str) and _DECIMAL.fullmatch(value):
            return Decimal(value)
        raise self._refused(key, "a whole number or a decimal in quotes")

    def text(self, key: str) -> str | None:
        """Return a text, None for null or absent. Raises UnusableFactError."""
        value = self.given.get(key)
        if value is None or isinstance(value, str):
            return value
        raise self._refused(key, "a text")

    def code(self, key: str, codes: tuple[str, ...]) -> str | None:
        """Return one of `codes`, None for null or absent. Raises UnusableFactError."""
        value = self.text(key)
        if value is None or value in codes:
            return value
        raise self._refused(key, "one of " + ", ".join(codes))

    def yes(self, key: str) -> bool | None:
        """Return whether a fact is Y (or true); None for null, absent, U and NA. Raises UnusableFactError."""
        value = self.given.get(key)
        if isinstance(value, bool):
            return value
        found = self.code(key, ("Y", "N", "U", "NA"))
        return None if found in {None, "U", "NA"} else found == "Y"

    def texts(self, key: str) -> tuple[str, ...] | None:
        """Return a list of texts, None for null or absent. Raises UnusableFactError."""
        value = self.given.get(key)
        if value is None:
            return None
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return tuple(str(one) for one in value)
        raise self._refused(key, "a list of texts")

    def moment(self, key: str, zone: tzinfo = UTC) -> datetime | None:
        """Return an aware date-time; one without offset is wall time of `zone`.

        Raises:
            UnusableFactError: It is no ISO 8601 date and time.
        """
        text = self.text(key)
        if text is None:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as problem:
            raise self._refused(key, "a date and time such as 2025-03-13T10:00+08:00") from problem
        if "T" not in text:
            raise self._refused(key, "a date and time such as 2025-03-13T10:00+08:00")
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)

    def day(self, key: str, zone: tzinfo = UTC) -> date | None:
        """Return a day, of a date-time its day on the wall clock of `zone`; None for a day known in part.

        Raises:
            UnusableFactError: It is neither a date nor a date-time.
        """
        text = self.text(key)
        if text is None or _PARTIAL_DAY.fullmatch(text):
            return None
        if "T" in text:
            moment = self.moment(key, zone)
            return None if moment is None else moment.astimezone(zone).date()
        try:
            return date.fromisoformat(text)
        except ValueError as problem:
            raise self._refused(key, "a date such as 2025-03-13") from problem

    def _refused(self, key: str, wanted: str) -> UnusableFactError:
        shown = json.dumps(self.given.get(key), ensure_ascii=False, default=str)
        return UnusableFactError(f"{key} is {shown}, where {wanted} is needed")
