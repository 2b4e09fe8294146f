"""What of a record may leave: everything but compartment I.

Identity forms, identity items, ink and documents are left out wherever they might show: definitions,
values, audit trail, findings. What a later or earlier definition asked and this one does not know is left
out too, since nobody can tell here whether it was identity.

Source: docs/adr/0005; docs/threat_model.md.
"""

from collections.abc import Iterator

from casebook.design import DataType, Form, Item, ItemGroup, StudyDesign
from casebook.records import ItemPath
from casebook.references import Reference, parse


def leaves(form: Form, item: Item) -> bool:
    """Tell whether an item's values may leave."""
    return not (form.identity or item.identity or item.data_type is DataType.INK)


def items_of(form: Form, group: ItemGroup) -> tuple[Item, ...]:
    """Return the items of a group that may leave."""
    return tuple(item for item in group.items if leaves(form, item))


def groups_of(form: Form) -> Iterator[tuple[ItemGroup, tuple[Item, ...]]]:
    """Yield the groups of a form with the items that may leave; groups without any are left out."""
    for group in form.groups:
        if items := items_of(form, group):
            yield group, items


def forms_of(design: StudyDesign) -> tuple[Form, ...]:
    """Return the forms of which anything may leave, in the order in which the visits plan them."""
    planned = [one.form for visit in design.visits for one in visit.forms]
    order = dict.fromkeys([*planned, *design.forms])
    return tuple(design.forms[oid] for oid in order if oid in design.forms and any(groups_of(design.forms[oid])))


def item_at(form: Form | None, path: ItemPath) -> Item | None:
    """Return the item at a place of a form if its values may leave, else None."""
    if form is None:
        return None
    try:
        group, item = form.find(path.item)
    except KeyError:
        return None
    return item if group.oid == path.group and leaves(form, item) else None


def reference_leaves(design: StudyDesign, name: str) -> bool:
    """Tell whether the item that a name such as `F.X:WHEN` stands for may leave."""
    reference = parse(name)
    if not isinstance(reference, Reference) or reference.form not in design.forms:
        return False
    form = design.forms[reference.form]
    try:
        _, item = form.find(reference.item)
    except KeyError:
        return False
    return leaves(form, item)
