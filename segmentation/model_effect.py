"""The regression of value on taking part, in PyMC. This is its definition; :mod:`segmentation.effects_stats` solves it.

    y[i]      ~ Normal(intercept[s] + x[i] beta + effect[s] d[i], sigma r[s]),   counted weight[i] times
    effect[s] ~ Normal(common, spread),   common ~ Normal(0, reach),   spread ~ HalfNormal(reach / 2)
    intercept ~ Normal(mean of y, 10 scale),   beta ~ Normal(0, scale),   log(sigma) flat

The segments' ratios r are data: they come from the residuals of least squares. With one segment there is no spread, and
its effect is the common one.
"""

from __future__ import annotations

import numpy as np
import pymc as pm

from segmentation.effects_stats import EffectData


def build_model(data: EffectData) -> pm.Model:
    """The PyMC model of who took part and what they spent.

    Parameters
    ----------
    data : EffectData
        With at least two segments.
    """
    with pm.Model(coords={"segment": np.arange(1, data.k + 1)}) as model:
        intercept = pm.Normal("intercept", data.centre, 10 * data.scale, dims="segment")
        beta = pm.Normal("beta", 0.0, data.scale, shape=data.covariates.shape[1])
        common = pm.Normal("common", 0.0, data.reach)
        spread = pm.HalfNormal("spread", data.reach / 2)
        effect = pm.Normal("effect", common, spread, dims="segment")
        sigma = pm.math.exp(pm.Flat("log_sigma"))
        mean = intercept[data.place] + data.covariates @ beta + effect[data.place] * data.part
        rows = pm.logp(pm.Normal.dist(mean, sigma * data.ratio[data.place]), data.y)
        pm.Potential("likelihood", (data.weight * rows).sum())
    return model
