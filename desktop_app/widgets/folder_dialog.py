"""The question for a folder, as a dialog that the page does not wait for."""

from collections.abc import Callable

from PySide6.QtWidgets import QFileDialog, QWidget


def ask_folder(page: QWidget, name: str, title: str, begins_at: str, chosen: Callable[[str], object]) -> None:
    """Ask for a folder; `chosen` gets the path of the one that was chosen, if one was.

    Args:
        page: What the dialog belongs to.
        name: The dialog's object name.
        title: What the folder is for, in the language of the window.
        begins_at: The folder that is shown first.
        chosen: Called with the path.
    """
    dialog = QFileDialog(page, title, begins_at)
    dialog.setObjectName(name)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly, on=True)
    dialog.fileSelected.connect(chosen)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
