"""The project file as a whole: each room's section, composed here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from budget.config import PlanSection
    from mmm.config import MediaSection
    from outlay.project import Project, ProjectSection, Section


def sections() -> dict[str, type[Section]]:
    """The pydantic model of every section that this version reads."""
    from attribution.config import LeadsSection
    from attribution.config_goals import GoalsSection
    from attribution.config_journeys import JourneysSection
    from attribution.config_score import ScoreSection
    from budget.config import PlanSection
    from cli.refresh_config import RefreshSection
    from cli.report.config import ReportSection
    from mmm.config import MediaSection
    from mmm.config_lift import LiftSection
    from outlay.project import ProjectSection
    from segmentation.config import CustomersSection

    return {
        "project": ProjectSection,
        "media": MediaSection,
        "lift_tests": LiftSection,
        "customers": CustomersSection,
        "leads": LeadsSection,
        "score": ScoreSection,
        "journeys": JourneysSection,
        "goals": GoalsSection,
        "plan": PlanSection,
        "report": ReportSection,
        "refresh": RefreshSection,
    }


def load(path: Path) -> Project:
    """Read and validate the project file."""
    from outlay.project import load_project

    return load_project(path, sections())


def project_section(project: Project) -> ProjectSection:
    """The ``[project]`` section."""
    from outlay.project import ProjectSection

    return project.section("project", ProjectSection)


def media_section(project: Project) -> MediaSection:
    """The ``[media]`` section, or a refusal that says what is missing."""
    from mmm.config import MediaSection

    return project.section("media", MediaSection)


def plan_section(project: Project) -> PlanSection | None:
    """The ``[plan]`` section, where there is one."""
    from budget.config import PlanSection

    return project.section("plan", PlanSection) if "plan" in project.sections else None


def runs_root(project_file: Path) -> Path:
    """The folder of runs: ``runs`` beside the project file."""
    return project_file.parent / "runs"
