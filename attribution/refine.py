"""Leads that media bring become money: the media-mix model's draws joined with the conversion model's.

The media-mix model says how many leads a channel's money brings; the conversion model says what a lead of a channel
turns into. Both posteriors are independent, so their draws are paired at random, with the project's seed. How a
channel's leads spread over segments and score bands is drawn from the counts: a Dirichlet distribution whose parameters
are the leads counted (Rubin, 1981, "The Bayesian bootstrap").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.catalogue import CATALOGUE
from attribution.config import LeadsSection
from attribution.leads import LeadCells
from attribution.refine_joined import Joined, joined
from outlay.downstream import Downstream
from outlay.errors import ConfigError
from outlay.findings import Finding
from outlay.response import ResponseDraws
from outlay.transforms import Array

FEW = 30
"""Leads of a channel in a region below which its mix over all regions stands in."""

_STREAM = 0x0BD6E7
"""Keeps these random numbers apart from those that other parts draw with the project's seed."""

WHERE = '[plan] value_from = "conversion"'


class Rates(Protocol):
    """What is read of :class:`attribution.conversion.RateDraws`."""

    @property
    def labels(self) -> pd.DataFrame:
        """One row per combination of levels."""

    @property
    def leads(self) -> Array:
        """Leads of each row."""

    @property
    def reach(self) -> Array:
        """Probability to reach each stage, (S, rows, J)."""

    @property
    def value(self) -> Array:
        """Value of the last stage, (S, rows)."""

    @property
    def mix(self) -> str:
        """What the rates are averaged over, in a sentence."""


class Conversion(Protocol):
    """What is read of :class:`attribution.conversion.FittedConversion`."""

    @property
    def cells(self) -> LeadCells:
        """The leads that it was fitted to."""

    @property
    def section(self) -> LeadsSection:
        """Their section of the project file."""

    @property
    def n_draws(self) -> int:
        """Draws of all chains."""

    def draws(self, by: tuple[str, ...], most: int | None = None) -> Rates:
        """Rates by some dimensions; see :meth:`attribution.conversion.FittedConversion.draws`."""


@dataclass(frozen=True, eq=False)
class Refined:
    """Response draws in money, with what has to be said of the way there."""

    response: ResponseDraws
    findings: tuple[Finding, ...]


def refine(response: ResponseDraws, conversion: Conversion, seed: int) -> Refined:
    """The response in the money that leads turn into, draw by draw.

    Parameters
    ----------
    response : ResponseDraws
        Of a model whose KPI is a number of leads.
    conversion : FittedConversion
    seed : int
        Of the pairing of the two posteriors, and of the draws of the mixes.

    Raises
    ------
    ConfigError
        V082, V085, V086 and V087, where the two models cannot be joined.
    """
    leads = _counted(response)
    names = joined(response, conversion.cells, conversion.section)
    if not names.any_mapped:
        raise _refused("V082", f"the leads' channels are {_listed(names.labels) or 'not known'}")
    rng = np.random.default_rng([seed, _STREAM])
    pairs = np.resize(rng.permutation(min(conversion.n_draws, response.n_draws)), response.n_draws)
    downstream, thin = _downstream(leads, conversion, names, pairs, rng)
    money = replace(in_money(leads, downstream), outcome=f"value of {response.outcome.removeprefix('value of ')}")
    return Refined(money, (*_findings(response, names), *thin))


def in_money(leads: ResponseDraws, downstream: Downstream) -> ResponseDraws:
    """A response in leads as one in money: every coefficient times what a lead of its channel and group is worth.

    Raises
    ------
    ConfigError
        V087, where a lead is worth nothing.
    """
    worth = downstream.worth_of_lead
    if not (np.isfinite(worth).all() and (worth > 0.0).all()):
        raise _refused("V087", "a lead is worth nothing, or its worth is not known")
    return replace(
        leads,
        outcome=f"value of {leads.outcome}",
        outcome_unit=leads.currency,
        money=True,
        coefficient=leads.coefficient * worth[:, :, :-1],
        baseline=leads.baseline * worth[:, None, :, -1],
        assumptions=(*leads.assumptions, *downstream.assumptions),
        downstream=downstream,
    )


def _counted(response: ResponseDraws) -> ResponseDraws:
    """The response in leads: a value per KPI that the model was given is taken off again."""
    if response.link != "identity":
        raise _refused("V085", "the model's effects multiply")
    if not response.money:
        return response
    if not response.outcome.startswith("value of "):
        raise _refused("V086", f"the model's KPI is {response.outcome}, in {response.outcome_unit}")
    ahead = response.value[len(response.dates) :]
    worth = np.broadcast_to(np.where(ahead > 0.0, ahead, np.inf)[: response.baseline.shape[1]], response.baseline.shape)
    baseline = response.baseline / worth
    return replace(response, value=np.ones_like(response.value), baseline=baseline)


def _downstream(
    leads: ResponseDraws, conversion: Conversion, names: Joined, pairs: NDArray[np.intp], rng: np.random.Generator
) -> tuple[Downstream, tuple[Finding, ...]]:
    """Mix, reach and value for every group and channel, and the baseline as the last channel."""
    cells = conversion.cells
    dims = tuple(dim for dim in ("region", "channel", "segment", "band") if dim in cells.dims)
    if not names.by_region:
        dims = tuple(dim for dim in dims if dim != "region")
    most, whole = leads.n_draws, tuple(dim for dim in dims if dim != "region")
    own, pooled = conversion.draws(dims, most), conversion.draws(whole, most)
    value = _value(conversion, pairs)
    shape = (len(names.segments), len(names.bands))
    split = np.empty((len(pairs), len(leads.groups), len(leads.channels) + 1, *shape))
    reach = np.empty((*split.shape, len(cells.stages)))
    thin: tuple[list[str], list[str]] = ([], [])
    told: dict[tuple[int, int], tuple[Array, Array]] = {}
    for g, group in enumerate(leads.groups):
        for c in range(len(leads.channels) + 1):
            rates, rows, key, short = _enough((own, pooled), names, (g, group), c)
            if short:
                thin[short - 1].append(names.label(group if names.by_region else None, c, leads.channels))
            if key not in told:
                told[key] = _mixed(rates, rows, names, shape, pairs, rng)
            split[:, g, c], reach[:, g, c] = told[key]
    downstream = Downstream(
        segments=names.segments,
        bands=names.bands,
        stages=cells.stages,
        split=split,
        reach=reach,
        value=value,
        baseline=leads.baseline,
        assumptions=_assumptions(own, names, cells),
    )
    return downstream, _thin(*thin)


def _enough(
    rates: tuple[Rates, Rates], names: Joined, group: tuple[int, str], channel: int
) -> tuple[Rates, NDArray[np.intp], tuple[int, int], int]:
    """The nearest leads that are enough to tell a mix: in the group, of the channel over all regions, of all."""
    own, pooled = rates
    rows = names.rows(own, group[1], channel)
    if own.leads[rows].sum() >= FEW:
        return own, rows, (group[0] if names.by_region else -1, channel), 0
    rows = names.rows(pooled, None, channel)
    if names.by_region and pooled.leads[rows].sum() >= FEW:
        return pooled, rows, (-1, channel), 1
    return pooled, np.arange(len(pooled.labels)), (-1, -1), 2


def _thin(regional: list[str], whole: list[str]) -> tuple[Finding, ...]:
    found = []
    if regional:
        what = f"under {FEW} leads, so the mix over all regions stands in: {_listed(tuple(regional))}"
        found.append(CATALOGUE.finding("V084", WHERE, what))
    if whole:
        names = tuple(dict.fromkeys(whole))
        what = f"under {FEW} leads in the last 12 months, so the mix of all leads stands in: {_listed(names)}"
        found.append(CATALOGUE.finding("V089", WHERE, what))
    return tuple(found)


def _value(conversion: Conversion, pairs: NDArray[np.intp]) -> Array:
    """Value of the last stage per segment, (S, K)."""
    by = ("segment",) if "segment" in conversion.cells.dims else ()
    value = np.asarray(conversion.draws(by, len(pairs)).value, float)[pairs]
    if not np.isfinite(value).all():
        raise _refused("V087", "the conversion model holds no value of the last stage")
    return value


def _mixed(
    rates: Rates,
    rows: NDArray[np.intp],
    names: Joined,
    shape: tuple[int, int],
    pairs: NDArray[np.intp],
    rng: np.random.Generator,
) -> tuple[Array, Array]:
    """Split (S, K, B) and reach (S, K, B, J) of the leads in some rows.

    Several names of leads can be one media channel: each row keeps its own rates, and rows of one segment and band are
    put together by their drawn parts. A segment and band without leads has no part; its reach is that of its rows.
    """
    kind = names.kind(rates, rows)
    drawn = rng.standard_gamma(np.asarray(rates.leads, float)[rows], size=(len(pairs), len(rows)))
    part = drawn / drawn.sum(axis=1, keepdims=True)
    reach = np.asarray(rates.reach, float)[np.ix_(pairs, rows)]
    n, stages = int(np.prod(shape)), reach.shape[-1]
    member = (kind[:, None] == np.arange(n)).astype(float)
    split = part @ member
    through = np.einsum("sr,rn,srj->snj", part, member, reach)
    plain = np.einsum("rn,srj->snj", member / np.maximum(member.sum(axis=0), 1.0), reach)
    known = split[..., None] > 0.0
    mean = np.where(known, through / np.where(known, split[..., None], 1.0), plain)
    return split.reshape(-1, *shape), mean.reshape(-1, *shape, stages)


def _assumptions(rates: Rates, names: Joined, cells: LeadCells) -> tuple[str, ...]:
    last = cells.stages[-1]
    where = "of its region" if names.by_region else "over all regions"
    return (
        "Leads that media bring are taken to convert like the observed leads of the same channel: those carry the "
        "label of their last touch, while the media-mix model counts the ones that would not have come otherwise.",
        f"A channel's leads spread over segments and score bands as its leads {where} did. {rates.mix}".strip(),
        f"A lead's worth is its probability to reach {last} times the segment's value. The draws of the two models are "
        "paired at random, as the two posteriors are independent.",
    )


def _findings(response: ResponseDraws, names: Joined) -> tuple[Finding, ...]:
    found = []
    if response.money:
        found.append(CATALOGUE.finding("V088", WHERE, "leads are valued by their conversion"))
    alone = names.without_leads if names.beside else (*names.without_leads, "leads that come anyway")
    if alone:
        what = f"counted with the mix of all leads: {_listed(alone)}"
        found.append(CATALOGUE.finding("V080", WHERE, what))
    if names.beside:
        what = f"counted as leads that come anyway: {_listed(names.beside)}"
        found.append(CATALOGUE.finding("V081", WHERE, what))
    if not names.by_region and (response.is_panel or names.has_regions):
        found.append(CATALOGUE.finding("V083", WHERE, names.why_not_by_region(response)))
    return tuple(found)


def _listed(names: tuple[str, ...], most: int = 8) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _refused(id: str, what: str) -> ConfigError:
    return ConfigError(what, where=WHERE, repair=CATALOGUE[id].repair, id=id)
