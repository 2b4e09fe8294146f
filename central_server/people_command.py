"""`casebook-server user`: people, their roles and their sites.

    add --site 001 --name "Investigator A" --role investigator          an account and a personal code
    add --site 900 --sites 001,002 --name "Monitor C" --role monitor    somebody of the study, with given sites
    give|take --user ID --sites 002                                     further sites
    role --user ID --role pi                                            another role
    revoke --user ID --reason "left the study"                          withdraw; restore undoes it
    admit --invitation ID [--role R] [--other-person]                   whom an invitation made offline could not
    code --user ID                                                      another personal code
    list [--site 001]

Source: docs/operations.md, section "People".
"""

import argparse
import json
from collections.abc import Callable

from casebook.errors import UnknownSiteError
from casebook.sync.enrolment import Secret, personal_code
from casebook.sync.trust import StaffMember
from central_server.accounts import Accounts
from central_server.settings import ServerSettings

Tell = Callable[[str], None]
"""Prints a line."""
_ACTIONS = ("add", "list", "code", "give", "take", "role", "revoke", "restore", "admit")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command understands."""
    parser.add_argument("action", choices=_ACTIONS)
    parser.add_argument("--site", help="site number (list); home site (add)")
    parser.add_argument("--sites", help="further sites, with commas between (add, give, take)")
    parser.add_argument("--name", help="full name (add)")
    parser.add_argument("--role", help="role of the study, such as investigator (add, role)")
    parser.add_argument("--user", help="user id (add: instead of one made from the name)")
    parser.add_argument("--reason", default="", help="why (take, revoke)")
    parser.add_argument("--invitation", default="", help="a refused invitation, as list shows it (admit)")
    parser.add_argument(
        "--other-person", action="store_true", help="the user id is somebody else's: take what waits, and hold it"
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def run(options: argparse.Namespace, settings: ServerSettings, accounts: Accounts, tell: Tell) -> None:
    """Do what was asked. Raises UnknownSiteError, RoleRefusedError, ServerFolderError."""
    user, sites = options.user or "", listed(options.sites)
    match options.action:
        case "list":
            _list(tell, accounts, options.site, as_json=options.json)
        case "add":
            if not options.site or not options.name:
                raise UnknownSiteError(what="person without --site and --name", name="")
            role = _role(settings, options.role)
            _told(tell, *accounts.add_user(options.site, options.name, role, options.user, sites), as_json=options.json)
        case "code":
            _told(tell, *accounts.new_personal_code(user), as_json=options.json)
        case "give":
            _changed(tell, accounts.give(user, sites))
        case "take":
            _changed(tell, accounts.take(user, sites, options.reason))
            tell("What of these sites is on the person's laptop stays there; the server gives no more of it.")
        case "role":
            _changed(tell, accounts.change_role(user, _role(settings, options.role)))
        case "revoke":
            member = accounts.revoke_person(user, options.reason)
            tell(f"{member.name} is withdrawn. What arrives from now on under this name is held for a decision.")
        case "restore":
            _changed(tell, accounts.restore_person(user))
        case "admit":
            wanted = _role(settings, options.role) if options.role else None
            admitted = accounts.admit(options.invitation, wanted, other_person=options.other_person)
            held = "; it is held until somebody decides" if options.other_person else ""
            tell(f"What {admitted} recorded on that laptop is taken at its next exchange{held}.")


def listed(text: str | None) -> tuple[str, ...]:
    """Return what stands between the commas of `text`."""
    return tuple(one.strip() for one in (text or "").split(",") if one.strip())


def _role(settings: ServerSettings, text: str | None) -> str:
    role = settings.role(text or "")
    if role is None:
        known = ", ".join(one.oid.removeprefix("ROLE.").lower() for one in settings.roles)
        raise UnknownSiteError(what=f"role (known: {known})", name=text)
    return role.oid


def _told(tell: Tell, member: StaffMember, secret: Secret, *, as_json: bool) -> None:
    if as_json:
        tell(json.dumps({"user": member.user, "code": personal_code(secret)}))
        return
    tell(f"{member.name} ({member.role}, {_where(member)}) can set a passphrase on one laptop within 72 hours.")
    tell(f"  User id         {member.user}")
    tell(f"  Personal code   {personal_code(secret)}")


def _changed(tell: Tell, member: StaffMember) -> None:
    tell(f"{member.name} ({member.user}): {member.role}, {_where(member)}")


def _where(member: StaffMember) -> str:
    return f"site {member.site}" + (f", given {', '.join(member.sites)}" if member.sites else "")


def _list(tell: Tell, accounts: Accounts, site: str | None, *, as_json: bool) -> None:
    directory = accounts.directory
    members = [
        member for place in directory.sites() if site in (None, place.site) for member in directory.staff(place.site)
    ]
    letters = {
        member.user: [
            one.letter for one in directory.devices(member.site) if directory.person_key(member.user, one.device)
        ]
        for member in members
    }
    if as_json:
        rows = [
            {
                "user": member.user,
                "name": member.name,
                "role": member.role,
                "site": member.site,
                "sites": list(member.sites),
                "revoked": member.revoked,
                "laptops": letters[member.user],
            }
            for member in members
        ]
        tell(json.dumps(rows, ensure_ascii=False))
        return
    for member in members:
        laptops = ", ".join(letters[member.user]) or "no laptop yet"
        gone = ", withdrawn" if member.revoked else ""
        tell(f"{_where(member)}  {member.user:<24} {member.role:<20} {member.name}  ({laptops}{gone})")
    for refusal in directory.refused_invitations():
        tell(f"invitation {refusal.commit[:16]} of {refusal.user} ({refusal.name}) was refused: {refusal.why}")
