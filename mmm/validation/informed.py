"""What each channel's answer owes to the data and what to the prior: effect, half-life and half-saturation."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm, rankdata

from mmm.identify import WEAK, Identification, identify
from mmm.media import FittedMedia
from mmm.prior_draws import draw_prior_shares
from mmm.validation.answers import Answers
from outlay.transforms import Array

PRIOR_DRAWS = 4000
VERDICTS = {"yes": "informed by data", "weak": "mostly prior", "no": "not identified"}

LEANS = 0.5
"""Rank correlation of a channel's ROI with a shape that only the prior knows, from which the ROI leans on it."""


def overlap(one: Array, other: Array, bins: int = 20) -> float:
    """Common area of two densities, from draws of each: 1 where they are the same, 0 where they are apart.

    Cells hold equal shares of both together, so that the measure is the same on any monotone scale.
    """
    edges = np.quantile(np.concatenate([one, other]), np.linspace(0, 1, bins + 1))
    edges[0], edges[-1] = -np.inf, np.inf
    shares = [np.histogram(draws, np.unique(edges))[0] / len(draws) for draws in (one, other)]
    return float(np.minimum(*shares).sum())


def informed(fitted: FittedMedia, answered: Answers) -> pd.DataFrame:
    """Prior and posterior of every active channel.

    Columns: ``channel, verdict, contraction, overlap`` for the effect, ``half_life_contraction, half_life_overlap,
    half_saturation_contraction, half_saturation_overlap`` for the shapes, and ``roi_leans_on``: shapes that only the
    prior knows and the ROI depends on, or empty. A contraction is one minus the ratio of posterior to prior sd of the
    logarithm; an overlap of one is a posterior that is the prior.
    """
    draws, design = fitted.draws, fitted.design
    known: Identification = identify(draws, fitted.priors, fitted.project.seed)
    prior = draw_prior_shares(design, fitted.priors, PRIOR_DRAWS, fitted.project.seed)
    share = (draws.share * design.weight[:, None]).sum(1)
    rows = []
    for c in design.blocks.active:
        row: dict[str, object] = {
            "channel": design.panel.channels[c],
            "verdict": VERDICTS[known.verdict[c]],
            "contraction": float(known.contraction[c]),
            "overlap": overlap(prior[:, c], share[:, c]) if np.isfinite(prior[:, c]).all() else float("nan"),
        }
        shapes = _shapes(fitted, int(c))
        row |= {key: value for shape in shapes.values() for key, value in shape.items()}
        rows.append(row | {"roi_leans_on": _leaning(fitted, int(c), shapes, answered)})
    return pd.DataFrame(rows)


def _shapes(fitted: FittedMedia, c: int) -> dict[str, dict[str, float]]:
    """Contraction and overlap of half-life and half-saturation; not a number where the channel has none."""
    draws, priors, blocks = fitted.draws, fitted.priors, fitted.design.blocks
    found = {}
    for name, has, values, (mean, sd) in (
        ("half_life", c in blocks.decaying, draws.half_life[:, c], priors.half_life_log),
        ("half_saturation", c in blocks.bent, draws.half_saturation[:, c], priors.half_saturation_log),
    ):
        now = np.log(values) if has else np.full(1, np.nan)
        before = norm.ppf((np.arange(PRIOR_DRAWS) + 0.5) / PRIOR_DRAWS, mean[c], sd[c])
        found[name] = {
            f"{name}_contraction": float(1.0 - now.std() / sd[c]) if has else float("nan"),
            f"{name}_overlap": overlap(before, now) if has else float("nan"),
        }
    return found


def _leaning(fitted: FittedMedia, c: int, shapes: dict[str, dict[str, float]], answered: Answers) -> str:
    """Shapes that the data did not narrow while the channel's ROI follows them."""
    draws = fitted.draws
    values = {"half_life": draws.half_life[:, c], "half_saturation": draws.half_saturation[:, c]}
    effect = answered.roi[:, c] if np.isfinite(answered.roi[:, c]).all() else answered.share[:, c]
    leans = [
        name.replace("_", "-")
        for name, drawn in values.items()
        if shapes[name][f"{name}_contraction"] < WEAK and abs(rank_correlation(drawn, effect)) > LEANS
    ]
    return ", ".join(leans)


def rank_correlation(one: Array, other: Array) -> float:
    """Spearman's correlation."""
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])
