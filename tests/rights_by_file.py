"""What a study file says of rights, read from its TOML by code that shares nothing with the application's."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from casebook.locations import data_folder

STUDY = data_folder("forms") / "rescue_end_low"
OF_FORMS = frozenset(
    {"enter", "sign", "sign_off", "confirm", "query", "answer", "verify", "freeze", "lock", "adjudicate"}
)
"""Acts that are done on a form: who does not see it does not do them there."""
AS_AUTHOR = frozenset({"enter", "sign", "answer"})
"""Acts that a role with a list of forms does on those alone."""


@dataclass(frozen=True)
class Line:
    """A line of the delegation log. `start`, `last`: days from today; `duties`: none for all."""

    start: int
    last: int | None = None
    duties: frozenset[str] = frozenset()

    def gives(self, act: str) -> bool:
        """Tell whether it gives an act today."""
        return self.start <= 0 and (self.last is None or self.last >= 0) and (not self.duties or act in self.duties)


class StudyFile:
    """The file, as it is written."""

    def __init__(self, folder: Path = STUDY) -> None:
        """Read it, and of each form whether all of it is names."""
        self._said = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
        crf = [tomllib.loads(path.read_text(encoding="utf-8")) for path in sorted((folder / "crf").glob("*.toml"))]
        self.forms: dict[str, bool] = {one["oid"]: bool(one.get("identity", False)) for one in crf}
        self._roles = {one["oid"]: one for one in self._said["role"]}

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles' OIDs."""
        return tuple(self._roles)

    def rights(self, role: str) -> frozenset[str]:
        """Return a role's rights."""
        return frozenset(self._roles[role]["rights"])

    def is_delegated(self, role: str) -> bool:
        """Tell whether a role acts by delegation."""
        return bool(self._roles[role].get("delegated", False))

    def sees(self, role: str, what: str) -> bool:
        """Tell whether a role sees a compartment."""
        said = self._roles[role].get("sees")
        return said is None or what in said

    def shows(self, role: str, form: str) -> bool:
        """Tell whether a role is shown a form."""
        open_to_all = form in self._said["blinding"]["forms"]
        return (open_to_all or self.sees(role, "unblinding")) and (not self.forms[form] or self.sees(role, "identity"))

    def allows(self, role: str, act: str, form: str | None = None, log: tuple[Line, ...] | None = None) -> bool:
        """Tell whether the file, and the person's lines where there is a log, allow an act.

        Args:
            log: None while the site has no log that has begun.
        """
        if act not in self.rights(role):
            return False
        if log is not None and self.is_delegated(role) and not any(line.gives(act) for line in log):
            return False
        if form is None or act not in OF_FORMS:
            return True
        listed = self._roles[role].get("enters")
        if not self.shows(role, form) or (listed is not None and act in AS_AUTHOR and form not in listed):
            return False
        assessed = form in self._said["blinding"].get("assessed", [])
        return not (act == "enter" and assessed and self.sees(role, "unblinding"))
