"""What may be told to a blinded assessor: the study as their session knows it, and where each operation lies.

An allow-list, never a deny-list: a form is open only where the study says so, and whatever else is entered of a
subject lies in the unblinding shelf from the first entry on. A blinded session is given a study that holds
nothing but what is open, so that no list, count, status, finding or paper can be drawn from anything else.

Source: clinical content, section 0.0 ("blinded assessor"); docs/threat_model.md; docs/record_format.md.
"""

from collections.abc import Iterable
from dataclasses import replace

from casebook.design import Form, PlannedForm, Role, StudyDesign, Visit
from casebook.ledger import IDENTITY, STANDARD, UNBLINDING, UNBLINDING_IDENTITY
from casebook.records import OTHER_REASON, Calculated, Confirmation, Fired, Note, Operation, SetItem
from casebook.references import OF_ELIGIBILITY, OF_FORM, Pseudo, PseudoKind, Reference, parse
from casebook.rules import names_in
from casebook.timelines import Timeline

_OF_FINDINGS = frozenset({PseudoKind.HARD, PseudoKind.OPEN_HARD, PseudoKind.OPEN_SOFT})


# -- the study as a blinded session knows it ---------------------------------------------------------------


def for_blinded(design: StudyDesign) -> StudyDesign:
    """Return what of a study a session without the unblinding shelf works with.

    It has the open forms, and those of which single items are open; the latter stand at no visit.
    Rules of statuses and anchors stay where all that they look at is open. Criteria are gone, and deviations
    where their form is not open. A study that blinds nobody is returned as it is.
    """
    if design.blinding is None:
        return design
    carriers = carriers_of(design)
    forms = {oid: form for oid, form in design.forms.items() if design.is_open(oid)}
    forms |= {oid: _carrier(design.form(oid)) for oid in sorted(carriers)}
    deviations, approvals = design.deviations, design.approvals
    return replace(
        design,
        forms=forms,
        visits=tuple(_visit(design, one) for one in design.visits if _has_open(one, design, carriers)),
        anchors={
            name: kept
            for name, items in design.anchors.items()
            if (kept := tuple(one for one in items if _is_open_name(design, one)))
        },
        status_rules=tuple(rule for rule in design.status_rules if _are_open(design, names_in(rule.when))),
        criteria=(),
        same=tuple(names for names in design.same if _are_open(design, names)),
        timeline=_timeline(design, design.timeline),
        consents=(),
        deviations=deviations if deviations is not None and design.is_open(deviations.form) else None,
        approvals=approvals if approvals is not None and design.is_open(approvals.form) else None,
    )


def _timeline(design: StudyDesign, timeline: Timeline | None) -> Timeline | None:
    """Return what of a timeline is drawn from open items alone; nothing says that there is more."""
    if timeline is None:
        return None
    events = tuple(one for one in timeline.events if _is_open_name(design, one.item))
    plots = tuple(one for one in timeline.plots if design.is_open(one.item.partition(":")[0]))
    since = timeline.since if timeline.since in {one.name for one in events} else ""
    return replace(timeline, events=events, plots=plots, since=since)


def carriers_of(design: StudyDesign) -> frozenset[str]:
    """Return the forms that are not open and have items that are; such a form is never shown to the blinded."""
    items = design.blinding.items if design.blinding is not None else frozenset()
    named = {name.partition(":")[0] for name in items}
    return frozenset(form for form in named if form in design.forms and not design.is_open(form))


def _carrier(form: Form) -> Form:
    """Return a form of which single items are open: its questions stay, since rules name them; values have none."""
    return replace(form, checks=(), consent=False, document=None)


def _has_open(visit: Visit, design: StudyDesign, carriers: frozenset[str]) -> bool:
    return any(design.is_open(one.form) or one.form in carriers for one in visit.forms)


def _visit(design: StudyDesign, visit: Visit) -> Visit:
    return replace(visit, forms=tuple(_plan(design, one) for one in visit.forms if design.is_open(one.form)))


def _plan(design: StudyDesign, planned: PlannedForm) -> PlannedForm:
    """Return a planned form without a condition that could tell what is not open."""
    if planned.when is None or _are_open(design, names_in(planned.when)):
        return planned
    return replace(planned, when=None)


def _are_open(design: StudyDesign, names: Iterable[str]) -> bool:
    return all(_is_open_name(design, name) for name in names)


def _is_open_name(design: StudyDesign, name: str) -> bool:
    match parse(name):
        case Reference(form=form, item=item):
            return not form or design.is_open_item(form, item)
        case Pseudo(kind=kind) if kind in OF_ELIGIBILITY or kind in _OF_FINDINGS:
            return False
        case Pseudo(kind=kind, form=form) if kind in OF_FORM:
            return design.is_open(form)
        case _:
            return True


# -- where an operation lies -------------------------------------------------------------------------------


def compartment_of(design: StudyDesign, form: str | None, operation: Operation, *, sealed: bool, shelf: str) -> str:
    """Return the compartment of an operation.

    Args:
        form: The form's OID; None for one that no known version has.
        sealed: It belongs to the identity compartment.
        shelf: Where its draft lies. What a session without the unblinding shelf writes can tell nothing that
            lies there, and is standard throughout. What one with it writes may rest on everything: findings and
            their confirmations, and derived values, lie there whatever form they are about.
    """
    open_ = shelf == STANDARD or design.blinding is None or (form is not None and _is_open(design, form, operation))
    if open_:
        return IDENTITY if sealed else STANDARD
    return UNBLINDING_IDENTITY if sealed else UNBLINDING


def compartment_of_attachment(design: StudyDesign, form: str, *, shelf: str) -> str:
    """Return the compartment of a file that is attached to a form: always sealed to the site, for its names.

    Args:
        shelf: The home of the session that attaches it.
    """
    open_ = shelf == STANDARD or design.blinding is None or design.is_open(form)
    return IDENTITY if open_ else UNBLINDING_IDENTITY


def _is_open(design: StudyDesign, form: str, operation: Operation) -> bool:
    if isinstance(operation, Fired | Confirmation | Calculated | Note):
        return False
    return design.is_open(form) or is_disclosed(design, form, operation)


def is_disclosed(design: StudyDesign, form: str, operation: Operation) -> bool:
    """Tell whether an operation sets a single open item of a form that is not open."""
    return (
        isinstance(operation, SetItem)
        and not operation.path.row
        and not design.is_open(form)
        and design.is_open_item(form, operation.path.item)
    )


def reason_apart(design: StudyDesign, operation: SetItem) -> tuple[SetItem, Note | None]:
    """Return a disclosed change with a reason that is no more than a code, and the words that go elsewhere."""
    codes = {one.value for one in (*design.reasons, *design.absences)}
    if operation.reason is None or operation.reason in codes:
        return operation, None
    return replace(operation, reason=OTHER_REASON), Note(path=operation.path, text=operation.reason)


# -- who enters what ---------------------------------------------------------------------------------------


def may_enter(design: StudyDesign, role: Role | None, form: str, *, opens_unblinding: bool = True) -> bool:
    """Tell whether a role enters a form.

    Args:
        opens_unblinding: Whether the session holds what the form's shelf needs.
    """
    if role is None or "enter" not in role.rights or (role.enters and form not in role.enters):
        return False
    if design.blinding is not None and form in design.blinding.assessed and role.sees_unblinding:
        return False
    return _sees(design, role, form, opens_unblinding=opens_unblinding)


def may_answer(design: StudyDesign, role: Role | None, form: str, *, opens_unblinding: bool = True) -> bool:
    """Tell whether a role answers findings of a form: also of an assessed one, and apart from the blinded.

    Args:
        opens_unblinding: As for `may_enter`.
    """
    if role is None or "answer" not in role.rights:
        return False
    return _sees(design, role, form, opens_unblinding=opens_unblinding)


def _sees(design: StudyDesign, role: Role, form: str, *, opens_unblinding: bool) -> bool:
    return design.is_open(form) or (role.sees_unblinding and opens_unblinding)
