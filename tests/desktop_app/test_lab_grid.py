"""The laboratory grid in real windows over real vaults: by hand, by paste, by keys alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QMenu, QWidget

from casebook.records import ItemPath
from desktop_app.snapshots import FormView, Mark
from desktop_app.views import at_rest
from desktop_app.widgets.focus import focused_widget
from desktop_app.widgets.form_sections import FormSections
from desktop_app.widgets.item_row import ItemRow
from desktop_app.windows.form import FormPage
from tests.desktop_app.conftest import OpenApplication
from tests.desktop_app.hands import Hands
from tests.desktop_app.places import Book, Entries
from tests.laptops import Ward

ALL = "HAEM COAG GLUC RENAL LIVER LIPID CARDIAC"
BLOOD = "HAEM"
"""One panel: a form of seven lines opens fastest."""
FIRST = {"LBDTM": "2026-02-27T08:00+08:00", "LBFAST": "Y", "LBPANEL": ALL}
SECOND = {"LBDTM": "2026-02-28T08:00+08:00", "LBFAST": "Y"}
KEPT = {"LABTEST": "WBC", "LABUNIT": "10^9/L", "LABLO": "4", "LABHI": "10", "LABFROM": "2026-01-01", "LABSEX": "ALL"}
Key = Qt.Key

Open = Callable[..., Hands]


@pytest.fixture
def lab(open_application: OpenApplication, enrolled_ward: Ward) -> Open:
    """Open the second laboratory form of a man whose first one is recorded."""

    def open_lab(
        recorded: Mapping[str, str] | None = None,
        language: str = "en",
        *,
        panels: str = BLOOD,
        more: Entries | None = None,
    ) -> Hands:
        laptop = enrolled_ward.laptop("one")
        with enrolled_ward.session(laptop) as session:
            book = Book(session.design, session.add_subject().subject, session.site)
            before = {"WBC": "7.1 10^9/L", "HGB": "14.0 g/dL", "GLUC": "99 mg/dL"}
            book.enter(session, {"F.LABS[1]": KEPT, "F.DM": {"SEX": "M"}, "F.LB": FIRST | before, **(more or {})})
            book.enter(session, {"F.LB@SE.V2": SECOND | {"LBPANEL": panels} | dict(recorded or {})})
        hands = open_application(laptop, language)
        hands.unlock()
        workplace = hands.application.workplace
        assert workplace is not None
        workplace.open_form(book.key(session, "F.LB@SE.V2"))
        hands.settle()
        return hands

    return open_lab


def _page(hands: Hands) -> FormPage:
    page = hands.window.page()
    assert isinstance(page, FormPage)
    return page


def _view(hands: Hands) -> FormView:
    view = _page(hands).view
    assert view is not None
    return view


def _sections(hands: Hands) -> FormSections:
    sections = _page(hands).sections
    assert sections is not None
    return sections


def _row(hands: Hands, name: str) -> ItemRow:
    return next(row for path, row in _sections(hands).rows.items() if path.item == name)


def _go(hands: Hands, name: str) -> None:
    assert _sections(hands).go_to(_row(hands, name).path)


def _values(hands: Hands) -> dict[str, str]:
    """Return what stands in the grids now: kept or recorded."""
    rows = [row for group in _view(hands).groups if group.group.style == "grid" for row in group.rows]
    items = [item for row in rows for item in row.items if item.item.derivation is None]
    return {item.item.name: item.reading.value for item in items if item.reading.value is not None}


def _write(hands: Hands, text: str) -> None:
    QTest.keyClicks(hands.window.focusWidget(), text)


def _focused() -> str:
    widget = focused_widget()
    return widget.objectName() if widget is not None else ""


def _paste(hands: Hands, text: str) -> None:
    QApplication.clipboard().setText(text)
    hands.control(Key.Key_V)
    hands.settle()


def _told(hands: Hands, name: str) -> str:
    label = hands.find(name)
    assert isinstance(label, QLabel)
    return label.text()


TYPED = "7.2 4.6 132 0.41 210 4.1 1.9 1.02 12.3 30 16 2.9 0.31 5.6 5.9 5.7 5.4 88 92 5.1"
"""Twenty results, down the table line by line."""


def test_panel_of_twenty_takes_twenty_two_keys_beside_what_is_typed(lab: Open) -> None:
    hands = lab(panels="HAEM COAG GLUC RENAL")
    keys = 0
    assert _focused() == "I.LB.WBC"
    for text in TYPED.split():
        _write(hands, text)
        hands.press(Key.Key_Return)
        keys += 1
    hands.control(Key.Key_S)
    hands.settle()
    assert keys + 1 <= 22
    kept = _values(hands)
    assert [value.split()[0] for value in kept.values()] == TYPED.split()
    assert {_view(hands).item(row.path).mark for row in _sections(hands).in_order() if row.editor.raw()} == {
        Mark.RECORDED
    }


def test_arrows_go_up_and_down_the_column_and_keep_what_was_typed(lab: Open) -> None:
    hands = lab()
    _go(hands, "WBC")
    _write(hands, "12")
    hands.press(Key.Key_Down)
    hands.settle()
    assert (_focused(), _values(hands)) == ("I.LB.RBC", {"WBC": "12 10^9/L"})
    hands.press(Key.Key_Up)
    hands.press(Key.Key_Up)
    assert _focused() == "I.LB.WBC"
    _go(hands, "WBCCS")
    _write(hands, "2")
    hands.settle()
    assert _values(hands)["WBCCS"] == "N"


def test_line_tells_range_flag_standard_value_and_the_result_before(lab: Open) -> None:
    hands = lab(more={"F.VS@SE.V1": {"VSDTM": "2026-02-27T09:00+08:00"}})
    assert _told(hands, "range.WBC") == "4–10\nsite's laboratory"
    assert _told(hands, "range.HGB").endswith("of the study")
    assert _told(hands, "before.HGB") == "14.0 g/dL\nV1 Baseline · 2026-02-27"
    _go(hands, "HGB")
    unit = hands.find("I.LB.HGB.unit")
    assert isinstance(unit, QComboBox)
    assert (unit.currentText(), _told(hands, "standard.HGB")) == ("g/dL", "unit as used last")
    _write(hands, "11,5")
    assert _told(hands, "standard.HGB") == "= 115 g/L"
    assert "= 115 g/L" in hands.find("I.LB.HGB").accessibleDescription()
    hands.press(Key.Key_Return)
    hands.settle()
    assert _values(hands)["HGB"] == "11.5 g/dL"
    assert _told(hands, "I.LB.HGBIND") == "low"
    assert hands.shows("I.LB.HGBCS=Y")
    assert not hands.shows("I.LB.WBCCS=Y")


def test_unit_that_is_changed_converts_what_is_told_and_is_what_is_recorded(lab: Open) -> None:
    hands = lab(panels="GLUC")
    _go(hands, "GLUC")
    unit = hands.find("I.LB.GLUC.unit")
    assert isinstance(unit, QComboBox)
    _write(hands, "100")
    assert _told(hands, "standard.GLUC") == "≈ 5.551 mmol/L"
    unit.setCurrentText("mmol/L")
    assert not _told(hands, "standard.GLUC")
    hands.press(Key.Key_Return)
    hands.settle()
    assert _values(hands)["GLUC"] == "100 mmol/L"
    assert not any(row.panel is not None and row.panel.isVisible() for row in _sections(hands).rows.values())


def test_missing_code_history_and_reason_work_in_a_line_as_in_the_list(lab: Open) -> None:
    hands = lab({"HGB": "132 g/L"})
    _go(hands, "PLAT")
    hands.press(Key.Key_M, Qt.KeyboardModifier.AltModifier)
    menu = next(menu for menu in _row(hands, "PLAT").findChildren(QMenu) if menu.isVisible())
    assert [action.objectName() for action in menu.actions()] == ["missing=ND", "missing=NAV"]
    menu.close()
    _go(hands, "HGB")
    hands.press(Key.Key_H, Qt.KeyboardModifier.AltModifier)
    hands.settle()
    assert hands.shows("trail.I.LB.HGB")
    hands.press(Key.Key_H, Qt.KeyboardModifier.AltModifier)
    hands.control(Key.Key_A)
    _write(hands, "140")
    assert hands.shows("I.LB.HGB.reason")
    assert _row(hands, "HGB").holds(hands.find("I.LB.HGB.reason"))
    hands.press(Key.Key_Return)
    _write(hands, "1")
    hands.settle()
    assert _values(hands)["HGB"] == "140 g/L"


REPORT = """检验项目\t缩写\t结果\t提示\t参考范围\t单位
白细胞计数\tWBC\t12.4\t↑\t3.5-9.5\t10^9/L
红细胞计数\tRBC\t4.6\t\t4.3-5.8\t10^12/L
血红蛋白\tHb\t13.5\t\t13-17.5\tg/dL
红细胞压积\tHCT\t41\t\t40-50\t%
血小板计数\tPLT\t212\t\t125-350\t10^9/L
中性粒细胞绝对值\tNEUT#\t5.1\t\t1.8-6.3\t10^9/L
淋巴细胞绝对值\tLYMPH#\t1.9\t\t1.1-3.2\t10^9/L
国际标准化比值\tPT-INR\t1.02\t\t0.8-1.2\t
凝血酶原时间\tPT\t12,3\t\t9-14\ts
活化部分凝血活酶时间\tAPTT\t３０\t\t25-37\t秒
凝血酶时间\tTT\t16\t\t12-21\ts
纤维蛋白原\tFIB\t2.9\t\t2-4\tg/L
葡萄糖\tGLU\t110\t\t70-110\tmg/dL
糖化血红蛋白\tHbA1c\t5.7\t\t4-6\t%
肌酐\tCREA\t88\t\t57-97\tμmol/L
尿素\tUREA\t5.1\t\t3.1-8\tmmol/L
钠\tNa\t141\t\t137-147\tmmol/L
钾\tK\t4.1\t\t3.5-5.3\tmmol/L
丙氨酸氨基转移酶\tALT\t<5\t\t9-50\tU/L
高敏肌钙蛋白T\ths-cTnT\t<3\t\t<14\tng/L"""
"""Twenty results as a hospital's system copies them; invented."""


def test_panel_of_twenty_is_pasted_with_four_keys_and_nothing_is_kept_before_it_is_taken(lab: Open) -> None:
    hands = lab(panels=ALL)
    _go(hands, "WBC")
    _paste(hands, REPORT)
    assert hands.shows("paste_summary")
    assert "Ready: 20" in hands.words("paste_summary")
    assert "001-A001" in hands.find("paste").accessibleName()
    assert _values(hands) == {}
    hands.press(Key.Key_Return)
    hands.settle()
    kept = {name: value for name, value in _values(hands).items() if not name.endswith(("LO", "HI"))}
    assert len(kept) == 20
    assert kept["PT"] == "12.3 s"
    assert kept["APTT"] == "30 s"
    assert kept["CREAT"] == "88 umol/L"
    assert kept["ALT"] == "<5 U/L"
    assert {_view(hands).item(row.path).mark for row in _sections(hands).in_order() if row.item.name in kept} == {
        Mark.KEPT
    }
    assert not hands.shows("paste_summary")
    assert _focused() == "I.LB.WBC"


def test_range_of_each_result_goes_in_with_it_and_judges_it(lab: Open) -> None:
    hands = lab(panels="HAEM CARDIAC")
    _go(hands, "WBC")
    _paste(hands, REPORT)
    assert hands.words("paste.0.range") == "Reference 3.5–9.5"
    assert "4–10 (site's laboratory)" in hands.find("paste.0.range").accessibleDescription()
    assert "own reference limits" in _told(hands, "paste_answers")
    assert hands.words("paste_take") == "Take 8 and 8 ranges (Enter)"
    hands.press(Key.Key_Return)
    hands.settle()
    kept = _values(hands)
    assert (kept["WBCLO"], kept["WBCHI"]) == ("3.5 10^9/L", "9.5 10^9/L")
    assert (kept["HGBLO"], kept["HGBHI"]) == ("13 g/dL", "17.5 g/dL")
    assert kept["TROPONTHI"] == "<14 ng/L"
    assert "TROPONTLO" not in kept
    assert _told(hands, "range.HGB") == "130–175 g/L\non the report"
    assert _told(hands, "against.WBC") == "range differs from 4–10 (site's laboratory)"
    assert _told(hands, "I.LB.WBCIND") == "high"
    assert not hands.shows("against.HGB")
    hands.control(Key.Key_Z)
    hands.settle()
    assert _values(hands) == {}
    assert _row(hands, "RPTRNG").editor.raw() == ""


def test_ranges_are_left_out_one_by_one_or_all_and_without_them_nothing_else_is_answered(lab: Open) -> None:
    hands = lab()
    _go(hands, "WBC")
    _paste(hands, REPORT)
    box = hands.find("paste.1.range")
    assert isinstance(box, QCheckBox)
    box.setChecked(False)
    assert hands.words("paste_take") == "Take 7 and 6 ranges (Enter)"
    take = hands.find("paste.0.take")
    assert isinstance(take, QCheckBox)
    take.setChecked(False)
    assert hands.words("paste_take") == "Take 6 and 5 ranges (Enter)"
    assert not hands.find("paste.0.range").isEnabled()
    take.setChecked(True)
    hands.click("paste_ranges")
    assert hands.words("paste_take") == "Take 7 (Enter)"
    assert not hands.shows("paste_answers")
    hands.click("paste_ranges")
    assert hands.words("paste_take") == "Take 7 and 7 ranges (Enter)"
    hands.click("paste_ranges")
    hands.press(Key.Key_Return)
    hands.settle()
    assert len(_values(hands)) == 7
    assert _row(hands, "RPTRNG").editor.raw() == ""


def test_range_that_contradicts_or_cannot_be_read_is_told_and_not_taken_by_itself(lab: Open) -> None:
    hands = lab({"WBC": "7.2 10^9/L", "RPTRNG": "N"})
    _go(hands, "WBC")
    _paste(hands, "WBC 7.2 10^9/L 3.5-9.5\nHb 13.5 g/dL 130-175\nPLT 212 10^9/L 350-125\nHCT 41 % <50")
    assert hands.words("paste_take") == "Take 3 and 2 ranges (Enter)"  # one of a result that stands there already
    labels = [label.text() for label in hands.window.findChildren(QLabel) if label.isVisible()]
    assert "nothing in common with the reference range 130–175 g/L (of the study): is the unit right?" in labels
    assert "the reference range cannot be read in one way only: 350-125" in labels
    assert not hands.shows("paste.2.range")
    odd = hands.find("paste.1.range")
    assert isinstance(odd, QCheckBox)
    assert not odd.isChecked()
    odd.setChecked(True)
    assert hands.words("paste_take") == "Take 3 and 3 ranges (Enter)"
    hands.press(Key.Key_Return)
    assert hands.shows("paste.reason")  # that the report prints none was recorded
    _write(hands, "1")
    hands.settle()
    kept = _values(hands)
    assert (kept["WBCHI"], kept["HGBHI"], kept["HCTHI"]) == ("9.5 10^9/L", "175 g/dL", "<50 %")
    assert "PLATHI" not in kept
    assert "is the unit right?" in _told(hands, "against.HGB")


def test_range_is_typed_whole_by_keys_alone(lab: Open) -> None:
    hands = lab()
    _go(hands, "WBC")
    _write(hands, "7")
    hands.press(Key.Key_L, Qt.KeyboardModifier.AltModifier)
    hands.settle()
    for focused, text in (("WBCLO", "3.5~9.5"), ("RBCLO", "<6"), ("HGBLO", "17-13"), ("HGBLO", "13-17 g/dL")):
        assert _focused() == f"I.LB.{focused}"
        _write(hands, text)
        hands.press(Key.Key_Return)
        hands.settle()
        if text == "17-13":
            _go(hands, "HGBLO")
            hands.control(Key.Key_A)
    kept = _values(hands)
    assert {name: kept[name] for name in ("WBC", "WBCLO", "WBCHI", "RBCHI", "HGBLO", "HGBHI")} == {
        "WBC": "7 10^9/L",
        "WBCLO": "3.5 10^9/L",
        "WBCHI": "9.5 10^9/L",
        "RBCHI": "<6 10^12/L",
        "HGBLO": "13 g/dL",
        "HGBHI": "17 g/dL",
    }
    assert "RBCLO" not in kept
    hands.control(Key.Key_Z)
    hands.settle()
    assert "HGBHI" not in _values(hands)


def test_what_is_open_waits_for_a_choice_and_what_is_not_understood_stays_listed(lab: Open) -> None:
    hands = lab(panels="HAEM GLUC RENAL")
    QApplication.clipboard().setText(
        "血糖 6.1 mmol/L\nWBC 7.2\nCREA 88 umol/L 酶法\nNa 141 mg/dL\nGGT 33 U/L\nK 4.1 mmol/L"
    )
    hands.click("paste.IG.LB.HAEM")
    hands.settle()
    assert hands.words("paste_summary").startswith("Ready: 1. Waiting for a choice: 4. Not understood, at the end: 1.")
    assert any("GGT 33 U/L" in label.text() for label in hands.window.findChildren(QLabel) if label.isVisible())
    take = {box.text(): box for box in hands.window.findChildren(QCheckBox) if box.isVisible()}
    assert [name for name, box in take.items() if box.isChecked()] == ["Potassium"]
    way = hands.find("paste.0.way")
    assert isinstance(way, QComboBox)
    assert [way.itemText(place) for place in range(way.count())][1:] == [
        "6.1 mmol/L  Glucose (venous)",
        "6.1 mmol/L  Glucose (capillary)",
    ]
    way.setCurrentIndex(2)
    hands.click("paste_likely")
    hands.press(Key.Key_Return)
    hands.settle()
    assert _values(hands) == {
        "GLUCCAP": "6.1 mmol/L",
        "WBC": "7.2 10^9/L",
        "CREAT": "88 umol/L",
        "K": "4.1 mmol/L",
    }


def test_recorded_values_change_with_one_reason_and_esc_takes_nothing(lab: Open) -> None:
    hands = lab({"HGB": "132 g/L", "PLAT": "210 10^9/L", "RBC": "4.1 10^12/L"})
    text = "Hb 140 g/L\nPLT 190 10^9/L\nRBC 4.1 10^12/L\nWBC 7 10^9/L"
    _go(hands, "RBC")
    _paste(hands, text)
    hands.press(Key.Key_Escape)
    hands.settle()
    assert (_focused(), len(_values(hands))) == ("I.LB.RBC", 3)
    _paste(hands, text)
    assert hands.words("paste_take") == "Take 3 (Enter)"
    hands.press(Key.Key_Return)
    assert hands.shows("paste.reason")
    _write(hands, "1")
    hands.settle()
    kept = _values(hands)
    assert (kept["HGB"], kept["PLAT"], kept["WBC"]) == ("140 g/L", "190 10^9/L", "7 10^9/L")
    hands.control(Key.Key_S)
    hands.settle()
    reasons = [_last_reason(hands, name) for name in ("HGB", "PLAT", "WBC")]
    assert reasons[0] == reasons[1] != ""
    assert reasons[2] == ""


def _last_reason(hands: Hands, name: str) -> str:
    found: list[str] = []
    trail = partial(_page(hands).port.trail, _view(hands).key, _row(hands, name).path)
    hands.application.background.run(trail, then=lambda lines: found.append(lines[-1].reason))
    hands.settle()
    return found[0]


def test_single_value_is_pasted_into_its_field(lab: Open) -> None:
    hands = lab()
    _go(hands, "WBC")
    _paste(hands, "7.2")
    assert not hands.shows("paste_summary")
    assert hands.words("I.LB.WBC") == "7.2"


def test_form_that_can_only_be_read_takes_no_paste(lab: Open) -> None:
    hands = lab({"HGB": "132 g/L"})
    _page(hands).show_form(at_rest(_view(hands)))
    assert not hands.shows("paste.IG.LB.HAEM")
    _go(hands, "HGB")
    assert _focused() == "mark.I.LB.HGB"
    _paste(hands, REPORT)
    assert not hands.shows("paste_summary")


def test_disagreement_is_marked_in_its_line_and_a_paste_settles_nothing(lab: Open) -> None:
    hands = lab({"HGB": "132 g/L"})
    view = _view(hands)
    path = ItemPath(group="IG.LB.HAEM", item="HGB")
    disputed = replace(view.item(path), mark=Mark.CONFLICT)
    groups = tuple(
        replace(
            group,
            rows=tuple(
                replace(row, items=tuple(disputed if item.path == path else item for item in row.items))
                for row in group.rows
            ),
        )
        for group in view.groups
    )
    _page(hands).show_form(replace(view, groups=groups))
    assert hands.find("mark.I.LB.HGB").property("text") == "two values"
    _go(hands, "WBC")
    _paste(hands, "Hb 140 g/L\nWBC 7 10^9/L")
    assert hands.words("paste_take") == "Take 1 (Enter)"


def test_panel_that_is_not_asked_is_said_to_be_so(lab: Open) -> None:
    hands = lab()
    _go(hands, "WBC")
    _paste(hands, "WBC 7 10^9/L\nTG 1.5 mmol/L")
    box = next(one for one in hands.window.findChildren(QCheckBox) if one.text() == "Triglycerides")
    assert not box.isEnabled()
    assert "not asked in this form now" in box.accessibleDescription()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_smallest_window_cuts_nothing_off(lab: Open, language: str) -> None:
    hands = lab({"WBC": "12.4 10^9/L", "RPTRNG": "Y", "HGBLO": "13 g/dL"}, language)
    hands.window.resize(683, 364)
    sections = _sections(hands)
    hands.qtbot.waitUntil(lambda: sections.sheet.width() <= sections.viewport().width())
    _fits(sections, [line for table in sections.tables() for line in table.lines.values() if line.isVisible()])
    _go(hands, "WBC")
    _paste(hands, REPORT.replace("\tmg/dL", "\t"))
    preview = _page(hands).paste.preview
    assert preview is not None
    _fits(preview, [one for one in (*preview.rows, preview.take, preview.likely, preview.leave) if one.isVisible()])


def _fits(ground: QWidget, shown: list[QWidget]) -> None:
    assert shown
    for one in shown:
        place = one.mapTo(ground, one.rect().topRight())
        assert place.x() <= ground.width(), (one.objectName(), place.x(), ground.width())
        assert one.width() >= one.minimumSizeHint().width(), one.objectName()
