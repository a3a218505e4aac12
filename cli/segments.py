"""Segments in the terminal: who they are, how many there are, what tells them apart, and what to do with each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cli import segments_worth as worth
from cli.segments_words import named, untrusted
from cli.terminal import emit, print_table, say
from outlay import style
from outlay.text_table import Column, TextTable

if TYPE_CHECKING:
    from segmentation.document import FeatureRow, SegmentOutput

TOLD_FEATURES, FIRST_FEATURES = 6, 3
"""Features shown for a segment in full, and at first sight."""

type _Parts = list[tuple[bool, Callable[[SegmentOutput], None]]]


def show(found: SegmentOutput) -> None:
    """Print what there is: all of it for ``--profile``, what is read first otherwise; prose goes to stderr."""
    _intro(found)
    full = found.mode == "profile"
    parts: _Parts = [
        (bool(found.choice), _choice),
        (bool(found.segments), lambda found: _segments(found, full=full)),
        (bool(found.features), lambda found: _features(found, TOLD_FEATURES if full else FIRST_FEATURES)),
        (bool(found.actions), lambda found: _actions(found, full=full)),
        (bool(found.clv), worth.lifetime),
        (bool(found.propensity), worth.propensity),
        (full and bool(found.bias), worth.bias),
        (bool(found.migration), worth.migration),
        (bool(found.drift), worth.drift),
    ]
    if full:
        parts[5:5] = _explained(found)
    for wanted, tell in parts:
        if wanted:
            tell(found)
            emit("")
    for line in (*untrusted(found), *([] if full else worth.in_short(found))):
        say(line)


def _explained(found: SegmentOutput) -> _Parts:
    """What stands behind value: how its forecast did, what goes with it, and a programme."""
    return [
        (bool(found.holdout), worth.holdout),
        (bool(found.importance), worth.drivers),
        (bool(found.effects), worth.effects),
    ]


def _intro(found: SegmentOutput) -> None:
    day = f" as of {found.as_of}" if found.as_of else ""
    counts = (_count(len(found.numeric), "number"), _count(len(found.categorical), "category", "categories"))
    features = " and ".join(part for part in counts if not part.startswith("0 "))
    say(f"{found.customers:,} customers of {found.source}{day}, by {features}.")
    if found.k is not None and found.mode in ("assign", "drift"):
        say(f"Put to the {_count(found.k, 'segment')} of {found.parent}, by {found.method}.")
    elif found.k is not None:
        say(f"By {found.method}. {found.reason}")
    if found.parent is not None and found.mode in ("fit", "profile"):
        same = (
            "" if found.kept is None else f"; {style.percent(found.kept, 0)} of its customers are in the same segment"
        )
        say(f"Numbers and names are those of {found.parent}{same}.")
    say()


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n} {one}" if n == 1 else f"{n} {many or one + 's'}"


def _segments(found: SegmentOutput, *, full: bool) -> None:
    money = any(row.value is not None for row in found.segments)
    judged = any(row.value_per_customer_low is not None for row in found.segments)
    columns = [Column("Segment", False), Column("Customers"), Column("Share")]
    if money:
        columns += [
            Column(f"Value\n({found.currency})", optional=2),
            Column("Share of\nvalue"),
            Column("Value per\ncustomer" + (f" ({found.hdi:.0%})" if judged else "")),
        ]
    stable = any(row.stability is not None for row in found.segments)
    columns += [Column("Comes\nback", optional=3)] if stable else []
    columns += [Column("Sureness", optional=3), Column("Name", False, optional=4)] if full else []
    rows = []
    for row in found.segments:
        cells = [named(row.number, row.segment), style.amount(row.customers), style.percent(row.size_share)]
        if money:
            between = style.between(row.value_per_customer_low, row.value_per_customer_high)
            each = f"{style.number(row.value_per_customer)}\n{between}".strip()
            cells += [style.number(row.value), style.percent(row.value_share), each]
        cells += [style.percent(row.stability, 0)] if stable else []
        rows.append([*cells, *((_two(row.sureness), row.origin) if full else ())])
    caption = [f"Value: {found.value_name}, {found.currency}."] if money else []
    if stable:
        caption += ["Comes back: how much of it is found again in resamples of the customers."]
    if full:
        caption += ["Sureness: 1 is sure, 0 as near to a second segment; the mean over the segment's customers."]
    print_table(TextTable("Segments", columns, rows, caption=caption))


def _two(value: float | None) -> str:
    return style.MISSING if value is None else f"{value:.2f}"


def _choice(found: SegmentOutput) -> None:
    """One row per number of segments; measures that the method does not have are left out."""
    named = (
        ("Cost", "cost", 0),
        ("Elbow", "elbow", 2),
        ("Explained", "explained", 2),
        ("Silhouette", "silhouette", 0),
        ("BIC", "bic", 1),
        ("Stability", "stability", 0),
        ("Least\nstable", "stability_low", 1),
    )
    measures = [one for one in named if any(getattr(row, one[1]) is not None for row in found.choice)]
    columns = [Column("k"), *(Column(title, optional=optional) for title, _, optional in measures)]
    columns += [Column("Smallest"), Column("", False)]
    rows = []
    for row in found.choice:
        cells = [str(row.k)]
        for _, name, _ in measures:
            value = getattr(row, name)
            cells.append(style.number(value) if name in ("cost", "bic") else _two(value))
        rows.append([*cells, style.percent(row.smallest_share), _mark(row.chosen, row.allowed, row.why)])
    print_table(TextTable("How many segments", columns, rows))


def _mark(chosen: bool, allowed: bool, why: str) -> str:
    if chosen:
        return "<- recommended"
    return "" if allowed else why


def _features(found: SegmentOutput, count: int) -> None:
    columns = [Column("Segment, feature", False), Column("Here"), Column("All"), Column("Lift")]
    columns += [Column(f"({found.hdi:.0%})")]
    rows = []
    for segment in found.segments:
        told = [row for row in found.features if row.number == segment.number and row.rank is not None]
        told = sorted(told, key=lambda row: row.rank or 0)[:count]
        rows.append([f"{segment.number} {segment.segment}", "", "", "", ""])
        rows += [[f"    {feature_of(row)}", *_here(row), *_lift(row)] for row in told]
    caption = ["Lift: the mean, or the share of a level, over that of all customers (x), or less it (+, -)."]
    print_table(TextTable("What tells them apart, the most first", columns, rows, caption=caption))


def feature_of(row: FeatureRow) -> str:
    """A feature, with its level or its unit."""
    if row.level is not None:
        return f"{row.feature} = {row.level}"
    return f"{row.feature} ({row.unit})" if row.unit else row.feature


def _here(row: FeatureRow) -> tuple[str, str]:
    write = style.percent if row.level is not None else style.number
    return write(row.mean), write(row.population)


def _lift(row: FeatureRow) -> tuple[str, str]:
    """How many times the mean of all customers, with its interval; the difference, where a mean can be below zero."""
    if row.lift is not None:
        low, high = row.lift_low, row.lift_high
        return f"x{row.lift:.2f}", "" if low is None or high is None else f"{low:.2f} to {high:.2f}"
    if row.apart is None:
        return "", ""
    return style.signed(style.number(row.apart)), style.between(row.apart_low, row.apart_high)


def _actions(found: SegmentOutput, *, full: bool) -> None:
    title = "What to do, and why" if full else "What to do"
    columns = [Column("Segment", False), Column("Action", False), Column(title, False)]
    rows = []
    for row in found.actions:
        what = f"{row.do}\n{row.why}".strip() if full else row.do
        rows.append([named(row.number, row.segment), row.action, what])
    print_table(TextTable("What to do", columns, rows))
