"""The page of components is drawn from the widgets themselves, in both schemes and languages."""

from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from desktop_app import theme
from desktop_app.components import photograph


def test_components_are_drawn_in_both_schemes_and_languages(qapp: QApplication, tmp_path: Path) -> None:
    try:
        made = photograph(tmp_path)
    finally:
        theme.apply(qapp, theme.LIGHT)
    assert [file.name for file in made] == [
        f"components.{language}.{scheme}.png" for language in ("en", "zh") for scheme in ("light", "dark")
    ]
    shades = {QImage(str(file)).pixelColor(1, 1).lightness() for file in made}
    assert len(shades) == 2
    assert len({file.read_bytes() for file in made}) == 4
