"""The list of screens: what each is called, who stands there, and how one gets there by keys and clicks.

A screen begins where its person stands after the one before; `go` leads there. What cannot be reached is a failure of
that screen alone: the walk goes on with the next.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QListWidget, QScrollArea, QWidget

from desktop_app.one_window import FirstStart
from desktop_app.widgets.ink import InkEditor
from tests.journeys.hands import Hands
from tests.laptops import PASSPHRASE
from tests.screens.stage import PEOPLE

CONTROL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
COORDINATOR, INVESTIGATOR, ASSESSOR, PRINCIPAL, MONITOR, ADMINISTRATOR = PEOPLE
NOBODY = ""
TRAINEE = "whoever practises"
ABOVE = 96
"""How many pixels stay above what is scrolled to."""
REPORT = "WBC\t7.2\t10^9/L\t3.5-9.5\n血红蛋白\t132\tg/L\t13-17.5\nGGT\t33\tU/L\nCREA\t88 umol/L 酶法"
"""Results as a hospital's system copies them: two that are taken, one that is none of ours, one to choose; invented."""
FALLEN = "Fatal Python error: Segmentation fault\nCurrent thread\n  desktop_app.windows.form:7 show_form"
"""What is known of a process that fell."""
Go = Callable[[Hands], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """A screen or one of its states. `who`: the person who stands there; "" before anybody signed in."""

    name: str
    who: str
    go: Go


# -- steps -------------------------------------------------------------------------------------------------


def key(name: Qt.Key, *modifiers: Qt.KeyboardModifier) -> Go:
    """Press a key."""

    def go(hands: Hands) -> None:
        together = Qt.KeyboardModifier.NoModifier
        for one in modifiers:
            together |= one
        hands.press(name, together)
        hands.settle()

    return go


def click(name: str) -> Go:
    """Click a control."""

    def go(hands: Hands) -> None:
        hands.click(name)
        hands.settle()

    return go


def write(text: str) -> Go:
    """Type where the keyboard is."""

    def go(hands: Hands) -> None:
        hands.write(text)
        hands.settle()

    return go


def copy(text: str) -> Go:
    """Copy a text elsewhere, to be pasted."""

    def go(hands: Hands) -> None:
        del hands
        QApplication.clipboard().setText(text)

    return go


def find(text: str) -> Go:
    """Find something by Ctrl+K and open it."""

    def found(hands: Hands) -> None:
        assert hands.shows("palette_list"), f"nothing fits {text}"

    return then(key(Qt.Key.Key_K, CONTROL), write(text), found, key(Qt.Key.Key_Return))


def place(number: int) -> Go:
    """Go to a place of the rail."""
    return key(Qt.Key(Qt.Key.Key_0 + number), CONTROL)


def focus(name: str) -> Go:
    """Put the keyboard on a control."""

    def go(hands: Hands) -> None:
        hands.find(name).setFocus()
        hands.settle()

    return go


def item(name: str) -> Go:
    """Go to an item of the form in front."""

    def go(hands: Hands) -> None:
        hands.go_to(name)
        hands.settle()

    return go


def draw(name: str) -> Go:
    """Write a signature on a pad, and do not say yet that it is done."""

    def go(hands: Hands) -> None:
        editor = hands.find(name)
        assert isinstance(editor, InkEditor)
        hands.draw(editor)
        hands.settle()

    return go


def scroll_to(name: str) -> Go:
    """Scroll until a control stands at the top."""

    def go(hands: Hands) -> None:
        control = hands.find(name)
        above: QWidget | None = control.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        assert above is not None, f"{name} does not scroll"
        bar, there = above.verticalScrollBar(), control.mapTo(above, QPoint())
        bar.setValue(bar.value() + there.y() - ABOVE)
        hands.settle()

    return go


def then(*steps: Go) -> Go:
    """Do one step after the other."""

    def go(hands: Hands) -> None:
        for step in steps:
            step(hands)

    return go


def sign_in(hands: Hands, who: str) -> None:
    """Sign in as one of the stage's people."""
    people = hands.find("unlock_people")
    assert isinstance(people, QListWidget)
    people.setCurrentRow(PEOPLE.index(who))
    hands.find("unlock_passphrase").setFocus()
    hands.write(PASSPHRASE)
    hands.press(Qt.Key.Key_Return)
    hands.settle()


def curtain(hands: Hands) -> None:
    """Draw what stands before everything while the laptop locks."""
    if hands.shows("crash_window"):
        hands.click("crash_close")
    hands.window.draw_curtain()


def fault(hands: Hands) -> None:
    """Let the program itself be wrong; the window that says so speaks the language of that moment."""
    if hands.shows("crash_window"):
        hands.click("crash_close")
    before = sys.excepthook
    hands.application.watch_for_faults()
    tell, sys.excepthook = sys.excepthook, before
    error = ZeroDivisionError()
    tell(type(error), error, None)
    hands.settle()


def go_out(hands: Hands) -> None:
    """Lock, and stand at the unlock page."""
    if hands.shows("crash_window"):
        hands.click("crash_close")
    if hands.shows("curtain"):
        hands.window.lift_curtain()
        hands.settle()
    if hands.shows("palette"):
        hands.press(Qt.Key.Key_Escape)
    hands.control(Qt.Key.Key_L)
    hands.settle()


# -- the list ----------------------------------------------------------------------------------------------


def training_screens() -> tuple[Screen, ...]:
    """Return the screens of training, one after the other; the passphrase is typed already at its door."""
    return (
        Screen(name="training_unlock", who=NOBODY, go=lambda hands: hands.settle()),
        Screen(name="training_today", who=TRAINEE, go=key(Qt.Key.Key_Return)),
        Screen(name="guide-begun", who=TRAINEE, go=then(key(Qt.Key.Key_F6), key(Qt.Key.Key_Return), place(2))),
        Screen(name="training_subjects", who=TRAINEE, go=then(key(Qt.Key.Key_2, CONTROL), key(Qt.Key.Key_N, CONTROL))),
        Screen(name="guide-casebook", who=TRAINEE, go=key(Qt.Key.Key_Return)),
        Screen(name="guide-form", who=TRAINEE, go=find("a1 vital v1")),
        Screen(name="guide-value", who=TRAINEE, go=then(write("now"), key(Qt.Key.Key_Return))),
        Screen(name="guide-check", who=TRAINEE, go=then(item("SYSBP"), write("400"), key(Qt.Key.Key_Return))),
        Screen(name="guide-foot-line", who=TRAINEE, go=then(*[click("guide_skip")] * 2, key(Qt.Key.Key_Escape))),
        Screen(name="guide-end", who=TRAINEE, go=key(Qt.Key.Key_F5)),
        Screen(name="training_settings", who=TRAINEE, go=key(Qt.Key.Key_7, CONTROL)),
        Screen(name="training_start_over", who=TRAINEE, go=click("training_again")),
    )


def screens() -> Iterator[Screen]:
    """Return every screen, in the order in which they are walked."""
    for who, listed in LISTED.items():
        for name, go in listed.items():
            yield Screen(name=name, who=who, go=go)


def _nothing(hands: Hands) -> None:
    hands.settle()


LISTED: dict[str, dict[str, Go]] = {
    NOBODY: {
        "unlock": _nothing,
        "unlock-first-hangs": lambda hands: hands.application.tell_of_first(FirstStart.SILENT),
        "unlock-fallen": lambda hands: hands.application.tell_of_fall(FALLEN),
        "crash-fallen": click("unlock_problem_action"),
        "unlock-wrong-passphrase": then(
            click("crash_close"), focus("unlock_passphrase"), write("not this"), key(Qt.Key.Key_Return)
        ),
        "unlock-help": key(Qt.Key.Key_F1),
        "recover": then(key(Qt.Key.Key_Escape), click("unlock_forgotten")),
    },
    COORDINATOR: {
        "today": place(1),
        "subjects": place(2),
        "subjects-none-fits": then(key(Qt.Key.Key_F, CONTROL), write("zzz")),
        "subjects-help": then(key(Qt.Key.Key_A, CONTROL), key(Qt.Key.Key_Delete), key(Qt.Key.Key_F1)),
        "palette": then(key(Qt.Key.Key_Escape), key(Qt.Key.Key_K, CONTROL)),
        "palette-forms": write("a4 nihss"),
        "palette-nothing-fits": then(key(Qt.Key.Key_A, CONTROL), write("zzz")),
        "casebook-in-screening": then(key(Qt.Key.Key_Escape), find("001-A004")),
        "casebook": find("001-A001"),
        "casebook-logs-and-events": key(Qt.Key.Key_PageDown, CONTROL),
        "casebook-due": key(Qt.Key.Key_PageDown, CONTROL),
        "casebook-findings": key(Qt.Key.Key_PageDown, CONTROL),
        "casebook-eligibility": key(Qt.Key.Key_PageDown, CONTROL),
        "casebook-screen-failure": find("001-A003"),
        "form": find("a1 v2 vital"),
        "form-item-help": key(Qt.Key.Key_F1),
        "form-help": key(Qt.Key.Key_F1),
        "form-history": then(key(Qt.Key.Key_Escape), key(Qt.Key.Key_H, ALT)),
        "form-reason": then(
            focus("I.VS.SYSBP"),
            key(Qt.Key.Key_A, CONTROL),
            write("133"),
            key(Qt.Key.Key_Return),
            scroll_to("I.VS.SYSBP"),
        ),
        "form-empty": then(key(Qt.Key.Key_Escape), find("a4 v2 vital")),
        "form-of-grades": find("a2 v6 modified rankin"),
        "form-not-understood": then(find("a4 vital"), write("half"), key(Qt.Key.Key_Return)),
        "form-demographics": find("a4 demographics"),
        "form-history-long": find("a4 medical history"),
        "consent": find("a1 informed consent"),
        "contact": find("a1 contact"),
        "laboratory": find("a1 v2 laboratory"),
        "laboratory-grid": then(focus("I.LB.WBC"), scroll_to("I.LB.WBC")),
        "laboratory-paste": then(copy(REPORT), click("paste.IG.LB.HAEM")),
        "laboratory-empty": then(key(Qt.Key.Key_Escape), find("a4 v2 laboratory")),
        "imaging": find("a1 baseline imaging"),
        "imaging-regions": scroll_to("I.IMG1.ASPREG.picture"),
        "imaging-follow-up": find("a1 v2 follow imaging"),
        "scale": find("a1 v2 nihss"),
        "scale-begin": find("a2 v6 nihss"),
        "scale-item": key(Qt.Key.Key_Return),
        "scale-timer": write("000000"),
        "scale-correction": then(key(Qt.Key.Key_Left), write("1")),
        "scale-end": then(key(Qt.Key.Key_Return), write("0" * 10)),
        "scale-list": key(Qt.Key.Key_F9),
        "form-conflict": then(find("a2 v2 vital"), item("HR"), scroll_to("row.I.VS.HR")),
        "log": find("a1 adverse events"),
        "randomisation-form": find("a1 randomisation"),
        "paper": then(find("001-A001"), key(Qt.Key.Key_P, CONTROL)),
        "randomise": place(4),
        "queries": place(3),
        "queries-conflict": then(key(Qt.Key.Key_F, CONTROL), write("heart rate"), key(Qt.Key.Key_Down)),
        "sync": place(6),
        "sync-help": key(Qt.Key.Key_F1),
        "custody": then(key(Qt.Key.Key_Escape), find("where everything")),
        "bundles": find("write stick"),
        "settings": place(7),
        "site": place(8),
        "versions": find("versions"),
        "screening": find("screening log"),
        "audit": find("audit trail site"),
        "people": find("people"),
        "roles": find("what each role"),
        "same-person": find("same person"),
        "attachments": then(find("a1 v2 vital"), key(Qt.Key.Key_A, ALT, SHIFT)),
        "timeline-table": then(find("001-A001"), key(Qt.Key.Key_T, CONTROL, SHIFT)),
    },
    INVESTIGATOR: {
        "signing": find("sign forms"),
        "held": find("held"),
        "export": find("export"),
        "consent-ink": then(
            place(2),
            key(Qt.Key.Key_N, CONTROL),
            key(Qt.Key.Key_Return),
            find("a5 informed consent"),
            click("I.ICF.CONSMODE=ECONSENT"),
            click("I.ICF.CONSBY=PARTICIPANT"),
            draw("editor.I.ICF.SIGPINK"),
            scroll_to("editor.I.ICF.SIGPINK"),
        ),
    },
    ASSESSOR: {
        "blinded-today": place(1),
        "blinded-subjects": place(2),
        "blinded-casebook": find("001-A001"),
        "blinded-form": find("a1 v7 blinded"),
        "blinded-randomise": place(4),
    },
    PRINCIPAL: {
        "delegation": find("delegation"),
        "delegation-add": click("delegation_add"),
        "unblinding-casebook": find("001-A001"),
    },
    MONITOR: {
        "verification": find("source data"),
        "monitor-queries": place(3),
        "palette-refused": then(key(Qt.Key.Key_K, CONTROL), write("retire")),
    },
    ADMINISTRATOR: {
        "retire": find("retire"),
        "crash": fault,
        "curtain": curtain,
    },
}
