"""Tables of a study file, read key by key, so that every mistake is told with file, place and remedy.

A node hands out each key once in the type that is wanted; what nobody asked for is an unknown key. The
sentences exist in both languages, since it is sponsors and data managers who write these files.

Source: docs/study_files.md.
"""

import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from importlib.resources.abc import Traversable
from typing import NoReturn

from casebook.design import Text
from casebook.errors import StudyFileError


def refuse(file: str, place: str, en: str, zh: str) -> NoReturn:
    """Raise the error for a mistake at `place` of `file`, told in both languages."""
    raise StudyFileError(file=file, place=place, what={"en": en, "zh": zh})


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """The mistakes of a study folder: the first one is raised, or with `keep` all of them are gathered."""

    keep: bool = False
    found: list[StudyFileError] = field(default_factory=list)

    @contextmanager
    def gather(self) -> Iterator[None]:
        """Keep the mistake that ends the block, and go on behind it; without `keep` it ends the reading."""
        try:
            yield
        except StudyFileError as mistake:
            if not self.keep:
                raise
            self.found.append(mistake)

    def report(self, file: str, place: str, en: str, zh: str) -> None:
        """Tell a mistake behind which reading may go on at once."""
        with self.gather():
            refuse(file, place, en, zh)

    def stop(self) -> None:
        """Raise the first mistake when there is any: what follows would only tell its consequences."""
        if self.found:
            raise self.found[0]


def load_toml(folder: Traversable, *path: str) -> dict[str, object]:
    """Return a TOML file of the study folder. Raises StudyFileError when it is missing or is no TOML."""
    name = "/".join(path)
    try:
        text = folder.joinpath(*path).read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        refuse(name, "-", "the file is missing. Add it.", "文件缺失。请补充该文件。")
    except UnicodeDecodeError:
        refuse(name, "-", "the file is not UTF-8. Save it as UTF-8.", "文件不是 UTF-8 编码。请另存为 UTF-8。")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        refuse(
            name, "-", f"this is not TOML: {problem}. Correct that line.", f"不是有效的 TOML：{problem}。请更正该行。"
        )


def load_parts(folder: Traversable, faults: Faults, *path: str) -> Iterator["Node"]:
    """Return the files of a part of the study: `name.toml`, or every file of the folder `name`.

    Raises StudyFileError when there is neither.
    """
    place = folder.joinpath(*path)
    if not place.is_dir():
        with faults.gather():
            yield load_file(folder, faults, *path[:-1], f"{path[-1]}.toml")
        return
    for name in sorted(one.name for one in place.iterdir() if one.name.endswith(".toml")):
        with faults.gather():
            yield load_file(folder, faults, *path, name)


def load_file(folder: Traversable, faults: Faults, *path: str) -> "Node":
    """Return one file of the study as a table. Raises StudyFileError when it is missing or is no TOML."""
    return Node(table=load_toml(folder, *path), file="/".join(path), place="-", faults=faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One table of a study file.

    Attributes:
        place: How the table is found in its file: its OID, name or number.
    """

    table: Mapping[str, object]
    file: str
    place: str
    taken: set[str] = field(default_factory=set)
    faults: Faults = field(default_factory=Faults)

    def fail(self, en: str, zh: str) -> NoReturn:
        """Raise the error for a mistake in this table."""
        refuse(self.file, self.place, en, zh)

    def at(self, place: str) -> "Node":
        """Return the same table under a better name, once it is known."""
        return Node(table=self.table, file=self.file, place=place, taken=self.taken, faults=self.faults)

    def finish(self) -> None:
        """Refuse keys that nobody asked for."""
        unknown = sorted(set(self.table) - self.taken)
        if unknown:
            names = ", ".join(unknown)
            self.fail(
                f"unknown key {names}. Correct the spelling or remove it.", f"未知的键 {names}。请更正拼写或删除。"
            )

    def get(self, key: str) -> object | None:
        """Return what stands under `key`, or None."""
        self.taken.add(key)
        return self.table.get(key)

    def missing(self, key: str) -> NoReturn:
        """Raise the error for a key that must be given."""
        self.fail(f"the key {key} is missing. Add it.", f"缺少键 {key}。请补充。")

    def wrong(self, key: str, en: str, zh: str) -> NoReturn:
        """Raise the error for a key that holds another type than it must."""
        self.fail(f"{key} must be {en}. Correct it.", f"{key} 必须是{zh}。请更正。")

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; it must be given where there is no default."""
        found = self.get(key)
        if found is None:
            return default if default is not None else self.missing(key)
        return found if isinstance(found, str) else self.wrong(key, "a text in quotes", "带引号的文字")

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """Return one of `choices`."""
        found = self.text(key, default)
        if found not in choices:
            listed = ", ".join(choices)
            self.wrong(key, f"one of {listed}", f"以下之一：{listed}")
        return found

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return true or false."""
        found = self.get(key)
        if found is None:
            return default
        return found if isinstance(found, bool) else self.wrong(key, "true or false", " true 或 false")

    def integer(self, key: str) -> int | None:
        """Return a whole number, or None."""
        found = self.get(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int):
            self.wrong(key, "a whole number", "整数")
        return found

    def decimal(self, key: str) -> Decimal | None:
        """Return a decimal, written as text, or None."""
        found = self.get(key)
        return None if found is None else self.as_decimal(key, found)

    def as_decimal(self, key: str, found: object) -> Decimal:
        """Return a decimal that was written as text."""
        if not isinstance(found, str):
            self.wrong(key, 'a decimal in quotes, such as "0.5"', '带引号的小数，例如 "0.5"')
        try:
            number = Decimal(found)
        except InvalidOperation:
            self.wrong(key, 'a decimal in quotes, such as "0.5"', '带引号的小数，例如 "0.5"')
        return number if number.is_finite() else self.wrong(key, "a finite number", "有限数值")

    def names(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """Return a list of different texts; () where it is not given."""
        found = self.get(key)
        if found is None:
            return self.missing(key) if required else ()
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            self.wrong(key, "a list of texts", "文字列表")
        twice = sorted({one for one in found if found.count(one) > 1})
        if twice:
            self.fail(f"{key} names {twice[0]} twice. Remove one.", f"{key} 中 {twice[0]} 重复。请删除其一。")
        return tuple(found)

    def node(self, key: str) -> "Node | None":
        """Return an inner table, or None."""
        found = self.get(key)
        if found is None:
            return None
        if not isinstance(found, dict):
            self.wrong(key, "a table", "表")
        return Node(table=found, file=self.file, place=f"{self.place}, {key}", faults=self.faults)

    def nodes(self, key: str, *, required: bool = False) -> Iterator["Node"]:
        """Return the tables of a list, numbered from 1."""
        found = self.get(key)
        if found is None:
            if required:
                self.missing(key)
            return
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            self.wrong(key, "a list of tables", "表的列表")
        for number, one in enumerate(found, start=1):
            yield Node(table=one, file=self.file, place=f"{self.place}, {key} {number}", faults=self.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The study's texts in all its languages; remembers which were used.

    Attributes:
        files: The file in which a text stands, by language and name.
    """

    by_language: Mapping[str, Mapping[str, str]]
    files: Mapping[tuple[str, str], str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    faults: Faults = field(default_factory=Faults)

    def need(self, name: str) -> Text:
        """Return a text that every language must have."""
        first = name not in self.used
        self.used.add(name)
        for language, texts in self.by_language.items():
            if first and not texts.get(name, "").strip():
                file = self.files.get((language, name), f"texts/{language}")
                self.faults.report(file, name, "this text is missing. Translate it.", "缺少该文字。请补充翻译。")
        return Text({language: texts.get(name, name) for language, texts in self.by_language.items()})

    def may(self, name: str) -> Text | None:
        """Return a text that may be left out, in all languages or in none."""
        return self.need(name) if any(name in texts for texts in self.by_language.values()) else None

    def finish(self) -> None:
        """Refuse texts that nothing uses; they are nearly always a misspelt OID."""
        for language, texts in self.by_language.items():
            for name in texts:
                if name not in self.used:
                    self.faults.report(
                        self.files.get((language, name), f"texts/{language}"),
                        name,
                        "nothing in the study is called so. Correct the name or remove the text.",
                        "研究定义中没有此名称。请更正名称或删除该文字。",
                    )


def read_texts(folder: Traversable, languages: tuple[str, ...], faults: Faults) -> Texts:
    """Read the texts of every language of the study: `texts/<language>.toml`, or the files of that folder."""
    found: dict[str, dict[str, str]] = {}
    files: dict[tuple[str, str], str] = {}
    for language in languages:
        texts = found.setdefault(language, {})
        for root in load_parts(folder, faults, "texts", language):
            table = root.node("text") or root.missing("text")
            root.finish()
            for name in table.table:
                if name in texts:
                    faults.report(root.file, name, "this text stands twice. Remove one.", "该文字重复。请删除其一。")
                texts[name] = unicodedata.normalize("NFC", table.text(name))
                files[language, name] = root.file
    return Texts(by_language=found, files=files, faults=faults)
