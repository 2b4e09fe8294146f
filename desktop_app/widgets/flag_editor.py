"""Where a measured value lies, as an icon and a word: a derived item of a grid that nobody types."""

from PySide6.QtWidgets import QWidget

from casebook.design import CodeList, Item
from casebook.entry import display
from desktop_app import theme
from desktop_app.models.lab_words import flag_sign
from desktop_app.snapshots import ItemView
from desktop_app.widgets.icon import Glyph
from desktop_app.widgets.item_editors import DerivedEditor


class FlagEditor(DerivedEditor):
    """A derived code told short, with the whole words on demand."""

    def __init__(self, item: Item, codes: CodeList | None = None, parent: QWidget | None = None) -> None:
        """Make an icon before the word."""
        super().__init__(item, codes, parent)
        self.glyph = Glyph(parent=self)
        self.label.setWordWrap(False)
        self.row.setSpacing(theme.TIGHT)
        self.row.insertWidget(0, self.glyph)
        self.glyph.lower()

    def show_item(self, view: ItemView, language: str) -> None:
        """Show where the value lies; nothing while that cannot be told."""
        super().show_item(view, language)
        sign = flag_sign(view.reading.value)
        whole = display(self.item, self._codes, view.reading, language, offset_minutes=view.offset_minutes)
        self.glyph.show_icon(sign.icon if sign is not None else "", sign.tone if sign is not None else None)
        self.label.setText(sign.word if sign is not None else whole)
        theme.set_tone(self.label, sign.tone if sign is not None else None)
        self.label.setAccessibleName(f"{self.item.label(language)}: {whole}" if whole else self.item.label(language))
        self.label.setToolTip(whole)
        self.label.setVisible(bool(self.label.text()))
