"""The report in sentences: what we learned, what to do, how sure we are."""

from __future__ import annotations

from collections.abc import Sequence

from budget.document import PlanOutput
from budget.words import certificate, looked_for, timing_gain
from budget.words import outcome as outcome_of_plan
from cli.report.data import ReportData
from cli.report.stored import stored
from mmm.document import RoiRow
from mmm.shown import cost_cells, returned_cells, total_cost_cells
from outlay import style

NAMED = 3
"""Channels that a sentence names at most."""

MOSTLY = 0.5
"""Share of the spend in channels that are not identified, above which the advice is to test first."""


def joined(names: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def outcome(data: ReportData, x: float | None) -> str:
    """An amount of outcome with its unit."""
    return style.money(x, data.currency) if data.money else f"{style.number(x)} {data.unit}"


def learned(data: ReportData) -> list[str]:
    """What the fit says about the past."""
    paid = [row for row in data.total_rows() if row.paid]
    sure = sorted((row for row in paid if row.identified == "yes"), key=lambda row: -(row.roi_mean or 0.0))
    lines = [_total(data)]
    if sure:
        best = [f"{row.channel} ({_roi(data, row)})" for row in sure[:NAMED]]
        lines.append(f"{_best(data, len(sure))}, of the channels that the data can judge: {joined(best)}.")
    below = [row.channel for row in sure if row.roi_hdi_high is not None and row.roi_hdi_high < 1]
    if data.money and below:
        lines.append(f"{joined(below)} returned less than the spend: the whole interval lies below 1.")
    every = data.total_rows()
    little = [row.channel for row in every if row.identified == "weak"]
    nothing = [row.channel for row in every if row.identified == "no"]
    if little:
        lines.append(
            f"About {joined(little)} the data say little: the intervals hold, their middle leans on the prior."
        )
    if nothing:
        which = "every channel" if len(nothing) == len(every) else joined(nothing)
        lines.append(
            f"For {which} the data cannot tell: these intervals mostly repeat what was assumed before the data."
        )
    return lines


def _best(data: ReportData, judged: int) -> str:
    """What the channels are put in order by: the highest return, or the lowest cost of a unit."""
    of = f" ({data.level} intervals)"
    if data.money:
        return f"{'Highest return' if judged > NAMED else 'Return'} per {data.currency} spent{of}"
    return f"{'Lowest cost' if judged > NAMED else 'Cost'} in {data.currency} per {data.unit}{of}"


def _total(data: ReportData) -> str:
    row = data.total
    caused, low, high = (
        outcome(data, x) for x in (row.contribution_mean, row.contribution_hdi_low, row.contribution_hdi_high)
    )
    decided = any(each.paid and each.identified == "yes" for each in data.total_rows())
    subject = "Paid media caused" if decided else "By what was assumed, and not by the data alone, paid media caused"
    return (
        f"{subject} {caused}{_of(data)} {_window(data)}({data.level}: {low} to {high}) for "
        f"{style.money(row.spend, data.currency)} of spend: {style.percent(row.share_mean)} of the total, "
        f"{total_return(data)}."
    )


def total_return(data: ReportData) -> str:
    """What all paid media returned: money per money spent, and money spent per unit where units are counted."""
    middle, between = return_parts(data)
    unit = f"{data.unit} per {data.currency}" if data.money else f"{data.currency} per {data.unit}"
    return f"{middle} {unit} ({between})"


def return_parts(data: ReportData) -> tuple[str, str]:
    """Return of all paid media, or cost of a unit where units are counted, and its interval."""
    return returned_cells(data.total)[:2] if data.money else total_cost_cells(data.total)


def _of(data: ReportData) -> str:
    """What the money is of; an outcome in units carries its name already."""
    return f" of {data.outcome}" if data.money else ""


def _window(data: ReportData) -> str:
    model = data.model
    if not {"window_start", "window_end"} <= set(model):
        return ""
    return f"from {model['window_start']} to {model['window_end']} "


def _roi(data: ReportData, row: RoiRow) -> str:
    if data.money:
        return f"{style.ratio(row.roi_mean)}, {style.ratio_between(row.roi_hdi_low, row.roi_hdi_high)}"
    return ", ".join(cost_cells(row))


def advice(data: ReportData) -> list[str]:
    """What to do with the next budget."""
    plan = data.plan
    if plan is None:
        none = "No plan has been made from this fit yet: outlay plan spreads a budget over the channels."
        return [none] if data.trusted else _first(data)
    lines = _first(data)
    what = "If the budget must be set now: spend" if lines else "Spend"
    if not data.trusted:
        what = "The plan that was made from it spends"
    if plan.evaluated:
        what = "The plan that was brought spends"
    lines += [
        f"{what} {style.money(plan.budget, plan.currency)} over {plan.periods} {plan.period_unit}s from {plan.start}"
        f"{_moves(plan)}, against {plan.reference_plan}.",
        _gain(data, plan),
    ]
    budget = next((price for price in plan.shadow_prices if price.kind == "budget"), None)
    if budget is not None:
        lines.append(stored(f"{budget.text[:1].upper()}{budget.text[1:]}."))
    if plan.broken_rules:
        lines.append(f"It breaks rules: {joined(plan.broken_rules)}.")
    return [*lines, *brought(data)]


def brought(data: ReportData) -> list[str]:
    """The plan that was brought after the recommended one, in a sentence; none where there is none."""
    plan = data.brought
    if plan is None:
        return []
    name = f" ({plan.name})" if plan.name else ""
    gain, low, high = (
        style.signed(outcome_of_plan(plan, x)) for x in (plan.gain_mean, plan.gain_hdi_low, plan.gain_hdi_high)
    )
    return [
        f"A plan that was brought since{name} was judged and is no recommendation: "
        f"{style.money(plan.budget, plan.currency)} over {plan.periods} {plan.period_unit}s from {plan.start}, "
        f"expected gain {gain} ({data.level}: {low} to {high}); {stored(plan.status.removeprefix('evaluated: '))}."
    ]


def _first(data: ReportData) -> list[str]:
    """What comes before any budget: a fit that can be trusted, then one that the data decide."""
    if not data.trusted:
        return ["Do not move money by this fit: mend the cause that the trust gate names, and fit again."]
    return _first_measure(data)


def _first_measure(data: ReportData) -> list[str]:
    """The advice to test first, where most of the spend is in channels that the data do not identify."""
    paid = [row for row in data.total_rows() if row.paid]
    weak = sorted((row for row in paid if row.identified != "yes"), key=lambda row: -(row.spend or 0.0))
    if sum(row.spend or 0.0 for row in weak) <= MOSTLY * sum(row.spend or 0.0 for row in paid):
        return []
    return [
        "Measure before moving money: most of the spend is in channels that the data cannot judge. Lift tests on "
        f"{joined([row.channel for row in weak[:NAMED]])} would tell most, because most money runs there."
    ]


def _moves(plan: PlanOutput) -> str:
    reference, planned = plan.by_channel()
    change = {name: planned[name] - reference[name] for name in planned}
    up = sorted((name for name in change if change[name] > 0), key=lambda name: -change[name])[:NAMED]
    down = sorted((name for name in change if change[name] < 0), key=lambda name: change[name])[:NAMED]

    def told(names: list[str]) -> str:
        return joined([f"{name} ({style.signed(style.money(change[name], plan.currency))})" for name in names])

    parts = [f"more on {told(up)}" if up else "", f"less on {told(down)}" if down else ""]
    said = " and ".join(part for part in parts if part)
    return f", {said}" if said else ""


def _gain(data: ReportData, plan: PlanOutput) -> str:
    low, high = plan.gain_hdi_low or 0.0, plan.gain_hdi_high or 0.0
    of = f" of {plan.outcome}" if plan.outcome_unit == plan.currency else ""
    line = (
        f"Expected gain: {style.signed(outcome_of_plan(plan, plan.gain_mean))}{of} "
        f"({data.level}: {style.signed(outcome_of_plan(plan, low))} to {style.signed(outcome_of_plan(plan, high))})"
    )
    more = (plan.budget or 0.0) - (plan.reference_budget or 0.0)
    if abs(more) >= 0.005:
        line += f" for {style.money(abs(more), plan.currency)} {'more' if more > 0 else 'less'} spend"
    if plan.p_better is not None:
        line += f"; better than the reference with probability {style.chance(plan.p_better)}"
    line += "."
    return line + (" The interval includes zero, so move in steps and measure." if low <= 0 <= high else "")


def judged(plan: PlanOutput) -> list[str]:
    """What the plan looks for, what it is compared with, and what comes from its timing."""
    same = abs((plan.budget or 0.0) - (plan.reference_budget or 0.0)) < 0.005
    total = "brought to the same total" if same else "with its own total"
    free = any(row.period is not None for row in plan.rows)
    timing = "" if free else "; both plans keep its timing"
    return [*looked_for(plan), f"The reference is {plan.reference_plan}, {total}{timing}.", *timing_gain(plan)]


def certainty(data: ReportData) -> list[str]:
    """How sure all this is."""
    from cli.report.validation import sentence

    lines = [_trust(data), sentence(data.validation)]
    if data.model.get("r2") is not None:
        lines.append(
            f"The model explains {style.percent(float(data.model['r2']), 0)} of the variation in {data.outcome}. A "
            "good fit is not proof that the split among channels is right."
        )
    if data.plan is not None and not data.plan.evaluated:
        lines.append(certificate(data.plan))
    warnings = sum(finding.severity == "warning" for finding in data.findings)
    if warnings:
        lines.append(
            f"Data and model carry {warnings} warnings, told among the findings; read them before acting."
            if warnings > 1
            else "Data and model carry a warning, told among the findings; read it before acting."
        )
    lines.append(
        "All intervals assume that the model's form holds; only an experiment can confirm what a channel causes."
    )
    return lines


def _trust(data: ReportData) -> str:
    if data.trusted:
        return "The sampler's chains agree: the posterior passed every rule of the trust gate."
    return "The posterior did NOT pass the trust gate. Another seed would give other numbers: do not act on them."
