"""How records travel: frames, messages, trust, enrolment, and the exchange itself.

Both ends use this code. It knows commit logs and byte streams, and neither HTTP nor a screen; the
carrier is a `SyncPeer` (see `casebook.sync.engine`). See docs/sync_protocol.md.
"""
