"""The machine's clocks: one boot has one tag, and uptime only grows."""

import subprocess
import sys

from casebook.clock import boot_tag, site_clock, system_clock


def test_two_programs_in_one_boot_tell_the_same_tag() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "from casebook.clock import system_clock; print(system_clock().boot)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == system_clock().boot


def test_a_tag_is_eight_hex_digits_and_no_name_of_the_machine() -> None:
    tag = boot_tag("2f9b6f2e-0d3c-4c57-9a7e-1f6d5e1c2b3a\n")
    assert tag == boot_tag("2f9b6f2e-0d3c-4c57-9a7e-1f6d5e1c2b3a")
    assert len(tag) == 8
    assert int(tag, 16) >= 0
    assert tag != "2f9b6f2e"
    assert tag != boot_tag("2f9b6f2e-0d3c-4c57-9a7e-1f6d5e1c2b3b")


def test_uptime_grows_and_the_site_s_wall_is_told() -> None:
    clock = site_clock(480)
    first, second = clock(), clock()
    assert first.boot == second.boot
    assert 0 < first.uptime_ms <= second.uptime_ms
    assert first.offset_minutes == 480
