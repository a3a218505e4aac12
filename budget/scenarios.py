"""Scenarios: a plan's question with some keys changed, and several answers side by side."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import ValidationError

from budget.allocation import Allocation
from budget.catalogue import CATALOGUE
from budget.config import PlanSection
from budget.differs import differences
from outlay.errors import ConfigError
from outlay.transforms import Array


def read_scenario(path: Path, base: PlanSection) -> PlanSection:
    """A scenario file over the project's ``[plan]``: its keys replace those of the section, lists as a whole.

    Parameters
    ----------
    path : Path
        TOML with keys of ``[plan]``, at the top or under it. Without ``name`` the file's name is the scenario's.
    base : PlanSection
        The project's section.

    Raises
    ------
    ConfigError
        P086, where the file cannot be read or a key does not fit.
    """
    try:
        stated = tomllib.loads(path.read_text(encoding="utf-8-sig"))  # editors on Windows put a mark in front
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise _unreadable(path, str(problem)) from problem
    keys = stated.get("plan", stated)
    if "plan" in stated and len(stated) > 1:
        raise _unreadable(path, f"{', '.join(name for name in stated if name != 'plan')} stands beside [plan]")
    if not isinstance(keys, Mapping):
        raise _unreadable(path, "plan is not a table")
    known = base.model_dump(exclude_unset=True)
    values = _without_rivals(known, keys) | {"name": path.stem} | dict(keys)
    try:
        return PlanSection.model_validate(values)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _unreadable(
            path, f"{place + ': ' if place else ''}{first['msg']}{_whole(first['loc'], known)}"
        ) from problem


def _whole(place: Sequence[int | str], known: Mapping[str, object]) -> str:
    """That a table replaced one of the project file whole, where that is what went wrong."""
    table = known.get(str(place[0])) if place else None
    if not isinstance(table, Mapping):
        return ""
    had = ", ".join(f"{key} = {value}" for key, value in table.items())
    return f" ({place[0]} replaces the project file's as a whole: {had} no longer hold, unless they are written again)"


_RIVALS = {"budget": ("budget_min", "budget_max"), "budget_min": ("budget",), "budget_max": ("budget",)}


def _without_rivals(base: dict[str, object], keys: Mapping[str, object]) -> dict[str, object]:
    """The base without what a scenario's keys replace under another name: a range replaces a fixed total."""
    gone = {rival for key in keys for rival in _RIVALS.get(key, ())}
    if "objective" in keys and keys["objective"] != base.get("objective", "outcome"):
        gone |= {"target", "target_counts"}  # a number means another thing under another objective
    if str(keys.get("objective", "")) in ("target_kpi", "target_mroi"):
        gone.add("budget")
    return {key: value for key, value in base.items() if key not in gone}


def _unreadable(path: Path, what: str) -> ConfigError:
    return ConfigError(what, where=str(path), repair=CATALOGUE["P086"].repair, id="P086")


@dataclass(frozen=True, eq=False)
class Scenario:
    """One answer, as it was given or as a run kept it.

    Attributes
    ----------
    name : str
    document : dict
        What ``outlay plan --json`` prints.
    question : dict
        The ``[plan]`` section that was asked.
    table, draws : DataFrame
        As in :class:`budget.Allocation`.
    """

    name: str
    document: dict[str, object]
    question: dict[str, object]
    table: pd.DataFrame
    draws: pd.DataFrame

    @classmethod
    def of(cls, allocation: Allocation) -> Scenario:
        """The scenario of an answer."""
        question = allocation.section.model_dump(mode="json")
        return cls(allocation.name or "plan", allocation.to_json(), question, allocation.table, allocation.draws)

    def number(self, key: str) -> float | None:
        """A number of the document."""
        value = self.document.get(key)
        return float(value) if isinstance(value, int | float) else None


def load_scenario(
    document: dict[str, object], question: dict[str, object], draws: pd.DataFrame, table: pd.DataFrame
) -> Scenario:
    """A scenario from what a run keeps."""
    return Scenario(str(document.get("name") or document.get("run") or "plan"), document, question, table, draws)


@dataclass(frozen=True, eq=False)
class Comparison:
    """Scenarios side by side, on the same draws.

    Attributes
    ----------
    currency, outcome, outcome_unit : str
    table : DataFrame
        One row per scenario: name, objective, budget, expected and its interval, gain, roi_mean, profit_mean, cvar, sd,
        p_better (than its reference plan), p_best (of all scenarios), gap, status.
    better : DataFrame
        Probability that the row's scenario beats the column's; NaN where that cannot be said, as is p_best then.
    better_by : str
        What was compared draw by draw: ``profit``, the ``outcome`` where all spend the same, or why neither was.
    spend : DataFrame
        Channel (and group), the reference plan's spend, and one column per scenario (:func:`spend_column`).
    differs : tuple of str
        What differs in the questions and in the plans.
    scenarios : tuple of Scenario
        What was compared.
    """

    currency: str
    outcome: str
    outcome_unit: str
    table: pd.DataFrame
    better: pd.DataFrame
    better_by: str
    spend: pd.DataFrame
    differs: tuple[str, ...]
    scenarios: tuple[Scenario, ...]

    def to_json(self) -> dict[str, object]:
        """The document that ``outlay compare --json`` prints (no NaN)."""
        return {
            "currency": self.currency,
            "outcome": self.outcome,
            "outcome_unit": self.outcome_unit,
            "better_by": self.better_by,
            "rows": _records(self.table),
            "better": [
                {"scenario": str(row), "than": str(column), "probability": _known(self.better.loc[row, column])}
                for row in self.better.index
                for column in self.better.columns
                if row != column
            ],
            "spend": [
                {
                    "channel": row["channel"],
                    "group": row["group"],
                    "reference": row["reference"],
                    "scenarios": {name: row[spend_column(str(name))] for name in self.better.index},
                }
                for row in _records(self.spend)
            ],
            "differs": list(self.differs),
        }

    def _repr_html_(self) -> str:
        """The comparison as a notebook shows it."""
        from budget.document_compare import CompareOutput
        from budget.shown import comparison_table
        from outlay.html_table import html_table

        return html_table(comparison_table(CompareOutput.of(self)))


_WINDOW = {
    "currency": "currency",
    "outcome": "outcome",
    "outcome_unit": "unit of the outcome",
    "start": "first day",
    "periods": "periods",
}
"""What has to be the same in plans that are compared, and what it is called."""


def compare(scenarios: Sequence[Scenario]) -> Comparison:
    """Lay scenarios side by side.

    Raises
    ------
    ConfigError
        P087, where there are fewer than two, two have one name, or they do not rest on the same draws and window.
    """
    names = [scenario.name for scenario in scenarios]
    first = scenarios[0] if scenarios else None
    if first is None or len(scenarios) < 2:
        raise _incomparable("a comparison needs two plans")
    if len(set(names)) < len(names):
        raise _incomparable(f"two scenarios are called {next(name for name in names if names.count(name) > 1)}")
    for other in scenarios[1:]:
        for key in _WINDOW:
            if (mine := other.document[key]) != (theirs := first.document[key]):
                raise _incomparable(f"{other.name} and {first.name} differ in {_WINDOW[key]}: {mine} and {theirs}")
        if (
            other.document.get("fit") != first.document.get("fit")
            or len(other.draws) != len(first.draws)
            or _other_draws(first, other)
        ):
            raise _incomparable(f"{other.name} and {first.name} were judged on different fits")
    better, p_best, by = _odds(scenarios)
    return Comparison(
        currency=str(first.document["currency"]),
        outcome=str(first.document["outcome"]),
        outcome_unit=str(first.document["outcome_unit"]),
        table=pd.DataFrame([_row(s, float(best)) for s, best in zip(scenarios, p_best, strict=True)]),
        better=pd.DataFrame(better, index=names, columns=names),
        better_by=by,
        spend=_spend(scenarios),
        differs=differences(scenarios, better[:, 0].tolist(), by),
        scenarios=tuple(scenarios),
    )


NOT_COMPARED = "not compared: totals differ and no margin is known"
"""Why no plan is called the better one: more money brings more outcome, and whether it pays is not known."""


def _odds(scenarios: Sequence[Scenario]) -> tuple[Array, Array, str]:
    """Probabilities to beat each other (n, n) and to be the best (n,), and what was compared."""
    by_profit = all("plan_profit" in scenario.draws for scenario in scenarios)
    totals, n = np.array([scenario.number("budget") for scenario in scenarios], float), len(scenarios)
    if not by_profit and not totals.max() - totals.min() < 0.01:
        return np.full((n, n), np.nan), np.full(n, np.nan), NOT_COMPARED
    worth = np.stack([scenario.draws["plan_profit" if by_profit else "plan"].to_numpy() for scenario in scenarios])
    better = np.array([[(a > b).mean() + 0.5 * (a == b).mean() for b in worth] for a in worth])
    top = worth == worth.max(axis=0)
    return better, (top / top.sum(axis=0)).mean(axis=1), "profit" if by_profit else "outcome"


def _known(probability: float) -> float | None:
    return None if np.isnan(probability) else float(probability)


def _other_draws(one: Scenario, other: Scenario) -> bool:
    """Whether one reference plan, where both have it, is worth another amount in some draw: then the fits differ."""
    told, asked = ("start", "end", "reference_plan", "reference_budget"), ("carry_over_after", "spend_after", "timing")
    same = all(one.document.get(key) == other.document.get(key) for key in told)
    same &= all(one.question.get(key) == other.question.get(key) for key in (*asked, "bounds", "locks", "capacity"))
    return same and not np.allclose(one.draws["reference"], other.draws["reference"], rtol=1e-6)


_COLUMNS = (
    "objective",
    "budget",
    "expected",
    "expected_hdi_low",
    "expected_hdi_high",
    "gain_mean",
    "gain_hdi_low",
    "gain_hdi_high",
    "roi_mean",
    "profit_mean",
    "profit_hdi_low",
    "profit_hdi_high",
    "p_better",
    "p_goal",
    "gap",
    "status",
)


def _row(scenario: Scenario, p_best: float) -> dict[str, object]:
    risk = scenario.document.get("risk")
    told = risk if isinstance(risk, dict) else {}
    row: dict[str, object] = {"name": scenario.name}
    row |= {key: scenario.document.get(key) for key in _COLUMNS}
    return row | {"cvar": told.get("cvar"), "sd": told.get("sd"), "p_best": p_best}


_CELL = ("channel", "group", "reference")


def spend_column(name: str) -> str:
    """The column of a scenario in :attr:`Comparison.spend`: its name, unless the table has another column of it."""
    return f"{name} (plan)" if name in _CELL else name


def _spend(scenarios: Sequence[Scenario]) -> pd.DataFrame:
    keys = ["channel", "group"]
    joined: pd.DataFrame | None = None
    for scenario in scenarios:
        whole = scenario.table[scenario.table["period"].isna()]
        columns = [*keys, "spend"] if joined is not None else [*keys, "reference_spend", "spend"]
        part = whole[columns].rename(columns={"reference_spend": "reference", "spend": spend_column(scenario.name)})
        joined = part if joined is None else joined.merge(part, on=keys, how="outer")
    if joined is None:
        raise _incomparable("a comparison needs two plans")
    return joined.reset_index(drop=True)


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    rows = table.astype(object).where(table.notna(), None).to_dict("records")
    return [{str(key): value for key, value in row.items()} for row in rows]


def _incomparable(what: str) -> ConfigError:
    return ConfigError(what, where="outlay compare", repair=CATALOGUE["P087"].repair, id="P087")
