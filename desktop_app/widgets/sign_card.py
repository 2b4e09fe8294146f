"""Signing: who, in which meaning, and the passphrase once more.

Source: 21 CFR 11.50 (name, time and meaning of a signature), 11.200 (identification at signing).
"""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from desktop_app import theme
from desktop_app.widgets.icon import PrimaryButton
from desktop_app.widgets.item_editors import QuietCombo
from desktop_app.widgets.passphrase import PassphraseField

AUTHORSHIP, REVIEW, APPROVAL, CONSENT = "authorship", "review", "approval", "consent"


class SignCard(QFrame):
    """The signature of the person who is signed in.

    Signals:
        sign_wanted: Passphrase and meaning.
    """

    sign_wanted = Signal(str, str)

    def __init__(self, name: str, meanings: Sequence[str], parent: QWidget | None = None) -> None:
        """Make the card; `name` starts the object names, `meanings` are those that may be chosen."""
        super().__init__(parent)
        self._meanings = tuple(meanings)
        self._person = ""
        self._why_not = ""
        self.setObjectName(f"{name}_sign_card")
        self.who = QLabel(self)
        self.who.setWordWrap(True)
        self.meaning: QComboBox = QuietCombo(self)
        self.meaning.setObjectName(f"{name}_meaning")
        for meaning in self._meanings:
            self.meaning.addItem("", meaning)
        self.meaning.setVisible(len(self._meanings) > 1)
        self.passphrase = PassphraseField(f"{name}_passphrase")
        self.button = PrimaryButton(self)
        self.button.setObjectName(f"{name}_sign")
        self.button.setMinimumHeight(theme.TARGET)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SMALL)
        column.addWidget(self.who)
        column.addWidget(self.meaning)
        line = QHBoxLayout()
        line.setSpacing(theme.SMALL)
        line.addWidget(self.passphrase, 1)
        beside = QVBoxLayout()
        beside.addSpacing(self.fontMetrics().height() + theme.TIGHT)
        beside.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        beside.addStretch(1)
        line.addLayout(beside)
        column.addLayout(line)
        self.passphrase.stackUnder(self.button)  # a screen reader meets them as they stand
        self.button.clicked.connect(self._sign)
        self.passphrase.edit.returnPressed.connect(self._sign)
        self.passphrase.edit.textChanged.connect(self._look)
        self._busy = False
        self._look()

    def show_person(self, name: str, why_not: str) -> None:
        """Say who would sign; somebody who may not gets no passphrase field, and reads why."""
        self._person, self._why_not = name, why_not
        may_sign = not why_not
        self.passphrase.setVisible(may_sign)
        self.button.setVisible(may_sign)
        self.meaning.setVisible(may_sign and len(self._meanings) > 1)
        self.retranslate()

    def retranslate(self) -> None:
        """Set every visible text again."""
        words = {
            AUTHORSHIP: self.tr("I entered this, or had it entered, and it is right (authorship)"),
            REVIEW: self.tr("I have reviewed this (review)"),
            APPROVAL: self.tr("I approve this (approval)"),
            CONSENT: self.tr("I explained the study and obtained this consent (consent)"),
        }
        for place, meaning in enumerate(self._meanings):
            self.meaning.setItemText(place, words[meaning])
        self.meaning.setAccessibleName(self.tr("Meaning of the signature"))
        self.passphrase.set_texts(self.tr("Your passphrase"))
        self.button.setText(self.tr("Sign"))
        self.button.setAccessibleName(self.tr("Sign"))
        self.who.setText(self._why_not or self.tr("%1 signs.").replace("%1", self._person))

    def show_busy(self, *, on: bool) -> None:
        """Say that the signature is being made."""
        self._busy = on
        self.button.setText(self.tr("Signing…") if on else self.tr("Sign"))
        self._look()

    def refuse(self, sentence: str) -> None:
        """Show why it was not signed."""
        self.show_busy(on=False)
        self.passphrase.show_error(sentence)

    def clear(self) -> None:
        """Forget the passphrase."""
        self.show_busy(on=False)
        self.passphrase.edit.clear()
        self.passphrase.show_error("")

    def _look(self) -> None:
        self.button.setEnabled(not self._busy and bool(self.passphrase.text()))

    def _sign(self) -> None:
        if self.button.isEnabled():
            self.show_busy(on=True)
            self.sign_wanted.emit(self.passphrase.text(), str(self.meaning.currentData()))
