"""Which items and checks of a study look at which, across its forms.

A node is an item of a form, or a check of a form by `!` and its id. Nodes that wait for each other in a
circle are *entangled*: inside such a circle a derived item is seen as empty, any other as it was entered,
and a count of findings leaves out the circle's own checks. So no value depends on which form was asked first.
Checks and items that rest on counts of findings are *counting*: they are worked out after the others.

Source: docs/study_files.md, section "Names of items"; docs/adr (the whole study).
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from casebook.checks import FormIndex
from casebook.design import Form, Item, Severity, StudyDesign, VisitKind
from casebook.records import ItemPath
from casebook.references import OF_ELIGIBILITY, Pseudo, PseudoKind, Reference, parse
from casebook.rules import names_in

Node = tuple[str, str]
"""A form's OID, and an item's name or `!` and a check's id."""

_DATED = frozenset({PseudoKind.VISITED, PseudoKind.PREVIOUS_VISITED, PseudoKind.VISIT_STATUS})
_COUNTED = frozenset({PseudoKind.HARD, PseudoKind.OPEN_HARD, PseudoKind.OPEN_SOFT})
_DATES: Node = ("*", "dates")
_CRITERION = "criterion "


class Plan:
    """A study design read once for its subjects: order, places, and what depends on what."""

    def __init__(self, design: StudyDesign) -> None:
        """Read the design."""
        self.design = design
        self.index = {oid: FormIndex(form) for oid, form in design.forms.items()}
        self.visits = {visit.oid: place for place, visit in enumerate(design.visits)}
        self.kinds = {visit.oid: visit.kind for visit in design.visits}
        self.occasions = {
            (visit.oid, one.form, one.occasion): place
            for visit in design.visits
            for place, one in enumerate(visit.forms)
        }
        at_sites = {one.form for visit in design.visits if visit.kind is VisitKind.SITE for one in visit.forms}
        elsewhere = {one.form for visit in design.visits if visit.kind is not VisitKind.SITE for one in visit.forms}
        self.site_forms = frozenset(at_sites - elsewhere)
        self.dated = {oid: _dated(form) for oid, form in design.forms.items()}
        edges = self._edges()
        self._circles = _circles(edges)
        self._counting = _reaching(
            edges, {node for node, ahead in edges.items() if any(_is_count(one) for one in ahead)}
        )

        self.counting_forms = frozenset(form for form, _ in self._counting)

    def circle(self, form: str, name: str) -> int:
        """Return the number of the circle to which a node belongs; 0 for none."""
        return self._circles.get((form, name), 0)

    def counting(self, form: str, name: str) -> bool:
        """Tell whether a node rests on counts of findings."""
        return (form, name) in self._counting

    def _edges(self) -> dict[Node, set[Node]]:
        edges: dict[Node, set[Node]] = {_DATES: set()}
        for severity in Severity:
            edges["*", f"#{severity}"] = set()
        for oid, form in self.design.forms.items():
            edges[oid, f"#{Severity.HARD}"] = {
                (oid, f"!{check.id}") for check in form.checks if check.severity is Severity.HARD
            }
            for group in form.groups:
                for item in group.items:
                    edges[oid, item.name] = self._ahead(oid, _names_of(item))
                    if item.visit_time:
                        edges[_DATES].add((oid, item.name))
            for check in form.checks:
                node = (oid, f"!{check.id}")
                edges[node] = edges.get(node, set()) | self._ahead(oid, (check.item, *names_in(check.fires_when)))
                edges["*", f"#{check.severity}"].add(node)
        for one in self.design.criteria:
            waiver = names_in(one.waived_when) if one.waived_when is not None else ()
            edges["*", f"{_CRITERION}{one.id}"] = self._ahead("", (*names_in(one.rule), *one.needs, *waiver))
        for references in self.design.anchors.values():
            edges[_DATES] |= self._ahead("", references)
        return edges

    def _ahead(self, form: str, names: Iterable[str]) -> set[Node]:
        found: set[Node] = set()
        for name in names:
            match parse(name):
                case Reference() as one:
                    found.add((one.form or form, one.item))
                case Pseudo(kind=kind) if kind in _DATED:
                    found.add(_DATES)
                case Pseudo(kind=PseudoKind.REPORTED, item=item):
                    found.add((form, item))
                case Pseudo(kind=PseudoKind.CRITERION, item=item):
                    found.add(("*", f"{_CRITERION}{item}"))
                case Pseudo(kind=kind) if kind in OF_ELIGIBILITY:
                    found |= {("*", f"{_CRITERION}{one.id}") for one in self.design.criteria}
                case Pseudo(kind=PseudoKind.HARD, form=other):
                    found.add((other, f"#{Severity.HARD}"))
                case Pseudo(kind=PseudoKind.OPEN_HARD):
                    found.add(("*", f"#{Severity.HARD}"))
                case Pseudo(kind=PseudoKind.OPEN_SOFT):
                    found.add(("*", f"#{Severity.SOFT}"))
                case _:
                    pass
        return found


def _is_count(node: Node) -> bool:
    return node[1].startswith("#")


def _names_of(item: Item) -> tuple[str, ...]:
    names = names_in(item.relevant_when) if item.relevant_when is not None else ()
    return (*names, *(item.derivation.items if item.derivation is not None else ()))


def _dated(form: Form) -> tuple[ItemPath, ...]:
    """Return the items outside repeating groups that hold a visit's actual date and time."""
    return tuple(
        ItemPath(group=group.oid, item=item.name)
        for group in form.groups
        for item in group.items
        if item.visit_time and not group.repeating
    )


def _circles(edges: Mapping[Node, set[Node]]) -> dict[Node, int]:
    """Return the nodes that wait for each other or for themselves, by the number of their circle, from 1."""
    ahead, behind = _closed(edges)
    order = _finished(ahead)
    circles: dict[Node, int] = {}
    placed: set[Node] = set()
    number = 0
    for start in reversed(order):
        if start in placed:
            continue
        members = _collect(start, behind, placed)
        if len(members) > 1 or start in ahead[start]:
            number += 1
            circles |= dict.fromkeys(members, number)
    return circles


def _closed(edges: Mapping[Node, set[Node]]) -> tuple[dict[Node, set[Node]], dict[Node, set[Node]]]:
    ahead: dict[Node, set[Node]] = {node: set(ones) for node, ones in edges.items()}
    behind: dict[Node, set[Node]] = {node: set() for node in edges}
    for node, ones in edges.items():
        for one in ones:
            ahead.setdefault(one, set())
            behind.setdefault(one, set()).add(node)
    return ahead, behind


def _finished(ahead: Mapping[Node, set[Node]]) -> list[Node]:
    """Return the nodes in the order in which a walk leaves them (Kosaraju's first pass, without recursion)."""
    order: list[Node] = []
    seen: set[Node] = set()
    for start in sorted(ahead):
        if start in seen:
            continue
        seen.add(start)
        stack = [(start, iter(sorted(ahead[start])))]
        while stack:
            node, left = stack[-1]
            fresh = next((one for one in left if one not in seen), None)
            if fresh is None:
                order.append(node)
                stack.pop()
            else:
                seen.add(fresh)
                stack.append((fresh, iter(sorted(ahead[fresh]))))
    return order


def _collect(start: Node, behind: Mapping[Node, set[Node]], placed: set[Node]) -> list[Node]:
    members, waiting = [], [start]
    placed.add(start)
    while waiting:
        node = waiting.pop()
        members.append(node)
        for one in behind[node]:
            if one not in placed:
                placed.add(one)
                waiting.append(one)
    return members


def _reaching(edges: Mapping[Node, set[Node]], found: set[Node]) -> frozenset[Node]:
    """Return the nodes from which one of `found` can be reached, those included."""
    _, behind = _closed(edges)
    reached, waiting = set(found), list(found)
    while waiting:
        for one in behind[waiting.pop()]:
            if one not in reached:
                reached.add(one)
                waiting.append(one)
    return frozenset(reached)


class _Same:
    """A design by its identity: designs hold tables and cannot be hashed."""

    def __init__(self, design: StudyDesign) -> None:
        self.design = design

    def __hash__(self) -> int:
        return id(self.design)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.design is self.design


@lru_cache(maxsize=8)
def _plan(same: _Same) -> Plan:
    return Plan(same.design)


def plan_of(design: StudyDesign) -> Plan:
    """Return the plan of a design, made at the first question."""
    return _plan(_Same(design))
