"""Public data sets: what the checks say of tables that nobody made for them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mmm.config import MediaSection
from mmm.panel import MediaPanel, panel_from_table
from outlay.errors import DataError
from outlay.project import ProjectSection
from tests.docs.pages import blocks
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


def recipe(name: str) -> dict[str, Any]:
    """The [media] section of the guide's recipe with this project name."""
    files = [tomllib.loads(block.text) for block in blocks("toml") if block.page.name == "recipes.md"]
    (section,) = [file["media"] for file in files if file.get("project", {}).get("name") == name]
    return dict(section)


def read_recipe(name: str, source: str, **changes: Any) -> MediaPanel:
    return read(**(recipe(name) | {"source": source} | changes))


def columns_used(panel: MediaPanel, section: dict[str, Any]) -> set[str]:
    """Every column of the table that the section names."""
    named = {section[key] for key in ("date", "kpi", "value_per_kpi", "group", "population") if key in section}
    named |= {*section.get("controls", ()), *section.get("events", ())}
    for part in (*section["channels"], *section.get("levers", ())):
        keys = ("spend", "exposure", "reach", "frequency", "column")
        named |= {part[key] for key in keys if key in part}
    assert panel.channels == tuple(channel["name"] for channel in section["channels"])
    return named


def header(source: str) -> set[str]:
    return set(pd.read_csv(DATA / source, nrows=1).columns)


def test_reach_and_frequency_of_twenty_geos() -> None:
    source = "meridian/geo_media_rf.csv"
    made = read_recipe("reach and frequency", source)
    # Channel 3's impressions are its reach times its frequency, so nothing is left out
    assert header(source) - columns_used(made, recipe("reach and frequency")) == {"Channel3_impression"}
    impressions = pd.read_csv(DATA / source).pivot_table(index="time", columns="geo", values="Channel3_impression")
    np.testing.assert_allclose(made.pressure[:, :, 3], impressions[list(made.groups)], rtol=1e-5)
    assert (made.n_periods, made.n_groups, made.reaches.tolist()) == (156, 20, [False, False, False, True])
    # five rows have a frequency below one, counted in the file
    assert "5 rows with fewer than one contact" in only(made.findings, "D167").what
    assert set(ids(made.findings)) <= {"D050", "D156", "D167"}


def test_all_channels_of_a_nation_and_of_forty_geos() -> None:
    keys = {"source": "meridian/geo_all_channels.csv", "group": "geo", "population": "population"}
    geos = read(**(recipe("all channels") | keys))
    nation = read_recipe("all channels", "meridian/national_all_channels.csv")
    for made, unused in ((geos, {"Unnamed: 0"}), (nation, set())):
        section = recipe("all channels") | (keys if made is geos else {})
        assert header(made.source) - columns_used(made, section) == unused
        assert made.lever_names == ("promotion",)
        assert made.paid.tolist() == [True] * 5 + [False]
        assert set(ids(made.findings)) <= {"D050", "D156"}
    assert (nation.n_groups, geos.n_groups) == (1, 40)
    # the file of the nation is the sum of the geos
    assert geos.kpi.sum(1) == pytest.approx(nation.kpi[:, 0], rel=1e-6)


def test_robyn_s_weeks_with_its_events_as_columns(tmp_path: Path) -> None:
    (code,) = [b.text for b in blocks("python") if b.page.name == "recipes.md" and "dt_simulated_weekly" in b.text]
    source = DATA / "robyn" / "dt_simulated_weekly.csv"
    code = code.replace("data/dt_simulated_weekly.csv", source.as_posix())
    code = code.replace("data/robyn.csv", (tmp_path / "robyn.csv").as_posix())
    exec(compile(code, "recipes.md", "exec"), {})  # noqa: S102 - our own page
    made = read_recipe("robyn", str(tmp_path / "robyn.csv"))
    assert header("robyn/dt_simulated_weekly.csv") - columns_used(made, recipe("robyn")) == {"events"}
    # one week each: 21 May 2018 and 22 April 2019
    weeks = [str(made.dates[made.events[:, 0, index] == 1][0])[:10] for index in (0, 1)]
    assert weeks == ["2018-05-21", "2019-04-22"]
    assert made.events.sum() == 2
    assert made.paid.tolist() == [True] * 5 + [False]
    assert not [finding for finding in made.findings if finding.severity == "error"]
