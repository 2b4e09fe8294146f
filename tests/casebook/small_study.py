"""A study of two forms, small enough to break in every way."""

from pathlib import Path

STUDY = """
[study]
oid = "ST.SMALL"
code = "SMALL1"
protocol = "P1"
label = "1.0"
languages = ["en", "zh"]
format = 1
utc_offset = "+08:00"
statuses = ["screened"]

[anchors]
randomised_at = ["F.A:WHEN"]

[[visit]]
oid = "SE.V1"
study_day = 1
forms = [{form = "F.A", need = "x"}, {form = "F.B", need = "c", occasion = "FIRST"}]

[[visit]]
oid = "SE.V2"
study_day = 2
window = {from_hours = "18", to_hours = "36"}
forms = [{form = "F.A", need = "o"}]

[[visit]]
oid = "SE.UNS"
kind = "unscheduled"
forms = [{form = "F.A", need = "o"}]

[[role]]
oid = "ROLE.COORDINATOR"
rights = ["enter"]

[[reason]]
code = "TRANSCRIPTION"

[[consent]]
version = "V1"
paragraphs = ["P1"]
statements = ["S1"]
"""

CODELISTS = """
[[code_list]]
oid = "CL.NY"
codes = ["Y", "N"]
"""

FORM_A = """
oid = "F.A"

[[group]]
oid = "IG.A.MAIN"
sitting = true

[[group.item]]
name = "DONE"
type = "code"
need = "M"
codes = "CL.NY"

[[group.item]]
name = "WHEN"
type = "datetime"
need = "C"
relevant_when = {one_of = {item = "DONE", values = ["Y"]}}
missing = ["UNK"]
visit_time = true

[[group.item]]
name = "SYS"
type = "integer"
need = "C"
relevant_when = {answered = {item = "WHEN"}}
units = [{unit = "mmHg"}]
hard = ["40", "300"]
soft = ["90", "185"]

[[group.item]]
name = "DIA"
type = "integer"
need = "O"

[[group.item]]
name = "MAP"
type = "decimal"
need = "O"
decimals = 1
derive = {function = "mean_arterial_pressure", items = ["SYS", "DIA"]}

[[group.item]]
name = "GLUC"
type = "quantity"
need = "O"
units = [{unit = "mmol/L"}, {unit = "mg/dL", divide = "18.016"}]
hard = ["0.5", "60"]
soft = ["3.9", "11.1"]
soft_unless = {answered = {item = "DIA"}}

[[group]]
oid = "IG.A.ROWS"
repeating = true
style = "grid"

[[group.item]]
name = "LOW"
type = "decimal"
need = "M"

[[group.item]]
name = "HIGH"
type = "decimal"
need = "O"

[[check]]
id = "EC900"
severity = "H"
item = "DIA"
confirmable = false
fires_when = {compare = {item = "DIA", op = "ge", other = "SYS"}}

[[check]]
id = "EC901"
severity = "S"
item = "HIGH"
fires_when = {compare = {item = "HIGH", op = "lt", other = "LOW"}}

[[check]]
id = "EC902"
severity = "S"
item = "WHEN"
fires_when = {any = [
    {compare = {item = "WHEN", op = "gt", other = "@now", add_minutes = 5}},
    {compare = {item = "F.B/FIRST:DAY", op = "gt", other = "WHEN"}},
]}
"""

FORM_B = """
oid = "F.B"
identity = true

[[group]]
oid = "IG.B.MAIN"

[[group.item]]
name = "DAY"
type = "date"
need = "M"
"""

TEXTS = {
    "ST.SMALL": ("Small study", "小型研究"),
    "STATUS.screened": ("Screened", "已筛选"),
    "SE.V1": ("First visit", "首次访视"),
    "SE.V1.short": ("V1", "V1"),
    "SE.V2": ("Second visit", "第二次访视"),
    "SE.V2.short": ("V2", "V2"),
    "SE.UNS": ("Unscheduled", "计划外"),
    "SE.UNS.short": ("U", "外"),
    "OCC.FIRST": ("First", "首次"),
    "ROLE.COORDINATOR": ("Coordinator", "协调员"),
    "REASON.TRANSCRIPTION": ("Transcription", "转录错误"),
    "CONSENT.V1.title": ("Consent", "知情同意"),
    "CONSENT.V1.P1": ("Purpose.", "目的。"),
    "CONSENT.V1.S1": ("I agree.", "我同意。"),
    "CL.NY.Y": ("Yes", "是"),
    "CL.NY.N": ("No", "否"),
    "CL.NY.N.meaning": ("It was not done", "未进行"),
    "F.A": ("Form A", "表单甲"),
    "IG.A.MAIN": ("Main", "主要"),
    "IG.A.ROWS": ("Rows", "多行"),
    "I.A.DONE": ("Done?", "是否进行？"),
    "I.A.DONE.hint": ("Ask.", "请询问。"),
    "I.A.WHEN": ("When", "时间"),
    "I.A.SYS": ("Systolic", "收缩压"),
    "I.A.DIA": ("Diastolic", "舒张压"),
    "I.A.MAP": ("Mean", "平均压"),
    "I.A.GLUC": ("Glucose", "血糖"),
    "I.A.LOW": ("Low", "低"),
    "I.A.HIGH": ("High", "高"),
    "F.B": ("Form B", "表单乙"),
    "IG.B.MAIN": ("Main", "主要"),
    "I.B.DAY": ("Day", "日期"),
    "EC051": ("Outside {low} to {high} {unit}", "超出 {low} 至 {high} {unit}"),
    "EC052": ("Beyond {low} to {high} {unit}", "偏离 {low} 至 {high} {unit}"),
    "EC053": ("Use {unit}", "请使用 {unit}"),
    "EC900": ("Diastolic is not below systolic", "舒张压不低于收缩压"),
    "EC901": ("High is below low", "高值低于低值"),
    "EC902": ("Check the time", "请核对时间"),
}


def texts_file(language: int, texts: dict[str, tuple[str, str]] | None = None) -> str:
    """Return a file of texts; language 0 is English, 1 Chinese."""
    return "[text]\n" + "".join(f'"{name}" = "{pair[language]}"\n' for name, pair in (texts or TEXTS).items())


def files() -> dict[str, str]:
    """Return every file of the study by its path."""
    return {
        "study.toml": STUDY,
        "codelists.toml": CODELISTS,
        "crf/F.A.toml": FORM_A,
        "crf/F.B.toml": FORM_B,
        "texts/en.toml": texts_file(0),
        "texts/zh.toml": texts_file(1),
    }


def write_study(folder: Path, contents: dict[str, str]) -> Path:
    """Write a study folder and return it."""
    for name, text in contents.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder
