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
    from budget.config import PlanSection
    from mmm.config import MediaSection
    from outlay.project import ProjectSection

    return {"project": ProjectSection, "media": MediaSection, "plan": PlanSection}


def load(path: Path) -> Project:
    """Read and validate the project file."""
    from outlay.project import load_project

    return load_project(path, sections())


def project_section(project: Project) -> ProjectSection:
    """The ``[project]`` section, which every valid project file has."""
    from outlay.project import ProjectSection

    found = project.sections["project"]
    if not isinstance(found, ProjectSection):
        raise TypeError(f"[project] was read as {type(found).__name__}")
    return found


def media_section(project: Project) -> MediaSection:
    """The ``[media]`` section, or a refusal that says how to get one."""
    from cli.catalogue import CATALOGUE
    from mmm.config import MediaSection
    from outlay.errors import ConfigError

    found = project.sections.get("media")
    if isinstance(found, MediaSection):
        return found
    raise ConfigError(
        "there is no [media] section", where=str(project.path), repair=CATALOGUE["X006"].repair, id="X006"
    )


def plan_section(project: Project) -> PlanSection | None:
    """The ``[plan]`` section, where there is one."""
    from budget.config import PlanSection

    found = project.sections.get("plan")
    return found if isinstance(found, PlanSection) else None


def runs_root(project_file: Path) -> Path:
    """The folder of runs: ``runs`` beside the project file."""
    return project_file.parent / "runs"
