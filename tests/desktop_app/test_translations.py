"""The Chinese catalogue: whole, in step with the code, placeholders and mnemonics kept."""

import re
import subprocess
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from desktop_app import i18n
from desktop_app.i18n import Translations

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = i18n.FOLDER / "casebook_zh_CN.ts"
MESSAGE = re.compile(
    r"<source>(.*?)</source>(?:\s*<comment>[^<]*</comment>)?\s*<translation>(.*?)</translation>", re.DOTALL
)
PLACE = re.compile(r"%[1-9n]")


def messages() -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = MESSAGE.findall(CATALOGUE.read_text(encoding="utf-8"))
    return found


def test_catalogue_is_complete_and_fits_the_code() -> None:
    done = subprocess.run(
        [sys.executable, "tools/translations.py", "check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_translations_keep_places_and_mnemonics() -> None:
    changed = [
        source
        for source, translation in messages()
        if sorted(PLACE.findall(source)) != sorted(PLACE.findall(translation))
        or ("&amp;" in source) != ("&amp;" in translation)
    ]
    assert changed == []
    assert len(messages()) > 200


def test_qt_and_the_product_speak_chinese_and_english_again(qapp: QApplication) -> None:
    translations = Translations(qapp, "zh")
    assert qapp.translate("Rail", "Subjects") == "受试者"
    assert qapp.translate("QPlatformTheme", "Cancel") == "取消"
    translations.switch("en")
    assert qapp.translate("Rail", "Subjects") == "Subjects"
    assert qapp.translate("QPlatformTheme", "Cancel") == "Cancel"
    translations.remove()
