"""Nobody of a laptop can sign in any more: the study's custodians open it, from the server's copy of its key slots."""

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from casebook.crypto import PRODUCTION_KDF
from casebook.errors import WrongRecoveryCodeError
from casebook.ids import UserId
from casebook.store.escrow import write_custodian_key
from casebook.store.slots import SIDECAR, SIDECAR_COPY
from desktop_app import cli
from desktop_app.audit_snapshots import AuditKind, AuditQuestion
from desktop_app.session import Session
from tests.desktop_app.test_audit import enter
from tests.journeys.online import online_laptop
from tests.laptops import PASSPHRASE, sync
from tests.server_process import CUSTODIAN_KEYS, ServerProcess

PHRASE = "kept far from the key"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path / "server") as running:
        yield running


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    """The key files of the custodians: of the data, and of what is unblinding."""
    policy = replace(PRODUCTION_KDF, chosen=PRODUCTION_KDF.floor)
    for name, key in zip(("data", "unblinding"), CUSTODIAN_KEYS, strict=True):
        (tmp_path / f"{name}.key").write_bytes(write_custodian_key(key, PHRASE, policy, os.urandom))
    return tmp_path / "data.key", tmp_path / "unblinding.key"


OpenForSite = Callable[..., str | None]


@pytest.fixture
def open_for_site(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> OpenForSite:
    """Return what fetches a laptop's slots from the server, opens them by command, and hands the site the file."""

    def act(number: int, *keyfiles: Path) -> str | None:
        (site,) = server.status()["sites"]
        (laptop,) = site["laptops"]
        copy, out = tmp_path / f"slots{number}.json", tmp_path / f"opened{number}.json"
        server.command("sidecar", "--device", laptop["device"], "--out", str(copy))
        capsys.readouterr()
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{PHRASE}\n" * len(keyfiles)))
        chosen = [word for file in keyfiles for word in ("--key", str(file))]
        status = cli.run(["custodian", "open", "--sidecar", str(copy), *chosen, "--out", str(out)])
        if status != 0:
            return None
        for name in (SIDECAR, SIDECAR_COPY):
            (tmp_path / "laptop" / name).write_bytes(out.read_bytes())
        return capsys.readouterr().out.splitlines()[1]

    return act


def said(session: Session) -> str:
    view = session.audit.page(AuditQuestion(kind=AuditKind.SECURITY))
    return "\n".join(f"{row.who('en')}: {row.sentence('en')}" for row in view.rows)


def test_custodians_let_a_site_in_again(
    server: ServerProcess, keys: tuple[Path, Path], open_for_site: OpenForSite, tmp_path: Path
) -> None:
    laptop = online_laptop(tmp_path / "laptop")
    gone, personal = server.add_user("Investigator who left", "ROLE.INVESTIGATOR")
    lost = laptop.enrol(server.enrolment_code(), server.url, personal, "Ward", PASSPHRASE)
    laptop.test_recovery(lost)
    session = laptop.unlock(UserId(gone), PASSPHRASE)
    key, path = enter(session, "11")
    sync(laptop, session)
    session.lock()
    data, unblinding = keys

    # The custodian of what is unblinding opens no laptop alone.
    assert open_for_site(0, unblinding) is None

    # The custodian of the data lets somebody in, to what a blinded person sees.
    code = open_for_site(1, data)
    assert code is not None
    user, personal = server.add_user("Investigator", "ROLE.INVESTIGATOR")
    sheet = laptop.recover(code, personal, PASSPHRASE)
    laptop.test_recovery(sheet)
    session = laptop.unlock(UserId(user), PASSPHRASE)
    assert session.blinded
    assert session.notice is not None
    assert "You do not hold the key" in session.notice("en")
    assert [row.number for row in session.subjects()] == ["001-A001"]
    trail = said(session)
    assert "The study's key in custody was used to open this laptop (person: Investigator)." in trail
    assert "A key was replaced by a new one (because of: The study's key in custody was used" in trail
    sync(laptop, session)
    session.lock()
    with pytest.raises(WrongRecoveryCodeError):
        laptop.recover(code, server.personal_code(user), PASSPHRASE)

    # Both custodians together open everything, after the rotation too, and nothing that was recorded is lost.
    code = open_for_site(2, data, unblinding)
    assert code is not None
    laptop.test_recovery(laptop.recover(code, server.personal_code(user), PASSPHRASE))
    session = laptop.unlock(UserId(user), PASSPHRASE)
    assert not session.blinded
    assert session.form(key).item(path).reading.value == "11"
    assert said(session).count("The study's key in custody was used to open this laptop (person: Investigator).") == 2
    sync(laptop, session)
    assert session.sync_view().here_only == 0
    session.lock()
    with pytest.raises(WrongRecoveryCodeError):
        laptop.recover(sheet, server.personal_code(user), PASSPHRASE)
