"""Tables of segments on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.report.story import Table
from cli.segments_words import effect_words
from cli.segments_worth import FOUR_FIFTHS
from outlay import style

if TYPE_CHECKING:
    from segmentation.document import BiasRow, SegmentOutput

Header = tuple[str, bool]


def _name(number: int | None, name: str | None) -> str:
    return "all" if not number else f"{number} {name}"


def _beside(middle: str, low: str, high: str) -> str:
    return f"{middle} ({low} to {high})"


def segments_table(found: SegmentOutput) -> Table:
    """Size, value and where the name came from."""
    money = any(row.value is not None for row in found.segments)
    headers: list[Header] = [("Segment", False), ("Customers", True), ("Share", True)]
    if money:
        headers += [(f"Value ({found.currency})", True), ("Share of value", True)]
        headers += [(f"Per customer ({found.hdi:.0%})", True)]
    headers += [("Comes back", True), ("Sureness", True), ("Name from", False)]
    rows = []
    for row in found.segments:
        cells = [f"{row.number} {row.segment}", style.amount(row.customers), style.percent(row.size_share)]
        if money:
            low, high = style.number(row.value_per_customer_low), style.number(row.value_per_customer_high)
            cells += [style.number(row.value), style.percent(row.value_share)]
            cells += [_beside(style.number(row.value_per_customer), low, high)]
        sure = style.MISSING if row.sureness is None else f"{row.sureness:.2f}"
        back = "" if row.stability is None else style.percent(row.stability, 0)
        rows.append((*cells, back, sure, row.origin))
    return Table(tuple(headers), tuple(rows))


def choice_table(found: SegmentOutput) -> Table:
    """What speaks for and against each number of segments."""
    measures = (("Explained", "explained"), ("Silhouette", "silhouette"), ("BIC", "bic"), ("Stability", "stability"))
    there = [one for one in measures if any(getattr(row, one[1]) is not None for row in found.choice)]
    headers: list[Header] = [("Segments", True), *((title, True) for title, _ in there)]
    headers += [("Least stable", True), ("Smallest", True), ("Verdict", False)]
    rows = tuple(
        (
            str(row.k),
            *(style.number(getattr(row, name)) for _, name in there),
            style.number(row.stability_low),
            style.percent(row.smallest_share),
            "recommended" if row.chosen else "" if row.allowed else row.why,
        )
        for row in found.choice
    )
    return Table(tuple(headers), rows)


def actions_table(found: SegmentOutput) -> Table:
    """What to do with whom, and why."""
    headers: tuple[Header, ...] = (("Segment", False), ("Action", False), ("What to do", False), ("Why", False))
    return Table(headers, tuple((f"{row.number} {row.segment}", row.action, row.do, row.why) for row in found.actions))


def lifetime_table(found: SegmentOutput) -> Table:
    """Whether customers still buy, and what they will be worth."""
    level = f"({found.hdi:.0%})"
    headers: tuple[Header, ...] = (
        ("Segment", False),
        (f"Still buying {level}", True),
        (f"Purchases ahead {level}", True),
        (f"Worth each {level}, {found.currency}", True),
        (f"Worth in all {level}, {found.currency}", True),
    )
    rows = tuple(
        (
            _name(row.number, row.segment),
            _beside(*(style.chance(each) for each in (row.p_alive, row.p_alive_low, row.p_alive_high))),
            _three(row.purchases, row.purchases_low, row.purchases_high),
            _three(row.clv, row.clv_low, row.clv_high),
            _three(row.clv_total, row.clv_total_low, row.clv_total_high),
        )
        for row in found.clv
    )
    return Table(headers, rows)


def _three(middle: float | None, low: float | None, high: float | None) -> str:
    return _beside(style.number(middle), style.number(low), style.number(high))


def effects_table(found: SegmentOutput) -> Table:
    """What goes with a programme, by segment."""
    headers: tuple[Header, ...] = (
        ("Segment", False),
        ("Customers", True),
        (f"With {found.effects[0].programme}", True),
        (f"Value with it ({found.hdi:.0%})", True),
    )
    rows = tuple(
        (
            _name(row.number, row.segment),
            style.amount(row.customers),
            style.amount(row.participants),
            _beside(*effect_words(row, found.currency)),
        )
        for row in found.effects
    )
    return Table(headers, rows)


def propensity_table(found: SegmentOutput) -> Table:
    """Past response and that of the next campaign."""
    headers: tuple[Header, ...] = (
        ("Segment", False),
        ("Customers", True),
        ("Past response", True),
        (f"Next campaign ({found.hdi:.0%})", True),
    )
    rows = tuple(
        (
            _name(row.number, row.segment),
            style.amount(row.customers),
            style.percent(row.past_rate),
            _beside(style.percent(row.rate), style.percent(row.low), style.percent(row.high)),
        )
        for row in found.propensity
    )
    return Table(headers, rows)


def bias_table(found: SegmentOutput) -> Table:
    """Rates by protected level: a row per level, a column per segment or other outcome."""
    outcomes = list(dict.fromkeys(_outcome(row) for row in found.bias))
    headers: list[Header] = [("Column", False), ("Level", False), ("Customers", True)]
    headers += [(outcome, True) for outcome in outcomes]
    rows: list[tuple[str, ...]] = []
    weak: set[int] = set()
    for column, level in dict.fromkeys((row.column, row.level) for row in found.bias):
        cells = {_outcome(row): row for row in found.bias if (row.column, row.level) == (column, level)}
        if any(_below(row) for row in cells.values()):
            weak.add(len(rows))
        count = style.amount(next(iter(cells.values())).customers)
        rows.append((column, level, count, *(_rate(cells.get(outcome)) for outcome in outcomes)))
    return Table(tuple(headers), tuple(rows), weak=frozenset(weak))


def _outcome(row: BiasRow) -> str:
    return f"in {row.number} {row.segment}" if row.number else row.outcome


def _below(row: BiasRow) -> bool:
    return row.ratio_high is not None and row.ratio_high < FOUR_FIFTHS


def _rate(row: BiasRow | None) -> str:
    if row is None:
        return ""
    ratio = f"{row.ratio:.2f} of the highest; " if row.ratio is not None and _below(row) else ""
    low, high = style.percent(row.low), style.percent(row.high)
    return f"{style.percent(row.rate)} ({ratio}{low} to {high})"
