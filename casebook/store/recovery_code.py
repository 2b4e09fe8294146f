"""The code on the printed recovery sheet: 128 bits that a person can type.

26 Crockford characters and two to check, in groups of four.

Source: docs/store.md, section "Keys"; Crockford's base 32.
"""

from casebook import crypto
from casebook.errors import RecoveryCodeUnreadableError

RECOVERY_BYTES = 16
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LETTERS = 26
_CHECK_LETTERS = 2
_CODE_GROUP = 4


def write_recovery_code(secret: bytes) -> str:
    """Return 16 bytes as a code for paper: 26 Crockford characters, two check characters, groups of four."""
    number = int.from_bytes(secret, "big") << 2  # 26 characters hold 130 bits
    letters = "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(_CODE_LETTERS)))
    whole = letters + _check_letters(secret)
    return "-".join(whole[start : start + _CODE_GROUP] for start in range(0, len(whole), _CODE_GROUP))


def read_recovery_code(code: str) -> bytes:
    """Return the 16 bytes of a code as typed: case, spaces and dashes do not matter; O is 0, I and L are 1.

    Raises:
        RecoveryCodeUnreadableError: A character is missing, foreign or mistyped.
    """
    typed = "".join(code.upper().split()).replace("-", "").translate(str.maketrans("OIL", "011"))
    if len(typed) != _CODE_LETTERS + _CHECK_LETTERS or any(letter not in _CROCKFORD for letter in typed):
        raise RecoveryCodeUnreadableError
    number = 0
    for letter in typed[:_CODE_LETTERS]:
        number = number << 5 | _CROCKFORD.index(letter)
    secret = (number >> 2).to_bytes(RECOVERY_BYTES, "big")
    if number & 3 or typed[_CODE_LETTERS:] != _check_letters(secret):
        raise RecoveryCodeUnreadableError
    return secret


def _check_letters(secret: bytes) -> str:
    digest = crypto.sha256(b"casebook recovery" + secret)
    return _CROCKFORD[digest[0] & 31] + _CROCKFORD[digest[1] & 31]
