"""What is wrong with a printed or signed document."""

from typing import ClassVar

from casebook.errors.tree import RefusedError, UnavailableError, UnreadableError


class CodeUnreadableError(UnreadableError):
    """A text is not the code of a page, or was misread."""

    code = "paper.code_unreadable"
    texts: ClassVar = {
        "en": "This is not the code of a Casebook page, or it was read wrongly. Scan or type it again.",
        "zh": "这不是本系统页面的编码，或读取有误。请重新扫描或输入。",
    }


class InkUnreadableError(UnreadableError):
    """Strokes are not in the agreed form."""

    code = "ink.unreadable"
    texts: ClassVar = {
        "en": "The handwritten signature cannot be read ({why}). Ask the person to sign again.",
        "zh": "无法读取手写签名（{why}）。请本人重新签名。",
    }


class TimeZoneUnknownError(UnavailableError):
    """The machine's time zone has no name that the signing library knows."""

    code = "paper.time_zone"
    texts: ClassVar = {
        "en": "This computer's time zone ({zone}) has no name. Set it to a city, such as Asia/Shanghai, then sign.",
        "zh": "本机的时区设置（{zone}）无法识别。请将时区设为城市名称（如 Asia/Shanghai），然后再签名。",
    }


class FieldUnavailableError(RefusedError):
    """A document has no such empty signature field."""

    code = "paper.field_unavailable"
    texts: ClassVar = {
        "en": "The document has no free place for this signature ({field}). Print it again, then sign the new print.",
        "zh": "文件中没有可用的签名位置（{field}）。请重新生成文件后再签名。",
    }
