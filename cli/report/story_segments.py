"""The report's section on segments: who the customers are, what each kind is worth, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

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
from segmentation import plots as charts
from segmentation import plots_worth as worth

if TYPE_CHECKING:
    import pandas as pd

    from outlay.runs import Run
    from segmentation.document import ClvRow, SegmentOutput, SegmentRow


_AXIS = 3
"""Features named on an axis of the map."""

_ADVICE = 4
"""Segments that the page's summary says what to do with."""


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
        advice=_advice(found),
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
    counts = ((len(found.numeric), "number", "numbers"), (len(found.categorical), "category", "categories"))
    features = " and ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts if count)
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
        chart = chart_of(worth.plot_response(found), "Expected response to the next campaign by segment")
        shown.append(Exhibit("Who would respond to the next campaign", chart, propensity_table(found)))
    if found.bias:
        note = (
            f"Rates with {found.hdi:.0%} intervals. Marked: surely below four fifths of the highest rate of the "
            "column, the usual line for a closer look."
        )
        shown.append(Exhibit("Protected columns", table=bias_table(found), note=note))
    shown += [
        Exhibit(f"Where customers went: {compared}", chart_of(figure, f"Customers who moved, {compared}"))
        for compared, figure in worth.plot_migration(found)
    ]
    return tuple(shown)


def _choice(found: SegmentOutput) -> Exhibit:
    grid = tuple(
        (title, chart_of(figure, f"{title} by number of segments")) for title, figure in charts.plot_choice(found)
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
            chart_of(charts.plot_sizes(found), "Share of customers and of value by segment"),
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
                chart_of(charts.plot_profiles(found), "Lift of features by segment"),
                key=(("above all customers", charts.ABOVE_COLOUR), ("below", charts.BELOW_COLOUR)),
                note="Lift: the mean of a number, or the share of a level, over that of all customers.",
            )
        )
    grid = tuple((title, chart_of(figure, f"Features of {title}")) for title, figure in charts.plot_differences(found))
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
    named = [_axis(axes[axes["axis"] == axis], share) for axis, share in zip("xy", shares, strict=True)]  # right, up
    figure = charts.plot_map(found, tables["map"], tables["map_centres"], (named[0], named[1]))
    key = tuple((title, colour, "dot") for title, colour in charts.segment_colours(found).items())
    note = (
        f"Each dot is a customer ({len(tables['map']):,} shown). Near dots are alike. {' '.join(found.map_sentences)}"
    )
    return Exhibit("A map of the customers", chart_of(figure, "Customers in two dimensions"), None, key, note)


def _axis(rows: pd.DataFrame, share: float | None) -> str:
    """The features that make an axis most, which way they go, and how much of all variation it shows."""
    ways: dict[str, list[str]] = {"more": [], "less": []}
    for feature, level, correlation in rows[["feature", "level", "correlation"]].head(_AXIS).to_numpy(object):
        name = f"{feature} = {level}" if isinstance(level, str) else str(feature)
        ways["more" if correlation > 0 else "less"].append(name)
    told = "; ".join(f"{way} {', '.join(names)}" for way, names in ways.items() if names)
    shown = "" if share is None else f" ({share:.0%} of all variation)"
    return f"{told} \u2192{shown}"


def _lifetime(found: SegmentOutput) -> Exhibit:
    chart = chart_of(worth.plot_lifetime(found), "Lifetime value per customer by segment")
    note = (
        f"What a customer is expected to spend over {found.clv_months} months, discounted; {found.hdi:.0%} intervals. "
        f"Purchases and worth in all: what will come, if the model is right. {found.clv_checked}"
    ).strip()
    return Exhibit("What they will be worth", chart, lifetime_table(found), note=note)


def _drivers(found: SegmentOutput) -> list[Exhibit]:
    chart = chart_of(worth.plot_drivers(found), "Importance of features for value")
    note = "How much less of the differences in value is told when a feature is shuffled, on customers not learnt from."
    title = f"What goes with value ({found.value_name})"
    programme = found.effects[0].programme if found.effects else ""
    about = [i for i, sentence in enumerate(found.sentences) if programme and f" with {programme} " in sentence]
    first = about[0] if about else len(found.sentences)  # from here on the sentences are of the programme
    shown = [Exhibit(title, chart, note=" ".join([note, *found.sentences[:first]]))]
    if found.effects:
        words = " ".join(found.sentences[first:])
        shown.append(Exhibit(f"Those with {programme} beside those without", table=effects_table(found), note=words))
    grid = tuple((name, chart_of(figure, f"Value against {name}")) for name, figure in worth.plot_dependence(found))
    if grid:
        shown.append(Exhibit("Value against each", grid=grid, note="The others held as they are. Not a causal effect."))
    return shown


def _learned(found: SegmentOutput) -> tuple[str, ...]:
    said = []
    first = _best(found)
    if first is not None:
        said.append(
            f"Segment {first.number} ({first.segment}) is {style.percent(first.size_share, 0)} of the customers and "
            f"brings {style.percent(first.value_share, 0)} of their value."
        )
    worth = _all_worth(found)
    if worth is not None:
        said.append(
            f"In the next {found.clv_months} months all customers are expected to bring "
            f"{_money_between(worth.clv_total, worth.clv_total_low, worth.clv_total_high, found)}, discounted."
        )
    asked = [row for row in found.propensity if row.number]
    if asked:
        most = max(asked, key=lambda row: row.rate or 0.0)
        between = f"{found.hdi:.0%} interval {style.percent(most.low, 0)} to {style.percent(most.high, 0)}"
        said.append(
            f"Segment {most.number} ({most.segment}) is expected to respond the most to the next campaign: "
            f"{style.percent(most.rate, 0)} ({between})."
        )
    return tuple(said)


def _all_worth(found: SegmentOutput) -> ClvRow | None:
    return next((row for row in found.clv if not row.number and row.clv_total is not None), None)


def _money_between(middle: float | None, low: float | None, high: float | None, found: SegmentOutput) -> str:
    ends = f"{style.money(low, found.currency)} to {style.money(high, found.currency)}"
    return f"{style.money(middle, found.currency)} ({found.hdi:.0%} interval {ends})"


def _advice(found: SegmentOutput) -> tuple[str, ...]:
    """The most urgent action of each segment."""
    first = {row.number: row for row in reversed(found.actions)}
    told = sorted(first.values(), key=lambda row: row.number)[:_ADVICE]
    return tuple(f"{row.number} {row.segment}: {row.action}. {row.do}" for row in told)


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
    if found.clv and found.clv_checked:
        said.append(f"Lifetime value: {found.clv_checked}")
    return tuple(said)


def _tiles(found: SegmentOutput) -> tuple[tuple[str, str, str], ...]:
    tiles = [("Customers", style.amount(found.customers), f"in {found.k} segments")]
    first = _best(found)
    if first is not None:
        beside = f"of value, by {style.percent(first.size_share, 0)} of customers"
        tiles.append((first.segment, style.percent(first.value_share, 0), beside))
    worth = _all_worth(found)
    if worth is not None:
        ends = (
            f"{style.money(worth.clv_total_low, found.currency)} to {style.money(worth.clv_total_high, found.currency)}"
        )
        title = f"Worth in {found.clv_months} months"
        tiles.append((title, style.money(worth.clv_total, found.currency), f"{ends} ({found.hdi:.0%})"))
    return tuple(tiles)


def _assumptions(found: SegmentOutput) -> tuple[str, ...]:
    said = ["Segments are descriptions: they are made by a method, and another would draw other borders."]
    if found.clv:
        said.append(
            "Lifetime value takes customers to go on buying as they did, each at a rate of his own, until gone."
        )
    return tuple(said)
