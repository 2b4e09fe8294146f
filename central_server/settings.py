"""Where a server's folder keeps what, and what its operator chose.

    keys.json      the study's keys (central_server.authority)      server.json   what is below
    casebook.db    the store, encrypted                             lock          taken while stating something

Source: docs/operations.md.
"""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

from casebook.errors import ServerFolderError

DEFAULT_PORT = 8443
_FILE = "server.json"
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What the operator chose at `init`.

    Attributes:
        folder: Where everything of this server lies.
        study: The study's short code, in every record.
        roles: Role ids of the study (`ROLE.INVESTIGATOR`, ...).
        host: Address to listen on.
        names: Names and addresses by which laptops reach the server, in its certificate; the first is
            printed with enrolment codes.
    """

    folder: Path
    study: str
    roles: tuple[str, ...]
    host: str
    port: int
    names: tuple[str, ...]

    @property
    def database(self) -> Path:
        """The encrypted store."""
        return self.folder / "casebook.db"

    @property
    def url(self) -> str:
        """The address that laptops are given."""
        name = f"[{self.names[0]}]" if ":" in self.names[0] else self.names[0]
        return f"https://{name}:{self.port}"

    def role(self, text: str) -> str | None:
        """Return the study's role that `text` names (`investigator` or `ROLE.INVESTIGATOR`), or None."""
        wanted = text.upper().removeprefix("ROLE.")
        return next((role for role in self.roles if role.removeprefix("ROLE.") == wanted), None)


def read_study(folder: Path) -> tuple[str, tuple[str, ...]]:
    """Return code and role ids of a study: all that the server knows of it.

    Raises:
        ServerFolderError: The folder holds no study.
    """
    try:
        study = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
        return str(study["study"]["code"]), tuple(str(role["oid"]) for role in study["role"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ServerFolderError(folder=folder, why="it holds no study that can be read") from None


def write_settings(settings: ServerSettings) -> None:
    """Keep the settings in the server's folder."""
    document = {
        "v": _VERSION,
        "study": settings.study,
        "roles": list(settings.roles),
        "host": settings.host,
        "port": settings.port,
        "names": list(settings.names),
    }
    (settings.folder / _FILE).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def read_settings(folder: Path) -> ServerSettings:
    """Read the settings of a server's folder. Raises ServerFolderError when it is none."""
    try:
        document = json.loads((folder / _FILE).read_text(encoding="utf-8"))
        return ServerSettings(
            folder=folder,
            study=document["study"],
            roles=tuple(document["roles"]),
            host=document["host"],
            port=document["port"],
            names=tuple(document["names"]),
        )
    except FileNotFoundError:
        raise ServerFolderError(folder=folder, why="it holds no server; run init first") from None
    except (ValueError, KeyError, TypeError):
        raise ServerFolderError(folder=folder, why="its settings are damaged") from None
