"""The columns of a table of leads by their roles, before any rule is applied to them; all of it stays in the engine."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from attribution.config import LeadsSection
from attribution.leads_labels import CUSTOMER, joined
from attribution.leads_text import ROW, Typed, typed
from outlay.catalogue import CATALOGUE as TABLES
from outlay.cells import check_names
from outlay.errors import DataError
from outlay.findings import Finding
from outlay.labels import Labels
from outlay.places import place
from outlay.sources import Relation

FEATURE = "x_"
"""Stands before the source's name of a feature, so that none meets a normalised column."""


@dataclass(frozen=True, eq=False)
class Given:
    """A table of leads whose columns are typed.

    Attributes
    ----------
    relation : Relation
        The open source.
    source : str
    section : LeadsSection
    table : Ibis table
        ``id``, ``user``, ``created``, ``day_j`` or ``flag_j`` of each stage, the grouping columns by their role as they
        are written, ``value`` and ``score``; those that the section names. What else was asked for, under ``x_`` and
        its name. Where labels are joined rows come in any order, with ``outlay_row``.
    has_days : tuple of bool
        Which stages hold days.
    findings : tuple of Finding
    """

    relation: Relation
    source: str
    section: LeadsSection
    table: ir.Table
    has_days: tuple[bool, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def numbered(self) -> ir.Table:
        """The table with ``outlay_row``: the line of a text file, elsewhere the row from 1."""
        return self.table if ROW in self.table.columns else self.table.mutate(**{ROW: ibis.row_number() + 1})


def columns_of(section: LeadsSection) -> tuple[str, ...]:
    """The columns of the source that the section names, each once."""
    dims = [column for role, column in section.dims.items() if role != "segment" or section.labels is None]
    named = (section.id, section.user, section.date, *section.stages, *dims, section.value, section.score)
    customer = None if section.labels is None else section.labels.customer
    return tuple(dict.fromkeys(name for name in (*named, customer) if name is not None))


def given(
    relation: Relation,
    source: str,
    section: LeadsSection,
    extra: Collection[str] = (),
    labels: Labels | None = None,
) -> Given:
    """Type the columns of an open source by their roles, and join the labels that the section asks for.

    Raises
    ------
    DataError
        D005, D006: a column twice or not at all. D0xx, L001: a column of another kind, text that cannot be read.
        L051: no lead's customer has a segment.
    """
    named = columns_of(section)
    check_names(relation, source, (*named, *extra))
    found = typed(relation, source, section, (*named, *extra))
    findings = [*found.findings]
    selected = _selected(found, source, section, findings)
    selected |= {f"{FEATURE}{name}": found.relation.table[found.relation.columns[name]] for name in extra}
    if findings and any(finding.severity == "error" for finding in findings):
        raise DataError(findings)
    has_days = tuple(f"day_{j}" in selected for j in range(len(section.stages)))
    told = joined(found.relation, source, section, found.relation.table.select(**selected), labels)
    return Given(found.relation, source, section, told.table, has_days, (*findings, *told.findings))


def _selected(found: Typed, source: str, section: LeadsSection, findings: list[Finding]) -> dict[str, ir.Value]:
    table = found.relation.table
    selected: dict[str, ir.Value] = {}
    if section.id is not None:
        selected["id"] = table[found.relation.columns[section.id]]
    if (user := section.user or section.id) is not None:
        selected["user"] = table[found.relation.columns[user]]

    def add(role: str, name: str, value: ir.Value | None, meant: str) -> None:
        if value is None:
            kind = str(table[found.name_of(name)].type()).lower()
            what = f"the column holds {kind}, not {meant}"
            findings.append(TABLES.finding("D027", place(source, column=name), what))
        else:
            selected[role] = value

    add("created", section.date, _day(table[found.name_of(section.date)]), "days")
    for j, name in enumerate(section.stages):
        column = table[found.name_of(name)]
        day = _day(column)
        if day is not None:
            selected[f"day_{j}"] = day
        else:
            add(f"flag_{j}", name, _flag(column), "0/1 or days")
    for role, name in _names(section).items():
        add(role, name, _name(table[found.relation.columns[name]]), "names")
    for role, column_name in (("value", section.value), ("score", section.score)):
        if column_name is not None:
            add(role, column_name, _number(table[found.name_of(column_name)]), "numbers")
    if ROW in table.columns:
        selected[ROW] = table[ROW]
    return selected


def _names(section: LeadsSection) -> dict[str, str]:
    """Columns of names by what they become."""
    if section.labels is None:
        return section.dims
    return {CUSTOMER: section.labels.customer} | {
        role: name for role, name in section.dims.items() if role != "segment"
    }


def _is_nothing(column: ir.Column) -> bool:
    """True for a column whose every cell is empty, so that no type was ever given to it."""
    kind = column.type()
    return bool(kind.is_null() or (kind.is_unknown() and str(kind.raw_type).strip('"').lower() == "null"))


def _day(column: ir.Column) -> ir.Value | None:
    kind = column.type()
    if kind.is_date():
        return column
    if _is_nothing(column):
        return column.cast("date")
    return column.date() if kind.is_timestamp() else None


def _flag(column: ir.Column) -> ir.Value | None:
    """A stage as a number: 0, 1, null, or what is neither."""
    kind = column.type()
    # through a whole number, because PostgreSQL does not cast truth to float
    return column.cast("int32").cast("float64") if kind.is_boolean() else _number(column)


def _number(column: ir.Column) -> ir.Value | None:
    """A number, null where the cell is empty: a table that went through pandas writes nan for it."""
    kind = column.type()
    if _is_nothing(column):
        return column.cast("float64")
    if kind.is_boolean() or not kind.is_numeric():
        return None
    number = column.cast("float64")
    return number.isnan().ifelse(ibis.null("float64"), number) if kind.is_floating() else number


def _name(column: ir.Column) -> ir.Value | None:
    kind = column.type()
    if kind.is_string() or _is_nothing(column):
        return column.cast("string")
    if kind.is_floating():  # whole numbers that went through pandas with an empty cell among them
        number = column.isnan().ifelse(ibis.null("float64"), column)
        return (number == number.floor()).ifelse(number.cast("int64").cast("string"), number.cast("string"))
    return column.cast("string") if kind.is_integer() or kind.is_boolean() or kind.is_date() else None
