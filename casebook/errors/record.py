"""What is wrong with a record's bytes, chain or seal."""

from typing import ClassVar

from casebook.errors.tree import RefusedError, UnreadableError, UntrustedError


class CommitUnreadableError(UnreadableError):
    """Bytes are not a commit in the canonical form."""

    code = "commit.unreadable"
    texts: ClassVar = {
        "en": "A record is not in the agreed form ({why}). It is kept aside; report it with the Sync screen.",
        "zh": "一条记录格式不符（{why}）。已另行保存；请通过“同步”页面报告。",
    }


class CommitUntrustedError(UntrustedError):
    """A commit's signature, hash or place in its chain does not verify."""

    code = "commit.untrusted"
    texts: ClassVar = {
        "en": "A record does not verify ({why}). It is kept aside and not shown; report it with the Sync screen.",
        "zh": "一条记录未通过校验（{why}）。已另行保存且不予显示；请通过“同步”页面报告。",
    }


class SealedAwayError(UntrustedError):
    """A sealed payload cannot be opened with the keys of this session."""

    code = "compartment.sealed"
    texts: ClassVar = {
        "en": "Identity data cannot be opened on this laptop yet. Ask a colleague to admit this laptop on theirs.",
        "zh": "本机尚不能打开身份信息。请同事在其电脑上批准本机。",
    }


class SealBrokenError(UntrustedError):
    """A ciphertext does not open: wrong key or changed bytes."""

    code = "crypto.seal_broken"
    texts: ClassVar = {
        "en": "A sealed part does not open: the key is wrong or the bytes were changed. Use the copy, or sync again.",
        "zh": "封存的内容无法打开：密钥错误或内容已被更改。请使用副本，或重新同步。",
    }


class SecondSignerRefusedError(RefusedError):
    """A redaction is not signed by two different people who both have the right."""

    code = "redaction.second_person"
    texts: ClassVar = {
        "en": "{person} cannot be the second person: a redaction takes two different people who both may redact. "
        "Ask another one to give their passphrase.",
        "zh": "{person} 不能作为第二人：遮蔽须由两名均有遮蔽权限的不同人员完成。请另一人输入密码。",
    }


class NothingToRedactError(RefusedError):
    """A redaction names a place without a value, or a record that was redacted already."""

    code = "redaction.nothing"
    texts: ClassVar = {
        "en": "Record {commit} has no value there that could be taken out, or it was redacted already. "
        "Look at the item's history and choose the entry again.",
        "zh": "记录 {commit} 在该处没有可遮蔽的数值，或已被遮蔽。请查看该项目的历史并重新选择录入。",
    }
