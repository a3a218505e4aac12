"""What small counts of all leads show: empty, unknown, padded and doubtful names, and weeks without leads."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

import ibis.expr.types as ir
import pandas as pd

from attribution.catalogue import CATALOGUE
from attribution.leads import MISSING_LEVEL
from attribution.leads_given import Given
from attribution.leads_words import how_many
from outlay.catalogue import CATALOGUE as TABLES
from outlay.findings import Finding
from outlay.places import SHOWN, first_few, quoted

MANY = 1000
"""Levels of one column past which it is taken for something else than a grouping."""


def level_findings(given: Given, rows: ir.Table) -> list[Finding]:
    """Findings about the names in every grouping column that the section names, and about weeks without leads."""
    roles = list(given.section.dims)
    findings = list(_weeks(given, rows))
    if not roles:
        return findings
    combined = rows.group_by(roles).aggregate(n=rows.count())
    found = given.relation.backend.to_pyarrow(combined).to_pandas()
    for role, column in given.section.dims.items():
        sizes = found.groupby(role, dropna=False)["n"].sum()
        findings += _names(given, column, sizes)
        if role == "segment":
            findings += _unknown(given, column, sizes)
    for part, whole in (("sub_segment", "segment"), ("sub_region", "region")):
        if part in roles:
            findings += _parts(given, part, whole, found)
    return findings


def _names(given: Given, column: str, sizes: pd.Series) -> Iterator[Finding]:
    where = f"{given.source}, column {column}"
    written = [str(name) for name in sizes.index if isinstance(name, str)]
    missing = int(sizes[[not (isinstance(name, str) and name.strip()) for name in sizes.index]].sum())
    joined = given.section.labels is not None and column == given.section.labels.column  # told as L050
    if missing and not joined:
        what = (
            f'{how_many(missing, "lead")} of {int(sizes.sum()):,} without a name are a level of their own, "(missing)"'
        )
        yield CATALOGUE.finding("L020", where, what)
    padded = [name for name in written if name != name.strip() and name.strip()]
    if padded:
        rows = int(sizes[padded].sum())
        yield TABLES.finding("D041", where, f"{how_many(rows, 'name')} with spaces around: {quoted(padded)}")
    names = sorted({name.strip() for name in written if name.strip()})
    folded: dict[str, list[str]] = {}
    for name in names:
        folded.setdefault(name.casefold(), []).append(name)
    twice = [name for spellings in folded.values() if len(spellings) > 1 for name in spellings]
    if twice:
        what = f"{quoted(twice)} differ in capitals only and are levels of their own"
        yield CATALOGUE.finding("L023", where, what)
    if len(names) > MANY:
        yield CATALOGUE.finding("L025", where, f"{len(names):,} different names in {int(sizes.sum()):,} leads")


def _weeks(given: Given, rows: ir.Table) -> Iterator[Finding]:
    """Weeks between the first lead and the last in which nobody came."""
    days = given.relation.backend.to_pyarrow(rows.group_by("created").aggregate(n=rows.count()))
    created = pd.to_datetime(pd.Series(days["created"].to_pandas()))
    mondays = pd.DatetimeIndex((created - pd.to_timedelta(created.dt.day_of_week, unit="D")).unique())
    empty = pd.date_range(mondays.min(), mondays.max(), freq="7D").difference(mondays)
    if len(empty):
        told = first_few(day.date().isoformat() for day in empty)
        more = f" and {len(empty) - SHOWN} more" if len(empty) > SHOWN else ""
        what = f"{how_many(len(empty), 'week')} without a lead, beginning {told}{more}"
        yield CATALOGUE.finding("L040", f"{given.source}, column {given.section.date}", what)


def _unknown(given: Given, column: str, sizes: pd.Series) -> Iterator[Finding]:
    known = given.section.segments
    if known is None:
        return
    where = f"{given.source}, column {column}"
    named = sizes.groupby([name.strip() if isinstance(name, str) else "" for name in sizes.index]).sum()
    strange = [name for name in named.index if name and name not in known]
    if strange:
        folded = {each.casefold(): each for each in known}
        told = []
        for name in strange:
            near = difflib.get_close_matches(name.casefold(), folded, n=1)
            hint = f' (did you mean "{folded[near[0]]}"?)' if near else ""
            told.append(f'"{name}" with {how_many(int(named[name]), "lead")}{hint}')
        what = f"{how_many(len(strange), 'segment')} not among `segments`, kept as they are: {'; '.join(told[:SHOWN])}"
        more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
        yield CATALOGUE.finding("L021", where, what + more)
    absent = [name for name in known if name not in named.index]
    if absent:
        yield CATALOGUE.finding("L026", where, f"no lead is in {quoted(absent)}")


def _parts(given: Given, part: str, whole: str, found: pd.DataFrame) -> Iterator[Finding]:
    names = found[[part, whole]].map(lambda name: name.strip() if isinstance(name, str) else "")
    pairs = names[names[part] != ""].replace("", MISSING_LEVEL).drop_duplicates()
    wholes = pairs.groupby(part)[whole].agg(sorted)
    split = wholes[[len(places) > 1 for places in wholes]]
    if len(split):
        told = "; ".join(f'"{name}" in {quoted(places)}' for name, places in split.head(5).items())
        where = f"{given.source}, columns {given.section.dims[part]} and {given.section.dims[whole]}"
        more = f" and {len(split) - 5} more" if len(split) > 5 else ""
        what = f"{how_many(len(split), part.replace('_', '-'))} in more than one {whole}: {told}{more}"
        yield CATALOGUE.finding("L022", where, what)
