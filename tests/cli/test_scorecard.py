"""``outlay scorecard``: tables, drill-down, JSON of the published schema, CSV, refusals."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from attribution.document_scorecard import MonthRow
from cli.app import app
from cli.outputs.registry import OUTPUTS
from cli.scorecard_words import changed
from outlay.style import chance, rate_of
from outlay.summary import jeffreys
from tests.attribution.carded import leads

PROJECT = """
[project]
name = "B2B"
currency = "EUR"

[leads]
source = "leads.parquet"
date = "created"
stages = ["mql", "sqo", "won"]
segment = "segment"
sub_segment = "part"
region = "region"
sub_region = "area"
origin = "made_by"
value = "amount"

[goals]
source = "goals.csv"
segment = "segment"
region = "region"
"""


def goals(months: int = 12) -> pd.DataFrame:
    made = [
        (f"2025-{month:02d}-01", measure, goal, segment, region)
        for month in range(1, months + 1)
        for measure, goal in (("mql", 25), ("sqo", 10), ("won", 4), ("value", 40_000))
        for segment in ("large", "small")
        for region in ("east", "west")
    ]
    return pd.DataFrame(made, columns=["month", "measure", "goal", "segment", "region"])


def write_project(folder: Path) -> None:
    leads().to_parquet(folder / "leads.parquet", index=False)
    goals().to_csv(folder / "goals.csv", index=False)
    (folder / "outlay.toml").write_text(PROJECT, encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("b2b")
    write_project(folder)
    return folder


def outlay(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str, columns: int = 100) -> tuple[int, str, str]:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", str(columns))
    said = CliRunner().invoke(app, ["scorecard", *words])
    return said.exit_code, said.stdout, said.stderr


def test_everything_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = outlay(folder, monkeypatch, "--dry-run")
    assert code == 0, err
    for part in ("mql, August 2025", "value (EUR), August 2025", "P(2025)", "large", "small", "all"):
        assert part in out
    for part in ("Rates between stages", "Contribution by origin", "Why measures changed", "Volume", "Mix"):
        assert part in out
    assert "G009" in err  # September runs
    assert "Nothing was written" in err
    assert not (folder / "runs").exists()


def test_it_fits_a_terminal_of_eighty_columns(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, out, _ = outlay(folder, monkeypatch, "--dry-run", columns=80)
    assert max(len(line) for line in out.splitlines()) <= 80
    assert "P(2025)" in out


def test_the_document_is_of_its_schema_and_adds_up(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = outlay(folder, monkeypatch, "--dry-run", "--json", "--by", "both")
    assert code == 0
    document = OUTPUTS["scorecard"].model_validate(json.loads(out)).model_dump()
    rows = [row for row in document["rows"] if row["measure"] == "sqo" and row["kind"] == "month"]
    whole = [row for row in rows if not row["segment"]]
    assert len(rows) == 5  # two segments by two regions, and all
    assert len(whole) == 1
    assert sum(row["counted"] for row in rows if row["segment"]) == whole[0]["counted"]
    assert whole[0]["goal"] == 40


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--segment", "large"], {"large-1", "large-2", "large-3"}),
        (["--region", "east"], {"east-1", "east-2"}),
        (["--segment", "large", "--by", "region"], {"east", "west"}),
        (["--by", "region"], {"east", "west"}),
        (["--segment", "small", "--region", "west"], {"small-1, west-1", "small-2, west-2"}),
    ],
)
def test_drill_down(folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], shown: set[str]) -> None:
    code, out, err = outlay(folder, monkeypatch, "--dry-run", "--measure", "mql", *words)
    assert code == 0, err
    for name in shown:
        assert f" {name} " in out
    assert "sqo" not in out


def test_a_run_is_kept_and_a_csv_written(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "card.csv"
    code, _, err = outlay(folder, monkeypatch, "--csv", str(path), "--month", "2025-06")
    assert code == 0, err
    [run] = list((folder / "runs").glob("*-scorecard-*"))
    assert {each.stem for each in (run / "tables").iterdir()} == {
        "months", "year", "history", "rates", "origin", "bridge",
    }  # fmt: skip
    frame = pd.read_csv(path)
    june = frame[(frame["month"] == "2025-06-01") & (frame["measure"] == "mql")]
    whole, parts = june[june["segment"].isna()], june[june["segment"].notna()]
    assert parts["counted"].sum() == whole["counted"].iloc[0]
    assert "year_p_goal" in frame


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--month", "2024-12"], "G016"),
        (["--segment", "Large"], 'Did you mean "large"?'),
        (["--measure", "wno"], 'Did you mean "won"?'),
    ],
)
def test_refusals(folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str) -> None:
    code, out, err = outlay(folder, monkeypatch, *words)
    assert code == 2
    assert told in err
    assert not out


def test_bad_goals_write_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(tmp_path)
    bad = goals()
    bad.loc[3, "segment"] = "lrage"
    bad.loc[5, "goal"] = -1
    bad.to_csv(tmp_path / "goals.csv", index=False)
    code, _, err = outlay(tmp_path, monkeypatch)
    assert code == 3
    assert "G002" in err
    assert "line 5" in err
    assert "G006" in err
    assert not (tmp_path / "runs").exists()


def test_without_goals_counts_are_told_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(tmp_path)
    text = PROJECT.partition("[goals]")[0]
    (tmp_path / "outlay.toml").write_text(text, encoding="utf-8")
    code, out, err = outlay(tmp_path, monkeypatch, "--dry-run")
    assert code == 0, err
    assert "G018" in err
    assert "P(2025)" not in out


def test_without_segments_regions_or_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_project(tmp_path)
    lines = 'segment = "segment"', 'sub_segment = "part"', 'region = "region"', 'sub_region = "area"'
    text = PROJECT.partition("[goals]")[0]
    for line in (*lines, 'origin = "made_by"', 'value = "amount"'):
        text = text.replace(f"{line}\n", "")
    (tmp_path / "outlay.toml").write_text(text, encoding="utf-8")
    code, out, err = outlay(tmp_path, monkeypatch, "--dry-run")
    assert code == 0, err
    assert "all" in out
    code, _, err = outlay(tmp_path, monkeypatch, "--dry-run", "--by", "region")
    assert code == 2
    assert "leads have no region" in err


def test_small_numbers_are_told_as_intervals() -> None:
    # Jeffreys' 95 % interval of 3 of 17: Beta(3.5, 14.5) from 5.1 to 40.2 %
    low, high = jeffreys(3, 17, 0.95)
    assert rate_of(3, 17, float(low), float(high)) == "3 of 17 (5 to 40%)"
    low, high = jeffreys(300, 1700, 0.9)
    assert rate_of(300, 1700, float(low), float(high)) == "17.6% (16.2 to 19.2%)"
    low, high = jeffreys(3, 1700, 0.9)  # three successes are few, however many were tried
    assert rate_of(3, 1700, float(low), float(high)).startswith("3 of 1,700 (")
    assert jeffreys(0, 5, 0.9)[0] == 0.0
    assert jeffreys(5, 5, 0.9)[1] == 1.0
    assert rate_of(0, 0, 0.0, 1.0) == "n/a"


def test_a_change_of_few_is_an_interval() -> None:
    row = dict.fromkeys(("segment", "sub_segment", "region", "sub_region", "month", "through", "kind"), "")
    more = dict.fromkeys(set(MonthRow.model_fields) - set(row))
    few = MonthRow(**{**more, **row, "measure": "won", "expected": 12.0, "before": 8.0, "change": 0.5,
                      "change_low": -0.28, "change_high": 2.22})  # fmt: skip
    assert changed(few) == "-28 to +222%"
    many = few.model_copy(update={"expected": 1200.0, "before": 800.0})
    assert changed(many) == "+50.0%"


def test_chances_are_certain_only_where_they_are() -> None:
    assert [chance(p) for p in (0.0, 0.004, 0.42, 0.996, 1.0, None)] == ["0%", "<1%", "42%", ">99%", "100%", "n/a"]
