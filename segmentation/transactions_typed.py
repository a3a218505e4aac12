"""The columns of a table of purchases by their roles: expressions where the engine knows their type, else read once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from outlay.catalogue import CATALOGUE as TABLES
from outlay.cells import check_names
from outlay.errors import DataError
from outlay.findings import Finding
from outlay.labels import POINTED
from outlay.places import place
from outlay.sources import Relation
from segmentation.catalogue import CATALOGUE
from segmentation.config import TransactionsSection
from segmentation.customers_columns import read_columns
from segmentation.customers_kinds import Kind
from segmentation.customers_words import spoken

ROW = "outlay_row"
"""Column of the table that holds the line of each row of a text file."""

_PER_DAY = {"s": 86_400, "ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
_EPOCH = ibis.date(1970, 1, 1)
_EXCEL_EPOCH = ibis.date(1899, 12, 30)
_AS_DATES = (19_000_101, 21_991_231)
_UNITS = (("excel", 20_000, 80_000), ("s", 1e8, 1e10), ("ms", 1e11, 1e13), ("us", 1e14, 1e16), ("ns", 1e17, 1e19))


@dataclass(frozen=True, eq=False)
class Typed:
    """A table of purchases whose columns are typed.

    Attributes
    ----------
    relation : Relation
    table : Ibis table
        ``customer`` (text or null), ``day``, ``order`` (text, where named), ``amount``, ``items`` (where a quantity is
        named), and ``outlay_row`` where the source is text.
    findings : tuple of Finding
    """

    relation: Relation
    table: ir.Table
    findings: tuple[Finding, ...]


def typed(relation: Relation, source: str, section: TransactionsSection, names: Collection[str]) -> Typed:
    """Type the columns of an open source by their roles.

    Raises
    ------
    DataError
        D005, D006: a column twice or not at all. D0xx, K025: text that cannot be read, days of unknown unit.
    """
    check_names(relation, source, names)
    relation, findings = _from_text(relation, source, section, names)
    table = relation.table
    columns = {name: table[relation.columns[name]] for name in names}
    wrong: list[Finding] = []
    day = _day(relation, source, section, columns[section.date], wrong)
    amounts = {
        name: _number(columns[name], name, source, wrong)
        for name in (section.amount, section.quantity, section.price)
        if name is not None
    }
    if wrong or day is None:
        raise DataError([*findings, *wrong])
    selected: dict[str, ir.Value] = {"customer": _customer(relation, columns[section.customer]), "day": day}
    if section.order is not None:
        selected["order"] = ibis.coalesce(_name(columns[section.order]), day.cast("string"))
    if section.amount is not None:
        selected["amount"] = amounts[section.amount]
    else:
        selected["amount"] = amounts[str(section.quantity)] * amounts[str(section.price)]
    if section.quantity is not None:
        selected["items"] = amounts[section.quantity]
    if ROW in table.columns:
        selected[ROW] = table[ROW]
    return Typed(relation, table.select(**selected), tuple(findings))


def _from_text(
    relation: Relation, source: str, section: TransactionsSection, names: Collection[str]
) -> tuple[Relation, tuple[Finding, ...]]:
    """Columns that are text where a day or a number is meant, read strictly and put back into the engine."""

    def is_text(name: str) -> bool:
        return bool(relation.table[relation.columns[name]].type().is_string())

    meant: dict[str, Kind | None] = {}
    if _counts_as_date(relation, section):
        meant[section.date] = Kind.DATE
    elif is_text(section.date):
        meant[section.date] = Kind.NUMBER if section.date_unit else Kind.DATE
    for name in (section.amount, section.quantity, section.price):
        if name is not None and is_text(name):
            meant[name] = Kind.NUMBER
    if not meant and relation.lines is None:
        return relation, ()
    held = relation.backend.to_pyarrow(relation.table.select(*[relation.columns[name] for name in names]))
    arrays = {f"c{place}": held[relation.columns[name]] for place, name in enumerate(names)}
    findings: tuple[Finding, ...] = ()
    rows = np.arange(1, held.num_rows + 1)
    if meant:
        read = read_columns(relation, source, section.csv, meant, others=False)
        findings, rows = read.findings, read.lines
        for place_of, name in enumerate(names):
            if name in read.frame:
                values = read.frame[name]
                is_day = read.kinds[name] is Kind.DATE
                array = pa.array(
                    values.dt.date if is_day else values, pa.date32() if is_day else pa.float64(), from_pandas=True
                )
                arrays[f"c{place_of}"] = array
    table = ibis.memtable(pa.table({**arrays, ROW: pa.array(relation.lines if relation.lines is not None else rows)}))
    return replace(relation, table=table, columns={name: f"c{place}" for place, name in enumerate(names)}), findings


def _extremes(relation: Relation, column: ir.Column) -> tuple[float, float] | None:
    """Least and greatest number of a column; None where it is empty."""
    number = _plain(column)
    found = relation.backend.to_pyarrow(relation.table.aggregate(low=number.min(), high=number.max())).to_pylist()[0]
    return None if found["low"] is None else (float(found["low"]), float(found["high"]))


def _counts_as_date(relation: Relation, section: TransactionsSection) -> bool:
    """True where whole numbers are written as 20120904."""
    column = relation.table[relation.columns[section.date]]
    kind = column.type()
    if section.date_unit is not None or not (kind.is_integer() or kind.is_floating()):
        return False
    found = _extremes(relation, column)
    return found is not None and found[0] >= _AS_DATES[0] and found[1] <= _AS_DATES[1]


def _day(
    relation: Relation, source: str, section: TransactionsSection, column: ir.Column, wrong: list[Finding]
) -> ir.DateValue | None:
    kind = column.type()
    if kind.is_date():
        return column
    if kind.is_timestamp():
        return column.date()
    if not kind.is_numeric() or kind.is_boolean():
        what = f"the column holds {str(kind).lower()}, not days"
        wrong.append(TABLES.finding("D027", place(source, column=section.date), what))
        return None
    if section.date_unit is None:
        wrong.append(_unknown_unit(relation, source, section, column))
        return None
    number = _plain(column)
    if section.date_unit == "excel":
        return _EXCEL_EPOCH + number.floor().cast("int64").as_interval("D")
    days = (number / _PER_DAY[section.date_unit]).floor().cast("int64")
    return _EPOCH + days.as_interval("D")


def _unknown_unit(relation: Relation, source: str, section: TransactionsSection, column: ir.Column) -> Finding:
    """What the numbers look like, as the line to write."""
    found, where = _extremes(relation, column), place(source, column=section.date)
    if found is None:
        return TABLES.finding("D030", where, "not one cell holds a day")
    low, high = found
    what = f"numbers between {spoken(low)} and {spoken(high)} where days are meant"
    unit = next((unit for unit, least, most in _UNITS if least <= low and high < most), None)
    if unit is None:
        return CATALOGUE.finding("K025", where, what)
    meant = "days of a spreadsheet" if unit == "excel" else f"counted from 1970 in {unit}"
    repair = f'They look {meant}: write date_unit = "{unit}" under [customers.transactions].'
    return CATALOGUE.finding("K025", where, what, repair.replace("look days", "look like days"))


def _plain(column: ir.Column) -> ir.NumericValue:
    number = column.cast("float64")
    return number.isnan().ifelse(ibis.null("float64"), number)


def _number(column: ir.Column, name: str, source: str, wrong: list[Finding]) -> ir.NumericValue:
    kind = column.type()
    if kind.is_null():
        return column.cast("float64")
    if not kind.is_numeric() or kind.is_boolean():
        what = f"the column holds {str(kind).lower()}, not numbers"
        wrong.append(TABLES.finding("D027", place(source, column=name), what))
        return ibis.null("float64")
    return _plain(column)


def _customer(relation: Relation, column: ir.Column) -> ir.StringValue:
    """The customer's id as text; a column of nothing but 17850.0 as text is one of 17850."""
    found = _name(column)
    if not column.type().is_string():
        return found
    other = (found.notnull() & ~found.endswith(".0")).any()
    if relation.backend.to_pyarrow(other).as_py():
        return found
    whole = relation.backend.to_pyarrow((found.isnull() | found.re_search(POINTED)).all()).as_py()
    return found.re_replace(r"\.0+$", "") if whole else found


def _name(column: ir.Column) -> ir.StringValue:
    """An id as text, null where it is empty; 17850.0 is the id 17850 that went through pandas."""
    kind = column.type()
    if kind.is_floating():
        number = column.isnan().ifelse(ibis.null("float64"), column)
        return (number == number.floor()).ifelse(number.cast("int64").cast("string"), number.cast("string"))
    return column.cast("string").strip().nullif("")
