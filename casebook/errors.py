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
        """Return what happened and what to do next, in `language` ('en' or 'zh').

        A field given as a mapping of languages is filled in with its part in `language`.
        """
        filled = {name: field[language] if isinstance(field, Mapping) else field for name, field in self.fields.items()}
        return self.texts[language].format(**filled)

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


class RoleDoesNotSignError(RefusedError):
    """A person whose role does not sign tries to."""

    code = "signature.role"
    texts: ClassVar = {
        "en": "{person} has a role that does not sign. Ask an investigator to sign in and sign.",
        "zh": "{person} 的角色没有签名权限。请研究者登录后签名。",
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


# -- store and keys ----------------------------------------------------------------------------------


class WrongPassphraseError(UnavailableError):
    """No slot of this person opens with what was typed."""

    code = "keys.wrong_passphrase"
    texts: ClassVar = {
        "en": (
            "The passphrase does not open the records for {person}. Check the keyboard's language and Caps Lock and "
            "type it again. If it is forgotten, use the recovery sheet."
        ),
        "zh": "“{person}”的密码无法打开记录。请检查输入法和大写锁定后重新输入；如已忘记密码，请使用恢复单。",
    }


class RecoveryCodeUnreadableError(UnreadableError):
    """What was typed is not a recovery code: a character is missing or mistyped."""

    code = "keys.recovery_code_unreadable"
    texts: ClassVar = {
        "en": "This is not a complete recovery code: a character is missing or mistyped. Compare it with the sheet.",
        "zh": "恢复码不完整或有误：可能漏输或输错字符。请与恢复单逐字核对。",
    }


class WrongRecoveryCodeError(UnavailableError):
    """A well-formed recovery code that does not open this laptop's records."""

    code = "keys.wrong_recovery_code"
    texts: ClassVar = {
        "en": "This recovery code does not open the records of this laptop. Use the newest sheet made on this laptop.",
        "zh": "此恢复码无法打开本机记录。请使用在本机生成的最新一份恢复单。",
    }


class SidecarMissingError(UnavailableError):
    """The key file and its copy are gone."""

    code = "keys.sidecar_missing"
    texts: ClassVar = {
        "en": (
            "The key file “{file}” and its copy are missing from {folder}. The records cannot be opened without them. "
            "Put them back from the backup of this folder; do not delete anything else in it."
        ),
        "zh": (
            "文件夹 {folder} 中缺少密钥文件“{file}”及其副本，无法打开记录。"
            "请从该文件夹的备份中恢复；请勿删除其中的其他文件。"
        ),
    }


class SidecarDamagedError(UnreadableError):
    """The key file and its copy are damaged, or were changed by somebody without the key."""

    code = "keys.sidecar_damaged"
    texts: ClassVar = {
        "en": (
            "The key file “{file}” and its copy in {folder} are damaged or were changed. Nothing was opened. "
            "Put both back from the backup of this folder, then start again."
        ),
        "zh": (
            "文件夹 {folder} 中的密钥文件“{file}”及其副本已损坏或被更改，未打开任何记录。"
            "请从备份中恢复这两个文件，然后重新启动。"
        ),
    }


class StoreMissingError(UnavailableError):
    """The database file is gone."""

    code = "store.missing"
    texts: ClassVar = {
        "en": (
            "The database “{file}” is missing. Start again: the records not yet sent are rebuilt from their second "
            "copy; then synchronise to get the others back from the server."
        ),
        "zh": "数据库“{file}”缺失。请重新启动：未发送的记录将由第二副本重建；随后请同步，从服务器取回其余记录。",
    }


class StoreDamagedError(UnreadableError):
    """The database or the second copy cannot be read any more."""

    code = "store.damaged"
    texts: ClassVar = {
        "en": (
            "“{file}” is damaged ({why}). Nothing in it is shown. Lock and open again: the database is rebuilt from "
            "the second copy and the damaged file is kept aside; then synchronise."
        ),
        "zh": (
            "“{file}”已损坏（{why}），其内容不予显示。"
            "请锁定后重新打开：数据库将由第二副本重建，损坏文件另行保存；然后请同步。"
        ),
    }


class StoreNewerError(UnavailableError):
    """The database was written by a newer release."""

    code = "store.newer"
    texts: ClassVar = {
        "en": "“{file}” was written by a newer Casebook. Install that version on this laptop, then open it again.",
        "zh": "“{file}”由更新版本的 Casebook 写入。请在本机安装该版本后重新打开。",
    }


class StoreBusyError(UnavailableError):
    """Another connection keeps the database locked."""

    code = "store.busy"
    texts: ClassVar = {
        "en": "“{file}” is being used by something else (a backup or virus scan?). Wait a moment and try again.",
        "zh": "“{file}”正被其他程序占用（如备份或杀毒扫描）。请稍候再试。",
    }


class TamperedStoreError(UntrustedError):
    """The database was changed by something other than Casebook."""

    code = "store.tampered"
    texts: ClassVar = {
        "en": (
            "“{file}” was changed by something other than Casebook ({why}). It is not opened and stays as it is. "
            "Tell the data manager before doing anything else with this laptop."
        ),
        "zh": (
            "“{file}”曾被 Casebook 以外的程序更改（{why}），已拒绝打开并保持原样。"
            "请先联系数据管理员，再对本机作任何操作。"
        ),
    }


class TriggersMissingError(TamperedStoreError):
    """The guards that refuse changing or deleting a record are missing or altered."""

    code = "store.triggers_missing"
    texts: ClassVar = {
        "en": (
            "“{file}” has lost the guards that keep records from being changed or deleted ({why}). It is not opened "
            "and stays as it is. Tell the data manager before doing anything else with this laptop."
        ),
        "zh": (
            "“{file}”中防止记录被修改或删除的保护机制缺失或被更改（{why}），已拒绝打开并保持原样。"
            "请先联系数据管理员，再对本机作任何操作。"
        ),
    }


class VaultInUseError(UnavailableError):
    """Another Casebook has this folder open."""

    code = "vault.in_use"
    texts: ClassVar = {
        "en": "Casebook is already open on the records in {folder}. Use that window, or close it and start again.",
        "zh": "Casebook 已打开 {folder} 中的记录。请使用已打开的窗口，或关闭后重新启动。",
    }


class VaultFolderRefusedError(RefusedError):
    """The folder lies on a network share or in a folder that a cloud service copies."""

    code = "vault.folder_refused"
    texts: ClassVar = {
        "en": (
            "{folder} lies on a network share or is copied by a cloud service ({place}); records can be damaged there "
            "while they are written. Choose a folder on this laptop's own disk."
        ),
        "zh": "{folder} 位于网络共享或由云服务同步（{place}），写入时可能损坏记录。请选择本机磁盘上的文件夹。",
    }


class DiskFullError(UnavailableError):
    """No space is left for the next entry or record."""

    code = "disk.full"
    texts: ClassVar = {
        "en": (
            "The disk is full: this was not kept. Everything marked as kept is safe. "
            "Free some space on the disk of {folder}, then enter it again."
        ),
        "zh": "磁盘已满：此项未保存。已标记为“已保存”的内容均安全。请清理 {folder} 所在磁盘的空间，然后重新输入。",
    }


class DiskFailedError(UnavailableError):
    """The disk refuses to read or write."""

    code = "disk.failed"
    texts: ClassVar = {
        "en": (
            "The disk of {folder} refuses to read or write ({why}): this was not kept. Everything marked as kept is "
            "safe. Synchronise if you can, and have the disk checked."
        ),
        "zh": (
            "{folder} 所在磁盘无法读写（{why}）：此项未保存。已标记为“已保存”的内容均安全。"
            "请尽可能先同步，并请人检查磁盘。"
        ),
    }


# -- files of the user's choice -----------------------------------------------------------------------


class FileUnwritableError(UnavailableError):
    """A copy could not be written where the user wanted it."""

    code = "file.unwritable"
    texts: ClassVar = {
        "en": "The copy could not be written to {path} ({why}). Choose another folder; the record is not affected.",
        "zh": "无法将副本写入 {path}（{why}）。请选择其他文件夹；记录不受影响。",
    }


class FileUnreadableError(UnreadableError):
    """A file that the user chose could not be read."""

    code = "file.unreadable"
    texts: ClassVar = {
        "en": "The file {path} could not be read ({why}). Check that it is still there, then choose it again.",
        "zh": "无法读取文件 {path}（{why}）。请确认该文件仍然存在，然后重新选择。",
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


# -- sync --------------------------------------------------------------------------------------------


class ServerUnreachableError(UnavailableError):
    """No connection to the study's server, or it was cut."""

    code = "sync.unreachable"
    texts: ClassVar = {
        "en": "The study's server cannot be reached now. Nothing is lost; go on working and synchronise again later.",
        "zh": "目前无法连接研究服务器。数据不会丢失；请继续工作，稍后再同步。",
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
            "This laptop has been withdrawn from the study. The server no longer exchanges records with it. "
            "Keep the laptop and call the data manager."
        ),
        "zh": "本机已被撤销参与研究的资格，服务器不再与其交换记录。请妥善保管本机并联系数据管理员。",
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
    """The server has too much to do just now."""

    code = "sync.busy"
    texts: ClassVar = {
        "en": "The server is busy. Nothing is lost; synchronise again in a few minutes.",
        "zh": "服务器正忙。数据不会丢失；请几分钟后再同步。",
    }


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


# -- server ------------------------------------------------------------------------------------------


class ServerFolderError(RefusedError):
    """A command names a folder that is not, or already is, a server's."""

    code = "server.folder"
    texts: ClassVar = {
        "en": "{folder}: {why}. Nothing was changed.",
        "zh": "{folder}：{why}。未作任何更改。",
    }


class ServerAddressError(UnavailableError):
    """The server cannot listen where it was told to."""

    code = "server.address"
    texts: ClassVar = {
        "en": "The server cannot listen on {address} ({why}). Choose another --host or --port, or stop what uses it.",
        "zh": "服务器无法监听 {address}（{why}）。请更换 --host 或 --port，或停止占用该地址的程序。",
    }


class UnknownSiteError(RefusedError):
    """A command names a site or person that the study does not have."""

    code = "server.unknown"
    texts: ClassVar = {
        "en": "The study has no {what} “{name}”. Add it first.",
        "zh": "本研究没有 {what}“{name}”。请先添加。",
    }


# -- study definition ---------------------------------------------------------------------------------


class StudyFileError(UnreadableError):
    """A file of a study folder is missing, misspelt or contradicts another. `what` is given per language."""

    code = "study.file"
    texts: ClassVar = {
        "en": "The study file {file} cannot be used. At {place}: {what} Then start again.",
        "zh": "研究定义文件 {file} 无法使用。位置 {place}：{what}然后重新启动。",
    }


class StudyCasesError(UnreadableError):
    """A file of example cases cannot be read."""

    code = "study.cases"
    texts: ClassVar = {
        "en": "The case file {file} cannot be read ({why}). Give a JSON file in the form of docs/study_files.md.",
        "zh": "无法读取用例文件 {file}（{why}）。请提供 docs/study_files.md 所述格式的 JSON 文件。",
    }


# -- paper -------------------------------------------------------------------------------------------


class CodeUnreadableError(UnreadableError):
    """A text is not the code of a page, or was misread."""

    code = "paper.code_unreadable"
    texts: ClassVar = {
        "en": "This is not the code of a Casebook page, or it was read wrongly. Scan or type it again.",
        "zh": "这不是本系统页面的编码，或读取有误。请重新扫描或输入。",
    }


class InkUnreadableError(UnreadableError):
    """Strokes are not in the agreed form."""

    code = "ink.unreadable"
    texts: ClassVar = {
        "en": "The handwritten signature cannot be read ({why}). Ask the person to sign again.",
        "zh": "无法读取手写签名（{why}）。请本人重新签名。",
    }


class FieldUnavailableError(RefusedError):
    """A document has no such empty signature field."""

    code = "paper.field_unavailable"
    texts: ClassVar = {
        "en": "The document has no free place for this signature ({field}). Print it again, then sign the new print.",
        "zh": "文件中没有可用的签名位置（{field}）。请重新生成文件后再签名。",
    }
