"""The laptops of the journeys: they speak HTTPS with a server that is another process."""

from pathlib import Path

from desktop_app.https_network import HttpsNetwork
from desktop_app.vault import Laptop
from tests.laptops import CHEAP_KDF, design


def online_laptop(folder: Path) -> Laptop:
    """Return the laptop of a folder, be it enrolled or not."""
    return Laptop(folder, design(), HttpsNetwork(), kdf=CHEAP_KDF)
