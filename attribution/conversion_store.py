"""A conversion fit on disk: the cells, float64 draws of the parameters, and the sections it was fitted under."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from attribution.config import LeadsSection
from attribution.conversion_links import Part, links_of
from attribution.leads import LeadCells
from outlay.errors import DataError, RunError
from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.sampling import Samples

if TYPE_CHECKING:
    from attribution.conversion import FittedConversion

FORMAT = 1
_CELLS, _POSTERIOR, _ABOUT = "cells.parquet", "posterior.nc", "fitted.json"
_COUNTS = ("reached", "trials", "successes")
_SUMS = ("value_count", "value_sum", "value_log_sum", "value_log_square")


def save_conversion(fitted: FittedConversion, folder: Path) -> None:
    """Write a fit to a folder, which is made where it is missing."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    _frame(fitted.cells).to_parquet(folder / _CELLS, compression="zstd")
    for k, part in enumerate(fitted.parts):
        dataset = part.samples.dataset()
        encoding = {str(name): {"zlib": True, "complevel": 1, "shuffle": True} for name in dataset.data_vars}
        dataset.to_netcdf(
            folder / _POSTERIOR, engine="h5netcdf", encoding=encoding, group=_group(k), mode="a" if k else "w"
        )
    about = {
        "format": FORMAT,
        "project": fitted.about.model_dump(mode="json"),
        "leads": fitted.section.model_dump(mode="json"),
        "cells": _facts(fitted.cells),
        "parts": [part.link.name for part in fitted.parts],
    }
    (folder / _ABOUT).write_text(json.dumps(about, indent=1), encoding="utf-8")


def load_conversion(folder: Path) -> FittedConversion:
    """Read what :func:`save_conversion` wrote.

    Raises
    ------
    RunError
        Where a file is missing, damaged, or of another format.
    """
    from attribution.conversion import FittedConversion

    folder = Path(folder)
    with _reading(folder):
        kept = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        if kept["format"] != FORMAT:
            raise RunError(
                f"its format is {kept['format']} and this version reads {FORMAT}",
                where=str(folder / _ABOUT),
                repair="Run `outlay convert` again with this version, or read it with the version that wrote it.",
                id="R004",
            )
        about = ProjectSection.model_validate_json(json.dumps(kept["project"]))
        section = LeadsSection.model_validate_json(json.dumps(kept["leads"]))
        cells = _cells(pd.read_parquet(folder / _CELLS), kept["cells"])
        parts = []
        for k, link in enumerate(links_of(cells)):
            with xr.open_dataset(folder / _POSTERIOR, engine="h5netcdf", group=_group(k)) as opened:
                parts.append(Part(link, Samples.from_dataset(opened.load())))
    return FittedConversion(cells, section, about, parts)


def _group(k: int) -> str:
    return f"part_{k}"


def _frame(cells: LeadCells) -> pd.DataFrame:
    columns = {f"code_{dim}": cells.code(dim).astype(np.int32) for dim in cells.dims}
    for name in _COUNTS:
        columns |= {f"{name}_{j}": column for j, column in enumerate(getattr(cells, name).T)}
    return pd.DataFrame(columns | {name: getattr(cells, name) for name in _SUMS})


def _facts(cells: LeadCells) -> dict[str, Any]:
    return {
        "stages": cells.stages,
        "dims": cells.dims,
        "levels": cells.levels,
        "currency": cells.currency,
        "as_of": cells.as_of.isoformat(),
        "maturity_days": cells.maturity_days,
        "young": cells.young,
        "rows": cells.rows,
        "source": cells.source,
        "fingerprint": cells.fingerprint,
        "findings": [finding.as_dict() for finding in cells.findings],
    }


def _cells(frame: pd.DataFrame, facts: dict[str, Any]) -> LeadCells:
    stages, dims = tuple(facts["stages"]), tuple(facts["dims"])
    codes = np.empty((len(frame), len(dims)), np.int64)
    for d, dim in enumerate(dims):
        codes[:, d] = frame[f"code_{dim}"]

    def table(name: str, width: int) -> np.ndarray:
        return np.ascontiguousarray(frame[[f"{name}_{j}" for j in range(width)]].to_numpy(float))

    return LeadCells(
        stages=stages,
        dims=dims,
        levels={dim: tuple(facts["levels"][dim]) for dim in dims},
        codes=codes,
        reached=table("reached", len(stages)),
        trials=table("trials", len(stages) - 1),
        successes=table("successes", len(stages) - 1),
        value_count=frame["value_count"].to_numpy(float),
        value_sum=frame["value_sum"].to_numpy(float),
        value_log_sum=frame["value_log_sum"].to_numpy(float),
        value_log_square=frame["value_log_square"].to_numpy(float),
        currency=facts["currency"],
        as_of=dt.date.fromisoformat(facts["as_of"]),
        maturity_days=tuple(facts["maturity_days"]),
        young=tuple(facts["young"]),
        rows=int(facts["rows"]),
        source=facts["source"],
        fingerprint=facts["fingerprint"],
        findings=tuple(Finding(**finding) for finding in facts["findings"]),
    )


@contextmanager
def _reading(folder: Path) -> Iterator[None]:
    """Turn whatever a missing or damaged file raises into one refusal in words."""
    try:
        yield
    except (OSError, KeyError, ValueError, TypeError, RuntimeError, DataError) as problem:
        raise RunError(
            f"the conversion fit cannot be read ({type(problem).__name__})",
            where=str(folder),
            repair="A file is missing or damaged. Run `outlay convert` again, or restore the folder from a copy.",
            id="R003",
        ) from problem
