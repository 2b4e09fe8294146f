"""A visit's record says which of its forms were entered on laptops that did not see each other."""

import re
from pathlib import Path

from casebook.design import StudyDesign
from casebook.paper.visit_record import visit_digest, visit_record
from tests.casebook.paper.sample import VISIT, context
from tests.casebook.paper.test_pages import text_of
from tests.casebook.replicas import DBP, SBP, meet, two


def test_record_names_who_entered_a_form_apart_and_when(design: StudyDesign, tmp_path: Path) -> None:
    a, b = two()
    a.enters((SBP, "140"))
    alone = visit_digest(design, a.casebook, VISIT)
    assert "did not see" not in text_of(visit_record(design, a.casebook, VISIT, context()), tmp_path)
    b.enters((DBP, "80"))
    meet(a, b)
    text = re.sub(r"\s+", " ", text_of(visit_record(design, a.casebook, VISIT, context()), tmp_path))
    (told,) = re.findall(
        r"Entered on laptops that did not see each other 在互不知情的电脑上分别录入: (.*?\) / .*?\))", text
    )
    assert sorted(re.findall(r"nurse\.[ab]", told)) == ["nurse.a", "nurse.b"]
    assert a.laptop.device[:6] in told
    assert b.laptop.device[:6] in told
    assert visit_digest(design, a.casebook, VISIT) != alone
    assert visit_digest(design, a.casebook, VISIT) == visit_digest(design, b.casebook, VISIT)
