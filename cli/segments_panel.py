"""The file of ``--panel``: purchases by week and segment, with the project's media shared out where there are any."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from outlay.findings import Finding
    from outlay.project import Project


def check_panel(path: Path, project: Project) -> None:
    """Refuse what no panel can be made from, before any work is done.

    Raises
    ------
    ConfigError
        Where the project knows no purchases, or the file is neither CSV nor Parquet.
    """
    from outlay.errors import ConfigError
    from segmentation.config import CustomersSection

    if project.section("customers", CustomersSection).transactions is None:
        what = "a panel of segments is made from purchases, and the project has no [customers.transactions]"
        raise ConfigError(what, where="--panel", repair="Name the table of purchases there.", id="X007")
    if path.suffix not in (".csv", ".parquet"):
        what = f"{path.name} ends neither in .csv nor in .parquet"
        raise ConfigError(what, where="--panel", repair="Give the file one of these two endings.", id="X007")


def write_panel(path: Path, project: Project, labels: pd.DataFrame) -> tuple[Finding, ...]:
    """Write the panel of a run's labels, and say how ``[media]`` reads it."""
    from cli.config import media_section, project_section
    from cli.panel_media import media_toml, national_media
    from cli.terminal import say
    from segmentation.config import CustomersSection
    from segmentation.panel import panel

    section = project.section("customers", CustomersSection)
    found = panel(section, project_section(project), project.base, labels, national_media(project))
    _write(found.frame, path)
    media = media_section(project) if "media" in project.sections else None
    say(f"Wrote {len(found.frame):,} rows ({found.unit} by segment) to {path}. A project that reads it:\n")
    say(media_toml(found, str(path), media))
    return found.findings


def _write(frame: pd.DataFrame, path: Path) -> None:
    """The whole table in one step."""
    from io import BytesIO

    from outlay.exports import atomic_write, write_csv

    if path.suffix == ".csv":
        write_csv(frame, path)
        return
    held = BytesIO()
    frame.to_parquet(held, index=False)
    atomic_write(path, held.getvalue())
