"""``outlay check`` on [customers]: what it tells, what it refuses, and that it writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.app import app
from tests.segmentation.customer_tables import customers, purchases

TABLE = """
[project]
name = "shop"
currency = "EUR"

[customers]
source = "customers.csv"
id = "cid"
value = "spend"
"""
PURCHASES = """
[project]
name = "shop"
currency = "EUR"

[customers.transactions]
source = "purchases.parquet"
customer = "who"
date = "when"
quantity = "quantity"
price = "price"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    customers().to_csv(tmp_path / "customers.csv", index=False)
    purchases().to_parquet(tmp_path / "purchases.parquet")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_table_of_customers_in_a_few_lines(folder: Path) -> None:
    (folder / "outlay.toml").write_text(TABLE)
    said = CliRunner().invoke(app, ["check"])
    assert said.exit_code == 0, said.output
    for words in ("[customers]  customers.csv", "300", "3 numbers", "spend (EUR, log)", "2 categories", "region (3)"):
        assert words in said.output
    assert not (folder / "runs").exists()


def test_purchases_in_a_few_lines_and_as_json(folder: Path) -> None:
    (folder / "outlay.toml").write_text(PURCHASES)
    said = CliRunner().invoke(app, ["check"])
    assert said.exit_code == 0, said.output
    assert "recency (days" in said.output
    assert "monetary (EUR per order" in said.output
    document = json.loads(CliRunner().invoke(app, ["check", "--json"]).stdout)
    (section,) = document["sections"]
    assert section["section"] == "customers"
    assert section["source"] == "purchases.parquet"
    assert {finding["id"] for finding in section["findings"]} >= {"K015", "K026"}


def test_faults_end_with_exit_3_and_all_of_them(folder: Path) -> None:
    frame = customers().assign(cid=lambda t: t["cid"].where(t.index != 3, "C0001"))
    frame["mood"] = [str(k) if k % 4 else "n/a" for k in range(len(frame))]
    frame.to_csv(folder / "customers.csv", index=False)
    (folder / "outlay.toml").write_text(TABLE)
    said = CliRunner().invoke(app, ["check"])
    assert said.exit_code == 3
    assert "K005" in said.output
    assert "column mood" in said.output
