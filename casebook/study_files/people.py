"""Roles, and what a blinded assessor may see, as they are written in `study.toml`.

Source: docs/study_files.md, section "study.toml"; 21 CFR 11.10(g); ICH E6(R3) 4.3.8.
"""

import re

from casebook.design import RIGHTS, Blinding, Role
from casebook.study_files.nodes import Node, Texts
from casebook.study_files.visits import checked_name, refuse_twice

_ROLE_OID = re.compile(r"ROLE\.[A-Z]{1,16}")
_COMPARTMENTS = ("standard", "identity", "unblinding")


def read_roles(root: Node, texts: Texts) -> tuple[Role, ...]:
    """Read the roles, their rights and what they see. Raises StudyFileError."""
    roles = []
    for node in root.nodes("role", required=True):
        with root.faults.gather():
            roles.append(_read_role(node, texts))
    with root.faults.gather():
        refuse_twice(root, [role.oid for role in roles])
    return tuple(roles)


def _read_role(node: Node, texts: Texts) -> Role:
    oid = node.text("oid")
    one = checked_name(node, oid, _ROLE_OID, "ROLE.COORDINATOR")
    rights = one.names("rights", required=True)
    _refuse_unknown(one, rights, RIGHTS, "right", "权限")
    sees = one.names("sees") or _COMPARTMENTS
    _refuse_unknown(one, sees, _COMPARTMENTS, "compartment", "数据分区")
    role = Role(
        oid=oid,
        label=texts.need(oid),
        rights=frozenset(rights),
        sees_identity="identity" in sees,
        sees_unblinding="unblinding" in sees,
        enters=frozenset(one.names("enters")),
        delegated=one.flag("delegated", default=False),
        of_study=one.choice("level", ("site", "study"), default="site") == "study",
    )
    one.finish()
    return role


def _refuse_unknown(node: Node, names: tuple[str, ...], known: tuple[str, ...], what: str, what_zh: str) -> None:
    listed = ", ".join(known)
    for name in names:
        if name not in known:
            node.fail(f"{name} is no {what}. Use {listed}.", f"{name} 不是{what_zh}。请使用 {listed}。")


def read_blinding(root: Node) -> Blinding | None:
    """Read what a blinded assessor may see; None where nobody is blinded. Raises StudyFileError."""
    node = root.node("blinding")
    if node is None:
        return None
    one = node.at("blinding")
    blinding = Blinding(
        forms=frozenset(one.names("forms", required=True)),
        items=frozenset(one.names("items")),
        assessed=frozenset(one.names("assessed")),
    )
    one.finish()
    return blinding
