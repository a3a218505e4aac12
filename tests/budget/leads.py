"""Synthetic responses in the money that leads turn into; no model is fitted here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attribution.refine import in_money
from outlay.downstream import Downstream
from outlay.response import ResponseDraws
from tests.budget.synthetic import make_response

STAGES = ("mql", "sqo", "won")


def make_downstream(response: ResponseDraws, seed: int = 0, segments: int = 3, bands: int = 2) -> Downstream:
    """Splits, reaches and values that differ by segment, band and channel; better bands convert better."""
    rng = np.random.default_rng([seed, 5])
    s, sources = response.n_draws, len(response.channels) + 1
    shape = (len(response.groups), sources, segments, bands)
    mix = rng.dirichlet(np.ones(segments * bands), shape[:2]) * 300.0
    split = rng.standard_gamma(np.maximum(mix, 0.5), (s, *mix.shape)).reshape(s, *shape)
    split /= split.sum(axis=(-2, -1), keepdims=True)
    better = np.linspace(1.0, -1.0, bands) if bands > 1 else np.zeros(1)

    def passed(level: float) -> np.ndarray:
        logit = level + better + 0.4 * rng.standard_normal(shape) + 0.15 * rng.standard_normal((s, *shape))
        return 1.0 / (1.0 + np.exp(-logit))

    first, second = passed(-0.5), passed(-1.0)
    reach = np.stack([np.ones((s, *shape)), first, first * second], axis=-1)
    value = rng.uniform(10_000.0, 60_000.0, segments) * np.exp(0.1 * rng.standard_normal((s, segments)))
    return Downstream(
        segments=tuple(f"seg{k}" for k in range(segments)),
        bands=tuple("ABCDE"[:bands]),
        stages=STAGES,
        split=split,
        reach=reach,
        value=value,
        baseline=response.baseline,
    )


def make_leads(seed: int = 0, **keys: object) -> ResponseDraws:
    """A response whose outcome is a number of leads, some hundreds a week."""
    made = make_response(seed=seed, **keys)  # type: ignore[arg-type]
    return replace(
        made,
        outcome="mqls",
        outcome_unit="mqls",
        money=False,
        coefficient=made.coefficient / 20.0,
        baseline=np.full_like(made.baseline, 60.0 / len(made.groups)),
    )


def make_money(seed: int = 0, segments: int = 3, bands: int = 2, **keys: object) -> ResponseDraws:
    """The same in money."""
    leads = make_leads(seed, **keys)
    return in_money(leads, make_downstream(leads, seed, segments, bands))
