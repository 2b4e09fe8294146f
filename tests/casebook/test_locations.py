"""The product's own data is found in a checkout."""

from typing import Literal

import pytest

from casebook.locations import data_folder


@pytest.mark.parametrize("name", ["forms", "resources"])
def test_data_folder_is_a_folder(name: Literal["forms", "resources"]) -> None:
    assert data_folder(name).is_dir()


def test_fonts_lie_beside_their_licence() -> None:
    fonts = data_folder("resources") / "fonts"
    assert {path.name for path in fonts.iterdir()} == {
        "NotoSansSC_400Regular.ttf",
        "NotoSansSC_700Bold.ttf",
        "NotoSansSC_LICENSE.txt",
    }


def test_colour_profile_lies_beside_its_licence() -> None:
    profile = data_folder("resources") / "icc"
    assert {path.name for path in profile.iterdir()} == {"sRGB.icc", "sRGB_LICENSE.txt"}
