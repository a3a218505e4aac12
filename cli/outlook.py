"""A forecast in the terminal."""

from __future__ import annotations

from cli.fits import untrusted_mark
from cli.outputs.answers import ForecastTotal
from cli.outputs.media import ForecastOutput
from cli.terminal import emit, print_table, say, wrap
from outlay import style
from outlay.text_table import Column, TextTable


def show(result: ForecastOutput) -> None:
    """Print the periods, the groups where there are any, the odds of the goal, and what was assumed."""
    print_table(_periods(result))
    if len(result.totals) > 1:
        emit("")
        print_table(_groups(result))
    emit("")
    for line in _verdict(result):
        emit(wrap(line))
    emit("\nAssumed of the future")
    for line in result.assumptions:
        emit(wrap(f"  - {line}", "    "))
    emit("")
    say(f"Run {result.run} keeps this forecast." if result.run else "Nothing was written.")


def _periods(result: ForecastOutput) -> TextTable:
    columns = [Column(result.period_unit.capitalize(), False), *_columns(result)]
    if result.goal is not None:
        columns.append(Column("P(goal\nreached)"))
    rows = [(row.date, *_cells(row), *_odds(result, row.p_goal)) for row in result.rows if row.group is None]
    total = ("total", *_cells(result.total), *_odds(result, result.p_goal))
    title = f"Forecast of {result.outcome}, {result.start} to {result.end}  (fit {result.fit})"
    level = f"{100 * result.hdi:g}%"
    notes = [
        f"Expected: with the {level} interval of what is not known about the model. Outcome: the {level} interval of "
        "the outcome itself, noise included.",
        f"Spend: {result.plan}.",
    ]
    return TextTable(f"{title}{untrusted_mark(result.trusted)}", columns, rows, total, notes)


def _groups(result: ForecastOutput) -> TextTable:
    rows = [(row.group, *_cells(row)) for row in result.totals if row.group is not None]
    return TextTable("By group, all periods", [Column("Group", False), *_columns(result)], rows)


def _columns(result: ForecastOutput) -> list[Column]:
    level, unit = f"{100 * result.hdi:g}%", result.outcome_unit
    return [
        Column(f"Spend\n({result.currency})", optional=2),
        Column(f"Baseline\n({unit})", optional=1),
        Column("Media", optional=1),
        Column(f"{level} HDI", optional=3),
        Column("Expected"),
        Column(f"{level} HDI", optional=4),
        Column(f"Outcome\n{level} HDI"),
    ]


def _cells(row: ForecastTotal) -> tuple[str, ...]:
    return (
        style.number(row.spend),
        style.number(row.baseline_mean),
        style.number(row.media_mean),
        style.between(row.media_hdi_low, row.media_hdi_high),
        style.number(row.expected_mean),
        style.between(row.expected_hdi_low, row.expected_hdi_high),
        style.between(row.outcome_hdi_low, row.outcome_hdi_high),
    )


def _odds(result: ForecastOutput, p: float | None) -> tuple[str, ...]:
    return () if result.goal is None else (odds(p),)


def odds(p: float | None) -> str:
    """A probability in per cent that never claims certainty."""
    if p is None:
        return style.MISSING
    return "below 1%" if p < 0.005 else "above 99%" if p > 0.995 else style.percent(p, 0)


def _verdict(result: ForecastOutput) -> list[str]:
    total, unit = result.total, result.outcome_unit
    share = (total.media_mean or 0.0) / total.expected_mean if total.expected_mean else 0.0
    lines = [
        f"{style.number(total.expected_mean)} {unit} are expected over {result.periods} {result.period_unit}s "
        f"({100 * result.hdi:g}%: {style.between(total.outcome_hdi_low, total.outcome_hdi_high)}); paid media cause "
        f"{style.percent(share, 0)} of it."
    ]
    if result.goal is not None:
        lines.append(
            f"The probability of reaching the goal of {style.number(result.goal)} {unit} is {odds(result.p_goal)}."
        )
    return lines
