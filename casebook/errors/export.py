"""What stands in the way of an export."""

from typing import ClassVar

from casebook.errors.tree import RefusedError, UnavailableError


class ExportExistsError(RefusedError):
    """Something lies where the export should go."""

    code = "export.exists"
    texts: ClassVar = {
        "en": "{path} exists already, and an export never overwrites anything. Choose a new name.",
        "zh": "{path} 已经存在，导出不会覆盖任何内容。请换一个新名称。",
    }


class ExportInvalidError(UnavailableError):
    """A file would not follow the ODM schema. Nothing of the sort is handed out."""

    code = "export.invalid"
    texts: ClassVar = {
        "en": "The ODM file would not follow the official schema ({why}), so nothing was written. The record is not "
        "affected. Export the tables alone (CSV), and tell the makers of Casebook.",
        "zh": "ODM 文件不符合官方架构（{why}），因此未写出任何文件。记录不受影响。"
        "请先仅导出表格（CSV），并告知本软件的开发者。",
    }
