"""The official ODM 1.3.2 schema: every ODM file is held against it before anybody gets it.

The schema is CDISC's own, in the files that odmlib carries; none of odmlib's code is run.

Source: CDISC ODM 1.3.2; docs/adr/0016.
"""

import sys
from functools import cache
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from casebook.errors import ExportInvalidError

_SCHEMA = Path("odmlib", "schemas", "odm", "1.3.2", "ODM1-3-2.xsd")


def schema_file() -> Path:
    """Return where the schema lies, in an installation or in the built application.

    Raises:
        ExportInvalidError: The installation is not whole.
    """
    for folder in sys.path:
        if (file := Path(folder) / _SCHEMA).is_file():
            return file
    raise ExportInvalidError(why="ODM1-3-2.xsd")


@cache
def _schema() -> "etree.XMLSchema":
    return etree.XMLSchema(etree.parse(schema_file()))


def refuse_unless_valid(file: BinaryIO) -> None:
    """Read an ODM file from its beginning, piece by piece, and hold it against the schema.

    Raises:
        ExportInvalidError: It is not valid; nothing of the sort should ever be handed out.
    """
    file.seek(0)
    try:
        for _, element in etree.iterparse(file, schema=_schema(), resolve_entities=False, no_network=True):
            element.clear()
    except etree.XMLSyntaxError as error:
        raise ExportInvalidError(why=str(error)) from None
