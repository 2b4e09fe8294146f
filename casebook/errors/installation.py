"""What is wrong with the installed program itself."""

from typing import ClassVar

from casebook.errors.tree import UnavailableError


class DataFolderMissingError(UnavailableError):
    """The program's own study or resource files are not where it was installed."""

    code = "installation.data_missing"
    texts: ClassVar = {
        "en": "The program's folder “{folder}” is missing. Install the program again; the records are not affected.",
        "zh": "缺少程序文件夹“{folder}”。请重新安装本程序；已保存的记录不受影响。",
    }


class UnsafeQtError(UnavailableError):
    """This pair of Qt and Python versions ends the process after some thousand calls."""

    code = "installation.unsafe_qt"
    texts: ClassVar = {
        "en": (
            "PySide6 {pyside} cannot run safely on Python {python}: the program would stop without warning. "
            "Install PySide6_Essentials 6.11.3, or Python 3.12 or newer, then start again."
        ),
        "zh": (
            "PySide6 {pyside} 不能在 Python {python} 上安全运行：程序会无预警中止。"
            "请安装 PySide6_Essentials 6.11.3，或改用 Python 3.12 及以上版本，然后重新启动。"
        ),
    }
