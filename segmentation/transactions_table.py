"""An open table of purchases: one row per purchase in the engine, typed, with every row that is none told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from outlay.catalogue import CATALOGUE as TABLES
from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.places import place
from outlay.sources import Relation, Wanted, opened
from segmentation.catalogue import CATALOGUE
from segmentation.clean import today
from segmentation.config import CustomersSection, TransactionsSection
from segmentation.customers_words import how_many, money
from segmentation.transactions_typed import ROW, typed

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


@dataclass(frozen=True, eq=False)
class Purchases:
    """Purchases in the engine, checked. Rows are Ibis expressions; nothing is read before it is asked for.

    Attributes
    ----------
    relation : Relation
        The open source; its backend executes the expressions below.
    section : TransactionsSection
    source : str
    rows : Ibis table
        One row per row of the source that names a customer, up to `as_of`: ``customer`` (text), ``day`` (date),
        ``order`` (text; where one is named), ``amount`` (0 where it is empty), ``items`` (where a quantity is
        named).
    as_of : date
        Day that time is counted to.
    has_returns : bool
        Whether any amount is below zero.
    n_rows : int
        Rows of the source.
    first, last : date
        First and last day in `rows`.
    findings : tuple of Finding
    """

    relation: Relation
    section: TransactionsSection
    source: str
    rows: ir.Table
    as_of: date
    has_returns: bool
    n_rows: int
    first: date
    last: date
    findings: tuple[Finding, ...]

    @property
    def has_items(self) -> bool:
        """Whether a quantity is named."""
        return "items" in self.rows.columns


def transactions_of(section: CustomersSection) -> TransactionsSection:
    """The part of the section that is about purchases.

    Raises
    ------
    ConfigError
        C007 where there is none.
    """
    from outlay.errors import ConfigError

    if section.transactions is None:
        raise ConfigError(
            "this needs purchases, and the project file names none",
            where="[customers]",
            repair="Add [customers.transactions] with source, customer, date and amount.",
            id="C007",
        )
    return section.transactions


@contextmanager
def open_purchases(
    section: CustomersSection, base: Path, as_of: date | None = None, *, currency: str = ""
) -> Iterator[Purchases]:
    """Open the table of purchases, check every row, and close it behind.

    Parameters
    ----------
    section : CustomersSection
    base : Path
        Folder at which relative paths start.
    as_of : date, optional
        Day after which nothing is known. Default: as the section says, else the latest day in the table.
    currency : str
        Of the amounts, for messages.

    Raises
    ------
    ConfigError
        C007, C010 to C014: no purchases named, no such file, kind of source, or table.
    DataError
        D0xx, K023 to K029: every error of the table together.
    """
    bought = transactions_of(section)
    wanted = Wanted(columns_of(bought), bought.csv.encoding, bought.csv.separator)
    with opened(bought.source, Path(base), wanted) as relation:
        yield purchases_of(relation, bought.source, bought, currency, as_of or section.as_of)


def columns_of(section: TransactionsSection) -> tuple[str, ...]:
    """The columns that the section names, each once."""
    named = (section.customer, section.date, section.order, section.amount, section.quantity, section.price)
    return tuple(dict.fromkeys(name for name in named if name is not None))


def purchases_of(
    relation: Relation, source: str, section: TransactionsSection, currency: str, as_of: date | None
) -> Purchases:
    """The purchases of an open source; see :func:`open_purchases`."""
    found = typed(relation, source, section, columns_of(section))
    table = found.table
    facts = {**_facts(found.relation, table, as_of), "currency": currency}
    when = as_of or facts["latest"]
    findings = [*found.findings, *_impossible(found.relation, source, section, table, facts)]
    if not errors(findings) and (when is None or not facts["bought"]):
        what = f"{how_many(facts['rows'], 'row')}, and none is a purchase" + (f" by {when}" if as_of else "")
        findings.append(CATALOGUE.finding("K029", source, what))
    if errors(findings) or when is None:
        raise DataError(findings)
    if as_of is None:
        what = f"no as_of is stated: time is counted to {when}, the latest day in the table"
        findings.append(CATALOGUE.finding("K015", source, what))
    findings += _told(found.relation, source, section, table, facts, when)
    rows = table.filter(table["customer"].notnull() & (table["day"] <= ibis.literal(when, type="date")))
    rows = rows.mutate(amount=ibis.coalesce(rows["amount"], 0.0))
    return Purchases(
        relation=found.relation,
        section=section,
        source=source,
        rows=rows.drop(*({ROW} & set(rows.columns))),
        as_of=when,
        has_returns=facts["returns"] > 0,
        n_rows=facts["rows"],
        first=facts["first"],
        last=min(when, facts["last"]),
        findings=tuple(findings),
    )


def _count(condition: ir.BooleanValue) -> ir.IntegerScalar:
    return condition.ifelse(1, ibis.null("int64")).count()


def _facts(relation: Relation, table: ir.Table, as_of: date | None) -> Mapping[str, Any]:
    """What the checks need, in one scan."""
    day, amount, known = table["day"], table["amount"], table["customer"].notnull()
    edge = ibis.literal(as_of or today(), type="date")
    seen = known & (day <= edge)
    nothing = ibis.null("float64")
    parts = {
        "rows": table.count(),
        "nobody": _count(~known),
        "nobody_money": known.ifelse(nothing, amount).sum(),
        "money": amount.sum(),
        "undated": _count(day.isnull()),
        "outside": _count((day < ibis.literal(FIRST, type="date")) | (day > ibis.literal(LAST, type="date"))),
        "infinite": _count(amount.isinf()),
        "later": _count(known & (day > edge)),
        "latest": seen.ifelse(day, ibis.null("date")).max(),
        "first": seen.ifelse(day, ibis.null("date")).min(),
        "last": known.ifelse(day, ibis.null("date")).max(),
        "bought": _count(seen & (amount > 0)),
        "returns": _count(seen & (amount < 0)),
        "returned": (seen & (amount < 0)).ifelse(amount, nothing).sum(),
        "free": _count(seen & (amount == 0)),
        "blank": _count(seen & amount.isnull()),
        "twice": _count(seen & (amount > 0) & (table["items"] < 0)) if "items" in table.columns else ibis.literal(0),
    }
    row = relation.backend.to_pyarrow(table.aggregate(**parts)).to_pylist()[0]
    return {name: row[name] if row[name] is not None or name in ("latest", "first", "last") else 0 for name in parts}


def _where(relation: Relation, source: str, column: str, table: ir.Table, bad: ir.BooleanValue, count: int) -> str:
    """The place of rows that meet a condition, with the numbers of the first few."""
    if not relation.ordered:
        return place(source, column=column)
    numbered = table if ROW in table.columns else table.mutate(**{ROW: ibis.row_number() + 1})
    marked = numbered.mutate(outlay_bad=bad)
    found = marked.filter(marked["outlay_bad"]).select(ROW).order_by(ROW).limit(5)
    rows = relation.backend.to_pyarrow(found)[ROW].to_pylist()
    shown = ", ".join(f"{row}" for row in rows)
    more = f" and {count - len(rows):,} more" if count > len(rows) else ""
    return f"{place(source, column=column)}, {relation.word}{'' if count == 1 else 's'} {shown}{more}"


def _impossible(
    relation: Relation, source: str, section: TransactionsSection, table: ir.Table, facts: Mapping[str, Any]
) -> Iterator[Finding]:
    day = table["day"]
    if facts["undated"]:
        where = _where(relation, source, section.date, table, day.isnull(), facts["undated"])
        yield TABLES.finding("D030", where, f"{how_many(facts['undated'], 'cell')} without a date")
    if facts["outside"]:
        bad = (day < ibis.literal(FIRST, type="date")) | (day > ibis.literal(LAST, type="date"))
        where = _where(relation, source, section.date, table, bad, facts["outside"])
        yield TABLES.finding("D037", where, f"{how_many(facts['outside'], 'row')} with a date outside 1900 to 2199")
    if facts["infinite"]:
        where = _where(relation, source, _money(section), table, table["amount"].isinf(), facts["infinite"])
        yield TABLES.finding("D025", where, how_many(facts["infinite"], "infinite amount"))
    if facts["nobody"] and section.without_customer == "refuse":
        where = _where(relation, source, section.customer, table, table["customer"].isnull(), facts["nobody"])
        yield CATALOGUE.finding("K023", where, f"without a customer: {_nobody(facts)}")


def _nobody(facts: Mapping[str, Any]) -> str:
    part = facts["nobody"] / max(facts["rows"], 1)
    held = f"{money(facts['nobody_money'], facts['currency'])} of {money(facts['money'], facts['currency'])}"
    return f"{how_many(facts['nobody'], 'row')} of {facts['rows']:,} ({part:.1%}), with {held}"


def _money(section: TransactionsSection) -> str:
    return section.amount or f"{section.quantity} x {section.price}"


def _told(
    relation: Relation,
    source: str,
    section: TransactionsSection,
    table: ir.Table,
    facts: Mapping[str, Any],
    when: date,
) -> Iterator[Finding]:
    """Rows that are left out or are no purchases."""
    known = table["customer"].notnull()
    if facts["nobody"]:
        where = _where(relation, source, section.customer, table, ~known, facts["nobody"])
        yield CATALOGUE.finding("K024", where, f"without a customer: {_nobody(facts)}, left out")
    if facts["later"]:
        bad = known & (table["day"] > ibis.literal(when, type="date"))
        where = _where(relation, source, section.date, table, bad, facts["later"])
        verb = "is" if facts["later"] == 1 else "are"
        yield CATALOGUE.finding("K016", where, f"{how_many(facts['later'], 'row')} after {when} {verb} left out")
    parts = []
    if facts["returns"]:
        done = "subtracted from what was spent" if section.returns == "subtract" else "left out"
        parts.append(f"{how_many(facts['returns'], 'return')} ({money(facts['returned'], facts['currency'])}), {done}")
    if facts["free"]:
        parts.append(f"{how_many(facts['free'], 'row')} with an amount of 0, no orders")
    if facts["blank"]:
        parts.append(f"{how_many(facts['blank'], 'row')} without an amount, counted as 0")
    if facts["twice"]:
        parts.append(f"{how_many(facts['twice'], 'row')} with both a quantity and a price below 0, counted as bought")
    if parts:
        yield CATALOGUE.finding("K026", place(source, column=_money(section)), "; ".join(parts))
