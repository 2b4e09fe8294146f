"""People for tests of rights, oversight and verdicts, and the shipped study that knows their roles."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from casebook.design import StudyDesign
from casebook.ids import DeviceId, UserId
from casebook.locations import data_folder
from casebook.rights import NO_LOG, DelegationLog, Rights
from casebook.study_files import read_study
from casebook.sync.trust import StaffMember

SITE = "001"


def _person(user: str, role: str, *, sees: str = "SIU") -> StaffMember:
    return StaffMember(
        user=UserId(user), name=user.replace(".", " ").title(), role=f"ROLE.{role}", site=SITE, sees=sees
    )


PEOPLE = {
    one.user: one
    for one in (
        _person("coordinator", "COORDINATOR"),
        _person("nurse.a", "COORDINATOR"),
        _person("nurse.b", "COORDINATOR"),
        _person("investigator", "INVESTIGATOR"),
        _person("principal", "PI"),
        _person("interventionalist", "INTERVENTION"),
        _person("assessor", "BLIND", sees="SI"),
        _person("monitor", "MONITOR", sees="SU"),
        _person("manager", "DATA", sees="SU"),
        _person("manager.b", "DATA", sees="SU"),
        _person("administrator", "ADMIN"),
    )
}


@cache
def design() -> StudyDesign:
    """Return the shipped study."""
    return read_study(data_folder("forms") / "rescue_end_low")


def member(user: str) -> StaffMember:
    """Return a person by user id. Raises KeyError."""
    return PEOPLE[UserId(user)]


@dataclass(frozen=True)
class _Device:
    revoked: bool = False


@dataclass(frozen=True)
class Stated:
    """People and laptops as a server may have stated them."""

    gone: frozenset[str] = frozenset()
    stolen: frozenset[DeviceId] = frozenset()
    sites: tuple[str, ...] = ("001",)

    def member(self, user: UserId, /) -> StaffMember | None:
        found = PEOPLE.get(user)
        return replace(found, revoked=user in self.gone, site=self.sites[0]) if found else None

    def device(self, device: DeviceId, /) -> _Device | None:
        return _Device(revoked=device in self.stolen)


def has_right(right: str) -> Callable[[UserId], bool]:
    """Return who has a right by their role."""

    def may(user: UserId) -> bool:
        role = design().role(PEOPLE[user].role) if user in PEOPLE else None
        return role is not None and right in role.rights

    return may


def rights(user: str, log: DelegationLog = NO_LOG, site: str = SITE) -> Rights:
    """Return what a person may do at the site."""
    return Rights(design=design(), member=member(user), log=log, site=site)
