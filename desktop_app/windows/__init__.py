"""The windows: one page per screen, put together by `desktop_app.app`.

A page gets a `Background`, the calls of the session as a protocol and the language of the study's
texts; it shows snapshots and hands intents down. It knows no disk, no key and no network.
"""
