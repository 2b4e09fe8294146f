import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casebook.errors import InkUnreadableError
from casebook.paper.ink import read_ink
from tests.casebook.paper.sample import wave


def ink(**changes: object) -> str:
    value: dict[str, object] = {
        "v": 1,
        "w": 100,
        "h": 50,
        "st": [{"dev": "pen", "p": [[0, 1, 2, 500], [8, 3, 4, 600]]}],
    }
    return json.dumps(value | changes)


def test_strokes_are_read() -> None:
    read = read_ink(wave())
    assert (read.width, read.height, len(read.strokes)) == (420, 140, 2)


def test_point_outside_a_window_made_smaller_is_drawn() -> None:
    (stroke,) = read_ink(ink(st=[{"dev": "touch", "p": [[0, 130, 2, 500]]}])).strokes
    assert stroke[0].x == 130


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        ink(v=2),
        ink(w=0),
        ink(w=10**9),
        ink(st=[]),
        ink(st=[{"dev": "pen", "p": []}]),
        ink(st=[{"dev": "chalk", "p": [[0, 1, 2, 500]]}]),
        ink(st=[{"dev": "pen", "p": [[0, -1, 2, 500]]}]),
        ink(st=[{"dev": "pen", "p": [[0, 1, 2, 1001]]}]),
        ink(st=[{"dev": "pen", "p": [[0, 1.5, 2, 500]]}]),
        ink(st=[{"dev": "pen", "p": [[0, True, 2, 500]]}]),
        ink(st=[{"dev": "pen", "p": [[0, 1, 2]]}]),
        ink(st=[{"dev": "pen", "p": [[0, 1, 2, 3]], "x": 1}]),
        ink(more=1),
    ],
)
def test_other_strokes_are_refused(text: str) -> None:
    with pytest.raises(InkUnreadableError):
        read_ink(text)


@given(
    text=st.recursive(
        st.none() | st.integers() | st.text(max_size=4),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["v", "w", "h", "st", "p", "dev"]), inner),
    )
)
def test_any_json_is_read_or_refused(text: object) -> None:
    with pytest.raises(InkUnreadableError):
        read_ink(json.dumps(text))
