"""How Casebook looks: sizes, type, palettes and state tones, light and dark.

Everything is drawn by Fusion with a palette of our own, so that it looks alike on every system. No
other module names a colour: widgets ask `tone` for the colour of a state, or carry the dynamic
property `tone` for the style sheet. The system's scheme is followed unless a look was chosen;
CASEBOOK_THEME=light or dark overrides both.

Source: WCAG 2.2, 1.4.3 and 1.4.11 (contrast of text 4.5, of controls 3), 2.4.7 (focus visible);
tests/desktop_app/test_theme.py measures them.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from string import Template

from PySide6.QtCore import QByteArray, QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QWidget

from casebook.locations import data_folder

FAMILY = "Noto Sans SC"
SCHEME_VARIABLE = "CASEBOOK_THEME"
STYLE = "fusion"
_CHOSEN = "chosen_look"

# -- sizes, in device-independent pixels -----------------------------------------------------------------

HAIR = 2
TIGHT = 4
SMALL = 8
MEDIUM = 12
LARGE = 16
HUGE = 24
TARGET = 40
"""Height of what is clicked."""
FINGER = 48
"""Height of what a finger may hit."""
RADIUS = 6
ICON = 20
ICON_LARGE = 24
MIDDLE_LIGHTNESS = 128
LINE_WIDTH = 560
"""Widest column of running text."""

# -- type, in points -------------------------------------------------------------------------------------

NOTE_PT = 9.0
BODY_PT = 10.0
LEAD_PT = 12.0
TITLE_PT = 16.0
FIGURE_PT = 28.0
"""A figure that is read from a bedside."""


class Look(StrEnum):
    """What the user wants it to look like."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Tone(StrEnum):
    """What a colour says. It never says it alone: an icon or a word stands beside it."""

    QUIET = "quiet"
    ACCENT = "accent"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """All colours of a scheme, as #rrggbb."""

    window: str
    surface: str
    """Where text is entered and tables stand."""
    raised: str
    """Buttons, headers."""
    rail: str
    text: str
    quiet: str
    faint: str
    """Placeholders, text of disabled controls."""
    line: str
    control_line: str
    accent: str
    on_accent: str
    selected: str
    hover: str
    good: str
    good_field: str
    warn: str
    warn_field: str
    bad: str
    bad_field: str


LIGHT = Scheme(
    window="#f5f6f7",
    surface="#ffffff",
    raised="#ffffff",
    rail="#eaecef",
    text="#1b1f24",
    quiet="#57606a",
    faint="#6e7781",
    line="#d5d9de",
    control_line="#868e97",
    accent="#0b62a8",
    on_accent="#ffffff",
    selected="#d9e9f7",
    hover="#e9eef3",
    good="#1a6b35",
    good_field="#e3f3e7",
    warn="#8a5300",
    warn_field="#fdf1d8",
    bad="#b3261e",
    bad_field="#fce8e6",
)
DARK = Scheme(
    window="#1a1d21",
    surface="#22262b",
    raised="#2b3036",
    rail="#141619",
    text="#e8eaed",
    quiet="#a9b1ba",
    faint="#939ba4",
    line="#383e45",
    control_line="#79828c",
    accent="#79b8f0",
    on_accent="#0d1822",
    selected="#22405c",
    hover="#31373e",
    good="#7ccf93",
    good_field="#1d3325",
    warn="#e8b65a",
    warn_field="#3a2f17",
    bad="#f4948c",
    bad_field="#42211f",
)


def is_dark(palette: QPalette) -> bool:
    """Tell whether `palette` is a dark one."""
    # Shadow is a role that style sheets leave alone; Window is transparent black in flat buttons.
    return palette.color(QPalette.ColorRole.Shadow).lightness() < MIDDLE_LIGHTNESS


def scheme_of(palette: QPalette) -> Scheme:
    """Return the scheme that `palette` was made from."""
    return DARK if is_dark(palette) else LIGHT


def tone(palette: QPalette, name: Tone) -> QColor:
    """Return the colour in which text, icons and lines of a state are drawn."""
    return QColor(getattr(scheme_of(palette), name.value))


def tone_field(palette: QPalette, name: Tone) -> QColor:
    """Return the soft ground on which a state stands; its text is `tone`."""
    scheme = scheme_of(palette)
    fields = {Tone.GOOD: scheme.good_field, Tone.WARN: scheme.warn_field, Tone.BAD: scheme.bad_field}
    fields |= {Tone.ACCENT: scheme.selected, Tone.QUIET: scheme.window}
    return QColor(fields[name])


def line(palette: QPalette) -> QColor:
    """Return the colour of hairlines."""
    return QColor(scheme_of(palette).line)


def set_tone(widget: QWidget, name: Tone | None) -> None:
    """Give `widget` the text colour of a state; None gives the plain one."""
    value = name.value if name is not None else ""
    if widget.property("tone") != value:
        widget.setProperty("tone", value)
        restyle(widget)


def set_role(widget: QWidget, name: str) -> None:
    """Give `widget` a role of the style sheet: title, lead, note, primary, quiet, rail, card, field."""
    widget.setProperty("role", name)
    restyle(widget)


def restyle(widget: QWidget) -> None:
    """Let the style sheet look at the dynamic properties of `widget` again."""
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def palette_of(scheme: Scheme) -> QPalette:
    """Return the whole palette of `scheme`; no role is left to the system."""
    palette = QPalette()
    role = QPalette.ColorRole
    colours: Mapping[QPalette.ColorRole, str] = {
        role.Window: scheme.window,
        role.WindowText: scheme.text,
        role.Base: scheme.surface,
        role.AlternateBase: scheme.window,
        role.Text: scheme.text,
        role.Button: scheme.raised,
        role.ButtonText: scheme.text,
        role.BrightText: scheme.bad,
        role.Highlight: scheme.accent,
        role.HighlightedText: scheme.on_accent,
        role.Accent: scheme.accent,
        role.Link: scheme.accent,
        role.LinkVisited: scheme.accent,
        role.ToolTipBase: scheme.surface,
        role.ToolTipText: scheme.text,
        role.PlaceholderText: scheme.faint,
        role.Light: scheme.surface,
        role.Midlight: scheme.hover,
        role.Mid: scheme.line,
        role.Dark: scheme.control_line,
        role.Shadow: scheme.rail,
    }
    for name, colour in colours.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(scheme.faint))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(scheme.line))
    palette.setColor(QPalette.ColorGroup.Disabled, role.HighlightedText, QColor(scheme.faint))
    return palette


def wanted_scheme(application: QApplication) -> Scheme:
    """Return the scheme of CASEBOOK_THEME, else the one that was chosen, else the system's, else the light one."""
    asked = os.environ.get(SCHEME_VARIABLE, "") or chosen_look(application)
    if asked in {Look.LIGHT, Look.DARK}:
        return DARK if asked == Look.DARK else LIGHT
    return DARK if application.styleHints().colorScheme() is Qt.ColorScheme.Dark else LIGHT


def chosen_look(application: QCoreApplication | None) -> Look:
    """Return the look that was chosen for the application; the system's where nobody chose."""
    return Look(application.property(_CHOSEN) or Look.SYSTEM) if application is not None else Look.SYSTEM


def choose_look(application: QApplication, look: Look) -> None:
    """Look like that from now on."""
    application.setProperty(_CHOSEN, str(look))
    apply(application)


def apply(application: QApplication, scheme: Scheme | None = None) -> None:
    """Give the application its style, font, palette and style sheet."""
    chosen = scheme or wanted_scheme(application)
    for effect in Qt.UIEffect:
        application.setEffectEnabled(effect, False)  # nothing slides or fades
    application.setStyleSheet("")  # to put one sheet in the place of another takes Qt six times as long
    if application.style().name() != STYLE:
        application.setStyle(STYLE)
    application.setPalette(palette_of(chosen))
    application.setStyleSheet(style_sheet(chosen))


def load_fonts() -> None:
    """Load the product's font, so that Chinese shows on every system."""
    folder = data_folder("resources") / "fonts"
    for name in ("NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"):
        QFontDatabase.addApplicationFont(str(folder / name))


def set_font(application: QApplication, language: str) -> None:
    """Make the product's font the application's; English takes its punctuation in Latin widths."""
    font = QFont(FAMILY)
    font.setPointSizeF(BODY_PT)
    if language == "en":
        font.setFeature(QFont.Tag("pwid"), 1)
    application.setFont(font)


def style_sheet(scheme: Scheme) -> str:
    """Return resources/style/casebook.qss, filled with the colours and sizes of this module."""
    template = Template((data_folder("resources") / "style" / "casebook.qss").read_text(encoding="utf-8"))
    colours = {name: getattr(scheme, name) for name in Scheme.__slots__}
    sizes = {
        "tight": TIGHT,
        "small": SMALL,
        "medium": MEDIUM,
        "large": LARGE,
        "target": TARGET,
        "inner": TARGET - 2 * SMALL,
        "radius": RADIUS,
        "note_pt": NOTE_PT,
        "body_pt": BODY_PT,
        "lead_pt": LEAD_PT,
        "title_pt": TITLE_PT,
        "figure_pt": FIGURE_PT,
    }
    icons = data_folder("resources") / "icons"
    pictures = {
        "arrow": (icons / "combo_arrow.svg").as_posix(),
        "tick": (icons / f"tick_on_{'dark' if scheme == DARK else 'light'}.svg").as_posix(),
    }
    return template.substitute(colours, **pictures, **{name: str(size) for name, size in sizes.items()})


# -- icons -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=128)
def _drawing(name: str) -> str:
    return (data_folder("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")


@lru_cache(maxsize=256)
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_drawing(name).replace("currentColor", colour).encode()))


def paint_icon(painter: QPainter, area: QRectF, name: str, colour: QColor) -> None:
    """Paint the icon `name` (resources/icons/NAME.svg) into `area` in one colour."""
    _renderer(name, colour.name()).render(painter, area)


def pixmap(name: str, colour: QColor, size: int, ratio: float = 1.0) -> QPixmap:
    """Return the icon `name` in one colour, `size` pixels square at a device pixel ratio of `ratio`."""
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_icon(painter, QRectF(picture.rect()), name, colour)
    painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(name: str, palette: QPalette, shade: Tone | None = None) -> QIcon:
    """Return the icon `name` for buttons: in the text's colour or in that of a state; faint when disabled.

    It does not follow a later change of palette by itself: set it again then.
    """
    colour = tone(palette, shade) if shade else palette.color(QPalette.ColorRole.ButtonText)
    return _icon(name, colour.name(), scheme_of(palette).faint)


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, faint: str) -> QIcon:
    """Draw an icon once for each colour: a window has hundreds of them."""
    result = QIcon()
    for ratio in (1.0, 2.0, 3.0):
        result.addPixmap(pixmap(name, QColor(colour), ICON_LARGE, ratio))
        result.addPixmap(pixmap(name, QColor(faint), ICON_LARGE, ratio), QIcon.Mode.Disabled)
    return result
