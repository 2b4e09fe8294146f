"""What is wrong with the study's own files."""

from typing import ClassVar

from casebook.errors.tree import RefusedError, UnreadableError, UntrustedError


class StudyFileError(UnreadableError):
    """A file of a study folder is missing, misspelt or contradicts another. `what` is given per language."""

    code = "study.file"
    texts: ClassVar = {
        "en": "The study file {file} cannot be used. At {place}: {what} Then start again.",
        "zh": "研究定义文件 {file} 无法使用。位置 {place}：{what}然后重新启动。",
    }


class StudyCasesError(UnreadableError):
    """A file of example cases cannot be read."""

    code = "study.cases"
    texts: ClassVar = {
        "en": "The case file {file} cannot be read ({why}). Give a JSON file in the form of docs/study_files.md.",
        "zh": "无法读取用例文件 {file}（{why}）。请提供 docs/study_files.md 所述格式的 JSON 文件。",
    }


class StudyOutputTakenError(RefusedError):
    """A study definition is never frozen or printed over something that is there."""

    code = "study.output"
    texts: ClassVar = {
        "en": "{path} exists already, and nothing of a study is written over. Choose a new name.",
        "zh": "{path} 已存在，研究定义的输出不会覆盖任何内容。请选择新的名称。",
    }


class BlindingDroppedError(UntrustedError):
    """The study definition on the laptop blinds nobody, and the study does."""

    code = "study.blinding_dropped"
    texts: ClassVar = {
        "en": (
            "The study definition on this laptop no longer says what blinded assessors may see, so what is entered "
            "would be open to them. It is not used. Tell the data manager; it may have been changed by somebody."
        ),
        "zh": (
            "本机上的研究定义不再规定盲态评估者可见的内容，录入的数据会向其公开，因此拒绝使用。"
            "请联系数据管理员：该定义可能被他人更改。"
        ),
    }
