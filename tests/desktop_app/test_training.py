"""Training: a study of its own beside the real one, which touches nothing real and leaves nothing that looks real."""

from casebook.ids import UserId
from desktop_app.cli import PRACTICE_WORD
from desktop_app.training import SITE, TrainingLaptop


def test_practice_session_works_like_a_real_one_and_knows_what_it_is(training_laptop: TrainingLaptop) -> None:
    session = training_laptop.unlock(UserId("coordinator"), PRACTICE_WORD)
    assert session.training
    row = session.add_subject()
    assert row.number == f"{SITE}-A001"
    session.take_in(training_laptop.synchroniser().sync_now().message)
    assert session.sync_view().here_only == 0
    session.lock()
    session = training_laptop.unlock(UserId("blind"), PRACTICE_WORD)
    assert [one.number for one in session.subjects()] == [row.number]
    assert session.blinded
    session.lock()
