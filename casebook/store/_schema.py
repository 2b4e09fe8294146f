"""The tables of the commit log, their guards, and how an older file is brought up to date.

Changing a table means a new migration and a new `VERSION`; a file of any released version opens for ever.

Source: docs/store.md, section "The database"; 21 CFR 11.10(e): a change never obscures what was recorded.
"""

from casebook.store import _sqlite, _tips

APPLICATION_ID = 0x43425331  # "CBS1"
VERSION = 3

_FIRST_RECEIPTS = """CREATE TABLE receipt_ (
    position INTEGER PRIMARY KEY,
    body BLOB NOT NULL UNIQUE,
    device TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    kept_at INTEGER NOT NULL
) STRICT"""
_SERVER_EPOCH = "server_epoch TEXT NOT NULL DEFAULT ''"

_TABLES = {
    "commit_": """CREATE TABLE commit_ (
    position INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    device TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL CHECK (sequence > 0),
    previous BLOB CHECK (length(previous) = 32),
    kind TEXT NOT NULL,
    compartment TEXT NOT NULL,
    subject TEXT,
    header BLOB NOT NULL,
    payload BLOB NOT NULL,
    signature BLOB NOT NULL,
    kept_at INTEGER NOT NULL
) STRICT""",
    # Spelt as SQLite spells a table to which a column was added.
    "receipt_": _FIRST_RECEIPTS.replace("\n) STRICT", f"\n, {_SERVER_EPOCH}) STRICT"),
    "parked_": """CREATE TABLE parked_ (
    id BLOB NOT NULL UNIQUE,
    previous BLOB NOT NULL,
    subject TEXT,
    header BLOB NOT NULL,
    payload BLOB NOT NULL,
    signature BLOB NOT NULL,
    kept_at INTEGER NOT NULL
) STRICT""",
    "quarantine_": """CREATE TABLE quarantine_ (
    position INTEGER PRIMARY KEY,
    body BLOB NOT NULL UNIQUE,
    why TEXT NOT NULL,
    kept_at INTEGER NOT NULL
) STRICT""",
    "setting_": "CREATE TABLE setting_ (key TEXT PRIMARY KEY, text TEXT NOT NULL) STRICT",
    # What stands in the place of a payload that was redacted: the redaction itself (see casebook.ledger).
    "redacted_": """CREATE TABLE redacted_ (
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 32),
    payload BLOB NOT NULL CHECK (substr(payload, 1, 16) = X'4352462D72656461637465642D763100'),
    kept_at INTEGER NOT NULL
) STRICT""",
    "tip_": """CREATE TABLE tip_ (
    id BLOB PRIMARY KEY,
    device TEXT NOT NULL,
    epoch TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    site TEXT NOT NULL
) STRICT""",
    "summary_": "CREATE TABLE summary_ (subject TEXT PRIMARY KEY, digest TEXT NOT NULL, body BLOB NOT NULL) STRICT",
}

_INDEXES = (
    "CREATE INDEX commit_by_chain ON commit_ (device, epoch, sequence)",
    "CREATE INDEX commit_by_subject ON commit_ (subject)",
    "CREATE INDEX commit_by_kind ON commit_ (kind)",
    "CREATE INDEX receipt_by_chain ON receipt_ (device, epoch, sequence)",
    "CREATE INDEX receipt_by_serial ON receipt_ (serial)",
    "CREATE INDEX parked_by_previous ON parked_ (previous)",
)
_TIP_INDEXES = (
    "CREATE INDEX tip_by_chain ON tip_ (device, epoch)",
    "CREATE INDEX tip_by_site ON tip_ (site)",
)

_SEALED_COLUMNS = (
    "NEW.position = OLD.position AND NEW.id = OLD.id AND NEW.device = OLD.device AND NEW.epoch = OLD.epoch"
    " AND NEW.sequence = OLD.sequence AND NEW.previous IS OLD.previous AND NEW.kind = OLD.kind"
    " AND NEW.compartment = OLD.compartment AND NEW.header = OLD.header"
)
_NEVER_CHANGED = " BEGIN SELECT RAISE(ABORT, 'a commit is never changed'); END"

_GUARDS = {
    # Whose a commit is may be learnt later; it is an index and no part of what was sealed. A payload may be replaced
    # once, by the redaction of this very commit that is kept already.
    "commit_no_update": (
        f"CREATE TRIGGER commit_no_update BEFORE UPDATE ON commit_ WHEN NOT ({_SEALED_COLUMNS}"
        " AND NEW.signature = OLD.signature AND NEW.kept_at = OLD.kept_at"
        " AND ((OLD.subject IS NULL AND NEW.payload = OLD.payload)"
        " OR (NEW.subject IS OLD.subject AND NEW.payload IS (SELECT payload FROM redacted_ WHERE id = OLD.id)"
        " AND substr(OLD.payload, 1, 16) <> X'4352462D72656461637465642D763100')))"
        f"{_NEVER_CHANGED}"
    ),
    "redacted_no_update": (
        "CREATE TRIGGER redacted_no_update BEFORE UPDATE ON redacted_"
        " BEGIN SELECT RAISE(ABORT, 'a redaction is never changed'); END"
    ),
    "redacted_no_delete": (
        "CREATE TRIGGER redacted_no_delete BEFORE DELETE ON redacted_"
        " BEGIN SELECT RAISE(ABORT, 'a redaction is never deleted'); END"
    ),
    "commit_no_delete": (
        "CREATE TRIGGER commit_no_delete BEFORE DELETE ON commit_"
        " BEGIN SELECT RAISE(ABORT, 'a commit is never deleted'); END"
    ),
    "receipt_no_update": (
        "CREATE TRIGGER receipt_no_update BEFORE UPDATE ON receipt_"
        " BEGIN SELECT RAISE(ABORT, 'a receipt is never changed'); END"
    ),
    "receipt_no_delete": (
        "CREATE TRIGGER receipt_no_delete BEFORE DELETE ON receipt_"
        " BEGIN SELECT RAISE(ABORT, 'a receipt is never deleted'); END"
    ),
}

_migrations = _sqlite.Migrations("commit_log")


_FIRST_UPDATE_GUARD = (
    "CREATE TRIGGER commit_no_update BEFORE UPDATE ON commit_ WHEN NOT (OLD.subject IS NULL"
    f" AND {_SEALED_COLUMNS} AND NEW.payload = OLD.payload"
    " AND NEW.signature = OLD.signature AND NEW.kept_at = OLD.kept_at)"
    f"{_NEVER_CHANGED}"
)


@_migrations()
def begin(database: _sqlite.Database) -> None:
    """Make the tables of version 1."""
    later = {"receipt_": _FIRST_RECEIPTS, "redacted_": "", "tip_": ""}
    tables = filter(None, (later.get(name, statement) for name, statement in _TABLES.items()))
    guards = (statement for name, statement in _GUARDS.items() if not name.startswith("redacted_"))
    for statement in (*tables, *_INDEXES, *guards):
        database.execute(_FIRST_UPDATE_GUARD if statement == _GUARDS["commit_no_update"] else statement)


@_migrations()
def redactions(database: _sqlite.Database) -> None:
    """Let the payload of a redacted commit be replaced: version 2."""
    database.execute(_TABLES["redacted_"])
    database.execute("DROP TRIGGER commit_no_update")
    for name in ("commit_no_update", "redacted_no_update", "redacted_no_delete"):
        database.execute(_GUARDS[name])


@_migrations()
def ends_and_server_epochs(database: _sqlite.Database) -> None:
    """Keep the ends of chains at hand, and under which epoch of the server a receipt was given: version 3."""
    database.execute(_TABLES["tip_"])
    for statement in _TIP_INDEXES:
        database.execute(statement)
    database.execute(_tips.FILL)
    database.execute(f"ALTER TABLE receipt_ ADD COLUMN {_SERVER_EPOCH}")


def build(connection: _sqlite.Connection) -> None:
    """Bring a file, empty or of an earlier version, to this version; wholly or not at all."""
    database = _sqlite.as_database(connection)
    with _sqlite.transaction(connection):
        _migrations.apply(database)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {VERSION}")


def identify(connection: _sqlite.Connection) -> tuple[int, int]:
    """Return the file's application id and version."""
    application_id = connection.execute("PRAGMA application_id").fetchall()[0][0]
    version = connection.execute("PRAGMA user_version").fetchall()[0][0]
    return int(application_id), int(version)


def wrong_guards(connection: _sqlite.Connection) -> tuple[str, ...]:
    """Return the names of guards that are missing or changed, and of triggers that are not ours."""
    return _differing(connection, "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'", _GUARDS)


def wrong_tables(connection: _sqlite.Connection) -> tuple[str, ...]:
    """Return the names of tables that are missing, changed or not ours, and of views."""
    found = (
        "SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'view')"
        " AND name NOT LIKE 'sqlite!_%' ESCAPE '!' AND name <> '_sqlite_migrations'"
    )
    return _differing(connection, found, _TABLES)


def _differing(connection: _sqlite.Connection, sql: str, wanted: dict[str, str]) -> tuple[str, ...]:
    found = {str(name): str(text) for name, text in connection.execute(sql).fetchall()}
    names = wanted.keys() | found.keys()
    return tuple(sorted(name for name in names if found.get(name) != wanted.get(name)))
