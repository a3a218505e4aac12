"""How :class:`outlay.downstream.Downstream` lies in the file of response draws: variables and attributes of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from outlay.downstream import Downstream
from outlay.transforms import Array

if TYPE_CHECKING:
    import xarray as xr

_BY_TYPE = ("draw", "group", "source", "segment", "band")
_DIMS: dict[str, tuple[str, ...]] = {
    "split": _BY_TYPE,
    "reach": (*_BY_TYPE, "stage"),
    "value": ("draw", "segment"),
    "baseline": ("draw", "future_date", "group"),
}


def variables_of(downstream: Downstream) -> dict[str, tuple[tuple[str, ...], Array]]:
    """Arrays with the names of their axes."""
    return {f"leads_{name}": (dims, np.asarray(getattr(downstream, name), float)) for name, dims in _DIMS.items()}


def attributes_of(downstream: Downstream) -> dict[str, Any]:
    """Names, which travel as attributes: a band may be called as a channel is."""
    return {
        "leads_segments": list(downstream.segments),
        "leads_bands": list(downstream.bands),
        "leads_stages": list(downstream.stages),
        "leads_assumptions": "\n".join(downstream.assumptions),
    }


def downstream_of(dataset: xr.Dataset, attributes: Mapping[str, Any]) -> Downstream | None:
    """What :func:`variables_of` and :func:`attributes_of` wrote; None where nothing was."""
    if "leads_split" not in dataset:
        return None

    def names(key: str) -> tuple[str, ...]:
        return tuple(str(name) for name in np.atleast_1d(attributes[f"leads_{key}"]))

    def array(key: str) -> Array:
        return np.asarray(dataset[f"leads_{key}"].to_numpy(), float)

    return Downstream(
        segments=names("segments"),
        bands=names("bands"),
        stages=names("stages"),
        split=array("split"),
        reach=array("reach"),
        value=array("value"),
        baseline=array("baseline"),
        assumptions=tuple(line for line in str(attributes["leads_assumptions"]).split("\n") if line),
    )
