"""What journeys credit each channel with: every rule, chain and game, with intervals, by segment and period."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution import markov, shapley
from attribution.catalogue import CATALOGUE
from attribution.config_journeys import JourneysSection
from attribution.credit_draws import shares_of
from attribution.journeys_counts import JourneyCounts
from attribution.paths_counts import RULES
from attribution.rules_credit import RuleCounts, SetWeights, rule_counts, rule_draws, sum_game_counts
from outlay.findings import Finding
from outlay.project import ProjectSection
from outlay.summary import summarise
from outlay.transforms import Array

TITLES: Mapping[str, str] = {
    "first": "First touch",
    "last": "Last touch",
    "linear": "Linear",
    "position": "Position",
    "decay": "Time decay",
    "markov_1": "Markov, order 1",
    "markov_2": "Markov, order 2",
    "markov_3": "Markov, order 3",
    "markov_4": "Markov, order 4",
    "shapley_sum": "Shapley, sum game",
    "shapley_rate": "Shapley, rate game",
}
"""Names of the models, in the order of tables."""

NOT_CAUSAL = (
    "Multi-touch attribution shares out conversions among the channels that were seen on the way. It does not say what "
    "would not have happened without a channel."
)
SAMPLING_ONLY = (
    "Intervals of journeys are sampling uncertainty only: how the shares would move with other users of the same kind. "
    "They do not hold the doubt about which rule is right, about touches that were not tracked, or about cause."
)


@dataclass(frozen=True, eq=False)
class Credit:
    """One model's answer.

    Attributes
    ----------
    model : str
        A key of :data:`TITLES`.
    share, value_share : ndarray (m,)
        Share of the conversions and of their value, exact for the journeys of the table.
    draws, value_draws : ndarray (S, m)
        The same under the posterior.
    """

    model: str
    share: Array
    value_share: Array
    draws: Array
    value_draws: Array


@dataclass(frozen=True, eq=False)
class Attribution:
    """Every model's answer for all journeys together, and the tables.

    Attributes
    ----------
    counts : JourneyCounts
    credits : mapping of str to Credit
        Of all journeys, by model.
    table : DataFrame
        ``model, segment, period, channel, share, share_hdi_low, share_hdi_high, conversions, conversions_hdi_low, ...``
        and, where journeys have values, ``value...``; segment and period are None where all are meant.
    removal : DataFrame
        ``order, channel, effect, effect_hdi_low, effect_hdi_high``: removal effects themselves.
    level : float
    findings : tuple of Finding
    """

    counts: JourneyCounts
    credits: Mapping[str, Credit]
    table: pd.DataFrame
    removal: pd.DataFrame
    level: float
    findings: tuple[Finding, ...]

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from attribution.shown import credit_table
        from outlay.html_table import html_table

        return html_table(credit_table(self))


def attribute(
    counts: JourneyCounts, section: JourneysSection, about: ProjectSection, *, cells: bool = True
) -> Attribution:
    """Share the conversions of journeys among channels, by every model.

    Parameters
    ----------
    counts : JourneyCounts
    section : JourneysSection
        ``order`` and ``draws``.
    about : ProjectSection
        Level of the intervals and seed.
    cells : bool
        Whether segments and periods are told too.
    """
    findings = list(counts.findings)
    credits, effects = _whole(counts, section, about, findings)
    parts = [_rows(counts, credits, about.hdi, None, None)]
    for segment, period in _cells(counts) if cells else ():
        cell = counts.cell(segment, period)
        if cell.conversions:
            rng = np.random.default_rng([about.seed, 7, _or(segment), _or(period)])
            own = {credit.model: credit for credit in _simple(cell, section.draws, rng)}
            names = (
                None if segment is None else counts.segments[segment],
                None if period is None else counts.periods[period],
            )
            parts.append(_rows(cell, own, about.hdi, *names))
    if section.order > 1 and len(parts) > 1:
        findings.append(
            CATALOGUE.finding("J057", counts.source, f"orders 2 to {section.order} are told for all journeys")
        )
    table = pd.concat(parts, ignore_index=True)
    return Attribution(counts, credits, table, effects, about.hdi, tuple(findings))


def _or(code: int | None) -> int:
    return 0 if code is None else code + 1


def _cells(counts: JourneyCounts) -> Iterator[tuple[int | None, int | None]]:
    """Each segment, each period, and each of both together, where there are several."""
    segments = range(len(counts.segments)) if len(counts.segments) > 1 else range(0)
    periods = range(len(counts.periods)) if len(counts.periods) > 1 else range(0)
    yield from ((segment, None) for segment in segments)
    yield from ((None, period) for period in periods)
    yield from ((segment, period) for segment in segments for period in periods)


def _whole(
    counts: JourneyCounts, section: JourneysSection, about: ProjectSection, findings: list[Finding]
) -> tuple[dict[str, Credit], pd.DataFrame]:
    rng = np.random.default_rng([about.seed, 7])
    found = {credit.model: credit for credit in _simple(counts, section.draws, rng)}
    if "shapley_rate" not in found:
        words = f"{_seen(counts)} channels occur; the rate game is told up to {shapley.MOST_CHANNELS}"
        findings.append(CATALOGUE.finding("J050", counts.source, words))
    effects = []
    for order in range(1, section.order + 1):
        chain = markov.chain_of(counts.grams, len(counts.channels), order)
        if chain.n_states > markov.MOST_STATES:
            words = f"the chain of order {order} has {chain.n_states:,} histories"
            findings.append(CATALOGUE.finding("J055", counts.source, words))
            break
        exact, drawn = markov.removal_effects(chain), markov.removal_draws(chain, section.draws, rng)
        found[f"markov_{order}"] = _of_removal(order, exact, drawn)
        told = summarise(drawn.effect, about.hdi)
        effects.append(
            pd.DataFrame(
                {
                    "order": order,
                    "channel": counts.channels,
                    "effect": exact.effect,
                    "effect_hdi_low": told.low,
                    "effect_hdi_high": told.high,
                    "states": chain.n_states,
                    "draws": len(drawn.effect),
                }
            )
        )
    return {model: found[model] for model in TITLES if model in found}, pd.concat(effects, ignore_index=True)


def _of_removal(order: int, exact: markov.Removal, drawn: markov.Removal) -> Credit:
    return Credit(f"markov_{order}", exact.share, exact.value_share, drawn.share, drawn.value_share)


def _simple(counts: JourneyCounts, draws: int, rng: np.random.Generator) -> Iterator[Credit]:
    """Rules, games and the chain of order one: what is told of every cell."""
    m = len(counts.channels)
    drawn: SetWeights | None = None
    for rule in RULES:
        told = rule_counts(counts.credits, counts.coalitions, rule, m)
        drawn = drawn or SetWeights.of(told, draws, rng)
        yield _of_rule(rule, told, draws, rng, drawn)
    yield _of_chain(counts, draws, rng)
    yield from _games(counts, draws, rng, drawn)


def single(counts: JourneyCounts, model: str, draws: int, rng: np.random.Generator) -> Credit:
    """One model's answer: a rule, the sum game, or the chain of order one."""
    m = len(counts.channels)
    if model == "markov_1":
        return _of_chain(counts, draws, rng)
    if model == "shapley_sum":
        return _of_rule(model, sum_game_counts(_by_set(counts), m), draws, rng)
    return _of_rule(model, rule_counts(counts.credits, counts.coalitions, model, m), draws, rng)


def _of_rule(
    model: str, told: RuleCounts, draws: int, rng: np.random.Generator, drawn: SetWeights | None = None
) -> Credit:
    share, value = rule_draws(told, draws, rng, drawn)
    return Credit(model, shares_of(told.credit.sum(0)), shares_of(told.valued.sum(0)), share, value)


def _of_chain(counts: JourneyCounts, draws: int, rng: np.random.Generator) -> Credit:
    chain = markov.chain_of(counts.grams, len(counts.channels), 1)
    return _of_removal(1, markov.removal_effects(chain), markov.removal_draws(chain, draws, rng))


def _by_set(counts: JourneyCounts) -> pd.DataFrame:
    """Journeys by set of channels, whatever their segment and period."""
    return counts.coalitions.groupby("mask", as_index=False)[_COUNTED].sum()


_COUNTED = ["journeys", "conversions", "value", "square"]


def _seen(counts: JourneyCounts) -> int:
    """Channels that occur."""
    return int(np.bitwise_or.reduce(counts.coalitions["mask"].to_numpy(np.int64))).bit_count()


def _games(counts: JourneyCounts, draws: int, rng: np.random.Generator, drawn: SetWeights | None) -> Iterator[Credit]:
    m = len(counts.channels)
    sets = _by_set(counts)
    masks = sets["mask"].to_numpy(np.int64)
    yield _of_rule("shapley_sum", sum_game_counts(sets, m), draws, rng, drawn)
    used = np.flatnonzero(shapley.members(masks, m).any(0))
    if len(used) > shapley.MOST_CHANNELS:
        return
    packed = sets.assign(mask=_packed(masks, used))
    small = packed["mask"].to_numpy(np.int64)
    journeys = packed["journeys"].to_numpy(float)
    exact = [shapley.rate_game(small, journeys, packed[name].to_numpy(float), len(used)) for name in _COUNTED[1:3]]
    rates = shapley.rate_draws(packed, len(used), draws, rng)
    full = [_unpacked(shares_of(part), used, m) for part in (*exact, *rates)]
    yield Credit("shapley_rate", *full)


def _packed(masks: NDArray[np.int64], used: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sets over the used channels only."""
    return (((masks[:, None] >> used) & 1) << np.arange(len(used))).sum(1)


def _unpacked(shares: Array, used: NDArray[np.int64], n_channels: int) -> Array:
    full = np.zeros((*shares.shape[:-1], n_channels))
    full[..., used] = shares
    return full


def _rows(
    counts: JourneyCounts, credits: Mapping[str, Credit], level: float, segment: str | None, period: str | None
) -> pd.DataFrame:
    """The table's rows of one cell: shares, and what they are in conversions and value."""
    parts = []
    for credit in credits.values():
        told = summarise(credit.draws, level)
        columns: dict[str, object] = {
            "model": credit.model,
            "segment": segment,
            "period": period,
            "channel": counts.channels,
            "share": credit.share,
            "share_hdi_low": told.low,
            "share_hdi_high": told.high,
            "conversions": credit.share * counts.conversions,
            "conversions_hdi_low": told.low * counts.conversions,
            "conversions_hdi_high": told.high * counts.conversions,
        }
        if counts.has_value:
            worth = summarise(credit.value_draws, level)
            columns |= {
                "value": credit.value_share * counts.value,
                "value_hdi_low": worth.low * counts.value,
                "value_hdi_high": worth.high * counts.value,
            }
        parts.append(pd.DataFrame(columns).astype({"segment": object, "period": object}))
    return pd.concat(parts, ignore_index=True)
