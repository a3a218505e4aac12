"""The plan's section with what the command line overrides, and the plan as text."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli.outputs.plan import PlanOutput, PlanRow
from outlay import style

if TYPE_CHECKING:
    from budget.config import PlanSection
    from cli.terminal import TextTable
    from outlay.project import Project


def section_of(
    path: Path, budget: float | None, periods: int | None, start: datetime | None
) -> tuple[PlanSection, Project | None]:
    """The ``[plan]`` section with the command line's options over it; defaults where there is no project file."""
    from pydantic import ValidationError

    from budget.config import PlanSection
    from cli.config import load, plan_section
    from outlay.errors import ConfigError

    loaded = load(path) if path.exists() else None
    section = (plan_section(loaded) if loaded else None) or PlanSection()
    given = {"budget": budget, "periods": periods, "start": start.date() if start else None}
    values = section.model_dump() | {name: value for name, value in given.items() if value is not None}
    try:
        return PlanSection.model_validate(values), loaded
    except ValidationError as problem:
        first = problem.errors()[0]
        option = "--" + ".".join(str(part) for part in first["loc"])
        raise ConfigError(first["msg"], where=option, repair="outlay plan --help says what it takes.") from problem


def show(result: PlanOutput) -> None:
    """Print the allocation, what it brings, and how sure that is."""
    from cli.terminal import emit, print_table, say, wrap

    print_table(_table(result))
    emit("")
    for line in verdict(result):
        emit(wrap(line))
    prices = [price.text for price in result.shadow_prices]
    for title, lines in (
        ("What loosening a limit is worth", prices),
        ("Rules that this plan breaks", result.broken_rules),
        ("Assumed of the future", result.assumptions),
    ):
        if lines:
            emit(f"\n{title}")
        for line in lines:
            emit(wrap(f"  - {line}", "    "))
    emit("")
    say(f"Run {result.run} keeps this plan. Next: outlay report" if result.run else "Nothing was written.")


def verdict(result: PlanOutput) -> list[str]:
    """What the plan brings and how sure that is, in sentences."""
    unit, level = result.outcome_unit, f"{100 * result.hdi:g}%"
    money = unit == result.currency

    def outcome(x: float | None) -> str:
        return style.money(x, unit) if money else f"{style.number(x)} {unit}"

    low, high = style.signed(outcome(result.gain_hdi_low)), style.signed(outcome(result.gain_hdi_high))
    lines = [
        f"Expected {result.outcome} from this spend: {outcome(result.expected)} "
        f"({level}: {outcome(result.expected_hdi_low)} to {outcome(result.expected_hdi_high)}).",
        f"Against the reference plan ({result.reference_plan}; {outcome(result.reference)}): "
        f"{style.signed(outcome(result.gain_mean))} ({level}: {low} to {high}); "
        f"better with probability {style.percent(result.p_better, 0)}.",
        certificate(result),
    ]
    if result.timing_gain is not None:
        lines.append(f"Its own timing adds {style.signed(outcome(result.timing_gain.mean))}.")
    return lines


def certificate(result: PlanOutput) -> str:
    """How far from the best plan this can be, in a sentence."""
    gap = result.gap
    if result.evaluated or gap is None or not result.status.startswith("optimal"):
        return f"{result.status[:1].upper()}{result.status[1:]}."
    most = "0.01%" if gap < 1e-4 else style.percent(gap, 2)
    return (
        f"The plan is optimal: it is proven that none within the rules brings over {most} more, if the model is true."
    )


def _table(result: PlanOutput) -> TextTable:
    from cli.fits import untrusted_mark
    from cli.terminal import Column, TextTable

    unit = result.currency
    level = f"{100 * result.hdi:g}%"
    panel = any(row.group is not None for row in result.rows)
    columns = [
        Column("Channel", False),
        *([Column("Group", False)] if panel else []),
        Column(f"Reference\n({unit})"),
        Column(f"{'This plan' if result.evaluated else 'Recommended'}\n({unit})"),
        Column("Change"),
        Column("Marginal\nROI" if result.outcome_unit == unit else "Marginal\nreturn"),
        Column(f"ROI\n({level} HDI)" if result.outcome_unit == unit else f"Return\n({level} HDI)", optional=1),
        Column("Held by", False, optional=2),
    ]
    rows = [_cells(row, panel) for row in result.rows if row.period is None]
    before = sum(row.reference_spend or 0.0 for row in result.rows if row.period is None)
    after = sum(row.spend or 0.0 for row in result.rows if row.period is None)
    total = ("total", *([""] if panel else []), style.amount(before), style.amount(after), "", "", "", "")
    what = "Your plan" if result.evaluated else "Recommended plan"
    window = f"{result.periods} {result.period_unit}s from {result.start}"
    title = f"{what}: {window}  (fit {result.fit}){untrusted_mark(result.trusted)}"
    notes = (
        ["Spend is the total over the window. * beyond any spend in the data."]
        if any(row.extrapolated for row in result.rows)
        else ["Spend is the total over the window."]
    )
    return TextTable(title, columns, rows, total, notes)


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
