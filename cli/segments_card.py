"""The model card of segments: what they are, what they rest on and what they are not for, in one Markdown file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from outlay import style

if TYPE_CHECKING:
    from segmentation.document import SegmentOutput
    from segmentation.prepare import Preparation
    from segmentation.prepare_fields import NumberField

_FOUR_FIFTHS = 0.8
_NOT_FOR = (
    "They describe customers as they were on the day of the table; nobody is in a segment for good.",
    "They are made by a method: another would draw other borders, and customers of low sureness lie at a border.",
    "That a segment spends more with a programme is an association, not what the programme brings.",
    "They are not made for decisions on single people about credit, work, housing, insurance or prices.",
)


def card(found: SegmentOutput, preparation: Preparation, versions: Mapping[str, str]) -> str:
    """The card as Markdown.

    Parameters
    ----------
    found : SegmentOutput
    preparation : Preparation
        What was done to each feature.
    versions : mapping of str to str
        Of the packages that made the run.
    """
    sections = (
        _head(found),
        _data(found),
        _features(preparation),
        _method(found),
        _segments(found),
        _protected(found),
        ["## What they are not for", "", *(f"* {line}" for line in _NOT_FOR)],
        _findings(found),
        ["## Made with", "", ", ".join(f"{name} {version}" for name, version in versions.items()) + "."],
    )
    return "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n"


def _text(value: object) -> str:
    """Text that stays in its cell and is no markup."""
    said = " ".join(str(value).split())
    for sign in "\\`*_[]<>|#":
        said = said.replace(sign, f"\\{sign}")
    return said


def _table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    lines = [headers, ["---"] * len(headers), *([_text(cell) for cell in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _head(found: SegmentOutput) -> list[str]:
    run = f"Run `{found.run}`" if found.run else "No run was kept"
    parent = f", numbers and names from `{found.parent}`" if found.parent else ""
    return [f"# Segments of {_text(found.project)}: {found.k} kinds of customers", "", f"{run}{parent}."]


def _data(found: SegmentOutput) -> list[str]:
    day = f", as of {found.as_of}" if found.as_of else ""
    value = f" Value: {_text(found.value_name)}, in {found.currency}." if found.value_name else ""
    who = f" Customers are named by `{found.id}`." if found.id else " Customers have no ids: rows are counted."
    return ["## Data", "", f"{found.customers:,} customers of {_text(found.source)}{day}.{value}{who}"]


def _features(preparation: Preparation) -> list[str]:
    rows = [(field.name, "number", field.unit, f"{field.weight:g}", _done(field)) for field in preparation.numbers]
    for category in preparation.categories:
        levels = f"{len(category.levels)} levels"
        few = f"; {len(category.other)} rare ones together" if category.other else ""
        rows.append((category.name, "category", "", f"{category.weight:g}", levels + few))
    note = "Empty cells pull to no segment. Protected columns are not among the features."
    return ["## Features", "", *_table(("Feature", "Kind", "Unit", "Weight", "What was done"), rows), "", note]


def _done(field: NumberField) -> str:
    from segmentation.customers_words import spoken

    done = []
    if field.clipped:
        done.append(f"pulled in to {spoken(field.low)} ... {spoken(field.high)}")
    if field.log:
        done.append("compared on a log scale")
    return "; ".join([*done, "scaled to unit spread"])


def _method(found: SegmentOutput) -> list[str]:
    lines = ["## Method", "", f"{found.method}. {_text(found.reason)}"]
    there = [row for row in found.choice if row.stability is not None]
    if there:
        rows = [
            (
                row.k,
                *(style.number(each) for each in (row.silhouette, row.stability, row.stability_low)),
                _verdict(row.why),
            )
            for row in there
        ]
        lines += ["", *_table(("Segments", "Silhouette", "Stability", "Least stable", "Verdict"), rows)]
    return lines


def _verdict(why: str) -> str:
    return why or "allowed"


def _segments(found: SegmentOutput) -> list[str]:
    money = any(row.value is not None for row in found.segments)
    headers = ["Number", "Name", "Named by", "Customers", "Share"]
    headers += ["Share of value", f"Value per customer ({found.hdi:.0%})"] if money else []
    rows = []
    for row in found.segments:
        cells = [row.number, row.segment, row.origin, style.amount(row.customers), style.percent(row.size_share)]
        if money:
            between = style.between(row.value_per_customer_low, row.value_per_customer_high)
            each = style.money(row.value_per_customer, found.currency)
            cells += [style.percent(row.value_share), f"{each} ({between})" if between else each]
        back = "" if row.stability is None else style.percent(row.stability, 0)
        rows.append([*cells, back, _two(row.sureness)])
    note = "Comes back: how much of a segment is found again in resamples of the customers; below 60 % do not trust it."
    return ["## Segments", "", *_table([*headers, "Comes back", "Sureness"], rows), "", note]


def _two(value: float | None) -> str:
    return style.MISSING if value is None else f"{value:.2f}"


def _protected(found: SegmentOutput) -> list[str]:
    if not found.bias:
        return ["## Protected columns", "", "None was named, so that nothing is known of fairness."]
    rows = list(_rates(found))
    note = f"Shown where the ratio to the highest rate of the column is surely below {_FOUR_FIFTHS}."
    columns = ", ".join(_text(name) for name in dict.fromkeys(row.column for row in found.bias))
    if not rows:
        return ["## Protected columns", "", f"{columns}: no rate is surely below {_FOUR_FIFTHS} of the highest."]
    headers = ("Column", "Level", "Of", f"Rate ({found.hdi:.0%})", "Ratio to the highest")
    return ["## Protected columns", "", f"{columns}. {note}", "", *_table(headers, rows)]


def _rates(found: SegmentOutput) -> Iterator[tuple[object, ...]]:
    for row in found.bias:
        if row.ratio_high is not None and row.ratio_high < _FOUR_FIFTHS:
            of = row.segment if row.number is not None else row.outcome
            rate = f"{style.percent(row.rate)} ({style.percent(row.low)} to {style.percent(row.high)})"
            yield row.column, row.level, of, rate, _two(row.ratio)


def _findings(found: SegmentOutput) -> list[str]:
    told = [row for row in found.findings if row.severity == "warning"]
    if not told:
        return []
    rows = [(row.id, row.where, row.what) for row in told]
    return ["## Warnings", "", *_table(("Id", "Where", "What"), rows)]
