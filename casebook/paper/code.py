"""The code on every page: what a QR reader gives back, and what it says.

    CB1|study|subject number|visit|design version(8)|record state(16)|page/pages|document digest(16)|check(8)

It names a page; it does not prove it. The check finds a misread or mistyped code. Whether the page
says what the record says is answered by comparing the codes with the record (`CodeVerdict`), and
whether a file is untouched by its signatures (`casebook.paper.verification`).

Source: docs/paper.md, section "The code".
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from casebook.errors import CodeUnreadableError

PREFIX = "CB1"
_PATTERN = re.compile(
    r"CB1\|(?P<study>[^|]{1,32})\|(?P<subject>[^|]{1,16})\|(?P<visit>[^|]{1,40})\|(?P<design>[0-9a-f]{8})"
    r"\|(?P<state>[0-9a-f]{16})\|(?P<page>[0-9]{1,4})/(?P<pages>[0-9]{1,4})\|(?P<digest>[0-9a-f]{16})"
    r"\|(?P<check>[0-9a-f]{8})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCode:
    """What the code of a page names.

    Attributes:
        visit: Visit's oid, with `~` and the first 6 characters of the repeat for unscheduled ones.
        design_version: First 8 hex digits of the design's version.
        record_state: 16 hex digits: the state of the record that was printed.
        document_digest: 16 hex digits: what the whole document says, whoever prints it and when.
    """

    study: str
    subject: str
    visit: str
    design_version: str
    record_state: str
    page: int
    pages: int
    document_digest: str

    @property
    def text(self) -> str:
        """The text of the QR code."""
        body = "|".join(
            (
                PREFIX,
                self.study,
                self.subject,
                self.visit,
                self.design_version,
                self.record_state,
                f"{self.page}/{self.pages}",
                self.document_digest,
            )
        )
        return f"{body}|{_check(body)}"


def _check(body: str) -> str:
    return hashlib.sha256(body.encode("utf-8")).hexdigest()[:8]


def read_code(text: str) -> PageCode:
    """Return what a code says.

    Raises:
        CodeUnreadableError: It is none, or its check is wrong.
    """
    trimmed = text.strip()
    found = _PATTERN.fullmatch(trimmed)
    if not found or _check(trimmed.rpartition("|")[0]) != found["check"]:
        raise CodeUnreadableError
    page, pages = int(found["page"]), int(found["pages"])
    if not 1 <= page <= pages:
        raise CodeUnreadableError
    return PageCode(
        study=found["study"],
        subject=found["subject"],
        visit=found["visit"],
        design_version=found["design"],
        record_state=found["state"],
        page=page,
        pages=pages,
        document_digest=found["digest"],
    )


_PROBLEMS: Mapping[str, Mapping[str, str]] = {
    "code.study": {
        "en": "The page belongs to another study.",
        "zh": "该页属于另一项研究。",
    },
    "code.subject": {
        "en": "No such subject is in the record on this laptop.",
        "zh": "本机记录中没有该受试者。",
    },
    "code.changed": {
        "en": "The record says something else today: the page was printed from an earlier state of it, or altered.",
        "zh": "记录现在的内容与该页不同：该页打印自较早的记录状态，或已被更改。",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeVerdict:
    """What is known of a page by its code.

    Attributes:
        valid: The code is whole and nothing at hand contradicts it.
        compared: Whether the record was at hand.
        problems: Stable codes (`code.changed`); sentences come from `sentence`.
    """

    code: PageCode
    compared: bool
    problems: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether nothing contradicts the page."""
        return not self.problems

    def sentence(self, language: str = "en") -> str:
        """Return what was found in `language` ('en' or 'zh')."""
        code = self.code
        if language == "zh":
            place = f"研究 {code.study}，受试者 {code.subject}，访视 {code.visit}，第 {code.page}/{code.pages} 页。"
            same = "与本机记录一致。"
            alone = "编码完整；未与记录比对。"
        else:
            place = f"Study {code.study}, subject {code.subject}, visit {code.visit}, page {code.page}/{code.pages}."
            same = "It says what the record on this laptop says."
            alone = "The code is whole; it was not compared with the record."
        if self.problems:
            return " ".join([place, *(_PROBLEMS[problem][language] for problem in self.problems)])
        return f"{place} {same if self.compared else alone}"


def judge_code(
    code: PageCode, *, study: str | None = None, digests_of: Callable[[str, str], frozenset[str] | None] | None = None
) -> CodeVerdict:
    """Compare a page's code with what is at hand.

    Args:
        study: The study's short code (`SLEEP1`), when known.
        digests_of: Given subject number and visit, the digests of the documents that the record prints
            today (`document_digest` of each); None where there is no such subject.
    """
    problems: list[str] = []
    if study is not None and study != code.study:
        problems.append("code.study")
    elif digests_of is not None:
        digests = digests_of(code.subject, code.visit)
        if digests is None:
            problems.append("code.subject")
        elif code.document_digest not in digests:
            problems.append("code.changed")
    return CodeVerdict(code=code, compared=digests_of is not None, problems=tuple(problems))
