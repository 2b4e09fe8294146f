"""The second shelf at sign-in: who opens it, who makes its key, who is still to be handed it.

Whether a person sees what could tell the treatment is told by the study's server, not by the key file: a
blinded colleague holds the vault key and could write another role there. A blinded session never looks at the
second folder.

Source: docs/threat_model.md; docs/store.md, sections "Shelves" and "Keys".
"""

from dataclasses import dataclass

from casebook.clock import Clock
from casebook.crypto import SigningKey
from casebook.design import Role, StudyDesign, Text
from casebook.errors import LANGUAGES, CasebookError, GrantRefusedError
from casebook.ids import DeviceId, UserId
from casebook.store.healing import OpenStore, create_store, open_store
from casebook.store.slots import KeySlots, Unlocked, VaultPerson
from casebook.store.vault_files import VaultFolder
from casebook.sync.trust import Directory

MADE = "unblinding"
"""A fact of the standard shelf: the second one was made once. Where it is missing then, something took it away."""

NO_KEY = Text(
    {
        "en": "You do not hold the key to the unblinding records of this laptop yet: only what a blinded person sees "
        "is shown. Ask an unblinded colleague who uses this laptop to sign in once, then sign in again.",
        "zh": "您尚未获得本机揭盲数据的密钥，目前只显示盲态人员可见的内容。"
        "请使用本机的非盲态同事登录一次，然后您再重新登录。",
    }
)
_APART = {"en": "Unblinding records: ", "zh": "揭盲数据："}


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondShelf:
    """What came of it. `store`: None where the session works with the standard shelf alone; `notice`: why, in words."""

    unlocked: Unlocked
    store: OpenStore | None = None
    notice: Text | None = None


def role_of(design: StudyDesign, directory: Directory, user: UserId, person: VaultPerson | None = None) -> Role | None:
    """Return a person's role as the server states it; before it has told anything, as the key file says."""
    member = directory.member(user)
    if member is not None:
        return design.role(member.role)
    return design.role(person.roles[0]) if person is not None and person.roles else None


def sees_unblinding(design: StudyDesign, role: Role | None) -> bool:
    """Tell whether a role works with a second shelf in a study."""
    return design.blinding is not None and role is not None and role.sees_unblinding


def open_second(
    folder: VaultFolder,
    slots: KeySlots,
    unlocked: Unlocked,
    first: OpenStore,
    *,
    design: StudyDesign,
    directory: Directory,
    device: DeviceId,
    clock: Clock,
) -> SecondShelf:
    """Open the second shelf for a person who just signed in, where they may; the first unblinded one makes its key.

    Damage to it never keeps the first shelf closed: the session goes on with that alone, and says why.

    Args:
        folder: The whole vault's.
        first: The standard shelf, open; its report is not changed.
    """
    role = role_of(design, directory, unlocked.person.user, unlocked.person)
    if not sees_unblinding(design, role):
        return SecondShelf(unlocked=unlocked)
    try:
        holding = _with_key(slots, unlocked, design, directory, device)
        if holding.unblinding_key is None:
            return SecondShelf(unlocked=holding, notice=NO_KEY)
        store = _open(folder, slots, holding.unblinding_key, first, device, clock)
    except CasebookError as error:
        return SecondShelf(unlocked=unlocked, notice=_said(error))
    report = store.report
    told = None if report.is_clean else Text({one: _APART[one] + report.sentence(one) for one in LANGUAGES})
    return SecondShelf(unlocked=holding, store=store, notice=told)


def _is_unblinded(design: StudyDesign, directory: Directory, user: UserId) -> bool:
    """Tell whether a colleague is to hold the key: the server and the study definition must both say so."""
    member = directory.member(user)
    return member is not None and member.sees_unblinding and sees_unblinding(design, design.role(member.role))


def _said(error: CasebookError) -> Text:
    return Text({one: _APART[one] + error.sentence(one) for one in LANGUAGES})


def _with_key(
    slots: KeySlots, unlocked: Unlocked, design: StudyDesign, directory: Directory, device: DeviceId
) -> Unlocked:
    """Return the person with the unblinding key where it is theirs: held, handed over, or to be made."""
    if unlocked.unblinding_key is not None:
        return unlocked
    if unlocked.offer is not None:
        giver = directory.person_key(unlocked.offer.by, device)
        if giver is None or not _is_unblinded(design, directory, unlocked.offer.by):
            raise GrantRefusedError(person=unlocked.person.name)
        return slots.accept_unblinding(unlocked, giver.signing)
    if not slots.has_unblinding_key:
        return slots.make_unblinding_key(unlocked)
    return unlocked


def make_second(folder: VaultFolder, slots: KeySlots, key: bytes, first: OpenStore, *, clock: Clock) -> None:
    """Make the empty second shelf at enrolment, where its first person sees it."""
    _create(folder, slots, key, first, clock).close()


def _create(folder: VaultFolder, slots: KeySlots, key: bytes, first: OpenStore, clock: Clock) -> OpenStore:
    made = create_store(folder.unblinding, key, slots.unblinding_salt, clock=clock)
    first.spool.set_setting(MADE, "1")
    first.log.set_setting(MADE, "1")
    return made


def _open(
    folder: VaultFolder, slots: KeySlots, key: bytes, first: OpenStore, device: DeviceId, clock: Clock
) -> OpenStore:
    known = first.spool.settings().get(MADE) or first.log.setting(MADE)
    if not known and not folder.unblinding.database.exists():
        return _create(folder, slots, key, first, clock)
    return open_store(folder.unblinding, key, slots.unblinding_salt, device=device, clock=clock)


def hand_over(
    slots: KeySlots,
    unlocked: Unlocked,
    signer: SigningKey,
    *,
    design: StudyDesign,
    directory: Directory,
    device: DeviceId,
) -> tuple[tuple[UserId, ...], tuple[UserId, ...]]:
    """Hand the unblinding key to the laptop's unblinded colleagues who have none and whose own key is certified.

    Returns:
        Who was handed it, and who was not because the key file names another key than the study certified.
    """
    key, me = unlocked.unblinding_key, unlocked.person.user
    if key is None:
        return (), ()
    done: list[UserId] = []
    refused: list[UserId] = []
    for person in slots.people():
        certified = directory.person_key(person.user, device)
        waits = person.user != me and certified is not None and not slots.has_unblinding_grant(person.user)
        if not waits or certified is None or not certified.sealing:
            continue
        if not _is_unblinded(design, directory, person.user):
            continue
        try:
            slots.grant_unblinding(unlocked.vault_key, key, person.user, certified.sealing, by=me, signer=signer)
        except GrantRefusedError:
            refused.append(person.user)
        else:
            done.append(person.user)
    return tuple(done), tuple(refused)
