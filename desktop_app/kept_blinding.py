"""What a laptop has once kept from blinded people stays kept from them, whatever the study's files say later.

The study definition lies on the laptop in the clear, and which one is opened is told by a file beside the vault:
somebody blinded could put one there that shows them more. So the unblinding shelf, which they cannot write,
keeps the list with which it was opened first. What is not on that list lies in the unblinding shelf for ever;
a role that was blinded stays so. A later list may show less, never more.

Source: docs/threat_model.md; docs/adr/0019.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from casebook.canonical import Value, decode_object, encode, list_of
from casebook.design import Blinding, StudyDesign, Text
from casebook.errors import BlindingDroppedError
from casebook.store.slots import Unlocked
from casebook.sync.trust import Directory
from desktop_app.record import Record

KEPT = "blinding"
"""A fact of the unblinding shelf: what blinded people may see at the most."""

SHOWS_MORE = Text(
    {
        "en": "The study definition on this laptop would show blinded assessors more than it did before. What was kept "
        "from them stays so. Tell the data manager.",
        "zh": "本机上的研究定义会向盲态评估者公开更多内容。此前不公开的内容仍不公开。请告知数据管理员。",
    }
)


@dataclass(frozen=True, slots=True)
class _Most:
    """What blinded people may see at the most. `blinded`: the roles that do not see what is unblinding."""

    forms: frozenset[str]
    items: frozenset[str]
    blinded: frozenset[str]

    @classmethod
    def of(cls, designs: Sequence[StudyDesign]) -> "_Most":
        lists = [one.blinding for one in designs if one.blinding is not None]
        return cls(
            forms=frozenset().union(*(one.forms for one in lists)),
            items=frozenset().union(*(one.items for one in lists)),
            blinded=frozenset(role.oid for one in designs for role in one.roles if not role.sees_unblinding),
        )

    def text(self) -> str:
        fields: dict[str, Value] = {
            "f": [*sorted(self.forms)],
            "i": [*sorted(self.items)],
            "b": [*sorted(self.blinded)],
        }
        return encode(fields).decode("utf-8")

    @classmethod
    def read(cls, text: str) -> "_Most":
        record = decode_object(text.encode("utf-8"))
        forms, items, blinded = (frozenset(str(one) for one in list_of(record, name)) for name in ("f", "i", "b"))
        return cls(forms, items, blinded)

    def bound(self, design: StudyDesign) -> StudyDesign:
        """Return a version of the study that shows no more than this; the same object where it shows no more."""
        asked = design.blinding or Blinding(forms=self.forms, items=self.items)
        items = frozenset(one for one in asked.items if one in self.items or one.partition(":")[0] in self.forms)
        kept = replace(asked, forms=asked.forms & self.forms, items=items, assessed=asked.assessed & self.forms)
        roles = tuple(
            replace(role, sees_unblinding=False) if role.oid in self.blinded and role.sees_unblinding else role
            for role in design.roles
        )
        return (
            design if (kept, roles) == (design.blinding, design.roles) else replace(design, blinding=kept, roles=roles)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBlinding:
    """The versions of the study as a session works with them. `notice`: that one of them would show more."""

    designs: tuple[StudyDesign, ...]
    notice: Text | None = None


def refuse_dropped_blinding(design: StudyDesign, directory: Directory, unlocked: Unlocked) -> None:
    """Refuse a study definition that blinds nobody where the person's own key or the server's word says otherwise.

    Args:
        directory: What the server stated and signed.

    Raises:
        BlindingDroppedError: What is entered would lie open to blinded people.
    """
    if design.blinding is not None:
        return
    holds = unlocked.unblinding_key is not None or unlocked.offer is not None
    if holds or any(not member.sees_unblinding for member in directory.everybody()):
        raise BlindingDroppedError


def keep_blinding(designs: Sequence[StudyDesign], record: Record) -> KeptBlinding:
    """Return the versions of the study bounded by what this laptop kept from blinded people first.

    Args:
        designs: The study as it is released now, then its earlier versions.
        record: Where the unblinding shelf is not open, nothing is changed.
    """
    if not record.opens_unblinding:
        return KeptBlinding(designs=tuple(designs))
    known = record.home.setting(KEPT)
    if known is None:
        record.home.set_setting(KEPT, _Most.of(designs).text())
        return KeptBlinding(designs=tuple(designs))
    most = _Most.read(known)
    bounded = tuple(most.bound(one) for one in designs)
    shows_more = any(before is not after for before, after in zip(designs, bounded, strict=True))
    return KeptBlinding(designs=bounded, notice=SHOWS_MORE if shows_more else None)
