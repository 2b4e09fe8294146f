"""Who asks too much is put off and not refused; what is written down holds no datum."""

import asyncio
import contextlib
import io
import json
import logging
import os
import ssl
from collections.abc import MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from casebook import crypto
from casebook.errors import CodeRefusedError, ServerBusyError
from casebook.ids import new_device_id
from central_server import health, logs
from central_server.__main__ import main
from central_server.gate import Gate
from central_server.health import Health
from central_server.limits import Limit, Limits, retry_after_s
from desktop_app.sync_client import enrol
from tests.central_server.laptops import EnrolledLaptop
from tests.server_process import ServerProcess


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_bucket_empties_by_use_and_fills_by_time() -> None:
    clock = Clock()
    limit = Limit(3, 0.5, clock)
    for _ in range(3):
        assert limit.allows("a")
        limit.take("a")
    assert not limit.allows("a")
    assert limit.allows("b"), "another one is not hurt"
    clock.now = 2
    assert limit.allows("a")
    limit.take("a", 100)
    clock.now = 100
    assert not limit.allows("a"), "a debt is waited off"


def test_who_is_put_off_comes_back_at_a_time_of_chance() -> None:
    times = {retry_after_s() for _ in range(300)}
    assert min(times) >= 10
    assert max(times) <= 120
    assert len(times) > 50


def _asked(gate: Gate, path: str, address: str = "192.0.2.1") -> tuple[int, dict[bytes, bytes]]:
    said: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "client": (address, 1), "headers": []}
    asyncio.run(gate(scope, receive, send))
    return int(said[0]["status"]), dict(said[0]["headers"])


async def _refuses_codes(_: Scope, __: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 401, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_address_that_guesses_codes_is_put_off_and_another_is_not() -> None:
    gate = Gate(_refuses_codes, limits=Limits.usual(Clock()), waiting=lambda: 0)
    answers = [_asked(gate, "/sync/v1/enrol") for _ in range(30)]
    assert [status for status, _ in answers] == [401] * 20 + [503] * 10
    assert 10 <= int(answers[-1][1][b"retry-after"]) <= 120
    assert _asked(gate, "/sync/v1/people")[0] == 503
    assert _asked(gate, "/sync/v1/people", "192.0.2.2")[0] == 401
    assert _asked(gate, "/sync/v1/exchange")[0] == 401, "its exchanges go on"


def test_store_that_is_behind_puts_exchanges_off_and_tells_its_health() -> None:
    gate = Gate(_refuses_codes, limits=Limits.usual(Clock()), waiting=lambda: 1000)
    assert _asked(gate, "/sync/v1/exchange")[0] == 503
    assert _asked(gate, "/sync/v1/health")[0] == 401


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> ServerProcess:
    return ServerProcess(tmp_path_factory.mktemp("server") / "server")


def test_laptop_that_floods_is_slowed_and_others_are_not(server: ServerProcess) -> None:
    with server:
        flooder, other = EnrolledLaptop(server), EnrolledLaptop(server, name="Colleague")
        done = 0
        with contextlib.suppress(ServerBusyError):
            while done < 600:
                flooder.sync()
                done += 1
        other.write("1")
        report = other.sync()
    assert 200 <= done < 600
    assert report.in_step


def test_wrong_codes_over_the_network_are_put_off(tmp_path: Path) -> None:
    found = []
    with ServerProcess(tmp_path / "server") as server:
        code = server.enrolment_code()
        for _ in range(25):
            try:
                _enrol(server, code)
            except (CodeRefusedError, ServerBusyError) as error:
                found.append(type(error))
    assert found == [CodeRefusedError] * 20 + [ServerBusyError] * 4, "the first try used the code up"


def _enrol(server: ServerProcess, code: str) -> None:
    enrol(
        server.url,
        code,
        device=new_device_id(os.urandom),
        signing=crypto.SigningKey.generate(),
        sealing=crypto.SealingKey.generate(),
        name="Laptop",
        app_version="1",
    )


def test_every_line_of_the_log_is_an_object_without_data(tmp_path: Path) -> None:
    with ServerProcess(tmp_path / "server", sites={"001": "Secret hospital"}) as server:
        laptop = EnrolledLaptop(server, name="Secret name")
        laptop.write("secret-value")
        laptop.write("secret-identity", compartment="I")
        laptop.sync_both()
    lines = [json.loads(line) for line in server.log_lines]
    said = "\n".join(server.log_lines)
    exchanges = [one for one in lines if one.get("route") == "POST /sync/v1/exchange"]
    assert {"time", "level", "event"} <= set.intersection(*(set(one) for one in lines))
    assert exchanges[0]["device"] == laptop.device
    assert sum(one["new"] for one in exchanges) >= 2
    assert all(one["ms"] >= 0 and one["in"] > 0 and one["out"] > 0 for one in exchanges)
    for secret in ("ecret", "F.VS", "ITEM0", laptop.user, server.enrolment_code()):
        assert secret not in said


def test_error_of_our_own_making_is_logged_without_its_text() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines())
    logger = logging.getLogger("some.library")
    logger.addHandler(handler)
    try:
        int("secret-value")
    except ValueError:
        logger.exception("failed with %s", "secret-argument")
    logger.removeHandler(handler)
    written = json.loads(stream.getvalue())
    assert written["error"] == "ValueError"
    assert written["at"]
    assert "secret" not in stream.getvalue()


_WELL = Health(writes=True, why_not="", free_bytes=2**40, certificate_days=100)


@pytest.mark.parametrize(
    "failing", [replace(_WELL, writes=False), replace(_WELL, free_bytes=1000), replace(_WELL, certificate_days=-1)]
)
def test_health_needs_a_store_room_and_a_certificate(failing: Health) -> None:
    assert _WELL.is_up
    assert not failing.is_up
    assert list(health.in_words(_WELL))[-1] == "Up."
    assert list(health.in_words(failing))[-1] == "NOT up."


def test_health_is_told_on_the_command_line(server: ServerProcess, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["health", str(server.folder)]) == 0
    assert "days left" in capsys.readouterr().out
    assert main(["health", str(server.folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["writes"] is True


def test_connection_that_says_nothing_takes_nobodys_place(server: ServerProcess) -> None:
    with server:
        laptop = EnrolledLaptop(server, name="Third")
        port = int(server.url.rpartition(":")[2])
        context = ssl.create_default_context(cadata=crypto.certificate_pem(laptop.enrolled.authority).decode("ascii"))

        async def hold_many() -> bool:
            held = [
                await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="127.0.0.1")
                for _ in range(150)
            ]
            for _, writer in held:
                writer.write(b"POST /sync/v1/exchange HTTP/1.1\r\nHost: x\r\n")
            in_step = await asyncio.to_thread(lambda: laptop.sync().in_step)
            for _, writer in held:
                writer.transport.abort()
            return in_step

        assert asyncio.run(hold_many())
