"""The order of the lines, which of them a reader gets, and how they leave on paper and as a table."""

import csv
import io
import random
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from casebook.audit import AuditFilter, audit_csv, audit_of, audit_table
from casebook.audit.filters import filtered
from casebook.audit.lines import in_order
from casebook.audit.printed import CSV_COLUMNS
from casebook.design import Text
from casebook.ids import UserId
from casebook.ledger import SealedCommit
from casebook.paper.context import PaperContext
from casebook.paper.table_document import table_document
from casebook.payloads import Payload, SecurityPayload
from casebook.records import AddRow, FormKey
from casebook.timekeeping import Anchor
from tests.casebook.audit.trail import Site, design, entry, save, verified, vitals
from tests.casebook.commits import START_MS, Laptop
from tests.casebook.paper.test_pages import text_of

# -- order ----------------------------------------------------------------------------------------------


def history(steps: list[tuple[int, int]]) -> list[SealedCommit]:
    """Return commits of up to three laptops, each step after some minutes, or before when a clock was set back."""
    laptops = [Laptop(seed=seed) for seed in (1, 2, 3)]
    made = []
    for which, minutes in steps:
        laptop = laptops[which]
        laptop.clock_ms = max(START_MS, laptop.clock_ms + minutes * 60_000)
        made.append(laptop.seal(SecurityPayload(event="sign-in")))
    return made


STEPS = st.lists(st.tuples(st.integers(0, 2), st.integers(-600, 600)), max_size=25)


@given(STEPS, st.randoms())
def test_no_line_is_lost_and_no_chain_is_turned_round(steps: list[tuple[int, int]], rng: random.Random) -> None:
    made = history(steps)
    shuffled = [*made, *made[:3]]
    rng.shuffle(shuffled)
    ordered = in_order(shuffled)
    assert sorted(one.id for one in ordered) == sorted(one.id for one in made)
    assert ordered == in_order(made)
    for device in {one.parsed.device for one in made}:
        sequences = [one.parsed.sequence for one in ordered if one.parsed.device == device]
        assert sequences == sorted(sequences)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 600)), max_size=25))
def test_where_clocks_go_forward_lines_stand_by_wall_clock(steps: list[tuple[int, int]]) -> None:
    walls = [one.parsed.moment.utc_ms for one in in_order(history(steps))]
    assert walls == sorted(walls)


@given(STEPS)
def test_every_commit_has_a_line_in_either_direction(steps: list[tuple[int, int]]) -> None:
    made = history(steps)
    site = Site()
    lines = [line.commit for line in audit_of(made, site.context())]
    assert set(lines) == {one.id for one in made}
    assert [line.commit for line in audit_of(made, site.context(), newest_first=True)] == lines[::-1]


def test_a_fork_keeps_both_ends() -> None:
    laptop = Laptop(seed=1)
    first = laptop.seal(SecurityPayload(event="sign-in"))
    head = laptop.head
    one = laptop.seal(SecurityPayload(event="print"))
    laptop.head = head
    other = laptop.seal(SecurityPayload(event="export"))
    assert {commit.id for commit in in_order([other, one, first])} == {first.id, one.id, other.id}


def test_a_page_reads_no_more_than_its_lines() -> None:
    site = Site()
    made = [save(site.one, site.key, entry("HR", str(60 + number))) for number in range(50)]
    opened = []
    context = site.context()

    def read(commit: SealedCommit) -> Payload | None:
        opened.append(commit.id)
        return context.read(commit)

    counting = replace(context, read=read)
    page = list(islice(audit_of(made, counting, newest_first=True), 10))
    assert len(page) == 10
    assert len(opened) == 10


# -- filters --------------------------------------------------------------------------------------------


def kept(site: Site, commits: list[SealedCommit], wanted: AuditFilter, off: tuple[str, ...] = ()) -> list[str]:
    lines = audit_of(commits, verified(site.context(), off))
    return [line.sentence("en") for line in filtered(lines, wanted)]


def test_each_condition_narrows() -> None:
    site = Site()
    other, added = site.two.add_subject("001-B001")
    first = save(site.one, site.key, entry("HR", "72"), entry("RESP", "12"))
    second = save(site.two, vitals(other, visit="SE.V2"), entry("HR", "90"))
    event = site.one.seal(SecurityPayload(event="sign-out"))
    commits = [site.added, added, first, second, event]
    rate = "Heart rate: {} beats/min entered."
    assert len(kept(site, commits, AuditFilter())) == 6
    assert rate.format(90) in kept(site, commits, AuditFilter(subject=other))
    assert len(kept(site, commits, AuditFilter(subject=other))) == 2
    assert len(kept(site, commits, AuditFilter(form="F.VS"))) == 3
    assert len(kept(site, commits, AuditFilter(instance=site.key))) == 2
    assert kept(site, commits, AuditFilter(item="HR")) == [rate.format(72), rate.format(90)]
    assert kept(site, commits, AuditFilter(site="002")) == []
    assert len(kept(site, commits, AuditFilter(person=UserId("investigator")))) == 2
    at = first.parsed.moment.local
    assert len(kept(site, commits, AuditFilter(since=at))) == 4
    assert len(kept(site, commits, AuditFilter(until=at))) == 2
    assert kept(site, commits, AuditFilter(after_signature=frozenset({event.id}))) == ["Signed out."]
    assert len(kept(site, commits, AuditFilter(clock_uncertain=True), (site.two.device,))) == 2


def test_late_entries_are_told_by_the_form_s_own_time() -> None:
    site = Site()
    early = save(site.one, site.key, entry("HR", "72"))
    site.one.clock_ms += 30 * 3_600_000
    late = save(site.one, site.key, entry("RESP", "12"))
    due = early.parsed.moment.local - timedelta(hours=1)

    def form_time(key: FormKey) -> datetime | None:
        return due if key == site.key else None

    assert len(kept(site, [early, late], AuditFilter(late_hours=24, form_time=form_time))) == 1
    assert len(kept(site, [early, late], AuditFilter(late_hours=0, form_time=form_time))) == 2
    assert kept(site, [early, late], AuditFilter(late_hours=0)) == []


def test_an_anchor_makes_the_times_of_its_boot_certain() -> None:
    site = Site()
    commit = save(site.one, site.key, entry("HR", "72"))
    assert list(filtered(site.lines(commit), AuditFilter(clock_uncertain=True)))
    moment = commit.parsed.moment
    anchor = Anchor(server_ms=moment.utc_ms, boot=moment.boot, uptime_ms=moment.uptime_ms, uncertainty_ms=400)
    site.timeline.add_anchor(commit.parsed, anchor)
    assert not list(filtered(site.lines(commit), AuditFilter(clock_uncertain=True)))
    assert site.lines(commit)[0].time_words("en") == "verified to within 1 s"


# -- paper and tables -----------------------------------------------------------------------------------


def trail_of_a_form() -> tuple[Site, list[SealedCommit]]:
    site = Site()
    medication = vitals(site.subject, form="F.CM")
    row = AddRow(group="IG.CM.MED", row="r" * 16)
    made = [
        site.added,
        save(site.one, site.key, entry("HR", "72")),
        save(site.one, medication, row, entry("CMTRT", "=aspirin()", group="IG.CM.MED", row="r" * 16)),
    ]
    made.append(save(site.two, site.key, entry("HR", "80", made[1], reason="SOURCE")))
    return site, made


def test_the_table_holds_every_line_and_no_formula() -> None:
    site, made = trail_of_a_form()
    lines = site.lines(*made)
    rows = list(csv.reader(io.StringIO(audit_csv(lines, "en").decode("utf-8-sig"), newline="")))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert len(rows) == 1 + len(lines)
    new = [row[CSV_COLUMNS.index("new")] for row in rows[1:]]
    assert "'=aspirin()" in new
    items = [row[CSV_COLUMNS.index("item")] for row in rows[1:]]
    assert any(one.endswith(", row 1") for one in items)
    assert {row[CSV_COLUMNS.index("commit")] for row in rows[1:]} == {one.id for one in made}
    assert "改为" in audit_csv(lines, "zh").decode("utf-8-sig")


def test_the_trail_of_a_form_is_a_document(tmp_path: Path) -> None:
    site, made = trail_of_a_form()
    lines = list(filtered(site.lines(*made), AuditFilter(instance=site.key)))
    about = (Text({"en": "Vital signs, visit 1.", "zh": "生命体征，访视 1。"}),)
    table = audit_table(lines, subject="001-A001", site="001 Demo site", about=about)
    assert len(table.rows) == 2
    assert round(sum(table.shares), 6) == 1
    context = PaperContext(printed_by="Coordinator A", printed_at=made[0].parsed.moment.local, fields=())
    text = text_of(table_document(design(), table, context), tmp_path)
    for said in ("changed from 72", "Investigator A", "laptop B", "not verified", "Lines: 2", made[3].id[:8]):
        assert said in text
    assert audit_table(lines[:1], subject="001-A001", site="001").record_state != table.record_state


def test_the_printed_trail_of_a_site_names_each_subject() -> None:
    site, made = trail_of_a_form()
    lines = list(filtered(site.lines(*made), AuditFilter(instance=site.key)))
    of_the_site = audit_table(lines, subject="001", site="001 Demo site")
    of_the_subject = audit_table(lines, subject="001-A001", site="001 Demo site")
    assert {row[1].lines[0]("en") for row in of_the_site.rows} == {"001-A001"}
    assert not any("001-A001" in one("en") for row in of_the_subject.rows for one in row[1].lines)
