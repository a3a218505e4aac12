"""What is wrong with a table of leads, from what its scan counted: every finding with its rows."""

from __future__ import annotations

import ibis.expr.types as ir

from attribution.catalogue import CATALOGUE
from attribution.leads_facts import Facts
from attribution.leads_given import Given
from attribution.leads_rules import Rule
from attribution.leads_text import ROW
from outlay.catalogue import CATALOGUE as TABLES
from outlay.findings import Finding
from outlay.places import SHOWN


def fact_findings(given: Given, facts: Facts) -> list[Finding]:
    """Findings of the rules that rows break, of ids, and of a table without rows."""
    if not facts.rows:
        return [TABLES.finding("D004", given.source, "the table has no rows")]
    return [_broken(given, rule, rows) for rule, rows in facts.broken]


def _broken(given: Given, rule: Rule, rows: int) -> Finding:
    table = given.numbered
    where = (
        f"{given.source}, column {' and '.join(rule.columns)}, {rows_of(given, table.filter(rule.bad(table)), rows)}"
    )
    catalogue = CATALOGUE if rule.id in CATALOGUE else TABLES
    return catalogue.finding(rule.id, where, rule.words(rows))


def rows_of(given: Given, bad: ir.Table, count: int) -> str:
    """The first rows and how many more there are: ``lines 5, 9 and 40 more``."""
    word = given.relation.word
    found = given.relation.backend.to_pyarrow(bad.select(ROW).order_by(ROW).limit(SHOWN))[ROW].to_pylist()
    shown = f"{word}{'' if count == 1 else 's'} {', '.join(str(row) for row in found)}"
    return f"{shown} and {count - len(found):,} more" if count > len(found) else shown
