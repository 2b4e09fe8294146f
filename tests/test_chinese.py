"""Chinese as it is written in a hospital: every text of the program, its pages, papers and study, by plain rules.

What only a reader can judge is not here; what slips through a reader's eye is: punctuation, spaces, and two words
for one thing.
"""

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree

from desktop_app import i18n

ROOT = Path(__file__).parents[1]
CHINESE = "[\u3400-\u9fff]"
SIGN = "[，。；：？！（）、“”]"
READ_NOT_SAID = {"casebook/pasted.py", "casebook/moments.py", "casebook/store/vault_files.py"}
"""Modules whose Chinese words are looked for in what users type and in folders of theirs."""
SEARCHED = re.compile(r"\.(names|also|en)\b")
"""Keys of words by which something is found, where laboratories and users write as they like; and English."""

WORDS = {
    "划去": "划除",
    "U盘": "U 盘",
    "口令": "密码",
    "保管人": "研究密钥托管人",
    "重新准入": "重新授权登录",
    "准入一台": "批准一台",
    "重新注册": "重新登记",
    "申办方": "申办者",
    "授权表": "授权分工表",
    "稽查痕迹": "稽查轨迹",
    "登陆": "登录",
    "帐": "账",
    "其它": "其他",
    "病例中": "病例册中",
    "标记为“已保存”": "标记为“已存于本机”",
    "打印页(&P)": "打印页面(&P)",
    "密封": "封存",
    "并排": "并列",
    "算数": "有效",
    "随机化": "随机",
    "访视窗口": "访视时间窗",
    "窗口内": "时间窗内",
    "整份病例：": "整份病例册：",
}
"""Words that are not written, each with the one that is (docs/glossary.md)."""
RIGHT = ("密封信封",)
"""Where such a word is right: the envelope of a randomisation."""

Place = tuple[str, str]


def _catalogue() -> Iterator[Place]:
    for context in etree.parse(i18n.FOLDER / "casebook_zh_CN.ts").getroot().iter("context"):
        for message in context.iter("message"):
            yield f"{context.findtext('name')}: {message.findtext('source')}", message.findtext("translation") or ""


def _values(value: object, key: str) -> Iterator[Place]:
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _values(one, f"{key}.{name}")
    elif isinstance(value, list):
        for one in value:
            yield from _values(one, key)


def _files() -> Iterator[Place]:
    for path in sorted([*ROOT.glob("resources/**/*.toml"), *ROOT.glob("forms/*/texts/zh/*.toml")]):
        yield from _values(tomllib.loads(path.read_text("utf-8")), str(path.relative_to(ROOT)))


def _modules() -> Iterator[Place]:
    for path in sorted(
        path for name in ("casebook", "desktop_app", "central_server") for path in ROOT.glob(f"{name}/**/*.py")
    ):
        place = path.relative_to(ROOT).as_posix()
        if place in READ_NOT_SAID:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{place}:{node.lineno}", node.value


@pytest.fixture(scope="module")
def texts() -> list[Place]:
    """Return every Chinese text that is said or printed, with its place."""
    found = [*_catalogue(), *_files(), *_modules()]
    return [(place, text) for place, text in found if re.search(CHINESE, text) and not SEARCHED.search(place)]


RULES = {
    "half-width punctuation beside Chinese": rf"{CHINESE}(?!\(&[A-Z]\))[,;:?!()]|(?<!&.)[,;:?!)]{CHINESE}|\({CHINESE}",
    "half-width brackets after Chinese": rf"{CHINESE} \((?!\*\.)",
    "space between Chinese letters": rf"{CHINESE} +{CHINESE}",
    "no space between Chinese and Latin": rf"{CHINESE}[A-Za-z0-9]|[A-Za-z0-9]{CHINESE}",
    "space beside a full-width sign": rf" {SIGN}|{SIGN} ",
    "full stop of another script": rf"{CHINESE}\.(?![0-9a-z])|\.\.\.|。。",
    "straight quotation marks": rf"\"[^\"=]*{CHINESE}[^\"]*\"",
}
DAY = re.compile(r"\d+[年月日号]")


@pytest.mark.parametrize("rule", RULES)
def test_chinese_is_set_as_chinese(texts: list[Place], rule: str) -> None:
    pattern = re.compile(RULES[rule])
    assert [one for one in texts if pattern.search(DAY.sub("日", one[1]))] == []


def test_one_thing_has_one_word(texts: list[Place]) -> None:
    def without_right(text: str) -> str:
        for right in RIGHT:
            text = text.replace(right, "")
        return text

    assert [(word, *one) for one in texts for word in WORDS if word in without_right(one[1])] == []


def test_a_text_is_found_where_it_is_said(texts: list[Place]) -> None:
    """Hold the sources of this file to what is there: each of the three gives texts."""
    looks: dict[str, Callable[[str], bool]] = {
        "catalogue": lambda place: place.startswith("Rail: "),
        "help": lambda place: place.startswith("resources/help/"),
        "study": lambda place: place.startswith("forms/"),
        "errors": lambda place: place.startswith("casebook/errors/"),
    }
    assert [name for name, look in looks.items() if not any(look(place) for place, _ in texts)] == []
