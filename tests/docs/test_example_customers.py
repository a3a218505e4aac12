"""docs/example-customers.md: both public tables run from the page alone, and print what it shows."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cli.app import app
from tests.docs.pages import ROOT, blocks

PAGE = "example-customers.md"
SHARED = Path(os.environ.get("OUTLAY_SHARED_DATA", str(ROOT.parent / "shared" / "data"))) / "customers"


@dataclass(frozen=True)
class Study:
    """One of the page's studies: its project file, and what it shows."""

    project: str
    shown: tuple[str, ...]


def study(number: int) -> Study:
    """The project file in the page's place `number`, and the blocks of output that follow it."""
    text = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")
    project = [block.text for block in blocks("toml") if block.page.name == PAGE][number]
    begin = text.index(project)
    end = text.find("\n## ", begin)
    part = text[begin : end if end > 0 else len(text)]
    return Study(
        project, tuple(block.text for block in blocks("text") if block.page.name == PAGE and block.text in part)
    )


def personality(folder: Path) -> Study:
    """The table of customers where the page says that it is, and the page's study of it."""
    return at_hand(
        folder, 0, "customer_personality.csv", lambda source, target: target.write_bytes(source.read_bytes())
    )


def retail(folder: Path) -> Study:
    """The invoices, with days as Excel gives them, and the page's study of them."""

    def with_days(source: Path, target: Path) -> None:
        lines = pd.read_parquet(source)
        days = pd.to_datetime(lines["InvoiceDate"], unit="s").astype("datetime64[us]")
        lines.assign(InvoiceDate=days).to_parquet(target, index=False)

    return at_hand(folder, 1, "uci_online_retail.parquet", with_days)


def at_hand(folder: Path, number: int, name: str, put: Callable[[Path, Path], object]) -> Study:
    """The study in a folder of its own; a skip where the table is not at hand."""
    if not (SHARED / name).is_file():
        pytest.skip(f"{name} is not at hand: set OUTLAY_SHARED_DATA to the folder that holds customers/{name}")
    found = study(number)
    about = tomllib.loads(found.project)["customers"]
    (folder / "data").mkdir()
    put(SHARED / name, folder / about.get("source", about.get("transactions", {}).get("source")))
    (folder / "outlay.toml").write_text(found.project, encoding="utf-8")
    return found


def outlay(*words: str) -> str:
    said = CliRunner().invoke(app, list(words))
    assert said.exit_code == 0, said.stderr
    return said.stdout


def lines_of(text: str) -> set[str]:
    return {" ".join(line.split()) for line in text.splitlines()}


@pytest.mark.parametrize(("make", "customers"), [(personality, "2,240"), (retail, "4,338")], ids=["csv", "parquet"])
def test_the_tables_are_read_from_the_page_alone(
    make: Callable[[Path], Study], customers: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path)
    monkeypatch.chdir(tmp_path)
    [section] = json.loads(outlay("check", "--json"))["sections"]
    facts = {row["label"]: row["text"] for row in section["facts"]}
    assert facts["Customers"].startswith(customers)
    assert not [finding for finding in section["findings"] if finding["severity"] == "error"]


@pytest.mark.slow
@pytest.mark.parametrize("make", [personality, retail], ids=["csv", "parquet"])
def test_the_command_prints_what_the_page_shows(
    make: Callable[[Path], Study], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = make(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    said = CliRunner().invoke(app, ["segment", "--picture", "segments.html", "--csv", "customers.csv"])
    assert said.exit_code == 0, said.output
    printed = lines_of(said.output)  # a reader sees what is said beside the tables, too
    assert found.shown
    # what is sampled moves in its last digit from machine to machine
    steady = [block for block in found.shown if not block.startswith(("What they will be worth", "Who would respond"))]
    for line in {line for block in steady for line in lines_of(block)}:
        assert line in printed, line
    written = pd.read_csv(tmp_path / "customers.csv")
    assert {"id", "segment"} <= set(written)
    assert (tmp_path / "segments.html").stat().st_size > 100_000
