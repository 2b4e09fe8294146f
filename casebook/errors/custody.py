"""Why something is not wiped, and what is wrong with a rescue copy."""

from typing import ClassVar

from casebook.errors.tree import RefusedError, UnavailableError, UnreadableError


class NotSafeToWipeError(RefusedError):
    """Something on this laptop would be lost, and no rescue copy was made."""

    code = "custody.not_safe"
    texts: ClassVar = {
        "en": (
            "Not everything on this laptop is known to be with the server, so nothing was removed. Synchronise, or "
            "choose a folder for a rescue copy, then retire it again."
        ),
        "zh": (
            "本机尚有内容未确认已由服务器接收，因此未删除任何内容。请先同步，或选择保存救援副本的文件夹，再停用本机。"
        ),
    }


class SiteNumberMistypedError(RefusedError):
    """The typed site number is not this laptop's."""

    code = "custody.site_mistyped"
    texts: ClassVar = {
        "en": "The number that was typed is not the number of this site. Type the three digits {site} to go on.",
        "zh": "输入的编号不是本中心的编号。如需继续，请输入三位数字 {site}。",
    }


class LaptopEnrolledAlreadyError(RefusedError):
    """The folder holds a laptop already; enrolling again would write over it."""

    code = "custody.enrolled_already"
    texts: ClassVar = {
        "en": (
            "{folder} already holds the records of a laptop, so it is not enrolled again. Sign in there and retire it, "
            "or make a rescue copy of it and choose another folder."
        ),
        "zh": "{folder} 中已有一台电脑的记录，因此不再重新登记。请在其中登录并停用，或先制作救援副本并改用其他文件夹。",
    }


class LaptopRetiredError(UnavailableError):
    """The folder's laptop was retired; what is left is being removed."""

    code = "custody.retired"
    texts: ClassVar = {
        "en": (
            "The laptop in {folder} is being retired and its keys are gone. Start Casebook once more to finish "
            "removing its files."
        ),
        "zh": "{folder} 中的电脑正在停用，其密钥已删除。请再次启动 Casebook 以完成文件删除。",
    }


class LastUnblindedHolderError(RefusedError):
    """Removing this person would leave nobody here who can open and send the unblinding records."""

    code = "custody.last_holder"
    texts: ClassVar = {
        "en": (
            "{person} is the only one who can open and send the unblinding records of this laptop. Let another "
            "unblinded colleague sign in here first, then remove {person}."
        ),
        "zh": "只有 {person} 能打开并发送本机的揭盲数据。请先让另一位非盲态同事在本机登录，再移除 {person}。",
    }


class RescueTargetRefusedError(RefusedError):
    """A rescue copy cannot be put, or laid out, there."""

    code = "rescue.target"
    texts: ClassVar = {
        "en": (
            "{folder} cannot take it: choose an existing folder outside the laptop's own for a rescue copy, and an "
            "empty one to lay a copy out."
        ),
        "zh": "无法使用 {folder}：保存救援副本请选择本机数据文件夹以外的现有文件夹；展开副本请选择空文件夹。",
    }


class RescueFolderRefusedError(RefusedError):
    """There is no laptop in the folder."""

    code = "rescue.nothing"
    texts: ClassVar = {
        "en": "{folder} holds no laptop, so there is nothing to rescue. Name the folder of the laptop.",
        "zh": "{folder} 中没有电脑数据，无需救援。请指定该电脑的数据文件夹。",
    }


class RescueUnreadableError(UnreadableError):
    """A rescue copy is damaged, or is none."""

    code = "rescue.unreadable"
    texts: ClassVar = {
        "en": "{file} is not a whole rescue copy ({why}). Nothing was removed; make another one on another medium.",
        "zh": "{file} 不是完整的救援副本（{why}）。未删除任何内容；请换用其他存储介质重新制作。",
    }
