"""Which sections a report has: those that the project file asks for, where there is something to tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cli.report.config import SectionName
from outlay.errors import ConfigError

if TYPE_CHECKING:
    from cli.report.compare import Earlier
    from cli.report.data import ReportData
    from cli.report.look import Look
    from cli.report.story import Story

NAMES: dict[SectionName, str] = {
    "changes": "What changed",
    "model": "Model",
    "validation": "Validation",
    "returns": "Returns",
    "causes": "Causes over time",
    "curves": "Response curves",
    "plan": "Plan",
    "findings": "Findings",
    "trust": "Trust",
    "assumptions": "Assumptions",
    "versions": "Versions",
}
"""Names of sections in the navigation; stories bring their own, and the summary is on top."""


def chosen(
    look: Look, data: ReportData | None, told: Sequence[Story], earlier: Earlier | None
) -> tuple[SectionName, ...]:
    """The sections of a page, in their order.

    Raises
    ------
    ConfigError
        X045, where none of those that are asked for has something to tell.
    """
    there = {"summary", "findings", "assumptions", "versions", *(story.id for story in told)}
    if data is not None:
        there |= {"model", "returns", "causes", "trust"}
        there |= {"curves"} if data.told.curves else set()
        there |= {"plan"} if data.plan is not None else set()
        there |= {"validation"} if data.validation is not None else set()
        there |= {"changes"} if earlier is not None else set()
    found = tuple(name for name in look.sections if name in there)
    if not found:
        raise _empty(look.sections)
    return found


def _empty(asked: Sequence[SectionName]) -> ConfigError:
    from cli.catalogue import CATALOGUE

    what = f"none of the sections that are asked for has something to tell: {', '.join(asked)}"
    return ConfigError(what, where="[report] sections", repair=CATALOGUE["X045"].repair, id="X045")


def navigation(names: Sequence[SectionName], told: Sequence[Story]) -> list[tuple[str, str]]:
    """Anchors and names of the sections, without the summary."""
    words = NAMES | {story.id: story.nav for story in told}
    return [(name, words[name]) for name in names if name in words]
