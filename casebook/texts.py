"""A text of a study in each of its languages.

Source: docs/study_files.md, section "Texts".
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A text in each of its languages, the study's first one first (`en`, `zh`)."""

    by_language: Mapping[str, str]

    def __call__(self, language: str) -> str:
        """Return the text in `language`; where it is not given, in the first language that there is."""
        return self.by_language.get(language) or next(iter(self.by_language.values()))
