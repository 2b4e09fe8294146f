"""The head of a form: where one is, how far it has come, and what can be done to all of it."""

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from casebook.entry import display
from casebook.errors import CasebookError, IncompleteFormError
from desktop_app import theme
from desktop_app.models.boards import finding_count
from desktop_app.models.scoring import opens_item_by_item
from desktop_app.models.words import whereis_sign
from desktop_app.snapshots import FormView
from desktop_app.theme import Tone
from desktop_app.widgets import menus
from desktop_app.widgets.back_button import BackButton
from desktop_app.widgets.flow import WrappingRow
from desktop_app.widgets.icon import IconButton, PrimaryButton, PromptButton, SignLabel
from desktop_app.widgets.notice import Notice
from desktop_app.windows.form_oversight import FormStandings
from desktop_app.windows.form_words import is_asked, items_of, missing_of, missing_words, open_findings

TOTAL = "TOT"
"""How the database names of totals end."""
TITLES = 320
"""The width in pixels that the way back and the form's name have at least."""
NARROW = 1000
"""Below this width in pixels the head takes two lines."""
UNTESTABLE = "UN"
"""The grade of a scale that adds nothing to its total (clinical content 2.1)."""


class FormHead(QFrame):
    """The form's name and place, its progress, findings and totals, and its buttons.

    Signals:
        back_wanted, next_wanted, undo_wanted, save_wanted: The button was pressed.
        complete_wanted: The form is to be marked complete, or the mark taken back.
        item_wanted: An item is to have the focus (path).
        scorer_wanted: The form is to be scored item by item.
    """

    back_wanted = Signal()
    next_wanted = Signal()
    undo_wanted = Signal()
    save_wanted = Signal()
    complete_wanted = Signal(bool)
    item_wanted = Signal(object)
    scorer_wanted = Signal()

    def __init__(self, standings: FormStandings, parent: QWidget | None = None) -> None:
        """Make the head; `show_form` fills it. `standings` lends its buttons, flags and panels."""
        super().__init__(parent)
        self._standings = standings
        self._view: FormView | None = None
        self._language = "en"
        self._error: CasebookError | None = None
        self._narrow = False
        self._make_parts()
        self._lay_out()
        self._back.clicked.connect(self.back_wanted)
        self._score_button.clicked.connect(self.scorer_wanted)
        self._next.clicked.connect(self.next_wanted)
        self._undo.clicked.connect(self.undo_wanted)
        self._save.clicked.connect(self.save_wanted)
        self._complete.toggled.connect(self.complete_wanted)

    def _make_parts(self) -> None:
        self._back = BackButton("form")
        self._heading = QLabel()
        self._heading.setObjectName("form_title")
        theme.set_role(self._heading, "title")
        self._where = QLabel()
        self._where.setObjectName("form_where")
        theme.set_role(self._where, "note")
        self._custody = SignLabel()
        self._score = QLabel()
        self._score.setObjectName("form_score")
        theme.set_role(self._score, "lead")
        self._progress = PromptButton()
        self._progress.setObjectName("form_progress")
        self._progress.setMenu(QMenu(self._progress))
        theme.set_role(self._progress, "menu")
        self._answered = QLabel()
        self._answered.setObjectName("form_answered")
        theme.set_role(self._answered, "note")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._next = IconButton("arrow_down")
        self._next.setObjectName("form_next")
        self._findings = IconButton("warning")
        self._findings.setObjectName("form_findings")
        self._findings.setMenu(QMenu(self._findings))
        theme.set_role(self._findings, "menu")
        self._score_button = IconButton("in_progress")
        self._score_button.setObjectName("form_score_items")
        self._undo = IconButton("undo")
        self._undo.setObjectName("form_undo")
        self._complete = PromptButton()
        self._complete.setObjectName("form_complete")
        self._complete.setCheckable(True)
        self._save = PrimaryButton()
        self._save.setObjectName("form_save")
        self._notice = Notice("form_notice")

    def _lay_out(self) -> None:
        self._names = names = QHBoxLayout()
        names.setSpacing(theme.SMALL)
        below = WrappingRow(theme.MEDIUM)
        below.add(self._where)
        below.add(self._custody)
        above = WrappingRow(theme.MEDIUM)
        above.add(self._heading)
        above.add(self._score)
        titles = QVBoxLayout()
        titles.setSpacing(0)
        titles.addWidget(above)
        titles.addWidget(below)
        names.addWidget(self._back, 0, Qt.AlignmentFlag.AlignTop)
        names.addLayout(titles, 1)
        self._actions = actions = WrappingRow(theme.SMALL)
        actions.keep_whole(whole=True)
        for button in (
            self._progress,
            self._answered,
            self._score_button,
            self._next,
            self._findings,
            self._undo,
            *self._standings.buttons,
            self._complete,
            self._save,
        ):
            actions.add(button)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(theme.HUGE, theme.SMALL, theme.HUGE, theme.SMALL)
        column.setSpacing(theme.TIGHT)
        self._lines = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lines.setSpacing(theme.SMALL)
        self._lines.addLayout(names, 1)
        self._lines.addWidget(actions, 0)
        column.addLayout(self._lines)
        column.addWidget(self._standings.strip)
        column.addWidget(self._bar)
        column.addWidget(self._notice)
        column.addWidget(self._standings.closed)
        column.addWidget(self._standings.actions.panel)

    # -- in -----------------------------------------------------------------------------------------------------

    def show_form(self, view: FormView, language: str) -> None:
        """Show how a form stands."""
        self._view, self._language = view, language
        self._back.stand_alone(on=self._narrow)
        self._show_view(view)

    def refuse(self, error: CasebookError) -> None:
        """Say why something was not done, until `clear_error`."""
        self._error = error
        self._notice.say(self._sentence(error), Tone.BAD)
        if self._view is not None:
            self._show_complete(self._view)

    def _show_complete(self, view: FormView) -> None:
        """Check the button as the form stands; whoever else checks it, by hand or assistive technology, wants it so."""
        with QSignalBlocker(self._complete):
            self._complete.setChecked(view.complete)
        self._complete.setText(self.tr("Complete ✓") if view.complete else self.tr("Mark complete"))
        self._complete.setAccessibleName(self.tr("Complete") if view.complete else self.tr("Mark complete"))

    def _sentence(self, error: CasebookError) -> str:
        """Return why something was not done; of a form that is not complete also what is missing."""
        names = missing_words(self._view, self._language) if self._view is not None else ""
        if not names or not isinstance(error, IncompleteFormError):
            return error.sentence(self._language)
        missing = self.tr("Missing: %1").replace("%1", names)
        return f"{error.sentence(self._language)} {missing}"

    def clear_error(self) -> None:
        """Say no more that something was not done."""
        self._error = None
        if self._view is None or (not self._view.sealed_away and self._view.note is None):
            self._notice.say("")

    def retranslate(self, language: str) -> None:
        """Set every visible text again."""
        self._language = language
        self._next.setAccessibleName(self.tr("Go to the next unanswered item"))
        self._next.setToolTip(f"{self._next.accessibleName()} (Ctrl+J)")
        name = self.tr("Score item by item")
        self._score_button.setAccessibleName(name)
        self._score_button.setToolTip(f"{name} (F9)")
        self._save.setText(self.tr("Save"))
        self._save.setToolTip("Ctrl+S")
        self._save.setAccessibleName(self.tr("Save: record what was entered"))
        self._show_short()
        if self._error is not None:
            self._notice.say(self._sentence(self._error), Tone.BAD)

    def controls(self) -> list[QWidget]:
        """Return what Tab passes, from the first to the last."""
        first: list[QWidget] = [self._back, self._progress, self._score_button, self._next, self._findings, self._undo]
        return [*first, *self._standings.buttons, self._complete, self._save, self._standings.actions.panel]

    def focus_save(self) -> None:
        """Put the focus on the button that saves."""
        self._save.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the buttons below the name where the window is narrow."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        if narrow != self._narrow:
            self._narrow = narrow
            self._lines.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
            self._actions.keep_whole(whole=not narrow)
            side = theme.MEDIUM if narrow else theme.HUGE
            self._column.setContentsMargins(side, theme.SMALL, side, theme.SMALL)
            self._standings.be_short(on=narrow)
            self._show_short()

    # -- what is shown ------------------------------------------------------------------------------------------

    def _show_short(self) -> None:
        """Say less where the head is narrow."""
        self._back.stand_alone(on=self._narrow)
        if self._view is not None:
            self._show_view(self._view)

    def _fit_buttons(self, view: FormView) -> None:
        """Leave some buttons their icons alone, and say less, where all do not stand in one line beside the name."""
        self._score_button.setText(self.tr("Item by item"))
        self._next.setText(self.tr("Next unanswered"))
        self._undo.setText(self.tr("Undo"))
        self._standings.be_short(on=self._narrow)
        if self._narrow or not self._fits():
            for button in (self._score_button, self._next, self._undo):
                button.setText("")
        if not self._narrow and not self._fits():
            self._show_missing(view, self._how_far(view, short=True))
        if not self._narrow and not self._fits():
            self._standings.be_short(on=True)

    def _fits(self) -> bool:
        """Tell whether all buttons stand in one line beside the name."""
        names = max(TITLES, self._names.minimumSize().width() + self._lines.spacing())
        return self._actions.sizeHint().width() <= self.width() - names - 2 * theme.HUGE

    def _how_far(self, view: FormView, *, short: bool) -> str:
        """Return how far the form has come, in words."""
        left = len(view.unanswered)
        if not left:
            return self.tr("All answered") if short else self.tr("All mandatory items answered")
        told = self.tr("%1 of %2 left") if short else self.tr("%1 of %2 mandatory items left")
        return told.replace("%1", str(left)).replace("%2", str(_asked(view)))

    def _show_view(self, view: FormView) -> None:
        self._heading.setText(view.form.label(self._language))
        where = [view.number, view.visit_label(self._language)]
        if view.occasion is not None:
            where.append(view.occasion(self._language))
        if view.day:
            where.append(view.day)
        self._where.setText(" · ".join(where))
        self._custody.show_sign(whereis_sign(view.whereis))
        asked, left = _asked(view), len(view.unanswered)
        told = self._how_far(view, short=self._narrow or bool(self._score_text(view)))
        self._show_missing(view, told)
        self._bar.setRange(0, max(1, asked))
        self._bar.setValue(asked - left)
        self._bar.setAccessibleName(told)
        self._score.setText(self._score_text(view))
        self._score.setVisible(bool(self._score.text()))
        self._next.setVisible(left > 0 and view.editable)
        self._show_findings(view)
        self._score_button.setVisible(opens_item_by_item(view))
        self._show_undo(view)
        self._save.setVisible(view.editable)
        self._save.setEnabled(view.open_here)
        self._complete.setVisible(view.editable or view.complete)
        self._complete.setEnabled(view.editable)
        self._show_complete(view)
        self._fit_buttons(view)
        if view.note is not None:
            self._notice.say(view.note(self._language), Tone.WARN)
        elif view.sealed_away:
            told = self.tr(
                "Identity data is sealed away here: ask a colleague to admit this laptop on their Sync page."
            )
            self._notice.say(told, Tone.WARN)
        elif self._error is None:
            self._notice.say("")

    def _show_findings(self, view: FormView) -> None:
        """List the open findings; each leads to its item."""
        sign = finding_count(view.hard_findings, view.soft_findings)
        self._findings.setVisible(sign is not None)
        menu = self._findings.menu()
        menus.empty(menu)
        if sign is None:
            return
        self._findings.setText(self.tr("Findings: %1").replace("%1", sign.word))
        self._findings.setAccessibleName(self._findings.text())
        self._findings.setToolTip("F8")
        for path, finding in open_findings(view):
            label = f"{finding.check}  {view.item(path).item.label(self._language)}"
            menus.add_action(menu, label.replace("&", "&&")).triggered.connect(
                lambda _checked=False, path=path: self.item_wanted.emit(path)
            )

    def _show_missing(self, view: FormView, told: str) -> None:
        """Say how far the form has come, and list the items that are missing; each leads to its item."""
        self._progress.setVisible(bool(view.unanswered))
        self._answered.setVisible(not view.unanswered)
        self._progress.setText(told)
        self._answered.setText(told)
        name = self.tr("%1: show which").replace("%1", told)
        self._progress.setAccessibleName(name)
        self._progress.setToolTip("Ctrl+M")
        menu = self._progress.menu()
        menus.empty(menu)
        for section, items in missing_of(view):
            heading = menus.add_action(menu, section(self._language).replace("&", "&&"))
            heading.setEnabled(False)
            bold = menu.font()
            bold.setBold(True)
            heading.setFont(bold)
            for item in items:
                label = item.item.label(self._language).replace("&", "&&")
                menus.add_action(menu, f"    {label}").triggered.connect(
                    lambda _checked=False, path=item.path: self.item_wanted.emit(path)
                )

    def open_missing(self) -> None:
        """Open the list of what is missing, where something is."""
        if self._progress.isVisible():
            self._progress.setFocus(Qt.FocusReason.ShortcutFocusReason)
            self._progress.menu().popup(self._progress.mapToGlobal(QPoint(0, self._progress.height())))
            self._progress.menu().setActiveAction(self._progress.menu().actions()[1])

    def _show_undo(self, view: FormView) -> None:
        """Offer to put back what stood before the last entry."""
        self._undo.setVisible(view.undo is not None)
        if view.undo is None:
            return
        name = self.tr("Undo the last entry: %1").replace("%1", view.undo.item(self._language))
        self._undo.setAccessibleName(name)
        self._undo.setToolTip(f"{name} (Ctrl+Z)")

    def _score_text(self, view: FormView) -> str:
        """Return the running totals of the form's scales."""
        scales = {one.name for group in view.form.groups if group.style == "scale" for one in group.items}
        totals = []
        for one in items_of(view):
            derived = one.item.derivation
            if derived is not None and one.visible and one.item.name.endswith(TOTAL) and scales & set(derived.items):
                shown = display(
                    one.item, None, one.reading, self._language, offset_minutes=one.offset_minutes
                ) or self._so_far(view, derived.items)
                label = one.item.label(self._language).split("(")[0].split("\N{FULLWIDTH LEFT PARENTHESIS}")[0].strip()
                totals.append(f"{label} {shown}")
        untestable = sum(1 for one in items_of(view) if one.item.name in scales and one.reading.value == UNTESTABLE)
        if untestable and totals:
            totals.append(self.tr("%1 untestable").replace("%1", str(untestable)))
        return " · ".join(totals)

    def _so_far(self, view: FormView, names: tuple[str, ...]) -> str:
        """Return the sum of the grades that were given, and how many are still to come."""
        grades = [one.reading.value for one in items_of(view) if one.item.name in names]
        sum_so_far = sum(int(grade) for grade in grades if grade is not None and grade.isdecimal())
        given = sum(1 for grade in grades if grade is not None)
        if not given:
            return "\N{EN DASH}"
        told = self.tr("so far %1 (%2 of %3)", "running total of a scale")
        return told.replace("%1", str(sum_so_far)).replace("%2", str(given)).replace("%3", str(len(grades)))


def _asked(view: FormView) -> int:
    """Return how many items count as mandatory now."""
    return sum(1 for item in items_of(view) if is_asked(item))
