"""The two questions to the optimizer: which plan is best, and how good is the one I bring?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from budget.allocation import Allocation
from budget.config import PlanSection
from budget.planner import Planner
from budget.rules_custom import Custom
from outlay.response import ResponseDraws

HERE = Path()


def optimize(
    response: ResponseDraws,
    section: PlanSection,
    *,
    base: Path = HERE,
    hdi: float = 0.9,
    organic: Sequence[str] = (),
    margin: float | None = None,
    rules: Custom | None = None,
) -> Allocation:
    """The best plan within the rules of a section, with its proof.

    The plan is chosen on the first half of the draws and judged on the second, which come from other chains. It is
    never worse than a reference plan that keeps the rules, on the draws that chose it.

    Parameters
    ----------
    response : ResponseDraws
        From a fitted model.
    section : PlanSection
        Window, objective and rules.
    base : Path
        Folder that the path of a reference plan counts from.
    hdi : float
        Probability inside the intervals.
    organic : sequence of str
        Channels without spend, so that a rule that names one is told apart from a misspelling.
    margin : float, optional
        Profit per unit of outcome; needed by ``objective = "profit"``, and tells profits beside every plan.
    rules : callable, optional
        Rules of your own: takes a :class:`budget.PlanVariables` and returns lists of linear cvxpy constraints by the
        words that name them.

    Raises
    ------
    ConfigError
        Where a rule names what the model does not have.
    PlanError
        Where the rules cannot hold, or the question cannot be posed.
    """
    return Planner(response, base=base, hdi=hdi, organic=organic, margin=margin).optimize(section, rules)


def evaluate(
    response: ResponseDraws,
    section: PlanSection,
    plan: pd.DataFrame,
    *,
    base: Path = HERE,
    hdi: float = 0.9,
    organic: Sequence[str] = (),
    margin: float | None = None,
    where: str = "the plan",
) -> Allocation:
    """Judge a plan that the user brings, to the cent, by the same tables as a recommended one.

    Without ``[plan] budget`` the plan's own total is the budget, for reference and optimum too. The certificate is that
    of the best plan within the rules; a plan that breaks them has no gap and no upper bound. Where the timing is not
    part of the decision, the plan's totals are compared under the same timing as the reference plan, and what its own
    timing adds is told apart in ``timing_gain``.

    Parameters
    ----------
    plan : DataFrame
        Columns channel, spend, and optionally group and date; see :func:`budget.read_plan`.
    where : str
        How messages name the plan.

    Raises
    ------
    ConfigError, PlanError
        As :func:`optimize`, and P010 where the plan cannot be used.
    """
    return Planner(response, base=base, hdi=hdi, organic=organic, margin=margin).evaluate(section, plan, where=where)
