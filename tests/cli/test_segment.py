"""``outlay segment`` from the project file to the terminal, the run, the document, the picture and the report."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from plotly.offline import get_plotlyjs
from typer.testing import CliRunner

from cli.app import app
from cli.outputs.registry import OUTPUTS
from cli.segments_document import document_of
from cli.segments_words import untrusted
from outlay.runs import list_runs
from segmentation.document import SegmentOutput

PROJECT = """
[project]
name = "shop"
currency = "EUR"

[customers]
source = "customers.csv"
id = "customer"
value = "spent"
as_of = 2025-06-30
ignore = ["spent"]
protected = ["gender"]

[customers.clusters]
candidates = [2, 4]
bootstraps = 4

[customers.drivers]
programmes = ["club"]

[customers.campaigns]
responses = ["spring", "autumn"]
"""

BARE = """
[project]
name = "bare"

[customers]
source = "customers.csv"
features = ["visits", "age", "region"]

[customers.clusters]
k = 3
"""

FILES = {"csv": "all.csv", "picture": "all.html", "card": "card.md"}

EVIL = "</script><img src=x onerror=alert(1)>"


def people(n: int = 600, seed: int = 3, moved: int = 0) -> pd.DataFrame:
    """Three kinds of customers that differ by visits, age and region: the kinds are far apart."""
    rng = np.random.default_rng(seed)
    kind = np.arange(n) % 3
    shown = (kind + (np.arange(n) < moved)) % 3
    return pd.DataFrame(
        {
            "customer": [f"C{i:04d}" for i in range(n)],
            "visits": np.round(rng.normal(np.array([40, 20, 5])[shown], 2.0), 1),
            "age": np.round(rng.normal(np.array([60, 35, 45])[shown], 2.5), 1),
            "region": np.array(["north", "south", "west"])[np.where(rng.random(n) < 0.9, shown, 0)],
            "gender": rng.choice(["f", "m"], n),
            "club": (rng.random(n) < 0.4).astype(int),
            "spring": (rng.random(n) < np.array([0.5, 0.2, 0.1])[kind]).astype(int),
            "autumn": (rng.random(n) < np.array([0.4, 0.2, 0.1])[kind]).astype(int),
            "spent": np.round(np.exp(rng.normal(np.array([7, 5.5, 4])[kind], 0.3)), 2),
        }
    )


def folder_of(path: Path, text: str = PROJECT, table: pd.DataFrame | None = None) -> Path:
    """A project and its table."""
    (people() if table is None else table).to_csv(path / "customers.csv", index=False)
    project = path / "outlay.toml"
    project.write_text(text, encoding="utf-8")
    return project


def run(project: Path, *words: str, width: int = 80) -> object:
    return CliRunner(env={"COLUMNS": str(width)}).invoke(app, ["segment", "--project", str(project), *words])


def document(project: Path, *words: str) -> SegmentOutput:
    said = run(project, "--json", *words)
    assert said.exit_code == 0, said.output  # type: ignore[attr-defined]
    return SegmentOutput.model_validate(json.loads(said.stdout))  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, object]:
    project = folder_of(tmp_path_factory.mktemp("segment"))
    place = project.parent
    return project, run(project, *(f"--{kind}={place / name}" for kind, name in FILES.items()))


def test_the_tables_fit_the_terminal(made: tuple[Path, object]) -> None:
    said = made[1]
    assert said.exit_code == 0, said.output  # type: ignore[attr-defined]
    out = said.stdout  # type: ignore[attr-defined]
    assert max(map(len, out.splitlines())) <= 80
    for title in ("How many segments", "Segments", "What tells them apart", "What to do", "next campaign"):
        assert title in out
    prose = said.stderr.replace("\n", " ")  # type: ignore[attr-defined]
    for start in ("What goes with value: ", "Those with club: value ", "Protected (gender): "):
        assert start in prose
    in_full = run(made[0], "--profile").stdout
    assert max(map(len, in_full.splitlines())) <= 80
    for title in ("What goes with value (spent)", "Those with club beside", "Protected: where customers are by gender"):
        assert title in in_full
        assert title not in out
    # without purchases there is no lifetime value, and without an earlier run no movement
    for title in ("What they will be worth", "Where they went", "Drift"):
        assert title not in out
    assert "Next: outlay segment --profile --picture" in said.stderr.replace("\n", " ")  # type: ignore[attr-defined]


def test_the_planted_kinds_are_found_and_numbered_by_money(made: tuple[Path, object]) -> None:
    (kept,) = list_runs(made[0].parent / "runs")[:1]
    labels = kept.table("labels")
    assert labels.columns.tolist() == ["id", "number", "segment", "sureness", "value"]
    # kind 0 spends exp(7), kind 1 exp(5.5), kind 2 exp(4): numbers 1, 2, 3; the kinds are ten sd apart
    assert (labels["number"] == np.arange(600) % 3 + 1).mean() > 0.99


def test_the_run_keeps_what_a_later_one_needs_and_no_code(made: tuple[Path, object]) -> None:
    kept = list_runs(made[0].parent / "runs")[0]
    assert kept.kind == "segment"
    assert kept.parents == ()
    assert set(kept.manifest["inputs"]) == {"project", "customers"}
    names = set(kept.manifest["files"])
    assert {"model.json", "segments.json", "findings.json", "config.lock.toml"} <= names
    tables = ("labels", "segments", "features", "choice", "map", "importance", "effects", "bias", "actions")
    assert {f"tables/{name}.parquet" for name in (*tables, "propensity")} <= names
    assert "tables/clv.parquet" not in names
    assert all(name.endswith((".parquet", ".json", ".toml")) for name in names)
    facts = kept.json("segments")
    assert facts["id"] == "customer"
    assert facts["as_of"] == "2025-06-30"


def test_the_csv_file_holds_every_customer(made: tuple[Path, object]) -> None:
    written = pd.read_csv(made[0].parent / "all.csv")
    assert written["id"].tolist() == people()["customer"].tolist()
    assert {"number", "segment", "sureness", "spent"} <= set(written.columns)


def test_the_picture_needs_nothing_else(made: tuple[Path, object]) -> None:
    said = (made[0].parent / "all.html").read_text(encoding="utf-8").replace(get_plotlyjs(), "")
    assert not re.search(r"""(src|href)\s*=\s*["'](?!#)|@import|url\(|https?://""", said)
    for title in ("How many segments", "How large they are", "A map of the customers", "What tells them apart"):
        assert f"<h2>{title}" in said
    # cost, silhouette, stability, smallest; sizes, map, heat map; a chart of features for each of three segments;
    # drivers; response
    assert said.count('class="chart"') >= 4 + 3 + 3 + 1 + 1


def test_the_card_says_what_they_rest_on_and_are_not_for(made: tuple[Path, object]) -> None:
    card = (made[0].parent / "card.md").read_text(encoding="utf-8")
    for title in ("Data", "Features", "Method", "Segments", "Protected columns", "What they are not for", "Made with"):
        assert f"\n## {title}\n" in card
    assert "600 customers of customers.csv, as of 2025-06-30" in card
    assert "| visits | number |" in card
    assert "scikit-learn" in card or "numpy" in card
    assert list_runs(made[0].parent / "runs")[0].id in card


def test_profile_tells_the_same_as_the_fit(made: tuple[Path, object]) -> None:
    told = document(made[0], "--profile")
    assert told.mode == "profile"
    assert told.run == list_runs(made[0].parent / "runs")[0].id
    assert [row.number for row in told.segments] == [1, 2, 3]
    assert sum(row.size_share or 0 for row in told.segments) == pytest.approx(1.0)
    first, full = made[1].stdout, run(made[0], "--profile").stdout  # type: ignore[attr-defined]
    assert first.split("Segments\n")[0] == full.split("Segments\n")[0]  # the choice, told alike
    assert len(full) > len(first)


def test_choose_and_drift_keep_nothing(made: tuple[Path, object]) -> None:
    before = len(list_runs(made[0].parent / "runs"))
    chosen = document(made[0], "--choose", "--picture", str(made[0].parent / "choice.html"))
    assert [row.k for row in chosen.choice] == [2, 3, 4]
    assert sum(row.chosen for row in chosen.choice) == 1
    assert chosen.reason
    assert (made[0].parent / "choice.html").read_text(encoding="utf-8").count('class="chart"') >= 3
    moved = document(made[0], "--drift")
    # the very customers that the segments were made from
    assert moved.refit is False
    assert all(row.psi == pytest.approx(0, abs=1e-9) for row in moved.drift)
    assert moved.migration == []
    assert len(list_runs(made[0].parent / "runs")) == before


def test_new_customers_are_put_to_the_segments_of_the_run(tmp_path: Path, made: tuple[Path, object]) -> None:
    project = folder_of(tmp_path)
    first = document(project, "--k", "3")
    people(300, seed=8, moved=60).to_parquet(tmp_path / "new.parquet", index=False)
    told = document(project, "--assign", "--data", "new.parquet")
    runs = list_runs(tmp_path / "runs")
    assert [each.kind for each in runs] == ["segment", "segment_assign"]
    assert runs[1].parents == (runs[0].id,)
    assert told.parent == first.run
    assert [row.segment for row in told.segments] == [row.segment for row in first.segments]
    # 60 of the 300 look like the next kind now, and nobody else moved; 300 customers are gone
    stayed = sum(row.customers or 0 for row in told.migration if row.before_number == row.after_number)
    gone = sum(row.customers or 0 for row in told.migration if row.after_number == 0)
    assert (stayed, gone) == (pytest.approx(240, abs=3), 300)


def test_a_refit_keeps_numbers_and_names(tmp_path: Path) -> None:
    named = PROJECT + '\n[[customers.named]]\nname = "Regulars"\nnumber = 1\n'
    project = folder_of(tmp_path, named)
    first = document(project, "--k", "3")
    assert (first.segments[0].segment, first.segments[0].origin) == ("Regulars", "yours")
    # the rows in another order and another seed: clusters come in another order, and the name in the file is gone
    shuffled = people().sample(frac=1, random_state=5)
    project = folder_of(tmp_path, PROJECT.replace('currency = "EUR"', 'currency = "EUR"\nseed = 9'), shuffled)
    again = document(project, "--k", "3")
    assert again.parent == first.run
    assert again.kept == pytest.approx(1.0, abs=0.01)
    assert [row.segment for row in again.segments] == [row.segment for row in first.segments]
    assert again.segments[0].origin == "kept"
    assert list_runs(tmp_path / "runs")[1].parents == (first.run,)


def test_parts_that_do_not_apply_are_absent(tmp_path: Path) -> None:
    project = folder_of(tmp_path, BARE)
    told = document(project)
    assert told.k_given
    for part in ("choice", "importance", "effects", "bias", "clv", "propensity", "migration", "drift"):
        assert getattr(told, part) == []
    assert all(row.value is None for row in told.segments)
    # without an id no other table can name these customers
    assert told.id is None
    assert "Next: id under [customers]" in run(project, "--profile").stderr.replace("\n", " ")  # type: ignore[attr-defined]


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    project = folder_of(tmp_path, BARE)
    told = document(project, "--dry-run")
    assert told.run is None
    assert len(told.segments) == 3
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("--choose", "--drift"), "--drift"),
        (("--data", "x.csv"), "--data"),
        (("--profile", "--k", "3"), "--k"),
        (("--run", "2025"), "--run"),
        (("--drift", "--csv", "x.csv"), "--csv"),
        (("--choose", "--card", "x.md"), "--card"),
        (("--dry-run", "--picture", "x.html"), "--picture"),
        (("--panel", "x.csv"), "--panel"),
    ],
    ids=" ".join,
)
def test_options_that_do_not_go_together(tmp_path: Path, words: tuple[str, ...], where: str) -> None:
    said = run(folder_of(tmp_path, BARE), "--json", *words)
    assert said.exit_code == 2  # type: ignore[attr-defined]
    assert json.loads(said.stdout)["error"]["where"] == where  # type: ignore[attr-defined]


def test_names_are_text(tmp_path: Path) -> None:
    table = people().assign(region=lambda frame: frame["region"].replace("north", EVIL))
    text = BARE + f'\n[[customers.named]]\nname = "{EVIL}"\nnumber = 1\n'
    project = folder_of(tmp_path, text, table)
    said = run(project, "--picture", str(tmp_path / "evil.html"))
    assert said.exit_code == 0, said.output  # type: ignore[attr-defined]
    page = (tmp_path / "evil.html").read_text(encoding="utf-8").replace(get_plotlyjs(), "")
    assert "<img" not in page
    for chart in re.findall(r'<script type="application/json">(.*?)</script>', page, re.DOTALL):
        assert "<img" not in repr(json.loads(chart)["data"])


def test_lifetime_value_that_fails_the_gate_is_left_out_and_segments_stay() -> None:
    tables = {
        "segments": pd.DataFrame({"number": [1], "segment": ["A"], "customers": [5.0], "size_share": [1.0]}),
        "clv_segments": pd.DataFrame({"number": [1], "segment": ["A"], "clv": [10.0]}),
    }
    facts = {"customers": 5, "currency": "EUR", "hdi": 0.9, "k": 1, "clv_trusted": False, "clv_reasons": ["R-hat"]}
    told = document_of("profile", "run", tables, facts, [], force=False)
    assert told.clv == []
    assert told.segments[0].segment == "A"
    assert told.clv_reasons == ["R-hat"]
    (line,) = untrusted(told)
    assert line.startswith("Lifetime value is left out (--force shows it)")
    assert "Segments stay usable" in line
    forced = document_of("profile", "run", tables, facts, [], force=True)
    assert forced.clv[0].clv == 10.0
    assert "shown because of --force" in untrusted(forced)[0]


def test_the_report_has_a_section(made: tuple[Path, object]) -> None:
    said = CliRunner().invoke(app, ["report", "--project", str(made[0]), "--json"])
    assert said.exit_code == 0, said.output
    told = json.loads(said.stdout)
    OUTPUTS["report"].model_validate(told)
    assert [row["kind"] for row in told["stories"]] == ["segment"]
    page = Path(told["path"]).read_text(encoding="utf-8")
    assert 'id="segments"' in page
    assert "Who the customers are: 3 segments" in page
