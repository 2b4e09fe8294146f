"""The recovery sheet: the one page that opens a laptop's record when passphrases are forgotten.

It carries the code twice, to be read by a camera and to be typed, and says what it opens, where to keep it
and how to use it. It is a secret on paper: nothing of it stands in the file's description, and nobody but its
reader writes it anywhere.

Source: docs/paper.md, section "Recovery sheet"; docs/store.md, section "Keys".
"""

import io
from collections.abc import Sequence

from reportlab.lib.units import mm

from casebook.design import Text
from casebook.paper import fonts
from casebook.paper.context import RecoverySheet, time_text
from casebook.paper.layout import STRONG_RULE, Paragraph, Pen
from casebook.paper.sheet import LEFT, PAGE_HEIGHT, PAGE_WIDTH, RIGHT, WIDTH, PaperCanvas, draw_qr, pair, pdf_language
from casebook.paper.zh_paragraph import Run, Tone

_QR = 52 * mm
_CODE_SIZE = 19.0
_GROUPS_IN_A_LINE = 4
_GAP = 7 * mm


def _both(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


_TITLE = _both("Recovery sheet", "恢复单")
_STUDY, _SITE = _both("Study", "研究"), _both("Site", "中心")
_LAPTOP, _MADE = _both("Laptop", "电脑"), _both("Made", "生成")
_CODE = _both("Recovery code", "恢复码")
_LETTERS = _both(
    "Spaces and hyphens do not matter. 0 is always the digit; the letters O, I and L do not occur.",
    "空格和连字符可省略。0 均为数字；代码中没有字母 O、I、L。",
)
_WHAT = _both("What it is for", "用途")
_HOW = _both("How to use it", "使用方法")
_KEEP = _both("Where to keep it", "保管")
_SAYS = (
    (
        _WHAT,
        _both(
            "It opens the records on this laptop when a passphrase is forgotten. Nothing recorded is lost by that.",
            "忘记密码时，用它打开本机上的记录，已录入的内容不会丢失。",
        ),
    ),
    (
        _HOW,
        _both(
            "Start Casebook, choose “Forgotten your passphrase?” and type the code, with a new personal code from "
            "your data manager. Each use is written into the audit trail and ends this sheet: a new one is made at "
            "once, and this one is to be destroyed.",
            "启动 Casebook，选择“忘记密码”，输入本恢复码以及数据管理员发放的新个人代码。每次使用都会写入稽查轨迹，"
            "本恢复单随即失效；系统会立即生成新的恢复单，请销毁本单。",
        ),
    ),
    (
        _KEEP,
        _both(
            "Locked away, apart from the laptop, by the principal investigator. Whoever has both this sheet and the "
            "laptop can read everything in it. If the sheet is lost or was seen by somebody else, make a new one in "
            "Settings: that ends this one.",
            "由主要研究者上锁保管，不得与电脑放在一起。同时持有本单和电脑的人可以读取其中全部内容。"
            "如本单遗失或被他人看到，请在“设置”中生成新的恢复单，本单随即失效。",
        ),
    ),
)
_BY_HAND = (
    _both("Kept at (room, safe)", "保管地点（房间、保险柜）"),
    _both("Handed to, on", "交予何人、日期"),
    _both("Opened by, on, why", "启用人、日期、原因"),
)


def recovery_sheet(said: RecoverySheet, languages: Sequence[str]) -> bytes:
    """Return the sheet as a PDF file of one page. `languages`: the first leads."""
    buffer = io.BytesIO()
    canvas = PaperCanvas(buffer, language=pdf_language(languages))
    pen = Pen(canvas)
    top = PAGE_HEIGHT - 18 * mm
    title = Paragraph(runs=pair(_TITLE, languages, bold=True), size=18.0)
    top = _put(pen, title, top) - 3 * mm
    top = _put_facts(pen, said, languages, top)
    pen.line(LEFT, top, PAGE_WIDTH - RIGHT, STRONG_RULE, 0.8)
    top = _put_code(pen, said.code, languages, top - 6 * mm)
    pen.line(LEFT, top, PAGE_WIDTH - RIGHT, STRONG_RULE, 0.8)
    top -= 6 * mm
    for heading, words in _SAYS:
        top = _put(pen, Paragraph(runs=pair(heading, languages, bold=True), size=11.0, after=1.5), top)
        for language in languages:
            tone = Tone.INK if language == languages[0] else Tone.FAINT
            top = _put(pen, Paragraph(runs=(Run(text=words(language), tone=tone),), size=9.5, after=2.5), top)
        top -= 3 * mm
    for line in _BY_HAND:
        top -= 9 * mm
        pen.line(LEFT, top, PAGE_WIDTH - RIGHT, STRONG_RULE)
        top = _put(pen, Paragraph(runs=pair(line, languages, lead=Tone.FAINT), size=7.5), top - 1)
    canvas.setTitle(" ".join(dict.fromkeys(_TITLE(language) for language in languages)))
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _put(pen: Pen, paragraph: Paragraph, top: float) -> float:
    """Draw a paragraph; return where the next one begins."""
    paragraph.draw(pen, LEFT, top, WIDTH)
    return top - paragraph.height(WIDTH)


def _put_facts(pen: Pen, said: RecoverySheet, languages: Sequence[str], top: float) -> float:
    made = time_text(said.made_at) + (f", {said.made_by}" if said.made_by else "")
    facts = ((_STUDY, said.study(languages[0])), (_SITE, said.site), (_LAPTOP, said.laptop), (_MADE, made))
    for caption, value in facts:
        small = Paragraph(runs=pair(caption, languages, lead=Tone.FAINT), size=7.5)
        small.draw(pen, LEFT, top - 1.5, 38 * mm)
        shown = Paragraph(runs=(Run(text=value),), size=9.5, after=2)
        shown.draw(pen, LEFT + 38 * mm, top, WIDTH - 38 * mm)
        top -= shown.height(WIDTH - 38 * mm)
    return top - 3 * mm


def _put_code(pen: Pen, code: str, languages: Sequence[str], top: float) -> float:
    draw_qr(pen, code, PAGE_WIDTH - RIGHT - _QR, top - _QR, _QR)
    width = WIDTH - _QR - 8 * mm
    caption = Paragraph(runs=pair(_CODE, languages, bold=True), size=11.0)
    caption.draw(pen, LEFT, top, width)
    line_top = top - 10 * mm
    groups = code.split("-")
    for start in range(0, len(groups), _GROUPS_IN_A_LINE):
        left = LEFT
        for group in groups[start : start + _GROUPS_IN_A_LINE]:
            pen.text(left, line_top - _CODE_SIZE, (Run(text=group, bold=True),), _CODE_SIZE)
            left += fonts.text_width("WWWW", bold=True, size=_CODE_SIZE) * 0.72 + _GAP
        line_top -= _CODE_SIZE + 6 * mm
    for language in languages:
        tone = Tone.INK if language == languages[0] else Tone.FAINT
        note = Paragraph(runs=(Run(text=_LETTERS(language), tone=tone),), size=8.0, after=1)
        note.draw(pen, LEFT, line_top, width)
        line_top -= note.height(width)
    return top - _QR - 6 * mm
