"""The model written a second time, from its documentation: loops and scipy, and no line of the model's own arithmetic.

From the raw panel and the project section to the mean, the log density and every channel's effect. Where the design
chooses coordinates (the rotation of the baseline's columns) it is taken from there; that it changes nothing is tested
in ``test_design``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy import stats

from mmm.config import ChannelPriorSection, ChannelSection
from mmm.design import Design

Point = Mapping[str, np.ndarray]
NAN = float("nan")

DECAY = {"tv": (0.3, 0.8), "radio": (0.1, 0.4), "search": (0.01, 0.3)}
"""Weekly decays of Robyn's rule of thumb, for the media types that the tests use."""


def lag_weights(family: str, half_life: float, shape: float, l_max: int) -> np.ndarray:
    """Adstock weights of one channel, by the formulas of docs/model.md; they sum to one."""
    lags = range(l_max)
    if family == "none":
        raw = [1.0] + [0.0] * (l_max - 1)
    elif family == "geometric":
        raw = [0.5 ** (lag / half_life) for lag in lags]
    elif family == "delayed":
        raw = [0.5 ** ((lag - shape) ** 2 / half_life**2) for lag in lags]
    else:
        weibull = stats.weibull_min(shape, scale=half_life / np.log(2.0) ** (1.0 / shape))
        if family == "weibull":
            density = [weibull.pdf(lag + 1) for lag in lags]
            raw = [(each - min(density)) / (max(density) - min(density)) for each in density] if l_max > 1 else [1.0]
        else:
            raw = [float(np.prod([weibull.sf(earlier) for earlier in range(1, lag + 1)])) for lag in lags]
    return np.array(raw) / sum(raw)


def bent(family: str, x: float, k: float, s: float) -> float:
    """One point of a saturation, by its formula in docs/model.md."""
    if x == 0.0:
        return 0.0
    if family == "hill":
        return float(x**s / (x**s + k**s))
    if family == "michaelis_menten":
        return x / (x + k)
    if family in ("logistic", "tanh"):
        decay = float(np.exp(-np.log(3.0) * x / k))
        return (1.0 - decay) / (1.0 + decay)
    return x**s if family == "root" else x


def response(
    channel: ChannelSection, x: np.ndarray, contacts: np.ndarray, shape: tuple[float, float, float, float], l_max: int
) -> np.ndarray:
    """Saturated, carried-over media of a series by loops; ``shape``: half-life, second, half-saturation, exponent."""
    half_life, second, k, s = shape
    weights, out = lag_weights(channel.adstock, half_life, second, l_max), np.zeros(len(x))

    def carried(series: list[float], t: int) -> float:
        return sum(weights[lag] * series[t - lag] for lag in range(min(l_max, t + 1)))

    if channel.reaches:
        own = [reach * bent("hill", often, k, s) for reach, often in zip(x, contacts, strict=True)]
    elif channel.saturation_first:
        own = [bent(channel.saturation, each, k, s) for each in x]
    else:
        return np.array([bent(channel.saturation, carried(list(x), t), k, s) for t in range(len(x))])
    out[:] = [carried(own, t) for t in range(len(x))]
    return out


def scored(design: Design) -> slice:
    """Rows after the warm-up, or all with a KPI where the media history is long enough."""
    history, l_max = design.panel.history, design.l_max
    return slice(history if history and history >= l_max - 1 else l_max, design.panel.n_periods)


def runs(design: Design) -> list[int]:
    """Channels with exposure that can reach a scored row."""
    panel, start = design.panel, scored(design).start
    earliest = [start if c.adstock == "none" else max(start - design.l_max + 1, 0) for c in design.section.channels]
    return [c for c in range(panel.n_channels) if panel.exposure[earliest[c] :, :, c].any()]


def members(design: Design, what: str) -> list[int]:
    """Channels with a parameter, in the order of the project file."""
    channels, bought = design.section.channels, design.panel.spend[scored(design)].sum((0, 1)) > 0
    tests: dict[str, Callable[[int], bool]] = {
        "decaying": lambda c: channels[c].adstock != "none",
        "shaped": lambda c: channels[c].adstock in ("delayed", "weibull", "weibull_cdf"),
        "bent": lambda c: channels[c].saturation not in ("root", "none"),
        "sloped": lambda c: channels[c].slope == "free" or channels[c].reach is not None,
        "rooted": lambda c: channels[c].saturation == "root",
        "paid": lambda c: channels[c].prior is None and bool(bought[c]),
        "organic": lambda c: channels[c].prior is None and not bought[c],
        "own": lambda c: _is(channels[c].prior, ("roi", "share"), "lognormal"),
        "signed": lambda c: _is(channels[c].prior, ("roi", "share"), "normal"),
        "direct": lambda c: _is(channels[c].prior, ("coefficient",), "lognormal"),
    }
    return [c for c in runs(design) if tests[what](c)]


def _is(prior: ChannelPriorSection | None, on: tuple[str, ...], family: str) -> bool:
    return prior is not None and prior.on in on and prior.family == family


def _spread(design: Design, p: Point, name: str, what: str, rest: float) -> list[float]:
    out = [rest] * design.panel.n_channels
    for place, c in enumerate(members(design, what)):
        out[c] = float(p[name][place])
    return out


def shapes(design: Design, p: Point) -> list[tuple[float, float, float, float]]:
    """Half-life, second adstock parameter, half-saturation and exponent of every channel."""
    fixed = [1.0 if isinstance(c.slope, str) else float(c.slope) for c in design.section.channels]
    exponent = fixed
    for place, c in enumerate(members(design, "sloped")):
        exponent[c] = float(p["slope"][place])
    for place, c in enumerate(members(design, "rooted")):
        exponent[c] = float(p["root"][place])
    parts = (
        _spread(design, p, "half_life", "decaying", NAN),
        _spread(design, p, "adstock_shape", "shaped", NAN),
        _spread(design, p, "half_saturation", "bent", NAN),
        exponent,
    )
    return list(zip(*parts, strict=True))


def unit(design: Design, g: int, c: int) -> float:
    """Exposure that counts as one: the mean of the periods with any, of the group, or of all where it has none."""
    own = design.panel.exposure[:, g, c]
    own = own if own.any() else design.panel.exposure[:, :, c]
    return float(own[own > 0].mean())


def media(design: Design, p: Point) -> dict[int, np.ndarray]:
    """Saturated, carried-over media of the scored rows, (F, G), for every channel that ran."""
    panel, all_shapes = design.panel, shapes(design, p)
    return {
        c: np.stack(
            [
                response(
                    design.section.channels[c],
                    panel.exposure[:, g, c] / unit(design, g, c),
                    panel.contacts[:, g, c],
                    all_shapes[c],
                    design.l_max,
                )[scored(design)]
                for g in range(panel.n_groups)
            ],
            axis=1,
        )
        for c in runs(design)
    }


def size(design: Design) -> np.ndarray:
    """Mean size of the KPI per group over the scored rows."""
    return np.abs(design.panel.kpi[scored(design)]).mean(0)


def target(design: Design) -> np.ndarray:
    """What the likelihood is about, (F, G): the KPI over its size, or its logarithm."""
    kpi = design.panel.kpi[scored(design)]
    return np.log(kpi) if design.section.likelihood == "log" else kpi / size(design)


def shares(design: Design, p: Point) -> dict[int, float]:
    """Share of the KPI in a typical group, for channels whose prior is on it."""
    spend = design.panel.spend[scored(design)].sum((0, 1))
    found: dict[int, float] = {}
    paid = members(design, "paid")
    if paid:
        weight = spend[paid] * np.exp(p.get("paid_split", np.zeros(1)))
        found |= dict(zip(paid, weight / weight.sum() / (1.0 + np.exp(-p["paid_share_logit"])), strict=True))
    for what in ("organic", "own", "signed"):
        found |= dict(zip(members(design, what), p.get(f"{what}_share", ()), strict=True))
    return found


def factors(design: Design, p: Point) -> dict[int, np.ndarray]:
    """How much more or less each group's effect is than that of a typical group, (G,) by channel."""
    active, panel = runs(design), design.panel
    if panel.n_groups == 1:
        return {c: np.ones(1) for c in active}
    total = np.zeros((panel.n_groups, len(active)))
    for i, level in enumerate(panel.levels):
        end = f"_{i + 1}" if len(panel.levels) > 1 else ""
        for g in range(panel.n_groups):
            total[g] += p[f"group_spread{end}"] * p[f"group_effect{end}"][level.index[g]]
    return {
        c: np.exp(total[:, i]) if design.section.hierarchy == "lognormal" else 1.0 + total[:, i]
        for i, c in enumerate(active)
    }


def effects(design: Design, p: Point) -> dict[int, np.ndarray]:
    """Each channel's part of the mean over the scored rows, (F, G), before centring."""
    weight = size(design) / size(design).sum()
    share, factor = shares(design, p), factors(design, p)
    found = {}
    for c, f in media(design, p).items():
        if c in members(design, "direct"):
            per_unit = p["own_coefficient"][members(design, "direct").index(c)]
        else:
            per_unit = share[c] / (weight * f.mean(0)).sum()
        found[c] = per_unit * factor[c] * f
    return found


def levers(design: Design, p: Point) -> np.ndarray:
    """Levers with a known direction: sds of the column from its mean, times an effect that never turns, (F, G)."""
    panel, rows = design.panel, scored(design)
    total, place = np.zeros((len(panel.kpi[rows]), panel.n_groups)), 0
    y = target(design)
    kpi_sd = np.sqrt(((y - y.mean(0)) ** 2).mean())
    for v, lever in enumerate(design.section.levers):
        if lever.sign == "any":
            continue
        column = panel.levers[rows][..., v]
        sd = np.sqrt(((column - column.mean(0)) ** 2).mean())
        direction = 1.0 if lever.sign == "positive" else -1.0
        total += direction * kpi_sd * p["lever_effect"][place] * (column - column.mean(0)) / sd
        place += 1
    return total


def coefficients(design: Design, p: Point) -> np.ndarray:
    """Standard coefficients per group, (G, K1): the common ones, and deviations written either way."""
    own = np.repeat(np.atleast_1d(p["coefficient"])[None, :], design.panel.n_groups, axis=0)
    if "coefficient_group" in p:
        own[:, design.centred] = p["coefficient_group"]
    if "coefficient_deviation" in p:
        own[:, ~design.centred] += p["baseline_spread"] * p["coefficient_deviation"]
    return own


def mean(design: Design, p: Point) -> np.ndarray:
    """The model's mean, (F, G), in units of the target."""
    rows = scored(design)
    mu = np.repeat(p["level"][None, :], len(design.panel.kpi[rows]), axis=0) + levers(design, p)
    for f in effects(design, p).values():
        mu += f - f.mean(0)
    if "coefficient" in p:
        free = [k for k, term in enumerate(design.terms) if not term.sign]
        columns = design.raw_terms[rows][..., free]
        mu += np.einsum("tgk,gk->tg", columns - columns.mean(0), coefficients(design, p) @ design.rotation.T)
    return mu


def half_life_prior(design: Design, c: int) -> tuple[float, float]:
    """Log mean (periods) and log sd of a channel's half-life."""
    channel, days = design.section.channels[c], {"weekly": 7.0, "daily": 1.0, "monthly": 30.0}
    middle, sd = design.section.prior.half_life_days, 1.0
    if channel.media_type is not None:
        low, high = (7.0 * np.log(0.5) / np.log(decay) for decay in DECAY[channel.media_type])
        middle, sd = np.sqrt(low * high), np.log(high / low) / 2.0 / stats.norm.ppf(0.95)
    middle = channel.half_life_days or middle
    return float(np.log(middle / days[design.panel.frequency.name])), float(sd)


def own_prior(design: Design, c: int) -> tuple[float, float]:
    """Mean and sd of a channel's own belief, in shares of the KPI or in its coefficient; of logs where lognormal."""
    prior, panel, rows = design.section.channels[c].prior, design.panel, scored(design)
    assert prior is not None
    per_unit = 1.0
    if prior.on == "roi":  # a return of one: the spend, as a share of the outcome's size
        per_unit = panel.spend[rows][..., c].sum() / (np.abs(panel.kpi) * panel.value)[rows].sum()
    if prior.mean is not None and prior.sd is not None:
        mu, sd = prior.mean, prior.sd
        if prior.family == "lognormal":
            sd = np.sqrt(np.log(1.0 + (prior.sd / prior.mean) ** 2))
            mu = np.log(prior.mean) - sd**2 / 2.0
    else:
        ends = np.array([prior.low, prior.high], float)
        ends = np.log(ends) if prior.family == "lognormal" else ends
        mu, sd = ends.mean(), (ends[1] - ends[0]) / 2.0 / stats.norm.ppf((1.0 + prior.probability) / 2.0)
    return (mu + np.log(per_unit), sd) if prior.family == "lognormal" else (mu * per_unit, sd * per_unit)


def _lognormal(x: np.ndarray, pairs: list[tuple[float, float]]) -> float:
    mu, sd = np.array(pairs).T
    return float(stats.lognorm.logpdf(x, s=sd, scale=np.exp(mu)).sum())


def shape_prior(design: Design, p: Point) -> float:
    """Log density of half-lives, second parameters, half-saturations, slopes and roots."""
    channels, days = design.section.channels, {"weekly": 7.0, "daily": 1.0, "monthly": 30.0}
    delay = (float(np.log(7.0 / days[design.panel.frequency.name])), 0.7)
    pairs = {
        "half_life": [half_life_prior(design, c) for c in members(design, "decaying")],
        "adstock_shape": [delay if channels[c].adstock == "delayed" else (0.0, 0.4) for c in members(design, "shaped")],
        "half_saturation": [(0.7, 0.4) if channels[c].reaches else (np.log(2.0), 1.0) for c in members(design, "bent")],
        "slope": [(0.7, 0.4) if channels[c].reaches else (0.0, 0.5) for c in members(design, "sloped")],
    }
    total = sum(_lognormal(p[name], known) for name, known in pairs.items() if known)
    return total + float(stats.beta(2.0, 2.0).logpdf(p["root"]).sum() if "root" in p else 0.0)


def effect_prior(design: Design, p: Point) -> float:
    """Log density of everything that says how large effects are."""
    prior, total = design.section.prior, 0.0
    spend = design.panel.spend[scored(design)].sum((0, 1))[runs(design)].sum()
    if paid := members(design, "paid"):
        part = design.panel.spend[scored(design)].sum((0, 1))[paid].sum() / spend
        share = prior.paid_share * part
        total += float(stats.norm.logpdf(p["paid_share_logit"], np.log(share / (1 - share)), prior.paid_share_sd))
        if len(paid) > 1:
            # An isotropic normal inside the plane where the values add to zero, which has one dimension less.
            sd, split = np.log(prior.roi_ratio) / stats.norm.ppf(0.95), p["paid_split"]
            total += -0.5 * (split**2).sum() / sd**2 - (len(split) - 1) * np.log(sd * np.sqrt(2 * np.pi))
    if "organic_share" in p:
        total += _lognormal(p["organic_share"], [(np.log(prior.organic_share), 1.25)] * len(p["organic_share"]))
    for what, name in (("own", "own_share"), ("direct", "own_coefficient")):
        if chosen := members(design, what):
            total += _lognormal(p[name], [own_prior(design, c) for c in chosen])
    for place, c in enumerate(members(design, "signed")):
        total += float(stats.norm.logpdf(p["signed_share"][place], *own_prior(design, c)))
    for name in p:
        if name.startswith("group_spread"):
            total += stats.halfnorm.logpdf(p[name], scale=0.5).sum()
        if name.startswith("group_effect"):
            total += stats.norm.logpdf(p[name]).sum()
    return total


def baseline_prior(design: Design, p: Point) -> float:
    """Log density of level, coefficients, levers and noise."""
    y, normal = target(design), stats.norm.logpdf
    kpi_sd = np.sqrt(((y - y.mean(0)) ** 2).mean())
    total = normal(p["level"], y.mean(0), 0.5).sum() + stats.halfnorm.logpdf(p["sigma"], scale=kpi_sd).sum()
    total += normal(p.get("coefficient", np.zeros(0))).sum()
    total += stats.halfnorm.logpdf(p.get("lever_effect", np.zeros(0))).sum()
    if "baseline_spread" in p:
        total += stats.halfnorm.logpdf(p["baseline_spread"], scale=0.5)
        total += normal(p.get("coefficient_deviation", np.zeros(0))).sum()
        if "coefficient_group" in p:
            total += normal(p["coefficient_group"], p["coefficient"][design.centred], p["baseline_spread"]).sum()
    if "degrees_beyond_two" in p:
        total += stats.gamma(2.0, scale=10.0).logpdf(p["degrees_beyond_two"])
    return float(total)


def log_density(design: Design, p: Point) -> float:
    """Prior and likelihood in natural parameters, without Jacobians."""
    residual = target(design) - mean(design, p)
    if "degrees_beyond_two" in p:
        likelihood = stats.t.logpdf(residual / p["sigma"], 2.0 + p["degrees_beyond_two"]) - np.log(p["sigma"])
    else:
        likelihood = stats.norm.logpdf(residual, 0.0, p["sigma"])
    return shape_prior(design, p) + effect_prior(design, p) + baseline_prior(design, p) + float(likelihood.sum())
