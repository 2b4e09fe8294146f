"""What a person may not enter, change or sign."""

from typing import ClassVar

from casebook.errors.tree import RefusedError, UnavailableError, UnreadableError


class ReasonRequiredError(RefusedError):
    """A recorded value is replaced without a reason."""

    code = "entry.reason_required"
    texts: ClassVar = {
        "en": "{item} already has a recorded value. Choose a reason for the change, then confirm again.",
        "zh": "“{item}”已有记录值。请选择修改原因，然后再次确认。",
    }


class AbsenceReasonRequiredError(RefusedError):
    """A mandatory item gets a missing-data code without a reason."""

    code = "entry.absence_reason_required"
    texts: ClassVar = {
        "en": "{item} is mandatory. Say why there is no value, then confirm again.",
        "zh": "“{item}”为必填项。请说明无数值的原因，然后再次确认。",
    }


class UnknownItemError(RefusedError):
    """An entry names an item that the form does not have."""

    code = "entry.unknown_item"
    texts: ClassVar = {
        "en": "The form {form} has no item {item}. Update the study definition on this laptop.",
        "zh": "表单 {form} 没有项目 {item}。请更新本机的研究定义。",
    }


class DerivedItemError(RefusedError):
    """An entry tries to type over a derived value."""

    code = "entry.derived"
    texts: ClassVar = {
        "en": "{item} is calculated from other items. Correct those instead.",
        "zh": "“{item}”由其他项目计算得出。请修改相关项目。",
    }


class SittingInConflictError(RefusedError):
    """An item is changed alone whose sitting was entered twice, unseen by each other."""

    code = "entry.sitting_in_conflict"
    texts: ClassVar = {
        "en": "This was taken at one time and entered on two laptops. Choose which of them counts, or enter it anew.",
        "zh": "该组数据为同一次测量，却在两台电脑上分别录入。请选定以哪一次为准，或重新录入。",
    }


class ConflictSettledError(RefusedError):
    """Somebody chooses among entries that do not disagree any more, or among others than were shown."""

    code = "entry.conflict_settled"
    texts: ClassVar = {
        "en": "The entries here are not those that were shown: somebody chose, or entered another. Look again.",
        "zh": "此处的录入与刚才显示的不同：已有人选定或另行录入。请重新查看。",
    }


class NothingToUndoError(RefusedError):
    """An undo is asked for where this session entered nothing that still stands, or where somebody signed."""

    code = "entry.nothing_to_undo"
    texts: ClassVar = {
        "en": "There is nothing to undo in this form: what was entered since sign-in was undone, changed by others or "
        "signed. Correct the value itself.",
        "zh": "本表单没有可撤销的录入：登录后的录入已撤销、已被他人修改或已签名。请直接更正该值。",
    }


class UnreadableItemError(UnreadableError):
    """What was typed is not a value of the item's type."""

    code = "item.unreadable"
    texts: ClassVar = {
        "en": "“{raw}” is not {expected}. Correct it or choose a missing-data code; what you typed is kept.",
        "zh": "“{raw}”不是{expected}。请更正或选择缺失代码；已输入的内容会保留。",
    }


class AmbiguousDayError(UnreadableItemError):
    """A day was typed that is one day or another, by the order of day and month."""

    code = "item.two_days"
    texts: ClassVar = {
        "en": "“{raw}” can be {one} or {other}. Write the year first, such as {example}; what you typed is kept.",
        "zh": "“{raw}”既可能是{one}，也可能是{other}。请先写年份，例如 {example}；已输入的内容会保留。",
    }


class NoSuchDayError(UnreadableItemError):
    """A day was typed that no calendar has."""

    code = "item.no_such_day"
    texts: ClassVar = {
        "en": "“{raw}” names no day of the calendar (years 1900 to 2199). Correct it; what you typed is kept.",
        "zh": "“{raw}”不是日历中的日期（年份 1900 至 2199）。请更正；已输入的内容会保留。",
    }


class NoSuchTimeError(UnreadableItemError):
    """A time was typed that no clock shows."""

    code = "item.no_such_time"
    texts: ClassVar = {
        "en": "“{raw}” names a time that no clock shows: hours go from 00 to 23, minutes from 00 to 59; midnight is "
        "00:00 of the new day. Correct it; what you typed is kept.",
        "zh": "“{raw}”中的时间不存在：小时为 00 至 23，分钟为 00 至 59；午夜写作新一天的 00:00。请更正；"
        "已输入的内容会保留。",
    }


class YearMissingError(UnreadableItemError):
    """A day was typed without its year that lies long ago or ahead."""

    code = "item.year_missing"
    texts: ClassVar = {
        "en": "“{raw}” lies more than half a year ago or ahead. Write the year too, such as {example}; what you typed "
        "is kept.",
        "zh": "“{raw}”距今超过半年或尚未到来。请同时写明年份，例如 {example}；已输入的内容会保留。",
    }


class IncompleteFormError(RefusedError):
    """A form is marked complete while mandatory items or hard findings are open."""

    code = "form.incomplete"
    texts: ClassVar = {
        "en": "{form} cannot be marked complete yet: {count} item(s) still need an answer or a confirmation.",
        "zh": "{form} 尚不能标记为完成：还有 {count} 项需要填写或确认。",
    }


class NotForThisRoleError(RefusedError):
    """A person enters a form that is for other roles to enter."""

    code = "entry.role"
    texts: ClassVar = {
        "en": "{form} is entered by people with another role. Ask one of them to sign in and enter it.",
        "zh": "{form} 由其他角色的人员录入。请让相应人员登录后录入。",
    }


class NotForBlindedError(RefusedError):
    """Somebody whose session is blinded asks for what rests on everything that is recorded."""

    code = "blinding.whole_record"
    texts: ClassVar = {
        "en": "This needs records that could tell the treatment, and they are not in this session. Ask an unblinded "
        "colleague to sign in and do it.",
        "zh": "此操作需要可能透露分组的记录，本次登录不含这些记录。请非盲态同事登录后操作。",
    }


class OtherVersionError(RefusedError):
    """A form is to be changed that another version of the study asked, and the one in force cannot show."""

    code = "form.other_version"
    texts: ClassVar = {
        "en": "{form} holds entries of another version of the study and can only be read here. Enter it on a laptop "
        "whose version knows it, or update Casebook.",
        "zh": "{form} 含有研究方案定义其他版本的录入，在此只能查看。请在具有该版本的电脑上录入，或更新 Casebook。",
    }


class NumbersExhaustedError(RefusedError):
    """A laptop has used all its subject numbers."""

    code = "subject.numbers_exhausted"
    texts: ClassVar = {
        "en": "This laptop has used all of its 999 subject numbers. Ask the data manager to enrol it again.",
        "zh": "本机的 999 个受试者编号已用完。请联系数据管理员重新登记本机。",
    }


class CertificateMissingError(RefusedError):
    """A person has no certificate on this laptop."""

    code = "signature.certificate_missing"
    texts: ClassVar = {
        "en": "{person} has no certificate on this laptop yet. Connect to the server once, then sign.",
        "zh": "{person} 在本机尚无证书。请连接服务器一次，然后再签名。",
    }


class LaptopNotEnrolledError(UnavailableError):
    """The folder opens but says nothing of a study."""

    code = "laptop.not_enrolled"
    texts: ClassVar = {
        "en": "This laptop's enrolment was not finished. Move its Casebook folder aside and enrol it again.",
        "zh": "本机的登记没有完成。请将 Casebook 文件夹移到别处，然后重新登记。",
    }
