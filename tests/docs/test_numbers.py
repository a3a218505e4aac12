"""Numbers that the guide states are those that the data and the priors give."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from cli.config import load, media_section
from docs.figures import priors as figure
from mmm.config import PriorSection
from mmm.presets import DELAY_DAYS, DELAY_SD, HALF_LIFE_SD, MEDIA_TYPES, Z90
from mmm.priors import FREQUENCY, HALF_SATURATION, ORGANIC_SD, SLOPE, WEIBULL_SHAPE, paid_shares
from tests.docs.pages import ROOT

RETAILER = ROOT / "examples" / "retailer"
STUDY = (RETAILER / "README.md").read_text(encoding="utf-8")
PRIORS = (ROOT / "docs" / "priors.md").read_text(encoding="utf-8")
ROWS = {"direct mail": "dm", "insert": "inst", "newspaper": "nsp", "digital audio": "auddig", "radio": "audtr"}
ROWS |= {"TV": "vidtr", "digital video": "viddig", "social": "so", "display": "on", "search": "sem"}


@pytest.fixture(scope="module")
def weekly() -> pd.DataFrame:
    return pd.read_csv(RETAILER / "data" / "weekly.csv", parse_dates=["wk_strt_dt"])


def columns(weekly: pd.DataFrame, start: str) -> list[str]:
    return [column for column in weekly if column.startswith(start)]


def test_size_and_share(weekly: pd.DataFrame) -> None:
    spend, sales = weekly[columns(weekly, "mdsp_")].sum().sum(), weekly["sales"]
    assert weekly.shape == (209, 80)
    assert "209 weeks" in STUDY
    assert f"{sales.sum() / 1e9:.2f} billion over the 209 weeks" in STUDY
    assert f"{spend / 1e6:.1f} million, {spend / sales.sum():.2%} of sales".replace("%", " %") in STUDY
    assert f"{sales.mean() / 1e6:.0f} million a week on average" in STUDY
    assert f"({sales.std() / sales.mean():.0%} of the mean)".replace("%", " %") in STUDY


def test_columns_are_counted_right(weekly: pd.DataFrame) -> None:
    section = media_section(load(RETAILER / "outlay.toml"))
    flags = [*columns(weekly, "hldy_"), *columns(weekly, "seas_week_")]
    assert f"{len(section.events)} of {len(flags)}" in STUDY
    assert set(section.events) <= set(flags)
    left_out = weekly[[flag for flag in flags if flag not in section.events]]
    assert left_out.shape[1] == 6
    kept = weekly[list(section.events)]
    # each column that was left out is a copy of one that was kept
    assert all(any((left_out[a] == kept[b]).all() for b in kept) for a in left_out)
    used = {section.date, section.kpi, *section.controls, *section.events, *(lever.column for lever in section.levers)}
    used |= {column for channel in section.channels for column in (channel.exposure, channel.spend) if column}
    assert len(used) == 55  # 2 + 13 + 10 + 3 + 2 + 25 of the table's rows
    table = STUDY.partition("## What is used")[2].partition("## What we saw")[0]
    assert sum(int(n) for n in re.findall(r"^\|[^|]*\| (\d+)(?: of 31)? \|", table, re.MULTILINE)) == 80


def test_cost_per_thousand(weekly: pd.DataFrame) -> None:
    year = weekly["wk_strt_dt"].dt.year
    for label, code in ROWS.items():
        spend, exposure = (weekly.groupby(year)[f"{kind}_{code}"].sum() for kind in ("mdsp", "mdip"))
        cells = [
            "none seen" if seen == 0 else f"{1000 * paid / seen:,.2f}"
            for paid, seen in zip(spend, exposure, strict=True)
        ]
        assert f"| {label} | {' | '.join(cells)} |" in STUDY


def test_money_without_exposure(weekly: pd.DataFrame) -> None:
    lost = weekly[(weekly["mdsp_so"] > 0) & (weekly["mdip_so"] == 0)]
    assert len(lost) == 45
    assert f"USD {lost['mdsp_so'].sum():,.0f}" in STUDY
    assert f"in 45 weeks from {lost['wk_strt_dt'].min():%Y-%m-%d} to {lost['wk_strt_dt'].max():%Y-%m-%d}" in STUDY
    assert (weekly["mdip_so"] == 0).sum() == 52


def test_newspapers_faded(weekly: pd.DataFrame) -> None:
    seen = weekly[weekly["mdip_nsp"] > 0]
    medians = seen.groupby(seen["wk_strt_dt"].dt.year)["mdip_nsp"].median()
    assert f"{medians[2014] / medians[2018]:.0f} times" in " ".join(STUDY.split())


def test_what_moves_together(weekly: pd.DataFrame) -> None:
    correlation = weekly[columns(weekly, "mdip_")].corr().to_numpy()
    pairs = np.sort(correlation[np.triu_indices(13, 1)])[::-1]
    assert "0.67 (affiliates" in STUDY
    assert round(pairs[0], 2) == 0.67
    assert round(float(np.diag(np.linalg.inv(correlation)).max()), 1) == 2.5
    with_sales = weekly[["mdip_vidtr", "mdip_sem", "mdip_on"]].corrwith(weekly["sales"])
    assert with_sales.round(2).tolist() == [0.68, 0.59, 0.56]


def test_least_squares_would_credit_demand_to_media(weekly: pd.DataFrame) -> None:
    section = media_section(load(RETAILER / "outlay.toml"))
    media = [channel.exposure for channel in section.channels]
    phase = 2 * np.pi * weekly["wk_strt_dt"].dt.day_of_year.to_numpy() / 365.25
    waves = [wave(k * phase) for k in (1, 2, 3) for wave in (np.sin, np.cos)]
    rest = [*section.controls, *section.events, *(lever.column for lever in section.levers)]
    design = np.column_stack(
        [weekly[[name for name in media if name]], np.ones(209), np.linspace(-1, 1, 209), *waves, weekly[rest]]
    )[13:].astype(float)
    sales = weekly["sales"].to_numpy()[13:]
    coefficients, _, rank, _ = np.linalg.lstsq(design, sales)
    share = dict(zip(media, coefficients * design.sum(0) / sales.sum(), strict=False))
    assert "196 weeks, 51 coefficients" in STUDY
    assert (len(sales), rank) == (196, 51)
    assert f"| search | {share['mdip_sem']:.0%} |".replace("%", " %") in STUDY
    roi = share["mdip_vidtr"] * sales.sum() / weekly["mdsp_vidtr"][13:].sum()
    assert f"| TV | {share['mdip_vidtr']:.0%} | 5.6 | {roi:.0f} |".replace("%", " %") in STUDY


def test_the_table_of_priors_states_the_defaults() -> None:
    prior = PriorSection()
    centre = np.log(prior.paid_share / (1 - prior.paid_share))
    low, high = 1 / (1 + np.exp(-(centre + np.array([-Z90, Z90]) * prior.paid_share_sd)))
    assert f"| {prior.paid_share:.0%} | {low:.1%} to {high:.0%} |".replace("%", " %") in PRIORS
    organic = prior.organic_share * np.exp(np.array([-Z90, Z90]) * ORGANIC_SD)
    assert f"{organic[0]:.2%} to {organic[1]:.1%}".replace("%", " %") in PRIORS
    days = prior.half_life_days * np.exp(np.array([-Z90, Z90]) * HALF_LIFE_SD)
    assert f"{days[0]:.1f} to {days[1]:.0f} days" in PRIORS
    mu, sd = HALF_SATURATION
    k = np.exp(mu + np.array([-Z90, Z90]) * sd)
    assert f"| {np.exp(mu):.0f} | {k[0]:.2f} to {k[1]:.1f} |" in PRIORS


@pytest.mark.parametrize(
    "row, middle, ends",
    [
        ("days until a delayed effect peaks", DELAY_DAYS, DELAY_DAYS * np.exp(np.array([-Z90, Z90]) * DELAY_SD)),
        (
            "Weibull shape",
            np.exp(WEIBULL_SHAPE[0]),
            np.exp(WEIBULL_SHAPE[0] + np.array([-Z90, Z90]) * WEIBULL_SHAPE[1]),
        ),
        ("Hill slope, where it is free", np.exp(SLOPE[0]), np.exp(SLOPE[0] + np.array([-Z90, Z90]) * SLOPE[1])),
        ("exponent of a root", 0.5, stats.beta(2.0, 2.0).ppf([0.05, 0.95])),
        ("contacts per person", np.exp(FREQUENCY[0]), np.exp(FREQUENCY[0] + np.array([-Z90, Z90]) * FREQUENCY[1])),
    ],
)
def test_the_table_of_priors_states_the_families(row: str, middle: float, ends: np.ndarray) -> None:
    cells = next(line for line in PRIORS.split("\n") if line.startswith(f"| {row}")).split("|")
    assert float(cells[3].split()[0]) == pytest.approx(middle, rel=0.02)  # as many digits as a reader wants
    low, high = re.findall(r"[\d.]+", cells[4])
    assert (float(low), float(high)) == pytest.approx(tuple(ends), rel=0.035)  # two digits


def test_the_table_of_media_types_states_the_presets() -> None:
    for kind, belief in MEDIA_TYPES.items():
        cells = next(line for line in PRIORS.split("\n") if line.startswith("|") and f'`"{kind}"`' in line).split("|")
        assert cells[3].strip() == f"{belief.days:.1f} days"
        low, high = re.findall(r"[\d.]+", cells[4])
        assert (float(low), float(high)) == pytest.approx((belief.quantile(-Z90), belief.quantile(Z90)), rel=0.05)


def test_what_the_split_implies() -> None:
    ratio = PriorSection().roi_ratio
    sd = np.log(ratio) / Z90
    factors = {p: np.exp(Z90 * sd * np.sqrt(1 - 1 / p)) for p in (2, 5, 10)}
    assert f"{factors[2]:.1f} either way for 2 channels, {factors[5]:.1f} for 5, {factors[10]:.1f} for 10" in " ".join(
        PRIORS.split()
    )
    assert f"= {ratio ** np.sqrt(2):.1f} either way" in PRIORS
    rng = np.random.default_rng(1)
    split = rng.normal(0, sd, (200_000, 10))
    split -= split.mean(1, keepdims=True)
    relative = paid_shares(np.full(200_000, 40.0), split, np.full(10, 0.1))[:, 0] * 10
    # the standard error of these quantiles over 200,000 draws is below 0.01
    assert np.quantile(relative, (0.05, 0.5, 0.95)) == pytest.approx([0.13, 0.69, 2.95], abs=0.04)


def test_the_picture_is_drawn_from_the_priors_of_today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figure, "DRAWS", 20_000)
    default, stated = figure.beliefs()
    ratio = default.design.panel.kpi[default.design.fit].sum() / default.design.panel.spend[default.design.fit].sum()
    # the average ROI that each belief implies, as priors.md and the example state it
    assert np.median(default.paid_share) * ratio == pytest.approx(4.6, rel=0.05)
    assert np.median(stated.paid_share) * ratio == pytest.approx(2.3, rel=0.05)
    direct_mail = np.quantile(default.relative_roi[:, 0], (0.05, 0.95))
    assert direct_mail == pytest.approx([0.16, 2.1], rel=0.1)
