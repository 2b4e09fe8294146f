"""A study in two versions: the second rewords, removes, adds, renames a code, moves a window, sharpens a check."""

from pathlib import Path

from casebook.study_files import read_study
from casebook.study_files.archive import EARLIER, freeze
from tests.casebook.small_study import texts_file, write_study

STUDY = """
[study]
oid = "ST.VERS"
code = "VERS1"
protocol = "V-7"
label = "1.0"
languages = ["en", "zh"]
format = 1
utc_offset = "+08:00"
statuses = ["screened"]

[anchors]
randomised_at = ["F.VIS@SE.V1:VISDTM"]

[approvals]
form = "F.ETH"
what = "ETHWHAT"
design = "DESIGN"
version = "ETHVER"
approved = "ETHDAY"

[[visit]]
oid = "SE.V1"
study_day = 1
forms = [{form = "F.VIS", need = "x"}, {form = "F.OLD", need = "o"}]

[[visit]]
oid = "SE.V2"
study_day = 3
window = {from_day = 2, to_day = 3}
forms = [{form = "F.VIS", need = "x"}]

[[visit]]
oid = "SE.SITE"
kind = "site"
forms = [{form = "F.ETH", need = "x"}]

[[role]]
oid = "ROLE.INVESTIGATOR"
rights = ["enter", "sign", "confirm", "answer", "print", "export"]

[[reason]]
code = "TRANSCRIPTION"
"""

LISTS = """
[[code_list]]
oid = "CL.PAIN"
codes = ["NONE", "MILD", "STRONG"]

[[code_list]]
oid = "CL.WHAT"
codes = ["DESIGN", "ICF"]
"""

VISIT = """
oid = "F.VIS"

[[group]]
oid = "IG.VIS.MAIN"

[[group.item]]
name = "VISDTM"
type = "datetime"
need = "M"
visit_time = true

[[group.item]]
name = "WEIGHT"
type = "integer"
need = "M"
units = [{unit = "kg"}]

[[group.item]]
name = "PAIN"
type = "code"
need = "M"
codes = "CL.PAIN"

[[group.item]]
name = "OLDQ"
type = "text"
need = "O"
max_length = 40

[[check]]
id = "VIS1"
severity = "S"
item = "WEIGHT"
fires_when = {compare = {item = "WEIGHT", op = "gt", value = "150"}}
"""

OLD = """
oid = "F.OLD"

[[group]]
oid = "IG.OLD.MAIN"

[[group.item]]
name = "OLDNOTE"
type = "text"
need = "M"
max_length = 40
"""

NEW = OLD.replace("OLD", "NEW")

NEW_ITEM = """
[[group.item]]
name = "NEWQ"
type = "integer"
need = "M"
"""

ETHICS = """
oid = "F.ETH"

[[group]]
oid = "IG.ETH.APPR"
repeating = true

[[group.item]]
name = "ETHWHAT"
type = "code"
need = "M"
codes = "CL.WHAT"

[[group.item]]
name = "ETHVER"
type = "text"
need = "M"
max_length = 40

[[group.item]]
name = "ETHDAY"
type = "date"
need = "M"
"""

TEXTS = {
    "ST.VERS": ("Study in versions", "多版本研究"),
    "STATUS.screened": ("Screened", "已筛选"),
    "SE.V1": ("First visit", "首次访视"),
    "SE.V1.short": ("V1", "V1"),
    "SE.V2": ("Second visit", "第二次访视"),
    "SE.V2.short": ("V2", "V2"),
    "SE.SITE": ("Site", "中心"),
    "SE.SITE.short": ("Site", "中心"),
    "ROLE.INVESTIGATOR": ("Investigator", "研究者"),
    "REASON.TRANSCRIPTION": ("Transcription", "转录错误"),
    "CL.PAIN.NONE": ("None", "无"),
    "CL.PAIN.MILD": ("Mild", "轻度"),
    "CL.PAIN.STRONG": ("Strong", "重度"),
    "CL.WHAT.DESIGN": ("Study definition", "研究定义"),
    "CL.WHAT.ICF": ("Consent", "知情同意书"),
    "F.VIS": ("Visit", "访视"),
    "IG.VIS.MAIN": ("Visit", "访视"),
    "I.VIS.VISDTM": ("When", "时间"),
    "I.VIS.WEIGHT": ("Weight", "体重"),
    "I.VIS.PAIN": ("Pain", "疼痛"),
    "I.VIS.OLDQ": ("Favourite dish", "喜欢的菜"),
    "VIS1": ("The weight is high", "体重偏高"),
    "F.OLD": ("Old form", "旧表单"),
    "IG.OLD.MAIN": ("Old form", "旧表单"),
    "I.OLD.OLDNOTE": ("Old note", "旧备注"),
    "F.ETH": ("Ethics approvals", "伦理批件"),
    "IG.ETH.APPR": ("Approvals", "批件"),
    "I.ETH.ETHWHAT": ("Document", "文件"),
    "I.ETH.ETHVER": ("Version", "版本"),
    "I.ETH.ETHDAY": ("Approved on", "批准日期"),
}


def write_first(folder: Path) -> Path:
    """Write version 1.0."""
    return write_study(folder, _files(STUDY, LISTS, {"F.VIS": VISIT, "F.OLD": OLD, "F.ETH": ETHICS}, TEXTS))


def write_second(folder: Path, first: Path) -> Path:
    """Write version 1.1, with version 1.0 frozen among its earlier ones."""
    study = STUDY.replace('label = "1.0"', 'label = "1.1"').replace(', {form = "F.OLD", need = "o"}', "")
    study = study.replace("to_day = 3", "to_day = 5")
    study = study.replace(
        '[{form = "F.VIS", need = "x"}]', '[{form = "F.VIS", need = "x"}, {form = "F.NEW", need = "x"}]'
    )
    start, end = VISIT.index('[[group.item]]\nname = "OLDQ"'), VISIT.index("[[check]]")
    visit = VISIT[:start] + NEW_ITEM.strip() + "\n\n" + VISIT[end:].replace('"150"', '"120"')
    gone = {"F.OLD", "IG.OLD.MAIN", "I.OLD.OLDNOTE", "I.VIS.OLDQ", "CL.PAIN.MILD"}
    texts = {name: pair for name, pair in TEXTS.items() if name not in gone} | {
        "I.VIS.WEIGHT": ("Weight without shoes", "体重（脱鞋）"),
        "CL.PAIN.LIGHT": ("Light", "轻微"),
        "I.VIS.NEWQ": ("Hours of sleep", "睡眠小时数"),
        "F.NEW": ("New form", "新表单"),
        "IG.NEW.MAIN": ("New form", "新表单"),
        "I.NEW.NEWNOTE": ("New note", "新备注"),
    }
    lists = LISTS.replace('"MILD"', '"LIGHT"')
    write_study(folder, _files(study, lists, {"F.VIS": visit, "F.NEW": NEW, "F.ETH": ETHICS}, texts))
    (folder / EARLIER).mkdir()
    (folder / EARLIER / "1.0.json").write_bytes(freeze(read_study(first)))
    return folder


def _files(study: str, lists: str, forms: dict[str, str], texts: dict[str, tuple[str, str]]) -> dict[str, str]:
    return {
        "study.toml": study,
        "codelists.toml": lists,
        **{f"crf/{name}.toml": text for name, text in forms.items()},
        "texts/en.toml": texts_file(0, texts),
        "texts/zh.toml": texts_file(1, texts),
    }
