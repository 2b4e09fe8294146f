"""Every component on one page, for docs/design.md: `python -m desktop_app.components FOLDER` draws it four times.

Light and dark, English and Chinese. The page is made of the widgets themselves and of `theme`: what changes there
changes here. It belongs to the documentation and is no part of the running application.
"""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from casebook.design import Text
from casebook.errors import LANGUAGES
from casebook.locations import data_folder
from desktop_app import theme
from desktop_app.i18n import Translations
from desktop_app.models.line_table import Line
from desktop_app.models.words import cell_sign, custody_sign
from desktop_app.snapshots import CellState, Custody, Mark
from desktop_app.theme import Tone
from desktop_app.widgets.chips import Chips
from desktop_app.widgets.fields import Field
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import Glyph, IconButton, PrimaryButton, SignLabel
from desktop_app.widgets.line_list import LineList, Share
from desktop_app.widgets.marks import MarkButton
from desktop_app.widgets.notice import Notice
from desktop_app.windows import sheet

WIDTH = 1080
SCHEMES = {"light": theme.LIGHT, "dark": theme.DARK}
SIZES = ("HAIR", "TIGHT", "SMALL", "MEDIUM", "LARGE", "HUGE", "TARGET", "FINGER")


def _t(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


HEADINGS = {
    "type": _t("Type scale", "字号"),
    "colours": _t("Colours of the scheme", "配色"),
    "sizes": _t("Spacing and targets, in pixels", "间距与点击目标（像素）"),
    "buttons": _t("Buttons: usual, pointed at by the keyboard, disabled", "按钮：常态、键盘焦点、不可用"),
    "fields": _t("Fields", "输入"),
    "signs": _t("States: always an icon and a word", "状态：图标与文字并用"),
    "marks": _t("Marks: how far an item's value has come", "标记：数值的保存程度"),
    "notices": _t("Notices: one sentence, at most one action", "提示：一句话，至多一个操作"),
    "chips": _t("Chips: filters with their counts", "筛选：附数量"),
    "table": _t("Lines: they wrap and never scroll sideways", "列表：自动换行，不横向滚动"),
    "icons": _t("Icons, in the colour of their text", "图标，与文字同色"),
}
SAMPLE = _t("Saved on this laptop", "已存于本机")


class Swatch(QWidget):
    """One colour of the scheme."""

    def __init__(self, colour: str) -> None:
        """Show it."""
        super().__init__()
        self._colour = QColor(colour)
        self.setFixedSize(theme.FINGER * 2, theme.FINGER)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Fill it, with a hairline around."""
        del event
        painter = QPainter(self)
        painter.setBrush(self._colour)
        painter.setPen(theme.line(self.palette()))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


class Components(QFrame):
    """All components, one under the other, in one language."""

    def __init__(self, language: str) -> None:
        """Make them."""
        super().__init__()
        self._language = language
        self.focusable: list[QWidget] = []
        """What is shown once more as it looks with the keyboard's focus."""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(theme.HUGE, theme.HUGE, theme.HUGE, theme.HUGE)
        self._column.setSpacing(theme.MEDIUM)
        parts: dict[str, Callable[[], Iterator[QWidget]]] = {
            "type": self._type,
            "colours": self._colours,
            "sizes": self._sizes,
            "buttons": self._buttons,
            "fields": self._fields,
            "signs": self._signs,
            "marks": self._marks,
            "notices": self._notices,
            "chips": self._chips,
            "table": self._table,
            "icons": self._icons,
        }
        for name, part in parts.items():
            heading = sheet.label("lead")
            heading.setText(HEADINGS[name](language))
            self._column.addWidget(heading)
            rows = WrappingRow(theme.MEDIUM)
            whole = list(part())
            for widget in whole:
                (rows.add if len(whole) > 1 else self._column.addWidget)(widget)
            if len(whole) > 1:
                self._column.addWidget(rows)
        self.setFixedWidth(WIDTH)

    def _words(self, en: str, zh: str) -> str:
        return _t(en, zh)(self._language)

    def _captioned(self, widget: QWidget, caption: str) -> QWidget:
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.HAIR)
        note = QLabel(caption)
        theme.set_role(note, "note")
        column.addWidget(widget, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(note)
        return both

    def _type(self) -> Iterator[QWidget]:
        points = {"figure": theme.FIGURE_PT, "title": theme.TITLE_PT, "lead": theme.LEAD_PT}
        points |= {"code": theme.LEAD_PT, "": theme.BODY_PT, "note": theme.NOTE_PT}
        for role, size in points.items():
            sample = QLabel(SAMPLE(self._language) if role != "figure" else "12")
            theme.set_role(sample, role)
            yield self._captioned(sample, f"{role or 'body'} {size:g} pt")

    def _colours(self) -> Iterator[QWidget]:
        scheme = theme.scheme_of(self.palette())
        for name in scheme.__slots__:
            yield self._captioned(Swatch(getattr(scheme, name)), name)

    def _sizes(self) -> Iterator[QWidget]:
        for name in SIZES:
            side = getattr(theme, name)
            bar = Swatch(theme.scheme_of(self.palette()).accent)
            bar.setFixedSize(side, side)
            yield self._captioned(bar, f"{name} {side}")

    def _buttons(self) -> Iterator[QWidget]:
        primary, usual, quiet = PrimaryButton(), IconButton("save"), IconButton("back")
        danger, menu, tool = QPushButton(), IconButton("flag"), QToolButton()
        theme.set_role(quiet, "quiet")
        theme.set_role(danger, "danger")
        theme.set_role(menu, "menu")
        tool.setText("1")
        tool.setCheckable(True)
        tool.setChecked(True)
        named = {
            primary: self._words("Add subject", "添加受试者"),
            usual: self._words("Save", "保存"),
            quiet: self._words("Back", "返回"),
            danger: self._words("Take it out for good", "永久移除"),
            menu: self._words("Actions", "操作"),
        }
        for button, words in named.items():
            button.setText(words)
            yield button
        yield tool
        for kind, name in ((PrimaryButton, primary), (QPushButton, usual)):
            button = kind()
            button.setText(named[name])
            self.focusable.append(button)
            yield button
        for kind, name in ((PrimaryButton, primary), (QPushButton, usual)):
            button = kind()
            button.setText(named[name])
            button.setEnabled(False)
            yield button

    def _fields(self) -> Iterator[QWidget]:
        usual, wrong = Field("components_usual"), Field("components_wrong")
        usual.set_texts(self._words("Systolic blood pressure", "收缩压"), "mmHg")
        usual.edit.setText("152")
        wrong.set_texts(self._words("Systolic blood pressure", "收缩压"))
        wrong.edit.setText("1520")
        wrong.show_error(self._words("Outside 40 to 300. Look at the digits.", "超出 40 至 300。请核对数字。"))
        empty, off, combo = QLineEdit(), QLineEdit("152"), QComboBox()
        empty.setPlaceholderText(self._words("1430, or date and time", "1430，或日期和时间"))
        off.setEnabled(False)
        combo.addItem(self._words("Sitting", "坐位"))
        tick, radio = QCheckBox(), QRadioButton()
        for box, words in ((tick, self._words("Blood count", "血常规")), (radio, self._words("Yes", "是"))):
            box.setText(words)
            box.setChecked(True)
        focused = QLineEdit("152")
        self.focusable.append(focused)
        yield from (usual, wrong, focused, empty, off, combo, tick, radio)

    def _signs(self) -> Iterator[QWidget]:
        for sign in (*map(cell_sign, CellState), *map(custody_sign, Custody)):
            label = SignLabel()
            label.show_sign(sign)
            yield label

    def _marks(self) -> Iterator[QWidget]:
        for mark in Mark:
            if mark is not Mark.EMPTY:
                button = MarkButton()
                button.show_mark(mark, self._words("Pulse", "脉搏"), optional=False, has_menu=False)
                yield button

    def _notices(self) -> Iterator[QWidget]:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        said = {
            Tone.QUIET: _t("Nothing is due here.", "此处没有待办事项。"),
            Tone.GOOD: _t("Subject 001-A004 added and kept on this laptop.", "受试者 001-A004 已添加并存于本机。"),
            Tone.WARN: _t("The clock of this laptop was set.", "本机时钟已被调整。"),
            Tone.BAD: _t("The disk is full. What you typed stays here.", "磁盘已满。所输入内容保留在此。"),
        }
        for tone, words in said.items():
            notice = Notice(f"components_{tone.value}")
            notice.say(words(self._language), tone, self._words("Look", "查看") if tone is Tone.WARN else "")
            column.addWidget(notice)
        yield box

    def _chips(self) -> Iterator[QWidget]:
        chips = Chips("components_chips", ("", "clock", "form"))
        words = (("", "All", "全部", 12), ("clock", "Clocks", "时限", 2), ("form", "Forms", "表单", 10))
        chips.show_counts([(value, self._words(en, zh), count) for value, en, zh, count in words])
        yield chips

    def _table(self) -> Iterator[QWidget]:
        lines = LineList("components_lines", (Share(least=140), Share(least=200, weight=1), Share(least=160)))
        signs = (cell_sign(CellState.COMPLETE), cell_sign(CellState.CONFLICT), cell_sign(CellState.IN_PROGRESS))
        rows = [
            Line(texts=(f"001-A00{turn}", SAMPLE(self._language), sign.word), what=turn, signs={2: sign})
            for turn, sign in enumerate(signs, start=1)
        ]
        heads = (self._words("Subject", "受试者"), self._words("What", "内容"), self._words("State", "状态"))
        lines.show_lines(heads, rows)
        lines.setFixedHeight(theme.TARGET * (len(rows) + 1) + theme.SMALL)
        yield lines

    def _icons(self) -> Iterator[QWidget]:
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        names = sorted(file.stem for file in (data_folder("resources") / "icons").glob("*.svg"))
        drawn = [name for name in names if not name.startswith(("tick_on", "combo_"))]
        for place, name in enumerate(drawn):
            grid.addWidget(self._captioned(Glyph(name, None, theme.ICON_LARGE), name), place // 10, place % 10)
        yield box


def photograph(folder: Path) -> tuple[Path, ...]:
    """Write the pictures into `folder`; returns them."""
    application = QApplication.instance() or QApplication(["components"])
    if not isinstance(application, QApplication):
        raise TypeError(application)
    theme.load_fonts()
    made = []
    for language in LANGUAGES:
        translations = Translations(application, language)
        for name, scheme in SCHEMES.items():
            theme.apply(application, scheme)
            theme.set_font(application, language)
            page = Components(language)
            page.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            page.show()
            page.activateWindow()
            page.setFocus()
            page.setFixedHeight(page.heightForWidth(WIDTH) if page.hasHeightForWidth() else page.sizeHint().height())
            application.processEvents()
            picture = page.grab()
            painter = QPainter(picture)
            for widget in page.focusable:
                widget.setFocus(Qt.FocusReason.TabFocusReason)
                application.processEvents()
                painter.drawPixmap(widget.mapTo(page, widget.rect().topLeft()), widget.grab())
            painter.end()
            made.append(folder / f"components.{language}.{name}.png")
            picture.toImage().save(str(made[-1]))
            page.deleteLater()
            application.processEvents()
        translations.remove()
    return tuple(made)


def main(arguments: list[str]) -> int:
    """Write the pictures into the folder that is named."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m desktop_app.components FOLDER\n")
        return 2
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    photograph(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
