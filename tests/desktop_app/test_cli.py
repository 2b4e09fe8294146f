"""The program's command line: study cases, papers, the self test."""

import json
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from casebook.crypto import PRODUCTION_KDF
from casebook.records import FormKey, ItemPath, VisitKey
from desktop_app import cli
from desktop_app.__main__ import main
from desktop_app.vault import AUTHORITY_FILE
from tests.casebook.small_study import files, write_study
from tests.laptops import PASSPHRASE, Ward

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "data" / "study_cases.sample.json"


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "desktop_app", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_shared_cases_pass_in_every_group(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "test", str(CASES)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("32 passed")
    assert said.endswith("0 failed\n")


def test_group_that_nothing_answers_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "cases.json"
    case = {"id": "A", "group": "astrology", "input": {}, "expected": {"sign": "Virgo"}}
    file.write_text(json.dumps({"vectors": [case]}), encoding="utf-8")
    assert main(["study", "test", str(file)]) == 1
    assert "astrology" in capsys.readouterr().out


def test_failing_case_is_named_with_expected_and_got(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    wrong = next(case for case in cases["vectors"] if case["group"] == "nihss_total")
    wrong["expected"]["total"] = 41
    cases["vectors"] = [wrong]
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(cases), encoding="utf-8")
    assert main(["study", "test", str(file)]) == 1
    said = capsys.readouterr().out
    assert wrong["id"] in said
    assert "41" in said


def test_missing_case_file_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "test", "nowhere.json"]) == 2
    assert "nowhere.json" in capsys.readouterr().err


def test_commands_without_a_window_load_no_qt() -> None:
    run = "import sys; from desktop_app.__main__ import main; main(['study', 'test', sys.argv[1]])"
    code = f"{run}; sys.exit('PySide6' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, str(CASES)], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_signed_paper_verifies_and_a_changed_one_does_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ward = Ward(tmp_path)
    laptop = ward.enrolled("one", "investigator")
    with ward.session(laptop, "investigator") as session:
        subject = session.add_subject().subject
        key = FormKey(subject=subject, visit=VisitKey(visit="SE.V1"), form="F.VS")
        session.keep(key, ItemPath(group="IG.VS.BP1", item="SYSBP"), "150")
        row = session.sign_paper(subject, session.papers(subject)[0], PASSPHRASE, "review")
        content = session.document(subject, row.sha256)
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(content)
    folder = tmp_path / "one"
    assert (folder / AUTHORITY_FILE).exists()
    assert main(["--folder", str(folder), "verify", str(paper)]) == 0
    assert "Valid" in capsys.readouterr().out
    page = pypdfium2.PdfDocument(content)[0].render(scale=3).to_pil()
    (code,) = [found.text for found in zxingcpp.read_barcodes(page)]
    assert main(["--folder", str(folder), "verify", code]) == 0
    assert "001-A001" in capsys.readouterr().out
    assert main(["--folder", str(folder), "verify", code.replace("001-A001", "001-A002")]) == 2
    assert "code" in capsys.readouterr().err
    changed = bytearray(content)
    changed[len(content) // 3] ^= 1
    paper.write_bytes(changed)
    assert main(["--folder", str(folder), "verify", str(paper)]) == 1
    assert main(["--folder", str(tmp_path), "verify", str(paper)]) == 2
    assert "--authority" in capsys.readouterr().out


def test_self_test_of_the_installation_passes() -> None:
    done = _run("--smoke")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all parts work" in done.stdout


def test_production_key_derivation_keeps_its_floor() -> None:
    assert PRODUCTION_KDF.floor.memory_kib >= 128 * 1024
    assert PRODUCTION_KDF.floor.passes >= 3
    assert PRODUCTION_KDF.admits(PRODUCTION_KDF.chosen)
    assert PRODUCTION_KDF.ceiling.memory_kib <= 1024 * 1024


def test_default_folder_is_the_user_s_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    assert cli.default_folder() == tmp_path / "casebook"


def test_study_check_is_clean_for_the_shipped_study(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "check"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 fault(s)")


def test_study_check_tells_a_planted_fault_in_chinese(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_study(tmp_path, files())
    form = folder / "crf" / "F.A.toml"
    form.write_text(form.read_text(encoding="utf-8").replace('["90", "185"]', '["30", "185"]'), encoding="utf-8")
    assert main(["study", "check", "--study-folder", str(folder), "--language", "zh"]) == 1
    said = capsys.readouterr().out
    assert "错误  I.A.SYS: 软限值超出硬限值" in said
    assert said.splitlines()[-1].startswith("1 个错误")


def test_study_is_frozen_once_and_compared_with_what_follows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_study(tmp_path / "study", files())
    frozen = tmp_path / "1.0.json"
    assert main(["study", "freeze", str(frozen), "--study-folder", str(folder)]) == 0
    kept = frozen.read_bytes()
    assert main(["study", "freeze", str(frozen), "--study-folder", str(folder)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert frozen.read_bytes() == kept
    texts = folder / "texts" / "en.toml"
    texts.write_text(texts.read_text(encoding="utf-8").replace("Systolic", "Systolic pressure"), encoding="utf-8")
    assert main(["study", "diff", str(frozen), str(folder)]) == 0
    said = capsys.readouterr().out
    assert "“Systolic” now reads “Systolic pressure”" in said
    assert said.endswith("0 added, 0 removed, 0 changed, 1 reworded\n")
    frozen.write_bytes(kept.replace(b"Systolic", b"Sistolic"))
    assert main(["study", "diff", str(frozen), str(folder)]) == 2
    assert "does not fit its version" in capsys.readouterr().err


def test_study_print_writes_forms_and_dictionary_into_a_new_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_study(tmp_path / "study", files())
    out = tmp_path / "out"
    assert main(["study", "print", str(out), "--study-folder", str(folder), "--language", "zh"]) == 0
    assert {one.name for one in out.iterdir()} == {
        "annotated_forms.pdf",
        "dictionary.xlsx",
        *(f"{name}.csv" for name in ("items", "code_lists", "checks", "visits", "criteria")),
    }
    capsys.readouterr()
    assert main(["study", "print", str(out), "--study-folder", str(folder)]) == 2
    assert "exists already" in capsys.readouterr().err
