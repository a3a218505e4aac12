"""Words: when a check is good, when it asks for a look, and when it forbids; and one sentence over all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from mmm.catalogue import CATALOGUE
from mmm.validation import verdicts as say
from mmm.validation.checks import PredictiveCheck
from mmm.validation.folds import CrossValidation, cross_validate
from mmm.validation.loo import LeaveOneOut
from mmm.validation.mediators import Contested
from mmm.validation.placebo import Placebos
from mmm.validation.stability import Stability
from mmm.validation.verdicts import Verdict
from outlay.findings import Finding
from tests.mmm.validation.fitters import conjugate_fit
from tests.mmm.validation.markets import fit


@pytest.fixture(scope="module")
def folds() -> CrossValidation:
    found = cross_validate(fit(), conjugate_fit, 2, 8)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("skill", "error", "status"), [(0.3, 0.1, "good"), (0.1, 0.1, "watch"), (-0.1, 0.1, "watch"), (-0.5, 0.1, "bad")]
)
def test_forecasts_are_judged_against_repetition(
    folds: CrossValidation, skill: float, error: float, status: str
) -> None:
    one = say.forecast_verdicts(replace(folds, skill=skill, skill_error=error), 8, "week")[0]
    assert (one.id, one.status) == ("V001", status)
    assert ("WORSE than" in one.what) == (status == "bad")
    assert bool(one.repair) == (status != "good")


def test_what_cannot_be_judged_is_not_called_good() -> None:
    (one,) = say.forecast_verdicts(None, 13, "week")
    assert (one.id, one.status) == ("V001", "open")
    assert "V015" in one.what


@pytest.mark.parametrize(
    ("share", "error", "status"),
    [(0.9, 0.03, "good"), (0.83, 0.03, "good"), (0.8, 0.03, "watch"), (0.6, 0.05, "bad"), (1.0, 0.03, "watch")],
)
def test_intervals_are_judged_beyond_chance(share: float, error: float, status: str) -> None:
    one = say.coverage_verdict({0.5: (0.5, 0.05), 0.9: (share, error)})
    assert one.status == status


def test_right_intervals_raise_no_alarm() -> None:
    """2,000 right models of 60 independent values at ten origins: 2.5 standard errors are passed in about 1.2 % by a
    normal, and a binomial is coarser; two in a hundred with an allowance of 4 standard errors (0.0125)."""
    rng = np.random.default_rng(8)
    from mmm.validation.scores import coverage

    alarms = 0
    for _ in range(2000):
        hits = rng.random((10, 6)) < 0.9
        alarms += say.coverage_verdict({0.9: coverage(list(hits), 0.9)}).status != "good"
    assert alarms / 2000 < 0.02 + 0.0125


def test_data_unlike_the_model_s_are_named() -> None:
    table = pd.DataFrame(
        {
            "statistic": ["mean", "persistence"],
            "actual": [1.0, 0.9],
            "low": [0.5, 0.1],
            "high": [1.5, 0.4],
            "p": [0.5, 0],
        }
    )
    one = say.predictive_verdict(PredictiveCheck(table, {}))
    assert one.status == "watch"
    assert "persistence 0.90, and the model draws 0.10 to 0.40" in one.what
    assert one.repair.startswith("Something slow is missing")
    assert say.predictive_verdict(PredictiveCheck(table[:1], {})).status == "good"


def test_influential_periods_are_named_with_their_dates() -> None:
    table = pd.DataFrame(
        {
            "date": pd.date_range("2024-01-01", periods=3, freq="7D"),
            "group": "national",
            "elpd": -1.0,
            "khat": [0.2, 0.9, 0.3],
        }
    )
    one = say.influence_verdict(LeaveOneOut(-3.0, 0.1, 1.0, table, 4000, 0.7))
    assert one.status == "watch"
    assert "2024-01-08 (0.90)" in one.what


def _moved(size: float) -> Stability:
    rows = [
        {"refit": refit, "channel": "tv", "share_moved": size, "roi_moved": -size}
        for refit in ("last periods dropped", "another seed", "noise on inputs")
    ]
    expected = {"last periods dropped": 0.18, "another seed": 0.07, "noise on inputs": 0.07}
    return Stability(pd.DataFrame(rows), expected, ())


@pytest.mark.parametrize(
    ("size", "statuses"),
    [(0.3, ["good"] * 3), (0.6, ["good", "watch", "watch"]), (0.9, ["watch"] * 3), (1.5, ["bad"] * 3)],
)
def test_moves_are_judged_beyond_what_rows_teach(size: float, statuses: list[str]) -> None:
    """Dropped rows may move an answer by 3.5 x 0.18 = 0.63 sds without a word, a seed by half of one."""
    found = say.stability_verdicts(_moved(size), "week")
    assert [one.status for one in found] == statuses
    assert all(one.barred == (("tv",) if one.status == "bad" else ()) for one in found)


@pytest.mark.parametrize(("caught", "status"), [(0, "good"), (1, "good"), (2, "good"), (3, "watch"), (4, "bad")])
def test_placebos_are_judged_by_their_number(caught: int, status: str) -> None:
    """Of eight at 10 %: two or more in 18.7 % of right models, three in 3.8 %, four in 0.5 %."""
    table = pd.DataFrame({"share_mean": np.linspace(0.01, 0.08, 8), "caught": [i < caught for i in range(8)]})
    assert say.placebo_verdict(Placebos(table, ())).status == status


def test_a_mediator_bars_the_channels_that_it_decides_on() -> None:
    rows = [
        {"refit": "visits", "channel": "tv", "roi_before": 1.0, "roi_after": 2.5, "roi_moved": 1.4},
        {"refit": "visits", "channel": "search", "roi_before": 1.0, "roi_after": 1.1, "roi_moved": 0.1},
    ]
    one = say.mediator_verdict(Contested({"visits": "declared as a mediator"}, pd.DataFrame(rows), ()))
    assert (one.status, one.channels, one.barred) == ("bad", ("tv",), ("tv",))
    assert "goes from 1.00 to 2.50 (+1.4 sds)" in one.what


def test_unknown_channels_are_barred_and_leaning_ones_doubted() -> None:
    table = pd.DataFrame(
        {"channel": ["tv", "radio", "search"], "verdict": ["not identified", "mostly prior", "informed by data"]}
    )
    one = say.informed_verdict(table)
    assert (one.status, one.channels, one.barred) == ("bad", ("tv", "radio"), ("tv",))
    all_of_them = say.informed_verdict(table.assign(verdict="informed by data"))
    assert (all_of_them.status, all_of_them.what) == ("good", "informed by data: all 3 channels")


def test_a_baseline_below_zero_forbids_the_model() -> None:
    found = [Finding("M006", "warning", "baseline", "the baseline is below zero in 30% of the periods", "")]
    one = say.finding_verdict(found)
    assert (one.status, one.barred) == ("bad", ())
    assert say.finding_verdict([]).status == "good"


def test_one_sentence_over_all() -> None:
    good = Verdict("V011", "pairs", "good", "")
    watch = Verdict("V012", "baseline", "watch", "", "", ("tv",))
    barred = Verdict("V010", "informed", "bad", "", "", ("tv", "radio"), ("radio",))
    whole = Verdict("V008", "placebo channels", "bad", "")
    assert say.overall([good])[0] == "good"
    assert say.overall([good, watch]) == (
        "watch",
        "Usable with care: one check asks for a second look. Take care with tv.",
    )
    assert say.overall([watch, barred]) == ("bad", "Do not use the numbers of radio (V010). Take care with tv.")
    assert say.overall([barred], ("radio",))[1].startswith("Do not use the numbers of any channel (V010).")
    assert say.overall([barred, whole]) == ("bad", "Do not use this model: placebo channels (V008).")
    assert say.channel_use([watch, barred]) == {"tv": ("watch", ("V012", "V010")), "radio": ("bad", ("V010",))}


def test_every_id_of_a_verdict_can_be_explained() -> None:
    from cli.verdict_page import SECTIONS

    for _, ids in SECTIONS:
        for id in ids:
            assert CATALOGUE[id].meaning
