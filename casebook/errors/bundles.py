"""Why a bundle, or a laptop next door, is not taken: nothing is lost by any of them."""

from typing import ClassVar

from casebook.errors.tree import RefusedError, UnavailableError, UnreadableError, UntrustedError


class BundleForeignFileError(UnreadableError):
    """A file that is no bundle."""

    code = "bundle.no_bundle"
    texts: ClassVar = {
        "en": "{file} is not a Casebook bundle. Nothing was taken; choose a file whose name ends in .crfb.",
        "zh": "{file} 不是 Casebook 数据包，未读取任何内容。请选择以 .crfb 结尾的文件。",
    }


class BundleDamagedError(UnreadableError):
    """A bundle that is cut or changed."""

    code = "bundle.damaged"
    texts: ClassVar = {
        "en": (
            "{file} is damaged or was cut short. Nothing of it was taken and nothing is lost: "
            "copy it again from where it was written, or write a new bundle."
        ),
        "zh": "{file} 已损坏或不完整，未读取其中任何内容，数据没有丢失。请重新复制该文件，或重新写一个数据包。",
    }


class BundleNewerError(UnavailableError):
    """A bundle of a format that this release does not know."""

    code = "bundle.newer"
    texts: ClassVar = {
        "en": "{file} was written by a newer Casebook. Nothing was taken; update Casebook here, then take it again.",
        "zh": "{file} 由较新版本的 Casebook 写成，未读取任何内容。请先更新本机的 Casebook，然后再读取。",
    }


class BundleOtherStudyError(RefusedError):
    """A bundle of another study."""

    code = "bundle.other_study"
    texts: ClassVar = {
        "en": "{file} belongs to another study ({study}). Nothing was taken; choose a bundle of this study.",
        "zh": "{file} 属于另一项研究（{study}），未读取任何内容。请选择本研究的数据包。",
    }


class BundleForAnotherError(RefusedError):
    """A bundle that is addressed to somebody else."""

    code = "bundle.for_another"
    texts: ClassVar = {
        "en": "{file} is meant for another laptop or for the server. Nothing was taken; take it to where it belongs.",
        "zh": "{file} 是写给其他电脑或服务器的，未读取任何内容。请把它带到相应的地方读取。",
    }


class BundleSealedError(UntrustedError):
    """A bundle that is addressed here, and that the keys held here do not open."""

    code = "bundle.sealed"
    texts: ClassVar = {
        "en": (
            "{file} cannot be opened with the keys held here. Nothing was taken; "
            "have a new bundle written after the next contact with the server."
        ),
        "zh": "此处的密钥无法打开 {file}，未读取任何内容。请在下次与服务器联系后重新写一个数据包。",
    }


class BundleSenderError(UntrustedError):
    """A bundle whose sender is not known here, is of another site, or did not sign it."""

    code = "bundle.sender"
    texts: ClassVar = {
        "en": (
            "{file} does not come from a laptop of this site, or from the study's server, as it says. "
            "Nothing was taken; tell the data manager."
        ),
        "zh": "{file} 并非如其所述来自本中心的电脑或研究服务器，未读取任何内容。请告知数据管理员。",
    }


class BundleKeyMissingError(UnavailableError):
    """The laptop has not heard yet to which key bundles for the server are sealed."""

    code = "bundle.no_key"
    texts: ClassVar = {
        "en": (
            "This laptop does not know yet how to seal a bundle for the server. Synchronise once with the server, "
            "or take in what a laptop of this site that did brings you."
        ),
        "zh": "本机尚未获得给服务器的数据包加密所需的公钥。请先与服务器同步一次，或读取本中心已同步电脑写的数据包。",
    }


class BundleTurnedAwayError(RefusedError):
    """The laptop chosen is not one of the site, is this one, or was withdrawn."""

    code = "bundle.no_recipient"
    texts: ClassVar = {
        "en": "There is no such laptop at this site, or it was withdrawn. Choose another one.",
        "zh": "本中心没有这台电脑，或该电脑已被撤销。请另选一台。",
    }


class BundleRoomError(UnavailableError):
    """The stick or folder has less room than the files of a bundle need."""

    code = "bundle.room"
    texts: ClassVar = {
        "en": (
            "The bundle needs {needed} and {folder} has {free} free. Nothing was written; take another stick, "
            "or write it without attachments and bring those later."
        ),
        "zh": (
            "数据包需要 {needed}，而 {folder} 只剩 {free}，未写入任何内容。"
            "请换一个 U 盘，或先不含附件写入，附件以后再带。"
        ),
    }


class BundleChunkDamagedError(UntrustedError):
    """Parts of attachments in a bundle are not what their names say."""

    code = "bundle.chunk_damaged"
    texts: ClassVar = {
        "en": (
            "{count} parts of attachments in {file} are not what their names say and were not taken. The records were; "
            "have the sender write a new bundle."
        ),
        "zh": "{file} 中有 {count} 个附件分块与其名称不符，未读取；记录已读取。请让发送方重新写一个数据包。",
    }


class BundleChunkStrangeError(RefusedError):
    """Parts of attachments in a bundle belong to no record that is held here."""

    code = "bundle.chunk_strange"
    texts: ClassVar = {
        "en": (
            "{count} parts of attachments in {file} belong to no record held here and were not taken. If the bundle "
            "has several files, take the first one, then this one again; else tell the data manager."
        ),
        "zh": (
            "{file} 中有 {count} 个附件分块不属于此处的任何记录，未读取。如数据包有多个文件，请先读取第一个，"
            "再读取本文件；否则请告知数据管理员。"
        ),
    }


class StoppedError(RefusedError):
    """The user stopped what was under way."""

    code = "bundle.stopped"
    texts: ClassVar = {
        "en": "Stopped. What was taken in before stays; no half-written file is left behind.",
        "zh": "已停止。此前已接收的内容保留，没有留下写了一半的文件。",
    }


class NearbyUnreachableError(UnavailableError):
    """No laptop answers at the address, or the link was cut."""

    code = "nearby.unreachable"
    texts: ClassVar = {
        "en": (
            "The other laptop does not answer at {address}, or the link was cut. What arrived stays; check on both "
            "that they are in one network and that the other one is waiting, then try again."
        ),
        "zh": (
            "另一台电脑在 {address} 没有应答，或连接中断。已接收的内容保留；请确认两台电脑在同一网络中、"
            "对方正在等待，然后重试。"
        ),
    }


class NearbyRefusedError(UntrustedError):
    """The other end is no laptop of this study and site, or the six figures are not its."""

    code = "nearby.refused"
    texts: ClassVar = {
        "en": (
            "The two laptops did not accept each other: the figures typed are not those shown, or one of them is not "
            "of this study and site. Nothing was exchanged; compare the figures and try again."
        ),
        "zh": (
            "两台电脑未能相互确认：输入的数字与对方显示的不符，或其中一台不属于本研究和本中心。"
            "未交换任何数据；请核对数字后重试。"
        ),
    }


class WrongFiguresError(NearbyRefusedError):
    """A laptop of the site called, with other figures than those shown."""

    code = "nearby.wrong_figures"
    texts: ClassVar = {
        "en": "Another laptop of this site called with other figures than those shown. Nothing was exchanged; "
        "compare the figures and try again.",
        "zh": "本中心另一台电脑输入的数字与此处显示的不符，未交换任何数据。请核对数字后重试。",
    }
