"""Facts of a plan: its cells, its periods, and the plan as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cli.star.facts import PLAN, PLAN_PERIOD, PLAN_TOTAL

if TYPE_CHECKING:
    import pandas as pd

    from cli.star.rows import About, Facts

UNNAMED = "(plan)"
"""Scenario of a plan without a name: that of the project file."""


def plan(run: About) -> Facts:
    """The facts of a plan, in original units."""
    yield from _answer(run)
    timed = run.table("flighting")
    if timed is not None:
        yield PLAN_PERIOD, _periods(timed.rename(columns={"date": "date_key"}), run)


def saved(run: About) -> Facts:
    """The facts of a saved scenario; periods of the cells whose timing was decided."""
    import pandas as pd

    yield from _answer(run)
    timed = pd.DataFrame([row for row in run.facts["rows"] if row["period"] is not None])
    if len(timed):
        yield PLAN_PERIOD, _periods(timed.rename(columns={"period": "date_key"}), run)


def _periods(timed: pd.DataFrame, run: About) -> pd.DataFrame:
    named = timed.rename(columns={"group": "group_name"})
    return named.assign(**_scenario(run), currency=run.facts["currency"])


def _scenario(run: About) -> dict[str, Any]:
    facts = run.facts
    return {"project": run.project, "scenario": facts["name"] or UNNAMED, "evaluated": bool(facts["evaluated"])}


def _answer(run: About) -> Facts:
    import pandas as pd

    facts, scenario = run.facts, _scenario(run)
    window = {"window_start_key": facts["start"], "window_end_key": facts["end"]}
    units = {name: facts[name] for name in ("outcome_unit", "currency", "hdi")}
    cells = pd.DataFrame([row for row in facts["rows"] if row["period"] is None])
    yield PLAN, cells.rename(columns={"group": "group_name"}).assign(**scenario, **window, **units)
    row = {name: facts[name] for name in PLAN_TOTAL.names if name in facts}
    expected = {"expected_mean": facts["expected"], "reference_mean": facts["reference"]}
    objective = {"objective": facts["objective_words"] or facts["objective"]}
    yield PLAN_TOTAL, pd.DataFrame([{**row, **expected, **objective, **scenario, **window}])
