"""One person's shift at a laptop, worked from outside: `python3 shift.py LANGUAGE COMMAND...`.

Runs in the system's Python for its `gi` (python3-gi), on a screen and a session bus of its own, beside the application
that COMMAND starts, and imports nothing of it. What is on the screen is read from the accessibility tree over D-Bus
(AT-SPI 2); keys and mouse go through the X server (xdotool). Nothing sleeps for a result: every wait ends with a
condition on the tree. What it knows is what a manual would tell: keys, names of controls, and their words.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gi.repository import Gio, GLib

PATIENCE_S = 60.0
LOOK_EVERY_S = 0.05
KEY_MS = "12"
VISIBLE, SHOWING, CHECKED, FOCUSED, SENSITIVE = (1 << bit for bit in (30, 25, 4, 12, 24))
"""Bits of a state set (AtspiStateType)."""
ACCESSIBLE = "org.a11y.atspi.Accessible"
REGISTRY = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
LISTENERS = ("org.a11y.atspi.Registry", "/org/a11y/atspi/registry", "org.a11y.atspi.Registry")
ON_SCREEN = 0
"""AtspiCoordType: places count from the screen's corner."""

PASSPHRASE = "four words that tests like"
ITEMS = ("01A", "01B", "01C", "02", "03", "04", "05A", "05B", "06A", "06B", "07", "08", "09", "10", "11")
"""The items of the scale in its order."""
GRADES = "011000000000021"
SIGNATURE = ((40, 100), (60, 40), (80, 100), (100, 40), (120, 100), (140, 60), (160, 100), (180, 60), (220, 90))
"""Where the mouse goes on the pad, in pixels from its corner."""
REPORT = "WBC\t7.2\t10^9/L\nHGB\t132\tg/L\nPLT\t210\t10^9/L\n"
RESULTS = {"WBC": "7.2", "HGB": "132", "PLAT": "210"}
PRESSURE = "131"
WORDS = {
    "en": {
        "subjects": "Subjects",
        "consent": "Informed consent",
        "recorded": "recorded",
        "kept": "kept on this laptop",
        "here": "You are here",
        "required": "required",
        "place": "1 of 2",
    },
    "zh": {
        "subjects": "受试者",
        "consent": "知情同意",
        "recorded": "已记录",
        "kept": "已存于本机",
        "here": "当前页面",
        "required": "必填",
        "place": "第 1 项，共 2 项",
    },
}
OTHER = {"en": "zh", "zh": "en"}


class NotThereError(AssertionError):
    """The screen does not show what it has to show."""


@dataclass(frozen=True)
class Node:
    """One object of the accessibility tree.

    Attributes:
        place: The bus name of its process, and its path there.
        widget: What its widget is called; the parts of a list or a table have none.
    """

    bus: Gio.DBusConnection
    place: tuple[str, str]
    widget: str = ""

    def ask(self, interface: str, method: str, arguments: GLib.Variant | None = None) -> tuple[Any, ...]:
        """Call a method of the object."""
        answer = self.bus.call_sync(*self.place, interface, method, arguments, None, 0, 30_000, None)
        return tuple(answer.unpack())

    def told(self, name: str, interface: str = ACCESSIBLE) -> object:
        """Return a property."""
        return self.ask("org.freedesktop.DBus.Properties", "Get", GLib.Variant("(ss)", (interface, name)))[0]

    def children(self) -> list["Node"]:
        """Return what lies in it."""
        return [Node(self.bus, place) for place in self.ask(ACCESSIBLE, "GetChildren")[0]]

    def states(self) -> int:
        """Return its states as bits."""
        low, high = self.ask(ACCESSIBLE, "GetState")[0]
        return int(low) | int(high) << 32

    @property
    def id(self) -> str:
        """The names of the widgets down to its own, with points between them."""
        return str(self.told("AccessibleId"))

    @property
    def name(self) -> str:
        """What a screen reader calls it."""
        return str(self.told("Name"))

    @property
    def description(self) -> str:
        """What it says beside its name."""
        return str(self.told("Description"))

    @property
    def role(self) -> str:
        """What a screen reader says that it is."""
        return str(self.ask(ACCESSIBLE, "GetRoleName")[0])

    @property
    def text(self) -> str:
        """What stands in it."""
        count = self.told("CharacterCount", "org.a11y.atspi.Text")
        return str(self.ask("org.a11y.atspi.Text", "GetText", GLib.Variant("(ii)", (0, count)))[0])

    def is_in(self, state: int) -> bool:
        """Tell whether it is in a state."""
        return bool(self.states() & state)

    def act(self, name: str) -> None:
        """Do one of its actions, as assistive technology does."""
        names = [one[0] for one in self.ask("org.a11y.atspi.Action", "GetActions")[0]]
        self.ask("org.a11y.atspi.Action", "DoAction", GLib.Variant("(i)", (names.index(name),)))

    def box(self) -> tuple[int, int, int, int]:
        """Return left, top, width and height on the screen, in pixels."""
        left, top, width, height = self.ask(
            "org.a11y.atspi.Component", "GetExtents", GLib.Variant("(u)", (ON_SCREEN,))
        )[0]
        return left, top, width, height


class Desk:
    """Somebody at the laptop."""

    def __init__(self, command: list[str]) -> None:
        """Start the application; `command` is what a launcher would run."""
        session = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        told = session.call_sync(
            "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None, None, 0, 30_000, None
        )
        self.bus = Gio.DBusConnection.new_for_address_sync(
            told.unpack()[0],
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION,
            None,
            None,
        )
        self._left_of_middle = False
        self.heard: list[str] = []
        """What was read out, where the focus did not go."""
        self.bus.signal_subscribe(None, "org.a11y.atspi.Event.Object", "Announcement", None, None, 0, self._hear)
        wish = GLib.Variant("(sass)", ("object:announcement", [], ""))
        self.bus.call_sync(*LISTENERS, "RegisterEvent", wish, None, 0, 30_000, None)
        self.application = subprocess.Popen(command, start_new_session=True)

    # -- looking and listening ---------------------------------------------------------------------------------

    def _hear(self, *signal: object) -> None:
        told = signal[5]
        assert isinstance(told, GLib.Variant)
        self.heard.append(str(told.unpack()[3]))

    def hears(self, words: str) -> bool:
        """Tell whether words were read out."""
        while GLib.MainContext.default().iteration(False):
            pass
        return any(words in sentence for sentence in self.heard)

    def all(self) -> Iterator[Node]:
        """Return what the applications of the desktop show, what lies deep last."""
        windows = [window for application in Node(self.bus, REGISTRY).children() for window in application.children()]
        waiting = deque((window, "") for window in windows)
        while waiting:
            node, above = waiting.popleft()
            if node.is_in(VISIBLE):
                path = node.id
                yield Node(node.bus, node.place, path.removeprefix(f"{above}."))
                waiting += ((child, path) for child in node.children())

    def find(self, name: str) -> Node | None:
        """Return what is shown under this name of a widget.

        Raises:
            GLib.Error: Something changed, or its process ended, while it was read.
        """
        return next((node for node in self.all() if node.widget == name), None)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Look until something holds."""
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                if holds():
                    return
            except GLib.Error:  # it changed while it was read: read again
                pass
            if time.monotonic() > end:
                raise NotThereError(f"{what}; shown: {self.shown()}")
            time.sleep(LOOK_EVERY_S)

    def shown(self) -> str:
        """Return everything that is shown, in words: for a failure."""
        try:
            return "\n".join(f"{node.role} | {node.widget} | {node.name}" for node in self.all())
        except GLib.Error as error:
            return str(error)

    def wait(self, name: str, holds: Callable[[Node], bool] = lambda _: True) -> Node:
        """Wait for what is shown under a name, and for what has to hold of it."""
        found: list[Node] = []

        def look() -> bool:
            node = self.find(name)
            if node is None or not holds(node):
                return False
            found.append(node)
            return True

        self.until(look, f"{name} is awaited")
        return found[-1]

    def wait_gone(self, name: str) -> None:
        """Wait until nothing is shown under a name."""
        self.until(lambda: self.find(name) is None, f"{name} has to go")

    # -- acting ------------------------------------------------------------------------------------------------

    @staticmethod
    def _xdotool(*words: str) -> None:
        subprocess.run(["xdotool", *words], check=True)

    def press(self, *keys: str) -> None:
        """Press keys or chords, as `ctrl+k`."""
        self._xdotool("key", "--delay", KEY_MS, *keys)

    def type(self, text: str) -> None:
        """Type."""
        self._xdotool("type", "--delay", KEY_MS, text)

    def click(self, name: str) -> None:
        """Click what has this name: beside its middle by turns, since two clicks on one point are a double."""
        left, top, width, height = self.still(name)
        self._left_of_middle = not self._left_of_middle
        across = width * (1 if self._left_of_middle else 2) // 3
        self._xdotool("mousemove", str(left + across), str(top + height // 2), "click", "1")

    def still(self, name: str) -> tuple[int, int, int, int]:
        """Return where something stands once it has come to rest there."""
        before = self.wait(name).box()
        while (now := self.wait(name).box()) != before:
            before = now
        return now

    def draw(self, name: str, points: Sequence[tuple[int, int]]) -> None:
        """Draw a line with the mouse; `points` count from the corner of what has this name.

        The pad is asked something after each move, so that moves come one by one, as a hand makes them.
        """
        left, top, _, _ = self.still(name)
        pad = self.wait(name)
        for number, (x, y) in enumerate(points):
            self._xdotool("mousemove", str(left + x), str(top + y), *(["mousedown", "1"] if number == 0 else []))
            pad.box()
        self._xdotool("mouseup", "1")

    def copy(self, text: str) -> None:
        """Put a text on the clipboard, as a spreadsheet does."""
        subprocess.run(["xclip", "-selection", "clipboard"], input=text, text=True, encoding="utf-8", check=True)

    # -- ending ------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the window as a desktop does, and wait until the application is gone."""
        self.press("alt+F4")
        self.until(lambda: not Node(self.bus, REGISTRY).children(), "the application has to end")

    def end(self) -> None:
        """End whatever still runs of the application; a lock replaces its process, the group stays."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.application.pid, signal.SIGKILL)
        self.application.wait()


class Work:
    """What the person does, step by step."""

    def __init__(self, desk: Desk, language: str) -> None:
        self.desk = desk
        self.language = language

    def says(self, name: str, word: str) -> None:
        """Wait until a control says a word in the language that is spoken."""
        said = WORDS[self.language][word]
        self.desk.wait(name, lambda node: said in node.name)

    def reads(self, name: str, text: str) -> None:
        """Wait until a text stands in a field."""
        self.desk.wait(name, lambda node: node.text == text)

    def sign_in(self) -> None:
        """Type the passphrase where the keyboard is."""
        self.desk.wait("unlock_passphrase", lambda node: node.is_in(FOCUSED))
        self.desk.type(PASSPHRASE)
        self.desk.press("Return")
        self.desk.wait("foot_who")
        self.says("rail_subjects", "subjects")

    def add_subject(self) -> None:
        """Add a fourth subject by the keyboard."""
        self.desk.press("ctrl+2")
        self.desk.wait("rail_subjects", lambda node: WORDS[self.language]["here"] in node.description)
        self.desk.until(lambda: self.sees("001-A003") and not self.sees("001-A004"), "three subjects are awaited")
        self.desk.press("ctrl+n")
        self.desk.until(lambda: self.sees("001-A004"), "a fourth subject is awaited")

    def sees(self, name: str) -> bool:
        """Tell whether something of this name is shown."""
        return any(node.name == name for node in self.desk.all())

    def open(self, words: str) -> None:
        """Find a form by words, and open it."""
        self.desk.press("ctrl+k")
        self.desk.wait("palette_field", lambda node: node.is_in(FOCUSED))
        self.desk.type(words)
        self.reads("palette_field", words)
        self.desk.wait("palette_list", lambda node: len(node.children()) == 1)
        self.desk.press("Return")
        self.desk.wait_gone("palette")

    def score_by_keys(self) -> None:
        """Score with seventeen keys."""
        self.open("a1 nihss before")
        self.desk.wait("scorer_begin")
        self.desk.press("Return")
        self.card(ITEMS[0], "0")
        self.desk.type(GRADES)
        self.is_scored()
        self.desk.press("Return")
        self.is_complete()

    def score_by_mouse(self) -> None:
        """Score with seventeen clicks."""
        self.open("a2 nihss before")
        self.desk.click("scorer_begin")
        for item, grade in zip(ITEMS, GRADES, strict=True):
            self.desk.click(f"I.NIHSS.NIHSS{item}={grade}")
            self.desk.wait_gone(f"I.NIHSS.NIHSS{item}={grade}")
        self.is_scored()
        self.desk.click("scorer_complete")
        self.is_complete()

    def score_by_actions(self) -> None:
        """Score as assistive technology does: by the actions of the controls."""
        self.open("a3 nihss before")
        self.desk.wait("scorer_begin").act("Press")
        for item, grade in zip(ITEMS, GRADES, strict=True):
            self.card(item, grade)
            self.desk.wait(f"I.NIHSS.NIHSS{item}={grade}").act("Toggle")
            self.desk.wait_gone(f"I.NIHSS.NIHSS{item}={grade}")
        self.is_scored()
        self.desk.wait("scorer_complete").act("Press")
        self.is_complete()

    def card(self, item: str, grade: str) -> None:
        """Wait for a grade's card; it says its grade and its meaning, and nothing is chosen beforehand."""
        card = self.desk.wait(f"I.NIHSS.NIHSS{item}={grade}", lambda node: node.is_in(SHOWING))
        assert not card.is_in(CHECKED)
        assert card.name.startswith(grade)
        assert card.role == "radio button"

    def is_scored(self) -> None:
        """Wait for the end of the scale, which says the total and can be marked complete."""
        self.desk.wait("scorer_end_total", lambda node: node.name.endswith(f" {sum(map(int, GRADES))}"))
        self.desk.wait("scorer_complete", lambda node: node.is_in(SENSITIVE) and node.is_in(FOCUSED))

    def is_complete(self) -> None:
        """Wait until the score is marked complete."""
        self.desk.wait("scorer_complete", lambda node: not node.is_in(SENSITIVE))

    def write_into_fields(self) -> None:
        """Fill in as assistive technology does: put a text where the focus is not, choose one of several."""
        self.open("a1 v1 vital")
        words = WORDS[self.language]
        field = self.desk.wait("I.VS.SYSBP", lambda node: words["required"] in node.description)
        side = self.desk.wait("I.VS.VSARM=L", lambda node: words["place"] in node.description)
        self.desk.wait("I.VS.VSDTM", lambda node: node.is_in(FOCUSED))
        field.ask("org.a11y.atspi.EditableText", "SetTextContents", GLib.Variant("(s)", (PRESSURE,)))
        self.says("mark.I.VS.SYSBP", "kept")
        assert side.role == "radio button"
        side.act("Toggle")
        self.desk.wait("I.VS.VSARM=L", lambda node: node.is_in(CHECKED))
        self.says("mark.I.VS.VSARM", "kept")
        self.desk.until(lambda: self.desk.hears(words["kept"]), "the mark has to be read out")
        self.desk.press("ctrl+s")
        self.says("mark.I.VS.SYSBP", "recorded")

    def paste_results(self) -> None:
        """Paste a report of three lines, look at the preview, take it and save."""
        self.open("a1 v1 laboratory")
        self.desk.copy(REPORT)
        self.desk.wait("I.LB.WBC", lambda node: node.is_in(FOCUSED))
        self.desk.press("ctrl+v")
        self.desk.wait("paste_summary", lambda node: "3" in node.name)
        self.desk.press("Return")
        self.desk.wait_gone("paste_summary")
        for name, result in RESULTS.items():
            self.reads(f"I.LB.{name}", result)
        self.desk.press("ctrl+s")
        for name in RESULTS:
            self.says(f"mark.I.LB.{name}", "recorded")

    def sign_consent(self) -> None:
        """Draw the participant's signature with the mouse, and save."""
        self.open("a1 informed consent")
        self.says("form_title", "consent")
        self.desk.wait("form_next")
        self.desk.wait("I.ICF.SIGPINK", lambda node: node.is_in(FOCUSED))
        self.desk.until(self._is_drawn, "the pad has to take a signature")
        self.desk.click("I.ICF.SIGPINK.done")
        self.desk.wait_gone("form_next")
        self.desk.press("ctrl+s")
        self.says("mark.I.ICF.SIGPINK", "recorded")

    def _is_drawn(self) -> bool:
        """Tell whether the pad has a signature, else draw a line: a hurried machine keeps few points of one."""
        if self.desk.wait("I.ICF.SIGPINK.done").is_in(SENSITIVE):
            return True
        self.desk.draw("I.ICF.SIGPINK", SIGNATURE)
        return False

    def lock_and_unlock(self) -> None:
        """Lock, and come back to where one was."""
        self.desk.press("ctrl+l")
        self.desk.wait_gone("foot_who")
        self.sign_in()
        self.says("form_title", "consent")
        self.says("mark.I.ICF.SIGPINK", "recorded")

    def switch_language(self) -> None:
        """Change the language in the settings."""
        self.desk.press("ctrl+7")
        self.language = OTHER[self.language]
        self.desk.click(f"settings_language_{self.language}")
        self.says("rail_subjects", "subjects")
        self.open("a1 informed consent")
        self.says("form_title", "consent")


def main() -> None:
    """Do the work of one shift."""
    language, *command = sys.argv[1:]
    desk = Desk(command)
    try:
        work = Work(desk, language)
        work.sign_in()
        work.add_subject()
        work.score_by_keys()
        work.score_by_mouse()
        work.score_by_actions()
        work.write_into_fields()
        work.paste_results()
        work.sign_consent()
        work.lock_and_unlock()
        work.switch_language()
        desk.close()
    finally:
        desk.end()


if __name__ == "__main__":
    main()
