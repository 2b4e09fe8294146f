"""What does not verify is set aside: kept, never shown, never forwarded, and bounded for each sender.

The oldest stay, since they tell how it began; of a sender that floods nothing more is kept beyond the bound, and
those of others are. Whoever did not prove who they are share one bound.

Source: docs/sync_protocol.md, section "Taking in"; docs/threat_model.md.
"""

from casebook.store import CommitLog

MOST_BYTES = 16 * 1024 * 1024
"""Of one sender in one shelf: thousands of saves, and the largest commit that there can be."""
_ASIDE = "aside."
"""Setting: how many bytes of a sender were set aside; the sender's device id follows."""


def set_aside(log: CommitLog, body: bytes, why: str, sender: str) -> bool:
    """Keep bytes that do not verify, unless their sender has reached the bound.

    Args:
        sender: The device whose they are, "" where that was not proven.

    Returns:
        Whether they are new and were kept.
    """
    kept = int(log.setting(_ASIDE + sender) or "0")
    if kept + len(body) > MOST_BYTES or not log.quarantine(body, why):
        return False
    log.set_setting(_ASIDE + sender, str(kept + len(body)))
    return True
