"""What the first steps say: resources/guide.toml, read. Every text is there in every language."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from casebook.design import Text
from casebook.errors import LANGUAGES
from casebook.locations import data_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideHint:
    """The one thing to do next.

    Attributes:
        words: With `{names}` of what the study fills in.
        at: Where it holds: see resources/guide.toml; "" everywhere.
        when: The facts that have to be so.
        target: The control that is meant, by its object name or `@` and a word of the guide's; "" for none.
        keys: The keys that do it.
    """

    words: Text
    at: str = ""
    when: frozenset[str] = frozenset()
    target: str = ""
    keys: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideStep:
    """A step. `done`: the fact that ends it; `told`: what is said then; `in_form`: it is done in a form."""

    name: str
    title: Text
    done: str
    told: Text
    hints: tuple[GuideHint, ...]
    in_form: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideSheet:
    """What is said before the steps, behind them, or in their place. `decline`: None where there is one answer."""

    title: Text
    words: Text
    accept: Text
    decline: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideTexts:
    """All of it.

    Attributes:
        offer: In a real session: practise first.
        begin: In training, before the first step.
        role: To who does nothing of what the steps show.
        end: Behind the last step.
    """

    offer: GuideSheet
    begin: GuideSheet
    role: GuideSheet
    end: GuideSheet
    steps: tuple[GuideStep, ...]

    def step(self, name: str) -> GuideStep:
        """Return a step. Raises KeyError."""
        return {one.name: one for one in self.steps}[name]


@lru_cache(maxsize=1)
def guide_texts() -> GuideTexts:
    """Return the texts. Raises KeyError for a file that is not whole."""
    record = tomllib.loads((data_folder("resources") / "guide.toml").read_text(encoding="utf-8"))
    ways = tuple(map(_hint, record["way"]))
    return GuideTexts(
        offer=_sheet(record["offer"]),
        begin=_sheet(record["begin"]),
        role=_sheet(record["role"]),
        end=_sheet(record["end"]),
        steps=tuple(
            GuideStep(
                name=one["name"],
                title=_text(one["title"]),
                done=one["done"],
                told=_text(one["told"]),
                hints=(*map(_hint, one["hints"]), *(ways if one.get("in_form") else ())),
                in_form=one.get("in_form", False),
            )
            for one in record["step"]
        ),
    )


def _text(record: Mapping[str, str]) -> Text:
    return Text({one: record[one] for one in LANGUAGES})


def _sheet(record: Mapping[str, Mapping[str, str]]) -> GuideSheet:
    decline = record.get("decline")
    return GuideSheet(
        title=_text(record["title"]),
        words=_text(record["words"]),
        accept=_text(record["accept"]),
        decline=_text(decline) if decline is not None else None,
    )


def _hint(record: Mapping[str, str]) -> GuideHint:
    at, target, keys = (record.get(one, "") for one in ("at", "target", "keys"))
    return GuideHint(words=_text(record), at=at, when=frozenset(record.get("when", ())), target=target, keys=keys)
