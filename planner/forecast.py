"""The window as a whole: the baseline, what earlier spend still brings, and what a plan adds to them."""

from __future__ import annotations

from dataclasses import dataclass

from budget.intervals import Interval, interval, probability
from budget.outlook import outcome_beside, outcome_by_period, outcome_of_window
from budget.problem import Problem
from outlay.transforms import Array


@dataclass(frozen=True)
class ForecastPeriod:
    """One period of a forecast: its date, the outcome, and what of it comes without the plan."""

    date: str
    outcome: Interval
    beside: Interval


@dataclass(frozen=True)
class Forecast:
    """The outcome of a window under a plan, on the draws that judge plans.

    It is the expected outcome of each draw: the noise of single periods is not in it.

    Attributes
    ----------
    outcome_unit : str
    hdi : float
        Probability inside the intervals.
    outcome, reference : Interval
        All outcome inside the window under the plan, and under the reference plan.
    beside : Interval
        What of it comes without the plan: the baseline, and what spend before the window still brings.
    media : Interval
        What the plan adds inside the window; what it brings after the window is not in it.
    goal, p_goal, reference_p_goal : float or None
        Probability that the outcome reaches the goal.
    periods : tuple of ForecastPeriod
        Empty where what can be worked downstream is limited for the window as a whole.
    """

    outcome_unit: str
    hdi: float
    outcome: Interval
    reference: Interval
    beside: Interval
    media: Interval
    goal: float | None
    p_goal: float | None
    reference_p_goal: float | None
    periods: tuple[ForecastPeriod, ...]

    @property
    def words(self) -> str:
        """What the forecast counts, in a sentence."""
        return (
            "The outcome inside the window: the baseline, what earlier spend still brings, and the plan. Its interval "
            "is that of the expected outcome; single periods scatter around it."
        )


def forecast_of(problem: Problem, spend: Array, reference: Array, hdi: float) -> Forecast | None:
    """Forecast the window under a plan (H, K) in its own timing; None where the fit holds no baseline for it."""
    responses, goal = problem.judging, problem.section.goal
    beside = outcome_beside(problem, responses)
    plan, now = (outcome_of_window(problem, responses, each) for each in (spend, reference))
    if beside is None or plan is None or now is None:
        return None
    return Forecast(
        outcome_unit=problem.response.outcome_unit,
        hdi=hdi,
        outcome=interval(plan, hdi),
        reference=interval(now, hdi),
        beside=interval(beside, hdi),
        media=interval(plan - beside, hdi),
        goal=goal,
        p_goal=None if goal is None else probability(plan - goal),
        reference_p_goal=None if goal is None else probability(now - goal),
        periods=_periods(problem, spend, hdi),
    )


def _periods(problem: Problem, spend: Array, hdi: float) -> tuple[ForecastPeriod, ...]:
    found = outcome_by_period(problem, problem.judging, spend)
    if found is None:
        return ()
    outcome, beside = found
    return tuple(
        ForecastPeriod(f"{day:%Y-%m-%d}", interval(outcome[:, t], hdi), interval(beside[:, t], hdi))
        for t, day in enumerate(problem.window.dates)
    )
