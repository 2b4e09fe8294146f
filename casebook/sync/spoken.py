"""Text that people read aloud, copy by hand and type: Crockford's base 32 with a check character.

The alphabet has no I, L, O or U; what is typed is read tolerantly. The check character is a weighted
sum in the field of 32 elements with 31 different weights, so in up to 31 characters it finds every
single wrong character and every exchange of two.

Source: D. Crockford, Base 32; docs/sync_protocol.md, section "Codes".
"""

import unicodedata

from casebook.errors import CodeMistypedError
from casebook.ids import RandomBytes

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECKED_LENGTH = 31
"""Most characters that one check character protects."""

_VALUES = {letter: value for value, letter in enumerate(ALPHABET)} | {"O": 0, "I": 1, "L": 1}
_SEPARATORS = str.maketrans("", "", " -\t\r\n\u2010\u2011\u2012\u2013\u2014\u3000")
_POLYNOMIAL = 0b100101
"""x^5 + x^2 + 1 is primitive: the powers of x are 31 different weights."""
_GROUP = 4


def from_bits(bits: int, length: int) -> str:
    """Return the lowest 5 x `length` bits as `length` characters, highest first."""
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(5 * (length - 1), -1, -5))


def random_text(random_bytes: RandomBytes, length: int) -> str:
    """Return `length` random characters (5 bits each)."""
    return "".join(ALPHABET[byte & 31] for byte in random_bytes(length))


def eight_letters(digest: bytes) -> str:
    """Return the first 40 bits of a digest as two groups of four, for comparing by voice."""
    return grouped(from_bits(int.from_bytes(digest[:5], "big"), 8), " ")


def grouped(text: str, separator: str = "-") -> str:
    """Return `text` in groups of four."""
    return separator.join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def with_check(text: str) -> str:
    """Return up to 31 characters followed by their check character."""
    return text + ALPHABET[_checksum(text)]


def read_checked(typed: str, length: int) -> str:
    """Read what a person typed: `length` characters, the last being the check; returns the others.

    Lower case, spaces, hyphens and full-width letters are taken, O reads as 0, I and L as 1.

    Raises:
        CodeMistypedError: Another length, a character outside the alphabet, or the check does not fit.
    """
    plain = "".join(_narrow(letter) for letter in typed.translate(_SEPARATORS)).upper()
    if len(plain) != length or any(letter not in _VALUES for letter in plain):
        raise CodeMistypedError
    text = "".join(ALPHABET[_VALUES[letter]] for letter in plain)
    if with_check(text[:-1]) != text:
        raise CodeMistypedError
    return text[:-1]


def _narrow(letter: str) -> str:
    # Chinese input methods type full-width letters, digits and hyphens.
    narrow = unicodedata.normalize("NFKC", letter)
    return "" if narrow == "-" else narrow


def _checksum(text: str) -> int:
    total, weight = 0, 1
    for letter in text:
        total ^= _product(_VALUES[letter], weight)
        weight = _product(weight, 2)
    return total


def _product(left: int, right: int) -> int:
    result = 0
    while right:
        if right & 1:
            result ^= left
        left <<= 1
        if left & 32:
            left ^= _POLYNOMIAL
        right >>= 1
    return result
