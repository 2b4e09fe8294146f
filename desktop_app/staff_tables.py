"""The delegation log and what each role may do, as tables for the screen and for paper, in every language.

Pure functions; the drawing is `casebook.paper.table_document`'s.
"""

import hashlib
from collections.abc import Iterable, Mapping

from casebook.design import RIGHTS, Role, StudyDesign, Text
from casebook.errors import LANGUAGES
from casebook.paper.table import Cell, Table
from casebook.rights import ACT_WORDS, FORM_ACTS, matrix
from desktop_app.staff_snapshots import DelegationRow, DelegationView, Duty, MatrixRow, MatrixView, RoleChoice

YES = "+"
"""A role has a right in full."""
_MOST_FORMS = 3
"""So many forms are named; of more, what is left out or how many they are."""


def _both(en: str, zh: str) -> Text:
    return Text({"en": en, "zh": zh})


def _same(text: str) -> Text:
    return Text(dict.fromkeys(LANGUAGES, text))


DELEGATION_TITLE = _both("Delegation log", "授权分工表")
ROLES_TITLE = _both("What each role may do", "各角色权限")
_SEES: Mapping[str, Text] = {
    "identity": _both("see names and contact details", "查看姓名与联系方式"),
    "unblinding": _both("see what could tell the treatment", "查看可能揭示治疗分组的内容"),
}
_NOTHING, _FULL = _same(""), _same(YES)


# -- words ------------------------------------------------------------------------------------------------


def duties_of(rights: Iterable[str]) -> tuple[Duty, ...]:
    """Return rights in words, in the order of the study file's rights."""
    wanted = frozenset(rights)
    return tuple(Duty(right=right, label=ACT_WORDS[right]) for right in RIGHTS if right in wanted)


def choice_of(role: Role) -> RoleChoice:
    """Return a role as somebody is invited or delegated in it."""
    return RoleChoice(oid=role.oid, label=role.label, duties=duties_of(role.rights))


# -- roles ------------------------------------------------------------------------------------------------


def matrix_view(design: StudyDesign) -> MatrixView:
    """Return what each role may do and see; acts on forms say on which, where it is not on all."""
    table = matrix(design)
    rows = [
        MatrixRow(
            right=right,
            label=ACT_WORDS[right],
            cells=tuple(_cell(design, role, right, table) for role in design.roles),
        )
        for right in RIGHTS
    ]
    for name, label in _SEES.items():
        seen = (role.sees_identity if name == "identity" else role.sees_unblinding for role in design.roles)
        rows.append(
            MatrixRow(right=f"sees_{name}", label=label, cells=tuple(_FULL if one else _NOTHING for one in seen))
        )
    return MatrixView(roles=tuple(role.label for role in design.roles), rows=tuple(rows))


def _cell(design: StudyDesign, role: Role, right: str, table: Mapping[tuple[str, str, str], bool]) -> Text:
    if right not in FORM_ACTS:
        return _FULL if table[role.oid, right, ""] else _NOTHING
    forms = [form for form in design.forms if table[role.oid, right, form]]
    if not forms:
        return _NOTHING
    if len(forms) == len(design.forms):
        return _FULL
    left = [form for form in design.forms if form not in forms]
    if len(left) <= _MOST_FORMS:
        names = _names(design, left)
        return _both(f"all forms but {names('en')}", f"除{names('zh')}外的所有表单")
    if len(forms) <= _MOST_FORMS:
        return _names(design, forms)
    return _both(f"{len(forms)} of {len(design.forms)} forms", f"{len(design.forms)} 个表单中的 {len(forms)} 个")


def _names(design: StudyDesign, forms: Iterable[str]) -> Text:
    labels = [design.form(form).label for form in forms]
    return Text({one: ("、" if one == "zh" else ", ").join(label(one) for label in labels) for one in LANGUAGES})


def matrix_table(view: MatrixView, site: str, site_name: str) -> Table:
    """Return the matrix for paper: rights down, who has them beside."""
    rows = tuple((Cell(lines=(row.label,), bold=True), Cell(lines=_who(view, row))) for row in view.rows)
    return Table(
        kind="ROLES",
        title=ROLES_TITLE,
        subject=site,
        site=f"{site} {site_name}".strip(),
        about=(
            _both(
                "As the study says. At a site with a delegation log, delegated roles need an entry of the day too.",
                "依研究规定。中心建立授权分工表后，需授权的角色还须有当日有效的授权。",
            ),
        ),
        headings=(_both("Right", "权限"), _both("Who has it", "具备该权限的角色")),
        shares=(0.3, 0.7),
        rows=rows,
        record_state=hashlib.sha256(repr(view).encode()).hexdigest()[:16],
    )


def _who(view: MatrixView, row: MatrixRow) -> tuple[Text, ...]:
    """Return one line for those who have a right in full, and one for each who has it in part."""
    full = [role for role, cell in zip(view.roles, row.cells, strict=True) if cell("en") == YES]
    part = [(role, cell) for role, cell in zip(view.roles, row.cells, strict=True) if cell("en") not in {"", YES}]
    lines = [_listed(full)] if full else []
    lines += [_both(f"{role('en')}: {cell('en')}", f"{role('zh')}：{cell('zh')}") for role, cell in part]
    return tuple(lines) or (_both("nobody", "无"),)


def _listed(roles: Iterable[Text]) -> Text:
    found = list(roles)
    return Text({one: ("、" if one == "zh" else ", ").join(role(one) for role in found) for one in LANGUAGES})


# -- delegation -------------------------------------------------------------------------------------------


def delegation_table(view: DelegationView, site: str, site_name: str) -> Table:
    """Return the delegation log for paper, the first entry first."""
    rows = tuple(_entry(row) for row in reversed(view.rows))
    state = hashlib.sha256("\n".join(f"{row.entry} {row.end}" for row in view.rows).encode()).hexdigest()
    none = _both("No entry yet.", "尚无授权记录。")
    counted = _both(
        f"Entries: {len(rows)}, of which {sum(row.standing for row in view.rows)} stand on {view.today}.",
        f"共 {len(rows)} 条，其中 {sum(row.standing for row in view.rows)} 条在 {view.today} 有效。",
    )
    return Table(
        kind="DELEGATION",
        title=DELEGATION_TITLE,
        subject=site,
        site=f"{site} {site_name}".strip(),
        about=(counted if rows else none,),
        headings=(
            _both("Person, role", "人员、角色"),
            _both("Duties", "职责"),
            _both("From", "自"),
            _both("To", "至"),
            _both("Signed by, at", "签署人、时间"),
        ),
        shares=(0.22, 0.30, 0.11, 0.11, 0.26),
        rows=rows,
        record_state=state[:16],
    )


def _entry(row: DelegationRow) -> tuple[Cell, ...]:
    duties = tuple(duty.label for duty in row.duties) or (_both("everything the role may", "该角色的全部职责"),)
    signed = [_same(row.signed_by), _same(f"{row.signed_at:%Y-%m-%d %H:%M}"), row.time]
    if row.ended_by:
        signed.append(_both(f"ended by {row.ended_by}: {row.why_ended}", f"终止：{row.ended_by}，{row.why_ended}"))
    return (
        Cell(lines=(_same(row.person), row.role_label), bold=row.standing),
        Cell(lines=duties),
        Cell(lines=(_same(str(row.start)),)),
        Cell(lines=(_same(str(row.end)) if row.end is not None else _both("open", "未终止"),)),
        Cell(lines=tuple(signed)),
    )
