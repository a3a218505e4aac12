"""The models of purchases and of money in PyMC, with PyMC-Marketing's distributions. This is their definition.

Over cells with w customers each, x repeat purchases, the last at t_x, age T:

    r ~ Weibull(2, .),  alpha ~ Weibull(2, .)
    BG/NBD:      phi ~ Uniform(0, 1),  kappa ~ Pareto(1, 1),  a = phi kappa,  b = (1 - phi) kappa
    Pareto/NBD:  s ~ Weibull(2, .),  beta ~ Weibull(2, .)
    log density = sum w log p(t_x, x | ..., T)

and over repeat buyers with mean purchase z (Gamma-Gamma; Fader and Hardie 2013, equation 1a):

    p ~ Weibull(2, .),  q - 1 ~ Weibull(2, .),  v ~ Weibull(2, .)

Scales are in :mod:`segmentation.clv_priors`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pymc_marketing.clv.distributions import BetaGeoNBD, ParetoNBD

from outlay.sampling import Samples
from segmentation.clv_cells import MoneyCells, PurchaseCells
from segmentation.clv_priors import Priors

Tensor = Any


def build_purchases(cells: PurchaseCells, model: str, priors: Priors) -> pm.Model:
    """The PyMC model of purchases: ``"bg_nbd"`` or ``"pareto_nbd"``."""
    value = np.column_stack([cells.recency, cells.frequency])
    with pm.Model() as built:
        r = pm.Weibull("r", 2.0, priors.r)
        alpha = pm.Weibull("alpha", 2.0, priors.alpha)
        if model == "bg_nbd":
            phi = pm.Uniform("phi", 0.0, 1.0)
            kappa = pm.Pareto("kappa", 1.0, 1.0)
            law = BetaGeoNBD.dist(a=phi * kappa, b=(1.0 - phi) * kappa, r=r, alpha=alpha, T=cells.age)
        else:
            s = pm.Weibull("s", 2.0, priors.s)
            beta = pm.Weibull("beta", 2.0, priors.beta)
            law = ParetoNBD.dist(r=r, alpha=alpha, s=s, beta=beta, T=cells.age)
        pm.Potential("purchases", (cells.weight * pm.logp(law, value)).sum())
    return built


def build_money(cells: MoneyCells, priors: Priors) -> pm.Model:
    """The PyMC model of the mean value of a purchase."""
    x = np.repeat(cells.frequency, np.diff(cells.begins))
    with pm.Model() as built:
        p = pm.Weibull("p", 2.0, priors.p)
        q = 1.0 + pm.Weibull("q_more", 2.0, priors.q)
        v = pm.Weibull("v", 2.0, priors.v)
        likelihood = spend_logp((p, q, v), x, cells.total / x)
        pm.Potential("money", (cells.many * likelihood).sum())
    return built


def spend_logp(parameters: tuple[Tensor, Tensor, Tensor], x: Tensor, mean: Tensor) -> Tensor:
    """Log-likelihood of mean purchases, as ``pymc_marketing.clv.GammaGammaModel`` has it."""
    p, q, v = parameters
    return (
        pt.gammaln(p * x + q)
        - pt.gammaln(p * x)
        - pt.gammaln(q)
        + q * pt.log(v)
        + (p * x - 1) * pt.log(mean)
        + p * x * pt.log(x)
        - (p * x + q) * pt.log(x * mean + v)
    )


def named(model: str, samples: Samples) -> dict[str, Any]:
    """Draws (chains, draws) under the names that every route gives."""
    values = samples.values
    if model == "bg_nbd":
        phi, kappa = values["phi"], values["kappa"]
        return {"r": values["r"], "alpha": values["alpha"], "a": phi * kappa, "b": (1.0 - phi) * kappa}
    if model == "pareto_nbd":
        return {name: values[name] for name in ("r", "alpha", "s", "beta")}
    return {"p": values["p"], "q": 1.0 + values["q_more"], "v": values["v"]}
