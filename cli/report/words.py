"""The report in sentences: what we learned, what to do, how sure we are."""

from __future__ import annotations

from collections.abc import Sequence

from cli.outputs import PlanOutput, RoiRow
from cli.planning import certificate
from cli.report.charts_plan import by_channel
from cli.report.data import ReportData
from outlay import style

NAMED = 3
"""Channels that a sentence names at most."""


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
        lines.append(
            f"Among the channels that the data can judge, {joined(best)} returned most per {data.currency} spent "
            f"({data.level} intervals)."
        )
    below = [row.channel for row in sure if row.roi_hdi_high is not None and row.roi_hdi_high < 1]
    if data.money and below:
        lines.append(f"{joined(below)} returned less than the spend: the whole interval lies below 1.")
    weak = [row.channel for row in paid if row.identified != "yes"]
    if weak:
        lines.append(
            f"For {joined(weak)} the data cannot tell: these intervals mostly repeat what was assumed before the data."
        )
    return lines


def _total(data: ReportData) -> str:
    model = data.model
    period = f"from {model['first_date']} to {model['last_date']} " if {"first_date", "last_date"} <= set(model) else ""
    row = data.totals.get("paid media")
    if row is None:
        share = sum(item.share_mean or 0.0 for item in data.total_rows() if item.paid)
        return f"Paid media caused about {style.percent(share)} of {data.outcome} {period}(sum of the channels' means)."
    spent = f" for {style.money(row.spend, data.currency)} of spend" if row.spend else ""
    return (
        f"Paid media caused {outcome(data, row.mean)} of {data.outcome} {period}({data.level}: "
        f"{outcome(data, row.hdi_low)} to {outcome(data, row.hdi_high)}){spent}: {style.percent(row.share_mean)} of the "
        f"total, {style.ratio(row.roi_mean)} {data.unit} per {data.currency}."
    )


def _roi(data: ReportData, row: RoiRow) -> str:
    return f"{style.ratio(row.roi_mean)}, {style.ratio(row.roi_hdi_low)} to {style.ratio(row.roi_hdi_high)}"


def advice(data: ReportData) -> list[str]:
    """What to do with the next budget."""
    plan = data.plan
    if plan is None:
        return ["No plan has been made from this fit yet: outlay plan spreads a budget over the channels."]
    what = "The plan that was brought spends" if plan.evaluated else "Spend"
    lines = [
        f"{what} {style.money(plan.budget, plan.currency)} over {plan.periods} periods from {plan.start}"
        f"{_moves(plan)}, against {plan.reference_plan}.",
        _gain(data, plan),
    ]
    budget = next((price for price in plan.shadow_prices if price.kind == "budget"), None)
    if budget is not None:
        lines.append(f"{budget.text[:1].upper()}{budget.text[1:]}.")
    if plan.broken_rules:
        lines.append(f"It breaks rules: {joined(plan.broken_rules)}.")
    return lines


def _moves(plan: PlanOutput) -> str:
    reference, planned = by_channel(plan)
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
    line = (
        f"Expected gain: {style.signed(outcome(data, plan.gain_mean))} of {data.outcome} "
        f"({data.level}: {style.signed(outcome(data, low))} to {style.signed(outcome(data, high))}); "
        f"better than the reference with probability {style.percent(plan.p_better, 0)}."
    )
    return line + (" The interval includes zero, so move in steps and measure." if low <= 0 <= high else "")


def certainty(data: ReportData) -> list[str]:
    """How sure all this is."""
    lines = [_trust(data)]
    told = [
        f"{label} {style.percent(float(data.model[key]))}"
        for key, label in (("r2", "it explains"), ("mape", "it misses by"), ("coverage", "its intervals hold"))
        if data.model.get(key) is not None
    ]
    if told:
        ends = {"it explains": "of the variation", "it misses by": "on average", "its intervals hold": "of the periods"}
        said = [f"{part} {ends[label]}" for part in told for label in ends if part.startswith(label)]
        lines.append(f"Over the data, {joined(said)}. A good fit is not proof that the split among channels is right.")
    if data.plan is not None and not data.plan.evaluated:
        lines.append(certificate(data.plan))
    warnings = sum(finding.severity == "warning" for finding in data.findings)
    if warnings:
        lines.append(f"The data and the model carry {warnings} warnings, listed below; read them before acting.")
    lines.append("All intervals assume that the model's form holds; only an experiment can confirm what a channel causes.")
    return lines


def _trust(data: ReportData) -> str:
    if data.trusted:
        return "The sampler's chains agree: the posterior passed every rule of the trust gate."
    return "The posterior did NOT pass the trust gate. Another seed would give other numbers: do not act on them."
