"""What is said about who a subject is: the same person as another, not the same person, another number.

    link    two subjects of a site are one person, or are not; proposed by the site, confirmed by a second person
    number  a subject whose number was given twice gets another one

Neither moves an entry nor changes a value. The acts lie where everybody of the site reads them and tell nothing of
the treatment: the words of somebody who could know it lie apart, in an act of their own (`LinkAct.WORDS`).

Source: docs/record_format.md, section "One person, two numbers"; docs/adr/0028.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from casebook.canonical import Value, list_of, text_of
from casebook.errors import CommitUnreadableError
from casebook.ids import CommitId, CommitRef, SubjectId, commit_id, commit_ref, subject_id

LINK, NUMBER = "link", "number"
KINDS = (LINK, NUMBER)
_MARK = re.compile(r"[A-Za-z0-9_-]{16}")
_NUMBER = re.compile(r"[0-9]{3}-[A-HJ-NP-Z](?!000)[0-9]{3}")


class LinkAct(StrEnum):
    """What is said of two subjects.

    LINK and UNLINK propose, CONFIRM and DECLINE answer what they name, APART says that they are two persons, and
    WORDS gives the reason of another act where only those read it who may know the treatment.
    """

    LINK = "link"
    UNLINK = "unlink"
    CONFIRM = "confirm"
    DECLINE = "decline"
    APART = "apart"
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPayload:
    """An act on two subjects.

    Attributes:
        source: Whose forms are shown in the other casebook.
        target: In whose casebook they are shown.
        about: What the act is on: of UNLINK the links, of CONFIRM and DECLINE what was proposed; else nothing.
        mark: 16 characters that name the act; WORDS has that of the act whose reason it gives.
    """

    act: LinkAct
    source: SubjectId
    target: SubjectId
    reason: str
    about: tuple[CommitId, ...] = ()
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPayload:
    """A subject gets another number; the earlier one stays beside it.

    Attributes:
        bases: What gave the numbers that stood until then, never none.
    """

    subject: SubjectId
    number: str
    reason: str
    bases: tuple[CommitRef, ...] = ()


SubjectAct = LinkPayload | NumberPayload


def write(payload: SubjectAct) -> tuple[str, dict[str, Value]]:
    """Return the kind and the body's fields of an act."""
    match payload:
        case LinkPayload():
            return LINK, {
                "ac": str(payload.act),
                "s": payload.source,
                "t": payload.target,
                "w": payload.reason,
                "ab": list(payload.about),
                "mk": payload.mark,
            }
        case NumberPayload():
            return NUMBER, {
                "s": payload.subject,
                "no": payload.number,
                "w": payload.reason,
                "ba": list(payload.bases),
            }


def read(kind: str, body: dict[str, Value]) -> SubjectAct:
    """Return what a body says.

    Raises:
        CommitUnreadableError, ValueError: It is in another form.
    """
    if kind == NUMBER:
        number = text_of(body, "no")
        if not _NUMBER.fullmatch(number):
            raise CommitUnreadableError(why="not a subject number")
        bases = tuple(commit_ref(one) for one in _texts(body, "ba"))
        if not bases:
            raise CommitUnreadableError(why="a number that replaces none")
        return NumberPayload(
            subject=subject_id(text_of(body, "s")), number=number, reason=text_of(body, "w"), bases=bases
        )
    act, mark = text_of(body, "ac"), text_of(body, "mk")
    if act not in set(LinkAct) or not _MARK.fullmatch(mark):
        raise CommitUnreadableError(why="an unknown act on two subjects")
    payload = LinkPayload(
        act=LinkAct(act),
        source=subject_id(text_of(body, "s")),
        target=subject_id(text_of(body, "t")),
        reason=text_of(body, "w"),
        about=tuple(commit_id(one) for one in _texts(body, "ab")),
        mark=mark,
    )
    if payload.source == payload.target:
        raise CommitUnreadableError(why="a subject that is linked with itself")
    return payload


def _texts(body: dict[str, Value], name: str) -> list[str]:
    found = [one for one in list_of(body, name) if isinstance(one, str)]
    if len(found) != len(list_of(body, name)):
        raise CommitUnreadableError(why="names that are not texts")
    return found
