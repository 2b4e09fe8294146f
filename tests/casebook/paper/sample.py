"""A small study and a full casebook of one subject, made by the real ledger and projection."""

import json
import math
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from casebook.design import (
    Check,
    Code,
    CodeList,
    ConsentItems,
    ConsentText,
    DataType,
    Derivation,
    Form,
    InkSigner,
    Item,
    ItemGroup,
    Need,
    PlannedForm,
    Severity,
    StudyDesign,
    Text,
    UnitFactor,
    Visit,
)
from casebook.ids import CommitRef, SubjectId, UserId, ref_of
from casebook.ledger import SealedCommit
from casebook.paper.context import PaperContext, PaperPerson
from casebook.projection import Casebook, project
from casebook.records import (
    AddRow,
    Confirmation,
    FormKey,
    ItemPath,
    Mark,
    MissingCode,
    Operation,
    Reading,
    SetItem,
    Sitting,
    StrikeRow,
    VisitKey,
)
from casebook.rule_kinds import (
    Compare,
    OneOf,
)
from tests.casebook.commits import Laptop, form_key

BEIJING = timezone(timedelta(hours=8))
PRINTED_AT = datetime(2026, 3, 2, 9, 15, tzinfo=BEIJING)
VISIT = VisitKey(visit="SE.V1")


def words(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


def unit(name: str) -> tuple[UnitFactor, ...]:
    return (UnitFactor(unit=name),)


def vital_signs() -> Form:
    items = (
        ("VSDTM", "Date and time of measurement", "测量日期时间", DataType.DATETIME, ()),
        ("SYSBP", "Systolic blood pressure", "收缩压", DataType.INTEGER, unit("mmHg")),
        ("DIABP", "Diastolic blood pressure", "舒张压", DataType.INTEGER, unit("mmHg")),
        ("HR", "Heart rate", "心率", DataType.INTEGER, unit("beats/min")),
        ("TEMP", "Temperature", "体温", DataType.QUANTITY, unit("°C")),
        ("VSCOM", "Comment", "备注", DataType.TEXT, ()),
    )
    made = [
        Item(
            name=name,
            oid=f"I.VS.{name}",
            label=words(en, zh),
            data_type=kind,
            need=Need.MANDATORY,
            units=units,
            missing_codes=("ND", "UNK"),
        )
        for name, en, zh, kind, units in items
    ]
    pressure = Item(
        name="MAP",
        oid="I.VS.MAP",
        label=words("Mean arterial pressure", "平均动脉压"),
        data_type=DataType.DECIMAL,
        units=unit("mmHg"),
        decimals=1,
        derivation=Derivation(function="mean_arterial_pressure", items=("SYSBP", "DIABP")),
    )
    check = Check(
        id="EC051",
        severity=Severity.SOFT,
        item="SYSBP",
        message=words("Systolic pressure above 185 mmHg: please confirm.", "收缩压高于 185 mmHg，请核实。"),
        fires_when=Compare(item="SYSBP", op="gt", value="185"),
    )
    pulse = Check(
        id="EC052",
        severity=Severity.SOFT,
        item="HR",
        message=words("Heart rate outside 50–120 beats/min.", "心率超出 50–120 次/分。"),
        fires_when=Compare(item="HR", op="gt", value="120"),
    )
    group = ItemGroup(oid="IG.VS", label=words("Blood pressure and pulse", "血压与脉搏"), items=(*made, pressure))
    return Form(
        oid="F.VS",
        label=words("Vital signs", "生命体征"),
        groups=(group,),
        checks=(check, pulse),
        version="a1b2c3d4e5f60718",
    )


def scale() -> Form:
    texts = (
        ("NIHSS1A", "1a Level of consciousness", "1a 意识水平"),
        ("NIHSS1B", "1b Orientation questions", "1b 意识水平提问"),
        ("NIHSS5A", "5a Motor arm, left", "5a 左上肢运动"),
        ("NIHSS09", "9 Best language", "9 语言"),
    )
    items = tuple(
        Item(name=name, oid=f"I.NIHSS.{name}", label=words(en, zh), data_type=DataType.CODE, code_list="CL.GRADE")
        for name, en, zh in texts
    )
    group = ItemGroup(oid="IG.NIHSS", label=words("Scale", "量表"), items=items, sitting=True, style="scale")
    return Form(oid="F.NIHSS", label=words("NIHSS", "NIHSS 评分"), groups=(group,), version="0f0e0d0c0b0a0908")


def laboratory() -> Form:
    texts = (
        ("TEST", "Analyte", "检验项目", DataType.TEXT),
        ("RESULT", "Result", "结果", DataType.QUANTITY),
        ("SIGNIF", "Clinically significant", "有临床意义", DataType.CODE),
    )
    items = tuple(
        Item(
            name=name,
            oid=f"I.LB.{name}",
            label=words(en, zh),
            data_type=kind,
            code_list="CL.YN" if kind is DataType.CODE else None,
        )
        for name, en, zh, kind in texts
    )
    group = ItemGroup(oid="IG.LB", label=words("Results", "检验结果"), items=items, repeating=True, style="grid")
    return Form(oid="F.LB", label=words("Laboratory", "实验室检查"), groups=(group,), version="1122334455667788")


def consent_form() -> Form:
    def item(name: str, en: str, zh: str, kind: DataType, *, identity: bool = False) -> Item:
        return Item(name=name, oid=f"I.ICF.{name}", label=words(en, zh), data_type=kind, identity=identity)

    lar = OneOf(item="CONSBY", values=("LAR",))
    version = ItemGroup(
        oid="IG.ICF.VERSION",
        label=words("Version", "版本"),
        items=(
            item("ICFVER", "Version of the consent form", "知情同意书版本", DataType.TEXT),
            item("ICFVDAT", "Date of the version", "版本日期", DataType.DATE),
            item("ICFAPDT", "Ethics approval of the version", "该版本伦理批准日期", DataType.DATE),
        ),
    )
    who = ItemGroup(
        oid="IG.ICF.WHO",
        label=words("Who consents", "签署人"),
        items=(
            replace(item("CONSBY", "Consent given by", "由谁同意", DataType.CODE), code_list="CL.CONSBY"),
            replace(
                item("INCAPRSN", "Why the participant cannot consent", "受试者无法自行同意的原因", DataType.CODE),
                code_list="CL.INCAP",
                relevant_when=lar,
            ),
        ),
    )
    sign = ItemGroup(
        oid="IG.ICF.SIGN",
        label=words("Signatures", "签名"),
        items=(
            item("SIGPNAM", "Participant's name", "受试者姓名", DataType.TEXT, identity=True),
            item("SIGPINK", "Participant's signature", "受试者签名", DataType.INK, identity=True),
            item("SIGPDTM", "Participant signed at", "受试者签署时间", DataType.DATETIME),
            item("SIGLNAM", "Representative's name", "代理人姓名", DataType.TEXT, identity=True),
            item("SIGLINK", "Representative's signature", "代理人签名", DataType.INK, identity=True),
            item("SIGLDTM", "Representative signed at", "代理人签署时间", DataType.DATETIME),
            item("SIGWNAM", "Witness's name", "见证人姓名", DataType.TEXT, identity=True),
            item("SIGWINK", "Witness's signature", "见证人签名", DataType.INK, identity=True),
            item("SIGWDTM", "Witness signed at", "见证人签署时间", DataType.DATETIME),
            item("SIGIDTM", "Investigator signed at", "研究者签署时间", DataType.DATETIME),
        ),
    )
    return Form(
        oid="F.ICF",
        label=words("Informed consent", "知情同意"),
        groups=(version, who, sign),
        version="99aabbccddeeff00",
        consent=True,
        document=ConsentItems(
            version=("ICFVER", "ICFVDAT", "ICFAPDT"),
            signers=tuple(InkSigner(name=f"SIG{who}NAM", ink=f"SIG{who}INK", time=f"SIG{who}DTM") for who in "PLW"),
        ),
    )


def code_list(oid: str, *codes: tuple[str, str, str]) -> CodeList:
    return CodeList(oid=oid, codes=tuple(Code(value=value, label=words(en, zh)) for value, en, zh in codes))


CONSENT = ConsentText(
    version="V1.0",
    title=words("Informed consent: a template", "知情同意书：模板"),
    paragraphs=(
        words(
            "Purpose. You, or the person you represent, have had a stroke that began mildly and has become worse, and "
            "a large artery of the brain is blocked. This study compares two treatments (NCT06155032).",
            "研究目的。您（或您所代理的患者）发生了急性缺血性卒中，起病时症状较轻，之后病情加重，检查发现脑部大血管闭塞。"
            "本研究比较两种治疗方式（NCT06155032）。",
        ),
        words(
            "Your free choice. Taking part is voluntary. You may refuse, or stop at any time without giving a reason, "
            "and your care will not suffer for it.",
            "自愿参加。是否参加完全自愿。您可以拒绝参加，也可以在任何时候无需说明理由而退出，您的医疗待遇不会因此受到影响。",
        ),
    ),
    statements=(
        words("I have read this document and agree to take part.", "我已阅读本知情同意书，自愿同意参加。"),
        words("I separately agree to the handling of health data.", "我单独同意处理健康信息。"),
    ),
)


def small_design() -> StudyDesign:
    lists = (
        code_list("CL.YN", ("Y", "Yes", "是"), ("N", "No", "否")),
        code_list(
            "CL.GRADE",
            ("0", "normal", "正常"),
            ("1", "minor deficit", "轻度异常"),
            ("2", "clear deficit; does not follow even simple commands", "明显异常，不能完成简单指令"),
            ("UN", "untestable", "无法评估"),
        ),
        code_list(
            "CL.CONSBY", ("PARTICIPANT", "the participant", "受试者本人"), ("LAR", "a representative", "法定代理人")
        ),
        code_list("CL.INCAP", ("APHASIA", "aphasia", "失语"), ("VISION", "vision", "视力障碍")),
    )
    planned = (
        PlannedForm(form="F.ICF", need="x"),
        PlannedForm(form="F.VS", need="x"),
        PlannedForm(form="F.NIHSS", need="x", occasion="INITIAL", occasion_label=words("initial", "首次")),
        PlannedForm(
            form="F.NIHSS", need="x", occasion="PRERAND", occasion_label=words("before randomisation", "随机前")
        ),
        PlannedForm(form="F.LB", need="x"),
    )
    forms = (consent_form(), vital_signs(), scale(), laboratory())
    return StudyDesign(
        utc_offset_minutes=480,
        oid="ST.ENDLOW",
        code="RELOW1",
        name=words(
            "Rescue endovascular treatment for neurological deterioration in mild stroke with large vessel occlusion",
            "轻型卒中伴大血管闭塞早期神经功能恶化的补救性血管内治疗研究",
        ),
        protocol="NCT06155032",
        version="5eed" * 16,
        label="1.0",
        visits=(
            Visit(
                oid="SE.V1",
                label=words("Screening and baseline", "筛选与基线"),
                short=words("Baseline", "基线"),
                forms=planned,
            ),
        ),
        forms={form.oid: form for form in forms},
        code_lists={one.oid: one for one in lists},
        roles=(),
        reasons=(Code(value="TRANSCRIPTION", label=words("transcription error", "抄录错误")),),
        consents=(CONSENT,),
    )


def context() -> PaperContext:
    people = {
        UserId("coordinator"): PaperPerson(name="研究者乙 Investigator B"),
        UserId("nurse"): PaperPerson(name="护士甲 Nurse A"),
    }
    return PaperContext(
        printed_by="研究者乙 Investigator B", printed_at=PRINTED_AT, site_name="示范中心", people=people
    )


def wave(points: int = 90) -> str:
    """Ink that looks a little like a name."""
    stroke = [
        [at * 8, 20 + at * 4, int(70 + 40 * math.sin(at / 5) * math.cos(at / 17)), 250 + (at * 37) % 500]
        for at in range(points)
    ]
    dash = [[900 + at * 8, 60 + at * 6, 95 - at // 3, 600] for at in range(40)]
    value = {"v": 1, "w": 420, "h": 140, "st": [{"dev": "pen", "p": stroke}, {"dev": "pen", "p": dash}]}
    return json.dumps(value, separators=(",", ":"))


def entry(
    group: str, item: str, value: str | None, *bases: SealedCommit, row: str = "", reason: str | None = None
) -> SetItem:
    refs: tuple[CommitRef, ...] = tuple(ref_of(base.id) for base in bases)
    path = ItemPath(group=group, item=item, row=row)
    return SetItem(path=path, reading=Reading(value=value), bases=refs, reason=reason)


def missing(group: str, item: str, code: MissingCode) -> SetItem:
    return SetItem(path=ItemPath(group=group, item=item), reading=Reading(missing=code))


def consent_entries(name: str = "参与者甲") -> tuple[Operation, ...]:
    return (
        entry("IG.ICF.VERSION", "ICFVER", "V1.0"),
        entry("IG.ICF.VERSION", "ICFVDAT", "2025-11-03"),
        entry("IG.ICF.VERSION", "ICFAPDT", "2025-12-01"),
        entry("IG.ICF.WHO", "CONSBY", "LAR"),
        entry("IG.ICF.WHO", "INCAPRSN", "APHASIA"),
        entry("IG.ICF.SIGN", "SIGLNAM", name),
        entry("IG.ICF.SIGN", "SIGLINK", wave()),
        entry("IG.ICF.SIGN", "SIGLDTM", "2026-03-01T13:52+08:00"),
        entry("IG.ICF.SIGN", "SIGWNAM", "见证人乙"),
        entry("IG.ICF.SIGN", "SIGWINK", wave(60)),
        entry("IG.ICF.SIGN", "SIGWDTM", "2026-03-01T13:55+08:00"),
        entry("IG.ICF.SIGN", "SIGIDTM", "2026-03-01T14:01+08:00"),
    )


def lab_rows(count: int) -> tuple[Operation, ...]:
    done: list[Operation] = []
    names = ("葡萄糖 Glucose", "肌酐 Creatinine", "白细胞 Leukocytes", "D-二聚体 D-dimer")
    values = ("7.8 mmol/L", "<0.01 mmol/L", "6.4 10^9/L", "0.42 mg/L FEU")
    for number in range(count):
        row = f"row{number:013d}"
        done += [
            AddRow(group="IG.LB", row=row),
            entry("IG.LB", "TEST", names[number % 4], row=row),
            entry("IG.LB", "RESULT", values[number % 4], row=row),
            entry("IG.LB", "SIGNIF", "N" if number % 3 else "Y", row=row),
        ]
    return tuple(done)


def sample_commits(
    *, rows: int = 40, name: str = "参与者甲", comment: str = "左侧卧位测量。"
) -> tuple[SubjectId, list[SealedCommit]]:
    """Return the commits of one subject: corrections, a confirmation, a conflict, a struck row, an empty form."""
    here, there = Laptop(seed=1), Laptop(seed=2, author="nurse")
    subject, added = here.add_subject()
    done = [added, here.save(form_key(subject, "F.ICF"), *consent_entries(name))]
    vital = form_key(subject, "F.VS")
    first = here.save(
        vital,
        entry("IG.VS", "VSDTM", "2026-03-01T14:05+08:00"),
        entry("IG.VS", "SYSBP", "152"),
        entry("IG.VS", "DIABP", "88"),
        entry("IG.VS", "HR", "131"),
        missing("IG.VS", "TEMP", MissingCode.NOT_DONE),
        entry("IG.VS", "VSCOM", comment),
    )
    second = here.save(vital, entry("IG.VS", "SYSBP", "192", first, reason="TRANSCRIPTION"))
    confirmed = Confirmation(
        check="EC051", path=ItemPath(group="IG.VS", item="SYSBP"), value="192", reason="两次复测一致 measured twice"
    )
    third = here.save(vital, confirmed)
    there.clock_ms = here.clock_ms + 3_600_000
    left = here.save(vital, entry("IG.VS", "DIABP", "90", first, reason="TRANSCRIPTION"))
    right = there.save(vital, entry("IG.VS", "DIABP", "95", first, reason="看错血压计读数"))
    done += [first, second, third, left, right]
    initial = form_key(subject, "F.NIHSS", repeat="INITIAL")
    scored = (("1A", "0"), ("1B", "1"), ("5A", "2"), ("09", "UN"))
    grades = [entry("IG.NIHSS", f"NIHSS{item}", grade) for item, grade in scored]
    done.append(here.save(initial, Sitting(group="IG.NIHSS", bases=()), *grades, Mark(flag="complete", on=True)))
    laboratory_key: FormKey = form_key(subject, "F.LB")
    if rows:
        done.append(here.save(laboratory_key, *lab_rows(rows)))
        done.append(here.save(laboratory_key, StrikeRow(group="IG.LB", row=f"row{1:013d}", reason="TRANSCRIPTION")))
    return subject, done


def sample_casebook(*, rows: int = 40, name: str = "参与者甲", comment: str = "左侧卧位测量。") -> Casebook:
    subject, commits = sample_commits(rows=rows, name=name, comment=comment)
    return project(subject, commits)
