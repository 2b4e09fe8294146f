"""Oversight of entries: queries, flags, source data verification, signatures, and what may be done with them.

Everything is a function of the set of commits: order of arrival, duplicates and clocks do not matter.

Source: docs/record_format.md, section "Scopes, frontiers, what is held"; 21 CFR 11.10, 11.50, 11.70.
"""

from casebook.oversight.acts import Register, Said, mark_of, register_of, said
from casebook.oversight.flags import FlagState, ItemVerification, Verification, to_verify
from casebook.oversight.queries import Double, Query, QueryState, Turn, conflict_queries, double_queries
from casebook.oversight.signatures import (
    FormSignature,
    SignState,
    printed_digest,
    readable,
    to_sign_again,
)
from casebook.oversight.whole import NO_OVERSIGHT, FormFlags, Oversight, Verified
from casebook.signed_content import content_digests

__all__ = [
    "NO_OVERSIGHT",
    "Double",
    "FlagState",
    "FormFlags",
    "FormSignature",
    "ItemVerification",
    "Oversight",
    "Query",
    "QueryState",
    "Register",
    "Said",
    "SignState",
    "Turn",
    "Verification",
    "Verified",
    "conflict_queries",
    "content_digests",
    "double_queries",
    "mark_of",
    "printed_digest",
    "readable",
    "register_of",
    "said",
    "to_sign_again",
    "to_verify",
]
