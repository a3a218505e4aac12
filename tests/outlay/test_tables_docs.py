"""What the guide says about tables and the project file is what happens, and every id can be explained."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from outlay._entries import config, tables
from outlay.catalogue import CATALOGUE
from outlay.project import load_project
from outlay.tables import CsvOptions, Role, read_table

DOCS = Path(__file__).parents[2] / "docs"
OWN = {**tables.ENTRIES, **config.ENTRIES}


@pytest.mark.parametrize("id", OWN)
def test_every_id_is_explained_in_sentences(id: str) -> None:
    entry = CATALOGUE[id]
    assert re.fullmatch(r"[DC]0\d\d", id)
    assert entry.meaning.count(".") >= 2  # more than the message says
    assert entry.repair.endswith(".")
    assert entry.severity in {"error", "warning", "note"}


@pytest.mark.parametrize("page", ["tables.md", "project-file.md"])
def test_every_id_in_the_guide_exists(page: str) -> None:
    named = re.findall(r"\b[DC]\d{3}\b", (DOCS / page).read_text(encoding="utf-8"))
    assert named
    assert set(named) <= set(OWN)


def test_the_guides_example_of_the_project_section_loads(tmp_path: Path) -> None:
    (example,) = re.findall(
        r"```toml\n(.*?)\n\[media\]", (DOCS / "project-file.md").read_text(encoding="utf-8"), re.DOTALL
    )
    path = tmp_path / "outlay.toml"
    path.write_text(example, encoding="utf-8")
    assert load_project(path, {}).sections["project"].model_dump() == {
        "name": "shop",
        "currency": "EUR",
        "margin": 0.35,
        "hdi": 0.9,
        "seed": 1,
        "numbers": "1.234,56",
        "fiscal_year_starts": "02-01",
        "fiscal_year_named": "start",
    }


def test_the_guides_python_example_runs(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", (DOCS / "tables.md").read_text(encoding="utf-8"), re.DOTALL)
    assert "read_table(" in example
    (tmp_path / "weekly.csv").write_text("week;tv_spend\n2025-01-06;1,234\n")
    table = read_table(
        "weekly.csv",
        {"week": Role.DATE, "tv_spend": Role.NUMBER},
        base=tmp_path,
        options=CsvOptions(decimal=","),
    )
    assert table.frame["tv_spend"].tolist() == [1.234]
    for name in re.findall(r"^table\.(\w+)", example, re.MULTILINE):
        assert hasattr(table, name)
