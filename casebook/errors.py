"""Every way in which Casebook says no, in one file.

    CasebookError
      RefusedError      a rule says no; the user can act
      UnreadableError   input or file not understood
      UntrustedError    a seal, chain, certificate or device fails verification
      UnavailableError  disk, lock, network, passphrase

Each class has a stable code and builds its own sentence in every language of the product: what
happened, to what, and what to do next. Logs carry code and module and nothing of a participant.
Anything that is not a CasebookError is a bug and reaches the crash window.
"""

from collections.abc import Mapping
from typing import ClassVar

LANGUAGES = ("en", "zh")


class CasebookError(Exception):
    """Base of all errors that a user may meet. `fields` fill the sentence's placeholders."""

    code: ClassVar[str] = "error"
    texts: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **fields: object) -> None:
        """Keep the typed fields that the sentence names."""
        super().__init__(self.code, fields)
        self.fields = fields

    def sentence(self, language: str = "en") -> str:
        """Return what happened and what to do next, in `language` ('en' or 'zh')."""
        return self.texts[language].format(**self.fields)

    def __str__(self) -> str:
        """Return the English sentence."""
        return f"{self.code}: {self.sentence()}"


class RefusedError(CasebookError):
    """A rule says no; the user can act."""


class UnreadableError(CasebookError):
    """Input or a file is not understood."""


class UntrustedError(CasebookError):
    """A seal, chain, certificate or device fails verification."""


class UnavailableError(CasebookError):
    """Disk, lock, network or passphrase stands in the way."""


# -- entry ------------------------------------------------------------------------------------------


class ReasonRequiredError(RefusedError):
    """A recorded value is replaced without a reason."""

    code = "entry.reason_required"
    texts: ClassVar = {
        "en": "{item} already has a recorded value. Choose a reason for the change, then confirm again.",
        "zh": "“{item}”已有记录值。请选择修改原因，然后再次确认。",
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


class UnreadableItemError(UnreadableError):
    """What was typed is not a value of the item's type."""

    code = "item.unreadable"
    texts: ClassVar = {
        "en": "“{raw}” is not {expected}. Correct it or choose a missing-data code; what you typed is kept.",
        "zh": "“{raw}”不是{expected}。请更正或选择缺失代码；已输入的内容会保留。",
    }


class IncompleteFormError(RefusedError):
    """A form is marked complete while mandatory items or hard findings are open."""

    code = "form.incomplete"
    texts: ClassVar = {
        "en": "{form} cannot be marked complete yet: {count} item(s) still need an answer or a confirmation.",
        "zh": "{form} 尚不能标记为完成：还有 {count} 项需要填写或确认。",
    }


class NumbersExhaustedError(RefusedError):
    """A laptop has used all its subject numbers."""

    code = "subject.numbers_exhausted"
    texts: ClassVar = {
        "en": "This laptop has used all of its 999 subject numbers. Ask the data manager to enrol it again.",
        "zh": "本机的 999 个受试者编号已用完。请联系数据管理员重新登记本机。",
    }


class SignatureRefusedError(RefusedError):
    """A person without the right, or without the right passphrase, tries to sign."""

    code = "signature.refused"
    texts: ClassVar = {
        "en": "{person} cannot sign here: {why}.",
        "zh": "{person} 不能在此签名：{why}。",
    }


# -- record ------------------------------------------------------------------------------------------


class CommitUnreadableError(UnreadableError):
    """Bytes are not a commit in the canonical form."""

    code = "commit.unreadable"
    texts: ClassVar = {
        "en": "A record is not in the agreed form ({why}). It is kept aside; report it with the Sync screen.",
        "zh": "一条记录格式不符（{why}）。已另行保存；请通过“同步”界面报告。",
    }


class CommitUntrustedError(UntrustedError):
    """A commit's signature, hash or place in its chain does not verify."""

    code = "commit.untrusted"
    texts: ClassVar = {
        "en": "A record does not verify ({why}). It is kept aside and not shown; report it with the Sync screen.",
        "zh": "一条记录未通过校验（{why}）。已另行保存且不予显示；请通过“同步”界面报告。",
    }


class SealedAwayError(UntrustedError):
    """A sealed payload cannot be opened with the keys of this session."""

    code = "compartment.sealed"
    texts: ClassVar = {
        "en": "Identity data cannot be opened on this laptop yet. Ask a colleague to admit this laptop on theirs.",
        "zh": "本机尚不能打开身份信息。请同事在其电脑上批准本机。",
    }


# -- installation ------------------------------------------------------------------------------------


class DataFolderMissingError(UnavailableError):
    """The program's own study or resource files are not where it was installed."""

    code = "installation.data_missing"
    texts: ClassVar = {
        "en": "The program's folder “{folder}” is missing. Install the program again; the records are not affected.",
        "zh": "缺少程序文件夹“{folder}”。请重新安装本程序；已保存的记录不受影响。",
    }


class UnsafeQtError(UnavailableError):
    """This pair of Qt and Python versions ends the process after some thousand calls."""

    code = "installation.unsafe_qt"
    texts: ClassVar = {
        "en": (
            "PySide6 {pyside} cannot run safely on Python {python}: the program would stop without warning. "
            "Install PySide6_Essentials 6.11.3, or Python 3.12 or newer, then start again."
        ),
        "zh": (
            "PySide6 {pyside} 不能在 Python {python} 上安全运行：程序会无预警中止。"
            "请安装 PySide6_Essentials 6.11.3，或改用 Python 3.12 及以上版本，然后重新启动。"
        ),
    }
