"""The record as files for others: CDISC ODM 1.3.2 and tables. One door.

    plan of an export   identity left out, conflicts left out, derived values worked out   gathered
    odm                 a snapshot and the transactions that led there, held against the official schema
    tables, dictionary  one table for each form; subjects, findings, eligibility, audit; what it all means
    folder              a folder or a ZIP archive that appears whole or not at all

Nothing here reads a clock, a locale or a database: the same record and the same moment give the same bytes.

Source: docs/export.md; docs/adr/0016.
"""

from casebook.export.context import ExportContext, ExportFormat, ExportPerson
from casebook.export.door import Export, export_record
from casebook.export.folder import write_export

__all__ = ["Export", "ExportContext", "ExportFormat", "ExportPerson", "export_record", "write_export"]
