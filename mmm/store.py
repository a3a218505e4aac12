"""A fitted model on disk: the panel, float64 draws of the free parameters, and the sections it was fitted under.

Contributions and tables are computed again from these; a fit is a few MB. Nothing is pickled.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import xarray as xr

from mmm.config import MediaSection
from mmm.design import Design
from mmm.panel import MediaPanel
from mmm.priors import Priors, make_priors
from mmm.store_design import load_design, save_design
from outlay.errors import DataError, RunError
from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.sampling import Samples

if TYPE_CHECKING:
    from mmm.media import FittedMedia

FORMAT = 2
_PANEL, _POSTERIOR, _DESIGN, _ABOUT = "panel.parquet", "posterior.nc", "design.nc", "fitted.json"


def save_fit(fitted: FittedMedia, folder: Path) -> None:
    """Write a fitted model to a folder, which is made where it is missing."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    fitted.design.panel.to_frame().to_parquet(folder / _PANEL, compression="zstd")
    dataset = fitted.samples.dataset()
    encoding = {str(name): {"zlib": True, "complevel": 4, "shuffle": True} for name in dataset.data_vars}
    dataset.to_netcdf(folder / _POSTERIOR, engine="h5netcdf", encoding=encoding)
    save_design(fitted.design, folder / _DESIGN)
    about = {
        "format": FORMAT,
        "project": fitted.project.model_dump(mode="json"),
        "media": fitted.design.section.model_dump(mode="json"),
        "findings": [finding.as_dict() for finding in fitted.design.panel.findings],
    }
    (folder / _ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")


def load_fit(folder: Path) -> tuple[Design, Priors, ProjectSection, Samples]:
    """Read what :func:`save_fit` wrote.

    Raises
    ------
    RunError
        Where a file is missing, damaged, or of another format.
    """
    folder = Path(folder)
    with _reading(folder):
        panel, section, project = load_panel(folder)
        with xr.open_dataset(folder / _POSTERIOR, engine="h5netcdf") as opened:
            samples = Samples.from_dataset(opened.load())
        design = load_design(folder / _DESIGN, panel, section)
    return design, make_priors(design), project, samples


def load_panel(folder: Path) -> tuple[MediaPanel, MediaSection, ProjectSection]:
    """The panel of a saved fit, with the sections that it was fitted under.

    Raises
    ------
    RunError
        Where a file is missing, damaged, or of another format.
    """
    with _reading(folder):
        about = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        if about["format"] != FORMAT:
            raise RunError(
                f"its format is {about['format']} and this version reads {FORMAT}",
                where=str(folder / _ABOUT),
                repair="Fit again with this version, or read it with the version that wrote it.",
                id="R004",
            )
        # The project file's grammar is strict JSON: the sections come back by the same door as they came in by.
        project = ProjectSection.model_validate_json(json.dumps(about["project"]))
        section = MediaSection.model_validate_json(json.dumps(about["media"]))
        findings = [Finding(**finding) for finding in about["findings"]]
        frame = pd.read_parquet(folder / _PANEL)
        return MediaPanel.from_frame(frame, section, project, findings), section, project


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """Turn whatever a missing or damaged file raises into one refusal in words."""
    try:
        yield
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, DataError) as problem:
        raise RunError(
            f"the fitted model cannot be read ({type(problem).__name__})",
            where=str(folder),
            repair="A file is missing or damaged. Fit again, or restore the folder from a copy.",
            id="R003",
        ) from problem
