"""The report's section on segments: who the customers are, what each kind is worth, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cli.report import charts_segments as charts
from cli.report import charts_segments_worth as worth
from cli.report.story import Exhibit, Story, chart_of
from cli.report.tables_segments import (
    actions_table,
    bias_table,
    choice_table,
    effects_table,
    lifetime_table,
    propensity_table,
    segments_table,
)
from cli.segments_words import untrusted
from outlay import style

if TYPE_CHECKING:
    import pandas as pd

    from cli.outputs.segments import SegmentOutput, SegmentRow
    from outlay.runs import Run


_AXIS = 3
"""Features named on an axis of the map."""


def story(run: Run) -> Story:
    """The section of one run of segments."""
    from cli.fits import findings_of
    from cli.segments_document import document_of_run
    from segmentation.store import tables_of

    tables = tables_of(run)
    found = document_of_run(run, tables, force=False)
    return Story(
        id="segments",
        nav="Segments",
        title=heading(found),
        text=text(found),
        exhibits=exhibits(found, tables),
        assumptions=_assumptions(found),
        run=run.id,
        learned=_learned(found),
        advice=tuple(f"{row.number} {row.segment}: {row.action}. {row.do}" for row in found.actions[:3]),
        certainty=_certainty(found),
        findings=tuple(findings_of(run)),
        tiles=_tiles(found),
    )


def heading(found: SegmentOutput) -> str:
    """What the section is called."""
    if found.mode == "choose":
        return "How many kinds of customers there are"
    return f"Who the customers are: {found.k} segments"


def text(found: SegmentOutput) -> tuple[str, ...]:
    """Paragraphs before the charts."""
    day = f", as of {found.as_of}" if found.as_of else ""
    counts = ((len(found.numeric), "numbers"), (len(found.categorical), "categories"))
    features = " and ".join(f"{count} {what}" for count, what in counts if count)
    goes_by = "spent in total" if _money(found) else "are in count"
    first = (
        f"{found.customers:,} customers{day}, compared by {features}. {found.reason} A segment's number goes by what "
        f"its customers {goes_by}, the largest first."
    )
    if found.parent is not None and found.kept is not None:
        first += (
            f" Numbers and names are those of {found.parent}; {style.percent(found.kept, 0)} of its customers are "
            "where they were."
        )
    said = [first]
    said += untrusted(found)
    return tuple(said)


def _money(found: SegmentOutput) -> bool:
    return any(row.value is not None for row in found.segments)


def exhibits(found: SegmentOutput, tables: Mapping[str, pd.DataFrame]) -> tuple[Exhibit, ...]:
    """Charts and tables, of what there is."""
    shown: list[Exhibit] = []
    if found.choice:
        shown.append(_choice(found))
    if found.segments:
        shown += _who(found, tables)
    if found.actions:
        shown.append(Exhibit("What to do", table=actions_table(found)))
    if found.clv:
        shown.append(_lifetime(found))
    if found.importance:
        shown += _drivers(found)
    if found.propensity:
        chart = chart_of(worth.response_chart(found), "Expected response to the next campaign by segment")
        shown.append(Exhibit("Who would respond to the next campaign", chart, propensity_table(found)))
    if found.bias:
        note = "A ratio below 0.8 to the highest rate of its column is the usual line for a closer look."
        shown.append(Exhibit("Protected columns", table=bias_table(found), note=note))
    shown += [
        Exhibit(f"Where customers went: {compared}", chart_of(figure, f"Customers who moved, {compared}"))
        for compared, figure in worth.migration_charts(found)
    ]
    return tuple(shown)


def _choice(found: SegmentOutput) -> Exhibit:
    grid = tuple(
        (title, chart_of(figure, f"{title} by number of segments")) for title, figure in charts.choice_charts(found)
    )
    key = (("recommended", style.PLAN_COLOUR, "dot"), ("tried", style.PALETTE[0], "dot"))
    return Exhibit("How many segments", None, choice_table(found), key, "", grid)


def _who(found: SegmentOutput, tables: Mapping[str, pd.DataFrame]) -> list[Exhibit]:
    key: tuple[tuple[str, ...], ...] = (("share of customers", charts.SIZE_COLOUR),)
    if _money(found):
        key = ((f"share of value ({found.value_name})", style.PAID_COLOUR), *key)
    shown = [
        Exhibit(
            "How large they are, and what they spend",
            chart_of(charts.sizes_chart(found), "Share of customers and of value by segment"),
            segments_table(found),
            key,
        )
    ]
    if "map" in tables and "map_centres" in tables:
        shown.append(_map(found, tables))
    if charts.heat_rows(found):
        shown.append(
            Exhibit(
                "What tells them apart",
                chart_of(charts.heat_chart(found), "Lift of features by segment"),
                key=(("above all customers", style.PALETTE[1]), ("below", style.PALETTE[0])),
                note="Lift: the mean of a number, or the share of a level, over that of all customers.",
            )
        )
    grid = tuple((title, chart_of(figure, f"Features of {title}")) for title, figure in charts.apart_charts(found))
    if grid:
        note = (
            f"Dots: how far the segment stands from all customers, in standard deviations for numbers and as a "
            f"difference of shares for levels, with {found.hdi:.0%} intervals."
        )
        shown.append(Exhibit("Each segment's most telling features", grid=grid, note=note))
    return shown


def _map(found: SegmentOutput, tables: Mapping[str, pd.DataFrame]) -> Exhibit:
    axes = tables["map_axes"]
    shares = [*found.map_shares, None, None][:2]
    named = [_axis(axes[axes["axis"] == axis], share) for axis, share in zip("xy", shares, strict=True)]
    figure = charts.map_chart(found, tables["map"], tables["map_centres"], (named[0], named[1]))
    key = tuple((title, colour, "dot") for title, colour in charts.segment_colours(found).items())
    note = (
        f"Each dot is a customer ({len(tables['map']):,} shown). Near dots are alike. {' '.join(found.map_sentences)}"
    )
    return Exhibit("A map of the customers", chart_of(figure, "Customers in two dimensions"), None, key, note)


def _axis(rows: pd.DataFrame, share: float | None) -> str:
    """The features that make an axis most, which way they go, and how much of all variation it shows."""
    told = []
    for feature, level, correlation in rows[["feature", "level", "correlation"]].head(_AXIS).to_numpy(object):
        name = f"{feature} = {level}" if isinstance(level, str) else str(feature)
        told.append(f"{name} {'+' if correlation > 0 else '-'}")
    shown = "" if share is None else f" ({share:.0%} of all variation)"
    return f"{', '.join(told)}{shown}"


def _lifetime(found: SegmentOutput) -> Exhibit:
    chart = chart_of(worth.lifetime_chart(found), "Lifetime value per customer by segment")
    note = (
        f"What a customer is expected to spend over {found.clv_months} months, discounted; {found.hdi:.0%} intervals."
    )
    return Exhibit("What they will be worth", chart, lifetime_table(found), note=note)


def _drivers(found: SegmentOutput) -> list[Exhibit]:
    chart = chart_of(worth.drivers_chart(found), "Importance of features for value")
    note = "How much less of the differences in value is told when a feature is shuffled, on customers not learnt from."
    title = f"What goes with value ({found.value_name})"
    table = effects_table(found) if found.effects else None
    shown = [Exhibit(title, chart, table, note=" ".join([note, *found.sentences]))]
    grid = tuple((name, chart_of(figure, f"Value against {name}")) for name, figure in worth.partial_charts(found))
    if grid:
        shown.append(Exhibit("Value against each", grid=grid, note="The others held as they are. Not a causal effect."))
    return shown


def _learned(found: SegmentOutput) -> tuple[str, ...]:
    first = _best(found)
    if first is None:
        return ()
    return (
        f"Segment {first.number} ({first.segment}) is {style.percent(first.size_share, 0)} of the customers and brings "
        f"{style.percent(first.value_share, 0)} of their value.",
    )


def _best(found: SegmentOutput) -> SegmentRow | None:
    rows = [row for row in found.segments if row.value_share is not None]
    return max(rows, key=lambda row: row.value_share or 0.0) if rows else None


def _certainty(found: SegmentOutput) -> tuple[str, ...]:
    said = []
    back = [row for row in found.segments if row.stability is not None]
    if back:
        least = min(back, key=lambda row: row.stability or 0.0)
        said.append(
            f"Of the least stable segment, {least.number} ({least.segment}), {style.percent(least.stability, 0)} is "
            "found again in resamples of the customers."
        )
    came = next((row for row in found.holdout if row.frequency == "all"), None)
    if came is not None:
        between = f"{style.number(came.low)} to {style.number(came.high)}"
        said.append(
            f"Asked about the last part of the time, lifetime value expected {style.number(came.expected)} purchases "
            f"per customer ({between}), and {style.number(came.actual)} came."
        )
    return tuple(said)


def _tiles(found: SegmentOutput) -> tuple[tuple[str, str, str], ...]:
    first = _best(found)
    if first is None:
        return ()
    beside = f"of value, by {style.percent(first.size_share, 0)} of customers"
    return ((first.segment, style.percent(first.value_share, 0), beside),)


def _assumptions(found: SegmentOutput) -> tuple[str, ...]:
    said = ["Segments are descriptions: they are made by a method, and another would draw other borders."]
    if found.clv:
        said.append(
            "Lifetime value takes customers to go on buying as they did, each at a rate of his own, until gone."
        )
    return tuple(said)
