"""What sellers can work, against linear programs: value, price, weights that are nowhere too small."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from budget.known_curves import Worth
from budget.objective import Objective
from budget.sellers import Sellers, Team
from tests.budget.leads import make_downstream, make_leads

seeds = st.integers(0, 10_000)
limits = st.integers(0, 60).map(lambda leads: leads + 0.377 if leads else 0.0)
"""None, or numbers at which no sum of leads ends: at such an end the price is not one number."""


def small(seed: int, most: tuple[float, ...] = (30.0, 12.0)) -> tuple[Sellers, np.ndarray]:
    """Two limited teams and one without a limit over two channels in two groups, and an outcome by cell (K, S)."""
    rng = np.random.default_rng(seed)
    response = make_leads(seed, channels=2, groups=2, draws=5, future=3)
    downstream = make_downstream(response, seed, segments=3, bands=2)
    teams = (
        Team((0,), (0, 1), most[0], 4.0, 0),
        Team((1,), (1,), most[1], None, 1),
        Team((2,), (0, 1)),
        Team((1,), (0,)),
    )
    beside = rng.uniform(0.0, 15.0, (5, 6))
    beside[:, :4] = 0.0
    sellers = Sellers.of(downstream, teams, beside)
    leads = rng.uniform(0.0, 40.0, (5, 4)) * (rng.random((5, 4)) > 0.2)
    return sellers, (leads / sellers.leads).T


def by_program(sellers: Sellers, outcome: np.ndarray, draw: int) -> tuple[float, np.ndarray]:
    """Worth of all that is worked in one draw, and the price of each team's limit, by HiGHS."""
    kinds, volumes = sellers.kinds, sellers.volumes(outcome)[draw]
    upper = volumes[kinds.source] * kinds.part[draw]
    limits = [m for m in range(len(sellers.teams)) if np.isfinite(kinds.most[m])]
    rows = np.zeros((len(limits), len(upper)))
    for row, m in enumerate(limits):
        rows[row, kinds.first[m] : kinds.first[m + 1]] = 1.0
    found = linprog(-kinds.worth[draw], A_ub=rows, b_ub=kinds.most[limits], bounds=np.c_[np.zeros(len(upper)), upper])
    price = np.zeros(len(sellers.teams))
    price[limits] = -found.ineqlin.marginals
    return -found.fun, price


@settings(max_examples=30, deadline=None)
@given(seeds, limits, limits)
def test_worth_and_prices_are_those_of_the_linear_program(seed, one, two):
    """The dual by sorting against the primal by HiGHS: to 1e-8 of the worth, the program's own tolerance."""
    sellers, outcome = small(seed, (one, two))
    total, price = sellers.total(outcome), sellers.prices(outcome)
    for draw in range(5):
        worth, prices = by_program(sellers, outcome, draw)
        assert total[draw] == pytest.approx(worth, rel=1e-8, abs=1e-6)
        if min(one, two) > 0.0:
            assert price[draw] == pytest.approx(prices, rel=1e-6, abs=1e-6)


@settings(max_examples=30, deadline=None)
@given(seeds, seeds)
def test_weights_are_exact_where_they_were_made_and_nowhere_too_small(seed, other):
    sellers, outcome = small(seed)
    q = np.random.default_rng(other).dirichlet(np.ones(5))
    weights, constant = sellers.cut(outcome, q)
    assert (weights * outcome).sum() + constant == pytest.approx(q @ sellers.worked(outcome), rel=1e-12, abs=1e-6)
    elsewhere = small(other)[1] * np.random.default_rng(seed).uniform(0.0, 3.0)
    assert (weights * elsewhere).sum() + constant >= q @ sellers.worked(elsewhere) * (1 - 1e-12) - 1e-6


@settings(max_examples=20, deadline=None)
@given(seeds)
def test_weights_bound_negative_outcomes_too(seed):
    """Draws in which more spend brings fewer leads: the worth is then the least over prices, and still below each."""
    sellers, outcome = small(seed)
    rng = np.random.default_rng(seed + 1)
    weights, constant = sellers.cut(outcome, np.full(5, 0.2))
    bent = outcome * rng.uniform(-1.0, 1.5, outcome.shape)
    assert (weights * bent).sum() + constant >= sellers.worked(bent).mean() - 1e-6


@settings(max_examples=15, deadline=None)
@given(seeds)
def test_weights_are_the_slope(seed):
    """One more lead of a cell, in every draw, by finite differences; kinks lie between numbers drawn at random."""
    sellers, outcome = small(seed)
    weights, _ = sellers.cut(outcome, np.ones(5))
    for cell in range(4):
        step = 1.0  # a ten-thousandth of a lead
        more = outcome.copy()
        more[cell] += step
        slope = (sellers.worked(more) - sellers.worked(outcome)) / step
        assert slope == pytest.approx(weights[cell], rel=1e-5, abs=1e-6)


def test_no_limit_is_the_sum_and_a_limit_of_nothing_leaves_nothing():
    free, outcome = small(3, (np.inf, np.inf))
    assert free.worked(outcome) == pytest.approx(outcome.sum(axis=0), rel=1e-12)
    none, _ = small(3, (0.0, 0.0))
    worked = none.filled(outcome)
    assert not worked[:, : none.kinds.first[2]].any()
    assert worked[:, none.kinds.first[2] :].sum() > 0.0


def test_filled_leads_are_worth_what_is_told_and_keep_the_limits():
    sellers, outcome = small(8)
    worked = sellers.filled(outcome)
    assert (worked * sellers.kinds.worth).sum(axis=1) == pytest.approx(sellers.total(outcome), rel=1e-12)
    for m, most in enumerate(sellers.kinds.most):
        part = worked[:, sellers.kinds.first[m] : sellers.kinds.first[m + 1]].sum(axis=1)
        assert (part <= most + 1e-9).all()


def test_one_order_for_all_draws_is_never_worth_more():
    sellers, outcome = small(8)
    assert (sellers.in_one_order(outcome) <= sellers.total(outcome) + 1e-9).all()
    assert sellers.in_one_order(outcome).mean() > 0.9 * sellers.total(outcome).mean()  # the order is mostly known


def test_media_are_worth_what_they_add_and_push_out():
    """A plan's worth is the difference that it makes: adding it to a busy team brings less than working it alone."""
    sellers, outcome = small(5, (10.0, 5.0))
    assert sellers.worked(np.zeros_like(outcome)) == pytest.approx(np.zeros(5), abs=1e-9)
    alone = Sellers.of(
        make_downstream(make_leads(5, channels=2, groups=2, draws=5, future=3), 5), sellers.teams, 0 * sellers.beside
    )
    assert (sellers.worked(outcome) <= alone.worked(outcome) + 1e-9).all()
    assert (sellers.worked(outcome) < alone.worked(outcome) - 1.0).any()


def test_decisions_of_one_cell_count_together():
    sellers, outcome = small(2)
    split = sellers.on(np.array([0, 0, 1, 2, 3]))
    parts = np.concatenate([outcome[:1] * 0.3, outcome[:1] * 0.7, outcome[1:]])
    assert split.worked(parts) == pytest.approx(sellers.worked(outcome), rel=1e-12)
    weights, _ = split.cut(parts, np.full(5, 0.2))
    assert weights[0] == pytest.approx(weights[1], rel=1e-15)
    assert split.scaled(1_000.0).worked(parts / 1_000.0) * 1_000.0 == pytest.approx(sellers.worked(outcome), rel=1e-12)


@settings(max_examples=15, deadline=None)
@given(seeds, st.sampled_from([0.0, 0.5, 1.0]))
def test_the_worst_draws_are_valued_by_weights_that_bound(seed, tail):
    """CVaR of what is worked: the cut of :class:`Worth` is exact at its plan and above everywhere else."""
    sellers, outcome = small(seed)
    worth = Worth(Objective(weight=tail, level=0.4), sellers)
    cut = worth.cut(outcome)
    other = small(seed + 1)[1]
    assert (cut.q * outcome).sum() + cut.constant == pytest.approx(worth.objective.value(worth.total(outcome), 0.0))
    assert (cut.q * other).sum() + cut.constant >= worth.objective.value(worth.total(other), 0.0) - 1e-6
    assert replace(sellers, unit=1.0).worked(outcome) == pytest.approx(sellers.worked(outcome))
