"""The first file to read in an export: what lies there, and what does not, in English and Chinese.

Source: docs/export.md.
"""

from typing import TYPE_CHECKING

from casebook.design import StudyDesign
from casebook.export.context import ExportContext, ExportFormat

if TYPE_CHECKING:
    from casebook.export.door import Export

_WHAT = """{name}
{protocol}, definition {label} ({version})
Site {site}. Exported at {at} by user {user} with Casebook {app}.
Subjects: {subjects}. Forms: {forms}. Values in conflict, left empty: {conflicts}. Commits that this laptop cannot \
read: {unreadable}.

{attached}
Left out: identity forms and items with their attachments, handwritten signatures and documents; names of people \
(they are named by user id and role). Free text that people typed is as they typed it.
A value in conflict is empty, and so is what is worked out from it; the column NAME.why says "conflict".
"""
_WHAT_ZH = """{name}
{protocol}，研究定义 {label}（{version}）
中心 {site}。导出时间 {at}，导出用户 {user}，软件版本 Casebook {app}。
受试者：{subjects}。表单：{forms}。因录入冲突而留空的数值：{conflicts}。本机无法读取的提交：{unreadable}。

{attached}
不包含：身份信息表单和项目及其附件、手写签名和文件；人员姓名（以用户名和角色表示）。人员录入的自由文本保持原样。
存在冲突的数值留空，由其计算得出的数值也留空；NAME.why 列注明“conflict”。
"""
_ODM = """
odm_snapshot.xml   CDISC ODM 1.3.2, Snapshot: what stands now, with the audit record of each value
odm_history.xml    CDISC ODM 1.3.2, Transactional: every entry that was ever made, in order
"""
_ODM_ZH = """
odm_snapshot.xml   CDISC ODM 1.3.2 Snapshot：当前数值及其稽查记录
odm_history.xml    CDISC ODM 1.3.2 Transactional：按顺序排列的全部录入
"""
_CSV = """
F.*.csv            one table for each form: a line for each instance, and one for each row of its logs
subjects.csv       status, dates and study days      findings.csv     open and confirmed findings
eligibility.csv    each criterion                    audit.csv        every entry that was ever made
attachments.csv    photos and scans: to what they belong, SHA-256, and where the file lies or why there is none
other_versions.csv entries that this version of the study has no item for, each with the question that was asked
dictionary.csv     what each column means            codelists.csv, checks.csv, visits.csv

Tables are UTF-8 with a byte order mark, separated by commas, lines end with CR LF. Where a cell would be taken for \
a formula, an apostrophe stands before it: take one leading apostrophe away when you read. Dates and numbers are as \
recorded, whatever this computer's settings: open the tables as text, so that "001" stays "001".
"""
_CSV_ZH = """
F.*.csv            每个表单一张表：每个表单实例一行，其日志的每一行各占一行
subjects.csv       状态、日期和研究日                findings.csv     未处理和已确认的核查结果
eligibility.csv    各项入排标准                      audit.csv        全部录入的稽查轨迹
attachments.csv    照片和扫描件：所属位置、SHA-256、文件位置或没有文件的原因
other_versions.csv 本版本没有对应项目的录入，连同当时的问题
dictionary.csv     各列的含义                        codelists.csv、checks.csv、visits.csv

表格为带 BOM 的 UTF-8 编码，以逗号分隔，行尾为 CR LF。可能被视为公式的单元格前加有一个撇号，读取时请去掉一个前导撇号。\
日期和数值与记录一致，不受本机设置影响：请以文本方式打开，使“001”保持为“001”。
"""
_WITH = "Attachments: {files} files in the folder attachments. They can show faces and names: keep them accordingly."
_WITH_ZH = "附件：attachments 文件夹中有 {files} 个文件，其中可能有面部和姓名，请妥善保管。"
_WITHOUT = "Attachments named and not in it (left out, elsewhere or taken out of the record): {named}."
_WITHOUT_ZH = "仅列出而不含文件的附件（未选择、不在本机或已从记录中移除）：{named}。"
_RULE = "\n" + "-" * 80 + "\n\n"


def readme(design: StudyDesign, context: ExportContext, kind: ExportFormat, told: "Export") -> str:
    """Return the text of README.txt."""
    parts = []
    attached = {"en": (_WITH, _WITHOUT), "zh": (_WITH_ZH, _WITHOUT_ZH)}
    for language, what, odm, csv in (("en", _WHAT, _ODM, _CSV), ("zh", _WHAT_ZH, _ODM_ZH, _CSV_ZH)):
        has, lacks = attached[language]
        lines = [*([has] if told.attachments else []), lacks]
        text = what.format(
            name=design.name(language),
            protocol=design.protocol,
            label=design.label,
            version=design.version,
            site=context.site,
            at=context.exported_at.isoformat(timespec="seconds"),
            user=context.exported_by,
            app=context.app_version,
            subjects=told.subjects,
            forms=told.forms,
            conflicts=told.conflicts,
            unreadable=told.unreadable,
            attached="\n".join(lines).format(files=told.attachments, named=told.no_file),
        )
        text += "" if kind is ExportFormat.CSV else odm
        text += "" if kind is ExportFormat.ODM else csv
        parts.append(text)
    return _RULE.join(parts)
