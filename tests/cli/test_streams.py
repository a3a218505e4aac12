"""Pipes, locales, colours and widths."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Outlay
from fakes import PAID, write_fit
from typer.testing import CliRunner

from cli.app import app
from cli.commands.curves import show, summarise
from cli.commands.roi import summarise as summarise_roi
from cli.outputs.answers import WaterfallRow
from cli.returns import _steps
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


def test_curves_of_groups_are_named_whole_at_80_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = summarise(write_fit(tmp_path / "runs", odd_name="professional_network"))
    more = [row.model_copy(update={"group": "north_america"}) for row in result.rows]
    monkeypatch.setenv("COLUMNS", "80")
    show(result.model_copy(update={"rows": [*result.rows, *more]}))
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= 80
    assert sum(line.startswith(" professional_network ") for line in lines) == 2  # all, and the group
    assert sum(line.startswith("   north_america ") for line in lines) == len(PAID)
    assert "\u2026" not in "".join(lines)


def test_names_that_do_not_fit_go_on_below_and_are_not_cut(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    columns = [Column("Channel", False), Column("Spend (USD)"), Column("Recommended (USD)")]
    print_table(TextTable("", columns, [("professional_network", "45,505", "2,771")]))
    lines = capsys.readouterr().out.splitlines()
    assert "".join(line.split()[0] for line in lines if line.strip() and "─" not in line)[len("Channel") :].startswith(
        "professional_network"
    )


def test_rounding_beside_the_outcome_is_no_interval(tmp_path: Path) -> None:
    """Controls enter from their mean: their sum over the window is zero but for the last digits of a sum."""
    steps = {"base": (1e9, 9e8, 1.1e9), "controls": (-1e-7, -1.29e-6, 9e-7)}
    rows = [
        WaterfallRow(
            **{"component": name, "kind": "baseline", "group": None, "start": 0.0, "end": 1e9, "median": mean},
            **{"mean": mean, "hdi_low": low, "hdi_high": high},
            **dict.fromkeys(("share_mean", "share_hdi_low", "share_hdi_high"), 0.0),
        )
        for name, (mean, low, high) in steps.items()
    ]
    run = summarise_roi(write_fit(tmp_path / "runs"))
    cells = {row[0]: row for row in _steps(run, rows, None).rows}
    assert cells["controls"][3] == "0 to 0"
    assert cells["base"][3] == "900M to 1.10B"


def test_a_column_that_is_not_shown_says_whose_interval_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = [Column("Week", False), Column("Baseline\n(mqls)"), Column("90% HDI", optional=1)]
    monkeypatch.setenv("COLUMNS", "30")
    for title, said in (("90% HDI", "90% HDI"), ("(90%)", "90%"), ("90% interval ", "90% interval")):
        columns[-1] = Column(title, optional=1)
        print_table(TextTable("", columns, [("2025-06-30", "556", "500 to 600" + " " * 9)]))
        err = " ".join(capsys.readouterr().err.split())
        assert f"(Not shown at this width: {said} of Baseline (mqls)." in err


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
