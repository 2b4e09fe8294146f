"""Everything that follows from one subject with all forms filled: once, and after one entry.

The floor is a bare pass over the same values: one look-up of each in its dictionary.
"""

import statistics
import time
from datetime import timedelta
from random import Random

from casebook.design import StudyDesign
from casebook.instances import Instance
from casebook.locations import data_folder
from casebook.records import FormKey, Reading
from casebook.study_files import read_study
from casebook.subject import Memo, Subject
from tests.bench.bench_store import Row
from tests.filled_study import START, SUBJECT, filled, instance, value_of

ROUNDS = 40
_WHOLE_ROUNDS = 5


def _subject(design: StudyDesign, forms: dict[FormKey, Instance], memo: Memo, minute: int = 0) -> Subject:
    now = START + timedelta(days=120, minutes=minute)
    return Subject(design=design, id=SUBJECT, instances=forms, now=now, memo=memo)


def _everything(subject: Subject) -> None:
    """Ask for all that the windows show of a subject."""
    for key in subject.keys:
        subject.values(key)
        subject.unanswered(key)
    subject.all_findings()
    assert subject.status is not None
    subject.eligibility()
    subject.deviations()


def _bare(forms: dict[FormKey, Instance]) -> int:
    return sum(1 for form in forms.values() for path in form.readings if form.readings[path].value is not None)


def _timed(work: object, *arguments: object) -> float:
    assert callable(work)
    begun = time.perf_counter()
    work(*arguments)
    return (time.perf_counter() - begun) * 1000


def _row(name: str, times_ms: list[float], floor_ms: float) -> Row:
    ordered = sorted(times_ms)
    median = statistics.median(ordered)
    return Row(name=name, median_ms=median, p95_ms=ordered[int(len(ordered) * 0.95)], ratio=median / floor_ms)


def rows() -> list[Row]:
    """Return the whole evaluation and the one after an entry beside a bare pass."""
    design = read_study(data_folder("forms") / "rescue_end_low")
    forms = filled(design)
    random = Random(7)
    bare = [_timed(_bare, forms) for _ in range(ROUNDS)]
    whole = [_timed(_everything, _subject(design, forms, Memo())) for _ in range(_WHOLE_ROUNDS)]
    memo = Memo()
    _everything(_subject(design, forms, memo))
    one_form: list[float] = []
    entry: list[float] = []
    minute: list[float] = []
    keys = list(forms)
    for turn in range(ROUNDS):
        key = random.choice(keys)
        path = random.choice([one for one in forms[key].readings if not one.row] or list(forms[key].readings))
        _, item = design.form(key.form).find(path.item)
        readings = {**forms[key].readings, path: Reading(value=value_of(design, item, random))}
        forms = {**forms, key: instance(key, readings, design)}
        subject = _subject(design, forms, memo, turn)
        one_form.append(_timed(subject.findings, key))
        entry.append(one_form[-1] + _timed(_everything, subject))
        minute.append(_timed(_everything, _subject(design, forms, memo, turn + 1)))
    values = sum(len(form.readings) for form in forms.values())
    checks = sum(len(design.form(key.form).checks) for key in forms)
    floor = statistics.median(bare)
    return [
        _row(f"bare pass over {values} values of {len(forms)} forms", bare, floor),
        _row(f"everything from scratch, {checks} checks", whole, floor),
        _row("after one entry: the form's own findings", one_form, floor),
        _row("after one entry: everything (aim: under 20 ms)", entry, floor),
        _row("a minute later, nothing entered: everything", minute, floor),
    ]
