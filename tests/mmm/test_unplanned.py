"""What the optimizer is told beside the draws: what dates mark, and paid channels that it cannot plan."""

from __future__ import annotations

from dataclasses import replace

from mmm.forecast import response_draws
from tests.mmm.probes import case, case_of
from tests.mmm.simulate import THREE, simulate


def test_paid_channels_without_an_estimate_are_handed_over_with_their_spend() -> None:
    world = simulate(4, THREE, n=80)
    idle = world.frame.assign(tv_spend=range(80), tv_exposure=0.0)  # money without any exposure
    response = response_draws(case_of(replace(world, frame=idle)).draws(n=2))
    assert response.channels == ("search",)
    assert response.unplanned == (("tv", tuple(float(week) for week in range(80))),)


def test_where_all_paid_channels_are_estimated_there_are_none() -> None:
    assert response_draws(case("national").draws(n=2)).unplanned == ()


def test_what_dates_mark_is_handed_over() -> None:
    it = case("national")
    assert response_draws(it.draws(n=2)).date_marks == "start"
    panel = replace(it.design.panel, frequency=replace(it.design.panel.frequency, marks="end"))
    ends = replace(it, design=replace(it.design, panel=panel))
    assert response_draws(ends.draws(n=2)).date_marks == "end"
