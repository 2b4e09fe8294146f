"""Refusals about who a subject is: linking two subjects of one person, and numbers."""

from typing import ClassVar

from casebook.errors.tree import RefusedError


class LinkReasonRequiredError(RefusedError):
    """It is said without a reason that subjects are one person, or are not, or that a number changes."""

    code = "link.reason_required"
    texts: ClassVar = {
        "en": "Say why, for example by what you compared the two, then confirm again.",
        "zh": "请说明原因，例如依据哪些资料比对，然后再次确认。",
    }


class LinkedAlreadyError(RefusedError):
    """A subject is linked that is shown in another casebook already, or of whom that is proposed."""

    code = "link.already"
    texts: ClassVar = {
        "en": "{source} and {target} are linked already, or one of them is shown in another casebook, or this "
        "waits for data management. Look at the subjects again; end that link first if it is wrong.",
        "zh": "{source} 与 {target} 已关联，或其中之一已显示在另一份病例册中，或正待数据管理确认。"
        "请重新查看受试者；如原关联有误，请先解除。",
    }


class LinkSitesDifferError(RefusedError):
    """Subjects of two sites are linked."""

    code = "link.sites"
    texts: ClassVar = {
        "en": "{source} and {target} are of two sites and cannot be linked. Report both numbers to data management.",
        "zh": "{source} 与 {target} 属于不同研究中心，不能关联。请将两个编号报告数据管理部门。",
    }


class BothRandomisedError(RefusedError):
    """Two subjects are linked that are both randomised."""

    code = "link.both_randomised"
    texts: ClassVar = {
        "en": "{source} and {target} are both randomised, so neither can be shown under the other. This is a critical "
        "protocol deviation: record it in both casebooks, and tell the principal investigator and the sponsor today.",
        "zh": "{source} 与 {target} 均已随机，不能将其一并入另一份病例册。此为重大方案偏离："
        "请在两份病例册中均予记录，并于今日告知主要研究者和申办者。",
    }


class LinkWayRoundError(RefusedError):
    """A randomised subject would be shown under one who is not."""

    code = "link.way_round"
    texts: ClassVar = {
        "en": "{source} is randomised and {target} is not. Link them the other way round, {target} under {source}.",
        "zh": "{source} 已随机，而 {target} 未随机。请反向关联：将 {target} 显示在 {source} 名下。",
    }


class LinkSecondPersonError(RefusedError):
    """Whoever proposed a link confirms it."""

    code = "link.second_person"
    texts: ClassVar = {
        "en": "{person} proposed this, so another person of data management has to confirm it. Ask one of them.",
        "zh": "此项由 {person} 提出，须由数据管理部门的另一人确认。请联系数据管理人员。",
    }


class LinkChangedError(RefusedError):
    """A link is answered or ended that stands otherwise by now."""

    code = "link.changed"
    texts: ClassVar = {
        "en": "This stands otherwise by now: somebody answered or ended it. Look at the two subjects again.",
        "zh": "此项状态已改变：已有人答复或解除。请重新查看两名受试者。",
    }


class LinkedSubjectError(RefusedError):
    """Something is entered for a subject whose forms are shown under another."""

    code = "link.read_only"
    texts: ClassVar = {
        "en": "{source} is the same person as {target}, and its forms can only be read. Enter this in the casebook of "
        "{target}, with the reason.",
        "zh": "{source} 与 {target} 为同一人，其表单仅供查看。请在 {target} 的病例册中录入，并说明原因。",
    }


class NumberUniqueError(RefusedError):
    """A subject is renumbered whose number nobody else has."""

    code = "number.unique"
    texts: ClassVar = {
        "en": "Nobody else has the number {number}, so it stays. Only a number that was given twice can be changed.",
        "zh": "编号 {number} 未被他人使用，予以保留。仅重复的编号可以更改。",
    }


class NumberElsewhereError(RefusedError):
    """A subject of another site is renumbered."""

    code = "number.elsewhere"
    texts: ClassVar = {
        "en": "{number} belongs to another site than this laptop. Give the new number on a laptop of that site.",
        "zh": "{number} 不属于本机所在的研究中心。请在该中心的电脑上给予新编号。",
    }
