"""What is wrong with a file that the user chose."""

from typing import ClassVar

from casebook.errors.tree import UnavailableError, UnreadableError


class FileUnwritableError(UnavailableError):
    """A copy could not be written where the user wanted it."""

    code = "file.unwritable"
    texts: ClassVar = {
        "en": "The copy could not be written to {path} ({why}). Choose another folder; the record is not affected.",
        "zh": "无法将副本写入 {path}（{why}）。请选择其他文件夹；记录不受影响。",
    }


class FileUnreadableError(UnreadableError):
    """A file that the user chose could not be read."""

    code = "file.unreadable"
    texts: ClassVar = {
        "en": "The file {path} could not be read ({why}). Check that it is still there, then choose it again.",
        "zh": "无法读取文件 {path}（{why}）。请确认该文件仍然存在，然后重新选择。",
    }
