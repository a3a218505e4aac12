"""How customers of each segment will respond to the next campaign, by the conversion model of leads.

Customers who were asked are the first stage, those who responded the second; segments and past campaigns are what
rates go by. Campaigns differ: by a common effect, and by how segments take them. The next campaign is one more of the
same kind, so its effects are drawn from the spreads that the past ones show. Where ``s`` is the spread of K past
campaigns, the next one lies around their mean with variance ``s^2 (1 + 1/K)``: its own, and that of the mean.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from outlay.findings import Finding, errors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from attribution.config import ConversionSampling
    from attribution.conversion import FittedConversion
    from attribution.leads import LeadCells
    from outlay.project import ProjectSection
    from outlay.sampling import OnProgress
    from outlay.transforms import Array
    from outlay.trust import Trust
    from segmentation.config import CampaignsSection
    from segmentation.customers import Customers

EVERYBODY = 0
"""Number that stands for all segments together."""

FEW_CAMPAIGNS = 4
_RESPONDED, _ASKED = "responded", "asked"
_FLAGS = {"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0, "false": 0.0, "true": 1.0, "no": 0.0, "yes": 1.0}


@dataclass(frozen=True, eq=False)
class Responses:
    """Who was asked and who responded. N customers, K segments, C campaigns.

    Attributes
    ----------
    campaigns : tuple of str
    asked, responded : ndarray (K, C)
        Customers by segment and campaign, by weight.
    customers : ndarray (K,)
        Customers of each segment now.
    findings : tuple of Finding
    """

    campaigns: tuple[str, ...]
    asked: Array
    responded: Array
    customers: Array
    findings: tuple[Finding, ...]


@dataclass(frozen=True, eq=False)
class Propensity:
    """Response to the next campaign.

    Attributes
    ----------
    table : DataFrame
        One row per segment, everybody (number 0) first: ``number``, ``segment``, ``customers``, ``asked`` and
        ``responded`` (past, all campaigns together), ``past_rate`` (responded / asked), ``rate`` with ``low`` and
        ``high`` (part of the segment that will respond to the next campaign: what is not known of the segment, how
        campaigns differ, and chance among its customers), ``responses`` with ``responses_low`` and ``responses_high``
        (customers), ``lift`` with ``lift_low`` and ``lift_high`` (rate over everybody's), ``best`` (probability that no
        segment responds more).
    campaigns : DataFrame
        ``number``, ``segment``, ``campaign``, ``asked``, ``responded``, ``rate`` with ``low`` and ``high``: how the
        past campaigns went.
    facts : mapping of str to Any
        JSON-ready: ``campaigns``, ``level``, ``spread`` (mean standard deviation of campaigns, logit) and
        ``spread_own`` (of how segments take them), with ``_low`` and ``_high``; ``engine``, ``draws``, ``preview``.
    trust : Trust or None
        The gate's verdict; None for a preview.
    findings : tuple of Finding
    """

    table: pd.DataFrame
    campaigns: pd.DataFrame
    facts: Mapping[str, Any]
    trust: Trust | None
    findings: tuple[Finding, ...]


def propensity(
    customers: Customers,
    numbers: NDArray[np.integer[Any]],
    names: Mapping[int, str],
    section: CampaignsSection,
    about: ProjectSection,
    *,
    preview: bool = False,
    on_progress: OnProgress | None = None,
) -> Propensity:
    """Predict the response of each segment to the next campaign.

    Parameters
    ----------
    customers : Customers
        With the columns of responses in its frame.
    numbers : ndarray of int (N,)
        Segment of each customer, from 1.
    names : mapping of int to str
    section : CampaignsSection
    about : ProjectSection
        Interval level and seed.
    preview : bool
        Approximate in a second; intervals then leave out what is not known of the spreads, and are too narrow.
    on_progress : callable, optional

    Raises
    ------
    DataError
        K096: responses that are neither 0 nor 1.
    """
    read = responses(customers, numbers, section)
    fitted = fit(read, names, about, (customers.source, customers.fingerprint), preview=preview, tell=on_progress)
    return told(read, fitted, names, about)


def responses(customers: Customers, numbers: NDArray[np.integer[Any]], section: CampaignsSection) -> Responses:
    """Count who was asked and who responded, by segment and campaign.

    Raises
    ------
    DataError
        K096: every column that is not there, empty, or holds what is neither 0 nor 1.
    """
    from outlay.errors import DataError
    from segmentation.catalogue import CATALOGUE

    findings: list[Finding] = []
    k, segment = int(numbers.max()), np.asarray(numbers, np.int64) - 1
    asked, responded = [], []
    for name in section.responses:
        flags = _flags(customers, name, findings)
        weight = np.where(np.isnan(flags), 0.0, customers.weight)
        asked.append(np.bincount(segment, weight, k))
        responded.append(np.bincount(segment, weight * np.nan_to_num(flags), k))
    if errors(findings):
        raise DataError(findings)
    own = [name for name in section.responses if name in customers.features]
    if own:
        what = f"segments were made from {', '.join(own)} too"
        findings.append(CATALOGUE.finding("K098", customers.source, what))
    if len(section.responses) < FEW_CAMPAIGNS:
        what = f"{len(section.responses)} past campaign{'s' * (len(section.responses) > 1)}"
        findings.append(CATALOGUE.finding("K097", customers.source, what))
    size = np.bincount(segment, customers.weight, k).astype(float)
    return Responses(section.responses, np.stack(asked, 1), np.stack(responded, 1), size, tuple(findings))


def _flags(customers: Customers, name: str, findings: list[Finding]) -> Array:
    """1, 0 or NaN of each customer; findings where it is something else."""
    from outlay.places import counted, place, quoted
    from segmentation.catalogue import CATALOGUE

    empty = np.full(customers.n_customers, np.nan)
    if name not in customers.frame:
        findings.append(CATALOGUE.finding("K096", customers.source, f'there is no column "{name}"'))
        return empty
    column = customers.frame[name]
    missing = column.isna().to_numpy()
    texts = column.astype("str").str.strip().str.lower()
    flags = np.where(missing, np.nan, texts.map(_FLAGS).to_numpy(float))
    wrong = ~missing & np.isnan(flags)
    if wrong.any():
        where = place(customers.source, column=name, word=customers.word, rows=customers.lines[wrong])
        what = f"{counted(int(wrong.sum()), 'cell')} neither 0 nor 1: {quoted(column[wrong].astype('str'))}"
        findings.append(CATALOGUE.finding("K096", where, what))
    elif missing.all():
        findings.append(CATALOGUE.finding("K096", f"{customers.source}, column {name}", "nobody was asked"))
    return flags


def fit(
    read: Responses,
    names: Mapping[int, str],
    about: ProjectSection,
    origin: tuple[str, str] = ("customers", ""),
    *,
    preview: bool = False,
    sampling: ConversionSampling | None = None,
    tell: OnProgress | None = None,
) -> FittedConversion:
    """Fit the conversion model of attribution to the counts; ``origin`` is the table and its fingerprint."""
    from attribution.config import ConversionSampling, LeadsSection
    from attribution.conversion import ConversionModel

    section = LeadsSection(
        source=origin[0],
        date="campaign",
        stages=(_ASKED, _RESPONDED),
        segment="segment",
        channel="campaign",
        sampling=sampling or ConversionSampling(),
    )
    model = ConversionModel(cells_of(read, names, about.currency, origin), section, about)
    return model.preview() if preview else model.fit(tell)


def cells_of(
    read: Responses, names: Mapping[int, str], currency: str, origin: tuple[str, str] = ("customers", "")
) -> LeadCells:
    """The counts as leads: a campaign stands where leads have a channel, so that segments may take it differently."""
    from attribution.leads import LeadCells

    k, c = read.asked.shape
    codes = np.stack(np.unravel_index(np.arange(k * c), (k, c)), axis=1).astype(np.int64)
    asked, responded, none = read.asked.ravel(), read.responded.ravel(), np.zeros(k * c)
    return LeadCells(
        stages=(_ASKED, _RESPONDED),
        dims=("segment", "channel"),
        levels={"segment": tuple(_name(names, s + 1) for s in range(k)), "channel": read.campaigns},
        codes=codes,
        reached=np.stack([asked, responded], axis=1),
        trials=asked[:, None],
        successes=responded[:, None],
        value_count=none,
        value_sum=none,
        value_log_sum=none,
        value_log_square=none,
        currency=currency,
        as_of=dt.date.min,  # campaigns have an order and no days; nothing here looks at it
        maturity_days=(0.0,),
        young=(0,),
        rows=round(float(asked.sum())),
        source=origin[0],
        fingerprint=origin[1],
    )


def next_rates(fitted: FittedConversion, campaigns: int, seed: int) -> Array:
    """Draws of the rate of each segment in the next campaign, (S, K).

    Parameters
    ----------
    fitted : FittedConversion
        Of :func:`fit`.
    campaigns : int
        Number of past campaigns.
    seed : int
    """
    from attribution.conversion_links import zero_sum_basis
    from attribution.conversion_priors import EFFECT, INTERACTION

    (part,) = fitted.parts
    rng = np.random.default_rng([seed, 97])
    held = {term.name: term for term in part.link.terms}
    logit = np.repeat(part.fixed[:, :1], len(fitted.cells.levels["segment"]), axis=1)
    if "segment" in held:
        logit = logit + part.samples.flat("effect_segment")
    widen = np.sqrt(1.0 + 1.0 / campaigns)

    def spread(term: str, prior: float) -> Array:
        # One campaign shows no spread: what campaigns usually differ by stands in, the prior of the model.
        known = term in held
        return part.samples.flat(f"spread_{term}") if known else np.abs(rng.normal(0.0, prior, part.size))

    logit = logit + (widen * spread("channel", EFFECT) * rng.standard_normal(part.size))[:, None]
    if logit.shape[1] > 1:
        basis = zero_sum_basis(logit.shape[1])
        steps = rng.standard_normal((part.size, basis.shape[1])) @ basis.T
        logit = logit + widen * spread("segment_x_channel", INTERACTION)[:, None] * steps
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def told(read: Responses, fitted: FittedConversion, names: Mapping[int, str], about: ProjectSection) -> Propensity:
    """Tables of a fit."""
    from attribution.conversion_checks import check_trust

    rate = next_rates(fitted, len(read.campaigns), about.seed)
    rng = np.random.default_rng([about.seed, 101])
    size = np.rint(read.customers).astype(np.int64)
    counts = rng.binomial(size, rate).astype(float)
    table = _table(read, (rate, counts), names, about.hdi)
    findings = (*read.findings, *check_trust(fitted))
    return Propensity(table, _campaigns(read, names, about.hdi), _facts(read, fitted, about), fitted.trust, findings)


def _table(read: Responses, draws: tuple[Array, Array], names: Mapping[int, str], level: float) -> pd.DataFrame:
    from outlay.summary import hdi_bounds

    rate, counts = draws
    share = read.customers / read.customers.sum()
    everybody, together = rate @ share, counts.sum(1)
    best = np.bincount(rate.argmax(1), minlength=rate.shape[1]) / len(rate)
    rows = []
    for s in range(-1, rate.shape[1]):
        own = (everybody, together) if s < 0 else (rate[:, s], counts[:, s])
        customers = float(read.customers.sum() if s < 0 else read.customers[s])
        asked = float(read.asked.sum() if s < 0 else read.asked[s].sum())
        responded = float(read.responded.sum() if s < 0 else read.responded[s].sum())
        low, high = hdi_bounds(own[1], level)
        lift = own[0] / everybody
        lift_low, lift_high = hdi_bounds(lift, level)
        rows.append(
            {
                "number": s + 1,
                "segment": "everybody" if s < 0 else _name(names, s + 1),
                "customers": customers,
                "asked": asked,
                "responded": responded,
                "past_rate": responded / asked if asked > 0 else np.nan,
                "rate": float(own[0].mean()),
                "low": float(low) / customers,
                "high": float(high) / customers,
                "responses": float(own[1].mean()),
                "responses_low": float(low),
                "responses_high": float(high),
                "lift": float(lift.mean()),
                "lift_low": float(lift_low),
                "lift_high": float(lift_high),
                "best": np.nan if s < 0 else float(best[s]),
            }
        )
    return pd.DataFrame(rows)


def _campaigns(read: Responses, names: Mapping[int, str], level: float) -> pd.DataFrame:
    from outlay.summary import jeffreys

    rows = []
    for s, c in np.ndindex(read.asked.shape):
        asked, responded = float(read.asked[s, c]), float(read.responded[s, c])
        low, high = jeffreys(responded, asked, level)
        rows.append(
            {
                "number": s + 1,
                "segment": _name(names, s + 1),
                "campaign": read.campaigns[c],
                "asked": asked,
                "responded": responded,
                "rate": responded / asked if asked > 0 else np.nan,
                "low": float(low),
                "high": float(high),
            }
        )
    return pd.DataFrame(rows)


def _facts(read: Responses, fitted: FittedConversion, about: ProjectSection) -> dict[str, Any]:
    from outlay.summary import hdi_bounds

    (part,) = fitted.parts
    held = {term.name for term in part.link.terms}
    facts: dict[str, Any] = {
        "campaigns": list(read.campaigns),
        "level": about.hdi,
        "engine": fitted.route,
        "preview": fitted.is_preview,
        "draws": fitted.n_draws,
    }
    for name, term in (("spread", "channel"), ("spread_own", "segment_x_channel")):
        if term in held:
            draws = part.samples.flat(f"spread_{term}")
            low, high = hdi_bounds(draws, about.hdi)
            facts |= {name: float(draws.mean()), f"{name}_low": float(low), f"{name}_high": float(high)}
    return facts


def _name(names: Mapping[int, str], number: int) -> str:
    return names.get(number, f"segment {number}")
