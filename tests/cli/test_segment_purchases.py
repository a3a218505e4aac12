"""``outlay segment`` on purchases: lifetime value, movement since a day, and the panel for ``[media]``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from cli.app import app
from outlay.runs import list_runs
from segmentation.document import SegmentOutput

PROJECT = """
[project]
name = "orders"
currency = "EUR"

[customers]
as_of = 2025-06-30

[customers.clusters]
k = 3

[customers.transactions]
source = "orders.parquet"
customer = "who"
date = "day"
order = "order"
amount = "paid"
"""


def orders(n: int = 500, seed: int = 2) -> pd.DataFrame:
    """Customers who buy at rates of their own until they leave, as BG/NBD has it (r 1.2, a 0.8)."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        start, rate, drop = rng.uniform(0, 300), rng.gamma(1.2, 1 / 40), rng.beta(0.8, 3)
        mean, day = rng.gamma(6, 10), start
        while day < 540:
            rows.append((f"W{i:03d}", day, mean * rng.gamma(8, 1 / 8)))
            if rng.random() < drop:
                break
            day += rng.exponential(1 / rate)
    frame = pd.DataFrame(rows, columns=["who", "day", "paid"])
    days = pd.Timestamp("2024-01-07") + pd.to_timedelta(frame["day"].astype(int), unit="D")
    frame = frame.assign(day=days, order=np.arange(len(frame)), paid=frame["paid"].round(2))
    return frame[frame["day"] <= "2025-06-30"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SegmentOutput]:
    place = tmp_path_factory.mktemp("orders")
    orders().to_parquet(place / "orders.parquet", index=False)
    project = place / "outlay.toml"
    project.write_text(PROJECT, encoding="utf-8")
    words = ["segment", "--project", str(project), "--json", "--csv", str(place / "all.csv")]
    said = CliRunner().invoke(app, [*words, "--panel", str(place / "weeks.csv")])
    assert said.exit_code == 0, said.output
    return project, SegmentOutput.model_validate(json.loads(said.stdout))


def test_purchases_become_segments_with_lifetime_value(made: tuple[Path, SegmentOutput]) -> None:
    told = made[1]
    assert told.k == 3
    assert told.clv_trusted is True
    assert told.id == "who"
    whole = next(row for row in told.clv if row.number is None)
    parts = [row for row in told.clv if row.number is not None]
    # what the segments are worth in all adds up to what everybody is worth
    assert sum(row.clv_total or 0 for row in parts) == pytest.approx(whole.clv_total, rel=1e-6)
    assert all((row.clv_low or 0) <= (row.clv or 0) <= (row.clv_high or 0) for row in told.clv)
    assert told.holdout[-1].frequency == "all"


def test_movement_is_counted_from_a_quarter_before(made: tuple[Path, SegmentOutput]) -> None:
    told = made[1]
    assert {row.compared for row in told.migration} == {"since 2025-03-31"}  # 91 days before the last of June
    labels = list_runs(made[0].parent / "runs")[0].table("labels")
    assert sum(row.customers or 0 for row in told.migration) == len(labels)


def test_the_files_hold_every_customer_and_every_week(made: tuple[Path, SegmentOutput]) -> None:
    place = made[0].parent
    customers = pd.read_csv(place / "all.csv")
    assert {"id", "number", "segment", "sureness", "spent", "frequency", "recency", "clv", "clv_low"} <= set(customers)
    assert customers["id"].is_unique
    weeks = pd.read_csv(place / "weeks.csv", parse_dates=["date"])
    assert set(weeks["date"].dt.day_of_week) == {0}
    frame = orders()
    inside = frame[(frame["day"] >= weeks["date"].min()) & (frame["day"] < weeks["date"].max() + pd.Timedelta(days=7))]
    # nothing of the money of whole weeks is lost, to the cent
    assert weeks["revenue"].sum() == pytest.approx(inside["paid"].sum(), abs=0.01)


def test_the_terminal_shows_worth_and_movement_in_80_columns(made: tuple[Path, SegmentOutput]) -> None:
    said = CliRunner(env={"COLUMNS": "80"}).invoke(app, ["segment", "--project", str(made[0]), "--profile"])
    assert said.exit_code == 0, said.output
    assert max(map(len, said.stdout.splitlines())) <= 80
    for title in (
        "What they will be worth in 12 months",
        "Whether lifetime value comes true",
        "Where they went, since",
    ):
        assert title in said.stdout


def test_a_panel_has_to_be_a_table(made: tuple[Path, SegmentOutput]) -> None:
    words = ["segment", "--project", str(made[0]), "--profile", "--panel", "weeks.txt"]
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 2
    assert "X007" in said.stderr
