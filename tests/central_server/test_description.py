"""The real server against its own description, with requests that schemathesis makes up.

No request of chance is answered by an error of our own making, by a status that is not described, or by a body of
another kind than described. Frames are made up so that they come past the first byte.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from casebook import crypto
from casebook.sync.frames import FrameType, write_frame
from central_server.authority import read_keys
from central_server.describing import FRAMES
from tests.server_process import ServerProcess

_FRAME = st.builds(write_frame, st.sampled_from(FrameType), st.binary(max_size=300))
schemathesis.openapi.media_type(FRAMES, st.one_of(st.binary(max_size=400), st.lists(_FRAME, max_size=4).map(b"".join)))
_ALLOWED = {405}
"""A method that a route does not have is refused before any of our own work begins."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("server") / "server") as process:
        yield process


@pytest.fixture(scope="module")
def authority(server: ServerProcess) -> Path:
    keys = read_keys(server.folder, passphrase=None, policy=crypto.PRODUCTION_KDF)
    file = server.folder / "authority.pem"
    file.write_bytes(crypto.certificate_pem(keys.authority))
    return file


@pytest.mark.parametrize("route", ["health", "authority", "probe", "enrol", "people", "exchange", "chunks"])
def test_no_request_of_chance_is_answered_otherwise_than_described(
    server: ServerProcess, authority: Path, route: str
) -> None:
    schema = schemathesis.openapi.from_dict(json.loads(server.command("openapi")))
    found = [one.ok() for one in schema.get_all_operations() if isinstance(one, Ok)]
    operation = next(one for one in found if one.path == f"/sync/v1/{route}")

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(operation.as_strategy())
    def hold(case: schemathesis.Case[APIOperation[Any, Any, Any, Any]]) -> None:
        response = case.call(base_url=server.url, verify=str(authority))
        if response.status_code not in _ALLOWED:
            case.validate_response(
                response, checks=[not_a_server_error, status_code_conformance, content_type_conformance]
            )

    hold()


def test_description_names_every_route_that_the_server_has(server: ServerProcess) -> None:
    paths = json.loads(server.command("openapi"))["paths"]
    assert {path.removeprefix("/sync/v1/") for path in paths} == {
        "health",
        "authority",
        "probe",
        "enrol",
        "people",
        "exchange",
        "chunks",
    }
