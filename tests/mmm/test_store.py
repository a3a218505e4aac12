"""A saved fit means the same when the code around it has moved."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import mmm.design
from mmm.media import FittedMedia
from outlay.errors import RunError
from outlay.sampling import Samples
from tests.mmm.markets import MARKETS, market
from tests.mmm.probes import Setup, case, prior_samples
from tests.mmm.simulate import PROJECT


def labelled(samples: Samples) -> Samples:
    """Prior draws with dimensions by position and statistics, as a sampler would hand them."""
    dims = {name: tuple(f"{name}_{i}" for i in range(draws.ndim - 2)) for name, draws in samples.values.items()}
    return replace(samples, dims=dims)


def saved(name: str, folder: Path) -> FittedMedia:
    it: Setup = market(name) if name in MARKETS else case(name)
    samples = labelled(prior_samples(it.design, it.priors, 30))
    fitted = FittedMedia(it.design, it.priors, PROJECT, samples)
    fitted.save(folder)
    return fitted


@pytest.mark.parametrize("name", ["national", "panel", "units", "bare", "daily", *MARKETS])
def test_every_table_comes_back_to_the_last_bit(name: str, tmp_path: Path) -> None:
    before, after = saved(name, tmp_path), FittedMedia.load(tmp_path)
    for table, frame in before.tables().items():
        pd.testing.assert_frame_equal(frame, after.tables()[table], check_exact=True, obj=table)
    # z is only needed to fit again; it is a product in another order, so the last digits may differ.
    np.testing.assert_allclose(after.design.z, before.design.z, atol=1e-12)


def test_draws_keep_their_coordinates_when_the_rules_of_the_design_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another rotation, another choice of centring, another prior sd: none may touch a posterior that is there."""
    before = saved("panel", tmp_path).draws.terms
    monkeypatch.setattr(mmm.design, "_rotate", lambda scaled, sd: (np.diag(sd), scaled))
    monkeypatch.setattr(mmm.design, "_well_informed", lambda z, *_: np.zeros(z.shape[-1], bool))
    monkeypatch.setattr(mmm.design, "_exposure_scale", lambda panel, fit: np.ones((panel.n_groups, panel.n_channels)))
    after = FittedMedia.load(tmp_path).draws.terms
    np.testing.assert_array_equal(after, before)


def test_another_future_is_refused(tmp_path: Path) -> None:
    saved("national", tmp_path)
    path = tmp_path / "design.nc"
    with xr.open_dataset(path, engine="h5netcdf") as opened:
        shorter = opened.load().isel(timeline=slice(None, -1))
    path.unlink()
    shorter.to_netcdf(path, engine="h5netcdf")
    with pytest.raises(RunError) as refusal:
        FittedMedia.load(tmp_path)
    assert refusal.value.id == "R004"


@pytest.mark.parametrize("name", ["panel.parquet", "posterior.nc", "design.nc", "fitted.json"])
def test_a_missing_or_cut_file_is_refused_in_words(name: str, tmp_path: Path) -> None:
    saved("bare", tmp_path)
    path = tmp_path / name
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(RunError, match="cannot be read"):
        FittedMedia.load(tmp_path)
    path.unlink()
    with pytest.raises(RunError, match="cannot be read"):
        FittedMedia.load(tmp_path)


def test_findings_of_the_data_come_back(tmp_path: Path) -> None:
    before = saved("national", tmp_path)
    after = FittedMedia.load(tmp_path)
    source = replace(before.design.panel, source="").findings
    assert after.design.panel.findings == source
