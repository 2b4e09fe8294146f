"""Every kind of commit, and every operation and event, as a plain sentence in both languages."""

from dataclasses import replace

import pytest

from casebook import ledger, payloads
from casebook.audit import Act, audit_of
from casebook.audit.act import Deed
from casebook.audit.acts import TELLERS, acts_of
from casebook.audit.events import _EVENTS, _STATEMENTS
from casebook.canonical import decode_object, encode
from casebook.crypto import sha256
from casebook.design import Text
from casebook.ids import UserId
from casebook.ledger import Header, SealedCommit
from casebook.payloads import (
    BlobPayload,
    KeyGrantPayload,
    Payload,
    SecurityPayload,
    ServerPayload,
)
from casebook.records import (
    AddRow,
    Calculated,
    Confirmation,
    Document,
    Fired,
    ItemPath,
    Mark,
    MissingCode,
    Note,
    Operation,
    Sitting,
    StrikeRow,
)
from casebook.verdicts import VerdictCode
from tests.casebook.audit.trail import Site, entry, save, vitals
from tests.casebook.commits import Laptop


def test_a_change_tells_who_when_what_before_after_and_why() -> None:
    site = Site()
    first = save(site.one, site.key, entry("HR", "72"))
    second = save(site.one, site.key, entry("HR", "80", first, reason="TRANSCRIPTION"))
    line = site.lines(first, second)[1]
    assert line.sentence("en") == "Heart rate: changed from 72 beats/min to 80 beats/min."
    assert "由 72 beats/min 改为 80 beats/min" in line.sentence("zh")
    assert (line.old("en"), line.new("en")) == ("72 beats/min", "80 beats/min")
    assert line.why("en") == "Copied wrongly from the source"
    assert (line.who("en"), line.role("zh"), line.laptop) == ("Coordinator A", "协调员", "A")
    assert (line.number, line.site) == ("001-A001", "001")
    assert line.form("en") == "Vital signs"
    assert line.visit("en") == "Visit 1: day of randomisation"
    assert line.at.utcoffset() is not None
    assert line.commit_short == second.id[:8]
    assert line.sealed_by("en") == "Coordinator A"
    assert line.time_words("en") == "not verified"


def test_a_first_value_a_missing_one_a_cleared_one_and_a_choice_among_two() -> None:
    site = Site()
    first = save(site.one, site.key, entry("HR", "72"))
    other = save(site.two, site.key, entry("HR", "75"))
    chosen = save(site.one, site.key, entry("HR", "75", first, other, reason="SOURCE"))
    missing = save(site.one, site.key, entry("RESP", None, missing=MissingCode.NOT_DONE, reason="no time"))
    cleared = save(site.one, site.key, entry("HR", None, chosen, reason="WRONGPLACE"))
    said = [line.sentence("en") for line in site.lines(first, other, chosen, missing, cleared)]
    assert "Heart rate: 72 beats/min entered." in said
    assert "Heart rate: conflict settled, 75 beats/min counts. Entries were 72 beats/min / 75 beats/min." in said
    assert any("Not done (ND) entered" in one for one in said)
    assert "Heart rate: 75 beats/min cleared." in said


def operations() -> dict[str, tuple[Operation, str, str]]:
    path = ItemPath(group="IG.VS.BP1", item="SYSBP")
    row = "r" * 16
    return {
        "row": (AddRow(group="IG.CM.MED", row=row), "row 1: row added.", "新增一行"),
        "struck": (StrikeRow(group="IG.CM.MED", row=row, reason="Twice"), "row struck through.", "划除一行"),
        "complete": (Mark(flag="complete", on=True), "Form marked complete.", "表单标记为“完成”"),
        "reopened": (Mark(flag="complete", on=False), "Form no longer marked complete.", "取消表单的“完成”标记"),
        "confirmed": (
            Confirmation(check="X1", path=path, value="240", reason="Measured twice"),
            "240 mmHg confirmed true against X1.",
            "确认 240 mmHg 属实",
        ),
        "fired": (Fired(check="X1", path=path, fires=True), "query opened. X1.", "产生质疑"),
        "closed": (Fired(check="X1", path=path, fires=False), "query closed", "质疑关闭"),
        "document": (
            Document(name="signed.pdf", sha256="0" * 64, size_bytes=3, media_type="application/pdf"),
            "Document signed.pdf was kept with the form.",
            "文件 signed.pdf",
        ),
        "note": (Note(path=path, text="Cuff too small"), "reason given in words.", "以文字说明原因"),
        "sitting": (Sitting(group="IG.VS.BP1", bases=()), "Saved; no value changed.", "数值没有变化"),
        "calculated": (
            Calculated(path=ItemPath(group="IG.VS.BP1", item="MAP"), value="90"),
            "Saved; no value changed.",
            "数值没有变化",
        ),
    }


@pytest.mark.parametrize("name", sorted(operations()))
def test_every_operation_is_a_sentence(name: str) -> None:
    operation, en, zh = operations()[name]
    site = Site()
    form = "F.CM" if name in {"row", "struck"} else "F.VS"
    added = [AddRow(group="IG.CM.MED", row="r" * 16)] if name == "struck" else []
    line = site.lines(save(site.one, vitals(site.subject, form=form), *added, operation))[-1]
    assert en in line.sentence("en")
    assert zh in line.sentence("zh")


def test_calculated_values_are_no_lines_beside_others() -> None:
    site = Site()
    operation = operations()["calculated"][0]
    lines = site.lines(save(site.one, site.key, entry("HR", "72"), operation))
    assert [line.act.deed for line in lines] == [Deed.ENTERED]


def test_what_a_laptop_recovered_is_the_person_s_act_and_the_laptop_s_seal() -> None:
    site = Site()
    laptop = Laptop(seed=1, author="device")
    commit = save(laptop, site.key, entry("HR", "72"), recovered_for=UserId("investigator"))
    line = site.lines(commit)[0]
    assert line.who("en") == "Investigator A"
    assert line.sealed_by("en") == "laptop A itself"
    assert line.sealed_by("zh") == "电脑 A（自动）"
    assert line.unconfirmed


def test_a_form_that_the_study_does_not_know_is_told_by_its_names() -> None:
    site = Site()
    line = site.lines(save(site.one, vitals(site.subject, form="F.GONE", visit="SE.GONE"), entry("X", "1")))[0]
    assert (line.form("en"), line.visit("en"), line.item("en")) == ("F.GONE", "SE.GONE", "X")
    assert line.sentence("en") == "X: 1 entered."


def test_subjects_documents_keys_and_statements() -> None:
    site = Site()
    blob = site.one.seal(BlobPayload(key=site.key, name="visit.pdf", media_type="application/pdf", content=b"abc"))
    grant = site.one.seal(KeyGrantPayload(site="001", device=site.two.device, sealed_key=b"x"))
    stated = Laptop(seed=9, author="server").seal(
        ServerPayload(statement="user", fields={"user": "investigator", "name": "Investigator A", "site": "001"})
    )
    said = {line.act.deed: line for line in site.lines(site.added, blob, grant, stated)}
    assert said[Deed.SUBJECT_ADDED].sentence("en") == "Subject 001-A001 was added."
    assert said[Deed.DOCUMENT].sentence("zh") == "文件 visit.pdf 已随表单保存。"
    assert said[Deed.KEY_GRANTED].sentence("en") == "Handed the key to identity data to laptop B."
    statement = said[Deed.STATEMENT]
    assert statement.sentence("en").startswith("A person has an account (name: Investigator A; ")
    assert statement.who("en") == "the study's server"
    assert statement.role("en") == ""


@pytest.mark.parametrize("event", sorted(_EVENTS))
def test_every_event_is_a_sentence_in_both_languages(event: str) -> None:
    site = Site()
    fields = {"user": "investigator", "kind": "log", "subject": site.subject, "reason": "Emergency", "count": "3"}
    line = site.lines(site.one.seal(SecurityPayload(event=event, fields=fields)))[0]
    assert line.name == event
    assert line.sentence("en").endswith(".")
    assert line.sentence("zh").endswith("。")
    assert line.sentence("en") != line.sentence("zh")
    assert "newer version" not in line.sentence("en")
    assert line.why("en") == "Emergency"


def test_an_event_tells_people_by_name_and_subjects_by_number() -> None:
    site = Site()
    fields = {"subject": site.subject, "by": "investigator", "kind": "log", "count": "2"}
    line = site.lines(site.one.seal(SecurityPayload(event="unblinded", fields=fields)))[0]
    assert line.sentence("en") == (
        "Unblinded a subject (by: Investigator A; times: 2; what: screening log; subject: 001-A001)."
    )
    assert (
        line.sentence("zh") == "对受试者揭盲（操作者：Investigator A；次数：2；内容：筛选登记表；受试者：001-A001）。"
    )


def test_a_clock_that_was_set_is_told_with_its_span() -> None:
    site = Site()
    jumps = [
        site.one.seal(SecurityPayload(event="clock-jump", fields=fields))
        for fields in (
            {"before": "1000", "after": "3601000", "how": "set"},
            {"before": "3601000", "after": "1000", "how": "set"},
            {"before": "3601000", "after": "1000", "how": "behind-server"},
            {"before": "x"},
        )
    ]
    assert [line.sentence("en") for line in site.lines(*jumps)] == [
        "The wall clock was set forward by 1 h 00 min.",
        "The wall clock was set back by 1 h 00 min.",
        "The wall clock was found 1 h 00 min behind what is known.",
        "The wall clock was set.",
    ]


@pytest.mark.parametrize("statement", sorted(_STATEMENTS))
def test_every_statement_is_a_sentence(statement: str) -> None:
    site = Site()
    commit = Laptop(seed=9, author="server").seal(ServerPayload(statement=statement, fields={"site": "001"}))
    line = site.lines(commit)[0]
    assert "001" in line.sentence("en")
    assert "newer" not in line.sentence("en")


@pytest.mark.parametrize("code", [*VerdictCode, "later"])
def test_a_verdict_is_told_in_words(code: str) -> None:
    site = Site()
    fields = {"commit": "ab" * 32, "code": code, "effect": "held", "site": "001"}
    commit = Laptop(seed=9, author="server").seal(ServerPayload(statement="verdict", fields=fields))
    line = site.lines(commit)[0]
    assert line.sentence("en").startswith("The server judged record abababab. ")
    assert "_" not in line.sentence("en")
    assert line.sentence("zh").startswith("服务器对记录 abababab 作出判定：")


@pytest.mark.parametrize("payload", [SecurityPayload(event="later"), ServerPayload(statement="later", fields={})])
def test_a_name_of_a_newer_release_is_told_as_such(payload: Payload) -> None:
    site = Site()
    line = site.lines(site.one.seal(payload))[0]
    assert line.sentence("en") == "Needs a newer version of Casebook to be read (later)."
    assert line.sentence("zh") == "需要更新版本的 Casebook 才能读取（later）。"


def another_kind(laptop: Laptop, kind: str) -> SealedCommit:
    """Return a commit of a kind that no release so far knows."""
    return ledger.seal(
        ledger.CommitDraft(kind=kind, author=UserId("coordinator"), body={"x": "1"}),
        after=laptop.head,
        sealer=ledger.Sealer(
            study="RELOW1", site="001", app_version="9", signer=laptop.signer, random_bytes=laptop.random.randbytes
        ),
        moment=laptop.seal(SecurityPayload(event="sign-in")).parsed.moment,
    )


def test_an_operation_and_a_version_of_a_newer_release_are_told_as_such() -> None:
    site = Site()
    made = another_kind(site.one, "data")
    payload = encode({**decode_object(made.payload), "s": site.subject, "ev": "SE.V1", "er": "", "f": "F.VS", "fr": ""})
    payload = encode({**decode_object(payload), "fv": "0" * 16, "o": [["%", "later"]]})
    header = decode_object(made.header) | {"ph": sha256(payload).hex()}
    operation = SealedCommit(encode(header), payload, made.signature)
    version = SealedCommit(encode(header | {"v": 2, "zz": 1}), payload, made.signature)
    unreadable = SealedCommit(made.header, b"{}", made.signature)
    told = [acts_of(one, site.context())[0].deed for one in (operation, version, unreadable)]
    assert told == [Deed.NEWER, Deed.NEWER, Deed.UNREADABLE]


def test_a_kind_of_a_newer_release_is_a_line_too_until_its_teller_is_there() -> None:
    site = Site()
    commit = another_kind(site.one, "later")
    assert site.lines(commit)[0].sentence("en") == "Needs a newer version of Casebook to be read (later)."

    def tell(_header: Header, _payload: Payload) -> list[Act]:
        return [Act(deed=Deed.OTHER, name="later", said=Text({"en": "Done later.", "zh": "后来完成。"}))]

    def read(_commit: SealedCommit) -> Payload:
        return SecurityPayload(event="later")

    context = site.context()
    told = audit_of(
        [commit],
        replace(context, read=read),
        tellers={**TELLERS, "later": lambda header, payload: iter(tell(header, payload))},
    )
    assert [line.sentence("zh") for line in told] == ["后来完成。"]


def test_what_is_sealed_away_or_unreadable_is_a_line_and_nothing_of_it_is_shown() -> None:
    site = Site()
    laptop = Laptop(seed=4, identity_key=bytes(32))
    sealed = laptop.seal(payloads.SubjectPayload(subject=site.subject, number="001-A001", site="001"), ledger.IDENTITY)
    good = site.one.seal(SecurityPayload(event="sign-in"))
    broken = encode({"ev": 3})
    header = ledger.write_header(replace(good.parsed, payload_sha256=sha256(broken).hex()))
    lines = site.lines(sealed, SealedCommit(header, broken, good.signature))
    assert {line.act.deed for line in lines} == {Deed.SEALED_AWAY, Deed.UNREADABLE}
    assert all(line.subject is None for line in lines)
    opened = list(audit_of([sealed], site.context(bytes(32))))
    assert opened[0].sentence("en") == "Subject 001-A001 was added."
