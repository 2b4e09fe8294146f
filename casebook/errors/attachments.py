"""What cannot be attached, and what cannot be shown here now."""

from typing import ClassVar

from casebook.errors.tree import RefusedError, UnavailableError, UnreadableError, UntrustedError


class AttachmentTooLargeError(RefusedError):
    """A file is larger than what is attached."""

    code = "attachment.too_large"
    texts: ClassVar = {
        "en": "The file has {size}; at most {most} can be attached. Scan it with fewer dots per inch or in parts.",
        "zh": "文件大小为 {size}，最多可附加 {most}。请降低扫描分辨率或分多个文件扫描。",
    }


class AttachmentEmptyError(RefusedError):
    """A file holds nothing."""

    code = "attachment.empty"
    texts: ClassVar = {
        "en": "{name} is empty. Copy it from the camera or the scanner again, then attach it.",
        "zh": "{name} 是空文件。请从相机或扫描仪重新复制后再附加。",
    }


class AttachmentFormatError(UnreadableError):
    """A file is neither a picture nor a PDF that can be read."""

    code = "attachment.format"
    texts: ClassVar = {
        "en": "{name} is not a picture or a PDF that can be read here. Attach a JPEG, PNG, TIFF or PDF file.",
        "zh": "{name} 不是可以读取的图片或 PDF。请附加 JPEG、PNG、TIFF 或 PDF 文件。",
    }


class AttachmentFileError(UnavailableError):
    """The system does not give a file."""

    code = "attachment.file"
    texts: ClassVar = {
        "en": "{name} cannot be read: {why}. Choose it again, or copy it to this laptop first.",
        "zh": "无法读取 {name}：{why}。请重新选择，或先将其复制到本机。",
    }


class AttachmentFolderError(RefusedError):
    """A folder was given in the place of a file."""

    code = "attachment.folder"
    texts: ClassVar = {
        "en": "{name} is a folder. Attach the files in it one by one.",
        "zh": "{name} 是文件夹。请逐个附加其中的文件。",
    }


class ClipboardEmptyError(RefusedError):
    """There is neither a picture nor a file on the clipboard."""

    code = "attachment.clipboard"
    texts: ClassVar = {
        "en": "There is no picture on the clipboard. Copy one first, then paste it here.",
        "zh": "剪贴板中没有图片。请先复制图片，再粘贴到此处。",
    }


class AttachmentElsewhereError(UnavailableError):
    """An attachment's parts are not all on this laptop."""

    code = "attachment.elsewhere"
    texts: ClassVar = {
        "en": "{name} is not on this laptop yet ({percent} % of it is). Connect and synchronise, then open it again.",
        "zh": "{name} 尚未全部传到本机（已有 {percent} %）。请连接服务器并同步，然后重新打开。",
    }


class AttachmentBrokenError(UntrustedError):
    """An attachment's parts do not make the file that was attached."""

    code = "attachment.broken"
    texts: ClassVar = {
        "en": "{name} is not the file that was attached. Tell the data manager; attach it again from the source.",
        "zh": "{name} 与当初附加的文件不符。请告知数据管理员，并从源文件重新附加。",
    }


class AttachmentGoneError(RefusedError):
    """An attachment was taken out of the record, or there is none of this name."""

    code = "attachment.gone"
    texts: ClassVar = {
        "en": "This attachment was taken out of the record. The audit trail says by whom and why.",
        "zh": "该附件已从记录中移除。稽查轨迹中可查看移除人和原因。",
    }


class AttachmentRoomError(UnavailableError):
    """The space set aside for attachments is used up."""

    code = "attachment.room"
    texts: ClassVar = {
        "en": "There is no room left for attachments ({most}). Ask the data manager; entries are not affected.",
        "zh": "附件空间已用完（{most}）。请联系数据管理员；数据录入不受影响。",
    }
