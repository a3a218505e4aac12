"""From a project to an attribute run: count, share, compare with media, and keep what later commands read."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from attribution.catalogue import CATALOGUE
from attribution.config_journeys import JourneysSection
from attribution.credit import NOT_CAUSAL, SAMPLING_ONLY, Attribution, attribute, single
from attribution.journeys_counts import JourneyCounts, count_journeys, counts_within
from attribution.reconcile import MediaTotals, Reconciled, reconcile, spend_of, with_costs
from outlay.findings import Finding
from outlay.project import Project, ProjectSection
from outlay.runs import Run, RunWriter

Media = Callable[[date, date], MediaTotals | None]
"""What is known of media between two days, the second not among them."""


@dataclass(frozen=True, eq=False)
class JourneysAnswer:
    """Everything that an attribute run tells.

    Attributes
    ----------
    whole : Attribution
    costs : DataFrame
        As :func:`attribution.reconcile.with_costs`, of the journeys in the time of the spend.
    reconciled : Reconciled or None
    media : MediaTotals or None
    findings : tuple of Finding
    """

    whole: Attribution
    costs: pd.DataFrame
    reconciled: Reconciled | None
    media: MediaTotals | None
    findings: tuple[Finding, ...]


def answer(section: JourneysSection, about: ProjectSection, base: Path, media: Media | None = None) -> JourneysAnswer:
    """Count the journeys of a table, share their conversions, and put them beside media.

    Raises
    ------
    ConfigError, DataError
        As :func:`attribution.journeys_counts.count_journeys`.
    """
    counts = count_journeys(section, about, base)
    whole = attribute(counts, section, about)
    findings = list(whole.findings)
    totals = media(counts.first.date(), counts.last.date() + timedelta(days=1)) if media is not None else None
    inside = _inside(counts, whole, section, about, base, totals)
    if totals is not None and not inside.counts.conversions:
        what = f"no journey converted from {totals.start} to {totals.end - timedelta(days=1)}, the time of media"
        findings.append(CATALOGUE.finding("J052", section.source, what))
        totals, inside = None, whole
    spend, shared = spend_of(counts.channels, totals, section.channel_map, section.spend)
    costs = with_costs(inside, spend)
    findings += _cost_notes(section, counts, spend, shared, totals)
    compared = None if totals is None else _compare(inside, section, about, totals, findings)
    return JourneysAnswer(whole, costs, compared, totals, tuple(findings))


def _inside(
    counts: JourneyCounts,
    whole: Attribution,
    section: JourneysSection,
    about: ProjectSection,
    base: Path,
    totals: MediaTotals | None,
) -> Attribution:
    """The journeys that end in the time of media."""
    if totals is None:
        return whole
    start, end = (datetime.combine(day, time()) for day in (totals.start, totals.end))
    if start <= counts.first and counts.last < end:
        return whole
    told = counts_within(section, base, start, end)
    if not told.conversions:
        return replace(whole, counts=told)
    return attribute(told, section.model_copy(update={"order": 1}), about, cells=False)


def _cost_notes(
    section: JourneysSection,
    counts: JourneyCounts,
    spend: dict[str, float],
    shared: list[str],
    totals: MediaTotals | None,
) -> list[Finding]:
    found = []
    without = [name for name in counts.channels if not spend.get(name) and name not in shared]
    if (totals is not None or section.spend) and without:
        found.append(CATALOGUE.finding("J051", section.source, f"no spend is known of {', '.join(without)}"))
    if shared:
        what = f"{', '.join(shared)} share the spend of a channel of media, which is not split between them"
        found.append(CATALOGUE.finding("J051", section.source, what))
    if totals is not None and (totals.start > counts.first.date() or totals.end <= counts.last.date()):
        last = totals.end - timedelta(days=1)
        what = f"costs and the comparison with media are of journeys that end from {totals.start} to {last}"
        found.append(CATALOGUE.finding("J058", section.source, what))
    return found


def _compare(
    inside: Attribution,
    section: JourneysSection,
    about: ProjectSection,
    totals: MediaTotals,
    findings: list[Finding],
) -> Reconciled | None:
    counts = inside.counts
    if totals.contribution is None:
        return None
    if not totals.unit or (totals.unit == "value" and not counts.has_value):
        counted = "money" if totals.unit == "value" else "something else"
        what = f"the fit {totals.run} counts {counted} and the journeys {'no value' if totals.unit else 'conversions'}"
        findings.append(CATALOGUE.finding("J054", section.source, what))
        return None
    tracked = counts.value if totals.unit == "value" else counts.conversions
    if tracked > totals.outcome:
        what = f"journeys count {tracked:,.0f} and the KPI {totals.outcome:,.0f} in the same time"
        findings.append(CATALOGUE.finding("J053", section.source, what))
    return reconcile(inside, by_segment(inside, section, about), totals, section.channel_map, section.model, about.seed)


def by_segment(found: Attribution, section: JourneysSection, about: ProjectSection) -> dict[str, Attribution]:
    """What the compared model credits in each segment that has conversions."""
    counts = found.counts
    if len(counts.segments) < 2:
        return {}
    told = {}
    for i, name in enumerate(counts.segments):
        cell = replace(counts.cell(segment=i), segments=(name,), periods=("all",))
        if cell.conversions:
            credit = single(cell, section.model, section.draws, np.random.default_rng([about.seed, 8, i]))
            told[name] = replace(found, counts=cell, credits={section.model: credit}, table=found.table[:0])
    return told


def journeys_run(project: Project, root: Path, command: Sequence[str], media: Media | None = None) -> Run:
    """Answer the project's ``[journeys]`` and keep it as a run of kind ``"attribute"``.

    Parameters
    ----------
    project : Project
    root : Path
        Folder of runs.
    command : sequence of str
        The command line, for the manifest.
    media : callable, optional
        Gives what is known of media over the time of the touches.

    Raises
    ------
    DataError
        Where the touches have errors; nothing is written then.
    """
    section, about = project.section("journeys", JourneysSection), project.section("project", ProjectSection)
    found = answer(section, about, project.base, media)
    inputs = {"project": hashlib.sha256(project.text.encode()).hexdigest(), "journeys": found.whole.counts.fingerprint}
    facts = journey_facts(found, section, about)
    with RunWriter(root, "attribute", command=command, seed=about.seed, inputs=inputs) as writer:
        writer.path("config.lock.toml").write_text(project.text, encoding="utf-8")
        writer.write_json("journeys", facts)
        writer.write_json("findings", [finding.as_dict() for finding in found.findings])
        for name, table in tables(found).items():
            writer.write_table(name, table)
    return writer.run


def tables(found: JourneysAnswer) -> dict[str, pd.DataFrame]:
    """Every table by the name under which a run keeps it."""
    kept = {"credits": found.whole.table, "removal": found.whole.removal, "costs": found.costs}
    kept["coalitions"] = _named(found.whole.counts)
    if found.reconciled is not None:
        kept |= {
            "over_credit": found.reconciled.channels,
            "inside": found.reconciled.inside,
            "bridge": found.reconciled.bridge,
        }
    return kept


def _named(counts: JourneyCounts) -> pd.DataFrame:
    """Journeys by set of channels, in names, the commonest first."""
    sums = counts.coalitions.groupby("mask", as_index=False)[["journeys", "conversions", "value"]].sum()
    sums = sums.sort_values(["journeys", "mask"], ascending=[False, True], kind="stable").head(1000)
    names = np.asarray(counts.channels, dtype=object)
    sets = [" + ".join(names[[bool(mask >> i & 1) for i in range(len(names))]]) for mask in sums["mask"].tolist()]
    return sums.drop(columns="mask").assign(channels=sets)[["channels", "journeys", "conversions", "value"]]


def journey_facts(found: JourneysAnswer, section: JourneysSection, about: ProjectSection) -> dict[str, object]:
    """What the run says of itself beside its tables."""
    counts, media = found.whole.counts, found.media
    return {
        "source": counts.source,
        "currency": about.currency,
        "hdi": about.hdi,
        "touches": counts.touches,
        "journeys": counts.journeys,
        "conversions": counts.conversions,
        "value": counts.value if counts.has_value else None,
        "first": counts.first.isoformat(sep=" ", timespec="seconds"),
        "last": counts.last.isoformat(sep=" ", timespec="seconds"),
        "channels": list(counts.channels),
        "segments": list(counts.segments) if len(counts.segments) > 1 else [],
        "periods": list(counts.periods) if len(counts.periods) > 1 else [],
        "models": list(found.whole.credits),
        "model": section.model,
        "lookback_days": section.lookback_days,
        "session_minutes": section.session_minutes,
        "draws": section.draws,
        "media_run": media.run if media is not None and media.run else None,
        "media_unit": media.unit if found.reconciled is not None and media is not None else None,
        "media_start": media.start.isoformat() if media is not None else None,
        "media_end": (media.end - timedelta(days=1)).isoformat() if media is not None else None,
        "assumptions": [NOT_CAUSAL, SAMPLING_ONLY, _options(section)],
    }


def _options(section: JourneysSection) -> str:
    window = (
        "without a lookback window" if section.lookback_days is None else f"looking back {section.lookback_days:g} days"
    )
    session = (
        f"touches of one channel within {section.session_minutes:g} minutes are one"
        if section.session_minutes
        else "every touch counts"
    )
    direct = (
        f'"{section.direct}" is left out where a journey has others'
        if section.direct_rule != "keep"
        else "direct traffic counts like any channel"
    )
    return f"Journeys end at a conversion, {window}; {session}; {direct}."
