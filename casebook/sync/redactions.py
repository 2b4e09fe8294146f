"""Redactions as they come: believed under the directory's keys, then put in the place of what they redact.

Source: docs/record_format.md, section "Redaction"; docs/sync_protocol.md, section "Taking in".
"""

from collections.abc import Iterable

from casebook import redaction
from casebook.errors import CommitUnreadableError, CommitUntrustedError
from casebook.ids import CommitId, DeviceId, KeyId, UserId
from casebook.ledger import REDACTION, SealedCommit, redaction_of
from casebook.redaction import Authority
from casebook.store import CommitLog
from casebook.sync.trust import Directory


def authority_of(directory: Directory) -> Authority:
    """Return who may sign a redaction, as the server stated it."""

    def person_key(user: UserId, device: DeviceId, key: KeyId) -> bytes | None:
        found = directory.person(user, device, key)
        return found.signing if found is not None else None

    return Authority(key=directory.key, person_key=person_key, may_write=directory.may_write)


def take_redactions(log: CommitLog, directory: Directory, commits: Iterable[SealedCommit]) -> tuple[CommitId, ...]:
    """Carry out the redactions among commits that are in the log, and return which commits lost a payload by it.

    One that does not verify, or does not fit what it names, stays in its chain and has no effect. One whose commit
    has not come yet is carried out when it comes. Doing it again does nothing.
    """
    authority = authority_of(directory)
    done: list[CommitId] = []
    for commit in commits:
        if commit.parsed.kind != REDACTION:
            continue
        try:
            said = redaction.check_redaction(commit, authority)
        except (CommitUnreadableError, CommitUntrustedError):
            continue
        if log.has(said.commit) and not redaction.fits(commit, log.commit(said.commit)):
            continue
        if log.redact(commit):
            done.append(said.commit)
    return tuple(done)


def check_taken_out(commit: SealedCommit, directory: Directory) -> bool:
    """Tell whether a commit that comes without its payload can be taken now.

    Returns:
        False while the author of the redaction is not certified here: it waits.

    Raises:
        CommitUnreadableError, CommitUntrustedError: What stands in the place of the payload is no redaction of it.
    """
    proof = redaction_of(commit)
    if proof is None:
        return True
    if directory.key(proof.parsed) is None:
        return False
    redaction.check_redacted(commit, authority_of(directory))
    return True
