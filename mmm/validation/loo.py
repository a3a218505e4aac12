"""Leave-one-out by Pareto-smoothed importance sampling: which periods the fit hangs on, and what it would have said."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.draws import MediaDraws
from mmm.validation.predictive import fitted_mean, log_likelihood, thinned
from outlay.transforms import Array

HEAVY = 0.7
"""k-hat beyond which leaving a period out changes the posterior too much for reweighting (Vehtari, Simpson, Gelman,
Yao and Gabry 2024, "Pareto smoothed importance sampling")."""

_CELLS_AT_ONCE = 20_000_000
"""Draws x periods x groups of log densities held at once; beyond, draws are thinned."""


@dataclass(frozen=True)
class LeaveOneOut:
    """PSIS-LOO of the scored periods.

    Attributes
    ----------
    elpd, elpd_error : float
        Expected log predictive density of a period and group left out, summed, and its standard error.
    p_loo : float
        Effective number of parameters.
    table : DataFrame
        ``date, group, elpd, khat`` by period and group.
    draws : int
        Draws used.
    limit : float
        The k-hat above which a period is influential: 0.7, or less where there are few draws.
    """

    elpd: float
    elpd_error: float
    p_loo: float
    table: pd.DataFrame
    draws: int
    limit: float

    @property
    def influential(self) -> pd.DataFrame:
        """Periods whose k-hat is beyond the limit, the worst first."""
        return self.table[self.table["khat"] > self.limit].sort_values("khat", ascending=False)


def leave_one_out(draws: MediaDraws) -> LeaveOneOut:
    """PSIS-LOO of a fit, with the k-hat of every period and group."""
    design = draws.design
    panel, n = design.panel, design.y.size
    thin = thinned(draws, max(_CELLS_AT_ONCE // n, 500))
    mean = np.stack([fitted_mean(thin, g) for g in range(panel.n_groups)], axis=-1)
    density = log_likelihood(thin, mean, panel.kpi[design.fit])
    elpd, khat, effective = psis_loo(density.reshape(len(density), n))
    table = pd.DataFrame(
        {
            "date": np.repeat(panel.dates[design.fit].to_numpy(), panel.n_groups),
            "group": list(panel.groups) * len(design.y),
            "elpd": elpd,
            "khat": khat,
        }
    )
    return LeaveOneOut(
        elpd=float(elpd.sum()),
        elpd_error=float(np.sqrt(n) * elpd.std()),
        p_loo=float(effective.sum()),
        table=table,
        draws=len(density),
        limit=min(HEAVY, 1.0 - 1.0 / float(np.log10(len(density)))),
    )


def psis_loo(density: Array) -> tuple[Array, Array, Array]:
    """Log predictive density, k-hat and effective parameters of each value left out, (N,) each.

    Parameters
    ----------
    density : ndarray (S, N)
        Log density of each value under each draw.
    """
    from arviz_stats.base import array_stats

    elpd, khat, effective = array_stats.loo(np.ascontiguousarray(density.T), chain_axis=None, draw_axis=-1)
    return np.asarray(elpd, float), np.asarray(khat, float), np.asarray(effective, float)
