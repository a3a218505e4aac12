"""Forecast of the outcome for a plan of the future: baseline and media, how sure both are, and the odds of a goal.

Two intervals are told apart. That of the *expected* outcome holds what is not known about the model: parameters, and
with them the effects of media. That of the *outcome* holds the noise of single periods too, so it is the one that the
coming weeks will be held against. Noise is drawn independently for every period and group, as the model has it; a
goal is asked of the outcome, noise included.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from mmm.catalogue import CATALOGUE
from mmm.contributions import baseline_parts, predictive_noise
from mmm.draws import MediaDraws
from mmm.forecast import future_assumptions
from mmm.future_spend import FutureSpend
from mmm.identify import MAX_AUTOCORRELATION
from mmm.link import baseline_mean, half_variance, media_effect
from mmm.windows import Scope, scopes
from outlay.findings import Finding
from outlay.summary import summarise
from outlay.transforms import Array

PREDICTED = 4000
"""Draws of the outcome at least: a probability is then good to a hundredth."""

_CHECKED = 100
"""Draws from which the memory of the residuals is taken."""


@dataclass(frozen=True)
class Outlook:
    """A forecast, in outcome units.

    Attributes
    ----------
    by_period : DataFrame
        ``date, group, spend, baseline_*, media_*, expected_*, outcome_*, p_goal``; group None is the total. ``p_goal``
        is the probability that the goal is reached by the end of that period.
    totals : DataFrame
        The same over all periods, per group; ``p_goal`` is the probability of reaching the goal.
    channels : DataFrame
        ``channel, group, spend, media_*``: what each channel brings in the periods, with the carry-over of the past.
    plan : DataFrame
        ``date, channel, group, spend``: the spend that all of this is about.
    goal : float or None
        Outcome to reach over all periods and groups.
    assumptions : tuple of str
        What was assumed of the future.
    findings : tuple of Finding
        What a reader needs to know of the forecast.
    outcome : ndarray (S,)
        Draws of the outcome over all periods and groups, noise included.
    """

    by_period: pd.DataFrame
    totals: pd.DataFrame
    channels: pd.DataFrame
    plan: pd.DataFrame
    goal: float | None
    assumptions: tuple[str, ...]
    findings: tuple[Finding, ...]
    outcome: Array

    @property
    def p_goal(self) -> float | None:
        """Probability of reaching the goal."""
        return None if self.goal is None else float((self.outcome >= self.goal).mean())


@dataclass(frozen=True)
class _Ahead:
    """One group or all: draws (S, H) of its parts, and of each channel over all periods, (S, C)."""

    baseline: Array
    media: Array
    noise: Array
    channels: Array

    def plus(self, other: _Ahead) -> _Ahead:
        return _Ahead(
            self.baseline + other.baseline,
            self.media + other.media,
            self.noise + other.noise,
            self.channels + other.channels,
        )


def outlook(draws: MediaDraws, plan: FutureSpend, level: float, seed: int, goal: float | None = None) -> Outlook:
    """Forecast the outcome under a plan.

    Parameters
    ----------
    draws : MediaDraws
        The posterior.
    plan : FutureSpend
        What is spent.
    level : float
        Level of the intervals.
    seed : int
        Seed of the noise.
    goal : float, optional
        Outcome to reach over all periods and groups.
    """
    panel, rng = draws.design.panel, np.random.default_rng(seed)
    memory = residual_memory(draws)
    repeats = -(-PREDICTED // draws.n_draws)
    if repeats > 1:
        draws = draws.take(np.tile(np.arange(draws.n_draws), repeats))
    whole: _Ahead | None = None
    tables: list[tuple[pd.DataFrame, dict[str, object], pd.DataFrame]] = []
    for g, name in enumerate(panel.groups):
        ahead = _group_ahead(draws, g, plan, rng)
        whole = ahead if whole is None else whole.plus(ahead)
        if panel.is_panel:
            tables.append(_tables((name, np.array([g])), ahead, plan, draws, level))
    if whole is None:
        raise ValueError("a panel has one group at least")
    tables.insert(0, _tables(scopes(panel)[0], whole, plan, draws, level, goal))
    outcome = (whole.baseline + whole.media + whole.noise).sum(1)
    return Outlook(
        by_period=pd.concat([table[0] for table in tables], ignore_index=True),
        totals=pd.DataFrame([table[1] for table in tables]),
        channels=pd.concat([table[2] for table in tables], ignore_index=True),
        plan=_plan_table(draws, plan),
        goal=goal,
        assumptions=(
            *plan.said,
            *future_assumptions(draws, plan.planned_levers(draws.design)),
            *_left_out(draws),
            _NOISE,
        ),
        findings=_findings(memory, panel.frequency.unit),
        outcome=outcome,
    )


_NOISE = "The noise of different periods and groups is independent, as in the model, and no new kind of shock comes."


def _group_ahead(draws: MediaDraws, g: int, plan: FutureSpend, rng: np.random.Generator) -> _Ahead:
    design, panel, n = draws.design, draws.design.panel, len(plan.dates)
    rows, value = slice(panel.n_periods, panel.n_periods + n), design.future.value[:n, g]
    base = np.zeros((draws.n_draws, n))
    columns = design.raw_terms[rows, g : g + 1].copy()
    for term, planned in plan.levers:
        columns[..., term] = planned[:, g : g + 1]
    for _, _, part in baseline_parts(draws, columns, slice(g, g + 1)):
        base += part[..., 0]
    effects = {int(c): _effect_ahead(draws, g, int(c), plan) for c in np.flatnonzero(design.active)}
    bought = [c for c in effects if panel.paid[c]]
    for c, effect in effects.items():
        base += effect if c not in bought else 0.0
    media = np.sum([effects[c] for c in bought], axis=0) if bought else np.zeros_like(base)
    channels = np.zeros((draws.n_draws, panel.n_channels))
    if design.log:
        expected = np.exp(base + media + half_variance(draws, g)) * value
        for c in bought:
            channels[:, c] = (-np.expm1(-effects[c]) * expected).sum(1)
        base, media = np.exp(-media) * expected, -np.expm1(-media) * expected
    else:
        base, media = base * value, media * value
        for c in bought:
            channels[:, c] = effects[c] @ value
    mean = (base + media)[..., None]
    noise = predictive_noise(draws, mean, value[:, None], slice(None), rng, slice(g, g + 1))
    return _Ahead(base, media, noise[..., 0], channels)


def _effect_ahead(draws: MediaDraws, g: int, c: int, plan: FutureSpend) -> Array:
    """What a channel adds to the model's mean after the data, (S, H), with the carry-over of its past."""
    design, panel, n = draws.design, draws.design.panel, len(plan.dates)
    past = slice(max(panel.n_periods - design.l_max + 1, 0), panel.n_periods)
    lead = panel.exposure[past, g, c]
    again = design.future.repeats[:n]
    # A paid channel that was never bought with money, like an organic one, goes on as last year.
    planned = panel.paid[c] and panel.spend[:, :, c].any()
    cost = design.future.cost_per_exposure[g, c]
    ahead = plan.spend[:, g, c] / cost if planned and np.isfinite(cost) else panel.exposure[again, g, c]
    if planned and not np.isfinite(cost):
        ahead = np.zeros(n)  # its spend is zero: anything else was refused
    contacts = None
    if panel.reaches[c]:
        own = np.full(n, design.future.contacts[g, c]) if planned else panel.contacts[again, g, c]
        contacts = np.concatenate([panel.contacts[past, g, c], own])
    saturated = draws.saturated(g, c, np.concatenate([lead, ahead]), contacts)
    return np.asarray(draws.coefficient[:, g, c, None] * saturated[:, len(lead) :])


def _tables(
    scope: Scope,
    ahead: _Ahead,
    plan: FutureSpend,
    draws: MediaDraws,
    level: float,
    goal: float | None = None,
) -> tuple[pd.DataFrame, dict[str, object], pd.DataFrame]:
    panel, (group, members) = draws.design.panel, scope
    spend = plan.spend[:, members].sum(1)
    series = {"baseline": ahead.baseline, "media": ahead.media, "expected": ahead.baseline + ahead.media}
    series["outcome"] = series["expected"] + ahead.noise
    so_far = np.cumsum(series["outcome"], axis=1)
    p_goal = np.full(len(plan.dates), np.nan) if goal is None else (so_far >= goal).mean(0)
    frame = pd.DataFrame({"date": plan.dates, "group": group, "spend": spend.sum(1)}).astype({"group": object})
    total: dict[str, object] = {"group": group, "spend": float(spend.sum())}
    for name, values in series.items():
        frame = frame.assign(**summarise(values, level).columns(name))
        total |= {key: float(x) for key, x in summarise(values.sum(1), level).columns(name).items()}
    rows: list[dict[str, object]] = []
    for c in np.flatnonzero(panel.paid & draws.design.active):
        row: dict[str, object] = {"channel": panel.channels[c], "group": group, "spend": float(spend[:, c].sum())}
        rows.append(row | {k: float(x) for k, x in summarise(ahead.channels[:, c], level).columns("media").items()})
    return frame.assign(p_goal=p_goal), total | {"p_goal": float(p_goal[-1])}, pd.DataFrame(rows)


def _plan_table(draws: MediaDraws, plan: FutureSpend) -> pd.DataFrame:
    panel = draws.design.panel
    frames = [
        pd.DataFrame(
            {
                "date": plan.dates,
                "channel": panel.channels[c],
                "group": panel.groups[g] if panel.is_panel else None,
                "spend": plan.spend[:, g, c],
            }
        ).astype({"group": object})
        for c in np.flatnonzero(panel.paid)
        for g in range(panel.n_groups)
    ]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _left_out(draws: MediaDraws) -> tuple[str, ...]:
    panel = draws.design.panel
    names = [panel.channels[c] for c in np.flatnonzero(panel.paid & ~draws.design.active)]
    return (f"Not in this forecast, because no effect could be estimated: {', '.join(names)}.",) if names else ()


def residual_memory(draws: MediaDraws) -> float:
    """Correlation of neighbouring residuals of the outcome over all groups; on the log scale where effects multiply."""
    draws.intercept  # noqa: B018  of all draws at once, also needed later
    some, design = draws.take(slice(None, None, max(draws.n_draws // _CHECKED, 1))), draws.design
    panel, fit = design.panel, design.fit
    residual = np.zeros(len(design.y))
    for g in range(panel.n_groups):
        mean = (baseline_mean(some, g, fit) + media_effect(some, g, fit)).mean(0)
        actual = np.log(panel.kpi[fit, g]) if design.log else panel.kpi[fit, g]
        residual += actual - mean if design.log else (actual - mean) * panel.value[fit, g]
    return float(np.corrcoef(residual[1:], residual[:-1])[0, 1]) if residual.std() > 0 else 0.0


def _findings(memory: float, unit: str) -> tuple[Finding, ...]:
    if memory <= MAX_AUTOCORRELATION:
        return ()
    # The variance of a sum of noise with memory r, against independent noise: (1 + r) / (1 - r).
    wider = np.sqrt((1 + memory) / (1 - memory))
    what = (
        f"neighbouring residuals correlate with {memory:.2f}, and the forecast takes the noise of each {unit} as its "
        f"own: the part of the total's interval that is noise is about {wider:.1f} times too narrow"
    )
    return (CATALOGUE.finding("M025", "forecast", what),)
