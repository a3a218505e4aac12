"""``outlay score`` with protected columns: from the project file to the table in the terminal and the document."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from cli.app import app
from tests.cli.test_score import folder_of

N = 3000


def run(project: Path, *words: str, width: int = 100) -> object:
    command = ["score", "--project", str(project), "--dry-run", *words]
    return CliRunner(env={"COLUMNS": str(width)}).invoke(app, command)


def folder(path: Path, protected: str) -> Path:
    """Leads with a gender that goes with visits, and an age that goes with nothing."""
    rng = np.random.default_rng(2)
    gender = np.where(rng.random(N) < 0.4, "f", "m")
    more = {"gender": gender, "age": rng.integers(18, 80, N), "shoe": np.where(gender == "f", 38, 43)}
    project = folder_of(path, **more)
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace("[score]\n", f"[score]\nprotected = {protected}\n"), encoding="utf-8")
    return project


def test_protected_columns_are_told_and_not_learnt_from(tmp_path: Path) -> None:
    project = folder(tmp_path, '["gender", "age"]')
    found = json.loads(run(project, "--json").stdout)  # type: ignore[attr-defined]
    assert "gender" not in found["features"]
    assert "age" not in found["features"]
    assert "shoe" in found["features"]
    rows = found["protected"]
    assert {(row["column"], row["set"]) for row in rows} == {
        (column, kind) for column in ("gender", "age") for kind in ("test", "open")
    }
    test = [row for row in rows if row["column"] == "gender" and row["set"] == "test"]
    assert sum(row["leads"] for row in test) == found["test"]
    # A is the best tenth and B the next fifth: three tenths in all, whatever the groups
    assert sum(row["top"] for row in test) == pytest.approx(0.3 * found["test"], abs=1)
    assert sum(row["best"] for row in test) == 1
    assert "S028" in [finding["id"] for finding in found["findings"]]


def test_the_terminal_shows_them(tmp_path: Path) -> None:
    result = run(folder(tmp_path, '["gender"]'))
    assert result.exit_code == 0  # type: ignore[attr-defined]
    assert "Grades by protected columns" in result.stdout  # type: ignore[attr-defined]
    assert "highest" in result.stdout  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("protected", "problem"),
    [
        ('["sex"]', "has no column 'sex'"),
        ('["segment"]', "recalibrated by"),
        ('["created"]', "is the date of"),
        ('["sqo"]', "is the stage of"),
    ],
)
def test_what_cannot_be_protected_is_refused(tmp_path: Path, protected: str, problem: str) -> None:
    result = run(folder(tmp_path, protected))
    assert result.exit_code == 2  # type: ignore[attr-defined]
    assert problem in " ".join(result.stderr.split())  # type: ignore[attr-defined]
