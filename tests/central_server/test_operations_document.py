"""The commands of docs/operations.md, run as they are printed there."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from central_server.__main__ import main
from tests.server_process import CUSTODIANS

_DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"
_ELSEWHERE = {"run", "selftest", "bundle"}
"""`run` does not end, and `selftest` needs it: both are in test_proxy; bundles need a laptop: test_bundles."""


def _commands() -> Iterator[list[str]]:
    for block in re.findall(r"^```\n(.*?)^```$", _DOCUMENT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            program, *arguments = shlex.split(line)
            if program == "casebook-server" and arguments[0] not in _ELSEWHERE:
                yield arguments


def test_commands_of_the_document_do_what_it_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def placed(argument: str) -> str:
        return str(tmp_path) + argument if argument.startswith(("/srv", "/etc")) else argument

    (tmp_path / "srv" / "backup").mkdir(parents=True)
    done = []
    for arguments in _commands():
        here = [placed(one) for one in arguments]
        if here[0] == "init":
            here = [*here, "--site", "002=Two", "--site", "900=Sponsor", *CUSTODIANS]
        assert main(here) == 0, (arguments, capsys.readouterr().err)
        done.append(arguments[0])
    assert {"init", "enrol", "user", "export", "backup", "check", "receipts", "health", "restore", "tls"} <= set(done)
    assert "Missing: 0" in capsys.readouterr().out


def test_every_command_of_the_document_is_one_that_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    text = _DOCUMENT.read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z]+) (?:FOLDER|DIR|URL)", text, re.MULTILINE))
    with pytest.raises(SystemExit):
        main(["--help"])
    said = capsys.readouterr().out
    assert named
    assert not [name for name in named if name not in said]
