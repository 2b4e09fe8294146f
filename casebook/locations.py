"""Where the product's own data lies: `forms/` and `resources/`.

Both are packages without code, so that one question to the import system finds them in a checkout,
in an installed wheel and in the built application. Nothing here knows what the files mean, and no
participant's data is ever kept there.
"""

from importlib import resources
from pathlib import Path
from typing import Literal

from casebook.errors import DataFolderMissingError

STUDY_FILE = "study.toml"
"""What makes a folder a study."""


def shipped_study() -> Path:
    """Return the folder of the study that the product ships: the one folder of `forms/` that holds a study.

    Raises:
        DataFolderMissingError: The installation is not whole.
    """
    found = sorted(one.parent for one in data_folder("forms").glob(f"*/{STUDY_FILE}"))
    if not found:
        raise DataFolderMissingError(folder="forms")
    return found[0]


def data_folder(name: Literal["forms", "resources"]) -> Path:
    """Return the folder of the product's own data called `name`.

    Raises:
        DataFolderMissingError: The installation is not whole.
    """
    try:
        folder = resources.files(name)
    except ModuleNotFoundError:
        raise DataFolderMissingError(folder=name) from None
    if not isinstance(folder, Path) or not folder.is_dir():
        raise DataFolderMissingError(folder=name)
    return folder
