"""The section of the report on conversion: how leads convert, what they are worth, what drives it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from attribution.plots_conversion import (
    MOVEMENT_KEY,
    RATES_KEY,
    SHRINKAGE_KEY,
    plot_effects,
    plot_lead_values,
    plot_movement,
    plot_rates,
    plot_shrinkage,
)
from attribution.shown import rates_between
from cli.conversion import by_term, level, money_between, output_of, step_name, term_name
from cli.report.story import Exhibit, Story, Table, chart_of
from outlay import style

if TYPE_CHECKING:
    from attribution.document_conversion import ConvertOutput, EffectRow, RateRow
    from outlay.runs import Run

_DIMENSIONS = ("segment", "channel", "region", "persona", "band")
_FOREST = 22
"""Levels that a chart of odds shows; the table of the run holds all."""

PREVIEW = "These are numbers of a PREVIEW: an approximation that no trust gate has judged."


def story(run: Run) -> Story:
    """What a conversion run has to tell."""
    from cli.fits import findings_of

    result = output_of(run)
    return Story(
        id="conversion",
        nav="Conversion",
        title="What becomes of leads" + (" (PREVIEW)" if result.preview else ""),
        text=tuple(_text(result)),
        exhibits=tuple(_exhibits(result)),
        assumptions=tuple(_assumptions(result)),
        run=run.id,
        learned=tuple(_learned(result)),
        advice=tuple(_advice(result)),
        certainty=tuple(_certainty(result)),
        findings=tuple(findings_of(run)),
        tiles=tuple(_tiles(result)),
    )


def _main(result: ConvertOutput) -> str:
    """The dimension that the story is told by."""
    there = {row.dimension for row in result.rates}
    return next((dimension for dimension in _DIMENSIONS if dimension in there), "all")


def _text(result: ConvertOutput) -> Iterator[str]:
    if result.preview:
        yield PREVIEW
    overall = [row for row in result.rates if row.dimension == "all"]
    steps = ", ".join(f"{step_name(row)} {_rate(row)}" for row in overall)
    yield f"Of all leads: {steps} ({level(result)}s)."
    yield (
        "Every rate is pooled: a segment or channel with few leads borrows from the others as much as the data show "
        f"that they are alike, and its interval says what is left open. {result.mix}"
    )


def _rate(row: RateRow) -> str:
    return f"{style.percent(row.mean)} ({rates_between(row.low, row.high)})"


def _exhibits(result: ConvertOutput) -> Iterator[Exhibit]:
    yield from _rates(result)
    yield from _worth(result)
    yield from _shrinkage(result)
    yield from _drivers(result)
    yield from _movement(result)
    yield from _beats(result)
    yield from _classes(result)


def _rates(result: ConvertOutput) -> Iterator[Exhibit]:
    dimension = _main(result)
    rows = [row for row in result.rates if row.dimension == dimension]
    steps = list(dict.fromkeys(step_name(row) for row in rows))
    grid = tuple(
        (step, chart_of(plot_rates([row for row in rows if step_name(row) == step]), f"Rate of {step} by {dimension}"))
        for step in steps
    )
    table = Table(
        headers=(
            (dimension, False),
            ("step", False),
            ("rate", True),
            (level(result), True),
            ("raw", True),
            ("of", True),
        ),
        rows=tuple(
            (
                row.level,
                step_name(row),
                style.percent(row.mean),
                rates_between(row.low, row.high),
                style.percent(row.raw),
                "" if row.trials is None else style.amount(row.trials),
            )
            for row in rows
        ),
    )
    yield Exhibit(f"Conversion by {dimension}", key=RATES_KEY, grid=grid, table=table)


def _worth(result: ConvertOutput) -> Iterator[Exhibit]:
    currency = result.currency or ""
    for dimension in ("segment", "channel"):
        rows = [row for row in result.value_per_lead if row.dimension == dimension]
        if rows:
            chart = chart_of(plot_lead_values(rows, currency), f"Value per lead by {dimension}")
            note = f"Expected money of one lead: its rate end to end times the value of a deal; {level(result)}s."
            yield Exhibit(f"What a lead is worth, by {dimension}", chart, note=note)


def _shrinkage(result: ConvertOutput) -> Iterator[Exhibit]:
    stages = list(dict.fromkeys((row.after, row.stage) for row in result.shrinkage))
    if not stages:
        return
    grid = []
    for after, stage in stages:
        rows = [row for row in result.shrinkage if row.stage == stage]
        grid.append(
            (f"{after} to {stage}", chart_of(plot_shrinkage(rows), f"Raw and pooled rates, {after} to {stage}"))
        )
    note = (
        "Points on the diagonal keep their raw rate. Small points with extreme raw rates are mostly luck, and are "
        "moved towards what their segment and channel make likely."
    )
    yield Exhibit("What pooling did to segments and channels", key=SHRINKAGE_KEY, grid=tuple(grid), note=note)


def _drivers(result: ConvertOutput) -> Iterator[Exhibit]:
    rows = []
    steps: dict[str, list[EffectRow]] = {}
    for (stage, term), effects in by_term(result).items():
        if effects[0].share is None or stage == "value":
            continue
        best, worst = (pick(effects, key=lambda row: row.ratio or 0.0) for pick in (max, min))
        rows.append((stage, term_name(term), style.percent(effects[0].share, 0), *_odds(best), *_odds(worst)))
        if "_x_" not in term and term != "period":
            steps.setdefault(stage, []).extend(effects)
    if rows:
        headers = ("step", "driver", "share", "best level", "odds", "worst level", "odds")
        numeric = {"share", "odds"}
        table = Table(headers=tuple((name, name in numeric) for name in headers), rows=tuple(rows))
        note = "Share: the part of the differences between leads that a driver makes. Odds against the average level."
        yield Exhibit("What drives conversion", table=table, note=note)
    for stage, effects in steps.items():
        told = sorted(effects, key=lambda row: -abs(_log(row.ratio)))[:_FOREST]
        told = sorted(told, key=lambda row: -(row.ratio or 0.0))
        chart = chart_of(plot_effects(told), f"Odds ratios of levels, step to {stage}")
        yield Exhibit(f"What drives the step to {stage}", chart, note=f"Odds ratios with {level(result)}s.")


def _log(ratio: float | None) -> float:
    import math

    return math.log(ratio) if ratio else 0.0


def _odds(row: EffectRow) -> tuple[str, str]:
    return row.level, f"x{style.ratio(row.ratio)} ({style.ratio(row.low)} to {style.ratio(row.high)})"


def _movement(result: ConvertOutput) -> Iterator[Exhibit]:
    steps = list(dict.fromkeys((row.after, row.stage) for row in result.movement if row.stage != "end to end"))
    grid = []
    for after, stage in steps:
        rows = [row for row in result.movement if row.stage == stage]
        grid.append((f"{after} to {stage}", chart_of(plot_movement(rows), f"Rate by period, {after} to {stage}")))
    if grid:
        note = "By the period in which the lead was created. Raw rates end where leads have not had their time."
        yield Exhibit("Movement", key=MOVEMENT_KEY, grid=tuple(grid), note=note)


def _beats(result: ConvertOutput) -> Iterator[Exhibit]:
    names = list(dict.fromkeys(row.segment for row in result.beats))
    for measure, title in (("rate", "converts better, end to end"), ("value", "brings more money per lead")):
        chances = {(row.segment, row.against): getattr(row, measure) for row in result.beats}
        if names and all(value is not None for value in chances.values()):
            rows = tuple((a, *("" if a == b else style.chance(chances[a, b]) for b in names)) for a in names)
            table = Table(headers=(("segment", False), *((f"beats {name}", True) for name in names)), rows=rows)
            yield Exhibit(f"Probability that a segment {title}", table=table, narrow=True)


def _classes(result: ConvertOutput) -> Iterator[Exhibit]:
    currency = result.currency or ""
    rows = [row for row in result.classes if row.dimension == "all"]
    if rows:
        headers = (("outcome", False), ("probability", True), (level(result), True), ("leads", True))
        body = tuple(
            (r.klass, style.percent(r.mean), rates_between(r.low, r.high), style.amount(r.count)) for r in rows
        )
        yield Exhibit("Outcomes of leads", table=Table(headers=headers, rows=body), narrow=True)
    if result.thresholds:
        headers = (("action", False), ("saves", True), ("wastes", True), ("pays from a probability of", True))
        body = tuple(
            (r.action, style.money(r.missed, currency), style.money(r.wasted, currency), style.percent(r.threshold))
            for r in result.thresholds
        )
        note = "Probabilities stay those of the data; what a rare outcome is worth moves the threshold."
        yield Exhibit("When an action pays", table=Table(headers=headers, rows=body), note=note, narrow=True)
    yield from _decisions(result)


def _decisions(result: ConvertOutput) -> Iterator[Exhibit]:
    currency = result.currency or ""
    if result.decisions:
        headers = (
            ("leads of", False),
            ("action", False),
            ("expected cost", True),
            ("sure", True),
            ("next best", False),
        )
        body = tuple(
            (r.level, r.action, style.money(r.cost, currency), style.chance(r.sure), r.next) for r in result.decisions
        )
        yield Exhibit("What to do with leads", table=Table(headers=headers, rows=body))


def _assumptions(result: ConvertOutput) -> Iterator[str]:
    yield result.mix
    yield (
        "Conversion: levels of a dimension are alike until the data say otherwise (partial pooling); a lead's chance "
        "depends on its segment, channel, region, persona, score band and period as far as they are named, with an "
        "interaction of segment with channel and with period only."
    )
    if result.value_per_lead:
        yield "Values of deals are log-normal within a segment and channel, and do not depend on the period."


def _ends(result: ConvertOutput) -> Sequence[RateRow]:
    dimension = _main(result)
    rows = [row for row in result.rates if row.dimension == dimension and row.stage == "end to end"]
    return sorted(rows, key=lambda row: -(row.mean or 0.0))


def _learned(result: ConvertOutput) -> Iterator[str]:
    ends, worth = (
        _ends(result),
        sorted(
            (row for row in result.value_per_lead if row.dimension == _main(result)), key=lambda row: -(row.mean or 0.0)
        ),
    )
    mark = " (preview)" if result.preview else ""
    if len(ends) > 1:
        best, worst = ends[0], ends[-1]
        yield f"{best.level} converts best, {_rate(best)} end to end; {worst.level} worst, {_rate(worst)}{mark}."
    if len(worth) > 1:
        first, last, currency = worth[0], worth[-1], result.currency or ""
        yield (
            f"A lead of {first.level} is worth {style.money(first.mean, currency)} "
            f"({money_between(first.low, first.high, currency)}), one of {last.level} "
            f"{style.money(last.mean, currency)} ({money_between(last.low, last.high, currency)}){mark}."
        )


def _advice(result: ConvertOutput) -> Iterator[str]:
    if result.preview:
        yield "Run `outlay convert` without --preview before these rates decide anything."
        return
    rows = sorted(
        (row for row in result.value_per_lead if row.dimension == "channel"), key=lambda row: -(row.mean or 0.0)
    )
    if len(rows) > 1:
        first, last, currency = rows[0], rows[-1], result.currency or ""
        yield (
            f"Count money and not leads: a lead of {first.level} is worth {style.money(first.mean, currency)}, one of "
            f"{last.level} {style.money(last.mean, currency)}."
        )


def _certainty(result: ConvertOutput) -> Iterator[str]:
    close = [(row.segment, row.against) for row in result.beats if 0.1 < row.rate < 0.9 and row.segment < row.against]
    if result.beats:
        pairs = len(result.beats) // 2
        yield (
            f"Of {pairs} pairs of segments, {pairs - len(close)} are told apart end to end with 90 % probability"
            + (f"; {' and '.join(close[0])} are not." if len(close) == 1 else ".")
        )


def _tiles(result: ConvertOutput) -> Iterator[tuple[str, str, str]]:
    row = next((row for row in result.rates if row.dimension == "all" and row.stage == "end to end"), None)
    if row is not None:
        yield "Leads that get to the end", style.percent(row.mean), rates_between(row.low, row.high)
    worth = next((row for row in result.value_per_lead if row.dimension == "all"), None)
    if worth is not None:
        currency = result.currency or ""
        yield "Value per lead", style.money(worth.mean, currency), money_between(worth.low, worth.high, currency)
