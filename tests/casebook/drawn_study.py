"""A study with a drawing of its own: where it itches, on a hand with two fingers."""

from tests.casebook.small_study import CODELISTS, FORM_A, TEXTS, files, texts_file

HAND = """
oid = "DW.HAND"
width = 200
height = 100

[[level]]
name = "PALM"
outlines = ["M 100 5 L 190 5 L 190 95 L 100 95 Z", "M 100 50 L 190 50"]

[[level.region]]
code = "F1"
key = "1"
at = [130, 25]
path = "M 110 10 L 150 10 C 160 20 160 30 150 40 L 110 40 Z"

[[level.region]]
code = "F2"
key = "b"
at = [130, 75]
path = "M 110 60 L 150 60 L 150 90 L 110 90 Z"
"""

SECTION = """
[[group]]
oid = "IG.A.ITCH"
style = "regions"

[group.picture]
drawing = "DW.HAND"
item = "WHERE"
none = "NOT"
score = "SCORE"
side = "SIDE"
right = "LH"
left = "RH"

[[group.item]]
name = "SIDE"
type = "code"
need = "O"
codes = "CL.HAND"

[[group.item]]
name = "WHERE"
type = "codes"
need = "O"
codes = "CL.FINGER"

[[group.item]]
name = "SCORE"
type = "decimal"
need = "O"
derive = {function = "mean_arterial_pressure", items = ["SYS", "DIA"]}

"""

LISTS = """
[[code_list]]
oid = "CL.HAND"
codes = ["LH", "RH"]

[[code_list]]
oid = "CL.FINGER"
codes = ["NOT", "F1", "F2"]
"""

WORDS = {
    "DW.HAND.PALM": ("Palm", "手掌"),
    "DW.HAND.note": ("The palms look at you.", "掌心朝向您。"),
    "IG.A.ITCH": ("Itch", "瘙痒"),
    "I.A.SIDE": ("Which hand?", "哪只手？"),
    "I.A.WHERE": ("Where?", "何处？"),
    "I.A.SCORE": ("Score", "评分"),
    "CL.HAND.LH": ("Left hand", "左手"),
    "CL.HAND.RH": ("Right hand", "右手"),
    "CL.FINGER.NOT": ("Nowhere", "无"),
    "CL.FINGER.F1": ("F1 First finger", "F1 第一指"),
    "CL.FINGER.F2": ("F2 Second finger", "F2 第二指"),
}


def drawn_files() -> dict[str, str]:
    """Return every file of the study by its path."""
    texts = {**TEXTS, **WORDS}
    return {
        **files(),
        "codelists.toml": CODELISTS + LISTS,
        "crf/F.A.toml": FORM_A.replace("[[check]]", SECTION + "[[check]]", 1),
        "drawings/DW.HAND.toml": HAND,
        "texts/en.toml": texts_file(0, texts),
        "texts/zh.toml": texts_file(1, texts),
    }
