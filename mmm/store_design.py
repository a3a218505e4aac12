"""The coordinates of a posterior on disk: scales, centres, rotation and columns that its draws were made in.

Draws of rotated coefficients mean something only under the rotation that they were sampled with. Computing it again
would trust that no library, calendar or rule of ours has moved since; so it is kept, and what is kept is used.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import xarray as xr

from mmm.baseline import Term
from mmm.calendar import scored_rows
from mmm.config import MediaSection
from mmm.design import Design
from mmm.future import assume_future
from mmm.lift_tests import LiftTest
from mmm.panel import MediaPanel
from outlay.errors import RunError

_DIMS: dict[str, tuple[str, ...]] = {
    "term_values": ("timeline", "group", "term"),
    "prior_sd": ("term",),
    "origin": ("term",),
    "sign": ("term",),
    "centre": ("group", "term"),
    "rotation": ("free", "rotated"),
    "centred": ("rotated",),
    "active": ("channel",),
    "x_scale": ("group", "channel"),
    "y_scale": ("group",),
}


def save_design(design: Design, path: Path) -> None:
    """Write the coordinates to a netCDF file."""
    arrays = {
        "term_values": design.raw_terms,
        "prior_sd": np.array([term.prior_sd for term in design.terms]),
        "origin": np.array([term.origin for term in design.terms]),
        "sign": design.signed,
        "centre": design.centre,
        "rotation": design.rotation,
        "centred": design.centred,
        "active": design.active,
        "x_scale": design.x_scale,
        "y_scale": design.y_scale,
    }
    dataset = xr.Dataset(
        {name: (dims, np.asarray(arrays[name], float)) for name, dims in _DIMS.items()},
        attrs={
            "l_max": design.l_max,
            "kpi_sd": design.kpi_sd,
            "names": "\n".join(term.name for term in design.terms),
            "components": "\n".join(term.component for term in design.terms),
            "kinds": "\n".join(term.kind for term in design.terms),
            "lift_tests": json.dumps([test.as_dict() for test in design.tests]),
        },
    )
    encoding = {name: {"zlib": True, "complevel": 4, "shuffle": True} for name in _DIMS if dataset[name].size}
    dataset.to_netcdf(path, engine="h5netcdf", encoding=encoding)


def load_design(path: Path, panel: MediaPanel, section: MediaSection) -> Design:
    """The design that a posterior was sampled in.

    Raises
    ------
    RunError
        R004, where this version would look at another future than the one that was saved.
    """
    with xr.open_dataset(path, engine="h5netcdf") as opened:
        saved = opened.load()
    array = {name: saved[name].to_numpy() for name in _DIMS}
    l_max = int(saved.attrs["l_max"])
    future = assume_future(panel, l_max)
    if len(array["term_values"]) != panel.n_periods + len(future.dates):
        raise RunError(
            f"it was saved with {len(array['term_values'])} periods of history and future, and this version looks at "
            f"{panel.n_periods + len(future.dates)}",
            where=str(path),
            repair="Fit again with this version, or read it with the version that wrote it.",
            id="R004",
        )
    fit = scored_rows(panel, l_max)
    size = np.abs(panel.kpi[fit]).mean(0)
    y = np.log(panel.kpi[fit]) if section.likelihood == "log" else panel.kpi[fit] / array["y_scale"]
    free = np.flatnonzero(array["sign"] == 0)
    return Design(
        panel=panel,
        section=section,
        future=future,
        l_max=l_max,
        fit=fit,
        active=array["active"] > 0,
        x_scale=array["x_scale"],
        y_scale=array["y_scale"],
        y=y,
        y_mean=y.mean(0),
        kpi_sd=float(saved.attrs["kpi_sd"]),
        weight=size / size.sum(),
        terms=_terms(saved, array),
        centre=array["centre"],
        rotation=array["rotation"],
        z=(array["term_values"][fit] - array["centre"])[..., free] @ array["rotation"],
        centred=array["centred"] > 0,
        tests=tuple(LiftTest.from_dict(test) for test in json.loads(str(saved.attrs["lift_tests"]))),
    )


def _terms(saved: xr.Dataset, array: dict[str, np.ndarray]) -> tuple[Term, ...]:
    names, components, kinds = (
        [line for line in str(saved.attrs[key]).split("\n") if line] for key in ("names", "components", "kinds")
    )
    columns = zip(names, components, kinds, array["prior_sd"], array["origin"], array["sign"], strict=True)
    return tuple(
        Term(name, component, kind, float(sd), _column(array["term_values"], k), float(origin), int(sign))
        for k, (name, component, kind, sd, origin, sign) in enumerate(columns)
    )


def _column(values: np.ndarray, k: int) -> np.ndarray:
    return np.ascontiguousarray(values[:, :, k])
