"""The audit trail in sentences: one line for each change and each act, whoever reads it.

    act        one thing that a commit says, and what is needed to say it
    acts       from each kind of commit to its acts; a new kind adds its function there
    events     security events and the server's statements in words
    words      values, items, forms and acts in the words of the study
    lines      the lines of many commits in one order, made as they are asked for
    filters    which lines a reader wants
    printed    lines as a table for paper and as a table for spreadsheets

Nothing here decides, hides or changes what is recorded; a commit that cannot be read is a line that says so.

Source: 21 CFR 11.10(e); ICH E6(R3) 4.2.2; docs/record_format.md, section "Audit".
"""

from casebook.audit.act import Act, AuditContext
from casebook.audit.filters import AuditFilter
from casebook.audit.lines import AuditLine, audit_of
from casebook.audit.printed import audit_csv, audit_table

__all__ = ["Act", "AuditContext", "AuditFilter", "AuditLine", "audit_csv", "audit_of", "audit_table"]
