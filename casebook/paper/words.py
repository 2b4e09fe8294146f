"""The few words that paper itself says, in the languages of the product.

What the study asks comes from its design; these are the captions around it.
"""

from collections.abc import Mapping

from casebook.design import Text
from casebook.records import MissingCode


def _pair(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


WORDS: Mapping[str, Text] = {
    "visit_record": _pair("Visit record", "访视记录"),
    "consent": _pair("Informed consent", "知情同意书"),
    "study": _pair("Study", "研究"),
    "protocol": _pair("Protocol", "方案"),
    "subject": _pair("Subject", "受试者"),
    "site": _pair("Site", "中心"),
    "visit": _pair("Visit", "访视"),
    "form": _pair("Form", "表单"),
    "item": _pair("Item", "项目"),
    "version": _pair("Version", "版本"),
    "state": _pair("State", "状态"),
    "value": _pair("Value", "数值"),
    "entered": _pair("Entered by, at", "录入者，时间"),
    "row": _pair("Row", "行"),
    "complete": _pair("complete", "已完成"),
    "in_progress": _pair("in progress", "进行中"),
    "not_entered": _pair("not entered", "未录入"),
    "sealed_away": _pair("cannot be opened on this laptop", "本机无法打开"),
    "continued": _pair("continued", "续"),
    "calculated": _pair("calculated", "计算值"),
    "conflict": _pair("Conflict: entries made without sight of each other", "冲突：互不知情的录入"),
    "apart": _pair("Entered on laptops that did not see each other", "在互不知情的电脑上分别录入"),
    "in_conflict": _pair("in conflict", "有冲突"),
    "shown": _pair("shown provisionally", "暂以此显示"),
    "laptop": _pair("laptop", "电脑"),
    "unconfirmed": _pair("recovered after a crash, not yet confirmed by its author", "崩溃后恢复，录入者尚未确认"),
    "earlier": _pair("earlier", "原值"),
    "reason": _pair("reason", "原因"),
    "cleared": _pair("cleared", "已清空"),
    "attachments": _pair("Attached files", "附件"),
    "attachment_struck": _pair("struck through", "已划除"),
    "struck": _pair("row struck through", "该行已划除"),
    "confirmed": _pair("confirmed true", "已确认属实"),
    "confirmed_before": _pair("confirmed true for an earlier value", "原值曾确认属实"),
    "finding": _pair("finding", "核查提示"),
    "no_side": _pair("no side given: nothing is hatched", "未填侧别，图中不作标示"),
    "identity": _pair("recorded; identity data is not printed here", "已记录；身份信息不在此打印"),
    "ink_kept": _pair("signed in ink", "已手写签名"),
    "day_unknown": _pair("day unknown", "日不详"),
    "month_unknown": _pair("month and day unknown", "月、日不详"),
    "time_unknown": _pair("time unknown", "时间不详"),
    "typed_twice": _pair("typed twice", "双次录入"),
    "no_glyph": _pair(
        "Characters that the font cannot draw are printed by their Unicode number",
        "字体无法显示的字符以其 Unicode 编码打印",
    ),
    "record_state": _pair("Record", "记录"),
    "design": _pair("Design", "设计"),
    "printed": _pair("Printed", "打印"),
    "page": _pair("Page", "页"),
    "draft": _pair("DRAFT", "草稿"),
    "copy": _pair("COPY", "副本"),
    "training": _pair("TRAINING", "培训"),
    "not_a_record": _pair("TRAINING: not a record of the study", "培训：不是研究记录"),
    "signatures": _pair("Signatures", "签名"),
    "electronic_signatures": _pair("Electronic signatures on the record", "记录上的电子签名"),
    "as_signed": _pair("content as signed", "内容与签名时一致"),
    "changed_since_signed": _pair("changed since it was signed", "签名后内容有修改"),
    "sign_here": _pair("Electronic signature", "电子签名"),
    "investigator_signature": _pair("Investigator's signature", "研究者签名"),
    "statements": _pair("I declare", "本人声明"),
    "consent_text_missing": _pair(
        "The text of this version is not part of the study definition on this laptop. "
        "Attach the approved text to this page.",
        "本机的研究定义中没有该版本的全文。请将已批准的文本附于本页。",
    ),
    "particulars": _pair("Particulars of this consent", "本次知情同意情况"),
    "ink_signatures": _pair("Signatures in ink", "手写签名"),
    "no_ink": _pair("no signature in ink", "无手写签名"),
    "name": _pair("Name", "姓名"),
    "date_time": _pair("Date and time", "日期时间"),
    "meaning": _pair("Meaning", "含义"),
    "authorship": _pair("authorship: I entered or supervised these data", "录入：由本人录入或监督录入"),
    "review": _pair("review: I have reviewed these data", "审阅：本人已审阅以上数据"),
    "approval_meaning": _pair("approval: I approve this document", "批准：本人批准本文件"),
    "consent_meaning": _pair(
        "consent: I explained the study and obtained this consent", "知情同意：本人已说明研究并取得同意"
    ),
}

MISSING: Mapping[MissingCode, Text] = {
    MissingCode.NOT_DONE: _pair("not done", "未做"),
    MissingCode.UNKNOWN: _pair("unknown", "不详"),
    MissingCode.NOT_APPLICABLE: _pair("not applicable", "不适用"),
    MissingCode.NOT_AVAILABLE: _pair("not available or refused", "无法获得或拒绝"),
}

MEANINGS: Mapping[str, Text] = {
    "authorship": WORDS["authorship"],
    "review": WORDS["review"],
    "approval": WORDS["approval_meaning"],
    "consent": WORDS["consent_meaning"],
}
"""Meanings of a signature (21 CFR 11.50(a)(3)); any other text is printed as it is."""
