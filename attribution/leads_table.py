"""An open table of leads: one row per lead in the engine, what its columns mean, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import ibis
import ibis.expr.types as ir

from attribution.catalogue import CATALOGUE
from attribution.checks_leads import fact_findings
from attribution.checks_leads_levels import level_findings
from attribution.config import LeadsSection
from attribution.leads import MISSING_LEVEL
from attribution.leads_bands import Bands, cut
from attribution.leads_censoring import Censoring, censoring
from attribution.leads_facts import Facts, read_facts
from attribution.leads_given import FEATURE, Given, columns_of, given
from attribution.leads_labels import labels_for
from attribution.leads_text import ROW
from outlay.errors import DataError
from outlay.findings import Finding, errors
from outlay.labels import Labels
from outlay.project import ProjectSection
from outlay.sources import Relation, Wanted, opened


@dataclass(frozen=True, eq=False)
class LeadsTable:
    """Leads in the engine, checked. Rows are Ibis expressions; nothing is read before it is asked for.

    Attributes
    ----------
    relation : Relation
        The open source; its backend executes the expressions below.
    section : LeadsSection
    currency : str
    rows : Ibis table
        One row per lead created by ``as_of``: ``id``, ``user`` (where named), ``created`` (date), ``stage_j`` (reached
        by ``as_of``), ``day_j`` (null where not reached, skipped, or where the stage holds no days), each grouping
        column by its role (``"(missing)"`` where empty), ``value`` (null where none), ``score``, ``band`` (where a
        score is named) and ``age_days`` at ``as_of``; and the columns that were asked for beside, under ``x_`` and
        their name.
    raw : Ibis table
        The columns of the source by their own names (of a text file those asked for, as text), and ``outlay_row``, the
        line or row number. In the order of the source; all its rows.
    numbered : Ibis table
        `rows` with ``outlay_row``.
    written : Ibis table
        `rows` with the grouping columns as they are written, and no ``band``: what counting starts from.
    censoring : Censoring
        When leads had their time; `as_of` and `maturity_days` are shortcuts to it.
    has_days : tuple of bool
        For each stage.
    bands : Bands or None
        How the rule-based score is cut.
    facts : Facts
        What the checks counted.
    findings : tuple of Finding
    labels : Labels or None
        Where segments come from, if from a run of `outlay segment`.
    """

    relation: Relation
    source: str
    section: LeadsSection
    currency: str
    rows: ir.Table
    raw: ir.Table
    numbered: ir.Table
    written: ir.Table
    censoring: Censoring
    has_days: tuple[bool, ...]
    bands: Bands | None
    facts: Facts
    findings: tuple[Finding, ...]
    labels: Labels | None = None

    @property
    def as_of(self) -> date:
        """Day on which the table was taken."""
        return self.censoring.as_of

    @property
    def maturity_days(self) -> tuple[float, ...]:
        """Days after which a lead had its time, for each transition."""
        return self.censoring.maturity_days

    @property
    def word(self) -> str:
        """What `outlay_row` counts: ``"line"`` or ``"row"``."""
        return self.relation.word


@contextmanager
def open_leads(
    section: LeadsSection, about: ProjectSection, base: Path, *, columns: Collection[str] = ()
) -> Iterator[LeadsTable]:
    """Open the table of leads, check every row, and close it behind.

    Parameters
    ----------
    section : LeadsSection
    about : ProjectSection
    base : Path
        Folder at which relative paths start.
    columns : collection of str
        More columns of a text file that `raw` shall hold; from other sources it holds all.

    Raises
    ------
    ConfigError
        C010 to C014: no such file, kind of source, or table. C023: no run of the segments that ``labels`` asks for.
    DataError
        D0xx, L0xx: every error of the table together.
    """
    labels = labels_for(section, Path(base))
    wanted = Wanted((*columns_of(section), *columns), section.csv.encoding, section.csv.separator)
    with opened(section.source, Path(base), wanted) as relation:
        yield leads_of(relation, section.source, section, about, columns, labels)


def leads_of(
    relation: Relation,
    source: str,
    section: LeadsSection,
    about: ProjectSection,
    columns: Collection[str] = (),
    labels: Labels | None = None,
) -> LeadsTable:
    """The leads of an open source, with the labels that its section asks for; see :func:`open_leads`."""
    found = given(relation, source, section, columns, labels)
    facts = read_facts(found, section.as_of, today())
    findings = [*found.findings, *fact_findings(found, facts)]
    if errors(findings) or facts.latest is None:
        raise DataError(findings)
    as_of = section.as_of or facts.latest
    rows = _rows(found, found.table, as_of)
    when = censoring(found, rows, as_of)
    findings += [*level_findings(found, rows), *when.findings, *_as_of_note(found, as_of)]
    if errors(findings):
        raise DataError(findings)
    bands = cut(found, rows, section.score_bands, facts) if section.score else None
    numbered = _named(_rows(found, found.numbered, as_of), section, bands)
    return LeadsTable(
        relation=found.relation,
        source=source,
        section=section,
        currency=about.currency,
        rows=_named(rows, section, bands).drop(*({ROW} & set(rows.columns))),
        raw=_raw(found),
        numbered=numbered,
        written=rows,
        censoring=when,
        has_days=found.has_days,
        bands=bands,
        facts=facts,
        findings=tuple(findings),
        labels=labels,
    )


def _rows(given: Given, table: ir.Table, as_of: date) -> ir.Table:
    """The leads created by the day, and how far each had come."""
    section, day = given.section, ibis.literal(as_of, type="date")
    cut_off = section.as_of is not None
    if cut_off:
        table = table.filter(table["created"] <= day)
    kept = {name: table[name] for name in (ROW, "id", "user", "created", "value", "score") if name in table.columns}
    for j, has_days in enumerate(given.has_days):
        if not has_days:
            kept[f"stage_{j}"], kept[f"day_{j}"] = table[f"flag_{j}"] == 1, ibis.null("date")
            continue
        reached_on = table[f"day_{j}"]
        if cut_off:
            reached_on = (reached_on <= day).ifelse(reached_on, ibis.null("date"))
        kept[f"stage_{j}"], kept[f"day_{j}"] = reached_on.notnull(), reached_on
    if section.skipped_stages == "reached":
        for j in reversed(range(len(given.has_days) - 1)):
            kept[f"stage_{j}"] |= kept[f"stage_{j + 1}"]
    kept |= {name: table[name] for name in table.columns if name in section.dims or name.startswith(FEATURE)}
    return table.select(**kept, age_days=day.delta(table["created"], unit="day"))


def named(column: ir.StringColumn) -> ir.StringColumn:
    """A grouping column without spaces around its names, ``"(missing)"`` where it is empty."""
    return ibis.coalesce(column.strip().nullif(""), MISSING_LEVEL)


def _named(rows: ir.Table, section: LeadsSection, bands: Bands | None) -> ir.Table:
    found = {role: named(rows[role]) for role in section.dims}
    return rows.mutate(**found, **({} if bands is None else {"band": bands.of(rows["score"])}))


def _raw(given: Given) -> ir.Table:
    relation = given.relation
    named = {name: relation.table[column] for name, column in relation.columns.items() if name != ROW}
    number = relation.table[ROW] if ROW in relation.table.columns else ibis.row_number() + 1
    return relation.table.select(**named, **{ROW: number})


def _as_of_note(given: Given, as_of: date) -> list[Finding]:
    if given.section.as_of is not None:
        return []
    what = f"no as_of is stated: the table is taken to be of {as_of.isoformat()}, the latest day in it"
    return [CATALOGUE.finding("L011", given.source, what)]


def today() -> date:
    """The latest day that it is anywhere on earth: what lies after it has not happened."""
    return (datetime.now(UTC) + timedelta(hours=14)).date()
