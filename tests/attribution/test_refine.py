"""From leads to money: names that meet, mixes that are drawn, and the product of the two models draw by draw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest

from attribution.config import LeadsSection
from attribution.leads import LeadCells
from attribution.refine import refine
from outlay.errors import ConfigError
from outlay.response import NATIONAL, ResponseDraws
from tests.budget.leads import make_leads

LEVELS = {
    "segment": ("small", "large"),
    "region": ("g0", "g1"),
    "channel": ("Google Ads", "ch1", "organic"),
    "band": ("3", "2", "1"),
}
STAGES = ("mql", "sqo", "won")
DRAWS = 30


@dataclass
class FakeRates:
    """What the conversion model answers."""

    labels: pd.DataFrame
    leads: np.ndarray
    reach: np.ndarray
    value: np.ndarray
    mix: str = "The lead mix is that of 2024."


class FakeConversion:
    """Rates that depend on segment, band and channel, and counts that depend on channel and region."""

    def __init__(
        self, levels: dict[str, tuple[str, ...]], counts: dict[tuple[str, str], float], **keys: object
    ) -> None:
        self.levels, self.counts, self.n_draws = levels, counts, DRAWS
        rng = np.random.default_rng(4)
        self.noise = rng.uniform(0.8, 1.2, DRAWS)
        self.money = rng.uniform(9_000.0, 11_000.0, (DRAWS, 1)) * np.array([1.0, 5.0])
        self.section = LeadsSection(source="leads.csv", date="created", stages=STAGES, **keys)  # type: ignore[arg-type]
        empty = np.zeros((0, 2))
        self.cells = LeadCells(
            STAGES, tuple(levels), levels, np.zeros((0, len(levels)), np.int64), empty, empty, empty,
            *(np.zeros(0) for _ in range(4)), "USD", date(2025, 1, 1), (0.0, 0.0), (0, 0), 0, "leads.csv", "x",
        )  # fmt: skip

    def rate(self, label: dict[str, str]) -> float:
        return {"3": 0.3, "2": 0.2, "1": 0.1}.get(label.get("band", ""), 0.2) + 0.1 * (label.get("channel") == "ch1")

    def draws(self, by: tuple[str, ...], most: int | None = None) -> FakeRates:
        rows = [dict(zip(by, names, strict=True)) for names in product(*(self.levels[dim] for dim in by))]
        others = {dim: self.levels[dim] for dim in self.levels if dim not in by}
        leads = np.array([self._leads(row, others) for row in rows])
        reach = np.stack(
            [
                np.stack([np.ones(DRAWS), self.rate(row) * self.noise, 0.5 * self.rate(row) * self.noise], -1)
                for row in rows
            ],
            axis=1,
        )
        place = [self.levels["segment"].index(row["segment"]) if "segment" in row else 0 for row in rows]
        return FakeRates(pd.DataFrame(rows), leads, reach, self.money[:, place])

    def _leads(self, row: dict[str, str], others: dict[str, tuple[str, ...]]) -> float:
        whole = [row | dict(zip(others, names, strict=True)) for names in product(*others.values())]
        return sum(self._count(each) for each in whole)

    def _count(self, row: dict[str, str]) -> float:
        share = {"small": 0.75, "large": 0.25}[row.get("segment", "small")] if "segment" in self.levels else 1.0
        return self.counts.get((row.get("channel", ""), row.get("region", "")), 0.0) * share / 3


COUNTS = {("Google Ads", "g0"): 600.0, ("Google Ads", "g1"): 12.0, ("ch1", "g0"): 900.0, ("ch1", "g1"): 900.0}
COUNTS |= {("organic", "g0"): 3_000.0, ("organic", "g1"): 300.0}


def fit(**keys: object) -> ResponseDraws:
    return make_leads(2, **{"channels": 3, "groups": 2, "draws": 40, "future": 6, **keys})


def conversion(**keys: object) -> FakeConversion:
    return FakeConversion(LEVELS, COUNTS, **{"channel_map": {"Google Ads": "ch0"}, **keys})


def test_money_is_leads_times_reach_times_value_draw_by_draw():
    """The product by loops: what refine says of every draw, group and channel, from its own splits."""
    response = fit()
    money = refine(response, conversion(), 7).response
    down = money.downstream
    assert down is not None
    for s, g, c in product((0, 17, 39), range(2), range(3)):
        worth = sum(
            down.split[s, g, c, k, b] * down.reach[s, g, c, k, b, 2] * down.value[s, k]
            for k, b in product(range(2), range(3))
        )
        assert money.coefficient[s, g, c] == pytest.approx(response.coefficient[s, g, c] * worth, rel=1e-12)
    base = down.worth_of_lead[:, None, :, -1]
    assert money.baseline == pytest.approx(response.baseline * base, rel=1e-12)
    assert (money.outcome, money.outcome_unit, money.money) == ("value of mqls", "USD", True)
    assert down.split.sum(axis=(-2, -1)) == pytest.approx(np.ones((40, 2, 4)))
    assert (down.reach[..., 0] == 1.0).all()


def test_draws_of_both_models_are_paired_by_the_seed_alone():
    """Reach and value of a draw come from one draw of the conversion model, the same for all channels."""
    made = conversion()
    one, same, other = (refine(fit(), made, seed).response.downstream for seed in (7, 7, 8))
    assert np.array_equal(one.split, same.split)
    assert np.array_equal(one.value, same.value)
    assert not np.array_equal(one.value, other.value)
    mine = [int(np.flatnonzero((made.money == value).all(axis=1))[0]) for value in one.value]
    assert np.bincount(mine, minlength=DRAWS).min() >= 1  # 40 draws over 30: none is left out before one comes twice
    top = one.bands.index("3")
    assert one.reach[:, 0, 1, 0, top, 1] == pytest.approx(0.4 * made.noise[mine])


def test_mixes_are_dirichlet_draws_of_the_counts():
    """Means and spreads of a Dirichlet with the counts as parameters; 4,000 draws, five standard errors."""
    response = fit(draws=4_000)
    split = refine(response, conversion(), 1).response.downstream.split
    small = split[:, 0, 1, 0].sum(axis=-1)  # ch1 in g0: 900 leads, three quarters small
    sd = np.sqrt(0.75 * 0.25 / 901.0)
    assert small.mean() == pytest.approx(0.75, abs=5 * sd / np.sqrt(4_000))
    assert small.std() == pytest.approx(sd, rel=0.06)


def test_bands_go_from_best_to_worst():
    """Cells hold the lowest score first; plans tell the best first."""
    levels = {**LEVELS, "band": ("1", "2", "3")}
    assert refine(fit(), FakeConversion(levels, COUNTS), 1).response.downstream.bands == ("3", "2", "1")


def test_what_does_not_meet_is_told():
    refined = refine(fit(), conversion(), 1)
    told = {finding.id: finding.what for finding in refined.findings}
    assert "ch2" in told["V080"]
    assert "organic" in told["V081"]
    assert "ch0 in g1" in told["V084"]  # 12 leads of Google Ads there
    assert "V083" not in told
    assert any("last touch" in line for line in refined.response.assumptions)
    assert any("independent" in line for line in refined.response.assumptions)
    assert any("lead mix is that of 2024" in line for line in refined.response.assumptions)


def test_a_channel_without_leads_takes_the_mix_of_all():
    down = refine(fit(draws=2_000), conversion(), 1).response.downstream
    every = sum(COUNTS[name, "g0"] for name in ("Google Ads", "ch1", "organic"))
    of_ch1 = COUNTS["ch1", "g0"] / every
    best = down.bands.index("3")
    expected = 0.3 + 0.1 * of_ch1  # ch1 converts 0.1 better, and is so much of all leads
    assert down.reach[:, 0, 2, 0, best, 1].mean() == pytest.approx(expected * conversion().noise.mean(), rel=0.02)


@pytest.mark.parametrize(
    ("response", "levels"),
    [
        (fit(groups=1), LEVELS),
        (replace(fit(), groups=("north", "south")), LEVELS),
        (fit(), {dim: names for dim, names in LEVELS.items() if dim != "region"}),
    ],
)
def test_groups_that_are_not_regions_take_the_mix_of_all_regions(response, levels):
    counts = COUNTS if "region" in levels else {(name, ""): 500.0 for name in LEVELS["channel"]}
    refined = refine(response, FakeConversion(levels, counts, channel_map={"Google Ads": "ch0"}), 1)
    split = refined.response.downstream.split
    assert "V083" in {finding.id for finding in refined.findings}
    assert (response.groups == (NATIONAL,)) or np.array_equal(split[:, 0], split[:, 1])


def test_leads_without_segment_or_band():
    levels = {dim: LEVELS[dim] for dim in ("region", "channel")}
    down = refine(fit(), FakeConversion(levels, COUNTS, channel_map={"Google Ads": "ch0"}), 1).response.downstream
    assert (down.segments, down.bands) == (("all",), ("all",))


def test_a_value_per_kpi_is_taken_off_again():
    leads = fit()
    priced = replace(leads, outcome="value of mqls", outcome_unit="USD", money=True, value=leads.value * 40.0)
    priced = replace(priced, baseline=leads.baseline * 40.0)
    mine, theirs = (refine(each, conversion(), 1) for each in (priced, leads))
    assert mine.response.baseline == pytest.approx(theirs.response.baseline)
    assert (mine.response.value == 1.0).all()
    assert "V088" in {finding.id for finding in mine.findings}


@pytest.mark.parametrize(
    ("id", "change"),
    [("V085", {"link": "log"}), ("V086", {"money": True, "outcome": "revenue"})],
)
def test_models_that_count_no_leads_are_refused(id, change):
    with pytest.raises(ConfigError, match=id) as caught:
        refine(replace(fit(), **change), conversion(), 1)
    assert caught.value.exit_code == 2


def test_names_that_do_not_meet_at_all_are_refused():
    with pytest.raises(ConfigError, match="V082"):
        refine(replace(fit(), channels=("tv", "radio", "print")), conversion(channel_map={}), 1)


def test_leads_without_value_are_refused():
    made = conversion()
    made.money = np.full_like(made.money, np.nan)
    with pytest.raises(ConfigError, match="V087"):
        refine(fit(), made, 1)


def test_few_leads_over_all_regions_take_the_mix_of_all():
    counts = COUNTS | {("Google Ads", "g0"): 9.0}
    refined = refine(fit(), FakeConversion(LEVELS, counts, channel_map={"Google Ads": "ch0"}), 1)
    assert "ch0" in next(finding.what for finding in refined.findings if finding.id == "V089")
