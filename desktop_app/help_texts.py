"""What F1 says of each page, and the acts that the search by Ctrl+K offers there: resources/help/*.toml, read.

One file for each page, named as the page's module, and `everywhere.toml` for what can be done on all of them. One
table of acts serves both: a help that names a key, and a line that does the same, cannot come apart. Every text is
there in every language; a file that lacks one is a fault of the program.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from casebook.design import Text
from casebook.errors import LANGUAGES
from casebook.locations import data_folder

EVERYWHERE = "everywhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something to be done.

    Attributes:
        keys: The keys that do it, as they are written in the help; "" without any.
        control: The object name of the button that does it; "" where keys or `does` do.
        does: The name of what the workplace does; "" on a page.
        needs: The act of `Person.refusals` that it needs; "" for none.
        blinded: Whether it is offered to blinded people.
        also: Further words by which it is found.
        icon: Its picture in the search.
    """

    label: Text
    keys: str = ""
    control: str = ""
    does: str = ""
    needs: str = ""
    blinded: bool = True
    also: tuple[str, ...] = ()
    icon: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Keys that work on a page but do nothing by themselves: going on, opening, going back."""

    keys: str
    label: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What can go wrong, and what to do."""

    what: Text
    do: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpText:
    """The help of one page: what it is for, the next action, its acts and keys, what can go wrong."""

    title: Text
    purpose: Text
    next: Text
    acts: tuple[Act, ...]
    keys: tuple[Keys, ...]
    troubles: tuple[Trouble, ...]

    def all_keys(self) -> tuple[tuple[str, Text], ...]:
        """Return every key with what it does: those that lead on first, then those of acts."""
        return (
            *((one.keys, one.label) for one in self.keys),
            *((one.keys, one.label) for one in self.acts if one.keys),
        )


def help_name(page: object) -> str:
    """Return the name of a page's help: that of the module in which it stands."""
    return type(page).__module__.rsplit(".", 1)[-1]


@lru_cache(maxsize=64)
def help_text(name: str) -> HelpText | None:
    """Return the help of a page; None where there is none. Raises KeyError, TypeError for a file that is not whole."""
    file = data_folder("resources") / "help" / f"{name}.toml"
    if not file.is_file():
        return None
    record = tomllib.loads(file.read_text(encoding="utf-8"))
    return HelpText(
        title=_text(record["title"]),
        purpose=_text(record["purpose"]),
        next=_text(record["next"]),
        acts=tuple(_act(one) for one in record.get("acts", ())),
        keys=tuple(Keys(keys=one["keys"], label=_text(one)) for one in record.get("keys", ())),
        troubles=tuple(Trouble(what=_text(one["what"]), do=_text(one["do"])) for one in record.get("troubles", ())),
    )


def _text(record: Mapping[str, str]) -> Text:
    return Text({one: record[one] for one in LANGUAGES})


def _act(record: Mapping[str, object]) -> Act:
    plain = {one: str(record.get(one, "")) for one in ("keys", "control", "does", "needs", "icon")}
    also = record.get("also", ())
    if not isinstance(also, list | tuple):
        raise TypeError(also)
    return Act(
        label=Text({one: str(record[one]) for one in LANGUAGES}),
        also=tuple(map(str, also)),
        blinded=record.get("blinded") is not False,
        **plain,
    )
