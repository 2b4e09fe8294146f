"""The server's command line.

    casebook-server init FOLDER --site 001="Demo site"     make a study server
    casebook-server run FOLDER                             serve /sync/v1 over TLS
    casebook-server site FOLDER --site 002="Other site"    open one more site
    casebook-server enrol FOLDER --site 001                one-time code for a laptop
    casebook-server user FOLDER add|list|code ...          people
    casebook-server revoke FOLDER --device ID              withdraw a laptop
    casebook-server status FOLDER                          laptops, chains, commits, quarantine
    casebook-server rebuild FOLDER                         empty store for a server whose store was lost

Source: docs/operations.md.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import casebook
from casebook.crypto import PRODUCTION_KDF
from casebook.errors import CasebookError, RefusedError, ServerFolderError, UnknownSiteError
from casebook.locations import shipped_study
from casebook.store.commit_log import SqlcipherLog
from casebook.sync.enrolment import personal_code
from central_server import listening
from central_server.accounts import Accounts
from central_server.app import create_app, open_accounts, open_log
from central_server.authority import (
    PASSPHRASE_VARIABLE,
    StudyKeys,
    has_keys,
    make_keys,
    read_keys,
    renew_tls,
    write_keys,
)
from central_server.settings import (
    DEFAULT_PORT,
    ServerSettings,
    read_settings,
    read_study,
    write_settings,
)
from central_server.status import read_status

_ANY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - compared with, never a default


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (0 done, 1 refused, 2 not understood)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", line_buffering=True)
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options) or 0)
    except CasebookError as error:
        print(error.sentence(), file=sys.stderr)
        return 1 if isinstance(error, RefusedError) else 3


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="casebook-server", description="The study's server.")
    parser.add_argument("--version", action="version", version=casebook.__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, about: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about)
        made.add_argument("folder", type=Path, help="the server's folder")
        made.set_defaults(command=run)
        return made

    init = command("init", _init, "make a study server: keys, authority, store, first sites")
    init.add_argument(
        "--study-folder", "--study-dir", type=Path, default=None, help="study definition (default: the one shipped)"
    )
    init.add_argument("--site", action="append", default=[], metavar='001="Name"', help="a site; may be repeated")
    init.add_argument("--host", default="127.0.0.1", help="address to listen on")
    init.add_argument("--port", type=int, default=DEFAULT_PORT)
    init.add_argument("--name", action="append", default=[], help="name or address that laptops use; may be repeated")

    run = command("run", _run, "serve laptops")
    run.add_argument("--host", default=None, help="instead of the address chosen at init")
    run.add_argument("--port", type=int, default=None, help="instead of the port chosen at init; 0 for any free one")

    site = command("site", _site, "open a site, or give it another name")
    site.add_argument("--site", action="append", required=True, metavar='002="Name"')

    enrol = command("enrol", _enrol, "print a one-time code for one laptop (72 hours)")
    enrol.add_argument("--site", required=True)
    enrol.add_argument("--json", action="store_true", help="for programs")

    user = command("user", _user, "people of the study")
    user.add_argument("action", choices=["add", "list", "code"])
    user.add_argument("--site", help="site number (add, list)")
    user.add_argument("--name", help="full name (add)")
    user.add_argument("--role", help="role of the study, such as investigator (add)")
    user.add_argument("--user", help="user id (code; add: instead of one made from the name)")
    user.add_argument("--json", action="store_true", help="for programs")

    revoke = command("revoke", _revoke, "withdraw a laptop")
    revoke.add_argument("--device", required=True)

    status = command("status", _status, "laptops, chains, commits, quarantine, last contact")
    status.add_argument("--json", action="store_true", help="for programs")

    command("rebuild", _rebuild, "make an empty store for a server whose store was lost; laptops refill it")
    tls = command("tls", _tls, "renew the server's TLS certificate")
    tls.add_argument("--name", action="append", default=[], help="name or address that laptops use; may be repeated")
    return parser


def _passphrase() -> str | None:
    return os.environ.get(PASSPHRASE_VARIABLE) or None


def _open_folder(folder: Path) -> tuple[ServerSettings, StudyKeys]:
    settings = read_settings(folder)
    return settings, read_keys(folder, passphrase=_passphrase(), policy=PRODUCTION_KDF)


@contextmanager
def _open(folder: Path) -> Iterator[tuple[ServerSettings, SqlcipherLog, Accounts]]:
    settings, keys = _open_folder(folder)
    log = open_log(settings, keys)
    try:
        yield settings, log, open_accounts(settings, keys, log)
    finally:
        log.close()


def _site_of(text: str) -> tuple[str, str]:
    number, found, name = text.partition("=")
    if not found or not name.strip():
        raise UnknownSiteError(what="site of the form 001=Name in", name=text)
    return number.strip(), name.strip().strip('"')


# -- commands ----------------------------------------------------------------------------------------


def _init(options: argparse.Namespace) -> None:
    folder: Path = options.folder
    if has_keys(folder):
        raise ServerFolderError(folder=folder, why="it holds a server already")
    sites = [_site_of(text) for text in options.site]
    study, roles = read_study(options.study_folder or shipped_study())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    listed = options.name if options.host in _ANY_ADDRESS else [*options.name, options.host]
    names = tuple(dict.fromkeys(listed))
    if not names:
        raise ServerFolderError(folder=folder, why="give the name that laptops use with --name")
    settings = ServerSettings(
        folder=folder, study=study, roles=roles, host=options.host, port=options.port, names=names
    )
    keys = make_keys(study, names, at=datetime.now(tz=UTC), random_bytes=os.urandom)
    SqlcipherLog.create(settings.database, keys.store_key, keys.store_salt).close()
    write_settings(settings)
    write_keys(folder, keys, passphrase=_passphrase(), policy=PRODUCTION_KDF)
    with _open(folder) as (_, _, accounts):
        for number, name in sites:
            accounts.add_site(number, name)
    print(f"Study {study}: server made in {folder}")
    if _passphrase() is None:
        print(f"Its keys are readable by your account. Set {PASSPHRASE_VARIABLE} before init to encrypt them.")


def _run(options: argparse.Namespace) -> None:
    settings, keys = _open_folder(options.folder)
    log = open_log(settings, keys)
    try:
        listening.run(
            create_app(settings, log, keys),
            settings,
            keys,
            host=options.host or settings.host,
            port=settings.port if options.port is None else options.port,
        )
    finally:
        log.close()


def _site(options: argparse.Namespace) -> None:
    with _open(options.folder) as (_, _, accounts):
        for text in options.site:
            added = accounts.add_site(*_site_of(text))
            print(f"Site {added.site}: {added.name}")


def _enrol(options: argparse.Namespace) -> None:
    with _open(options.folder) as (settings, _, accounts):
        code = accounts.new_enrolment_code(options.site)
        site = accounts.directory.site(options.site)
    if options.json:
        print(json.dumps({"url": settings.url, "code": code.text, "qr": code.qr_text(settings.url)}))
        return
    print(f"One laptop of site {options.site} ({site.name if site else ''}) can be enrolled within 72 hours.")
    print(f"  Server address   {settings.url}")
    print(f"  Enrolment code   {code.text}")
    print(f"  As QR text       {code.qr_text(settings.url)}")


def _user(options: argparse.Namespace) -> None:
    with _open(options.folder) as (settings, _, accounts):
        if options.action == "list":
            _list_users(accounts, options.site, as_json=options.json)
            return
        if options.action == "add":
            role = settings.role(options.role or "")
            if role is None:
                known = ", ".join(one.removeprefix("ROLE.").lower() for one in settings.roles)
                raise UnknownSiteError(what=f"role (known: {known})", name=options.role)
            if not options.site or not options.name:
                raise UnknownSiteError(what="person without --site and --name", name="")
            member, secret = accounts.add_user(options.site, options.name, role, options.user)
        else:
            member, secret = accounts.new_personal_code(options.user or "")
    if options.json:
        print(json.dumps({"user": member.user, "code": personal_code(secret)}))
        return
    print(f"{member.name} ({member.role}, site {member.site}) can set a passphrase on one laptop within 72 hours.")
    print(f"  User id         {member.user}")
    print(f"  Personal code   {personal_code(secret)}")


def _list_users(accounts: Accounts, site: str | None, *, as_json: bool) -> None:
    directory = accounts.directory
    rows = [
        {
            "user": member.user,
            "name": member.name,
            "role": member.role,
            "site": member.site,
            "laptops": [
                one.letter for one in directory.devices(member.site) if directory.person_key(member.user, one.device)
            ],
        }
        for place in directory.sites()
        if site in (None, place.site)
        for member in directory.staff(place.site)
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        laptops = ", ".join(str(letter) for letter in row["laptops"]) or "no laptop yet"
        print(f"{row['site']}  {row['user']:<24} {row['role']:<20} {row['name']}  ({laptops})")


def _revoke(options: argparse.Namespace) -> None:
    with _open(options.folder) as (_, _, accounts):
        device = accounts.revoke(options.device)
    print(f"Laptop {device.letter} of site {device.site} ({device.name}) is withdrawn.")


def _rebuild(options: argparse.Namespace) -> None:
    settings, keys = _open_folder(options.folder)
    if settings.database.exists():
        raise ServerFolderError(folder=options.folder, why="it still has a store; move casebook.db away first")
    SqlcipherLog.create(settings.database, keys.store_key, keys.store_salt).close()
    print("An empty store was made. Start the server; each laptop that synchronises fills it again.")


def _tls(options: argparse.Namespace) -> None:
    settings, keys = _open_folder(options.folder)
    names = tuple(options.name) or settings.names
    fresh = renew_tls(keys, names, at=datetime.now(tz=UTC))
    write_keys(options.folder, fresh, passphrase=_passphrase(), policy=PRODUCTION_KDF)
    write_settings(replace(settings, names=names))
    print(f"The TLS certificate is for {', '.join(names)}. Start the server again.")


def _status(options: argparse.Namespace) -> None:
    with _open(options.folder) as (settings, log, accounts):
        status = read_status(settings.study, log, accounts.directory)
    if options.json:
        print(json.dumps(asdict(status), ensure_ascii=False))
        return
    print(f"Study {status.study}: {status.commits} commits, {status.quarantined} in quarantine")
    for site in status.sites:
        fork = f", {site.forks} forked" if site.forks else ""
        print(f"Site {site.site}  {site.name}  check {site.check}  {site.commits} commits{fork}")
        for laptop in site.laptops:
            state = "withdrawn" if laptop.revoked else f"last contact {laptop.contact or 'never'}"
            print(f"  laptop {laptop.letter}  {laptop.device}  {laptop.fingerprint}  {laptop.commits} commits, {state}")


if __name__ == "__main__":
    sys.exit(main())
