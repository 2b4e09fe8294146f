"""What is refused around people: audit prints, invitations, recovery, second persons, unblinding."""

from typing import ClassVar

from casebook.errors.tree import RefusedError


class AuditTooLongError(RefusedError):
    """More lines of the audit trail are asked for than a document should have."""

    code = "staff.audit_too_long"
    texts: ClassVar = {
        "en": "{count} lines are too many to print; {most} are the most. Narrow them by person, days or kind, or write "
        "them as a table.",
        "zh": "共 {count} 行，超出可打印的 {most} 行。请按人员、日期或类别缩小范围，或导出为表格。",
    }


class SecondPersonNeededError(RefusedError):
    """An act of two people is attempted by one."""

    code = "staff.second_person"
    texts: ClassVar = {
        "en": "This takes two people. Choose somebody other than {person}, who signs in on this laptop and whose role "
        "allows it.",
        "zh": "此操作需要两个人共同完成。请选择 {person} 以外、可在本机登录且角色允许的人员。",
    }


class SheetNotForBlindedError(RefusedError):
    """A blinded person asks for the recovery sheet, which would open what they must not see."""

    code = "staff.sheet_not_for_blinded"
    texts: ClassVar = {
        "en": "The recovery sheet also opens what a blinded assessor must not see, so it does not let {person} in. Ask "
        "a colleague who signs in here: Settings, People, “Let in again”.",
        "zh": "恢复单还会打开盲法评估者不应看到的内容，因此不能用于 {person}。请由可在本机登录的同事协助："
        "“设置”—“人员”—“重新授权登录”。",
    }


class PersonUnknownHereError(RefusedError):
    """Somebody who has no slot on this laptop is named."""

    code = "staff.unknown_here"
    texts: ClassVar = {
        "en": "{person} does not sign in on this laptop. Look at the list of people again.",
        "zh": "{person} 不在本机登录。请重新查看人员列表。",
    }


class LastAdministratorError(RefusedError):
    """The one person who can help the others is to be removed."""

    code = "staff.last_one"
    texts: ClassVar = {
        "en": "{person} is signed in now, or is the last one who can sign in here. Let somebody else in first.",
        "zh": "{person} 正在登录，或是本机唯一可以登录的人员。请先为其他人授权登录。",
    }


class UserNameTakenError(RefusedError):
    """An invitation names a user that the site knows already."""

    code = "staff.name_taken"
    texts: ClassVar = {
        "en": "{user} is in use already. Choose another short name; two people never share one.",
        "zh": "“{user}”已被使用。请另选一个简称，两个人不能共用。",
    }


class UserNameUnreadableError(RefusedError):
    """A short name is in another form than record and wire allow."""

    code = "staff.name_unreadable"
    texts: ClassVar = {
        "en": "“{user}” cannot be a short name. Use 2 to 32 small letters, digits, dots or hyphens, a letter first.",
        "zh": "“{user}”不能作为简称。请使用 2 至 32 个小写字母、数字、点或连字符，并以字母开头。",
    }
