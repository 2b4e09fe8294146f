"""A real nginx before a real server, with the files that are shipped, and the test that tells when one keeps back."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from casebook import crypto
from casebook.errors import ProxyBuffersError, ServerAnswerError, ServerNotTrustedError, ServerUnreachableError
from central_server import selftest
from central_server.__main__ import main
from central_server.authority import read_keys
from tests.central_server.laptops import EnrolledLaptop, identities
from tests.server_process import ServerProcess

DEPLOY = Path(__file__).parents[2] / "deploy"
_TRIES = 200


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    folder = tmp_path_factory.mktemp("server")
    made = ServerProcess(folder / "server", port=_free_port())
    made.command("tls", "--name", "127.0.0.1", "--name", "localhost", "--export", str(folder / "nginx"))
    with made:
        yield made


@contextmanager
def _nginx(server: ServerProcess, folder: Path, file: str = "nginx.conf", *changes: tuple[str, str]) -> Iterator[str]:
    """Run nginx with a file that is shipped, at free ports and in a folder of the test; gives its address."""
    port = _free_port()
    config = (DEPLOY / file).read_text(encoding="utf-8")
    for old, new in (
        ("/etc/casebook/", f"{server.folder.parent / 'nginx'}/"),
        ("crf.example.cn", "localhost"),
        ("127.0.0.1:8443", server.url.removeprefix("https://")),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("/run/nginx.pid", str(folder / "nginx.pid")),
        ("/var/log/nginx/error.log", str(folder / "error.log")),
        ("load_module modules/", "load_module /usr/lib/nginx/modules/"),
        *changes,
    ):
        assert old in config or old.startswith(("/etc", "crf", "load"))
        config = config.replace(old, new)
    if "http {" in config:
        temporary = "".join(
            f"{kind}_temp_path {folder / kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = config.replace("http {", "http {\n" + temporary)
    (folder / "nginx.conf").write_text(config, encoding="utf-8")
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen(
        [
            program,
            "-c",
            str(folder / "nginx.conf"),
            "-p",
            str(folder),
            "-e",
            str(folder / "error.log"),
            "-g",
            "daemon off;",
        ]
    )
    try:
        for _ in range(_TRIES):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            asyncio.run(asyncio.sleep(0.05))
        yield f"https://localhost:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def _prove(url: str, server: ServerProcess, wait_s: float = 3.0) -> None:
    keys = read_keys(server.folder, passphrase=None, policy=crypto.PRODUCTION_KDF)
    asyncio.run(selftest.prove(url, keys.authority, wait_s=wait_s))


@pytest.mark.parametrize("file", ["nginx.conf", "nginx-passthrough.conf"])
def test_laptop_exchanges_through_the_nginx_that_is_shipped(server: ServerProcess, tmp_path: Path, file: str) -> None:
    first, second = EnrolledLaptop(server), EnrolledLaptop(server, name="Colleague")
    written = [first.write(str(value)) for value in range(30)]
    direct = server.url
    with _nginx(server, tmp_path, file) as url:
        _prove(url, server)
        assert main(["selftest", url, str(server.folder)]) == 0
        server.url = url
        try:
            reports = [first.sync(), second.sync(), first.sync()]
        finally:
            server.url = direct
    assert all(report.in_step for report in reports[1:])
    assert {one.id for one in written} <= identities(second.log)


def test_proxy_that_keeps_requests_until_they_are_whole_fails_the_test(
    server: ServerProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with _nginx(server, tmp_path, "nginx.conf", ("proxy_request_buffering off", "proxy_request_buffering on")) as url:
        with pytest.raises(ProxyBuffersError):
            _prove(url, server, wait_s=1.0)
        _prove(server.url, server)
        assert main(["selftest", url, str(server.folder)]) == 3
    assert "proxy_request_buffering off" in capsys.readouterr().err


def test_server_that_is_started_behind_such_a_proxy_ends_with_a_sentence(server: ServerProcess, tmp_path: Path) -> None:
    with _nginx(server, tmp_path, "nginx.conf", ("proxy_request_buffering off", "proxy_request_buffering on")) as url:
        other = ServerProcess(server.folder, port=0)
        other.start("--behind", url)
        code = other.wait()
    assert code == 3
    assert any("proxy_request_buffering off" in line for line in other.log_lines)


def test_what_is_no_server_of_this_study_is_told(server: ServerProcess, tmp_path: Path) -> None:
    stranger = ServerProcess(tmp_path / "stranger")
    with stranger, pytest.raises(ServerNotTrustedError):
        _prove(stranger.url, server)
    with pytest.raises(ServerUnreachableError):
        _prove(f"https://127.0.0.1:{_free_port()}", server)
    with (
        _nginx(server, tmp_path, "nginx.conf", ("location /sync/v1/", "location /elsewhere/")) as url,
        pytest.raises(ServerAnswerError),
    ):
        _prove(url, server)


def test_unit_is_one_that_systemd_takes() -> None:
    program = shutil.which("systemd-analyze")
    assert program is not None
    done = subprocess.run(
        [program, "verify", "--man=no", str(DEPLOY / "casebook-server.service")],
        capture_output=True,
        text=True,
        check=False,
    )
    wrong = [line for line in done.stderr.splitlines() if "casebook-server.service" in line]
    assert [line for line in wrong if "is not executable" not in line] == []
