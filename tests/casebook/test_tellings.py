"""Rules told as short lines say what the sentence says, and no line is a wall."""

import re
from itertools import pairwise

import pytest

from casebook.design import Form
from casebook.sentences import Sentences
from casebook.tellings import LONG, TellingLine, told_asked, told_fires, told_worked_out
from tests.laptops import design

QUOTED = re.compile("“[^”]*”")
WALL = {"en": 400, "zh": 130}
"""What one clause of a real study may take at most: such as a row that is looked for in another form."""
FORMS = tuple(design().forms.values())


def told(said: Sentences, form: Form) -> list[tuple[str, tuple[TellingLine, ...]]]:
    """Return each rule of a form, as a sentence and as lines."""
    rules = [(said.fires(form, check), told_fires(said, form, check)) for check in form.checks]
    for group in form.groups:
        for item in group.items:
            rules.append((said.asked(form, item), told_asked(said, form, item)))
            rules.append((said.worked_out(form, item), told_worked_out(said, form, item)))
    return rules


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("form", FORMS, ids=[form.oid for form in FORMS])
def test_lines_name_what_the_sentence_names_and_are_short(form: Form, language: str) -> None:
    said = Sentences(design(), language)
    for sentence, lines in told(said, form):
        joined = "\n".join(line.text for line in lines)
        assert QUOTED.findall(joined) == QUOTED.findall(sentence)
        assert len(sentence) > LONG[language] or said.gap.join(line.text for line in lines) == sentence
        assert max((len(line.text) for line in lines), default=0) <= WALL[language]
        assert all(after.depth <= before.depth + 1 for before, after in pairwise(lines))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_rule_of_several_ways_is_a_list_of_them(language: str) -> None:
    said, form = Sentences(design(), language), design().form("F.AE")
    check = next(one for one in form.checks if one.id == "EC070")
    lines = told_fires(said, form, check)
    assert lines[0].text == {"en": "Reported when one of these is true:", "zh": "以下任一成立时报告："}[language]
    assert [line.depth for line in lines].count(1) == 2
    assert lines[-1] == TellingLine(said.follows(check))
