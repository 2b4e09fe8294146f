"""ODM files: valid by the official schema, read by another library, true to the record."""

import io
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree
from odmlib.loader import ODMLoader
from odmlib.odm_loader import XMLODMLoader

from casebook.design import DataType, Item, StudyDesign, Text, UnitFactor
from casebook.errors import ExportInvalidError
from casebook.export.context import ExportContext
from casebook.export.disclosure import forms_of, groups_of
from casebook.export.gathered import gather
from casebook.export.odm import write_odm
from casebook.export.schema import refuse_unless_valid, schema_file
from casebook.export.values import ODM_TYPES, odm_value
from casebook.projection import Casebook, project
from casebook.records import AddRow, ItemPath, MissingCode, Reading, SetItem, StrikeRow
from tests.casebook.commits import Laptop, form_key, set_item
from tests.casebook.export.conftest import AT

ODM = "{http://www.cdisc.org/ns/odm/v1.3}"
FILES = ("odm_snapshot.xml", "odm_history.xml")


def root_of(path: Path) -> etree._Element:
    return etree.parse(path).getroot()


def odm(design: StudyDesign, context: ExportContext, *casebooks: Casebook, history: bool = False) -> etree._Element:
    file = io.BytesIO()
    write_odm(file, design, [gather(design, one, now=AT) for one in casebooks], context, history=history)
    return etree.fromstring(file.getvalue())


def values_of(root: etree._Element, item: str) -> list[etree._Element]:
    return [one for one in root.iter(f"{ODM}ItemData") if one.get("ItemOID") == item]


@pytest.mark.parametrize("name", FILES)
def test_every_form_filled_is_valid_by_the_official_schema(exported: Path, name: str) -> None:
    schema = etree.XMLSchema(etree.parse(schema_file()))
    assert schema.validate(etree.parse(exported / name)), schema.error_log


@pytest.mark.parametrize("name", FILES)
def test_another_library_reads_the_whole_file(exported: Path, name: str, design: StudyDesign) -> None:
    loader = ODMLoader(XMLODMLoader(model_package="odm_1_3_2"))
    loader.open_odm_document(str(exported / name))
    version = loader.MetaDataVersion()
    assert [form.OID for form in version.FormDef] == [form.oid for form in forms_of(design)]


@pytest.mark.parametrize("name", FILES)
def test_every_reference_leads_somewhere(exported: Path, name: str) -> None:
    root = root_of(exported / name)
    kinds = {
        "ItemOID": "ItemDef",
        "ItemGroupOID": "ItemGroupDef",
        "FormOID": "FormDef",
        "StudyEventOID": "StudyEventDef",
        "CodeListOID": "CodeList",
        "MeasurementUnitOID": "MeasurementUnit",
        "MethodOID": "MethodDef",
        "CollectionExceptionConditionOID": "ConditionDef",
        "UserOID": "User",
        "LocationOID": "Location",
        "SignatureOID": "SignatureDef",
        "MetaDataVersionOID": "MetaDataVersion",
        "StudyOID": "Study",
    }
    defined = {kind: {one.get("OID") for one in root.iter(f"{ODM}{kind}")} for kind in kinds.values()}
    lost = {
        (attribute, value)
        for element in root.iter()
        for attribute, value in element.attrib.items()
        if attribute in kinds and value not in defined[kinds[attribute]]
    }
    assert not lost


def test_all_that_may_leave_is_defined_with_every_language(exported: Path, design: StudyDesign) -> None:
    root = root_of(exported / FILES[0])
    items = {item.oid: item for form in forms_of(design) for _, group in groups_of(form) for item in group}
    assert {one.get("OID") for one in root.iter(f"{ODM}ItemDef")} == set(items)
    for question in root.iter(f"{ODM}Question", f"{ODM}Decode"):
        languages = {one.get("{http://www.w3.org/XML/1998/namespace}lang") for one in question}
        assert set(design.languages) <= languages
    derived = {one.oid for one in items.values() if one.derivation is not None}
    assert {one.get("OID") for one in root.iter(f"{ODM}MethodDef")} == {f"MT.{oid}" for oid in derived}


def test_values_follow_the_data_types_of_their_definitions(exported: Path) -> None:
    """The schema leaves values unchecked; here each is held against the schema's own type of its item."""
    root = root_of(exported / FILES[0])
    types = {one.get("OID"): one.get("DataType") for one in root.iter(f"{ODM}ItemDef")}
    source = etree.fromstring(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="http://www.cdisc.org/ns/odm/v1.3" '
        'targetNamespace="http://www.cdisc.org/ns/odm/v1.3" elementFormDefault="qualified">'
        f'<xs:include schemaLocation="{schema_file().as_uri()}"/>'
        + "".join(f'<xs:element name="is_{kind}" type="{kind}"/>' for kind in sorted(set(types.values())))
        + "</xs:schema>"
    )
    schema = etree.XMLSchema(source)
    seen: Counter[str] = Counter()
    for one in root.iter(f"{ODM}ItemData"):
        if one.get("Value") is not None:
            kind = types[one.get("ItemOID")]
            element = etree.Element(f"{ODM}is_{kind}")
            element.text = one.get("Value")
            assert schema.validate(element), (one.get("ItemOID"), one.get("Value"), kind)
            seen[kind] += 1
    assert set(seen) == set(types.values())


def test_site_file_is_reference_data_and_no_subject(exported: Path) -> None:
    root = root_of(exported / FILES[0])
    reference = root.find(f"{ODM}ReferenceData")
    assert reference is not None
    assert {one.get("ItemGroupOID").split(".")[1] for one in reference.iter(f"{ODM}ItemGroupData")} == {
        "LABS",
        "ETHICS",
    }
    assert [one.get("SubjectKey") for one in root.iter(f"{ODM}SubjectData")] == ["001-A001"]


def test_each_value_carries_who_where_when_and_the_commit(design: StudyDesign, context: ExportContext) -> None:
    laptop = Laptop(seed=1)
    subject, added = laptop.add_subject()
    key = form_key(subject)
    first = laptop.save(key, set_item("SYSBP", "150", group="IG.VS.BP1"))
    second = laptop.save(key, set_item("SYSBP", "155", first, reason="MISKEYED", group="IG.VS.BP1"))
    casebook = project(subject, [added, first, second])
    (value,) = values_of(odm(design, context, casebook), "I.VS.SYSBP")
    assert value.get("Value") == "155"
    assert value.findtext(f"{ODM}AuditRecord/{ODM}SourceID") == second.id
    assert value.findtext(f"{ODM}AuditRecord/{ODM}ReasonForChange") == "MISKEYED"
    assert value.findtext(f"{ODM}AuditRecord/{ODM}DateTimeStamp", "").endswith("+08:00")
    assert value.find(f"{ODM}MeasurementUnitRef").get("MeasurementUnitOID") == "MU.mmHg"
    history = values_of(odm(design, context, casebook, history=True), "I.VS.SYSBP")
    assert [(one.get("TransactionType"), one.get("Value")) for one in history] == [("Insert", "150"), ("Update", "155")]


def test_cleared_value_is_removed_and_may_be_inserted_again(design: StudyDesign, context: ExportContext) -> None:
    laptop = Laptop(seed=1)
    subject, added = laptop.add_subject()
    key = form_key(subject)
    one = laptop.save(key, set_item("SYSBP", "150", group="IG.VS.BP1"))
    two = laptop.save(key, set_item("SYSBP", None, one, group="IG.VS.BP1"))
    three = laptop.save(key, set_item("SYSBP", "151", two, group="IG.VS.BP1"))
    casebook = project(subject, [added, one, two, three])
    history = values_of(odm(design, context, casebook, history=True), "I.VS.SYSBP")
    assert [line.get("TransactionType") for line in history] == ["Insert", "Remove", "Insert"]


def test_missing_code_is_null_with_its_code_beside_it(design: StudyDesign, context: ExportContext) -> None:
    laptop = Laptop(seed=1)
    subject, added = laptop.add_subject()
    path = ItemPath(group="IG.VS.BP1", item="SYSBP")
    saved = laptop.save(form_key(subject), SetItem(path=path, reading=Reading(missing=MissingCode.NOT_DONE)))
    (value,) = values_of(odm(design, context, project(subject, [added, saved])), "I.VS.SYSBP")
    assert (value.get("IsNull"), value.get("Value")) == ("Yes", None)
    assert value.findtext(f"{ODM}Annotation/{ODM}Flag/{ODM}FlagValue") == "ND"


def test_struck_row_is_gone_from_the_snapshot_and_removed_in_the_history(
    design: StudyDesign, context: ExportContext
) -> None:
    laptop = Laptop(seed=1)
    subject, added = laptop.add_subject()
    key = form_key(subject, "F.CM", "SE.LOG")
    row = "ROWAAAAAAAAAAAAA"
    path = ItemPath(group="IG.CM.MED", item="CMTRT", row=row)
    filled = laptop.save(key, AddRow(group="IG.CM.MED", row=row), SetItem(path=path, reading=Reading(value="Aspirin")))
    struck = laptop.save(key, StrikeRow(group="IG.CM.MED", row=row, reason="WRONGPLACE"))
    casebook = project(subject, [added, filled, struck])
    assert not values_of(odm(design, context, casebook), "I.CM.CMTRT")
    groups = [
        one
        for one in odm(design, context, casebook, history=True).iter(f"{ODM}ItemGroupData")
        if one.get("ItemGroupRepeatKey")
    ]
    assert [one.get("TransactionType") for one in groups] == ["Insert", "Remove"]
    assert groups[1].findtext(f"{ODM}AuditRecord/{ODM}ReasonForChange") == "WRONGPLACE"


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (DataType.DATE, "2026-03-01", ("2026-03-01", "")),
        (DataType.DATE, "1958-04---", ("1958-04", "")),
        (DataType.DATE, "1958------", ("1958", "")),
        (DataType.DATETIME, "2026-03-01T14:30+08:00", ("2026-03-01T14:30+08:00", "")),
        (DataType.DATETIME, "2026-03-01T--:--+08:00", ("2026-03-01", "")),
        (DataType.QUANTITY, "<0.01 mmol/L", ("<0.01", "mmol/L")),
        (DataType.QUANTITY, "90 mg/dl", ("90", "mg/dL")),
        (DataType.QUANTITY, "5", ("5", "mmol/L")),
        (DataType.QUANTITY, "5.4 cups", ("5.4 cups", "")),
        (DataType.DECIMAL, "-1.50", ("-1.50", "mmol/L")),
        (DataType.TEXT, "=1+1", ("=1+1", "")),
        (DataType.CODES, "A B", ("A B", "")),
    ],
)
def test_a_value_in_the_words_of_odm(kind: DataType, text: str, expected: tuple[str, str]) -> None:
    units = (UnitFactor(unit="mmol/L"), UnitFactor(unit="mg/dL", divide=Decimal("18.016")))
    item = Item(name="X", oid="I.X.X", label=Text({"en": "X"}), data_type=kind, units=units)
    assert (odm_value(item, text).text, odm_value(item, text).unit) == expected


def test_a_file_that_does_not_follow_the_schema_is_refused() -> None:
    with pytest.raises(ExportInvalidError):
        refuse_unless_valid(io.BytesIO(b'<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3"/>'))


def test_no_type_of_item_is_without_an_odm_type() -> None:
    assert set(ODM_TYPES) == set(DataType) - {DataType.INK}
