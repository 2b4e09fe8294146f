"""Acts in the words of the study: forms, items, visits and values as they were asked.

Source: docs/record_format.md, section "Audit"; ICH E6(R3) 4.2.2 (the trail is understandable).
"""

from collections.abc import Sequence

from casebook.audit.act import NOTHING, Act, AuditContext, Deed, both, same
from casebook.audit.events import event_sentence, statement_sentence
from casebook.design import DataType, Form, Item, StudyDesign, Text
from casebook.entry import display, reason_words
from casebook.ids import DeviceId, UserId
from casebook.records import FormKey, ItemPath, Reading
from casebook.versions import item_at

LANGUAGES = ("en", "zh")
_FLAGS = {"complete": both("complete", "完成")}
_HANDED = both("Handed the key to identity data to laptop {laptop}.", "将身份信息密钥交给了电脑 {laptop}。")
_BARE = {DataType.INTEGER, DataType.DECIMAL}


class Wording:
    """Says acts in words. Looks nothing up but what the context tells."""

    def __init__(self, context: AuditContext) -> None:
        """Take what the words come from."""
        self._context = context

    # -- where ------------------------------------------------------------------------------------------

    def asked(self, act: Act) -> tuple[StudyDesign, Form] | None:
        """Return the form as it was asked, with the study around it; as it is now where that is not known."""
        if act.key is None:
            return None
        found = self._context.asked_in(act.key.form, act.form_version) if act.form_version else None
        if found is not None:
            return found
        form = self._context.design.forms.get(act.key.form)
        return (self._context.design, form) if form is not None else None

    def form(self, act: Act) -> Text:
        """Return the form's name, with its occasion where the study plans several."""
        if act.key is None:
            return NOTHING
        found = self.asked(act)
        label = found[1].label if found is not None else same(act.key.form)
        occasion = self._occasion(act.key)
        return label if occasion is None else _joined(label, occasion, ", ", "，")

    def _occasion(self, key: FormKey) -> Text | None:
        planned = (one for visit in self._context.design.visits for one in visit.forms if visit.oid == key.visit.visit)
        return next(
            (one.occasion_label for one in planned if one.form == key.form and one.occasion == key.repeat), None
        )

    def visit(self, act: Act) -> Text:
        """Return the visit's name."""
        if act.key is None:
            return NOTHING
        found = next((one for one in self._context.design.visits if one.oid == act.key.visit.visit), None)
        return found.label if found is not None else same(act.key.visit.visit)

    def item(self, act: Act, row: str = "") -> Text:
        """Return the item's label; for a row its group's, with the row's number `row` where there is one."""
        if act.path is None:
            return NOTHING
        label = self._label(act, act.path)
        return _joined(label, both(f"row {row}", f"第 {row} 行"), ", ", "，") if row else label

    def _label(self, act: Act, path: ItemPath) -> Text:
        found = self.asked(act)
        if found is None:
            return same(path.item or path.group)
        if not path.item:
            group = next((one for one in found[1].groups if one.oid == path.group), None)
            return group.label if group is not None else same(path.group)
        item = self._item(act, path)
        return item.label if item is not None else same(path.item)

    def _item(self, act: Act, path: ItemPath) -> Item | None:
        found = self.asked(act)
        return item_at(found[1], path) if found is not None else None

    # -- values -----------------------------------------------------------------------------------------

    def value(self, act: Act, readings: Sequence[Reading]) -> Text:
        """Return values of the act's item in words, several with a stroke between; "" for none."""
        given = [one for one in dict.fromkeys(readings) if not one.is_empty]
        found = self.asked(act)
        item = self._item(act, act.path) if act.path is not None else None
        if found is None or item is None:
            return same(" / ".join(one.value or str(one.missing) for one in given))
        return Text({one: " / ".join(self._shown(found[0], item, each, one) for each in given) for one in LANGUAGES})

    def _shown(self, design: StudyDesign, item: Item, reading: Reading, language: str) -> str:
        codes = design.code_lists.get(item.code_list or "")
        text = display(item, codes, reading, language, offset_minutes=design.utc_offset_minutes)
        unit = item.units[0].unit if item.units and item.data_type in _BARE and reading.value is not None else ""
        return f"{text} {unit}" if unit else text

    def reason(self, act: Act) -> Text:
        """Return why, in the study's words where the reason is one of the study's."""
        design = self._context.design
        return reason_words(act.reason, (*design.reasons, *design.absences))

    # -- sentences --------------------------------------------------------------------------------------

    def sentence(self, act: Act, item: Text, old: Text, new: Text) -> Text:
        """Return what was done as one sentence; `item`, `old`, `new` as the functions above say them."""
        if act.said is not None:
            return act.said
        match act.deed:
            case Deed.ENTERED:
                return _entry(item, old, new)
            case Deed.EVENT:
                return event_sentence(act.what, act.details, self._context) or _newer(act.what)
            case Deed.STATEMENT:
                return statement_sentence(act.what, act.details, self._context) or _newer(act.what)
            case Deed.KEY_GRANTED:
                device = act.details.get("device", "")
                return _said(_HANDED, laptop=same(self._context.letter_of(DeviceId(device)) or device))
            case Deed.FIRED | Deed.CLOSED | Deed.CONFIRMED:
                return _said(_SENTENCES[act.deed], what=self._check(act), item=item, value=new)
            case Deed.MARKED | Deed.UNMARKED:
                flag = _FLAGS.get(act.what, same(act.what))
                return _said(_SENTENCES[act.deed], what=flag)
            case Deed.REDACTED:
                second = self._context.name_of(UserId(act.details.get("second", "")))
                what = item if item("en") else both("a document", "文件")
                return _said(_SENTENCES[act.deed], item=what, what=same(act.what[:8]), second=same(second))
            case Deed.NEWER:
                return _newer(act.what)
            case Deed.OTHER:
                return same(act.name)
            case _:
                return _said(_SENTENCES[act.deed], what=same(act.what), item=item)

    def _check(self, act: Act) -> Text:
        found = self.asked(act)
        named = [one for one in found[1].checks if one.id == act.what] if found is not None else []
        here = [one for one in named if act.path is not None and one.item == act.path.item]
        check = next(iter(here or named), None)
        if check is None:
            return same(act.what)
        return Text({one: f"{act.what}: {check.message(one)}" for one in LANGUAGES})


def _joined(first: Text, second: Text, en: str, zh: str) -> Text:
    return both(f"{first('en')}{en}{second('en')}", f"{first('zh')}{zh}{second('zh')}")


def _said(template: Text, **parts: Text) -> Text:
    said = {one: template(one).format(**{name: text(one) for name, text in parts.items()}) for one in LANGUAGES}
    return Text({one: _ended(text) for one, text in said.items()})


def _ended(text: str) -> str:
    """Return a sentence with one stop at its end, where a quoted one has its own."""
    return text[:-1] if text.endswith(("..", "。。", "?.", "？。", "。.", ".。")) else text


def _entry(item: Text, old: Text, new: Text) -> Text:
    if not old("en"):
        return _said(_ENTERED if new("en") else _LEFT, item=item, new=new)
    if not new("en"):
        return _said(_CLEARED, item=item, old=old)
    if old("en") == new("en"):
        return _said(_KEPT, item=item, new=new)
    return _said(_CHANGED, item=item, old=old, new=new)


def settled_sentence(item: Text, old: Text, new: Text) -> Text:
    """Return by what a conflict was settled; `old`: the entries that differed, with a stroke between."""
    return _said(_SETTLED if new("en") else _SETTLED_EMPTY, item=item, old=old, new=new)


def _newer(what: str) -> Text:
    name = f" ({what})" if what else ""
    return both(
        f"Needs a newer version of Casebook to be read{name}.",
        f"需要更新版本的 Casebook 才能读取{f'（{what}）' if what else ''}。",
    )


_ENTERED = both("{item}: {new} entered.", "{item}：录入 {new}。")
_LEFT = both("{item}: left empty.", "{item}：留空。")
_CHANGED = both("{item}: changed from {old} to {new}.", "{item}：由 {old} 改为 {new}。")
_CLEARED = both("{item}: {old} cleared.", "{item}：清除 {old}。")
_SETTLED = both(
    "{item}: conflict settled, {new} counts. Entries were {old}.", "{item}：冲突已解决，以 {new} 为准。原录入：{old}。"
)
_SETTLED_EMPTY = both(
    "{item}: conflict settled, left empty. Entries were {old}.", "{item}：冲突已解决，留空。原录入：{old}。"
)
_KEPT = both("{item}: {new} entered again.", "{item}：再次录入 {new}。")
_SENTENCES = {
    Deed.ROW_ADDED: both("{item}: row added.", "{item}：新增一行。"),
    Deed.ROW_STRUCK: both("{item}: row struck through.", "{item}：划除一行。"),
    Deed.MARKED: both("Form marked {what}.", "表单标记为“{what}”。"),
    Deed.UNMARKED: both("Form no longer marked {what}.", "取消表单的“{what}”标记。"),
    Deed.CONFIRMED: both("{item}: {value} confirmed true against {what}.", "{item}：确认 {value} 属实（{what}）。"),
    Deed.FIRED: both("{item}: query opened. {what}.", "{item}：产生质疑。{what}。"),
    Deed.CLOSED: both(
        "{item}: query closed, the data no longer raise it. {what}.", "{item}：质疑关闭，数据已不再触发。{what}。"
    ),
    Deed.DOCUMENT: both("Document {what} was kept with the form.", "文件 {what} 已随表单保存。"),
    Deed.ATTACHED: both("File {what} was attached.", "已附加文件 {what}。"),
    Deed.ATTACHMENT_STRUCK: both("Attachment of record {what} was struck through.", "附件（记录 {what}）已划除。"),
    Deed.NOTE: both("{item}: reason given in words.", "{item}：以文字说明原因。"),
    Deed.REDACTED: both(
        "{item}: taken out of record {what}, together with {second}.", "{item}：与 {second} 共同遮蔽（记录 {what}）。"
    ),
    Deed.NO_CHANGE: both("Saved; no value changed.", "已保存，数值没有变化。"),
    Deed.SUBJECT_ADDED: both("Subject {what} was added.", "新增受试者 {what}。"),
    Deed.SEALED_AWAY: both(
        "Sealed to a key that is not at hand here: not shown.", "内容以此处没有的密钥封存，不予显示。"
    ),
    Deed.UNREADABLE: both("Cannot be read: not in the agreed form.", "无法读取：格式不符。"),
}
