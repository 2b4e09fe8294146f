"""Security events and the server's statements in words.

A sentence for each name, then what the event says beside it: people by name, laptops by letter, subjects by
number. A name that is not here comes from a newer release and is told as such, with its name.

Source: docs/record_format.md, section "Payloads" (`sec`, `srv`); 21 CFR 11.10(d), (e), (g) and 11.300(d).
"""

from collections.abc import Callable, Mapping

from casebook.audit.act import AuditContext, both, same
from casebook.design import Text
from casebook.ids import DeviceId, SubjectId, UserId
from casebook.rights import ACT_WORDS
from casebook.timekeeping import ANCHOR_EVENT, JUMP_EVENT, duration
from casebook.verdicts import STATEMENT as VERDICT
from casebook.verdicts import VERDICT_WORDS, VerdictCode

_EVENTS: Mapping[str, tuple[str, str]] = {
    "sign-in": ("Signed in", "登录"),
    "unlock": ("Unlocked", "解锁"),
    "sign-out": ("Signed out", "退出登录"),
    "passphrase-failed": ("A wrong passphrase was typed", "输入了错误的密码"),
    "passphrase-changed": ("Changed the own passphrase", "修改了本人密码"),
    "recovery-sheet": ("Made a new recovery sheet", "生成了新的恢复单"),
    "recovery-used": ("The recovery sheet was used", "使用了恢复单"),
    "escrow-used": ("The study's key in custody was used to open this laptop", "使用研究托管密钥打开了本机"),
    "escrow-set": ("The keys of this laptop were sealed to the study's custodians", "已将本机密钥封存给研究密钥托管人"),
    "key-rotated": ("A key was replaced by a new one", "更换了密钥"),
    "person-invited": ("Invited a person", "邀请了人员"),
    "person-added": ("A person was added to this laptop", "在本机添加了人员"),
    "person-removed": ("A person was removed from this laptop", "从本机移除了人员"),
    "unblinded": ("Unblinded a subject", "对受试者揭盲"),
    "print": ("Printed", "打印"),
    "attachment-copied": ("Saved a copy of an attachment to a file", "将附件另存为文件"),
    "export": ("Exported the record", "导出了记录"),
    "bundle": ("Wrote a bundle of records to a file", "将记录写入了传递文件"),
    "redaction": ("Took a value out of the record by a redaction", "遮蔽了记录中的数值"),
    "person-let-in-again": ("Let a person in again with new keys", "为人员重新授权登录并生成新密钥"),
    "unblinding-key-granted": ("Handed the unblinding key to a person", "将揭盲密钥交给了人员"),
    "unblinding-key-refused": (
        "Did not hand the unblinding key to a person: the key is not theirs",
        "未交付揭盲密钥：密钥与本人不符",
    ),
    "delegated": ("Delegated by the principal investigator", "主要研究者授权分工"),
    "delegation-ended": ("A delegation ended", "授权终止"),
    "invitation": ("A person was let in at the laptop", "在本机为人员授权登录"),
    "ruling-accepted": ("A held record was accepted", "接受了暂挂的记录"),
    "ruling-declined": ("A held record was declined", "未接受暂挂的记录"),
    "link-link": ("Proposed that two subjects are the same person", "提出两名受试者为同一人"),
    "link-unlink": ("Proposed to end a link of two subjects", "提出解除两名受试者的关联"),
    "link-confirm": ("Confirmed what was proposed of two subjects", "确认了对两名受试者提出的事项"),
    "link-decline": ("Declined what was proposed of two subjects", "未同意对两名受试者提出的事项"),
    "link-apart": ("Two subjects are not the same person", "两名受试者不是同一人"),
    "link-words": ("Gave the reason of what was said of two subjects", "说明了对两名受试者处理的原因"),
    "renumbered": ("The subject got another number", "受试者获得了新编号"),
    "laptop-withdrawn": ("A laptop was withdrawn", "撤销了一台电脑"),
    "laptop-retired": ("A laptop is being retired; its files are wiped", "一台电脑正在停用，其文件将被清除"),
    "laptop-kept": ("The laptop was not retired after all", "该电脑最终未停用"),
    "study-version": ("A version of the study came into force here", "研究版本在本机生效"),
    "older-copy": ("This folder was found to be an older copy of itself", "发现该文件夹是其较旧的副本"),
    ANCHOR_EVENT: ("Heard the server's time", "获知了服务器时间"),
    JUMP_EVENT: ("The wall clock was set", "电脑时钟被改动"),
}

_STATEMENTS: Mapping[str, tuple[str, str]] = {
    "site": ("A site was opened", "开设了研究中心"),
    "user": ("A person has an account", "建立或更新了人员账号"),
    "device": ("A laptop was enrolled", "登记了一台电脑"),
    "person": ("A person's keys on a laptop were certified", "认证了人员在某台电脑上的密钥"),
    "revoked": ("A laptop was withdrawn", "撤销了一台电脑"),
    "person_revoked": ("A person's keys were withdrawn", "停用了人员的密钥"),
    "invitation_refused": ("The server did not take an invitation", "服务器未接受一项邀请"),
    "custodians": ("The study named the custodians of its keys", "研究指定了密钥托管人"),
    "exported": ("The site's data were given to statistics", "研究中心数据已提供给统计"),
    "guest": (
        "Keys of somebody whose user name was taken were registered; what they recorded is held",
        "登记了用户名重复人员的密钥；其录入暂挂待裁定",
    ),
}

_FIELDS: Mapping[str, tuple[str, str]] = {
    "by": ("by", "操作者"),
    "cause": ("because of", "起因"),
    "chain": ("chain", "记录链"),
    "code": ("code", "代码"),
    "commit": ("record", "记录"),
    "count": ("times", "次数"),
    "device": ("laptop", "电脑"),
    "effect": ("effect", "处理"),
    "files": ("files", "文件数"),
    "form": ("form", "表单"),
    "kind": ("what", "内容"),
    "label": ("version", "版本"),
    "duties": ("duties", "职责"),
    "from": ("from", "自"),
    "letter": ("letter", "字母"),
    "name": ("name", "名称"),
    "role": ("role", "角色"),
    "second": ("with", "共同操作者"),
    "site": ("site", "研究中心"),
    "sites": ("sites", "研究中心"),
    "subject": ("subject", "受试者"),
    "subjects": ("subjects", "受试者"),
    "number": ("number", "编号"),
    "under": ("shown under", "归入"),
    "to": ("for", "接收方"),
    "until": ("until", "至"),
    "user": ("person", "人员"),
    "sha256": ("SHA-256", "SHA-256"),
    "users": ("people", "人员"),
    "verdict": ("verdict", "判定"),
    "what": ("what", "内容"),
}
_PEOPLE = frozenset({"by", "second", "user"})
_KINDS: Mapping[str, tuple[str, str]] = {
    "versions": ("versions of the study", "研究版本"),
    "log": ("screening log", "筛选登记表"),
    "eligibility": ("eligibility", "入选资格"),
    "timeline": ("timeline", "时间线"),
    "visit": ("visit record", "访视记录"),
    "blank": ("blank forms", "空白表单"),
    "consent": ("consent document", "知情同意书"),
    "audit": ("audit trail", "稽查轨迹"),
    "delegation": ("delegation log", "授权分工表"),
    "roles": ("what each role may do", "各角色权限"),
    "odm": ("CDISC ODM", "CDISC ODM"),
    "csv": ("tables", "表格"),
    "all": ("CDISC ODM and tables", "CDISC ODM 与表格"),
}

_Details = Mapping[str, str]


def event_sentence(name: str, details: _Details, context: AuditContext) -> Text | None:
    """Return a security event in words; None for a name of a newer release."""
    if name == ANCHOR_EVENT:
        return both("Heard the server's time.", "获知了服务器时间。")
    if name == JUMP_EVENT:
        return _jump(details)
    return _sentence(_EVENTS.get(name), details, context)


def statement_sentence(name: str, details: _Details, context: AuditContext) -> Text | None:
    """Return a statement of the server in words; None for a name of a newer release."""
    if name == VERDICT:
        return _verdict(details)
    return _sentence(_STATEMENTS.get(name), details, context)


def _verdict(details: _Details) -> Text:
    code, record = details.get("code", ""), details.get("commit", "")[:8]
    known = code if code in set(VerdictCode) else VerdictCode.OTHER
    why = VERDICT_WORDS[VerdictCode(known)]
    return both(f"The server judged record {record}. {why('en')}", f"服务器对记录 {record} 作出判定：{why('zh')}")


def _sentence(words: tuple[str, str] | None, details: _Details, context: AuditContext) -> Text | None:
    if words is None:
        return None
    told = [(label, _shown(field, details[field], context)) for field, label in _FIELDS.items() if field in details]
    en = "; ".join(f"{label[0]}: {text('en')}" for label, text in told if text("en"))
    zh = "；".join(f"{label[1]}：{text('zh')}" for label, text in told if text("zh"))
    return both(f"{words[0]} ({en})." if en else f"{words[0]}.", f"{words[1]}（{zh}）。" if zh else f"{words[1]}。")


def _shown(field: str, text: str, context: AuditContext) -> Text:
    if field in _PEOPLE:
        return same(context.name_of(UserId(text)))
    plain: Mapping[str, Callable[[], str]] = {
        "device": lambda: context.letter_of(DeviceId(text)) or text,
        "subject": lambda: context.number_of(SubjectId(text)) or text,
        "under": lambda: context.number_of(SubjectId(text)) or text,
        "commit": lambda: text[:8],
    }
    if field in plain:
        return same(plain[field]())
    if field == "cause" and text in _EVENTS:
        return both(*_EVENTS[text])
    if field == "kind" and text in _KINDS:
        return both(*_KINDS[text])
    if field == "duties":
        duties = [ACT_WORDS[one] for one in text.split() if one in ACT_WORDS]
        return both(", ".join(one("en") for one in duties), "、".join(one("zh") for one in duties))
    if field == "role":
        role = next((one for one in context.design.roles if one.oid == text), None)
        return role.label if role is not None else same(text)
    return same(text)


def _jump(details: _Details) -> Text:
    try:
        by_ms = int(details["after"]) - int(details["before"])
    except (KeyError, ValueError):
        return both("The wall clock was set.", "电脑时钟被改动。")
    span = duration(abs(by_ms))
    if details.get("how", "set") != "set":
        return both(
            f"The wall clock was found {span('en')} behind what is known.", f"发现电脑时钟比已知时间慢 {span('zh')}。"
        )
    if by_ms > 0:
        return both(f"The wall clock was set forward by {span('en')}.", f"电脑时钟被调快了 {span('zh')}。")
    return both(f"The wall clock was set back by {span('en')}.", f"电脑时钟被调慢了 {span('zh')}。")
