"""What windows show of subjects that may be one person: immutable, in both languages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from casebook.design import Text
from casebook.ids import CommitId, SubjectId


def number_words(number: str, earlier: tuple[str, ...], also: tuple[str, ...]) -> Text:
    """Return a number with those that a subject had before, and those under which the same person was registered."""
    en, zh = [number], [number]
    if earlier:
        en.append(f"earlier {', '.join(earlier)}")
        zh.append(f"原编号 {'、'.join(earlier)}")
    if also:
        en.append(f"also {', '.join(also)}")
        zh.append(f"又作 {'、'.join(also)}")
    return Text({"en": ", ".join(en), "zh": "，".join(zh)})


class PairStanding(StrEnum):
    """How two subjects stand to each other, what asks most of people first."""

    NUMBER_TWICE = "number_twice"
    BOTH_RANDOMISED = "both_randomised"
    """They are linked, and both are randomised."""
    CONTRADICTED = "contradicted"
    PROPOSED = "proposed"
    ENDING = "ending"
    OFFERED = "offered"
    """They look the same, and nobody said anything."""
    LINKED = "linked"
    APART = "apart"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLine:
    """Two subjects and how they stand. In a link `first` is in whose casebook the forms of `second` are shown."""

    first: SubjectId
    second: SubjectId
    first_number: str
    second_number: str
    standing: PairStanding
    agrees: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedLine:
    """One thing that is told of both. `agrees`: None where it tells nobody apart, or is not known of both."""

    label: Text
    first: Text
    second: Text
    agrees: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairWord:
    """What somebody said of the two."""

    what: Text
    who: str
    at: datetime
    reason: str
    commit: CommitId


@dataclass(frozen=True, slots=True, kw_only=True)
class PairView:
    """Two subjects side by side.

    Attributes:
        lines: What agrees, what differs, and what helps to tell.
        words: What was said, the first first.
        refusals: By act (propose, apart, end, confirm, decline, renumber): why it cannot be done now; an act that is
            missing here can be done.
    """

    pair: PairLine
    lines: tuple[ComparedLine, ...]
    words: tuple[PairWord, ...]
    refusals: dict[str, Text]

    def may(self, act: str) -> bool:
        """Tell whether an act can be done now."""
        return act not in self.refusals
