"""A secret that the machine's system keeps, so that a copied folder cannot be guessed at elsewhere.

Windows seals it to the signed-in user of the machine (DPAPI). On macOS and Linux there is none yet:
slots say so. It is only ever mixed with the passphrase, since every program of that user may ask for it.

Source: CryptProtectData (Windows); docs/store.md, section "Keys".
"""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from casebook.store import _disk

DEVICE_FILE = "device.secret"
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class DeviceSecret:
    """What the system keeps for this folder. `secret`: 32 bytes, or None where it keeps nothing."""

    secret: bytes | None = field(default=None, repr=False)


NO_DEVICE_SECRET = DeviceSecret()


if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _Blob(ctypes.Structure):
        _fields_ = (("size", wintypes.DWORD), ("data", ctypes.POINTER(ctypes.c_char)))

    def _called(name: str, data: bytes) -> bytes | None:
        """Let CryptProtectData or CryptUnprotectData turn some bytes into others; None where it refuses."""
        without_window = 1
        given = _Blob(
            len(data), ctypes.cast(ctypes.create_string_buffer(data, len(data)), ctypes.POINTER(ctypes.c_char))
        )
        taken = _Blob()
        call = getattr(ctypes.windll.crypt32, name)
        if not call(ctypes.byref(given), None, None, None, None, without_window, ctypes.byref(taken)):
            return None
        try:
            return ctypes.string_at(taken.data, taken.size)
        finally:
            ctypes.windll.kernel32.LocalFree(taken.data)

    def _kept(path: Path, *, make: bool) -> DeviceSecret:
        try:
            return DeviceSecret(_called("CryptUnprotectData", path.read_bytes()))
        except FileNotFoundError:
            if not make:
                return NO_DEVICE_SECRET
            secret = os.urandom(_SECRET_BYTES)
            sealed = _called("CryptProtectData", secret)
            if sealed is None:
                return NO_DEVICE_SECRET
            _disk.write_whole(path, sealed)
            return DeviceSecret(secret)

else:

    def _kept(_: Path, *, make: bool) -> DeviceSecret:
        del make
        return NO_DEVICE_SECRET


def device_secret(folder: Path, *, make: bool = False) -> DeviceSecret:
    """Return the folder's device secret, where the system offers one. `make`: at enrolment, where there is none yet.

    A file that the system does not open any more (reset profile, another machine) gives no secret:
    slots that need it say that the recovery sheet is needed.

    Raises:
        DiskFullError, DiskFailedError: The file cannot be read or written.
    """
    try:
        return _kept(folder / DEVICE_FILE, make=make)
    except OSError as error:
        raise _disk.as_unavailable(error, folder) from error
