"""Studies written in a few lines, for tests of the engine."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from casebook.design import (
    Check,
    DataType,
    Derivation,
    Form,
    Item,
    ItemGroup,
    PlannedForm,
    RaisedDeviation,
    Severity,
    StudyDesign,
    Text,
    Visit,
    VisitKind,
    Window,
)
from casebook.instances import Instance
from casebook.records import EMPTY, FormKey, ItemPath, Reading, VisitKey
from casebook.rule_kinds import (
    Compare,
    Exists,
    NoneOf,
    Rule,
)
from casebook.subject import Subject, nobody_has
from tests.filled_study import SUBJECT

NOW = datetime(2026, 6, 30, 4, 0, tzinfo=UTC)
RANDOMISED = "2026-03-01T10:00+08:00"


def words(text: str) -> Text:
    return Text({"en": text, "zh": text})


def item(
    name: str,
    kind: DataType = DataType.INTEGER,
    *,
    derivation: Derivation | None = None,
    relevant_when: Rule | None = None,
    visit_time: bool = False,
    unique: bool = False,
) -> Item:
    return Item(
        name=name,
        oid=f"I.{name}",
        label=words(name),
        data_type=kind,
        derivation=derivation,
        relevant_when=relevant_when,
        visit_time=visit_time,
        unique=unique,
    )


def group(oid: str, *items: Item, repeating: bool = False) -> ItemGroup:
    return ItemGroup(oid=oid, label=words(oid), items=items, repeating=repeating)


def check(
    name: str, about: str, rule: Rule, severity: Severity = Severity.HARD, *, deviation: RaisedDeviation | None = None
) -> Check:
    return Check(id=name, severity=severity, item=about, message=words(name), fires_when=rule, deviation=deviation)


def form(oid: str, *groups: ItemGroup, checks: Iterable[Check] = ()) -> Form:
    return Form(oid=oid, label=words(oid), groups=groups, checks=tuple(checks))


def first(*names: str) -> Derivation:
    return Derivation(function="first_known", items=names)


def visit(
    oid: str, *forms: str | PlannedForm, kind: VisitKind = VisitKind.SCHEDULED, window: Window | None = None
) -> Visit:
    planned = tuple(one if isinstance(one, PlannedForm) else PlannedForm(form=one, need="x") for one in forms)
    return Visit(oid=oid, label=words(oid), short=words(oid), forms=planned, kind=kind, window=window or Window())


def study(forms: Iterable[Form], visits: Iterable[Visit]) -> StudyDesign:
    return StudyDesign(
        utc_offset_minutes=480,
        oid="ST.T",
        code="T1",
        name=words("t"),
        protocol="P",
        version="0" * 64,
        label="1",
        visits=tuple(visits),
        forms={one.oid: one for one in forms},
        code_lists={},
        roles=(),
        reasons=(),
    )


def at(oid: str, where: str = "SE.V1", repeat: str = "") -> FormKey:
    return FormKey(subject=SUBJECT, visit=VisitKey(visit=where), form=oid, repeat=repeat)


def holds(design: StudyDesign, key: FormKey, **values: str) -> Instance:
    """Return an instance; `NAME__row` is the item NAME in a row."""
    readings: dict[ItemPath, Reading] = {}
    rows: dict[str, tuple[str, ...]] = {}
    for named, value in values.items():
        name, _, row = named.partition("__")
        home, _ = design.form(key.form).find(name)
        readings[ItemPath(group=home.oid, item=name, row=row)] = Reading(value=value)
        if row and row not in rows.get(home.oid, ()):
            rows[home.oid] = (*rows.get(home.oid, ()), row)
    return Instance(key=key, readings=readings, rows=rows, known_at=dict.fromkeys(readings, NOW), last_change=NOW)


def read(
    design: StudyDesign,
    *instances: Instance,
    site: Subject | None = None,
    taken: Callable[[str, str], bool] = nobody_has,
) -> Subject:
    forms = {one.key: one for one in instances}
    return Subject(design=design, id=SUBJECT, instances=forms, now=NOW, site=site, taken=taken)


def shown(subject: Subject, key: FormKey, name: str) -> str | None:
    home, _ = subject.design.form(key.form).find(name)
    return subject.values(key).get(ItemPath(group=home.oid, item=name), EMPTY).value


def fired(subject: Subject, key: FormKey) -> list[str]:
    return [one.check for one in subject.findings(key)]


NUMBERS = form("F.N", group("IG.N", item("A"), item("B"), item("WHEN", DataType.DATETIME, visit_time=True)))


LOG = form(
    "F.LOG",
    group("IG.LOG", item("NO"), item("LINK"), repeating=True),
    checks=[
        check("EC1", "NO", Exists(form="F.LOG", group="IG.LOG", where=Compare(item="LINK", op="eq", other="^NO"))),
        check("EC2", "LINK", NoneOf(rules=(Exists(group="IG.LOG", where=Compare(item="NO", op="eq", other="^LINK")),))),
    ],
)
