"""Exit codes and messages: id, place, problem, repair, and never a traceback for a user's mistake."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from fakes import write_fit
from typer.testing import CliRunner

from cli.app import app
from cli.catalogues import all_entries
from cli.guard import machine_fault

ROOT = Path(__file__).parents[2]
MEDIA = """
[project]
name = "shop"
[media]
source = "weekly.csv"
date = "week"
kpi = "sales"
[[media.channels]]
name = "tv"
spend = "tv_spend"
"""


def invoke(*words: str) -> tuple[int, str, str]:
    said = CliRunner().invoke(app, list(words))
    assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
    return said.exit_code, said.stdout, said.stderr


def test_no_run_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, err = invoke("roi")
    assert (code, out) == (1, "")
    assert err.startswith("error R001")
    assert "outlay fit" in err


def test_no_project_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = invoke("check")
    assert code == 2
    assert err.startswith("error C001")
    assert "outlay init" in err


def test_unknown_key_is_told_the_right_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("outlay.toml").write_text(MEDIA.replace("kpi =", "kpy ="), encoding="utf-8")
    code, _, err = invoke("check")
    assert code == 2
    assert "kpy" in err
    assert "outlay.toml" in err


def test_no_media_section(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("outlay.toml").write_text('[project]\nname = "shop"\n', encoding="utf-8")
    for command in ("check", "fit"):
        code, _, err = invoke(command)
        assert code == 2
        assert err.startswith("error C007")


def test_bad_data_lists_every_finding_and_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("outlay.toml").write_text(MEDIA, encoding="utf-8")
    rows = [f"2024-01-{day:02d},{100 + day},{spend}" for day, spend in zip((1, 8, 15, 22), (5, -7, 6, ""), strict=True)]
    Path("weekly.csv").write_text("week,sales,tv_spend\n" + "\n".join(rows) + "\n", encoding="utf-8")
    for words in (("check",), ("fit", "--dry-run"), ("fit",)):
        code, out, err = invoke(*words)
        assert (code, out) == (3, "")
        assert "error" in err
        assert "tv_spend" in err
        assert "Traceback" not in err
    assert not Path("runs").exists()


def test_untrusted_fit_is_refused_and_force_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_fit(tmp_path / "runs", trusted=False)
    for words in (("roi",), ("curves",), ("plan", "--dry-run"), ("report", "--dry-run")):
        code, out, err = invoke(*words)
        assert (code, out) == (4, "")
        assert "T006" in err
        assert "half-life of tv" in err
    for words in (("roi", "--force"), ("curves", "--force"), ("plan", "--dry-run", "--force")):
        code, out, err = invoke(*words)
        assert code == 0
        assert "DID NOT PASS THE TRUST GATE" in " ".join(out.split())  # a narrow terminal breaks the title
        assert "WARNING" in err
    assert '"trusted": false' in invoke("roi", "--force", "--json")[1]


def test_infeasible_plan(fitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fitted)
    project = tmp_path / "outlay.toml"
    (tmp_path / "runs").symlink_to(fitted / "runs")
    rule = '[[plan.bounds]]\nchannel = "tv"\nmin = 900_000_000\n'
    project.write_text('[project]\nname = "x"\n[plan]\nbudget = 1_000_000\n' + rule, encoding="utf-8")
    code, out, err = invoke("plan", "--project", str(project))
    assert (code, out) == (5, "")
    assert err.startswith("error P0")


@pytest.mark.parametrize(("words", "part"), [(("plan", "--periods", "0"), "--periods"), (("roi", "--no"), "--no")])
def test_usage_errors_exit_2(words: tuple[str, ...], part: str) -> None:
    code, _, err = invoke(*words)
    assert code == 2
    assert part in err


def test_a_budget_that_is_no_budget(fitted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fitted)
    for amount in ("-5", "0", "nan", "inf"):
        code, _, err = invoke("plan", "--dry-run", "--budget", amount)
        assert code == 2, amount
        assert "--budget" in err


def test_explain_knows_every_id_and_suggests() -> None:
    code, out, _ = invoke("explain")
    assert code == 0
    for id, entry in all_entries().items():
        assert id in out
        assert len(entry.meaning) > 40, id
        assert len(entry.repair) >= 20, id
    code, _, err = invoke("explain", "X0O1")
    assert code == 2
    assert "X001" in err


def test_debug_shows_the_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = invoke("roi", "--debug")
    assert code == 1
    assert "Traceback" in err
    assert "error R001" in err


def test_machine_faults_speak_plainly() -> None:
    full = machine_fault(OSError(errno.ENOSPC, "No space left on device", "runs/x"))
    assert (full.id, full.where, full.exit_code) == ("X004", "runs/x", 1)
    denied = machine_fault(PermissionError(errno.EACCES, "Permission denied", "/root"))
    assert denied.id == "X003"
    assert machine_fault(MemoryError()).id == "X005"


def test_a_bug_is_one_line_and_debug_shows_more() -> None:
    code = "import cli.commands.runs as r; r._list = lambda *a: 1 / 0\nfrom cli.app import main; main()"
    done = subprocess.run([sys.executable, "-c", code, "runs"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("this is a bug in outlay")
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 2
    words = [sys.executable, "-c", code, "runs", "--debug"]
    assert "Traceback" in subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption_is_130_with_one_line(number: signal.Signals) -> None:
    code = (
        "import time, sys, cli.commands.runs as r\n"
        "def wait(*a): sys.stderr.write('ready\\n'); sys.stderr.flush(); time.sleep(30)\n"
        "r._list = wait\nfrom cli.app import main; main()"
    )
    with subprocess.Popen([sys.executable, "-c", code, "runs"], cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        started = time.monotonic()
        process.send_signal(number)
        said = process.stderr.read()
        assert process.wait(timeout=20) == 130
    assert said == "interrupted: no half-written run is left.\n"
    assert time.monotonic() - started < 10
