"""How the parts of a sentence are put together in each language: Chinese has commas, colons and brackets of its own."""

from collections.abc import Iterable


def clauses(language: str, parts: Iterable[str]) -> str:
    """Return parts of a sentence one after the other, without those that say nothing."""
    return _between(language, "，").join(part for part in parts if part)


def listed(language: str, names: Iterable[str]) -> str:
    """Return names that are counted off."""
    return _between(language, "、").join(names)


def told_of(language: str, name: str, text: str) -> str:
    """Return a name and what is said of it."""
    return f"{name}：{text}" if language == "zh" else f"{name}: {text}"


def with_note(language: str, text: str, note: object) -> str:
    """Return a text with a note in brackets behind it."""
    return f"{text}（{note}）" if language == "zh" else f"{text} ({note})"


def _between(language: str, chinese: str) -> str:
    return chinese if language == "zh" else ", "


def begun(text: str) -> str:
    """Return a text as it stands at the beginning of a line."""
    return text[:1].upper() + text[1:]
