"""The editor of days and times: typed in any form, and told in words at once how it was understood.

What is said when the field is left is what was told beside it, so that `-2h` means the same minute to both. The field
shows the form that data and exports have; the words are the language's own (docs/adr/0035).
"""

from datetime import UTC, datetime

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from casebook.design import DataType, Item
from casebook.entry import read_item
from casebook.errors import UnreadableItemError
from casebook.moments import day_words, moment_words, offset_words, weekday_words
from casebook.records import Reading
from desktop_app import theme
from desktop_app.snapshots import ItemView
from desktop_app.widgets.item_editors import Present, RowEditor
from desktop_app.widgets.item_text import editable_text

TIME_WIDTH = 176


def machine_time() -> datetime:
    """Return the present by the machine's clock."""
    return datetime.now(UTC)


class TimeEditor(RowEditor):
    """A date, or a date and time. `now` and `today` are words; the button types them."""

    def __init__(self, item: Item, parent: QWidget | None = None) -> None:
        """Make a line, a button, and room for the words."""
        super().__init__(item, parent)
        self._present: Present = machine_time
        self._offset_minutes = 0
        self._read: Reading | None = None
        self._refusal: UnreadableItemError | None = None
        self.line = QLineEdit(self)
        self.line.setFixedWidth(TIME_WIDTH)
        self._place(self.line)
        self.button = QPushButton(self)
        self.button.setObjectName(f"{item.oid}.now")
        self.button.setMinimumHeight(theme.TARGET)
        self.button.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        theme.set_role(self.button, "quiet")
        self.told = QLabel(self)
        self.told.setObjectName(f"{item.oid}.told")
        self.told.setWordWrap(True)
        theme.set_tone(self.told, theme.Tone.QUIET)
        self.row.addWidget(self.line)
        self.row.addWidget(self.button)
        self.row.addWidget(self.told, 1)
        self.line.textChanged.connect(self._typed)
        self.button.clicked.connect(self._take_now)

    def use_clock(self, present: Present) -> None:
        """Read `now` and times without a date by another clock than the machine's."""
        self._present = present

    def input(self) -> QWidget:
        """Return the line."""
        return self.line

    def show_item(self, view: ItemView, language: str) -> None:
        """Show the time as it stands."""
        self._offset_minutes = view.offset_minutes
        super().show_item(view, language)
        self._tell()

    def put(self, text: str, unit: str) -> None:
        """Show the time; that of another clock with its offset."""
        shown = f"{text} {unit}" if unit and unit != offset_words(self._offset_minutes) else text
        if self.line.text() != shown:
            with QSignalBlocker(self.line):
                self.line.setText(shown)

    def raw(self) -> str:
        """Return the text without blanks around it."""
        return self.line.text().strip()

    def commit(self) -> None:
        """Say the time as it was understood; else what was typed, for the sentence that asks again."""
        if self.is_dirty:
            self._understand()
            self._standing = (self.raw(), self.unit())
            self.committed.emit(self.unfinished(), "")

    def unfinished(self) -> str:
        """Return the time as it was understood, for `-2h` means another minute later; else what was typed."""
        if self._read is None:
            return self.raw()
        text, offset = editable_text(self.item, self._read)
        return text if not offset or offset == offset_words(self._offset_minutes) else f"{text} {offset}"

    def is_readable(self) -> bool:
        """Tell whether it was understood."""
        return self._refusal is None

    def warning(self) -> str:
        """Return why what is being typed is no time, where it is whole and wrong: no such day, or two."""
        refused = self._refusal
        plain = refused is None or type(refused) is UnreadableItemError  # may still become one
        return "" if plain or refused is None else refused.sentence(self.language)

    def translate(self, language: str) -> None:
        """Say what may be typed."""
        super().translate(language)
        if self._takes_time:
            self.line.setPlaceholderText(self.tr("1430, or date and time"))
            self.button.setText(self.tr("Now"))
            name = self.tr("%1: take the present time")
        else:
            self.line.setPlaceholderText(self.tr("year-month-day"))
            self.button.setText(self.tr("Today"))
            name = self.tr("%1: take today's date")
        self.button.setAccessibleName(name.replace("%1", self.item.label(language)))
        self._tell()

    def set_editable(self, *, on: bool) -> None:
        """Let the user type, or only read."""
        self.line.setReadOnly(not on)
        self.line.setEnabled(on or bool(self.line.text()))
        self.button.setVisible(on)

    @property
    def _takes_time(self) -> bool:
        return self.item.data_type is DataType.DATETIME

    def _typed(self) -> None:
        self._understand()
        self._tell()
        self._note_text()

    def _understand(self) -> None:
        """Read what stands in the field."""
        self._read, self._refusal = None, None
        try:
            reading = read_item(self.item, None, self.raw(), now=self._present(), offset_minutes=self._offset_minutes)
        except UnreadableItemError as error:
            self._refusal = error
        else:
            self._read = reading if reading.value is not None else None

    def _tell(self) -> None:
        """Say in words what is understood: all of it while it is typed, the weekday and the offset afterwards."""
        if not self.is_dirty:
            self._understand()
        value = self._read.value if self._read is not None else None
        if value is None:
            words = ""
        elif not self.is_dirty:
            words = weekday_words(value, self.language)
        else:
            words = (moment_words if self._takes_time else day_words)(value, self.language)
        self.told.setText(words)
        self.describe(words or self._hint)

    @property
    def _hint(self) -> str:
        return self.item.hint(self.language) if self.item.hint else ""

    def _take_now(self) -> None:
        self.line.setText("now" if self._takes_time else "today")
        self.commit()
