"""A study in memory whose laptop sends attachments; the tests of other things make their own."""

import pytest

from tests.casebook.sync.chunk_study import Attacher, ChunkServer
from tests.casebook.sync.study import Server, memory_study


@pytest.fixture
def server() -> Server:
    return memory_study(sites=("001", "002"))


@pytest.fixture
def desk(server: Server) -> ChunkServer:
    return ChunkServer(server)


@pytest.fixture
def laptop(server: Server, desk: ChunkServer) -> Attacher:
    return Attacher(server, desk)
