"""What the planner looks for, as an objective in the solver's units, and how its value is told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from budget.catalogue import CATALOGUE
from budget.config import PlanSection
from budget.objective import Objective
from outlay.errors import ConfigError
from outlay.response import ResponseDraws
from outlay.style import Written
from outlay.transforms import Array


@dataclass(frozen=True)
class Scales:
    """Currency and outcome that count as one inside the solver."""

    money: float
    outcome: float


@dataclass(frozen=True, eq=False)
class Aim:
    """An objective with the words and the units of its value.

    Attributes
    ----------
    name : str
        ``[plan] objective``.
    words : str
        What is looked for, in words.
    unit : str
        Unit of the objective's value.
    section : PlanSection
    margin : float
        Profit per unit of outcome, where profit counts.
    """

    name: str
    words: str
    unit: str
    section: PlanSection
    margin: float

    @property
    def least_spend(self) -> bool:
        """Whether the plan's cost is what counts, so that its value is negative spend."""
        return self.name == "target_kpi"

    def unit_of_value(self, scales: Scales) -> float:
        """Units of the objective's value, as it is told, in one of the solver's."""
        return scales.money if self.least_spend else scales.outcome

    def nearest(self) -> Aim:
        """What to look for where no plan reaches the target: the plan with the most room above it, or least below."""
        target = self.section.target
        if self.name == "target_kpi" or target is None:
            return replace(self, name="outcome")
        rate = 1.0 / target if self.name == "target_cpa" else target
        return replace(self, name="target_mroi", section=self.section.model_copy(update={"target": rate}))

    def objective(self, scales: Scales, reference: Array, beside: Array) -> Objective:
        """The objective in the solver's units.

        Parameters
        ----------
        scales : Scales
        reference : ndarray (S,)
            Outcome of the reference plan per draw, which the risk of a gain counts from.
        beside : ndarray (S,)
            Outcome of the window that no plan changes, which a target may count.
        """
        section, rate = self.section, scales.money / scales.outcome
        target = 0.0 if section.target is None else float(section.target)
        counted = float(beside.mean()) if section.target_counts == "all" else 0.0
        risk = section.risk
        shift = reference / scales.outcome if risk.of == "gain" and risk.tail > 0.0 else None
        kinds = {
            "outcome": (1.0, 0.0, None, 0.0),
            "profit": (self.margin, rate, None, 0.0),
            "target_mroi": (1.0, target * rate, None, 0.0),
            "target_roi": (1.0, 0.0, -counted / scales.outcome, target * rate),
            "target_cpa": (1.0, 0.0, -counted / scales.outcome, rate / target if target else 0.0),
            "target_kpi": (0.0, 1.0, (target - counted) / scales.outcome, 0.0),
        }
        per_outcome, per_spend, floor, floor_per_spend = kinds[self.name]
        return Objective(per_outcome, per_spend, risk.tail, risk.level, floor, floor_per_spend, shift)


def aim_of(response: ResponseDraws, section: PlanSection, margin: float | None) -> Aim:
    """Read what a section looks for.

    Raises
    ------
    ConfigError
        P080, where profit or an ROI is asked for and the outcome is not money, or no margin is stated; P081, where a
        cost per unit is asked for and the outcome is money.
    """
    name, target, currency, unit = section.objective, section.target, response.currency, response.outcome_unit
    if name in ("profit", "target_roi", "target_mroi") and not response.money:
        what = f'objective = "{name}" needs an outcome in money, and this one is counted in {unit}'
        raise _unanswerable("P080", what)
    if name == "profit" and margin is None:
        raise _unanswerable("P080", 'objective = "profit" needs [project] margin')
    if name == "target_cpa" and response.money:
        raise _unanswerable("P081", f"a cost per unit needs an outcome in units, and this one is money ({unit})")
    told = "" if target is None else f"{Written(target):,.12g}"
    words = {
        "outcome": f"the most {response.outcome}",
        "profit": f"the most profit: {margin or 0.0:.4g} of the {response.outcome} less the spend",
        "target_roi": f"the most {response.outcome} at an ROI of {told} or more",
        "target_mroi": f"every {currency} that brings {told} or more",
        "target_cpa": f"the most {response.outcome} at {told} {currency} or less per unit",
        "target_kpi": f"the cheapest plan that brings {told} {unit}",
    }[name]
    if section.risk.tail > 0.0:
        words += f", {_risk(section)}"
    if section.target_counts == "all":
        words += ", the baseline counted at its mean" if section.risk.tail > 0.0 else ", baseline included"
    value_unit = currency if name in ("target_kpi", "profit") else unit
    return Aim(name, words, value_unit, section, 1.0 if margin is None else margin)


def _risk(section: PlanSection) -> str:
    risk = section.risk
    worst = f"the worst {100 * risk.level:.4g} % of draws of the {risk.of}"
    if risk.tail == 1.0:
        return f"on average over {worst} (CVaR)"
    return f"weighing the mean {1 - risk.tail:.4g} and {worst} {risk.tail:.4g}"


def _unanswerable(id: str, what: str) -> ConfigError:
    return ConfigError(what, where="[plan] objective", repair=CATALOGUE[id].repair, id=id)


def spread_of(outcome: Array, level: float) -> dict[str, float]:
    """Measures of risk that are told beside every plan: sd, quantiles at 5, 50 and 95 %, and the CVaR at a level."""
    low, middle, high = (float(q) for q in np.quantile(outcome, [0.05, 0.5, 0.95]))
    return {"sd": float(outcome.std()), "q05": low, "q50": middle, "q95": high, "cvar": mean_of_worst(outcome, level)}


def mean_of_worst(outcome: Array, level: float) -> float:
    """The CVaR: mean of the worst ``level`` of draws."""
    return Objective(weight=1.0, level=level).value(outcome, 0.0)
