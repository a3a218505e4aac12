"""A plan in sentences: what it brings, how sure that is, and what loosening a rule is worth.

The command line, the report and the planner's page say these sentences alike.
"""

from __future__ import annotations

import math

from budget.document import PlanOutput
from budget.document_around import SweepOutput
from outlay import style


def outcome(result: PlanOutput, x: float | None) -> str:
    """An amount of outcome with its unit."""
    return style.money(x, result.currency) if is_money(result) else f"{style.number(x)} {result.outcome_unit}"


def level(result: PlanOutput) -> str:
    """Level of the intervals, ``"90%"``."""
    return f"{100 * result.hdi:g}%"


def verdict(result: PlanOutput) -> list[str]:
    """What the plan brings and how sure that is, in sentences."""
    low, high = outcome(result, result.expected_hdi_low), outcome(result, result.expected_hdi_high)
    return [
        *looked_for(result),
        f"Expected {result.outcome} from this spend: {outcome(result, result.expected)} "
        f"({level(result)}: {low} to {high}).",
        gain(result),
        *timing_gain(result),
        *_profit(result),
        risk(result),
        *_goal(result),
        *order_line(result),
        certificate(result),
    ]


def looked_for(result: PlanOutput) -> list[str]:
    """The objective where it is more than the most expected outcome, with its value where no other line has it."""
    value = result.objective_value
    if result.objective == "outcome" and _close(value, result.expected):
        return []
    told = any(_close(value, known) for known in (result.expected, result.profit_mean, result.budget))
    # what is looked for at a target mROI is outcome less what the spend must bring: a number that no planner asks for
    if value is None or told or result.objective == "target_mroi":
        return [f"Looks for {result.objective_words}."]
    worth = style.money(value, result.currency) if result.objective_unit == result.currency else outcome(result, value)
    return [f"Looks for {result.objective_words}: {worth}."]


def gain(result: PlanOutput) -> str:
    """What the plan brings over the reference plan, and how probably it is the better one."""
    low, high = (style.signed(outcome(result, x)) for x in (result.gain_hdi_low, result.gain_hdi_high))
    line = (
        f"Against the reference plan ({result.reference_plan}; {outcome(result, result.reference)}): "
        f"{style.signed(outcome(result, result.gain_mean))} ({level(result)}: {low} to {high})"
    )
    more = (result.budget or 0.0) - (result.reference_budget or 0.0)
    same = abs(more) < 0.005
    if not same:
        line += f" for {style.money(abs(more), result.currency)} {'more' if more > 0 else 'less'} spend"
    if result.p_better is None:
        why = "the margin: state [project] margin" if is_money(result) else f"what {result.outcome_unit} are worth"
        return f"{line}. Which of the two is better depends on {why}."
    by = "" if same else " by its profit"
    return f"{line}; better{by} with probability {style.chance(result.p_better)}."


def _profit(result: PlanOutput) -> list[str]:
    if result.profit_mean is None:
        return []
    each = [
        style.money(x, result.currency) for x in (result.profit_mean, result.profit_hdi_low, result.profit_hdi_high)
    ]
    over = [
        style.signed(style.money(x, result.currency))
        for x in (result.profit_gain_mean, result.profit_gain_hdi_low, result.profit_gain_hdi_high)
    ]
    return [
        f"Profit at the stated margin, spend taken off: {each[0]} ({level(result)}: {each[1]} to {each[2]}), "
        f"{over[0]} against the reference plan ({over[1]} to {over[2]})."
    ]


def risk(result: PlanOutput) -> str:
    """What the plan brings where the truth is among the worst draws, beside the reference plan."""
    mine, theirs = result.risk, result.reference_risk
    return (
        f"If things go badly: over the worst {100 * result.risk_level:g}% of draws it brings "
        f"{outcome(result, mine.cvar)} on average (CVaR; the reference plan {outcome(result, theirs.cvar)}), and one "
        f"draw in twenty is below {outcome(result, mine.q05)} ({outcome(result, theirs.q05)})."
    )


def _goal(result: PlanOutput) -> list[str]:
    if result.goal is None or result.p_goal is None:
        return []
    return [
        f"It reaches the goal of {outcome(result, result.goal)}, baseline included, with probability "
        f"{style.chance(result.p_goal)} (the reference plan: {style.chance(result.reference_p_goal)})."
    ]


def timing_gain(result: PlanOutput) -> list[str]:
    """What comes from when the money is spent, in a sentence; none where the timing is the reference plan's."""
    timing = result.timing_gain
    if timing is None:
        return []
    adds = style.signed(outcome(result, timing.mean))
    low, high = style.signed(outcome(result, timing.low)), style.signed(outcome(result, timing.high))
    if result.timing_counted:
        return [f"Of the gain, {adds} ({level(result)}: {low} to {high}) comes from when the money is spent."]
    return [f"Its own timing adds {adds} ({level(result)}: {low} to {high}), which is not in the numbers above."]


def order_line(result: PlanOutput) -> list[str]:
    """What the order of the leads rests on, in a sentence."""
    if result.one_order is None:
        return []
    lost = style.percent(max(result.one_order, 0.0), 2)
    return [
        "Sellers are taken to work the leads that are worth most first, as if they knew which draw is true. Where they "
        f"keep one order, that of the expected worths, {lost} of the value of worked leads is lost."
    ]


def certificate(result: PlanOutput) -> str:
    """How far from the best plan this can be, in a sentence."""
    gap = result.gap
    if result.evaluated or gap is None or not result.status.startswith("optimal"):
        return f"{result.status[:1].upper()}{result.status[1:]}."
    most = style.percent(1e-4, 2) if gap < 1e-4 else style.percent(gap, 2)
    if result.objective == "target_kpi":
        does = f"reaches the target for over {most} less money"
    elif result.objective == "outcome" and _close(result.objective_value, result.expected):
        does = f"brings over {most} more"
    else:
        does = f"does better by over {most} at what it looks for"
    return f"The plan is optimal: it is proven that none within the rules {does}, if the model is true."


def stopping(sweep: SweepOutput) -> str:
    """Where to stop, in a sentence."""
    if sweep.stop is None:
        return "No total to stop at is told: that needs an outcome in money, and a total at which the rules can hold."
    return f"{sweep.stop.words[:1].upper()}{sweep.stop.words[1:]}."


def marginal(result: PlanOutput) -> str:
    """What the sweep's marginal return counts, in a sentence."""
    if "worst" in result.objective_words:
        return "Marginal: what one more unit of budget brings by the worst draws, as the plan weighs them."
    return "Marginal: what one more unit of budget brings."


def is_money(result: PlanOutput) -> bool:
    """Whether the outcome is money, so that outcome over spend is an ROI."""
    return result.outcome_unit == result.currency


def _close(x: float | None, y: float | None) -> bool:
    return x is not None and y is not None and math.isclose(x, y, rel_tol=1e-6, abs_tol=1e-9)
