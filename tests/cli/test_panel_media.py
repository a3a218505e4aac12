"""A panel of segments is a table of media: what is written with its section is read by the media room."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cli.config import load, media_section
from cli.panel_media import media_toml, national_media
from mmm.panel import panel_from_table
from outlay.errors import ConfigError
from outlay.project import ProjectSection
from segmentation.config import CustomersSection
from segmentation.panel import panel

PROJECT = """
[project]
name = "Shop"
currency = "EUR"

[customers]
[customers.transactions]
source = "orders.parquet"
customer = "who"
date = "day"
amount = "paid"

[media]
source = "media.csv"
date = "week"
kpi = "sales"
controls = ["price"]

[[media.channels]]
name = "TV"
spend = "tv"
exposure = "grp"
media_type = "tv"

[[media.channels]]
name = "Search"
spend = "search"
"""


def write(folder: Path, text: str = PROJECT, groups: int = 1) -> None:
    rng, weeks = np.random.default_rng(1), 60
    days = pd.date_range("2024-01-01", periods=7 * weeks, freq="D")
    who = rng.integers(0, 40, 6000)
    orders = pd.DataFrame({"who": who, "day": rng.choice(days, 6000), "paid": rng.lognormal(3, 0.3, 6000).round(2)})
    pd.concat([orders, pd.DataFrame({"who": [1, 2], "day": days[[0, -1]], "paid": [9.0, 9.0]})]).to_parquet(
        folder / "orders.parquet"
    )
    rows = [
        {"week": days[7 * w], "region": f"r{g}", "sales": 1000.0, "tv": 50.0 + w, "grp": 5.0, "search": 20.0 * (w % 3)}
        for w in range(weeks)
        for g in range(groups)
    ]
    table = pd.DataFrame(rows).assign(price=lambda t: 1 + 0.1 * (t["week"].dt.month % 4))
    table.to_csv(folder / "media.csv", index=False)
    (folder / "outlay.toml").write_text(text, encoding="utf-8")


def labels() -> pd.DataFrame:
    return pd.DataFrame(
        {"id": [str(k) for k in range(40)], "segment": ["big" if k < 10 else "small" for k in range(40)]}
    )


def test_the_panel_is_read_by_the_media_room(tmp_path: Path) -> None:
    write(tmp_path)
    project = load(tmp_path / "outlay.toml")
    about = project.section("project", ProjectSection)
    media = national_media(project)
    assert media is not None
    found = panel(project.section("customers", CustomersSection), about, tmp_path, labels(), media)
    found.frame.to_csv(tmp_path / "panel.csv", index=False)
    section = media_toml(found, "panel.csv", media_section(project))
    (tmp_path / "segments.toml").write_text('[project]\nname = "Shop"\ncurrency = "EUR"\n\n' + section)
    again = load(tmp_path / "segments.toml")
    told = panel_from_table(media_section(again), about, tmp_path)
    assert told.groups == ("big", "small")
    assert told.channels == ("TV", "Search")
    assert told.n_periods == 60
    np.testing.assert_allclose(told.spend.sum(1)[:, 0], 50.0 + np.arange(60))


def test_groups_of_the_media_table_are_added_up(tmp_path: Path) -> None:
    write(tmp_path, PROJECT.replace('kpi = "sales"', 'kpi = "sales"\ngroup = "region"'), groups=3)
    found = national_media(load(tmp_path / "outlay.toml"))
    assert found is not None
    np.testing.assert_allclose(found.spend["tv"], 3 * (50.0 + np.arange(60)))
    assert found.left_out == ("price",)


def test_weeks_marked_by_their_end_begin_six_days_before(tmp_path: Path) -> None:
    write(tmp_path, PROJECT.replace('kpi = "sales"', 'kpi = "sales"\ndate_marks = "end"'))
    found = national_media(load(tmp_path / "outlay.toml"))
    assert found is not None
    assert found.dates[0] == pd.Timestamp("2023-12-26")


def test_reach_and_frequency_cannot_be_shared_out(tmp_path: Path) -> None:
    write(tmp_path, PROJECT.replace('exposure = "grp"', 'reach = "grp"\nfrequency = "grp"'))
    with pytest.raises(ConfigError, match="reach and frequency"):
        national_media(load(tmp_path / "outlay.toml"))


def test_without_media_there_is_none(tmp_path: Path) -> None:
    write(tmp_path, PROJECT.split("[media]")[0])
    assert national_media(load(tmp_path / "outlay.toml")) is None
