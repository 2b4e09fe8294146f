"""Which language the application speaks, and how it changes while it runs.

The texts of the windows are translated in casebook_zh_CN.ts, Qt's own (standard buttons, menus of
text fields) come with Qt. Study texts are part of the study and never pass through here; dates and
numbers of the record never follow the locale.
"""

from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

LANGUAGES = {"en": "English", "zh": "中文"}
"""Each language under the name that it calls itself."""

FOLDER = Path(__file__).parent
_LOCALES = {"en": "en_GB", "zh": "zh_CN"}


def system_language() -> str:
    """Return 'zh' on a Chinese system, else 'en'."""
    return "zh" if QLocale.system().language() is QLocale.Language.Chinese else "en"


def other(language: str) -> str:
    """Return the language that a switch leads to from `language`."""
    return "en" if language == "zh" else "zh"


class Translations:
    """The translators of one application, exchanged when its language changes."""

    def __init__(self, application: QApplication, language: str) -> None:
        """Install the translators of `language`; before any window is made."""
        self._application = application
        self._installed: list[QTranslator] = []
        self.language = ""
        self.switch(language)

    def switch(self, language: str) -> None:
        """Speak `language` from now on. Standing windows are told by their owner."""
        self.remove()
        locale = _LOCALES[language]
        QLocale.setDefault(QLocale(locale))
        qt_folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        for name, folder in ((f"qtbase_{locale}", qt_folder), (f"casebook_{locale}", str(FOLDER))):
            translator = QTranslator(self._application)
            if translator.load(name, folder):
                self._application.installTranslator(translator)
                self._installed.append(translator)
        self.language = language

    def remove(self) -> None:
        """Take the translators out of the application: its end, or before others come."""
        for translator in self._installed:
            self._application.removeTranslator(translator)
        self._installed = []
