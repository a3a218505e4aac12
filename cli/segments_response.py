"""Response to the next campaign beside segments: the conversion model of leads, asked about customers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cli.segments_steps import Tell
    from outlay.project import Project
    from segmentation.result import Segmentation


def with_response(found: Segmentation, project: Project, tell: Tell) -> Segmentation:
    """Add what each segment will respond to the next campaign, where past ones are named."""
    from cli.propensity import propensity
    from outlay.project import ProjectSection
    from segmentation.config import CustomersSection

    section = project.section("customers", CustomersSection)
    if section.campaigns is None or found.model is None:
        return found
    tell("Response to the next campaign")
    about = project.section("project", ProjectSection)
    asked = propensity(found.customers, found.numbers, found.model.names, section.campaigns, about)
    trusted = asked.trust is None or asked.trust.passed
    facts = {
        "response": dict(asked.facts),
        "response_trusted": trusted,
        "response_reasons": [] if trusted or asked.trust is None else [asked.trust.sentence()],
    }
    return replace(
        found,
        tables={**found.tables, "propensity": asked.table, "campaigns": asked.campaigns},
        facts={**found.facts, **facts},
        findings=(*found.findings, *asked.findings),
    )
