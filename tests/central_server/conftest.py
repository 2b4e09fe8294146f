"""One real server process for the tests of a module."""

from collections.abc import Iterator

import pytest

from tests.server_process import ServerProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    sites = {f"{number:03d}": f"Site {number}" for number in range(1, 10)}
    with ServerProcess(tmp_path_factory.mktemp("server"), sites=sites) as process:
        yield process
