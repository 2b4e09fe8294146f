"""The study as this laptop's record has it: the version in force, and which forms it answers for.

Source: docs/adr/0018.
"""

from datetime import date

from casebook.design import StudyDesign
from casebook.errors import OtherVersionError
from casebook.ids import SubjectId
from casebook.records import FormKey
from casebook.versions import Designs
from desktop_app.record import Record
from desktop_app.releases import Releases, approvals_of, has_place


class StudyHere:
    """The versions of the study over one record."""

    def __init__(self, record: Record, designs: Designs, site_file: SubjectId) -> None:
        """Look at nothing yet. `site_file`: the site's own file, where approvals are recorded."""
        self.designs = designs
        self._record = record
        self._site_file = site_file
        self._seen: tuple[str, date, Releases] | None = None

    def now(self) -> Releases:
        """Return how the versions stand: worked out anew when the site's file or the day changes."""
        mark = self._record.subjects().get(self._site_file, "")
        today = self._record.seat.clock().local.date()
        if self._seen is None or self._seen[:2] != (mark, today):
            approvals = approvals_of(self.designs, self._record.casebook(self._site_file))
            self._seen = (mark, today, Releases(self.designs, approvals, today))
        return self._seen[2]

    def around(self, asking: StudyDesign) -> Designs:
        """Return a version as the current one, and all others that are known."""
        return Designs(current=asking, earlier=tuple(one for one in self.designs.in_order if one is not asking))

    def home(self, asking: StudyDesign, key: FormKey) -> StudyDesign:
        """Return the version in which a form is read: the one that asks now, else the one that asked it.

        Raises:
            OtherVersionError: No version that this release knows has such a form.
        """
        if has_place(asking, key):
            return asking
        found = self.now().home_of(key, self._record.casebook(key.subject).forms.get(key))
        if found is None:
            raise OtherVersionError(form=key.form)
        return found

    def refuse_unless_asked(self, asking: StudyDesign, key: FormKey) -> None:
        """Refuse to change a form that holds what the version that asks now cannot answer for.

        Raises:
            OtherVersionError: It can be read only.
        """
        state = self._record.casebook(key.subject).forms.get(key)
        if not has_place(asking, key) or (state is not None and self.now().is_newer(state)):
            raise OtherVersionError(form=self.home(asking, key).form(key.form).label.by_language)
