"""The real network, as `desktop_app.vault.Network` asks for it."""

from desktop_app import sync_client
from desktop_app.sync_client import HttpPeer


class HttpsNetwork:
    """HTTPS to the study's server."""

    enrol = staticmethod(sync_client.enrol)
    certify_person = staticmethod(sync_client.certify_person)
    open_peer = staticmethod(HttpPeer)
