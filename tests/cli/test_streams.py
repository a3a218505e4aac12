"""Pipes, locales, colours and widths."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Outlay
from typer.testing import CliRunner

from cli.app import app
from cli.terminal import print_findings, print_table, printable
from outlay.findings import Finding
from outlay.text_table import Column, TextTable


def test_a_reader_that_leaves_is_no_error(fitted: Path) -> None:
    """`outlay explain | head -1`: no traceback, no complaint, and the pipe's own status is not an error."""
    command = f"PYTHONPATH='{ROOT}' '{sys.executable}' -m cli.app explain --json | head -c 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], cwd=fitted, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "{0\n"
    assert done.stderr == ""


@pytest.mark.parametrize("env", [{"LANG": "C", "LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}], ids=["C", "ascii"])
def test_any_locale_can_carry_the_output(outlay: Outlay, fitted: Path, env: dict[str, str]) -> None:
    """The project's folder has an umlaut in its name, and tables have rules of box characters."""
    done = outlay("runs", "show", cwd=fitted, **env)
    assert done.returncode == 0
    assert done.stderr == "" or "warning" in done.stderr
    assert "Folder" in done.stdout
    done = outlay("roi", cwd=fitted, **env)
    assert done.returncode == 0
    assert "newspaper" in done.stdout


def test_data_and_prose_do_not_mix(outlay: Outlay, fitted: Path) -> None:
    done = outlay("roi", cwd=fitted)
    assert done.returncode == 0
    assert "newspaper" in done.stdout
    assert "Treat the numbers as assumptions" in done.stderr
    assert "Treat the numbers" not in done.stdout


def test_no_paint_without_a_terminal(outlay: Outlay, tmp_path: Path) -> None:
    done = outlay("roi", NO_COLOR="")
    assert done.returncode == 1
    assert "\033" not in done.stderr + done.stdout


def test_narrow_terminals_leave_out_the_least_wanted_column(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = [Column("Channel", False), Column("ROI"), Column("HDI", optional=1), Column("Marginal", optional=2)]
    table = TextTable("Title", columns, [("tv", "1.00", "0.50 to 2.00" + " " * 10, "0.90" + " " * 10)])
    monkeypatch.setenv("COLUMNS", "120")
    print_table(table)
    assert "Marginal" in capsys.readouterr().out
    monkeypatch.setenv("COLUMNS", "45")
    print_table(table)
    said = capsys.readouterr()
    assert "HDI" in said.out
    assert "Marginal" not in said.out
    assert "Marginal" in said.err


@pytest.mark.parametrize("columns", [80, 100])
def test_tables_fit_the_terminal(fitted: Path, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fitted)
    monkeypatch.setenv("COLUMNS", str(columns))
    for words in (["roi"], ["plan", "--dry-run"], ["curves"]):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0
        assert max(len(line) for line in done.stdout.splitlines()) <= columns, words


def test_a_name_cannot_paint_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert printable("tv\033[31m\r") == "tv?[31m?"
    print_findings([Finding("D107", "error", "channel \033[2Jtv", "negative\a", "mend it")])
    assert "\033" not in capsys.readouterr().err


def test_findings_go_from_grave_to_light_and_long_lists_are_cut(capsys: pytest.CaptureFixture[str]) -> None:
    many = [Finding("D102", "error", f"weekly.csv, row {i}", "no number", "fill it") for i in range(2, 12)]
    print_findings([Finding("D150", "note", "weekly.csv, kpi", "negative", "nothing"), *many])
    said = capsys.readouterr().err
    assert said.index("10 errors") < said.index("1 note")
    assert said.count("D102") == 5 + 1  # five are shown, and the count of the rest names it once more
    assert "and 5 more" in said
    assert said.count("fill it") == 1
    assert said.startswith("In weekly.csv:")
