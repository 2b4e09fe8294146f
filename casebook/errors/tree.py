"""The families of errors: who can act, and how an error becomes a sentence."""

from collections.abc import Mapping
from typing import ClassVar

LANGUAGES = ("en", "zh")


class CasebookError(Exception):
    """Base of all errors that a user may meet. `fields` fill the sentence's placeholders."""

    code: ClassVar[str] = "error"
    texts: ClassVar[Mapping[str, str]] = {}

    def __init__(self, **fields: object) -> None:
        """Keep the typed fields that the sentence names."""
        super().__init__(self.code, fields)
        self.fields = fields

    def sentence(self, language: str = "en") -> str:
        """Return what happened and what to do next, in `language` ('en' or 'zh').

        A field given as a mapping of languages is filled in with its part in `language`.
        """
        filled = {name: field[language] if isinstance(field, Mapping) else field for name, field in self.fields.items()}
        return self.texts[language].format(**filled)

    def __str__(self) -> str:
        """Return the English sentence."""
        return f"{self.code}: {self.sentence()}"


class RefusedError(CasebookError):
    """A rule says no; the user can act."""


class UnreadableError(CasebookError):
    """Input or a file is not understood."""


class UntrustedError(CasebookError):
    """A seal, chain, certificate or device fails verification."""


class UnavailableError(CasebookError):
    """Disk, lock, network or passphrase stands in the way."""
