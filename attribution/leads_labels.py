"""The segment of each lead's customer, joined to the leads where they lie."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from attribution.catalogue import CATALOGUE
from attribution.config import LeadsSection
from attribution.leads_text import ROW
from attribution.leads_words import how_many
from outlay.errors import DataError
from outlay.findings import Finding
from outlay.labels import POINTED, Labels, label_run, read_labels, runs_beside
from outlay.places import SHOWN, quoted

if TYPE_CHECKING:
    from outlay.runs import Run
    from outlay.sources import Relation

CUSTOMER = "customer"
"""Column of the customer's id beside the roles, until labels are joined."""

_KEY, _NAME, _SETTING = "label_id", "label_segment", "outlay.labels"
_FROM_SETTING = """
SELECT key AS label_id, value AS label_segment FROM json_each_text(current_setting('outlay.labels')::json)
"""


@dataclass(frozen=True, eq=False)
class Joined:
    """Leads with the segment of their customer.

    Attributes
    ----------
    table : Ibis table
        With ``segment`` in place of ``customer``, null where the customer has none, and ``outlay_row``.
    findings : tuple of Finding
    """

    table: ir.Table
    findings: tuple[Finding, ...]


def labels_for(section: LeadsSection, base: Path) -> Labels | None:
    """The labels that a section asks for; None where it asks for none.

    Raises
    ------
    ConfigError
        C023: there is no such run of segments.
    RunError
        Where the run is damaged.
    """
    if section.labels is None:
        return None
    return read_labels(runs_beside(base), section.labels.run)


def pinned(section: LeadsSection, base: Path) -> tuple[LeadsSection, tuple[Run, ...]]:
    """The section with the run of its labels by its id, and that run, as a parent of what is made from the leads.

    So one command sees the same segments wherever it reads leads, also while another writes newer ones.

    Raises
    ------
    ConfigError, RunError
        As :func:`labels_for`.
    """
    if section.labels is None:
        return section, ()
    run = label_run(runs_beside(base), section.labels.run)
    return section.model_copy(update={"labels": section.labels.model_copy(update={"run": run.id})}), (run,)


def joined(relation: Relation, source: str, section: LeadsSection, table: ir.Table, labels: Labels | None) -> Joined:
    """Join labels to leads, in the engine that holds the leads; rows keep their numbers.

    Parameters
    ----------
    relation : Relation
    source : str
    section : LeadsSection
    table : Ibis table
        Columns by their roles, and ``customer`` as text.
    labels : Labels or None
        As :func:`labels_for`; nothing is joined where the section asks for none.

    Raises
    ------
    DataError
        L051: no lead's customer has a segment.
    """
    if section.labels is None:
        return Joined(table, ())
    if labels is None:
        raise TypeError("the section asks for labels: read them with labels_for")
    numbered = table if ROW in table.columns else table.mutate(**{ROW: ibis.row_number() + 1})
    numbered = numbered.mutate(**{CUSTOMER: _spelled(relation, numbered)})
    known = _in_engine(relation, labels)
    found = numbered.left_join(known, numbered[CUSTOMER] == known[_KEY]).drop(_KEY)
    findings = _findings(relation, source, (section, labels), found)
    return Joined(found.rename(segment=_NAME).drop(CUSTOMER), findings)


def _spelled(relation: Relation, table: ir.Table) -> ir.StringValue:
    """Ids without spaces around, and without the ``.0`` of a column of 17850.0.

    Only where there are any: taking them off costs more than the join, in every query that follows.
    """
    id = table[CUSTOMER]
    bare, named = id.strip(), id.strip() != ""
    held = table.aggregate(
        padded=(id.length() != bare.length()).any(),
        some=named.any(),
        other=(named & ~bare.endswith(".0")).any(),
    )
    told = relation.backend.to_pyarrow(held).to_pylist()[0]
    found = bare if told["padded"] else id
    if told["other"] or not told["some"]:
        return found
    whole = relation.backend.to_pyarrow((~named | bare.re_search(POINTED)).all()).as_py()
    return bare.re_replace(r"\.0+$", "") if whole else found


def _in_engine(relation: Relation, labels: Labels) -> ir.Table:
    """The labels as a table of the engine that holds the leads."""
    held = {_KEY: labels.frame["id"].tolist(), _NAME: labels.frame["segment"].tolist()}
    if relation.backend.name != "postgres":
        return ibis.memtable(pa.table({name: pa.array(texts, pa.string()) for name, texts in held.items()}))
    # Leads are read in a transaction that writes nothing, so there can be no table for the labels: a setting of the
    # transaction holds them, which the server reads as a table.
    text = json.dumps(dict(zip(held[_KEY], held[_NAME], strict=True)))
    with relation.backend.con.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", (_SETTING, text))
    return relation.backend.sql(_FROM_SETTING, schema=ibis.schema({_KEY: "string", _NAME: "string"}))


def _findings(
    relation: Relation, source: str, asked: tuple[LeadsSection, Labels], table: ir.Table
) -> tuple[Finding, ...]:
    section, labels = asked
    customer = section.labels.customer if section.labels is not None else ""
    where, nobody = f"{source}, column {customer}", table[_NAME].isnull()
    counts = table.aggregate(
        rows=table.count(),
        known=table[_NAME].count(),
        named=table[CUSTOMER].count(where=table[CUSTOMER] != ""),
        customers=table[CUSTOMER].nunique(where=table[_NAME].notnull()),
        first=table["created"].min(),
    )
    told: dict[str, Any] = relation.backend.to_pyarrow(counts).to_pylist()[0]
    rows, known = int(told["rows"]), int(told["known"])
    if not rows:
        return ()  # a table without rows is refused with the other faults
    if not known:
        raise DataError([CATALOGUE.finding("L051", where, _nobody(relation, table, labels))])
    day = "" if labels.as_of is None else f", as of {labels.as_of}"
    what = (
        f"segments of {how_many(known, 'lead')} with {int(told['customers']):,} of {len(labels.frame):,} customers "
        f"come from {labels.run.id}{day}"
    )
    found = [CATALOGUE.finding("L052", where, what)]
    if known < rows:
        found.append(_without(relation, where, table.filter(nobody), (rows, known, int(told["named"]))))
    first = told["first"]
    if labels.from_value and labels.as_of is not None and first is not None and first < labels.as_of:
        what = (
            f"segments were made from {', '.join(labels.from_value)} up to {labels.as_of}, and leads were created from "
            f"{first}"
        )
        found.append(CATALOGUE.finding("L053", where, what))
    return tuple(found)


def _without(relation: Relation, where: str, bad: ir.Table, counts: tuple[int, int, int]) -> Finding:
    rows, known, named = counts
    missing = rows - known
    by_id = not relation.ordered and "id" in bad.columns
    word, column = ("lead", "id") if by_id else (relation.word, ROW)
    first = relation.backend.to_pyarrow(bad.select(column).order_by(column).limit(SHOWN))[column].to_pylist()
    strangers = bad.filter(bad[CUSTOMER] != "").select(CUSTOMER).distinct().order_by(CUSTOMER).limit(SHOWN)
    names = relation.backend.to_pyarrow(strangers)[CUSTOMER].to_pylist()
    reasons = [f"{how_many(named - known, 'lead')} of customers without one ({quoted(names)})"] if named > known else []
    reasons += [f"{how_many(rows - named, 'lead')} without a customer"] if named < rows else []
    what = f'{missing:,} of {rows:,} leads ({missing / rows:.1%}) have no segment and are "(missing)": '
    shown = f"{word}{'' if missing == 1 else 's'} {', '.join(str(row) for row in first)}"
    more = f" and {missing - len(first):,} more" if missing > len(first) else ""
    return CATALOGUE.finding("L050", f"{where}, {shown}{more}", what + ", ".join(reasons))


def _nobody(relation: Relation, table: ir.Table, labels: Labels) -> str:
    names = table.filter(table[CUSTOMER] != "").select(CUSTOMER).distinct().order_by(CUSTOMER).limit(3)
    ours = relation.backend.to_pyarrow(names)[CUSTOMER].to_pylist()
    theirs = labels.frame["id"].sort_values().head(3)
    told = f"leads name {quoted(ours)}" if ours else "no lead names a customer"
    return f"{told}, and the {len(labels.frame):,} customers of {labels.run.id} are called {quoted(theirs)}"
