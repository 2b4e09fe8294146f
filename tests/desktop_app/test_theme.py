"""Contrast of the palettes, measured as WCAG 2.2 does; and that nothing else names a colour."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from casebook.locations import data_folder
from desktop_app import theme
from desktop_app.theme import DARK, LIGHT, Scheme, Tone

ROOT = Path(theme.__file__).parent
TEXT_CONTRAST = 4.5
CONTROL_CONTRAST = 3.0
HEX = re.compile(r"#[0-9a-fA-F]{6}\b")


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("shade", ["text", "quiet", "accent", "good", "warn", "bad"])
@pytest.mark.parametrize("ground", ["surface", "window", "rail", "selected", "hover"])
def test_text_of_every_tone_is_readable_on_every_ground(scheme: Scheme, shade: str, ground: str) -> None:
    assert contrast(getattr(scheme, shade), getattr(scheme, ground)) >= TEXT_CONTRAST


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("shade", ["good", "warn", "bad"])
def test_text_of_a_state_is_readable_on_its_own_field(scheme: Scheme, shade: str) -> None:
    assert contrast(getattr(scheme, shade), getattr(scheme, f"{shade}_field")) >= TEXT_CONTRAST


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_edges_of_controls_and_text_on_buttons_are_visible(scheme: Scheme) -> None:
    assert contrast(scheme.control_line, scheme.surface) >= CONTROL_CONTRAST
    assert contrast(scheme.accent, scheme.surface) >= CONTROL_CONTRAST
    assert contrast(scheme.on_accent, scheme.accent) >= TEXT_CONTRAST
    assert contrast(scheme.faint, scheme.surface) >= CONTROL_CONTRAST


@pytest.mark.parametrize(("asked", "scheme"), [("dark", DARK), ("light", LIGHT)])
def test_scheme_asked_for_by_the_environment_stands(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, asked: str, scheme: Scheme
) -> None:
    monkeypatch.setenv(theme.SCHEME_VARIABLE, asked)
    palette = theme.palette_of(theme.wanted_scheme(qapp))
    assert theme.scheme_of(palette) is scheme
    assert theme.tone(palette, Tone.BAD).name() == scheme.bad


def test_palette_leaves_no_role_to_the_system() -> None:
    palette = theme.palette_of(DARK)
    left = [
        role
        for role in QPalette.ColorRole
        if role not in {QPalette.ColorRole.NColorRoles, QPalette.ColorRole.NoRole}
        and not palette.isBrushSet(QPalette.ColorGroup.Active, role)
    ]
    assert left == []


def test_only_the_theme_names_colours() -> None:
    named = [
        f"{path.name}: {found}"
        for path in sorted(ROOT.rglob("*.py"))
        if path.name != "theme.py"
        for found in HEX.findall(path.read_text(encoding="utf-8"))
    ]
    style = (data_folder("resources") / "style" / "casebook.qss").read_text(encoding="utf-8")
    assert named == []
    assert HEX.findall(style) == []


@pytest.mark.parametrize("path", sorted((data_folder("resources") / "icons").glob("*.svg")), ids=lambda path: path.stem)
def test_icon_paints_in_the_colour_it_is_given(qapp: QApplication, path: Path) -> None:
    del qapp
    picture = theme.pixmap(path.stem, QColor("red"), 24).toImage()
    solid = [picture.pixelColor(x, y) for x in range(24) for y in range(24) if picture.pixelColor(x, y).alpha() > 200]
    assert solid
    if path.stem not in {"combo_arrow", "tick_on_light", "tick_on_dark"}:  # a style sheet cannot tint its pictures
        assert all(colour.red() > 200 > colour.green() for colour in solid)
