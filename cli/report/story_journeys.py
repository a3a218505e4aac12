"""The journeys' section of the report."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attribution.plots_journeys import CAUSED, CREDITED, model_colours, plot_caused, plot_shares
from cli.journeys import bridge, costs, credited, over_credit, shares, summarise
from cli.report.story import Exhibit, Story, Table, chart_of
from outlay import style

if TYPE_CHECKING:
    from attribution.document_journeys import AttributeOutput, OverCreditRow
    from cli.wide import WideTable
    from outlay.runs import Run
    from outlay.text_table import TextTable


def story(run: Run) -> Story:
    """What an attribute run has to tell."""
    from cli.fits import findings_of

    result = summarise(run)
    return Story(
        id="journeys",
        nav="Journeys",
        title="Journeys: what users touched before they converted",
        text=tuple(_text(result)),
        exhibits=tuple(_exhibits(result)),
        assumptions=tuple(result.assumptions),
        run=run.id,
        learned=tuple(_learned(result)),
        advice=tuple(_advice(result)),
        certainty=tuple(_certainty(result)),
        findings=tuple(findings_of(run)),
        tiles=tuple(_tiles(result)),
    )


def _text(result: AttributeOutput) -> Iterator[str]:
    rate = result.conversions / result.journeys if result.journeys else None
    yield (
        f"{result.touches:,} touches from {result.first[:10]} to {result.last[:10]} make {result.journeys:,} journeys, "
        f"of which {result.conversions:,} converted ({style.percent(rate)}). Each model below shares these conversions "
        "among the channels that were touched on the way."
    )
    yield " ".join(result.assumptions[:2])


def _exhibits(result: AttributeOutput) -> Iterator[Exhibit]:
    from attribution.credit import TITLES

    mine = [row for row in result.credits if row.model == result.model and row.segment is None and row.period is None]
    names = [row.channel for row in sorted(mine, key=lambda row: -(row.share or 0.0))][:15]
    key = tuple((TITLES[model], colour, "dot") for model, colour in model_colours(result).items())
    note = f"Lines are {100 * (result.hdi or 0):g}% intervals, sampling uncertainty only."
    if any((row.share or 0.0) < 0 for row in result.credits if row.model == "shapley_rate"):
        note += " A share below zero: journeys with the channel convert less often than those of the others alone."
    figure = plot_shares(result, names)
    label = "Share of conversions by channel and model"
    yield Exhibit("Who is credited, by model", chart_of(figure, label), _wide(shares(result)), key, note)
    yield Exhibit(f"What {TITLES[result.model]} credits", None, _table(credited(result)))
    if any(row.spend is not None for row in result.costs):
        note = "Spend over credited conversions. What the last unit of money brings is for the media-mix model to say."
        yield Exhibit("What credited conversions cost", None, _table(costs(result)), (), note)
    if result.over_credit:
        yield from _beside(result)


def _beside(result: AttributeOutput) -> Iterator[Exhibit]:
    key = (("credited by journeys", CREDITED, "dot"), ("caused, by the media-mix model", CAUSED, "dot"))
    chart = chart_of(plot_caused(result), "Credited and caused conversions by channel")
    note = (
        "Credited over caused above 1: journeys see the channel on the way to more conversions than would be missing "
        "without it. Its interval holds the model's uncertainty and the journeys' sampling uncertainty, draw by draw."
    )
    yield Exhibit("Journeys beside the media-mix model", chart, _table(over_credit(result)), key, note)
    note = "Untracked: conversions of the KPI in which no tracked journey ends."
    yield Exhibit("What is tracked, credited and caused", None, _table(bridge(result)), (), note, narrow=True)


def _table(table: TextTable) -> Table:
    """A table of the terminal on the page."""
    headers = tuple((column.title.replace("\n", " "), column.numeric) for column in table.columns)
    return Table(headers, tuple(tuple(row) for row in table.rows))


def _wide(table: WideTable) -> Table:
    """A wide table of the terminal on the page."""
    headers = ((table.corner, False), *((column, True) for column in table.columns))
    return Table(headers, tuple((name, *row) for name, row in zip(table.names, table.rows, strict=True)))


def _over(result: AttributeOutput) -> list[OverCreditRow]:
    """Channels that journeys surely over-credit, the most first."""
    sure = [row for row in result.over_credit if (row.over_credit_hdi_low or 0.0) > 1]
    return sorted(sure, key=lambda row: -(row.over_credit_median or 0.0))


def _under(result: AttributeOutput) -> list[OverCreditRow]:
    sure = [row for row in result.over_credit if row.over_credit_hdi_high is not None and row.over_credit_hdi_high < 1]
    return sorted(sure, key=lambda row: row.over_credit_median or 0.0)


def _ratio(row: OverCreditRow) -> str:
    between = style.ratio_between(row.over_credit_hdi_low, row.over_credit_hdi_high)
    return f"{row.channel} ({style.ratio(row.over_credit_median)} times what it caused; {between})"


def _learned(result: AttributeOutput) -> Iterator[str]:
    over, under = _over(result), _under(result)
    if over:
        yield f"Journeys credit too much to {', '.join(_ratio(row) for row in over[:3])}."
    if under:
        yield f"They credit too little to {', '.join(_ratio(row) for row in under[:3])}."


def _advice(result: AttributeOutput) -> Iterator[str]:
    over = _over(result)
    if over:
        names = ", ".join(row.channel for row in over[:3])
        yield f"Do not judge {names} by attributed conversions: ask the media-mix model, or a lift test."


def _certainty(result: AttributeOutput) -> Iterator[str]:
    yield "Shares of journeys are not causal, and their intervals hold sampling uncertainty only."


def _tiles(result: AttributeOutput) -> Iterator[tuple[str, str, str]]:
    line = next((row for row in result.bridge if row.line == "over_credit"), None)
    if line is not None:
        unit = result.currency if result.media_unit == "value" else "conversions"
        between = style.between(line.hdi_low, line.hdi_high)
        yield f"Credited to media beyond what it caused ({unit})", style.number(line.mean), between
