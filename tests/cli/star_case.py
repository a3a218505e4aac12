"""A project folder with a run of every kind that has facts: a real fit and plan, and small tables beside."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
from fakes import write_fit
from typer.testing import CliRunner

from cli.app import app
from outlay.response import NATIONAL
from outlay.runs import Run, RunWriter

PROJECT = '[project]\nname = "retailer"\n\n[plan]\nperiods = 4\n'
LOCK = '[project]\nname = "retailer"\n'


def write_study(folder: Path, groups: tuple[str, ...] = (NATIONAL,)) -> Path:
    """Write the project file, a fit, a plan, a scorecard, conversion and segments; gives the folder of runs."""
    (folder / "outlay.toml").write_text(PROJECT, encoding="utf-8")
    root = folder / "runs"
    write_fit(root, groups=groups)
    plan(folder)
    scorecard(root)
    convert(root)
    segment(root)
    return root


def plan(folder: Path, *words: str) -> None:
    """Make a plan from the latest fit."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        said = CliRunner().invoke(app, ["plan", "--json", *words])
    finally:
        os.chdir(before)
    assert said.exit_code == 0, said.output


def write_run(root: Path, kind: str, facts: dict[str, object], about: str, **tables: pd.DataFrame) -> Run:
    """A run with what it says of itself and its tables."""
    with RunWriter(root, kind, command=["outlay", kind], seed=1, inputs={}) as writer:
        writer.path("config.lock.toml").write_text(LOCK, encoding="utf-8")
        writer.write_json(about, facts)
        if kind == "convert":
            writer.write_json("trust", {"passed": facts["passed"], "checks": []})
        for name, table in tables.items():
            writer.write_table(name, table)
    return writer.run


def scorecard(root: Path) -> Run:
    """One measure of two segments, of two months and their year."""
    part = {"segment": ["", "large", "small"], "sub_segment": "", "region": "", "sub_region": "", "origin": ""}
    months = pd.DataFrame({**part, "month": pd.Timestamp("2025-06-01"), "through": pd.Timestamp("2025-06-30")})
    months = months.assign(kind="month", measure="mql", counted=[30.0, 10.0, 20.0], goal=[40.0, 20.0, np.nan])
    years = months.drop(columns=["month", "kind"]).assign(year=pd.Timestamp("2025-01-01"), counted=[300.0, 100, 200])
    rates = pd.DataFrame({**part, "month": pd.Timestamp("2025-05-01"), "of": "mql", "to": "won", "trials": 50.0})
    rates = rates.assign(successes=5.0, rate=0.1, rate_low=0.05, rate_high=0.18)
    facts = {"currency": "EUR", "hdi": 0.9, "year": "2025-01-01", "as_of": "2025-06-30"}
    return write_run(root, "scorecard", facts, "scorecard", months=months, year=years, rates=rates)


def convert(root: Path, *, passed: bool = True) -> Run:
    """Rates of all leads, of a segment, of a channel, and of a pair whose names hold the sign between them."""
    levels = [("all", "all"), ("segment", "a x b"), ("channel", "tv"), ("segment x channel", "a x b x tv")]
    rates = pd.DataFrame(levels, columns=["dimension", "level"]).assign(stage="won", after="mql", leads=100.0)
    rates = rates.assign(trials=[80.0, 60.0, 40.0, np.inf], successes=8.0, raw=0.1, mean=0.11, low=0.08, high=0.15)
    worth = rates[["dimension", "level", "leads", "mean", "low", "high"]].assign(
        value=5e3, value_low=4e3, value_high=6e3
    )
    pairs = pd.DataFrame({"segment": ["a x b"], "channel": ["tv"], "stage": ["won"]})
    facts = {"currency": "EUR", "hdi": 0.9, "as_of": "2025-06-30", "passed": passed}
    return write_run(root, "convert", facts, "model", rates=rates, value_per_lead=worth, shrinkage=pairs)


def segment(root: Path) -> Run:
    """Two segments, one of them with the name of all together, and lifetime values of one."""
    table = pd.DataFrame(
        {"number": [1, 2], "segment": ["(all)", "small"], "customers": [10.0, 30.0], "value": [9e3, 1e3]}
    )
    worth = {"p_alive": [0.8], "clv": [120.0], "clv_low": [100.0], "clv_high": [150.0]}
    worth |= {"clv_total": [1200.0], "clv_total_low": [1000.0], "clv_total_high": [1500.0]}
    lifetime = pd.DataFrame({"number": [1.0], "segment": ["(all)"], **worth})
    facts = {"currency": "EUR", "hdi": 0.9, "as_of": "2025-06-30"}
    return write_run(root, "segment", facts, "segments", segments=table, clv_segments=lifetime)
