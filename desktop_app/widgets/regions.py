"""Regions of an image: pressed in the study's drawing or ticked in the list beside it.

Each region is a check box with its name, its key and room for a finger, and the same region in the picture.
What is recorded are the codes alone: a change of side takes nothing back, and the editor says what it means.

Source: docs/study_files.md, section "Drawings"; docs/adr/0031.
"""

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from casebook.design import Code, CodeList, Item
from casebook.drawings import Picture
from casebook.entry import display
from desktop_app import theme
from desktop_app.phrases import listed
from desktop_app.snapshots import ItemView
from desktop_app.theme import Tone
from desktop_app.widgets.flow import EvenCards, WrappingRow
from desktop_app.widgets.item_editors import NOT_YET
from desktop_app.widgets.notes import NoteLine
from desktop_app.widgets.region_picture import RegionPicture
from desktop_app.widgets.spoken import announce
from desktop_app.widgets.tick_cards import CARD_WIDTH, CardTicksEditor, TickCard

NONE_KEY = "0"
"""Strikes the answer that no region is affected."""
BESIDE = 760
"""From this width in pixels the list stands beside the picture."""
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


class _Notice(StrEnum):
    """What is to be known before one goes on."""

    NOTHING = "nothing"
    TAKEN = "taken"
    """The answer that no region is affected took marks back."""
    NO_SIDE = "no side"
    OTHER_SIDE = "other side"
    SIDE_CHANGED = "side changed"
    SIDE_GONE = "side gone"


class RegionsEditor(CardTicksEditor):
    """The codes of a section with a drawing: score and count, the picture, and the list beside it."""

    def __init__(
        self,
        item: Item,
        codes: CodeList,
        picture: Picture,
        sides: tuple[Item | None, CodeList],
        parent: QWidget | None = None,
    ) -> None:
        """Make picture and list; `sides` are the item that tells the side and its codes."""
        self._picture = picture
        self._side_item, self._side_codes = sides
        self._side: str | None = None
        self._score: ItemView | None = None
        self._taken: tuple[str, ...] = ()
        self._told_of = ""
        self._notice: NoteLine | None = None
        self._noticed, self._noticed_in = _Notice.NOTHING, ""
        super().__init__(item, codes, parent)

    # -- making -----------------------------------------------------------------------------------------

    def _build(self, codes: Sequence[Code]) -> None:
        oid, drawing = self.item.oid, self._picture.drawing
        keys = {region.code: region.key for region in drawing.regions} | {self._picture.none: NONE_KEY}
        chips = {code.value: self._make_chip(code, keys.get(code.value, "")) for code in codes}
        self._order = [chips[region.code] for region in drawing.regions]
        self.score, self.count = QLabel(self), QLabel(self)
        for label, name, role in ((self.score, "score", "title"), (self.count, "count", "note")):
            label.setObjectName(f"{oid}.{name}")
            theme.set_role(label, role)
        self.picture = RegionPicture(self._picture, self)
        self.picture.setObjectName(f"{oid}.picture")
        self.told = QLabel(self)
        self.told.setObjectName(f"{oid}.told")
        self.note = QLabel(self)
        self.note.setObjectName(f"{oid}.note")
        theme.set_role(self.note, "note")
        for label in (self.told, self.note):
            label.setWordWrap(True)
        self._headings = [QLabel(self) for _ in drawing.levels]
        self._lay_out(chips)
        self.picture.pressed.connect(self._pressed)
        self.picture.pressed_beside.connect(self._pressed_beside)
        self.picture.pointed.connect(self._tell)
        for chip in chips.values():
            chip.reached.connect(self._reached)
            chip.left.connect(self._left)
        self.ticks = [chips[code.value] for code in codes]

    def _make_chip(self, code: Code, key: str) -> TickCard:
        return TickCard(code, f"{self.item.oid}={code.value}", self, key=key, hatched=code.value != self._picture.none)

    def _lay_out(self, chips: dict[str, TickCard]) -> None:
        head = WrappingRow(theme.LARGE, self)
        head.add(self.score)
        head.add(self.count)
        self._lead = chips.get(self._picture.none)
        if self._lead is not None:
            self._order.insert(0, self._lead)
            head.add(self._lead)
        head.lower()
        shown = QVBoxLayout()
        shown.setSpacing(theme.TIGHT)
        for widget in (self.picture, self.told, self.note):
            shown.addWidget(widget)
        shown.addStretch(1)
        listed = QVBoxLayout()
        listed.setSpacing(theme.TIGHT)
        for heading, level in zip(self._headings, self._picture.drawing.levels, strict=True):
            theme.set_role(heading, "note")
            listed.addWidget(heading)
            cards = EvenCards(CARD_WIDTH, theme.SMALL, most=3, parent=self)
            listed.addWidget(cards)
            for region in level.regions:
                cards.add(chips[region.code])
            for part in (heading, cards):
                part.raise_()  # a screen reader meets them level by level
        listed.addStretch(1)
        self.picture.set_low(low=True)
        self._both = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._both.setSpacing(theme.LARGE)
        self._both.addLayout(shown, 5)
        self._both.addLayout(listed, 4)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.SMALL)
        self._column.addWidget(head)
        self._column.addLayout(self._both)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the list beside the picture where there is room."""
        super().resizeEvent(event)
        beside = self.width() >= BESIDE
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if self._both.direction() is not direction:
            self._both.setDirection(direction)
            self.picture.set_low(low=not beside)

    # -- in ---------------------------------------------------------------------------------------------

    def show_beside(self, items: Sequence[ItemView]) -> None:
        """Take side and score from the other items of the section."""
        views = {view.item.name: view for view in items}
        self._score = views.get(self._picture.score)
        side = views.get(self._picture.side)
        before, self._side = self._side, (side.reading.value or "") if side is not None else ""
        if before is not None and before != self._side:
            self._say_side(before)
        self._show()

    def translate(self, language: str) -> None:
        """Label picture and list."""
        super().translate(language)
        drawing = self._picture.drawing
        headings = [level.label(language) for level in drawing.levels]
        for label, heading in zip(self._headings, headings, strict=True):
            label.setText(heading)
        self.picture.name(headings, {code.value: code.label(language) for code in self._side_codes.codes})
        self.note.setText(drawing.note(language))
        self.picture.setAccessibleName(self.item.label(language))
        self._show()
        if self._noticed_in != language:
            self._say(self._noticed)

    def put(self, text: str, unit: str) -> None:
        """Mark the standing codes only."""
        super().put(text, unit)
        if self._taken and self._marked():
            self._say(_Notice.NOTHING)  # the answer that took them back was taken back itself
        self._show()

    def set_editable(self, *, on: bool) -> None:
        """Let the user mark, or only read."""
        super().set_editable(on=on)
        self.picture.set_open(on=on)
        self._show()

    # -- what the user can do ---------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by arrows, mark by the key of a region, go on by Enter."""
        key, text = Qt.Key(event.key()), event.text().lower()
        plain = not event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier)
        keys = {region.key: region.code for region in self._picture.drawing.regions} | {NONE_KEY: self._picture.none}
        if plain and key in _STEPS:
            here = next((place for place, chip in enumerate(self._order) if chip.hasFocus()), 0)
            self._order[(here + _STEPS[key]) % len(self._order)].setFocus(Qt.FocusReason.OtherFocusReason)
        elif plain and text and keys.get(text):
            self._pressed(keys[text])
        else:
            super().keyPressEvent(event)

    def _pressed(self, code: str) -> None:
        chip = next(chip for chip in self._order if chip.code.value == code)
        if chip.isEnabled():
            chip.setFocus(Qt.FocusReason.OtherFocusReason)
            chip.toggle()

    def _note_toggle(self) -> None:
        sender = self.sender()
        self._say(_Notice.NOTHING)
        if isinstance(sender, TickCard) and sender.isChecked():
            self._keep_apart(sender)
        super()._note_toggle()
        self._show()

    def _keep_apart(self, ticked: TickCard) -> None:
        """Take back what contradicts an answer: none with regions, regions with none."""
        others = [chip for chip in self._order if chip.isChecked() and (chip is self._lead) != (ticked is self._lead)]
        for chip in others:
            with QSignalBlocker(chip):
                chip.setChecked(False)
            chip.update()
        if others and ticked is self._lead:
            self._taken = tuple(chip.code.value for chip in others)
            self._say(_Notice.TAKEN)

    def _put_back(self) -> None:
        codes = self._taken
        for chip in self._order:
            with QSignalBlocker(chip):
                chip.setChecked(chip.code.value in codes)
            chip.update()
        self._say(_Notice.NOTHING)
        super()._note_toggle()
        self._show()
        self._order[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _pressed_beside(self) -> None:
        self._say(_Notice.OTHER_SIDE if self._side else _Notice.NO_SIDE)

    def _say_side(self, before: str) -> None:
        if not before or not self._marked():
            self._say(_Notice.NOTHING)
        else:
            self._say(_Notice.SIDE_CHANGED if self._side else _Notice.SIDE_GONE)

    # -- what is told -----------------------------------------------------------------------------------

    def _marked(self) -> list[TickCard]:
        return [chip for chip in self._order if chip.isChecked() and chip is not self._lead]

    def _side_name(self) -> str:
        return self._side_codes.label(self._side or "", self.language)

    def _show(self) -> None:
        marked = self._marked()
        side = self._side or ""
        self.picture.show_marks(frozenset(chip.code.value for chip in marked), side)
        total = str(len(self._picture.drawing.regions))
        if marked:
            said = self.tr("%1 of %2 regions marked").replace("%1", str(len(marked))).replace("%2", total)
        elif self._lead is not None and self._lead.isChecked():
            code = self._lead.code
            said = code.label(self.language)
        else:
            said = self.tr("No region marked yet")
        if side:
            said = f"{said} · {self._side_name()}"
        elif self._picture.side:
            said = f"{said} · {self.tr('side not given')}"
        self.count.setText(said)
        self._show_score()
        names = listed(self.language, (chip.code.label(self.language) for chip in marked))
        self.picture.setAccessibleDescription(f"{said}. {names}" if names else said)
        self._tell(self._told_of)

    def _show_score(self) -> None:
        view = self._score
        self.score.setVisible(view is not None)
        if view is not None:
            shown = display(view.item, None, view.reading, self.language, offset_minutes=view.offset_minutes)
            self.score.setText(f"{view.item.label(self.language)} {shown or NOT_YET}")

    def _reached(self) -> None:
        chip = self.sender()
        if isinstance(chip, TickCard) and chip is not self._lead:
            self.picture.show_focus(chip.code.value)
            self._tell(chip.code.value)

    def _left(self) -> None:
        focused = next((chip.code.value for chip in self._order if chip.hasFocus() and chip is not self._lead), "")
        self.picture.show_focus(focused)
        self._tell(focused)

    def _tell(self, code: str) -> None:
        """Say the name of the region under the pointer or the keyboard, and whether it is marked."""
        self._told_of = code
        chip = next((chip for chip in self._order if code and chip.code.value == code), None)
        if chip is None:
            self.told.setText("")
            return
        state = self.tr("marked") if chip.isChecked() else self.tr("not marked")
        self.told.setText(f"{chip.code.label(self.language)} · {state}")

    def _say(self, notice: _Notice) -> None:
        """Say above the picture what is to be known, with a way to put back what was taken."""
        self._noticed, self._noticed_in = notice, self.language
        if self._notice is not None:
            self._column.removeWidget(self._notice)
            self._notice.hide()
            self._notice.deleteLater()
            self._notice = None
        if notice is not _Notice.TAKEN:
            self._taken = ()
        if notice is _Notice.NOTHING:
            return
        sentence = self._sentence(notice)
        announce(self, sentence)
        self._notice = NoteLine("information", Tone.WARN, sentence, parent=self)
        self._notice.setObjectName(f"{self.item.oid}.notice")
        if notice is _Notice.TAKEN:
            button = self._notice.add_button(f"{self.item.oid}.put_back", self.tr("Put them back"))
            button.setMinimumHeight(theme.FINGER)
            button.clicked.connect(self._put_back)
            QWidget.setTabOrder(self._order[0], button)
        self._column.insertWidget(1, self._notice)
        QTimer.singleShot(0, self._notice, self._bring_notice_into_sight)

    def _bring_notice_into_sight(self) -> None:
        around = self.parentWidget()
        while around is not None and not isinstance(around, QScrollArea):
            around = around.parentWidget()
        if around is not None and self._notice is not None:
            around.ensureWidgetVisible(self._notice, 0, theme.SMALL)

    def _sentence(self, notice: _Notice) -> str:
        match notice:
            case _Notice.TAKEN:
                return self.tr("The marks of %1 were taken back.").replace("%1", listed(self.language, self._taken))
            case _Notice.NO_SIDE:
                side = self._side_item.label(self.language) if self._side_item is not None else ""
                return self.tr("Choose the side first, at “%1”.").replace("%1", side)
            case _Notice.OTHER_SIDE:
                words = self.tr("This is the other side. The side chosen is “%1”; change it above if it is wrong.")
            case _Notice.SIDE_CHANGED:
                words = self.tr(
                    "The side is now “%1”. The marked regions count for this side; look whether they still hold."
                )
            case _:
                words = self.tr("No side is given any more. The marked regions stay in the list.")
        return words.replace("%1", self._side_name())
