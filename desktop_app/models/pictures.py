"""Files that are to be attached: what they are, and pictures drawn anew.

A photo is drawn anew when it is taken in: turned upright, at most 2400 pixels along its longer edge, JPEG, and
nothing beside the picture: where and by what it was taken is no part of a study's record. 2400 pixels show an A4
page at 200 dots per inch. A PDF, and a TIFF of several pages, are kept as they are.

May run on any thread; holds no widget.

Source: docs/adr/0027; Exif 2.32, tag Orientation.
"""

import errno
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QColorSpace, QImage, QImageReader, QImageWriter, QPainter

from casebook.attachments import MOST_BYTES
from casebook.canonical import clean_text
from casebook.errors import (
    AttachmentEmptyError,
    AttachmentFileError,
    AttachmentFolderError,
    AttachmentFormatError,
    AttachmentTooLargeError,
)

LONGEST_EDGE = 2400
"""Pixels."""
PREVIEW_EDGE = 1200
QUALITY = 85
MOST_READ_BYTES = 128 * 1024 * 1024
"""A photo may be larger than what is kept of it."""
PDF, JPEG, TIFF = "application/pdf", "image/jpeg", "image/tiff"
_PICTURES = frozenset({"jpeg", "jpg", "png", "tiff", "tif", "webp", "bmp"})
_PDF_HEAD = 1024
_PATH_PARTS = re.compile(r"[/\\:]")
_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A file as it would be attached.

    Attributes:
        content: Its bytes, as they are kept; `media_type`: as `image/jpeg`.
        preview: A picture of it, small enough for a window; None for a PDF.
        redrawn: It is a picture that was drawn anew.
        before: Width and height of the picture as it came; (0, 0) for a PDF.
        after: Width and height as it is kept.
        pages: Of a scan that is kept as it is; 1 for a picture, 0 where nobody counted.
    """

    name: str
    media_type: str
    content: bytes
    preview: QImage | None = None
    redrawn: bool = False
    before: tuple[int, int] = (0, 0)
    after: tuple[int, int] = (0, 0)
    pages: int = 0

    @property
    def is_smaller(self) -> bool:
        """Whether the picture has fewer pixels than it came with."""
        return sorted(self.after) != sorted(self.before)


def read_candidate(path: str) -> Candidate:
    """Return a file of the user's choice as it would be attached.

    Raises:
        AttachmentFolderError, AttachmentFileError: It is a folder, is gone, or may not be read.
        AttachmentEmptyError, AttachmentTooLargeError: It holds nothing, or too much.
        AttachmentFormatError: It is no picture or PDF that can be read.
    """
    name = file_name(path)
    try:
        if Path(path).is_dir():
            raise AttachmentFolderError(name=name)
        with Path(path).open("rb") as file:
            content = file.read(MOST_READ_BYTES + 1)
    except OSError as error:
        raise AttachmentFileError(name=name, why=_why(error)) from None
    return candidate_of(name, content)


def _why(error: OSError) -> Mapping[str, str]:
    """Return why the system gives no file, in words; the name of what it said where there are none."""
    if error.errno == errno.ENOENT:
        return {"en": "it is not there any more", "zh": "文件已不存在"}
    if error.errno in {errno.EACCES, errno.EPERM}:
        return {"en": "you may not open it", "zh": "没有打开权限"}
    said = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return {"en": said, "zh": said}


def file_name(path: str) -> str:
    """Return a file's own name, as it may be recorded."""
    last = _PATH_PARTS.split(path.rstrip("/\\"))[-1]
    return clean_text(last).replace("\n", " ")[-_NAME_LENGTH:].strip() or "file"


def candidate_of(name: str, content: bytes) -> Candidate:
    """Return a file's bytes as they would be attached. Raises as `read_candidate`."""
    if not content:
        raise AttachmentEmptyError(name=name)
    if b"%PDF-" in content[:_PDF_HEAD]:
        return Candidate(name=name, media_type=PDF, content=_limited(content))
    reader, buffer = _reader(content)
    picture_format = bytes(reader.format().data()).decode("ascii", "replace").lower()
    if picture_format not in _PICTURES or not reader.canRead():
        raise AttachmentFormatError(name=name)
    pages = max(1, reader.imageCount())
    if picture_format in {"tiff", "tif"} and pages > 1:
        preview = page_of(content, 0)
        if preview is None:
            raise AttachmentFormatError(name=name)
        small = _fitted(preview, PREVIEW_EDGE)
        return Candidate(name=name, media_type=TIFF, content=_limited(content), preview=small, pages=pages)
    image, before = _read(reader, name)
    buffer.close()
    return candidate_of_image(image, name, before)


def candidate_of_image(image: QImage, name: str, before: QSize | None = None) -> Candidate:
    """Return a picture as it would be attached, drawn anew.

    Args:
        before: Its size as it came, where it was made smaller while it was read.
    """
    size = before or image.size()
    upright = _fitted(image, LONGEST_EDGE)
    clean = QImage(upright.size(), QImage.Format.Format_RGB32)
    clean.fill(Qt.GlobalColor.white)
    painter = QPainter(clean)
    painter.drawImage(0, 0, upright)
    painter.end()
    return Candidate(
        name=f"{Path(name).stem or 'photo'}.jpg",
        media_type=JPEG,
        content=_limited(_as_jpeg(clean, name)),
        preview=_fitted(clean, PREVIEW_EDGE),
        redrawn=True,
        before=(size.width(), size.height()),
        after=(clean.width(), clean.height()),
        pages=1,
    )


def page_of(content: bytes, page: int) -> QImage | None:
    """Return a page of a picture for looking at, upright; None where it cannot be read."""
    reader, buffer = _reader(content)
    if page and not reader.jumpToImage(page):
        return None
    image = reader.read()
    buffer.close()
    return None if image.isNull() else image


def page_count(content: bytes) -> int:
    """Return how many pages a picture has."""
    reader, buffer = _reader(content)
    count = max(1, reader.imageCount())
    buffer.close()
    return count


def _reader(content: bytes) -> tuple[QImageReader, QBuffer]:
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    return reader, buffer


def _read(reader: QImageReader, name: str) -> tuple[QImage, QSize]:
    """Return a picture, made smaller while it is read where that is needed, and its size as it came."""
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > LONGEST_EDGE:
        reader.setScaledSize(size.scaled(LONGEST_EDGE, LONGEST_EDGE, Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise AttachmentFormatError(name=name)
    if image.colorSpace().isValid():
        image.convertToColorSpace(QColorSpace(QColorSpace.NamedColorSpace.SRgb))
    return image, size if size.isValid() else image.size()


def _fitted(image: QImage, edge: int) -> QImage:
    if max(image.width(), image.height()) <= edge:
        return image
    return image.scaled(edge, edge, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


def _as_jpeg(image: QImage, name: str) -> bytes:
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"jpeg"))
    writer.setQuality(QUALITY)
    writer.setOptimizedWrite(True)
    if not writer.write(image):
        raise AttachmentFormatError(name=name)
    buffer.close()
    return bytes(data.data())


def _limited(content: bytes) -> bytes:
    if len(content) > MOST_BYTES:
        raise AttachmentTooLargeError(size=f"{len(content) / 1024 / 1024:.1f} MiB", most=f"{MOST_BYTES >> 20} MiB")
    return content
