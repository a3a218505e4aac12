"""The trust gate: ArviZ's numbers, the exact limits, and words that name the quantity and the cause."""

from __future__ import annotations

import json

import numpy as np
import pytest
from arviz_stats.base import array_stats

from outlay.catalogue import CATALOGUE
from outlay.exports import to_json
from outlay.sampling import Samples
from outlay.trust import (
    MAX_DIVERGENT_SHARE,
    MAX_RHAT,
    MIN_EBFMI,
    MIN_ESS,
    Check,
    Trust,
    assess,
    trust_from_dict,
)

CAUSES = {"half-life": "The data hardly tell fast from slow.", "ROI": "It trades with another channel."}


def samples(chains: int = 4, draws: int = 500, divergent: int = 0, energy: np.ndarray | None = None) -> Samples:
    diverging = np.zeros(chains * draws)
    diverging[:divergent] = 1.0
    if energy is None:
        energy = np.random.default_rng(0).normal(size=(chains, draws))
    return Samples({}, {}, {}, {"diverging": diverging.reshape(chains, draws), "energy": energy})


def white(seed: int = 1, chains: int = 4, draws: int = 500) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(chains, draws))


def by_name(trust: Trust) -> dict[str, Check]:
    return {check.name: check for check in trust.checks}


def test_independent_draws_pass_and_are_told_in_one_sentence() -> None:
    trust = assess({"ROI of tv": white(1), "half-life of tv": white(2)}, samples(), CAUSES)
    assert trust.passed
    assert trust.failing == ()
    assert trust.sentence().startswith("The chains agree: R-hat at most 1.00")


def test_numbers_are_those_of_arviz() -> None:
    rng = np.random.default_rng(3)
    slow = np.zeros((4, 500))
    for t in range(1, 500):
        slow[:, t] = 0.7 * slow[:, t - 1] + rng.normal(size=4)
    quantities = {"a": slow, "b": np.exp(2 * white(4)), "c": white(5) + 0.1 * np.arange(4)[:, None]}
    checks = by_name(assess(quantities, samples(), {}))
    rhat = [array_stats.rhat(q, chain_axis=0, draw_axis=1, method="rank") for q in quantities.values()]
    bulk = [array_stats.ess(q, chain_axis=0, draw_axis=1, method="bulk") for q in quantities.values()]
    tail = [
        array_stats.ess(q, chain_axis=0, draw_axis=1, method="tail", prob=(0.05, 0.95)) for q in quantities.values()
    ]
    assert checks["R-hat"].value == max(rhat)
    assert checks["bulk ESS"].value == min(bulk)
    assert checks["tail ESS"].value == min(tail)
    assert checks["R-hat"].quantity == list(quantities)[int(np.argmax(rhat))]


def test_energy_is_judged_by_the_formula_of_betancourt() -> None:
    energy = np.random.default_rng(6).normal(size=(4, 500)).cumsum(1)
    check = by_name(assess({"a": white()}, samples(energy=energy), {}))["E-BFMI"]
    assert check.value == pytest.approx(array_stats.bfmi(energy).min(), rel=1e-12)
    assert not check.passed  # a random walk hardly moves in energy
    assert check.cause


def test_chains_that_disagree_are_refused_with_quantity_and_cause() -> None:
    apart = white(1) + 5.0 * np.arange(4)[:, None]
    trust = assess({"ROI of tv": white(2), "half-life of search": apart}, samples(), CAUSES)
    assert not trust.passed
    assert trust.failing == ("half-life of search",)
    text = trust.sentence()
    assert text.startswith("The chains do not agree: R-hat of half-life of search is")
    assert "settled on different answers" in text
    assert "The data hardly tell fast from slow." in text


def test_chains_stuck_in_different_places_are_the_same_disagreement() -> None:
    """No chain moves at all, so there is no spread within chains to compare with."""
    trust = assess({"ROI of tv": np.repeat(np.arange(4.0)[:, None], 500, axis=1)}, samples(), CAUSES)
    assert not trust.passed
    assert "settled on different answers" in by_name(trust)["R-hat"].cause


def test_slow_mixing_is_refused_by_its_effective_draws_alone() -> None:
    rng = np.random.default_rng(3)
    slow = np.zeros((4, 2000))
    for t in range(1, 2000):
        slow[:, t] = 0.95 * slow[:, t - 1] + rng.normal(size=4)
    # An AR(1) of 0.95 is worth (1 - 0.95) / (1 + 0.95) of its 8000 draws: about 205.
    checks = by_name(assess({"ROI of tv": slow}, samples(draws=2000), CAUSES))
    assert not checks["bulk ESS"].passed
    assert checks["bulk ESS"].value == pytest.approx(205, rel=0.4)
    assert checks["bulk ESS"].cause == "It trades with another channel."


def test_all_failing_quantities_are_listed_worst_first() -> None:
    quantities = {
        "fine": white(1),
        "bad": white(2) + 1.0 * np.arange(4)[:, None],
        "worse": white(3) + 9.0 * np.arange(4)[:, None],
    }
    assert assess(quantities, samples(), {}).failing == ("worse", "bad")


@pytest.mark.parametrize("divergent, passed", [(0, True), (2, True), (3, False)])
def test_one_divergent_draw_in_a_thousand_is_the_limit(divergent: int, passed: bool) -> None:
    """2 of 2000 draws are exactly 0.1 %."""
    assert MAX_DIVERGENT_SHARE == 0.001
    trust = assess({"a": white()}, samples(divergent=divergent), {})
    assert by_name(trust)["divergent draws"].passed is passed
    assert trust.passed is passed


@pytest.mark.parametrize("rhat, ess, passed", [(1.01, 400.0, True), (1.0101, 400.0, False), (1.01, 399.99, False)])
def test_the_limits_themselves_pass(monkeypatch: pytest.MonkeyPatch, rhat: float, ess: float, passed: bool) -> None:
    monkeypatch.setattr(array_stats, "rhat", lambda *a, **k: rhat)
    monkeypatch.setattr(array_stats, "ess", lambda *a, **k: ess)
    assert (MAX_RHAT, MIN_ESS, MIN_EBFMI) == (1.01, 400.0, 0.3)
    trust = assess({"a": white()}, samples(), {})
    assert trust.passed is passed
    assert trust.failing == (() if passed else ("a",))


def energy_of(ebfmi: float) -> np.ndarray:
    """Energies with exactly this fraction: +1, -1 alternating k times in 2k + m values, the rest in two blocks."""
    n = 1000
    changes = round(ebfmi * n / 4)  # each change of sign costs (2)^2; the sum of squares around a mean of zero is n
    signs, sign, left = [], 1.0, changes
    half = n // 2
    ones = [half, half]
    while left > 1:
        signs.append(sign)
        ones[0 if sign > 0 else 1] -= 1
        sign, left = -sign, left - 1
    signs += [sign] * ones[0 if sign > 0 else 1] + [-sign] * ones[1 if sign > 0 else 0]
    return np.array(signs)[None]


@pytest.mark.parametrize("changes, passed", [(0.300, True), (0.296, False)])
def test_the_energy_limit_itself_passes(changes: float, passed: bool) -> None:
    energy = energy_of(changes)
    assert np.square(np.diff(energy)).sum() / 1000 == pytest.approx(changes, abs=1e-12)
    check = by_name(assess({"a": white()}, samples(energy=energy), {}))["E-BFMI"]
    assert check.passed is passed


def test_a_quantity_that_never_moves_counts_as_agreed() -> None:
    assert assess({"still": np.ones((4, 500)), "a": white()}, samples(), {}).passed


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_fail_by_name(bad: float) -> None:
    draws = white(1)
    draws[2, 100] = bad
    trust = assess({"ROI of tv": draws, "ROI of search": white(2)}, samples(), CAUSES)
    assert not trust.passed
    assert trust.failing == ("ROI of tv",)
    assert "not a finite number" in trust.sentence()


@pytest.mark.parametrize("draws", [1, 2, 3])
def test_chains_too_short_to_compare_fail_and_say_so(draws: int) -> None:
    trust = assess({"a": white(draws=draws)}, samples(draws=draws), {})
    assert not trust.passed
    assert trust.failing == ("a",)
    assert "too short" in trust.sentence()


def test_the_verdict_survives_json_even_where_a_value_is_infinite() -> None:
    for quantities in ({"a": white()}, {"a": np.full((4, 500), np.nan)}):
        trust = assess(quantities, samples(), {})
        back = trust_from_dict(json.loads(to_json(trust.as_dict())))
        assert (back.passed, back.failing, back.draws, back.chains) == (
            trust.passed,
            trust.failing,
            trust.draws,
            trust.chains,
        )
        assert "a" in back.sentence()


def test_every_check_has_an_entry_to_explain_it() -> None:
    assert {check.id for check in assess({"a": white()}, samples(), {}).checks} <= set(CATALOGUE)
