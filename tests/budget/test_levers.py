"""A lever that costs money beside media: a straight line in the plan, also where its sign is not known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from budget import BoundSection, PlanSection, optimize
from budget.allocation import Allocation
from budget.outlook import outcome_of_window
from budget.problem import pose
from mmm.forecast import response_draws
from outlay.response import ResponseDraws
from tests.budget.synthetic import free, make_response
from tests.mmm.fabricated import design_of, draws_of


def with_lever(effect: float, spread: float = 0.1, seed: int = 5, **keys: object) -> ResponseDraws:
    """Media, and a markdown that brings ``effect`` per unit of currency on average: 4,000 a unit of depth."""
    media = make_response(seed=seed, draws=60, **keys)  # type: ignore[arg-type]
    rng, groups = np.random.default_rng(seed), len(media.groups)
    depth = (rng.random((60, groups)) < 0.5) * rng.uniform(0.05, 0.4, (60, groups))

    def beside(mine: np.ndarray, lever: np.ndarray) -> np.ndarray:
        return np.concatenate([mine, lever[..., None]], axis=-1)

    now = np.zeros((60, 1, media.l_max))
    now[..., 0] = 1.0
    plain = np.ones((60, 1))
    return replace(
        media,
        channels=(*media.channels, "markdown"),
        levers=("markdown",),
        saturation=(*media.saturation, "none"),
        saturation_first=(*media.saturation_first, False),
        weights=np.concatenate([media.weights, now], axis=1),
        half_saturation=np.concatenate([media.half_saturation, plain], axis=1),
        exponent=np.concatenate([media.exponent, plain], axis=1),
        coefficient=beside(media.coefficient, 4_000.0 * (effect + spread * rng.standard_normal((60, groups)))),
        scale=beside(media.scale, np.ones(groups)),
        exposure=beside(media.exposure, depth),
        spend=beside(media.spend, 4_000.0 * depth),
        cost_per_exposure=beside(media.cost_per_exposure, np.full(groups, 4_000.0)),
    )


def without_lever(response: ResponseDraws) -> ResponseDraws:
    c = slice(0, len(response.channels) - 1)
    return replace(
        response,
        channels=response.channels[c],
        levers=(),
        saturation=response.saturation[c],
        saturation_first=response.saturation_first[c],
        **{name: getattr(response, name)[:, c] for name in ("weights", "half_saturation", "exponent", "scale")},
        **{name: getattr(response, name)[..., c] for name in ("coefficient", "exposure", "spend")},
        cost_per_exposure=response.cost_per_exposure[:, c],
    )


def totals_of(allocation: Allocation) -> np.ndarray:
    """Spend of every cell over the window."""
    return np.asarray(allocation.table.loc[allocation.table["period"].isna(), "spend"], float)


def spent(allocation: Allocation) -> float:
    table = allocation.table
    return float(table.loc[(table["channel"] == "markdown") & table["period"].isna(), "spend"].sum())


def decided(response: ResponseDraws, section: PlanSection, totals: np.ndarray) -> float:
    """Mean outcome of a plan's totals on the half of the draws that decides."""
    problem = pose(response, section, Path())
    return float(problem.choosing.outcome(problem.reference.flighting * totals).mean())


def test_no_split_between_lever_and_media_is_better() -> None:
    """Against every amount for the lever, with the best media plan of the rest from a problem without the lever."""
    response = with_lever(0.8)
    section = free(periods=13, budget=40_000.0)
    plan = optimize(response, section)
    assert plan.gap is not None
    assert plan.gap <= 1e-6
    media, values = without_lever(response), {}
    for lever in np.linspace(0.0, 39_000.0, 40):
        rest = optimize(media, section.model_copy(update={"budget": 40_000.0 - lever}))
        values[lever] = decided(response, section, np.append(totals_of(rest), lever))
    best = max(values, key=values.__getitem__)
    mine = decided(response, section, totals_of(plan))
    assert mine >= values[best] * (1 - 1e-6)
    assert mine == pytest.approx(values[best], rel=1e-3)  # a grid of 1,000 misses little of a flat top
    assert abs(spent(plan) - best) <= 1_000.0
    assert 0.0 < spent(plan) < 40_000.0


def test_the_budget_and_the_reference_plan_hold_its_cost() -> None:
    response = with_lever(0.8, groups=2)
    plan = optimize(response, free(periods=13))
    assert plan.budget == pytest.approx(response.spend[-13:].sum(), abs=0.01)
    mine = plan.table[plan.table["channel"] == "markdown"]
    np.testing.assert_allclose(mine["reference_spend"], response.spend[-13:, :, -1].sum(0), atol=0.01)


@pytest.mark.parametrize("likelihood", ["normal", "log"])
@pytest.mark.parametrize("groups", [(), ("north", "south")])
def test_the_outcome_of_the_window_is_the_same_whoever_holds_the_lever(groups, likelihood: str) -> None:  # type: ignore[no-untyped-def]
    """Spending what the assumed levels cost, against a fit whose baseline holds them: every draw, to rounding."""
    draws = draws_of(design_of(groups=groups, likelihood=likelihood), 12)
    panel = draws.design.panel
    free_lever = replace(draws.design, panel=replace(panel, has_cost=np.zeros(1, bool)))
    section = PlanSection(periods=6, margin_of_range=None)
    whole = []
    for design in (draws.design, free_lever):
        response = response_draws(replace(draws, design=design))
        problem = pose(response, section, Path())
        ahead = response.spend[design.future.repeats[:6]]
        spend = problem.cells.flat(ahead)
        found = outcome_of_window(problem, problem.judging, spend)
        assert found is not None
        whole.append((found, ahead.sum(), response.levers))
    assert [levers for *_, levers in whole] == [("discount",), ()]
    assert whole[0][1] > whole[1][1]
    np.testing.assert_allclose(whole[0][0], whole[1][0], rtol=1e-9)


def test_a_lever_of_unknown_sign_is_told_and_the_cautious_plan_holds_less_of_it() -> None:
    response = with_lever(0.9, spread=1.0)
    plan = optimize(response, free(periods=13, budget=40_000.0))
    assert "P041" in {finding.id for finding in plan.findings}
    careful = optimize(response, free(periods=13, budget=40_000.0, risk={"measure": "cvar", "level": 0.1}))
    assert spent(careful) < spent(plan)
    for each in (plan, careful):
        assert each.gap is not None
        assert each.gap <= 1e-4


@pytest.mark.parametrize("timing", ["reference", "free"])
def test_a_lever_that_lowers_the_outcome_gets_nothing_or_its_least(timing: str) -> None:
    response = with_lever(-0.5)
    assert spent(optimize(response, free(periods=8, timing=timing))) == 0.0
    least = BoundSection(channel="markdown", min=2_000.0)
    plan = optimize(response, free(periods=8, timing=timing, bounds=(least,)))
    assert spent(plan) == pytest.approx(2_000.0, abs=0.01)
    assert plan.gap is not None
    assert plan.gap <= 1e-4


def test_where_effects_multiply_a_lever_of_either_sign_is_planned() -> None:
    """No plan of a grid is better than the gap allows, valued on the draws that decide."""
    response = with_lever(0.9, spread=1.0, channels=2)
    response = replace(response, link="log", coefficient=response.coefficient / 60_000.0)
    section = free(periods=6, budget=15_000.0)
    plan = optimize(response, section)
    assert plan.gap is not None
    mine = decided(response, section, totals_of(plan))
    for lever in np.linspace(0.0, 15_000.0, 7):
        for share in (0.2, 0.5, 0.8):
            totals = np.array([share * (15_000.0 - lever), (1 - share) * (15_000.0 - lever), lever])
            assert decided(response, section, totals) <= mine * (1 + plan.gap) * (1 + 1e-9)
    # The exponential of a straight line is convex, so the best of several local plans need not be proven.
    assert plan.gap < 0.1


def test_a_straight_line_is_told_as_the_lever_s() -> None:
    told = {finding.id: finding.what for finding in optimize(with_lever(0.8), free(periods=13)).findings}
    assert "markdown (lever)" in told["P058"]
