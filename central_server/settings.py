"""Where a server's folder keeps what, and what its operator chose.

    keys.json      the study's keys (central_server.authority)      server.json   what is below
    casebook.db    the store, encrypted                             lock          taken while stating something
    unblinding.db  what could tell a treatment, in a file of its own

Source: docs/operations.md.
"""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casebook.errors import ServerFolderError
from casebook.ledger import STANDARD, UNBLINDING
from casebook.sync.office import RoleFacts

DEFAULT_PORT = 8443
_FILE = "server.json"
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """What the operator chose at `init`.

    Attributes:
        folder: Where everything of this server lies.
        study: The study's short code, in every record.
        study_folder: The study's definition; None for the one that is shipped.
        roles: The study's roles, as the definition said at `init`.
        host: Address to listen on.
        names: Names and addresses by which laptops reach the server, in its certificate; the first is
            printed with enrolment codes.
        custodians: Public keys (X25519, 32 raw bytes) of the custodians of the data and of what is unblinding.
    """

    folder: Path
    study: str
    roles: tuple[RoleFacts, ...]
    host: str
    port: int
    names: tuple[str, ...]
    custodians: tuple[bytes, bytes]
    study_folder: Path | None = None

    @property
    def database(self) -> Path:
        """The encrypted store of shelf S."""
        return self.folder / "casebook.db"

    @property
    def unblinding_database(self) -> Path:
        """The encrypted store of shelf U."""
        return self.folder / "unblinding.db"

    @property
    def url(self) -> str:
        """The address that laptops are given."""
        name = f"[{self.names[0]}]" if ":" in self.names[0] else self.names[0]
        return f"https://{name}:{self.port}"

    def role(self, text: str) -> RoleFacts | None:
        """Return the study's role that `text` names (`investigator` or `ROLE.INVESTIGATOR`), or None."""
        wanted = text.upper().removeprefix("ROLE.")
        return next((role for role in self.roles if role.oid.removeprefix("ROLE.") == wanted), None)


def read_study(folder: Path) -> tuple[str, tuple[RoleFacts, ...]]:
    """Return code and roles of a study.

    Raises:
        ServerFolderError: The folder holds no study.
    """
    try:
        study = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
        return str(study["study"]["code"]), tuple(_role(one) for one in study["role"])
    except (OSError, ValueError, KeyError, TypeError):
        raise ServerFolderError(folder=folder, why="it holds no study that can be read") from None


def _role(node: dict[str, Any]) -> RoleFacts:
    sees = node.get("sees", ["standard", "identity", "unblinding"])
    return RoleFacts(
        oid=str(node["oid"]),
        sees=STANDARD + ("I" if "identity" in sees else "") + (UNBLINDING if "unblinding" in sees else ""),
        rights=frozenset(str(right) for right in node["rights"]),
        of_study=node.get("level", "site") == "study",
    )


def write_settings(settings: ServerSettings) -> None:
    """Keep the settings in the server's folder."""
    document = {
        "v": _VERSION,
        "study": settings.study,
        "study_folder": str(settings.study_folder) if settings.study_folder is not None else "",
        "roles": [
            {"oid": role.oid, "sees": role.sees, "rights": sorted(role.rights), "of_study": role.of_study}
            for role in settings.roles
        ],
        "custodians": [key.hex() for key in settings.custodians],
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
            roles=tuple(
                RoleFacts(oid=one["oid"], sees=one["sees"], rights=frozenset(one["rights"]), of_study=one["of_study"])
                for one in document["roles"]
            ),
            host=document["host"],
            port=document["port"],
            names=tuple(document["names"]),
            custodians=_custodians(document["custodians"]),
            study_folder=Path(document["study_folder"]) if document["study_folder"] else None,
        )
    except FileNotFoundError:
        raise ServerFolderError(folder=folder, why="it holds no server; run init first") from None
    except (ValueError, KeyError, TypeError):
        raise ServerFolderError(folder=folder, why="its settings are damaged") from None


def _custodians(keys: list[str]) -> tuple[bytes, bytes]:
    data, unblinding = (bytes.fromhex(key) for key in keys)
    return data, unblinding
