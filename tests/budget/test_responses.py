"""What a plan brings, by four routes: the definition, curves, coupled paths, and the effects period by period."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from budget.oracles import oracle_of
from budget.problem import Problem, pose
from outlay.response import ResponseDraws
from tests.budget.synthetic import free, make_response

MONEY, OUTCOME = 100.0, 10.0
"""Units of the solver, so that a scale that is left out would be seen."""


def response(family: str, *, first: bool = False, **changes: object) -> ResponseDraws:
    """Three channels in two groups, with five lags."""
    made = make_response(channels=3, groups=2, draws=40, saturation=family, l_max=5, **changes)
    exponent = np.full_like(made.exponent, {"root": 0.5, "hill": 1.7}.get(family, 1.0))
    return replace(made, saturation_first=(first,) * 3, exponent=exponent)


def posed(made: ResponseDraws, timing: str, after: str) -> tuple[Problem, np.ndarray]:
    """A window of six weeks, and random decisions in currency."""
    problem = pose(made, free(periods=6, timing=timing, spend_after=after), Path())
    n = len(problem.decision)
    return problem, np.random.default_rng(1).uniform(0.2, 1.0, n) * problem.reference.budget / n


@pytest.mark.parametrize("after", ["none", "reference"])
@pytest.mark.parametrize("timing", ["reference", "free"])
@pytest.mark.parametrize(
    ("family", "first"),
    [("hill", False), ("hill", True), ("michaelis_menten", False), ("tanh", True), ("root", False), ("none", False)],
)
def test_every_route_gives_the_same_outcome(family: str, first: bool, timing: str, after: str) -> None:
    """Curves and paths are exact, so nothing but rounding lies between them and the definition."""
    problem, z = posed(response(family, first=first), timing, after)
    responses, n = problem.choosing, len(problem.decision)
    spend = problem.decision.spend(z)
    told = responses.outcome(spend)
    for as_paths in (False, True):
        pieces = responses.pieces(problem.decision, MONEY, OUTCOME, as_paths=as_paths)
        oracle = oracle_of(pieces, n, responses.n_draws)
        np.testing.assert_allclose(oracle.outcome(z / MONEY) * OUTCOME, told, rtol=1e-12)
    added = responses.effects(spend) - responses.effects(np.zeros_like(spend))
    value = np.stack([responses.value[:, problem.cells.group_of(k)] for k in range(len(problem.cells))], axis=1)
    np.testing.assert_allclose((added * value).sum(axis=(1, 2)), told, rtol=1e-12)


def test_spend_after_the_window_takes_room_from_what_carries_over() -> None:
    """With diminishing returns the same exposure adds less on top of more, in every draw; a straight line does not."""
    for family, less in (("michaelis_menten", True), ("none", False)):
        alone, z = posed(response(family), "reference", "none")
        beside, _ = posed(response(family), "reference", "reference")
        spend = alone.decision.spend(z)
        without, with_more = alone.choosing.outcome(spend), beside.choosing.outcome(spend)
        assert (with_more < without).all() if less else np.allclose(with_more, without, rtol=1e-12)


def test_freely_timed_plans_assume_that_spend_goes_on_and_say_so() -> None:
    """The default differs by timing, so both must be told."""
    made = response("michaelis_menten")
    for timing, words in (("free", "spend going on"), ("reference", "no further spend")):
        problem = pose(made, free(periods=6, timing=timing), Path())
        assert sum(words in line for line in problem.assumptions) == 1
        assert problem.choosing.after.any() == (timing == "free")
    told = pose(made, free(periods=6, timing="free", spend_after="none"), Path()).findings
    assert "P062" in [finding.id for finding in told]


@pytest.mark.parametrize("after", ["none", "reference"])
def test_multiplied_outcome_is_the_baseline_times_the_exponential(after: str) -> None:
    """outcome = sum over counted periods of base x (exp(effects) - exp(effects without the plan)), per draw."""
    made = response("michaelis_menten")
    made = replace(made, link="log", coefficient=made.coefficient / 50_000.0)
    problem, z = posed(made, "free", after)
    responses, spend = problem.choosing, problem.decision.spend(z)
    direct = np.zeros(responses.n_draws)
    for group in range(2):
        cells = [k for k in range(len(problem.cells)) if problem.cells.group_of(k) == group]
        on, off = (responses.effects(x)[:, :, cells].sum(axis=2) for x in (spend, np.zeros_like(spend)))
        base = made.baseline[: responses.n_draws, : on.shape[1], group]
        direct += (base * (np.exp(on) - np.exp(off))).sum(axis=1)
    np.testing.assert_allclose(responses.outcome(spend), direct, rtol=1e-12)
