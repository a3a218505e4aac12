"""Refits: other panels, and what is kept of them; stability and placebos on top."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binom

from mmm.config import ChannelPriorSection, ChannelSection
from mmm.panel import MediaPanel
from mmm.validation.answers import answers, moves
from mmm.validation.placebo import PRIOR_SD, _order, false_alarm_chance, placebos, shuffled
from mmm.validation.refits import Failed, Refit, refit_all, shaken, until, with_channel, without_control
from mmm.validation.stability import stability
from outlay.errors import TrustError
from tests.mmm.validation.fitters import conjugate_fit
from tests.mmm.validation.markets import data, fit, market


def test_a_shorter_panel_is_the_same_until_then() -> None:
    panel, section = data(True)
    short = until(panel, 80)
    assert short.n_periods == 80
    again = MediaPanel.from_frame(short.to_frame(), section, market(True).project)
    np.testing.assert_array_equal(again.exposure, panel.exposure[:80])
    np.testing.assert_array_equal(again.kpi, panel.kpi[:80])


def test_noise_on_inputs_moves_spend_and_exposure_alike() -> None:
    """2 % of noise on 260 values: their own sd is within 4 standard errors (0.0035) of it."""
    panel, _ = data()
    noisy = shaken(panel, 0.02, 3)
    on = panel.spend > 0
    ratio = np.log(noisy.spend[on] / panel.spend[on])
    np.testing.assert_allclose(ratio, np.log(noisy.exposure[on] / panel.exposure[on]), atol=1e-12)
    assert ratio.std() == pytest.approx(0.02, abs=0.0035)


def test_a_control_can_be_left_out() -> None:
    panel, section = data()
    less, shorter = without_control(panel, section, "price")
    assert less.control_names == shorter.controls == ()
    assert less.controls.shape[-1] == 0
    assert "control price" not in [t.name for t in conjugate_fit(less, shorter, market().project, 1).design.terms]


def test_refits_are_told_and_a_failed_one_is_named() -> None:
    panel, section = data()
    refits = [Refit(str(stop), until(panel, stop), section, market().project, 1) for stop in (100, 40, 130)]

    def fitter(panel, section, project, seed):  # type: ignore[no-untyped-def]
        if panel.n_periods == 40:
            raise TrustError("the sampler stopped")
        return conjugate_fit(panel, section, project, seed)

    told: list[tuple[int, int]] = []
    results = refit_all(
        refits, fitter, lambda refit, fitted: fitted.design.panel.n_periods, tell=lambda *x: told.append(x)
    )
    assert results == [100, Failed("40", "the sampler stopped"), 130]
    assert told == [(2, 3), (3, 3)]


@pytest.mark.parametrize(("route", "threads"), [("kernel", 2), ("pymc", 1)])
def test_only_what_does_not_compile_runs_side_by_side(route: str, threads: int) -> None:
    panel, section = data()
    seen: set[int] = set()
    both = threading.Barrier(2, timeout=20)

    def fitter(panel, section, project, seed):  # type: ignore[no-untyped-def]
        if seed and route == "kernel":
            both.wait()  # passes only where two are there at once
        seen.add(threading.get_ident())
        it = fit()
        return replace(it, samples=replace(it.samples, route=route))

    refits = [Refit(str(i), panel, section, market().project, i) for i in range(3)]
    assert refit_all(refits, fitter, lambda refit, fitted: refit.name, workers=2) == ["0", "1", "2"]
    assert len(seen - {threading.get_ident()}) == (2 if threads == 2 else 0)


def test_moves_are_in_sds_of_the_first_answer() -> None:
    before = answers(fit().draws)
    after = replace(before, share=before.share + 0.5 * before.share.std(0), roi=before.roi - 2 * before.roi.std(0))
    table = moves("other", before, after)
    np.testing.assert_allclose(table["share_moved"], 0.5)
    np.testing.assert_allclose(table["roi_moved"], -2.0)


def test_a_refit_without_its_last_rows_is_compared_over_the_same_window() -> None:
    found = stability(fit(), conjugate_fit)
    dropped = found.moves[found.moves["refit"] == "last periods dropped"]
    n = fit().design.panel.n_periods
    window = answers(fit().draws, slice(fit().design.fit.start, n - 4))
    np.testing.assert_allclose(dropped["share_before"], window.share.mean(0))
    assert set(found.moves["refit"]) == {"last periods dropped", "another seed", "noise on inputs"}
    assert found.expected["last periods dropped"] > found.expected["another seed"]


def test_a_year_s_blocks_come_from_the_same_season_of_another_year() -> None:
    order = _order(52 * 3 + 10, 7, np.random.default_rng(1))
    whole = order[10:]
    np.testing.assert_array_equal(np.sort(whole), np.arange(10, 166))
    assert ((whole - 10) % 52 == np.arange(156) % 52).all()
    assert (whole // 1 != np.arange(10, 166)).all()
    short = _order(60, 7, np.random.default_rng(1))
    np.testing.assert_array_equal(np.sort(short), np.arange(60))


def test_a_shuffle_is_unlike_every_channel_or_is_none() -> None:
    panel, _ = data()
    copy = shuffled(panel, 0, 2, np.random.default_rng(2))
    assert copy is not None
    assert abs(np.corrcoef(copy[:, 0], panel.exposure[:, 0, 0])[0, 1]) < 0.6
    steady = replace(panel, exposure=panel.exposure.copy())
    steady.exposure[:, 0, 0] = np.arange(130) % 4 + 1.0  # comes again every four weeks: a shuffle of blocks is a copy
    assert shuffled(steady, 0, 2, np.random.default_rng(2)) is None


def test_placebos_come_out_as_nothing() -> None:
    """Six at 10 %: three or more have a chance of 1.6 %, and the seed is fixed."""
    found = placebos(fit(), conjugate_fit, 6)
    assert len(found.table) == 6
    assert found.caught < 3
    assert found.chance == pytest.approx(binom.sf(found.caught - 1, 6, 0.1))
    assert false_alarm_chance(0, 6) == 1.0


def test_a_channel_that_works_is_no_placebo() -> None:
    """TV, taken out of the project and put back as a do-nothing channel, is caught: it causes a tenth of the KPI."""
    panel, section = data()
    keep = slice(1, None)
    rest = replace(
        panel,
        channels=panel.channels[keep],
        paid=panel.paid[keep],
        adstock=panel.adstock[keep],
        saturation=panel.saturation[keep],
        exposure=panel.exposure[..., keep],
        reaches=panel.reaches[keep],
        contacts=panel.contacts[..., keep],
        spend=panel.spend[..., keep],
    )
    belief = ChannelPriorSection(on="share", mean=0.0, sd=PRIOR_SD, family="normal")
    channel = ChannelSection(name="nothing", exposure="nothing", prior=belief)
    less = section.model_copy(update={"channels": section.channels[keep]})
    more, longer = with_channel(rest, less, channel, panel.exposure[..., 0])
    share = conjugate_fit(more, longer, market().project, 1).draws.share[:, 0, -1]
    assert np.quantile(share, 0.05) > 0.03
