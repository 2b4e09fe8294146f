"""The server's command line.

    casebook-server init FOLDER --site 001="Demo site"     make a study server
    casebook-server run FOLDER                             serve /sync/v1 over TLS
    casebook-server site FOLDER --site 002="Other site"    open one more site
    casebook-server enrol FOLDER --site 001                one-time code for a laptop
    casebook-server user FOLDER add|list|code|give|take|role|revoke|restore ...   people
    casebook-server revoke FOLDER --device ID              withdraw a laptop
    casebook-server lost FOLDER --device ID                withdraw it, and report what was on it
    casebook-server sidecar FOLDER --device ID --out FILE  its key slots' file, for the custodians
    casebook-server export FOLDER --out DIR --by NAME --reason WHY [--sites 001,002] [--unblinded]
    casebook-server bundle take FOLDER FILE... [--reply DIR]   records that come as files, and the answers to them
    casebook-server bundle reply FOLDER --device ID --out DIR
    casebook-server bundle renew-key FOLDER
    casebook-server status FOLDER                          laptops, commits, last contact, copied folders, quarantine
    casebook-server rebuild FOLDER                         empty store for a server whose store was lost
    casebook-server backup FOLDER --to DIR                 verified copy, while the server runs
    casebook-server restore DIR --to FOLDER                a server of a backup
    casebook-server check FOLDER                           pages, chains, signatures, attachments
    casebook-server receipts FOLDER                        what was confirmed, and what is missing after a restore
    casebook-server selftest URL FOLDER                    whether a proxy before the server passes on at once
    casebook-server health FOLDER                          whether the store takes writes, room, certificate
    casebook-server openapi FOLDER                         what the server offers, as an OpenAPI document
    casebook-server tls FOLDER                             renew the certificate, or write it for nginx

Source: docs/operations.md.
"""

import argparse
import asyncio
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import casebook
from casebook.crypto import PRODUCTION_KDF
from casebook.errors import CasebookError, RefusedError, ServerFolderError, UnknownSiteError
from casebook.ledger import STANDARD, UNBLINDING
from casebook.locations import shipped_study
from casebook.versions import read_designs
from central_server import (
    bundle_command,
    care_command,
    custodians,
    describing,
    listening,
    lost,
    people_command,
    selftest,
    statistics_export,
)
from central_server.accounts import Accounts
from central_server.app import Stores, create_app, make_desk, make_stores, open_accounts, open_stores
from central_server.authority import (
    PASSPHRASE_VARIABLE,
    UNBLINDING_VARIABLE,
    StudyKeys,
    has_keys,
    has_own_unblinding_passphrase,
    make_keys,
    read_keys,
    renew_bundle_keys,
    renew_tls,
    write_keys,
)
from central_server.care_command import open_folder
from central_server.settings import (
    DEFAULT_PORT,
    ServerSettings,
    read_settings,
    read_study,
    write_settings,
)
from central_server.status import in_words, read_status

CUSTODIANS = ("data", "unblinding")
_PROVE = "whether a proxy before the server passes on at once what it is given"
_FOLDERS = {"restore": "the backup's folder"}
"""What FOLDER is, where it is not the server's."""
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
        made.add_argument("folder", type=Path, metavar="FOLDER", help=_FOLDERS.get(name, "the server's folder"))
        made.set_defaults(command=run)
        return made

    init = command("init", _init, "make a study server: keys, authority, store, first sites")
    init.add_argument(
        "--study-folder", "--study-dir", type=Path, default=None, help="study definition (default: the one shipped)"
    )
    init.add_argument("--site", action="append", default=[], metavar='001="Name"', help="a site; may be repeated")
    for whose in CUSTODIANS:
        init.add_argument(
            f"--custodian-{whose}",
            type=custodians.read_public,
            default=None,
            metavar="PUBLIC",
            help=f"public key of the custodian of the {whose} (default: make one in FOLDER/custodians)",
        )
    init.add_argument("--host", default="127.0.0.1", help="address to listen on")
    init.add_argument("--port", type=int, default=DEFAULT_PORT)
    init.add_argument("--name", action="append", default=[], help="name or address that laptops use; may be repeated")

    run = command("run", _run, "serve laptops")
    run.add_argument("--host", default=None, help="instead of the address chosen at init")
    run.add_argument("--port", type=int, default=None, help="instead of the port chosen at init; 0 for any free one")
    run.add_argument("--behind", default="", metavar="URL", help="address of a proxy before it, tested at the start")

    site = command("site", _site, "open a site, or give it another name")
    site.add_argument("--site", action="append", required=True, metavar='002="Name"')

    enrol = command("enrol", _enrol, "print a one-time code for one laptop (72 hours)")
    enrol.add_argument("--site", required=True)
    enrol.add_argument("--json", action="store_true", help="for programs")

    people_command.add_arguments(command("user", _user, "people of the study"))

    revoke = command("revoke", _revoke, "withdraw a laptop")
    revoke.add_argument("--device", required=True, metavar="ID", help="as `status` names it")

    gone = command("lost", _lost, "withdraw a laptop that was lost or stolen, and report what was on it")
    gone.add_argument("--device", required=True, metavar="ID", help="as `status` names it")

    sidecar = command("sidecar", _sidecar, "the file of a laptop's key slots as it last sent it, for the custodians")
    sidecar.add_argument("--device", required=True, metavar="ID", help="as `status` names it")
    sidecar.add_argument("--out", type=Path, required=True, metavar="FILE", help="file to write")

    export = command("export", _export, "write the sites' records as files, for the study statistician")
    export.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to make")
    export.add_argument("--by", required=True, help="who takes the data")
    export.add_argument("--reason", required=True, help="what for")
    export.add_argument("--sites", default="", help="with commas between (default: all)")
    export.add_argument("--unblinded", action="store_true", help="also what could tell the treatment")

    about = "records that come as files, and the answers to them"
    bundle_command.add_arguments(commands.add_parser("bundle", help=about, description=about), _bundle)

    status = command("status", _status, "sites and laptops: commits, check letters, last contact, copied folders")
    status.add_argument("--json", action="store_true", help="for programs")

    command("rebuild", _rebuild, "make an empty store for a server whose store was lost; laptops refill it")
    for name, (run_it, about) in _CARE.items():
        care_command.add_arguments(command(name, run_it, about), name)
    tls = command("tls", _tls, "renew the server's TLS certificate")
    tls.add_argument("--name", action="append", default=[], help="name or address that laptops use; may be repeated")
    tls.add_argument(
        "--export", type=Path, default=None, metavar="DIR", help="write tls.pem and authority.pem, for nginx"
    )
    proven = commands.add_parser("selftest", help=_PROVE, description=_PROVE)
    proven.add_argument("url", metavar="URL", help="address at which laptops reach the server")
    proven.add_argument("folder", type=Path, metavar="FOLDER", help="the server's folder")
    proven.set_defaults(command=_selftest)
    return parser


def _passphrase() -> str | None:
    return os.environ.get(PASSPHRASE_VARIABLE) or None


def _unblinding_passphrase() -> str | None:
    return os.environ.get(UNBLINDING_VARIABLE) or None


@contextmanager
def _open(folder: Path) -> Iterator[tuple[ServerSettings, Stores, Accounts]]:
    settings, keys = open_folder(folder)
    with open_stores(settings, keys) as stores:
        yield settings, stores, open_accounts(settings, keys, stores)


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
        folder=folder,
        study=study,
        study_folder=options.study_folder.resolve() if options.study_folder else None,
        roles=roles,
        host=options.host,
        port=options.port,
        names=names,
        custodians=custodians.at_init(folder, options.custodian_data, options.custodian_unblinding, print),
    )
    keys = make_keys(study, names, at=datetime.now(tz=UTC), random_bytes=os.urandom)
    make_stores(settings, keys)
    write_settings(settings)
    write_keys(folder, keys, passphrase=_passphrase(), policy=PRODUCTION_KDF, unblinding=_unblinding_passphrase())
    with _open(folder) as (_, _, accounts):
        for number, name in sites:
            accounts.add_site(number, name)
    print(f"Study {study}: server made in {folder}")
    if _passphrase() is None:
        print(f"Its keys are readable by your account. Set {PASSPHRASE_VARIABLE} before init to encrypt them.")


def _run(options: argparse.Namespace) -> None:
    settings, keys = open_folder(options.folder)
    if keys.unblinding is None:
        raise ServerFolderError(folder=options.folder, why=f"set {UNBLINDING_VARIABLE}: laptops hand in both parts")
    study = settings.study_folder or shipped_study()
    designs = read_designs(study)
    settings = replace(settings, roles=read_study(study)[1])
    write_settings(settings)  # a new version of the study may know other roles
    keys = bundle_command.with_keys(options.folder, keys, partial(_keep_keys, options.folder))
    with open_stores(settings, keys) as stores:
        open_accounts(settings, keys, stores).state_bundle_keys()
        listening.run(
            create_app(settings, stores, keys, design=designs),
            settings,
            keys,
            host=options.host or settings.host,
            port=settings.port if options.port is None else options.port,
            behind=options.behind,
        )


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
        people_command.run(options, settings, accounts, print)


def _revoke(options: argparse.Namespace) -> None:
    with _open(options.folder) as (_, _, accounts):
        device = accounts.revoke(options.device)
    print(f"Laptop {device.letter} of site {device.site} ({device.name}) is withdrawn.")


def _lost(options: argparse.Namespace) -> None:
    with _open(options.folder) as (_, stores, accounts):
        device = accounts.revoke(options.device)
        report = "\n".join(lost.in_words(lost.lost_report(stores, accounts.directory, device))) + "\n"
    file = options.folder / f"lost-{device.device}.txt"
    file.write_text(report, encoding="utf-8")
    print(report)
    print(f"Written to {file}. At its next contact the laptop hands in what it made, and locks itself.")


def _sidecar(options: argparse.Namespace) -> None:
    with _open(options.folder) as (_, stores, accounts):
        content = lost.sidecar_of(stores, accounts.laptop(options.device))
    if content is None:
        raise UnknownSiteError(what="key slots' file of laptop", name=options.device)
    if options.out.exists():
        raise ServerFolderError(folder=options.out, why="it exists already")
    options.out.write_bytes(content)
    print(f"Written to {options.out}. Only the study's custodians, and people of the laptop, can open what is in it.")


def _export(options: argparse.Namespace) -> None:
    settings = read_settings(options.folder)
    second = _unblinding_passphrase()
    if options.unblinded and second is None and has_own_unblinding_passphrase(options.folder):
        second = getpass.getpass("Passphrase of the unblinding store: ")
    keys = read_keys(options.folder, passphrase=_passphrase(), policy=PRODUCTION_KDF, unblinding=second)
    designs = read_designs(settings.study_folder or shipped_study())
    what = STANDARD + (UNBLINDING if options.unblinded else "")
    with open_stores(settings, keys if options.unblinded else replace(keys, unblinding=None)) as stores:
        accounts = open_accounts(settings, keys, stores)
        sites = statistics_export.chosen_sites(accounts.directory, people_command.listed(options.sites))
        written = statistics_export.export_sites(
            stores,
            accounts.directory,
            designs,
            out=options.out,
            sites=sites,
            at=datetime.now().astimezone(),
            note=lambda site: accounts.note_export((site,), what=what, by=options.by, why=options.reason),
        )
    for one in written:
        print(
            f"Site {one.site}: {one.subjects} subjects, {one.forms} forms in {one.path}. "
            f"Sealed to the site or not readable: {one.unreadable} records; held: {one.held}."
        )
    if not written:
        print("No site has records yet.")


def _keep_keys(folder: Path, keys: StudyKeys) -> None:
    write_keys(folder, keys, passphrase=_passphrase(), policy=PRODUCTION_KDF, unblinding=_unblinding_passphrase())


def _bundle(options: argparse.Namespace) -> int:
    settings, keys = open_folder(options.folder)
    keys = bundle_command.with_keys(options.folder, keys, partial(_keep_keys, options.folder))
    if options.act == "renew-key":
        keys = renew_bundle_keys(keys)
        _keep_keys(options.folder, keys)
    study = settings.study_folder or shipped_study()
    with open_stores(settings, keys) as stores:
        accounts = open_accounts(settings, keys, stores, design=read_designs(study))
        accounts.state_bundle_keys()
        chunks = bundle_command.with_chunks(make_desk(settings, stores, keys, accounts), settings.folder)
        if options.act == "take":
            return 1 if bundle_command.take(chunks, keys, accounts, options, print) else 0
        if options.act == "reply":
            bundle_command.reply_again(chunks, accounts, options, print)
        else:
            print("Bundles are sealed to fresh keys as soon as laptops hear of them; older bundles still open.")
    return 0


def _rebuild(options: argparse.Namespace) -> None:
    settings, keys = open_folder(options.folder)
    if settings.database.exists() and settings.unblinding_database.exists():
        raise ServerFolderError(folder=options.folder, why="it still has its stores; move a damaged one away first")
    make_stores(settings, keys)
    print("What was missing was made empty. Start the server; each laptop that synchronises fills it again.")


def _openapi(options: argparse.Namespace) -> None:
    settings, keys = open_folder(options.folder)
    with open_stores(settings, keys) as stores:
        print(json.dumps(describing.describe(create_app(settings, stores, keys)), indent=1))


def _backup(options: argparse.Namespace) -> None:
    settings, keys = open_folder(options.folder)
    with open_stores(settings, keys) as stores:
        care_command.back_up(settings, keys, open_accounts(settings, keys, stores), options.to, print)


def _restore(options: argparse.Namespace) -> None:
    care_command.restore(options.folder, options.to, print)


def _check(options: argparse.Namespace) -> int:
    return 0 if care_command.check(*open_folder(options.folder), print, as_json=options.json) else 3


def _receipts(options: argparse.Namespace) -> None:
    with _open(options.folder) as (_, stores, accounts):
        care_command.tell_receipts(stores, accounts, print, as_json=options.json)


def _health(options: argparse.Namespace) -> int:
    with _open(options.folder) as (settings, stores, _):
        _, keys = open_folder(options.folder)
        return 0 if care_command.tell_health(settings, keys, stores, print, as_json=options.json) else 3


def _selftest(options: argparse.Namespace) -> None:
    _, keys = open_folder(options.folder)
    asyncio.run(selftest.prove(options.url, keys.authority))
    print(f"{options.url} passes on at once what it is given.")


def _tls(options: argparse.Namespace) -> None:
    settings, keys = open_folder(options.folder)
    if options.export is not None and not options.name:
        listening.export_tls(keys, options.export)
        print(f"Written to {options.export}: tls.pem (certificate and private key), authority.pem.")
        return
    names = tuple(options.name) or settings.names
    fresh = renew_tls(keys, names, at=datetime.now(tz=UTC))
    write_keys(
        options.folder,
        fresh,
        passphrase=_passphrase(),
        policy=PRODUCTION_KDF,
        unblinding=_unblinding_passphrase(),
    )
    write_settings(replace(settings, names=names))
    if options.export is not None:
        listening.export_tls(fresh, options.export)
    print(f"The TLS certificate is for {', '.join(names)}. Start the server again.")


def _status(options: argparse.Namespace) -> None:
    with _open(options.folder) as (settings, stores, accounts):
        status = read_status(settings.study, stores.standard, accounts.directory, stores.unblinding)
    if options.json:
        print(json.dumps(asdict(status), ensure_ascii=False))
        return
    for line in in_words(status):
        print(line)


_CARE: dict[str, tuple[Callable[[argparse.Namespace], object], str]] = {
    "backup": (_backup, "write and verify a copy of everything, while the server runs"),
    "restore": (_restore, "make a server of a backup, in another folder"),
    "check": (_check, "examine pages, chains, every signature and every chunk of attachments"),
    "receipts": (_receipts, "what was confirmed to laptops, and what is missing after a restore"),
    "openapi": (_openapi, "print what the server offers, as an OpenAPI document"),
    "health": (_health, "whether the store takes writes, the disk has room, how long the certificate is valid"),
}


if __name__ == "__main__":
    sys.exit(main())
