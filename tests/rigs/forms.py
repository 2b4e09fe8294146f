"""The little study of the rigs: two forms of shelf S, one of shelf U, and where entries go."""

from dataclasses import dataclass

from casebook.design import DataType, Form, Item, ItemGroup, Text
from casebook.ids import SubjectId
from casebook.ledger import STANDARD, UNBLINDING
from casebook.records import FormKey, ItemPath, VisitKey

_NAME = Text({"en": "name", "zh": "名称"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where one entry goes: an item, or all items of a group that is taken at one sitting."""

    form: str
    paths: tuple[ItemPath, ...]
    shelf: str = STANDARD
    is_sitting: bool = False

    def key(self, subject: SubjectId) -> FormKey:
        """Return the form instance of a subject."""
        return FormKey(subject=subject, visit=VisitKey(visit="SE.V1"), form=self.form)


def _group(oid: str, *items: str, sitting: bool = False) -> ItemGroup:
    made = tuple(Item(name=one, oid=f"I.{one}", label=_NAME, data_type=DataType.TEXT) for one in items)
    return ItemGroup(oid=oid, label=_NAME, items=made, sitting=sitting)


FORMS = {
    form.oid: form
    for form in (
        Form(oid="F.VS", label=_NAME, groups=(_group("IG.VS", "PULSE", "TEMP"),)),
        Form(oid="F.BP", label=_NAME, groups=(_group("IG.BP", "SYSBP", "DIABP", sitting=True),)),
        Form(oid="F.DRUG", label=_NAME, groups=(_group("IG.DRUG", "DOSE"),)),
    )
}
PLACES = (
    Place("F.VS", (ItemPath(group="IG.VS", item="PULSE"),)),
    Place("F.VS", (ItemPath(group="IG.VS", item="TEMP"),)),
    Place("F.BP", (ItemPath(group="IG.BP", item="SYSBP"), ItemPath(group="IG.BP", item="DIABP")), is_sitting=True),
    Place("F.DRUG", (ItemPath(group="IG.DRUG", item="DOSE"),), shelf=UNBLINDING),
)
