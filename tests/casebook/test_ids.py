"""Identifiers that people copy to a command line."""

from casebook.ids import device_id, new_device_id, new_id


def _begins_with_a_dash(size_bytes: int) -> bytes:
    return b"\xf8" + bytes(size_bytes - 1)


def test_no_device_identity_reads_as_an_option() -> None:
    assert new_id(_begins_with_a_dash) == "-" + "A" * 15
    assert device_id(new_device_id(_begins_with_a_dash)) == "_" + "A" * 15
    assert new_device_id(lambda size_bytes: b"\x03" + b"\xe0" + bytes(size_bytes - 2)) == "A-" + "A" * 14
