"""Parts of a sentence are put together with the marks of their language."""

from desktop_app.phrases import begun, clauses, listed, told_of, with_note


def test_english_and_chinese_have_their_own_marks() -> None:
    assert clauses("en", ("one", "", "two")) == "one, two"
    assert clauses("zh", ("一", "", "二")) == "一，二"
    assert listed("en", ("one", "two")) == "one, two"
    assert listed("zh", ("一", "二")) == "一、二"
    assert (told_of("en", "Age", "64"), told_of("zh", "年龄", "64")) == ("Age: 64", "年龄：64")
    assert (with_note("en", "Rows", 2), with_note("zh", "记录", 2)) == ("Rows (2)", "记录（2）")
    assert (begun("enter data"), begun("录入数据"), begun("")) == ("Enter data", "录入数据", "")
