"""What becomes of leads lies in the file of response draws, and older files still load."""

from __future__ import annotations

import h5netcdf
import numpy as np

from outlay.response import load_response, save_response
from tests.budget.leads import make_leads, make_money


def test_leads_come_back_as_they_were_saved(tmp_path):
    response = make_money(1, channels=2, groups=2, draws=6, future=4)
    save_response(response, tmp_path / "response.nc")
    found = load_response(tmp_path / "response.nc")
    mine, theirs = found.downstream, response.downstream
    assert mine is not None
    for name in ("segments", "bands", "stages", "assumptions"):
        assert getattr(mine, name) == getattr(theirs, name)
    for name in ("split", "reach", "value", "baseline"):
        assert np.array_equal(getattr(mine, name), getattr(theirs, name))
    assert np.array_equal(found.coefficient, response.coefficient)


def test_one_segment_and_one_band_come_back(tmp_path):
    """Lists of one name are the ones that attributes of a file tend to lose."""
    response = make_money(1, segments=1, bands=1, channels=1, draws=3, future=2)
    save_response(response, tmp_path / "response.nc")
    assert load_response(tmp_path / "response.nc").downstream.segments == ("seg0",)


def test_a_file_of_the_format_before_still_loads(tmp_path):
    save_response(make_leads(1, draws=3, future=2), tmp_path / "response.nc")
    with h5netcdf.File(tmp_path / "response.nc", "a") as file:
        file.attrs["format"] = 2
    assert load_response(tmp_path / "response.nc").downstream is None


def test_taking_draws_takes_those_of_the_leads():
    response = make_money(1, channels=2, draws=6, future=4)
    part = response.take(np.array([4, 1]))
    assert np.array_equal(part.downstream.value, response.downstream.value[[4, 1]])
    assert np.array_equal(part.downstream.worth_of_lead, response.downstream.worth_of_lead[[4, 1]])
