"""What stands between a person and the encrypted folder: passphrase, files, disk."""

from typing import ClassVar

from casebook.errors.tree import RefusedError, UnavailableError, UnreadableError, UntrustedError


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


class WaitBeforeRetryError(UnavailableError):
    """Wrong passphrases were typed; the next try waits. `seconds`: how long from now."""

    code = "keys.wait_before_retry"
    texts: ClassVar = {
        "en": (
            "The passphrase was typed wrongly several times. Wait {seconds} s, then type it again for {person}. "
            "If it is forgotten, use the recovery sheet: it does not wait."
        ),
        "zh": "密码已多次输错。请等待 {seconds} 秒后再为“{person}”输入。如已忘记密码，可使用恢复单，无需等待。",
    }


class DeviceSecretMissingError(UnavailableError):
    """A slot needs this machine's secret, and the system does not give it any more."""

    code = "keys.device_secret_missing"
    texts: ClassVar = {
        "en": (
            "The part of the key that this computer's system keeps is missing (a reset profile, another computer?), "
            "so the passphrase for {person} cannot open the records. Use the recovery sheet to set a new passphrase."
        ),
        "zh": (
            "由本机系统保存的密钥部分已缺失（用户配置被重置或更换了电脑？），“{person}”的密码无法打开记录。"
            "请使用恢复单设置新密码。"
        ),
    }


class GrantRefusedError(UntrustedError):
    """The key file names another public key for a person than the study certified, or a grant nobody signed."""

    code = "keys.grant_refused"
    texts: ClassVar = {
        "en": (
            "The key file has a key for {person} that is not theirs by the study's certificate. Nothing was handed "
            "over. Tell the data manager before doing anything else with this laptop."
        ),
        "zh": "密钥文件中“{person}”的密钥与研究证书不符，未移交任何密钥。请先联系数据管理员，再对本机作任何操作。",
    }


class CustodianKeyWrongError(UnavailableError):
    """A custodian's key or passphrase does not open what was sealed to them."""

    code = "keys.custodian_key_wrong"
    texts: ClassVar = {
        "en": (
            "“{file}” does not open with this key: another study's key, another passphrase, or a file without a part "
            "sealed to custodians. Compare the key's fingerprint with the study's papers, then try again."
        ),
        "zh": (
            "无法用此密钥打开“{file}”：密钥属于其他研究、密码有误，或文件中没有封存给研究密钥托管人的部分。"
            "请将密钥指纹与研究文件核对后重试。"
        ),
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
            "Free some space on the disk of {folder}, then do it again."
        ),
        "zh": "磁盘已满：此项未保存。已标记为“已存于本机”的内容均安全。请清理 {folder} 所在磁盘的空间，然后重试。",
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
            "{folder} 所在磁盘无法读写（{why}）：此项未保存。已标记为“已存于本机”的内容均安全。"
            "请尽可能先同步，并请人检查磁盘。"
        ),
    }


class FolderReadOnlyError(DiskFailedError):
    """The folder can be read and not written: a protected stick, another user's, a disk that was made read-only."""

    code = "disk.read_only"
    texts: ClassVar = {
        "en": (
            "{folder} cannot be written: it is read-only, or belongs to another user of this computer. Nothing new was "
            "kept; everything marked as kept is safe. Ask whoever looks after this computer to make it writable, then "
            "try again."
        ),
        "zh": (
            "{folder} 无法写入：该文件夹为只读，或属于本机的其他用户。本次未保存；已标记为“已存于本机”的内容均安全。"
            "请让电脑管理人员将其改为可写，然后重试。"
        ),
    }


class FolderGoneError(DiskFailedError):
    """The folder is not there any more: a stick was pulled, a disk was not mounted, the folder was moved."""

    code = "disk.folder_gone"
    texts: ClassVar = {
        "en": (
            "The folder {folder} is not there: its disk or stick was taken out, or it was moved. What was kept is in "
            "it. Put it back where it was; this laptop must not be enrolled anew."
        ),
        "zh": (
            "找不到文件夹 {folder}：其所在磁盘或 U 盘已被拔出，或文件夹已被移动。已保存的内容仍在其中。"
            "请将其放回原处；请勿重新登记本机。"
        ),
    }
