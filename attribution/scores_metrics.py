"""How good probabilities are: ranking, sharpness, calibration and cost, with closed-form intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import norm, rankdata

from attribution.recalibrate import logit_of
from attribution.scores_guard import auc_of
from outlay.transforms import Array

_LEAST = 1e-9


@dataclass(frozen=True)
class Estimate:
    """A number with its interval."""

    value: float
    low: float
    high: float


def half_width(level: float) -> float:
    """Standard errors on either side of a normal interval."""
    return float(norm.ppf(0.5 + level / 2))


def auc(score: Array, outcome: Array, level: float) -> Estimate:
    """Area under the ROC curve; interval by DeLong's variance, on the logit scale."""
    value = auc_of(score, outcome)
    good, bad = score[outcome == 1], score[outcome == 0]
    if len(good) < 2 or len(bad) < 2 or not 0 < value < 1:
        return Estimate(value, float("nan"), float("nan"))
    every = rankdata(np.concatenate([good, bad]))
    above = (every[: len(good)] - rankdata(good)) / len(bad)
    below = 1 - (every[len(good) :] - rankdata(bad)) / len(good)
    variance = above.var(ddof=1) / len(good) + below.var(ddof=1) / len(bad)
    return on_logit(value, float(np.sqrt(variance)), level)


def average_precision(score: Array, outcome: Array, level: float) -> Estimate:
    """Area under the precision-recall curve; interval on the logit scale (Boyd, Eng, Page 2013).

    Leads of equal score enter together, so that the order of the table does not matter.
    """
    good = int(outcome.sum())
    if not good:
        return Estimate(float("nan"), float("nan"), float("nan"))
    order = np.argsort(-score, kind="stable")
    last = np.append(np.flatnonzero(np.diff(score[order])), len(score) - 1)
    hits = np.cumsum(outcome[order])[last]
    value = float(np.sum(np.diff(hits, prepend=0.0) * hits / (last + 1)) / good)
    if not 0 < value < 1:
        return Estimate(value, float("nan"), float("nan"))
    # sd of logit(value) is 1/sqrt(n v (1 - v)); on_logit divides the sd of the value by v (1 - v)
    return on_logit(value, float(np.sqrt(value * (1 - value) / good)), level)


def on_logit(value: float, sd: float, level: float) -> Estimate:
    """Interval of a share that cannot leave 0 to 1."""
    wide = half_width(level) * sd / (value * (1 - value))
    middle = np.log(value / (1 - value))
    return Estimate(value, float(expit(middle - wide)), float(expit(middle + wide)))


def log_loss(probability: Array, outcome: Array) -> Array:
    """Log-loss of each lead, (N,)."""
    p = np.clip(probability, _LEAST, 1 - _LEAST)
    return np.asarray(-np.where(outcome == 1, np.log(p), np.log1p(-p)))


def mean_of(values: Array, level: float) -> Estimate:
    """A mean over leads with its normal interval."""
    value = float(values.mean())
    wide = half_width(level) * float(values.std(ddof=1)) / np.sqrt(len(values)) if len(values) > 1 else float("nan")
    return Estimate(value, value - wide, value + wide)


def calibration_line(probability: Array, outcome: Array, level: float) -> tuple[Estimate, Estimate]:
    """Intercept and slope of the outcome on the logit of the probability: 0 and 1 where it is calibrated.

    The intercept is that of a line with slope one (calibration in the large), the slope has its own intercept beside it
    (Cox 1958; Steyerberg 2009).
    """
    x = logit_of(probability)
    large, large_sd = _newton(np.ones((len(x), 1)), outcome, x)
    both, both_sd = _newton(np.column_stack([np.ones(len(x)), x]), outcome, np.zeros(len(x)))
    z = half_width(level)
    return (
        Estimate(float(large[0]), float(large[0] - z * large_sd[0]), float(large[0] + z * large_sd[0])),
        Estimate(float(both[1]), float(both[1] - z * both_sd[1]), float(both[1] + z * both_sd[1])),
    )


def _newton(design: Array, outcome: Array, offset: Array) -> tuple[Array, Array]:
    theta = np.zeros(design.shape[1])
    cover = np.eye(design.shape[1])
    for _ in range(50):
        p = expit(design @ theta + offset)
        # a ridge of a millionth: a score that separates perfectly has no finite line
        cover = np.linalg.inv(design.T @ (design * (p * (1 - p))[:, None]) + 1e-6 * np.eye(design.shape[1]))
        step = cover @ (design.T @ (outcome - p) - 1e-6 * theta)
        theta = theta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return theta, np.sqrt(np.diag(cover))


def calibration_error(probability: Array, outcome: Array, parts: int = 10) -> float:
    """Mean distance of predicted and observed rate over tenths of the leads (ECE with bins of equal size)."""
    order = np.argsort(probability, kind="stable")
    gaps = [
        len(rows) * abs(float(probability[rows].mean()) - float(outcome[rows].mean()))
        for rows in np.array_split(order, parts)
        if len(rows)
    ]
    return float(sum(gaps) / len(probability))


def metrics(name: str, probability: Array, outcome: Array, level: float) -> dict[str, float | str]:
    """One row of the table of metrics."""
    intercept, slope = calibration_line(probability, outcome, level)
    found = {
        "auc": auc(probability, outcome, level),
        "pr_auc": average_precision(probability, outcome, level),
        "log_loss": mean_of(log_loss(probability, outcome), level),
        "brier": mean_of((probability - outcome) ** 2, level),
        "intercept": intercept,
        "slope": slope,
    }
    row: dict[str, float | str] = {"name": name}
    for key, estimate in found.items():
        row |= {key: estimate.value, f"{key}_low": estimate.low, f"{key}_high": estimate.high}
    return row | {
        "calibration_error": calibration_error(probability, outcome),
        "mean_probability": float(probability.mean()),
        "rate": float(outcome.mean()),
    }


def ranking(name: str, score: Array, outcome: Array, level: float) -> dict[str, float | str]:
    """The same of a score that is no probability: only how it ranks."""
    row: dict[str, float | str] = {"name": name}
    for key, estimate in (("auc", auc(score, outcome, level)), ("pr_auc", average_precision(score, outcome, level))):
        row |= {key: estimate.value, f"{key}_low": estimate.low, f"{key}_high": estimate.high}
    return row | {"rate": float(outcome.mean())}


def threshold(cost_missed: float, cost_wasted: float) -> float:
    """The probability from which working a lead costs less than leaving it: wasted / (wasted + missed)."""
    return cost_wasted / (cost_wasted + cost_missed)


def cost_table(
    probability: Array, outcome: Array, cost_missed: float, cost_wasted: float, rules: Array | None
) -> pd.DataFrame:
    """Cost per lead of working leads above the threshold, beside other ways of choosing.

    The rules have no probability, so that they choose as many leads as the threshold does, by their own order; leads of
    equal score at that border count in proportion.
    """
    limit = threshold(cost_missed, cost_wasted)
    ways: list[tuple[str, Array]] = [("probability at the threshold", (probability >= limit).astype(float))]
    if rules is not None:
        ways.append(("rules, as many leads", top_by(rules, int((probability >= limit).sum()))))
    ways += [("everyone", np.ones(len(outcome))), ("nobody", np.zeros(len(outcome)))]
    rows = []
    for name, worked in ways:
        missed, wasted = float(((1 - worked) * outcome).sum()), float((worked * (1 - outcome)).sum())
        cost = missed * cost_missed + wasted * cost_wasted
        rows.append(
            {
                "way": name,
                "threshold": limit if name.startswith("probability") else np.nan,
                "worked": float(worked.sum()),
                "missed": missed,
                "wasted": wasted,
                "cost": cost,
                "cost_per_lead": cost / len(outcome),
            }
        )
    table = pd.DataFrame(rows)
    expected = np.where(probability >= limit, (1 - probability) * cost_wasted, probability * cost_missed)
    table["expected_per_lead"] = [float(expected.mean()), *[np.nan] * (len(table) - 1)]
    return table


def top_by(score: Array, count: int) -> Array:
    """One for the `count` highest, zero for the rest, and the same part for all that tie at the border, (N,)."""
    if count <= 0:
        return np.zeros(len(score))
    border = np.sort(score)[::-1][min(count, len(score)) - 1]
    above, tied = score > border, score == border
    return above + tied * (count - above.sum()) / tied.sum()


def decide(probabilities: Array, costs: Array) -> NDArray[np.intp]:
    """The decision with the least expected cost of each lead; ``costs[i, j]``: of deciding j where i is true."""
    return np.asarray(np.argmin(probabilities @ costs, axis=1))


def cost_matrix(classes: tuple[str, ...], costs: Mapping[str, Mapping[str, float]]) -> Array:
    """Costs by the true class (row) and the one decided (column): where none is given 1, and 0 on the diagonal."""
    matrix = 1.0 - np.eye(len(classes))
    for true, row in costs.items():
        for decided, cost in row.items():
            matrix[classes.index(true), classes.index(decided)] = cost
    return matrix
