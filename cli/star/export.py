"""Writing runs into a database: all of it in one transaction, each run in place of what it said before."""

# ruff: noqa: S608  (names are those of the schema, quoted; nothing that a user wrote becomes a statement)

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from cli.catalogue import CATALOGUE
from cli.outputs.export_db import ExportDbOutput, ExportedRun
from cli.star.address import Place, place_of
from cli.star.choose import Chosen, choose
from cli.star.dimensions import DIMENSIONS, RUN
from cli.star.facts import FACTS
from cli.star.keys import run_key
from cli.star.rows import About, facts_of, run_row, trusted
from cli.star.schema import ABOUT, TABLES, VERSION, comments, create_table, quoted, views
from cli.star.target import CHUNK, Target, arrow_rows
from outlay import __version__
from outlay.errors import OutlayError

if TYPE_CHECKING:
    import pandas as pd

    from cli.star.columns import Table

_MEMBERS = {table.name: table for table in DIMENSIONS}


def export_runs(
    address: str,
    root: Path,
    *,
    run: str | None = None,
    every: bool = False,
    force: bool = False,
    dry_run: bool = False,
    base: Path = Path(),
) -> ExportDbOutput:
    """Write runs as a star schema into a database.

    Parameters
    ----------
    address : str
        Where to; see :func:`cli.star.address.place_of`.
    root : Path
        The folder of runs.
    run : str or None
        One run; by default the latest of each kind.
    every : bool
        All runs.
    force : bool
        Those that did not pass the trust gate too.
    dry_run : bool
        Write nothing and leave the database alone.
    base : Path
        Where the relative path of a DuckDB file starts.

    Raises
    ------
    ConfigError
        X051, C012, C014: the address.
    RunError, TrustError
        The runs; see :func:`cli.star.choose.choose`.
    OutlayError
        X052 to X054: the database.
    """
    place = place_of(address, base)
    chosen = choose(root, run, every=every, force=force)
    if dry_run:
        return _told(place, chosen, [_count(each) for each in chosen.runs], written=False)
    with place.opened() as target:
        prepare(target)
        known: dict[str, set[object]] = {}
        for each in chosen.deleted:
            _remove(target, each)
        counts = [_write(target, each, known) for each in chosen.runs]
        target.commit()
    return _told(place, chosen, counts, written=True)


def prepare(target: Target) -> None:
    """Make the tables where there are none.

    Raises
    ------
    OutlayError
        X054, where the schema is of another version, lacks some of its tables or views, or holds other ones of their
        names.
    """
    held = target.tables()
    place = quoted(target.schema)
    made = [(view, statement) for view, statement in views(target.schema)]
    ours = [*(table.name for table in TABLES), *(view for view, _ in made)]
    if held is not None and ABOUT.name in held:
        version = target.ask(f"SELECT version FROM {place}.{ABOUT.name}")
        if version != [(VERSION,)]:
            raise _other_version(target, version)
        gone = [name for name in ours if name not in held]
        if gone:
            what = f"somebody dropped {', '.join(gone)} from the schema {target.schema}"
            raise OutlayError(what, where=target.place, repair=CATALOGUE["X054"].repair, id="X054")
        return
    foreign = sorted((held or set()) & set(ours))
    if foreign:
        what = f"the schema {target.schema} holds {', '.join(foreign)}, which outlay did not make"
        raise OutlayError(what, where=target.place, repair=CATALOGUE["X054"].repair, id="X054")
    if held is None:
        target.run(f"CREATE SCHEMA {place}")
    for table in (ABOUT, *TABLES):
        target.run(create_table(target.schema, table, bound=target.bound))
        for statement in comments(target.schema, table):
            target.run(statement)
    for _, statement in made:
        target.run(statement)
    target.run(f"INSERT INTO {place}.{ABOUT.name} VALUES ({VERSION}, '{__version__}')")


def _other_version(target: Target, version: list[tuple[object, ...]]) -> OutlayError:
    said = " and ".join(str(row[0]) for row in version) or "no version"
    what = f"the schema {target.schema} is of version {said}, and this version of outlay writes version {VERSION}"
    return OutlayError(what, where=target.place, repair=CATALOGUE["X054"].repair, id="X054")


def _write(target: Target, run: About, known: dict[str, set[object]]) -> Counter[str]:
    """Put a run's facts in place of those that the database holds of it."""
    _remove(target, run.run.id)
    _add_members(target, RUN, run_row(run), known)
    counts: Counter[str] = Counter()
    for table, rows, members in facts_of(run):
        for name, found in members.items():
            _add_members(target, _MEMBERS[name], found, known)
        for start in range(0, len(rows), CHUNK):
            target.load(table, arrow_rows(table, rows.iloc[start : start + CHUNK]))
        counts[table.name] += len(rows)
    return counts


def _remove(target: Target, run_id: str) -> None:
    for table in FACTS:
        target.run(f"DELETE FROM {quoted(target.schema)}.{table.name} WHERE run_key = {run_key(run_id)}")


def _add_members(target: Target, table: Table, members: pd.DataFrame, known: dict[str, set[object]]) -> None:
    """Add the members that a dimension does not hold yet; those that it holds never change."""
    key = table.key[0]
    if table.name not in known:
        held = target.ask(f"SELECT {quoted(key)} FROM {quoted(target.schema)}.{table.name}")
        known[table.name] = {row[0] for row in held}
    new = members[~members[key].isin(known[table.name])]
    if len(new):
        target.load(table, arrow_rows(table, new))
        known[table.name] |= set(new[key].tolist())


def _count(run: About) -> Counter[str]:
    counts: Counter[str] = Counter()
    for table, rows, _ in facts_of(run):
        counts[table.name] += len(rows)
    return counts


def _told(place: Place, chosen: Chosen, counts: list[Counter[str]], *, written: bool) -> ExportDbOutput:
    total: Counter[str] = sum(counts, Counter())
    return ExportDbOutput(
        to=place.words,
        schema_name=place.schema,
        version=VERSION,
        written=written,
        runs=[
            ExportedRun(run=run.run.id, kind=run.run.kind, trusted=trusted(run), rows=count.total())
            for run, count in zip(chosen.runs, counts, strict=True)
        ],
        tables={table.name: total[table.name] for table in FACTS if total[table.name]},
        left_out=list(chosen.left_out),
    )
