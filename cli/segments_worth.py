"""Segments in the terminal: lifetime value, drivers, response, fairness and movement."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from cli.fits import untrusted_mark
from cli.segments_words import effect_words, named
from cli.terminal import emit, print_table, say
from outlay import style
from outlay.text_table import Column, TextTable

if TYPE_CHECKING:
    from segmentation.document import BiasRow, ImportanceRow, MigrationRow, SegmentOutput

_DRIVERS = 10
_DRIFTS = 12
FOUR_FIFTHS = 0.8
"""Ratio to the highest rate below which a difference is looked at: the usual rule in selection."""


def _percents(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{100 * low:.1f} to {style.percent(high, 1)}"


def lifetime(found: SegmentOutput) -> None:
    """What the customers of each segment will be worth."""
    level = f"({found.hdi:.0%})"
    columns = [Column("Segment", False), Column("Still\nbuying", optional=3)]
    columns += [Column(f"Purchases\nahead {level}", optional=2)]
    columns += [Column(f"Worth each\n({found.currency}) {level}"), Column(f"Worth in\nall {level}", optional=1)]
    rows = [
        [
            named(row.number, row.segment),
            style.chance(row.p_alive),
            _with(row.purchases, row.purchases_low, row.purchases_high),
            _with(row.clv, row.clv_low, row.clv_high),
            _with(row.clv_total, row.clv_total_low, row.clv_total_high),
        ]
        for row in found.clv
    ]
    title = f"What they will be worth in {found.clv_months} months ({found.clv_model}), discounted"
    caption = ["Worth each: how sure the mean is. Purchases and worth in all: what will come, if the model is right."]
    print_table(TextTable(title + untrusted_mark(found.clv_trusted is not False), columns, rows, caption=caption))
    if found.clv_checked:
        say(found.clv_checked)


def _with(value: float | None, low: float | None, high: float | None) -> str:
    """A number over its interval."""
    return f"{style.number(value)}\n{style.between(low, high)}".strip()


def holdout(found: SegmentOutput) -> None:
    """What the model of lifetime value would have said of the last part of the time."""
    columns = [Column("Repeat purchases before"), Column("Customers"), Column("Expected\neach")]
    columns += [Column(f"({found.hdi:.0%})"), Column("Came\neach")]
    rows = [
        [
            row.frequency,
            style.amount(row.customers),
            style.number(row.expected),
            style.between(row.low, row.high),
            style.number(row.actual),
        ]
        for row in found.holdout
    ]
    title = "Whether lifetime value comes true: purchases in the last part of the time"
    print_table(TextTable(title + untrusted_mark(found.clv_trusted is not False), columns, rows))


def drivers(found: SegmentOutput) -> None:
    """Which features go with value, over all customers."""
    overall = [row for row in found.importance if row.number is None][:_DRIVERS]
    columns = [Column("Feature", False), Column("Importance"), Column(f"({found.hdi:.0%})")]
    columns += [Column("Most in", False, optional=1)]
    best = _strongest(found.importance)
    rows = [
        [row.feature, style.percent(row.importance, 1), _percents(row.low, row.high), best.get(row.feature, "")]
        for row in overall
    ]
    caption = ["Importance: the part of the differences in value that is no longer told where the feature is shuffled."]
    print_table(TextTable(f"What goes with value ({found.value_name})", columns, rows, caption=caption))
    for sentence in found.sentences:
        say(sentence)


def _strongest(rows: list[ImportanceRow]) -> dict[str, str]:
    """The segment in which a feature helps the most."""
    best: dict[str, ImportanceRow] = {}
    for row in rows:
        if row.number is None or row.importance is None or row.importance <= 0:
            continue
        held = best.get(row.feature)
        if held is None or (held.importance or 0.0) < row.importance:
            best[row.feature] = row
    return {feature: named(row.number, row.segment) for feature, row in best.items()}


def effects(found: SegmentOutput) -> None:
    """What goes with taking part in a programme, by segment."""
    columns = [Column("Segment", False), Column("Customers", optional=1), Column("Took part")]
    columns += [Column("Value\nwith it"), Column(f"({found.hdi:.0%})")]
    rows = []
    for row in found.effects:
        effect, low, high = effect_words(row, found.currency)
        cells = [named(row.number, row.segment), style.amount(row.customers), style.amount(row.participants)]
        rows.append([*cells, effect, f"{low} to {high}"])
    print_table(TextTable(f"Those with {found.effects[0].programme} beside those without", columns, rows))


def propensity(found: SegmentOutput) -> None:
    """Who would respond to the next campaign."""
    columns = [Column("Segment", False), Column("Customers"), Column("Past\nresponse"), Column("Next\ncampaign")]
    columns += [Column(f"({found.hdi:.0%})"), Column("Responses", optional=2), Column("Best", optional=1)]
    rows = [
        [
            named(row.number, row.segment),
            style.amount(row.customers),
            style.percent(row.past_rate),
            style.percent(row.rate),
            _percents(row.low, row.high),
            style.amount(row.responses),
            "" if row.best is None else style.chance(row.best),
        ]
        for row in found.propensity
    ]
    title = "Who would respond to the next campaign"
    caption = ["Best: the probability that no segment responds more."]
    print_table(TextTable(title + untrusted_mark(found.response_trusted is not False), columns, rows, caption=caption))


def bias(found: SegmentOutput) -> None:
    """How segments, and other outcomes, fall on the levels of each protected column: one table for each column."""
    for column in dict.fromkeys(row.column for row in found.bias):
        part = [row for row in found.bias if row.column == column]
        outcomes = list(dict.fromkeys(_outcome(row) for row in part))
        columns = [Column(column, False), Column("Customers"), *(Column(each) for each in outcomes)]
        rows = []
        for level in dict.fromkeys(row.level for row in part):
            cells = {_outcome(row): row for row in part if row.level == level}
            count = next(iter(cells.values())).customers
            rows.append([level, style.amount(count), *(_rate(cells.get(each)) for each in outcomes)])
        cramer = {_outcome(row): row.cramer for row in part}
        rows.append(["Cramer's V", "", *(_three(cramer[each], 2) for each in outcomes)])
        caption = [f"* surely below {FOUR_FIFTHS} of the highest rate over it. Intervals and ratios: --json."]
        print_table(TextTable(f"Protected: where customers are by {column}", columns, rows, caption=caption))
        emit("")


def _outcome(row: BiasRow) -> str:
    return f"in {row.number}" if row.number is not None else "\n".join(textwrap.wrap(row.outcome, 12))


def _rate(row: BiasRow | None) -> str:
    """A rate in per cent; starred where even the upper end of its ratio is below four fifths."""
    if row is None:
        return ""
    return style.percent(row.rate) + ("*" if row.ratio_high is not None and row.ratio_high < FOUR_FIFTHS else "")


def in_short(found: SegmentOutput) -> list[str]:
    """What goes with value, a programme and protected columns, a sentence each, and where the tables are."""
    lines = []
    if found.importance and len(found.sentences) > 1:
        lines.append(f"What goes with value: {found.sentences[0]} {found.sentences[1]} That is no cause.")
    for row in found.effects:
        if row.number is None:
            effect, low, high = effect_words(row, found.currency)
            lines.append(
                f"Those with {row.programme}: value {effect} ({low} to {high}, {found.hdi:.0%}) against others who are "
                "alike: an association, and not what the programme brings."
            )
    lines += _protected(found.bias)
    told = found.importance or found.effects or found.bias or found.holdout
    return [*lines, "All of it, with reasons: outlay segment --profile", ""] if told and found.run else [*lines, ""]


def _protected(rows: list[BiasRow]) -> list[str]:
    """Which levels of protected columns are surely rarer somewhere, in a sentence."""
    if not rows:
        return []
    low = [row for row in rows if row.ratio_high is not None and row.ratio_high < FOUR_FIFTHS]
    columns = ", ".join(dict.fromkeys(row.column for row in rows))
    if not low:
        return [f"Protected ({columns}): no level's rate is surely below {FOUR_FIFTHS} of the highest."]
    where = ["" if row.number is None else "in segment " for row in low[:3]]
    told = ", ".join(
        f"{row.level} {inside}{row.number or row.outcome} ({style.percent(row.rate)})"
        for inside, row in zip(where, low[:3], strict=True)
    )
    more = f" and {len(low) - 3} more" if len(low) > 3 else ""
    return [f"Protected ({columns}): surely below {FOUR_FIFTHS} of the highest rate: {told}{more}."]


def migration(found: SegmentOutput) -> None:
    """Who moved where: a matrix for each comparison, with the numbers of the segments over its columns."""
    for compared in dict.fromkeys(row.compared for row in found.migration):
        part = [row for row in found.migration if row.compared == compared]
        after = sorted({row.after_number for row in part}, key=lambda number: (number == 0, number))
        columns = [Column("Was in", False), Column("Customers"), *(Column(_heading(number)) for number in after)]
        rows = []
        for before in dict.fromkeys(row.before_number for row in part):
            cells = {row.after_number: row for row in part if row.before_number == before}
            name = next(iter(cells.values())).before
            total = sum(row.customers or 0.0 for row in cells.values())
            told = [_moved(cells.get(number)) for number in after]
            rows.append([named(before, name) if before else name, style.amount(total), *told])
        caption = ["Over the columns: the number of the segment that they are in. Intervals: --json."]
        print_table(TextTable(f"Where they went, {compared}", columns, rows, caption=caption))


def _heading(number: int) -> str:
    return f"in {number}" if number else "gone"


def _moved(row: MigrationRow | None) -> str:
    """The part of those who were in a segment; a count of those who were in none."""
    if row is None:
        return ""
    return style.percent(row.rate, 0) if row.rate is not None else style.amount(row.customers)


def drift(found: SegmentOutput) -> None:
    """How far features have moved since the fit."""
    columns = [Column("Feature", False), Column("In", False), Column("PSI"), Column("By chance\nup to")]
    columns += [Column("", False), Column("What moved", False)]
    shown = sorted(found.drift, key=lambda row: (not row.beyond, row.number is not None, -(row.psi or 0.0)))
    shown = [row for row in shown if row.beyond or row.number is None][:_DRIFTS]
    rows = [
        [
            row.feature,
            named(row.number, row.segment),
            _three(row.psi),
            _three(row.high),
            row.size if row.beyond else "chance",
            row.what if row.beyond else "",
        ]
        for row in shown
    ]
    print_table(TextTable("Drift since the fit, the most first", columns, rows))
    if found.verdict:
        say(found.verdict)


def _three(value: float | None, digits: int = 3) -> str:
    return "" if value is None else f"{value:.{digits}f}"
