"""What stops a laptop and the server from exchanging records."""

from typing import ClassVar

from casebook.errors.tree import RefusedError, UnavailableError, UnreadableError, UntrustedError


class ServerUnreachableError(UnavailableError):
    """No connection to the study's server, or it was cut."""

    code = "sync.unreachable"
    texts: ClassVar = {
        "en": "The study's server cannot be reached now. Nothing is lost; go on working and synchronise again later.",
        "zh": "目前无法连接研究服务器。数据不会丢失；请继续工作，稍后再同步。",
    }


class LinkStalledError(UnavailableError):
    """The server was reached, and then nothing came or went for as long as a slow link may take."""

    code = "sync.stalled"
    texts: ClassVar = {
        "en": (
            "The connection came to a standstill. What had arrived stays, and the next exchange goes on from there; "
            "go on working."
        ),
        "zh": "连接停滞。已送达的数据保留，下次同步从此处继续；请继续工作。",
    }


class ExchangeStoppedError(UnavailableError):
    """Somebody stopped the exchange, paused exchanges, or the laptop is being locked."""

    code = "sync.stopped"
    texts: ClassVar = {
        "en": "The exchange was stopped. What had arrived stays, and the next one goes on from there.",
        "zh": "同步已停止。已送达的数据保留，下次同步从此处继续。",
    }


class ServerNotTrustedError(UntrustedError):
    """The server does not show a certificate of the study's authority."""

    code = "sync.server_not_trusted"
    texts: ClassVar = {
        "en": (
            "The server at {url} is not the study's server: its certificate is not from the study's authority. "
            "Nothing was sent. Do not go on; tell the data manager."
        ),
        "zh": (
            "{url} 处的服务器不是本研究的服务器：其证书并非由研究认证机构签发。未发送任何数据。"
            "请停止操作并告知数据管理员。"
        ),
    }


class ServerCertificateDateError(UntrustedError):
    """The server's certificate is not valid at this laptop's date."""

    code = "sync.certificate_date"
    texts: ClassVar = {
        "en": (
            "The certificate of {url} is not valid at this laptop's date. Nothing was sent. Check the laptop's date "
            "and time; if they are right, tell the data manager that the server's certificate must be renewed."
        ),
        "zh": (
            "按本机日期，{url} 的证书不在有效期内。未发送任何数据。请检查本机的日期和时间；"
            "如无误，请告知数据管理员需更新服务器证书。"
        ),
    }


class ServerAnswerError(UnreadableError):
    """The server answered with something that is not of the protocol."""

    code = "sync.answer_unreadable"
    texts: ClassVar = {
        "en": (
            "The server's answer is not understood ({why}). Nothing is lost; try again, "
            "and tell the data manager if it happens again."
        ),
        "zh": "无法识别服务器的应答（{why}）。数据不会丢失；请重试，如再次出现请告知数据管理员。",
    }


class ServerWordUntrustedError(UntrustedError):
    """A receipt or greeting does not carry the server's signature."""

    code = "sync.word_untrusted"
    texts: ClassVar = {
        "en": (
            "A message of the server does not carry its signature ({why}). It is not believed; "
            "your records stay marked as being here only. Tell the data manager."
        ),
        "zh": "服务器的一条消息缺少有效签名（{why}），未予采信；您的记录仍标记为“仅在本机”。请告知数据管理员。",
    }


class FrameCorruptError(UnreadableError):
    """A frame of an exchange is damaged or out of place."""

    code = "sync.frame_corrupt"
    texts: ClassVar = {
        "en": "Part of the transmission is damaged ({why}). It was kept aside; nothing is lost. Tell the data manager.",
        "zh": "部分传输内容已损坏（{why}），已另行保存，数据不会丢失。请告知数据管理员。",
    }


class SignatureBadError(UntrustedError):
    """The receiver finds a commit whose signature or content is wrong."""

    code = "sync.signature_bad"
    texts: ClassVar = {
        "en": (
            "A record of laptop {device} (number {sequence}) does not verify and was kept aside by the receiver. "
            "The later records of that laptop wait behind it. Tell the data manager; other records go on."
        ),
        "zh": (
            "电脑 {device} 的一条记录（序号 {sequence}）未通过校验，已被接收方另行保存，该电脑其后的记录暂不传输。"
            "请告知数据管理员；其他记录不受影响。"
        ),
    }


class ChainBrokenError(UntrustedError):
    """The receiver finds a commit that does not continue its chain."""

    code = "sync.chain_broken"
    texts: ClassVar = {
        "en": (
            "A record of laptop {device} (number {sequence}) does not follow the one before it and was kept aside. "
            "Tell the data manager; other records go on."
        ),
        "zh": (
            "电脑 {device} 的一条记录（序号 {sequence}）与前一条记录不衔接，已另行保存。"
            "请告知数据管理员；其他记录不受影响。"
        ),
    }


class DeviceRevokedError(RefusedError):
    """The study has withdrawn this laptop."""

    code = "sync.device_revoked"
    texts: ClassVar = {
        "en": (
            "This laptop has been withdrawn from the study. It has handed in what was recorded on it and receives "
            "nothing more. Keep the laptop and call the data manager."
        ),
        "zh": "本机已被撤销参与研究的资格：已上交本机的记录，不再接收任何数据。请妥善保管本机并联系数据管理员。",
    }


class NotPermittedError(RefusedError):
    """The server does not give this part of the record to whoever is signed in."""

    code = "sync.not_permitted"
    texts: ClassVar = {
        "en": (
            "The server does not exchange this part of the record with the person who is signed in. "
            "If you should have it, ask the data manager to look at your account."
        ),
        "zh": "服务器不与当前登录人员交换这部分记录。如您应有此权限，请联系数据管理员核查您的账户。",
    }


class InvitationRefusedError(RefusedError):
    """The server did not take an invitation that was made offline."""

    code = "sync.invitation_refused"
    texts: ClassVar = {
        "en": (
            "The study did not accept the invitation of {name} ({user}): {why} What {name} recorded here is kept "
            "and waits. Ask the data manager for a personal code for {name}."
        ),
        "zh": (
            "研究未接受对 {name}（{user}）的邀请：{why}其在本机的记录均已保留，等待确认。"
            "请为其向数据管理员索取个人代码。"
        ),
    }


class DeviceUnknownError(RefusedError):
    """The server does not know this laptop."""

    code = "sync.device_unknown"
    texts: ClassVar = {
        "en": "The server does not know this laptop. Ask the data manager for a new enrolment code.",
        "zh": "服务器没有本机的登记信息。请向数据管理员索取新的登记码。",
    }


class StudyMismatchError(RefusedError):
    """Laptop and server belong to different studies."""

    code = "sync.study_mismatch"
    texts: ClassVar = {
        "en": "This server belongs to another study. Nothing was exchanged. Check the server's address.",
        "zh": "该服务器属于另一项研究，未交换任何数据。请核对服务器地址。",
    }


class LaptopOfAnotherStudyError(RefusedError):
    """The laptop was enrolled in another study than the one whose definition is open."""

    code = "laptop.other_study"
    texts: ClassVar = {
        "en": "This laptop belongs to the study {enrolled}; the definition that is open is that of {opened}. "
        "Nothing was changed. Start Casebook with --study-folder and the folder of {enrolled}.",
        "zh": "本机属于研究 {enrolled}，而当前打开的是 {opened} 的研究定义，未做任何更改。"
        "请用 --study-folder 指定 {enrolled} 的文件夹重新启动。",
    }


class ProtocolUnsupportedError(UnavailableError):
    """Laptop and server have no version of the protocol in common."""

    code = "sync.protocol_unsupported"
    texts: ClassVar = {
        "en": "This program and the server are of versions that do not fit. Install the current program; records stay.",
        "zh": "本程序与服务器的版本不兼容。请安装当前版本的程序；已有记录不受影响。",
    }


class TooLargeError(RefusedError):
    """A frame or request is larger than the receiver takes."""

    code = "sync.too_large"
    texts: ClassVar = {
        "en": "A single record is larger than the server takes. It stays on this laptop; tell the data manager.",
        "zh": "有一条记录超过服务器允许的大小，仍保留在本机。请告知数据管理员。",
    }


class ServerBusyError(UnavailableError):
    """The server has too much to do just now. The field `retry_s` is its Retry-After, where it named one."""

    code = "sync.busy"
    texts: ClassVar = {
        "en": "The server is busy. Nothing is lost; synchronise again in a few minutes.",
        "zh": "服务器正忙。数据不会丢失；请几分钟后再同步。",
    }

    @property
    def retry_s(self) -> int:
        """In how many seconds the server wants to be met again; 0 where it named no time."""
        asked = self.fields.get("retry_s")
        return asked if isinstance(asked, int) else 0


class CodeMistypedError(UnreadableError):
    """An enrolment or personal code whose check character does not fit."""

    code = "enrol.mistyped"
    texts: ClassVar = {
        "en": "The code was not typed as it was issued. Compare it with the sheet, group by group.",
        "zh": "代码输入有误。请与代码单逐组核对后重新输入。",
    }


class CodeRefusedError(RefusedError):
    """The server does not take an enrolment or personal code."""

    code = "enrol.code_refused"
    texts: ClassVar = {
        "en": "The server does not accept this code: it is wrong, used, or older than 72 hours. Ask for a new code.",
        "zh": "服务器不接受该代码：代码错误、已使用或已超过 72 小时。请索取新的代码。",
    }


class LettersExhaustedError(RefusedError):
    """A site has used all letters for laptops."""

    code = "enrol.letters_exhausted"
    texts: ClassVar = {
        "en": "Site {site} has enrolled 24 laptops, and there is no letter left. Ask the data manager.",
        "zh": "中心 {site} 已登记 24 台电脑，没有可用的字母编号。请联系数据管理员。",
    }


class OlderCopyError(UntrustedError):
    """The laptop's folder is an older copy: the server holds newer records made on it."""

    code = "sync.older_copy"
    texts: ClassVar = {
        "en": (
            "The records on this laptop were an older copy: the server held {count} newer records made on this laptop. "
            "They have been fetched back and nothing is lost. Tell the data manager when and why a copy was put back."
        ),
        "zh": (
            "本机的记录曾是旧副本：服务器上有 {count} 条由本机产生的较新记录，现已取回，数据没有丢失。"
            "请告知数据管理员何时、为何恢复了旧副本。"
        ),
    }


class CopyAtWorkError(UntrustedError):
    """Records in this laptop's name came from a copy of its folder that is in use elsewhere."""

    code = "sync.copy_at_work"
    texts: ClassVar = {
        "en": (
            "A copy of this laptop's data is in use on another machine. What was recorded on both is kept. "
            "Tell your data manager, who withdraws one of them; use only one from now on."
        ),
        "zh": (
            "本机数据的一份副本正在另一台电脑上使用。两处的记录均已保留。"
            "请告知数据管理员，由其撤销其中一台；今后只使用一台。"
        ),
    }


class RecordsLostError(UntrustedError):
    """The server lacks records that it had confirmed, and says that it is the same store as then."""

    code = "sync.records_lost"
    texts: ClassVar = {
        "en": (
            "The server has lost {count} records that it had confirmed, or holds them back. "
            "They are on this laptop and were sent again. Tell your data manager at once."
        ),
        "zh": "服务器缺少 {count} 条其曾确认收到的记录。这些记录仍在本机，已重新发送。请立即告知数据管理员。",
    }


class ChainForkError(UntrustedError):
    """Two different histories exist under one laptop's name."""

    code = "sync.fork"
    texts: ClassVar = {
        "en": (
            "Two different histories of laptop {device} exist: a copy of its folder was in use. "
            "Both are kept. Tell the data manager and use only one copy from now on."
        ),
        "zh": (
            "电脑 {device} 存在两份不同的历史记录：其数据文件夹曾被复制使用。两份均已保留。"
            "请告知数据管理员，今后只使用其中一份。"
        ),
    }
