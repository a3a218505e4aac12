"""The plan as text: its table, week by week where that is decided, and what it brings."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from cli.outputs.plan import PlanOutput, PlanRow
from outlay import style

if TYPE_CHECKING:
    from cli.terminal import TextTable
    from cli.wide import WideTable

MOST_PERIODS = 60
"""Periods that are shown one by one; a longer plan is in its run."""


MOST_PRICES = 12
"""Shadow prices that are shown; a plan by week can have one for each channel's steps."""


def show(result: PlanOutput) -> None:
    """Print the allocation, what it brings, and how sure that is."""
    from cli.around import show_around
    from cli.plan_leads import show_leads
    from cli.terminal import emit, print_table, say, wrap
    from cli.wide import print_wide

    print_table(_table(result))
    weekly = by_period(result)
    if weekly is not None:
        emit("")
        print_wide(weekly)
    show_leads(result)
    emit("")
    for line in verdict(result):
        emit(wrap(line))
    prices = [price.text for price in result.shadow_prices]
    if len(prices) > MOST_PRICES:
        prices[MOST_PRICES:] = [f"and {len(prices) - MOST_PRICES} more (--json lists all)"]
    for title, lines in (
        ("What loosening a limit is worth", prices),
        ("Rules that this plan breaks", result.broken_rules),
        ("Assumed of the future", result.assumptions),
    ):
        if lines:
            emit(f"\n{title}")
        for line in lines:
            emit(wrap(f"  - {line}", "    "))
    show_around(result)
    emit("")
    say(f"Run {result.run} keeps this plan. Next: outlay report" if result.run else "Nothing was written.")


def outcome(result: PlanOutput, x: float | None) -> str:
    """An amount of outcome with its unit."""
    return style.money(x, result.currency) if _is_money(result) else f"{style.number(x)} {result.outcome_unit}"


def level(result: PlanOutput) -> str:
    """Level of the intervals, ``"90%"``."""
    return f"{100 * result.hdi:g}%"


def verdict(result: PlanOutput) -> list[str]:
    """What the plan brings and how sure that is, in sentences."""
    from cli.plan_leads import order_line

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


def _is_money(result: PlanOutput) -> bool:
    return result.outcome_unit == result.currency


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


def _close(x: float | None, y: float | None) -> bool:
    return x is not None and y is not None and math.isclose(x, y, rel_tol=1e-6, abs_tol=1e-9)


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
        why = "the margin: state [project] margin" if _is_money(result) else f"what {result.outcome_unit} are worth"
        return f"{line}. Which of the two is better depends on {why}."
    by = "" if same else " by its profit"
    return f"{line}; better{by} with probability {style.percent(result.p_better, 0)}."


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
        f"{style.percent(result.p_goal, 0)} (the reference plan: {style.percent(result.reference_p_goal, 0)})."
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


def certificate(result: PlanOutput) -> str:
    """How far from the best plan this can be, in a sentence."""
    gap = result.gap
    if result.evaluated or gap is None or not result.status.startswith("optimal"):
        return f"{result.status[:1].upper()}{result.status[1:]}."
    most = "0.01%" if gap < 1e-4 else style.percent(gap, 2)
    if result.objective == "target_kpi":
        does = f"reaches the target for over {most} less money"
    elif result.objective == "outcome" and _close(result.objective_value, result.expected):
        does = f"brings over {most} more"
    else:
        does = f"does better by over {most} at what it looks for"
    return f"The plan is optimal: it is proven that none within the rules {does}, if the model is true."


def by_period(result: PlanOutput) -> WideTable | None:
    """Spend per period of the cells whose timing is decided, groups of a channel together; None where none is."""
    from cli.wide import WideTable

    spend = spend_by_period(result)
    dates = list(dict.fromkeys(day for days in spend.values() for day in days))
    if not dates or len(dates) > MOST_PERIODS:
        return None
    rows = [[style.number(days.get(day)) for day in dates] for days in spend.values()]
    every = len({row.channel for row in result.rows}) == len(spend)
    total = [style.number(sum(days.get(day, 0.0) for days in spend.values())) for day in dates] if every else None
    columns = [day[:7] if result.period_unit == "month" else day[5:] for day in dates]
    title = f"Spend by {result.period_unit} ({result.currency}; from {dates[0]})"
    if not every:
        title += ", of the channels whose timing is decided"
    return WideTable(title, "Channel", columns, list(spend), rows, total)


def spend_by_period(result: PlanOutput) -> dict[str, dict[str, float]]:
    """Spend by channel and date, of the cells whose timing is decided."""
    spend: dict[str, dict[str, float]] = {}
    for row in result.rows:
        if row.period is not None:
            days = spend.setdefault(row.channel, {})
            days[row.period] = days.get(row.period, 0.0) + (row.spend or 0.0)
    return spend


def _table(result: PlanOutput) -> TextTable:
    from cli.fits import untrusted_mark
    from cli.terminal import Column, TextTable

    unit = result.currency
    hdi = level(result)
    panel = any(row.group is not None for row in result.rows)
    columns = [
        Column("Channel", False),
        *([Column("Group", False)] if panel else []),
        Column(f"Reference\n({unit})"),
        Column(f"{'This plan' if result.evaluated else 'Recommended'}\n({unit})"),
        Column("Change"),
        Column("Marginal\nROI" if _is_money(result) else "Marginal\nreturn"),
        Column(f"ROI\n({hdi} HDI)" if _is_money(result) else f"Return\n({hdi} HDI)", optional=1),
        Column("Held by", False, optional=2),
    ]
    cells = [row for row in result.rows if row.period is None]
    rows = [_cells(row, panel) for row in cells]
    before, after = (
        sum(x or 0.0 for x in (getattr(row, name) for row in cells)) for name in ("reference_spend", "spend")
    )
    change = style.change(after / before - 1.0) if before and abs(after - before) >= 0.005 else ""
    total = ("total", *([""] if panel else []), style.amount(before), style.amount(after), change, "", "", "")
    what = "Your plan" if result.evaluated else "Recommended plan"
    if result.name:
        what += f" {result.name!r}"
    window = f"{result.periods} {result.period_unit}s from {result.start}"
    title = f"{what}: {window}  (fit {result.fit}){untrusted_mark(result.trusted)}"
    note = "Spend is the total over the window."
    if any(row.extrapolated for row in cells):
        note += " * beyond any spend in the data."
    return TextTable(title, columns, rows, total, [note])


def _cells(row: PlanRow, panel: bool) -> tuple[str, ...]:
    roi = style.ratio_between(row.roi_hdi_low, row.roi_hdi_high) if row.spend else ""
    return (
        row.channel,
        *([row.group or "all"] if panel else []),
        style.amount(row.reference_spend),
        style.amount(row.spend) + ("*" if row.extrapolated else ""),
        style.change(row.change_share) if row.spend or row.reference_spend else "",
        style.ratio(row.mroi),
        roi,
        row.binding or "",
    )
