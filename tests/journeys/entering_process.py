"""A process that enters items through a real session until it is killed.

`python -m tests.journeys.entering_process FOLDER` loads everything once, then reads seeds from its
standard input; for each it forks a child, which unlocks the laptop in FOLDER and enters without end.
A line is written only after the session has answered, as the window marks an item only then. One
line is one write, so none is ever torn.
"""

import json
import os
import random
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from casebook.design import DataType, Item, ItemGroup
from casebook.ids import SubjectId, UserId
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app.session import Session
from desktop_app.snapshots import Mark
from tests.journeys.online import online_laptop
from tests.laptops import PASSPHRASE, design

USER = UserId("coordinator")
REASON = "TRANSCRIPTION"
VISITS = ("SE.V1", "SE.V2")
MOST_SUBJECTS = 3


def say(*words: object) -> None:
    """Write one line in one piece."""
    os.write(1, (json.dumps(words, ensure_ascii=False) + "\n").encode())


def places(subject: SubjectId) -> tuple[tuple[FormKey, ItemPath, Item], ...]:
    """Return every plain text and whole number of two visits' forms: anything may be typed there."""
    return tuple(
        (FormKey(subject=subject, visit=VisitKey(visit=visit), form=form), path, item)
        for visit in VISITS
        for form in dict.fromkeys(one.form for one in design().visit(visit).forms)
        for path, item in _plain(form)
    )


def _plain(form: str) -> Iterator[tuple[ItemPath, Item]]:
    groups: tuple[ItemGroup, ...] = design().form(form).groups
    for group in groups:
        for item in group.items:
            if not group.repeating and item.derivation is None and item.data_type in {DataType.TEXT, DataType.INTEGER}:
                yield ItemPath(group=group.oid, item=item.name), item


def enter(folder: Path, seed: int) -> None:
    """Unlock, then enter, save, add subjects and lock at random until killed."""
    chance = random.Random(seed)
    laptop = online_laptop(folder)
    session = laptop.unlock(USER, PASSPHRASE)
    say("open")
    count = 0
    while True:
        subjects = [row.subject for row in session.subjects()]
        what = chance.random()
        if not subjects or (what < 0.02 and len(subjects) < MOST_SUBJECTS):
            say("subject", session.add_subject().number)
        elif what < 0.03:
            session.lock()
            session = laptop.unlock(USER, PASSPHRASE)
        else:
            count += 1
            key, path, item = chance.choice(places(chance.choice(subjects)))
            _enter_one(session, key, path, item, f"{seed}.{count}" if item.data_type is DataType.TEXT else str(count))
            if what < 0.2:
                say("saved", key.form, session.save(key).open_here)


def _enter_one(session: Session, key: FormKey, path: ItemPath, item: Item, text: str) -> None:
    raw = text[: item.max_length or len(text)]
    if item.data_type is DataType.INTEGER and int(text) % 5 == 0:
        raw = f"about {text}"
    place = (key.subject, key.visit.visit, key.form, path.group, path.item)
    say("entering", *place, raw)
    view = session.keep(key, path, raw, reason=REASON).item(path)
    mark = {Mark.KEPT: "kept", Mark.TYPED: "typed", Mark.RECORDED: "standing"}.get(view.mark)
    if mark is not None:
        say(mark, *place, raw)


def main() -> None:
    """Fork one child per seed that is read."""
    folder = Path(sys.argv[1])
    design()
    say("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            try:
                enter(folder, int(line))
            finally:
                traceback.print_exc()
                os._exit(1)
        say("child", child)
        _, status = os.waitpid(child, 0)
        say("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
