"""Journeys of a project: what `outlay check` tells of them."""

from __future__ import annotations

from attribution.config_journeys import JourneysSection
from attribution.journeys_counts import count_journeys
from outlay.checked import Checked
from outlay.project import Project, ProjectSection

_SHOWN = 12


def check_journeys(project: Project) -> Checked:
    """What the project's ``[journeys]`` hold, in a few lines.

    Raises
    ------
    ConfigError, DataError
        Where the table cannot be read, or has errors.
    """
    section, about = project.section("journeys", JourneysSection), project.section("project", ProjectSection)
    counts = count_journeys(section, about, project.base)
    facts = [
        ("touches", f"{counts.touches:,} that count, {counts.first:%Y-%m-%d} to {counts.last:%Y-%m-%d}"),
        ("journeys", f"{counts.journeys:,}, of which {counts.conversions:,} converted"),
        ("channels", _listed(counts.channels)),
    ]
    if counts.has_value:
        facts.insert(2, ("value", f"{counts.value:,.0f} {about.currency}"))
    if section.segment is not None:
        facts.append(("segments", _listed(counts.segments)))
    return Checked("journeys", section.source, tuple(facts), counts.findings)


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{len(names)}: {', '.join(names[:_SHOWN])}{more}"
