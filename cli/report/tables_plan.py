"""The report's tables about the plan, and about plans side by side."""

from __future__ import annotations

from collections.abc import Callable

from budget.document import PlanOutput, RiskRow
from budget.document_around import FrontierOutput, SensitivityOutput, SweepOutput
from budget.document_compare import CompareOutput
from budget.words import level, outcome
from cli.comparing import facts, is_ranked
from cli.planning import by_period
from cli.report.page import Table
from outlay import style


def spend(result: PlanOutput) -> Table:
    """Reference and planned spend of every cell."""
    panel = any(row.group is not None for row in result.rows)
    money = result.outcome_unit == result.currency
    headers = (
        ("Channel", False),
        *([("Group", False)] if panel else []),
        (f"Reference ({result.currency})", True),
        (f"{'Plan' if result.evaluated else 'Recommended'} ({result.currency})", True),
        ("Change", True),
        (f"Expected outcome ({result.outcome_unit})", True),
        (f"{100 * result.hdi:g}% HDI", True),
        ("Marginal ROI" if money else "Marginal", True),
        ("Held by", False),
    )
    cells = [row for row in result.rows if row.period is None]
    rows = tuple(
        (
            row.channel,
            *([row.group or "all"] if panel else []),
            style.amount(row.reference_spend),
            style.amount(row.spend) + ("*" if row.extrapolated else ""),
            style.change(row.change_share) if row.spend or row.reference_spend else "",
            style.number(row.outcome_mean),
            style.between(row.outcome_hdi_low, row.outcome_hdi_high) if row.spend else "",
            style.ratio(row.mroi),
            row.binding or "",
        )
        for row in cells
    )
    before = style.amount(sum(row.reference_spend or 0.0 for row in cells))
    after = style.amount(sum(row.spend or 0.0 for row in cells))
    interval = style.between(result.expected_hdi_low, result.expected_hdi_high)
    group = [""] if panel else []
    total = ("total", *group, before, after, "", style.number(result.expected), interval, "", "")
    return Table(headers, rows, total)


def brings(result: PlanOutput) -> Table:
    """What the plan brings beside the reference plan: outcome, profit and risk."""
    hdi = f"{level(result)} HDI"
    headers = (("", False), ("Plan", True), (hdi, True), ("Reference plan", True), (hdi, True))

    def told(x: float | None) -> str:
        return outcome(result, x)

    def cash(x: float | None) -> str:
        return style.money(x, result.currency)

    rows = [
        ("Spend", cash(result.budget), "", cash(result.reference_budget), ""),
        (
            f"Expected {result.outcome}",
            told(result.expected),
            _between(told, result.expected_hdi_low, result.expected_hdi_high),
            told(result.reference),
            _between(told, result.reference_hdi_low, result.reference_hdi_high),
        ),
    ]
    if result.profit_mean is not None:
        rows.append(
            (
                "Profit at the stated margin",
                cash(result.profit_mean),
                _between(cash, result.profit_hdi_low, result.profit_hdi_high),
                cash(result.reference_profit_mean),
                _between(cash, result.reference_profit_hdi_low, result.reference_profit_hdi_high),
            )
        )
    worst = f"Mean of the worst {100 * result.risk_level:g} % of draws (CVaR)"
    for label, read in (
        (worst, lambda risk: risk.cvar),
        ("One draw in twenty below", lambda risk: risk.q05),
        ("Standard deviation", lambda risk: risk.sd),
    ):
        rows.append(_risk_row(result, label, read))
    if result.p_goal is not None:
        goal = f"Probability of {told(result.goal)}, baseline included"
        rows.append((goal, style.chance(result.p_goal), "", style.chance(result.reference_p_goal), ""))
    return Table(headers, tuple(rows))


def _risk_row(
    result: PlanOutput, label: str, read: Callable[[RiskRow], float | None]
) -> tuple[str, str, str, str, str]:
    return (label, outcome(result, read(result.risk)), "", outcome(result, read(result.reference_risk)), "")


def _between(told: Callable[[float | None], str], low: float | None, high: float | None) -> str:
    return f"{told(low)} to {told(high)}"


def weekly(result: PlanOutput) -> Table | None:
    """Spend per period where that is decided; None where it is not, or where the periods are too many to read."""
    wide = by_period(result)
    if wide is None:
        return None
    # a date must not break at its hyphen
    headers = (("Channel", False), *((column.replace("-", "\u2011"), True) for column in wide.columns))
    rows = tuple((name, *row) for name, row in zip(wide.names, wide.rows, strict=True))
    return Table(headers, rows, ("total", *wide.total) if wide.total else None)


def scenarios(found: CompareOutput) -> Table:
    """What the plans bring, side by side."""
    headers = (("", False), *((row.name, True) for row in found.rows))
    # a browser drops leading spaces
    return Table(headers, tuple((label.replace("  ", "\u2003"), *cells) for label, cells in facts(found)))


def better(found: CompareOutput) -> Table | None:
    """Probability that the plan of a row beats that of a column; None where that cannot be said."""
    if not is_ranked(found):
        return None
    names = [row.name for row in found.rows]
    odds = {(row.scenario, row.than): style.percent(row.probability, 0) for row in found.better}
    headers = (("", False), *((name, True) for name in names))
    return Table(headers, tuple((a, *(odds.get((a, b), "") for b in names)) for a in names))


def sweep(result: PlanOutput, found: SweepOutput) -> Table:
    """The best plan at each total."""
    money = found.outcome_unit == found.currency
    headers = (
        (f"Budget ({found.currency})", True),
        ("Change", True),
        (f"Expected ({found.outcome_unit})", True),
        (f"{level(result)} HDI", True),
        ("ROI" if money else "Return", True),
        ("Marginal ROI" if money else "Marginal", True),
        (f"Profit ({found.currency})", True),
    )
    rows = tuple(
        (
            style.amount(row.budget),
            style.change(row.budget_change),
            style.number(row.outcome_mean) if row.feasible else "rules conflict",
            style.between(row.outcome_hdi_low, row.outcome_hdi_high),
            style.ratio(row.roi_mean),
            style.ratio(row.mroi),
            style.number(row.profit_mean),
        )
        for row in found.rows
    )
    return Table(headers, rows)


def frontier(found: FrontierOutput) -> Table:
    """The best plan for each weight of the worst draws."""
    unit = found.outcome_unit
    headers = (
        ("Weight of the worst draws", True),
        (f"Expected ({unit})", True),
        (f"Mean of the worst {100 * found.level:g} % ({unit})", True),
        (f"One draw in twenty below ({unit})", True),
        (f"sd ({unit})", True),
    )
    rows = tuple(
        (f"{row.weight:.2f}", *(style.number(x, 4) for x in (row.expected, row.cvar, row.q05, row.sd)))
        for row in found.rows
    )
    return Table(headers, rows)


def sensitivity(found: SensitivityOutput) -> Table:
    """How far each channel moves if its return is another."""
    way = f"{style.percent(abs(found.change), 0)} {'lower' if found.change < 0 else 'higher'}"
    headers = (
        ("Channel", False),
        (f"Spend ({found.currency})", True),
        (f"If its return is {way}", True),
        ("Change", True),
        (f"Cost of not knowing ({found.outcome_unit})", True),
    )
    rows = tuple(
        (
            row.channel,
            style.amount(row.spend),
            style.amount(row.spend_if),
            style.change(row.change_share) if row.spend else "",
            style.number(max(row.loss_if_kept or 0.0, 0.0)),
        )
        for row in found.channels
    )
    return Table(headers, rows)
