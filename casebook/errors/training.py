"""What training does not do, and what may go wrong with its folder."""

from typing import ClassVar

from casebook.errors.tree import RefusedError, UnavailableError


class NotInTrainingError(RefusedError):
    """Something is asked of training that would leave it as if it were real, or that only real data need."""

    code = "training.refused"
    texts: ClassVar = {
        "en": "This is not done in training: practice data must never be taken for real ones. Leave training to do it.",
        "zh": "培训中不能进行此操作，以免练习数据被误认为真实数据。如需操作，请先退出培训。",
    }


class TrainingFolderError(UnavailableError):
    """The folder of training cannot be made, read or cleared."""

    code = "training.folder"
    texts: ClassVar = {
        "en": "Training cannot work in the folder {folder} ({why}). Real data are not affected. Free some space or ask "
        "for the folder to be made writable, then try again.",
        "zh": "培训无法使用文件夹 {folder}（{why}）。真实数据不受影响。请释放磁盘空间或设为可写，然后重试。",
    }
