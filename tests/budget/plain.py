"""What a plan brings, by the definition and by nothing else: for one group, and hills of exponent one."""

from __future__ import annotations

import numpy as np

from outlay.response import ResponseDraws


def effects(response: ResponseDraws, plan: np.ndarray, after: np.ndarray | None = None) -> np.ndarray:
    """Effect per draw, counted period and channel (S, H + L - 1, C) of a plan (H, C) from the first future period.

    ``after`` (C,) is spent in every period after the window.
    """
    lags, cost, scale = response.l_max, response.cost_per_exposure[0], response.scale[0]
    beyond = np.tile(np.zeros(plan.shape[1]) if after is None else after, (lags - 1, 1))
    x = np.concatenate([response.exposure[-(lags - 1) :, 0], plan / cost, beyond / cost]) / scale
    out = np.empty((response.n_draws, len(plan) + lags - 1, plan.shape[1]))
    for t in range(out.shape[1]):
        stock = sum(response.weights[:, :, lag] * x[t + lags - 1 - lag] for lag in range(lags))
        out[:, t] = response.coefficient[:, 0] * stock / (stock + response.half_saturation)
    return out


def outcome(response: ResponseDraws, plan: np.ndarray, after: np.ndarray | None = None) -> np.ndarray:
    """What a plan adds, carry-over after the window included, per draw (S,)."""
    periods = len(plan) + response.l_max - 1
    with_plan, without = effects(response, plan, after).sum(axis=2), effects(response, 0.0 * plan, after).sum(axis=2)
    first = len(response.dates)
    if response.link == "log":
        base = response.baseline[:, :periods, 0]
        return np.asarray((base * (np.exp(with_plan) - np.exp(without))).sum(axis=1))
    return np.asarray(((with_plan - without) * response.value[first : first + periods, 0]).sum(axis=1))


def window(response: ResponseDraws, plan: np.ndarray) -> np.ndarray:
    """All outcome inside the window, baseline and carry-over of past spend included, per draw (S,)."""
    periods, first = len(plan), len(response.dates)
    inside, base = effects(response, plan)[:, :periods].sum(axis=2), response.baseline[:, :periods, 0]
    if response.link == "log":
        return np.asarray((base * np.exp(inside)).sum(axis=1))
    return np.asarray((base + inside * response.value[first : first + periods, 0]).sum(axis=1))


def worst(outcome: np.ndarray, level: float) -> float:
    """Mean of the worst ``level`` of draws, a part of a draw counted in part."""
    ordered, count = np.sort(outcome), level * len(outcome)
    whole = int(count + 1e-9)
    part = (count - whole) * ordered[whole] if whole < len(ordered) else 0.0
    return float((ordered[:whole].sum() + part) / count)
