"""What is wrong with a table of leads, from what its scan counted: every finding with its rows."""

from __future__ import annotations

from collections.abc import Iterator

import ibis.expr.types as ir

from attribution.catalogue import CATALOGUE
from attribution.leads_facts import Facts
from attribution.leads_given import Given
from attribution.leads_ids import repeated
from attribution.leads_rules import Rule
from attribution.leads_text import ROW
from attribution.leads_words import how_many
from outlay.catalogue import CATALOGUE as TABLES
from outlay.findings import Finding
from outlay.places import SHOWN, quoted


def fact_findings(given: Given, facts: Facts) -> list[Finding]:
    """Findings of the rules that rows break, of ids, and of a table without rows."""
    if not facts.rows:
        return [TABLES.finding("D004", given.source, "the table has no rows")]
    found = [_broken(given, rule, facts.reached, rows) for rule, rows in facts.broken]
    as_of = given.section.as_of
    if as_of is not None and facts.first is not None and facts.first > as_of:
        what = f"no lead was created by as_of, {as_of}: the first came on {facts.first}"
        found.append(CATALOGUE.finding("L019", f"{given.source}, column {given.section.date}", what))
    if given.section.id is not None:
        found += _ids(given, facts)
    if given.section.score is not None and facts.filled["score"] < facts.rows:
        bad = given.numbered.filter(given.numbered["score"].isnull())
        missing = facts.rows - facts.filled["score"]
        what = f'{how_many(missing, "lead")} of {facts.rows:,} without a score are a band of their own, "(missing)"'
        found.append(_finding(given, "L024", (given.section.score,), bad, missing, what))
    return found


def _ids(given: Given, facts: Facts) -> Iterator[Finding]:
    column = str(given.section.id)
    table = given.numbered
    if facts.filled["id"] < facts.rows:
        missing = facts.rows - facts.filled["id"]
        what = f"{how_many(missing, 'lead')} of {facts.rows:,} without an id"
        yield _finding(given, "L015", (column,), table.filter(table["id"].isnull()), missing, what)
    twice = repeated(given, facts.filled["id"])
    if twice is None:
        return
    first = given.relation.backend.to_pyarrow(twice.order_by("id").limit(SHOWN))["id"].to_pylist()
    total = given.relation.backend.to_pyarrow(twice.aggregate(ids=twice.count(), rows=twice["n"].sum())).to_pylist()[0]
    rows = table.filter(table["id"].isin(twice.select("id")["id"]))
    what = f"{how_many(int(total['ids']), 'id')} in {int(total['rows']):,} rows: {quoted(first)}"
    yield _finding(given, "L014", (column,), rows, int(total["rows"]), what)


def _broken(given: Given, rule: Rule, reached: tuple[int, ...], rows: int) -> Finding:
    bad = given.numbered.filter(rule.bad(given.numbered))
    return _finding(given, rule.id, rule.columns, bad, rows, rule.words(rows, reached))


def _finding(given: Given, id: str, columns: tuple[str, ...], bad: ir.Table, count: int, what: str) -> Finding:
    names = " and ".join(dict.fromkeys(columns))
    where = f"{given.source}, column{'s' * (len(columns) > 1)} {names}, {rows_of(given, bad, count)}"
    return (CATALOGUE if id in CATALOGUE else TABLES).finding(id, where, what)


def rows_of(given: Given, bad: ir.Table, count: int) -> str:
    """The first rows and how many more there are: ``lines 5, 9 and 40 more``; ids where the source has no order."""
    by_id = not given.relation.ordered and "id" in bad.columns
    word, column = ("lead", "id") if by_id else (given.relation.word, ROW)
    first = bad.select(column).order_by(column).limit(SHOWN)
    found = given.relation.backend.to_pyarrow(first)[column].to_pylist()
    shown = f"{word}{'' if count == 1 else 's'} {', '.join(str(row) for row in found)}"
    return f"{shown} and {count - len(found):,} more" if count > len(found) else shown
