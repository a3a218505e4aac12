"""Facts of a plan: its cells, its periods, and the plan as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.star.facts import PLAN, PLAN_PERIOD, PLAN_TOTAL

if TYPE_CHECKING:
    from cli.star.rows import About, Facts

UNNAMED = "(plan)"
"""Scenario of a plan without a name: that of the project file."""


def plan(run: About) -> Facts:
    """The facts of a plan, in original units."""
    import pandas as pd

    facts = run.facts
    scenario = {"project": run.project, "scenario": facts["name"] or UNNAMED, "evaluated": bool(facts["evaluated"])}
    window = {"window_start_key": facts["start"], "window_end_key": facts["end"]}
    units = {name: facts[name] for name in ("outcome_unit", "currency", "hdi")}
    cells = pd.DataFrame([row for row in facts["rows"] if row["period"] is None])
    yield PLAN, cells.rename(columns={"group": "group_name"}).assign(**scenario, **window, **units)
    timed = run.table("flighting")
    if timed is not None:
        named = timed.rename(columns={"group": "group_name", "date": "date_key"})
        yield PLAN_PERIOD, named.assign(**scenario, currency=facts["currency"])
    row = {name: facts[name] for name in PLAN_TOTAL.names if name in facts}
    expected = {"expected_mean": facts["expected"], "reference_mean": facts["reference"]}
    objective = {"objective": facts["objective_words"] or facts["objective"]}
    yield PLAN_TOTAL, pd.DataFrame([{**row, **expected, **objective, **scenario, **window}])
