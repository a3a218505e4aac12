"""The schema as SQL: tables with their comments, and views that put names beside the numbers of the latest runs."""

# ruff: noqa: S608  (names are those of the schema, quoted; nothing that a user wrote becomes a statement)

from __future__ import annotations

from collections.abc import Iterator

from cli.star.columns import Column, Kind, Table, text
from cli.star.dimensions import DIMENSIONS, RUN
from cli.star.facts import FACTS

VERSION = 1
"""Version of the schema. It rises when a table or view changes in any way that a query would notice."""

ABOUT = Table(
    "outlay_schema",
    "Which version of the schema this is.",
    (
        Column("version", Kind.WHOLE, "Version of the schema.", always=True),
        text("made_by", "Version of outlay that made it.", always=True),
    ),
    ("version",),
)

TABLES: tuple[Table, ...] = (*DIMENSIONS, *FACTS)

_NAMES = {
    "dim_channel": ("channel", "is_total"),
    "dim_group": ("group_name", "sub_group", "is_total"),
    "dim_segment": ("segment", "sub_segment", "is_total"),
    "dim_scenario": ("scenario", "evaluated"),
    "dim_date": ("date",),
}
_TOTALS = {"dim_channel": "all_channels", "dim_group": "all_groups", "dim_segment": "all_segments"}
_BY_SCENARIO = ("fact_plan", "fact_plan_period", "fact_plan_total")


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def create_table(schema: str, table: Table, *, bound: bool) -> str:
    """The statement that makes a table, with primary and foreign keys where `bound`."""
    lines = [f"{quoted(each.name)} {each.kind}{' NOT NULL' if each.always else ''}" for each in table.columns]
    if bound:
        lines.append(f"PRIMARY KEY ({', '.join(quoted(name) for name in table.key)})")
        lines += [
            f"FOREIGN KEY ({quoted(each.name)}) REFERENCES {quoted(schema)}.{each.to} ({quoted(_key_of(each.to))})"
            for each in table.links
        ]
    body = ",\n  ".join(lines)
    return f"CREATE TABLE {quoted(schema)}.{table.name} (\n  {body}\n)"


def comments(schema: str, table: Table) -> Iterator[str]:
    """The statements that tell the database what a table and its columns are."""
    place = f"{quoted(schema)}.{table.name}"
    yield f"COMMENT ON TABLE {place} IS {_literal(table.words)}"
    for column in table.columns:
        yield f"COMMENT ON COLUMN {place}.{quoted(column.name)} IS {_literal(column.words)}"


def views(schema: str) -> Iterator[tuple[str, str]]:
    """Name and statement of each view, those that others stand on first."""
    place = quoted(schema)
    # Ranks, and not "no newer one exists": Redshift refuses such subqueries.
    columns = ", ".join(quoted(name) for name in RUN.names)
    newest = f"""SELECT {columns} FROM (
  SELECT r.*, row_number() OVER (PARTITION BY project, kind ORDER BY created DESC, run_key DESC) AS nth
  FROM {place}.dim_run r WHERE kind NOT IN ('plan', 'scenario')) ranked
WHERE nth = 1"""
    yield "v_run_latest", f"CREATE VIEW {place}.v_run_latest AS\n{newest}"
    answers = f"""SELECT run_key FROM (
  SELECT t.run_key, row_number() OVER (PARTITION BY t.scenario_key ORDER BY r.created DESC, r.run_key DESC) AS nth
  FROM {place}.fact_plan_total t JOIN {place}.dim_run r ON r.run_key = t.run_key) ranked
WHERE nth = 1"""
    yield "v_plan_run_latest", f"CREATE VIEW {place}.v_plan_run_latest AS\n{answers}"
    for fact in FACTS:
        name = f"v_{fact.name.removeprefix('fact_')}_latest"
        yield name, f"CREATE VIEW {place}.{name} AS\n{_named(place, fact)}"


def _named(place: str, fact: Table) -> str:
    """A fact's rows of the latest runs, with names in place of keys."""
    latest = "v_plan_run_latest" if fact.name in _BY_SCENARIO else "v_run_latest"
    picked = ["r.project", "r.run_id", "r.created", "r.trusted"]
    if fact.name in _BY_SCENARIO:
        picked.append("r.fit_run_id")
    joins = [f"JOIN {place}.dim_run r ON r.run_key = f.run_key", f"JOIN {place}.{latest} l ON l.run_key = f.run_key"]
    for number_, column in enumerate(each for each in fact.links if each.to != "dim_run"):
        alias, key = f"d{number_}", _key_of(column.to)
        joins.append(f"JOIN {place}.{column.to} {alias} ON {alias}.{quoted(key)} = f.{quoted(column.name)}")
        picked += [f"{alias}.{quoted(name)}{_renamed(column, name)}" for name in _NAMES[column.to]]
    picked += [f"f.{quoted(column.name)}" for column in fact.columns if not column.to]
    return f"SELECT {', '.join(picked)}\nFROM {place}.{fact.name} f\n" + "\n".join(joins)


def _renamed(column: Column, name: str) -> str:
    """A date goes by the name of the column that leads to it; totals say of what."""
    if name == "is_total":
        return f" AS {_TOTALS[column.to]}"
    if column.to == "dim_date":
        return f" AS {quoted(column.name.removesuffix('_key'))}"
    return ""


def _key_of(dimension: str) -> str:
    return next(table.key[0] for table in DIMENSIONS if table.name == dimension)


def _literal(words: str) -> str:
    return "'" + words.replace("'", "''") + "'"
