"""The figures of the windows can be taken at any time: each bench runs once, as small as it can be."""

import pytest
from PySide6.QtWidgets import QApplication

from tests.bench import bench_memory, bench_subjects, bench_windows


def test_each_act_of_the_windows_has_a_floor(qapp: QApplication) -> None:
    assert qapp is not None
    rows = bench_windows.rows(1, 2, warm=0)
    floors = [row for row in rows if not row.name.startswith("  ")]
    assert len(floors) == 6
    assert all(row.ratio == 1 for row in floors)
    assert all(row.median_ms > 0 for row in rows)


def test_both_sites_do_the_same_acts(qapp: QApplication, capsys: pytest.CaptureFixture[str]) -> None:
    assert qapp is not None
    rows = bench_subjects.rows((2, 3), 1, 1, warm=0)
    assert [row.name.strip() for row in rows[1::2]] == ["3"] * 4
    assert "a site of 3 subjects" in capsys.readouterr().out


def test_memory_is_looked_at_while_everything_is_used(qapp: QApplication) -> None:
    assert qapp is not None
    points = bench_memory.points(45, 15, 2)
    assert [number for number, _ in points] == [15, 30, 45]
    assert all(kib > 0 for _, kib in points)


@pytest.mark.parametrize(
    ("points", "found"),
    [
        ([(0.0, 7.0), (1.0, 9.0), (2.0, 11.0)], (2.0, 0.0)),
        ([(0.0, 1.0), (1.0, -1.0), (2.0, -1.0), (3.0, 1.0)], (0.0, 0.632)),
    ],
)
def test_a_slope_is_told_with_its_noise(points: list[tuple[float, float]], found: tuple[float, float]) -> None:
    assert bench_memory.slope(points) == pytest.approx(found, abs=0.001)
