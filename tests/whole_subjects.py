"""Whole subjects as data: what was recorded of an invented participant, form by form, and what must follow from it.

Each file of a folder is one subject; `common.toml` holds sets of answers that subjects share. Times are
relative, so that the subjects are always of today; a text that begins with `@` is one of them:

* `@D7 09:30`, `@D7 --:--`, `@D7`: the seventh day after that of randomisation, at a time, at an unknown
  time, as a date; the randomisation's day lies `randomised_days_ago` days before today.
* `@RAND-1:10`: one hour and ten minutes before the moment that the subject's table `at` calls RAND. `V` is
  the moment that bears the name of the visit; `T` is the present.

A table of `forms` is called by its place, `FORM[@VISIT][/OCCASION][#INSTANCE]`, without a visit at the first
one that plans the form. Upper-case keys are items (`!UNK`: a missing-data code; "": left out); `like` names
sets; `scale` lists the answers of the items that common.toml names under `scales`; `rows` are the rows of
repeating groups; `by` says who enters it, `last` that all else was entered before, `open` that it is not
marked complete.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

COMMON = "common.toml"
SITE_FILE = "site.toml"
HOSPITAL = timezone(timedelta(hours=8))
COORDINATOR, INVESTIGATOR, ASSESSOR = "coordinator", "investigator", "assessor"
PEOPLE = (COORDINATOR, ASSESSOR, INVESTIGATOR)
_DAY = re.compile(r"@D([+-]?\d+)(?: (\d\d:\d\d|--:--))?")
_MOMENT = re.compile(r"@([A-Z][A-Za-z0-9.]*)(?:([+-])(\d+):(\d\d))?")

Answers = Mapping[str, str]
Table = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One form instance that is filled in.

    Attributes:
        place: `F.NIHSS@SE.V1/PRERAND`, `F.SAE@SE.EVT#1`.
        rows: Rows of repeating groups, in order, each with its group.
        last: It is entered when everything else was.
        complete: It is marked complete in the end.
    """

    place: str
    by: str
    values: Answers
    rows: tuple[tuple[str, Answers], ...] = ()
    last: bool = False
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A finding that is confirmed true. `row`: the turn of the row, from 1; 0 outside repeating groups."""

    place: str
    check: str
    item: str
    row: int
    reason: str
    by: str

    @property
    def name(self) -> str:
        """The finding as `Expected.open` names it."""
        return finding_name(self.check, self.place, self.item, self.row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """What a person adds to a deviation that the software raised, found by its check and its place."""

    name: str
    values: Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must follow from a subject's entries.

    Attributes:
        eligible: `Y`, `N` or `U`; `failed` and `unknown` are the criteria that say so.
        visits: Status by visit, those left out have none.
        open: The findings that nobody answered, as `EC064 F.MRS@SE.V6 MRS`.
        deviations: What the software raised, as `EC046 SE.V2 F.BMM XOVER`.
        values: By place and item, what stands there, calculated or not; "" for nothing.
    """

    status: str
    eligible: str
    failed: frozenset[str]
    unknown: frozenset[str]
    visits: Mapping[str, str]
    open: frozenset[str]
    deviations: frozenset[str]
    values: Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One subject."""

    name: str
    title: str
    sheets: tuple[Sheet, ...]
    answered: tuple[Answered, ...] = ()
    classified: tuple[Classified, ...] = ()
    expected: Expected | None = None


def finding_name(check: str, place: str, item: str, row: int) -> str:
    """Return how a finding is named in a case: check, place, item and, in a repeating group, the row's turn."""
    return f"{check} {place} {item}{f' {row}' if row else ''}"


def read_cases(folder: Path, now: datetime) -> tuple[Case, ...]:
    """Return the subjects of a folder, by name of their files.

    Args:
        now: The present, aware; what `@T` means.
    """
    common = _load(folder / COMMON)
    files = sorted(file for file in folder.glob("*.toml") if file.name not in {COMMON, SITE_FILE})
    return tuple(_read_case(file, common, now) for file in files)


def read_site_file(folder: Path, now: datetime) -> Case:
    """Return what is recorded of the site itself."""
    return _read_case(folder / SITE_FILE, _load(folder / COMMON), now)


def _load(file: Path) -> Table:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _read_case(file: Path, common: Table, now: datetime) -> Case:
    told = _load(file)
    calendar = _Calendar(now, int(told.get("randomised_days_ago", 0)), told.get("at", {}))
    sheets = tuple(_sheets(told["forms"], common, calendar))
    homes = {sheet.place for sheet in sheets}
    unknown = {one["place"] for one in told.get("answered", ())} - homes
    assert not unknown, f"{file.name}: nothing is entered at {unknown}"
    return Case(
        name=file.stem,
        title=told["title"],
        sheets=sheets,
        answered=tuple(
            Answered(
                place=one["place"],
                check=one["check"],
                item=one["item"],
                row=one.get("row", 0),
                reason=one["reason"],
                by=one.get("by", COORDINATOR),
            )
            for one in told.get("answered", ())
        ),
        classified=tuple(
            Classified(name=one["raised"], values=_values(one, {}, calendar, "")) for one in told.get("classified", ())
        ),
        expected=_expected(told["expected"], calendar) if "expected" in told else None,
    )


def _sheets(forms: Table, common: Table, calendar: "_Calendar") -> Iterator[Sheet]:
    for place, told in forms.items():
        visit = place.partition("@")[2].partition("/")[0].partition("#")[0]
        rows = tuple(
            (group, _values(row, common, calendar, visit))
            for group, many in told.get("rows", {}).items()
            for row in many
        )
        yield Sheet(
            place=place,
            by=told.get("by", _set(told, common).get("by", COORDINATOR)),
            values=_values(told, common, calendar, visit),
            rows=rows,
            last=told.get("last", False),
            complete=not told.get("open", False),
        )


def _set(told: Table, common: Table) -> Table:
    """Return the shared answers that a table names, later sets over earlier ones."""
    names = told.get("like", [])
    merged: Table = {}
    for name in [names] if isinstance(names, str) else names:
        one = common["sets"][name]
        merged |= _set(one, common) | one
    return merged


def _values(told: Table, common: Table, calendar: "_Calendar", visit: str) -> Answers:
    merged = _set(told, common) | told
    scale = merged.get("scale", "").split()
    if scale:
        names = common["scales"]["items"]
        merged = dict(zip(names, scale, strict=True)) | merged
    return {name: calendar.read(text, visit) for name, text in merged.items() if name.isupper() and text != ""}


def _expected(told: Table, calendar: "_Calendar") -> Expected:
    return Expected(
        status=told["status"],
        eligible=told["eligible"],
        failed=frozenset(told.get("failed", ())),
        unknown=frozenset(told.get("unknown", ())),
        visits=told.get("visits", {}),
        open=frozenset(told.get("open", ())),
        deviations=frozenset(told.get("deviations", ())),
        values={name: calendar.read(text, "") for name, text in told.get("values", {}).items()},
    )


@dataclass(frozen=True, slots=True)
class _Calendar:
    """What the relative times of one subject are."""

    now: datetime
    days_ago: int
    at: Answers
    known: dict[str, datetime] = field(default_factory=dict)

    def read(self, text: str, visit: str) -> str:
        if not text.startswith("@"):
            return text
        if (day := _DAY.fullmatch(text)) is not None:
            date = (self._today() + timedelta(days=int(day[1]) - self.days_ago)).date().isoformat()
            return f"{date} {day[2]} +08:00" if day[2] else date
        return self._moment(text, visit).strftime("%Y-%m-%d %H:%M +08:00")

    def _today(self) -> datetime:
        return self.now.astimezone(HOSPITAL).replace(hour=0, minute=0, second=0, microsecond=0)

    def _moment(self, text: str, visit: str) -> datetime:
        found = _MOMENT.fullmatch(text)
        assert found is not None, f"{text} is no time"
        ahead = timedelta(hours=int(found[3] or 0), minutes=int(found[4] or 0))
        start = self._named(visit if found[1] == "V" else found[1])
        return start - ahead if found[2] == "-" else start + ahead

    def _named(self, name: str) -> datetime:
        if name == "T":
            return self.now.astimezone(HOSPITAL).replace(second=0, microsecond=0)
        if name not in self.known:
            text = self.at[name]
            day = _DAY.fullmatch(text)
            if day is not None:
                hours, minutes = day[2].split(":")
                start = self._today() + timedelta(days=int(day[1]) - self.days_ago)
                self.known[name] = start + timedelta(hours=int(hours), minutes=int(minutes))
            else:
                self.known[name] = self._moment(text, "")
        return self.known[name]
