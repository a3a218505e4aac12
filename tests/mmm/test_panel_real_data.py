"""Public data sets: what the checks say of tables that nobody made for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mmm.config import MediaSection
from mmm.panel import MediaPanel, panel_from_table
from outlay.errors import DataError
from outlay.project import ProjectSection
from tests.mmm.panels import TODAY, ids, only

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "mmm"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not beside this checkout")

PAID = ("dm", "inst", "nsp", "auddig", "audtr", "vidtr", "viddig", "so", "on", "sem")
RETAILER: dict[str, Any] = {
    "source": "pymc-marketing/case_study_data.csv",
    "date": "wk_strt_dt",
    "kpi": "sales",
    "channels": [
        *({"name": name, "spend": f"mdsp_{name}", "exposure": f"mdip_{name}"} for name in PAID),
        *({"name": name, "exposure": f"mdip_{name}"} for name in ("em", "sms", "aff")),
    ],
    "levers": [{"name": "markdown", "column": "mrkdn_valadd_edw"}],
    "controls": ["me_ics_all", "me_gas_dpg", "st_ct"],
    "holidays": "US",
}
MERIDIAN: dict[str, Any] = {
    "date": "time",
    "kpi": "conversions",
    "kpi_type": "units",
    "value_per_kpi": "revenue_per_conversion",
    "channels": [
        {"name": f"c{index}", "spend": f"Channel{index}_spend", "exposure": f"Channel{index}_impression"}
        for index in range(4)
    ],
}


def read(**keys: Any) -> MediaPanel:
    return panel_from_table(MediaSection(**keys), ProjectSection(name="public"), DATA, today=TODAY)


def test_the_retailer() -> None:
    made = read(**RETAILER)
    assert (made.n_periods, made.n_channels, made.frequency.anchor) == (209, 13, "Sunday")
    findings = {finding.where.split(", ")[-1] + " " + finding.id: finding for finding in made.findings}
    # Counted in the file: 45 weeks have mdsp_so > 0 and mdip_so = 0, and they cost 1,201,613.
    assert "USD 1,201,613 (5.6 % of the channel's spend) in 45 weeks (2014-09-14 to 2015-07-26)" in (
        findings["channel so D132"].what
    )
    # The first 13 values of mrkdn_valadd_edw are 0, and no later one is.
    assert "first 13 weeks" in findings["lever markdown D151"].what
    # Newspaper prints fall from millions a week in 2014 to ten thousands in 2018.
    assert "channel nsp D158" in findings
    assert {finding.id for finding in made.findings} <= {"D050", "D132", "D151", "D156", "D158"}


def test_two_geos_whose_media_cost_more_than_they_sell() -> None:
    made = read(
        source="pymc-marketing/mmm_multidimensional_example.csv",
        date="date",
        kpi="y",
        group="geo",
        channels=[{"name": name, "spend": name} for name in ("x1", "x2")],
        events=["event_1", "event_2"],
    )
    assert made.groups == ("geo_a", "geo_b")
    # The sums of x1 and x2, and of y, over all 318 rows
    assert "USD 2,255,080" in only(made.findings, "D157").what
    assert "USD 1,284,646" in only(made.findings, "D157").what


def test_conversions_with_a_value() -> None:
    made = read(source="meridian/national_media.csv", **MERIDIAN)
    assert (made.n_periods, made.has_value, made.kpi_type) == (156, True, "units")
    assert 0.03 < made.value.min() <= made.value.max() < 0.04  # some 3.5 cents a conversion
    assert set(ids(made.findings)) <= {"D050", "D156"}


def test_twenty_geos_in_natural_order() -> None:
    made = read(source="meridian/geo_media.csv", group="geo", population="population", **MERIDIAN)
    assert made.groups == tuple(f"Geo{index}" for index in range(20))
    assert made.population is not None
    assert made.population.min() > 0


def test_an_event_column_of_words_is_refused() -> None:
    with pytest.raises(DataError) as refusal:
        read(
            source="robyn/dt_simulated_weekly.csv",
            date="DATE",
            kpi="revenue",
            channels=[{"name": "tv", "spend": "tv_S"}],
            events=["events"],
        )
    assert '"na"' in only(refusal.value.findings, "D021").what
