"""The companies behind the leads: an account of one or several leads each, with what a business register knows of it.

The register knows neither segment nor sub-segment. What it knows differs by segment, with overlap: large companies that
buy as small ones do, state-owned limited companies, private schools. `outlay segment` has to find the segments in it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cli.b2b.leads import Leads
from cli.b2b.world import SEGMENTS

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

LEGAL_FORMS = ("listed", "limited_company", "partnership", "public_body", "non_profit")
SECTORS = ("industry", "services", "trade", "administration", "teaching")
BUYERS = ("tender", "purchasing_department", "head_of_team", "owner")
_CELL = ("segment", "sub_segment", "region", "sub_region")
_WITHOUT_REVENUE, _WITHOUT_SITES = 0.12, 0.03
_REGISTER = 0.08  # sd of the logarithm of what the register says over what people fill in


@dataclass(frozen=True)
class Register:
    """What a business register knows of a segment's companies.

    Attributes
    ----------
    leads : float
        Mean number of leads of an account beyond the first.
    legal_form, sector, buyer : tuple of float
        Parts of ``LEGAL_FORMS``, ``SECTORS`` and ``BUYERS``.
    sites : float
        Mean number of sites beyond the first, for a company of the segment's middling size.
    revenue : float
        Revenue, or budget, for an employee, in thousand USD.
    funding : tuple of float
        Parameters of the beta distribution of the part of its money that is public.
    """

    leads: float
    legal_form: tuple[float, ...]
    sector: tuple[float, ...]
    buyer: tuple[float, ...]
    sites: float
    revenue: float
    funding: tuple[float, float]


REGISTER: dict[str, Register] = {
    "enterprise": Register(
        leads=2.2,
        legal_form=(0.80, 0.19, 0.0, 0.0, 0.01),
        sector=(0.42, 0.40, 0.18, 0.0, 0.0),
        buyer=(0.05, 0.88, 0.07, 0.0),
        sites=22.0,
        revenue=260.0,
        funding=(1.0, 60.0),
    ),
    "mid_market": Register(
        leads=0.9,
        legal_form=(0.04, 0.88, 0.07, 0.0, 0.01),
        sector=(0.40, 0.40, 0.20, 0.0, 0.0),
        buyer=(0.01, 0.12, 0.84, 0.03),
        sites=3.5,
        revenue=190.0,
        funding=(1.0, 60.0),
    ),
    "small_business": Register(
        leads=0.3,
        legal_form=(0.0, 0.40, 0.59, 0.0, 0.01),
        sector=(0.26, 0.46, 0.28, 0.0, 0.0),
        buyer=(0.0, 0.01, 0.13, 0.86),
        sites=0.12,
        revenue=120.0,
        funding=(1.0, 60.0),
    ),
    "public_sector": Register(
        leads=1.4,
        legal_form=(0.0, 0.03, 0.0, 0.95, 0.02),
        sector=(0.0, 0.04, 0.0, 0.95, 0.01),
        buyer=(0.93, 0.06, 0.01, 0.0),
        sites=9.0,
        revenue=110.0,
        funding=(30.0, 2.0),
    ),
    "education": Register(
        leads=0.7,
        legal_form=(0.0, 0.05, 0.0, 0.20, 0.75),
        sector=(0.0, 0.01, 0.0, 0.01, 0.98),
        buyer=(0.10, 0.10, 0.78, 0.02),
        sites=2.5,
        revenue=60.0,
        funding=(9.0, 5.0),
    ),
}


@dataclass(frozen=True, eq=False)
class Accounts:
    """A accounts of N leads.

    Attributes
    ----------
    of_lead : ndarray of int (N,)
        Row of a lead's account.
    segment : ndarray of int (A,)
        Codes into ``SEGMENTS``, which the table does not hold.
    frame : DataFrame (A rows)
        The table.
    """

    of_lead: Codes
    segment: Codes
    frame: pd.DataFrame

    @property
    def ids(self) -> NDArray[np.object_]:
        """The account's id of each lead, (N,)."""
        return np.asarray(self.frame["account_id"].to_numpy(object)[self.of_lead])


def simulate_accounts(leads: Leads, rng: np.random.Generator) -> Accounts:
    """Put the leads to accounts, and look these up in the register."""
    of_lead = _shared_out(leads, rng)
    first = np.unique(of_lead, return_index=True)[1]
    segment = leads.segment[first]
    size = _employees(leads, of_lead, segment, rng)
    won = np.bincount(of_lead, leads.frame["amount"].fillna(0.0).to_numpy(), minlength=len(segment))
    frame = pd.DataFrame(
        {
            "account_id": [f"A{i:05d}" for i in range(1, len(segment) + 1)],
            "region": leads.frame["region"].to_numpy(object)[first],
            "employees": size,
            "revenue_musd": _revenue(size, segment, rng),
            "sites": _sites(size, segment, rng),
            "public_funding": np.round(rng.beta(*_facts(segment, "funding").T), 3),
            "legal_form": _pick(LEGAL_FORMS, segment, "legal_form", rng),
            "sector": _pick(SECTORS, segment, "sector", rng),
            "bought_by": _pick(BUYERS, segment, "buyer", rng),
            "founded": 2024 - np.minimum(np.round(rng.gamma(2.2, 11.0, len(segment))), 160).astype(np.int64),
            "won_usd": np.round(won, 2),
        }
    )
    return Accounts(of_lead, segment, frame)


def _shared_out(leads: Leads, rng: np.random.Generator) -> Codes:
    """Account of each lead, numbered by their first leads: neighbours in size of one sub-segment and sub-region."""
    who = leads.frame[list(_CELL)]
    cell: Codes = np.asarray(who.groupby(list(_CELL), sort=True).ngroup(), np.int64)
    guess = np.array([each.employees for each in SEGMENTS.values()])[leads.segment]
    size = leads.frame["employees"].fillna(pd.Series(guess * rng.lognormal(0.0, 0.7, len(guess)))).to_numpy()
    order = np.lexsort((rng.random(len(cell)), size, cell))
    eager = rng.standard_gamma(1.5, len(order)) / 1.5
    more = rng.poisson(_facts(leads.segment[order], "leads")[:, 0] * eager).astype(np.int64)
    account = np.empty(len(cell), np.int64)
    account[order] = _runs(cell[order], more)
    firsts = np.unique(account, return_index=True)[1]
    rank = np.empty(len(firsts), np.int64)
    rank[np.argsort(firsts)] = np.arange(len(firsts))
    return rank[account]


def _runs(cell: Codes, more: Codes) -> Codes:
    """Numbers of runs of ``1 + more`` neighbours, `more` being that of a run's first; no run goes beyond its cell."""
    out, number, left = np.empty(len(cell), np.int64), -1, 0
    for i in range(len(cell)):
        if left == 0 or cell[i] != cell[i - 1]:
            number, left = number + 1, int(more[i]) + 1
        out[i], left = number, left - 1
    return out


def _facts(segment: Codes, name: str) -> Array:
    facts = [np.atleast_1d(np.asarray(getattr(REGISTER[each], name), float)) for each in SEGMENTS]
    return np.array(facts)[segment]


def _employees(leads: Leads, of_lead: Codes, segment: Codes, rng: np.random.Generator) -> Array:
    """Around the geometric mean of what the account's leads said; of the segment's size where none said anything."""
    said = np.log(leads.frame["employees"].to_numpy())
    known = np.isfinite(said)
    count = np.bincount(of_lead[known], minlength=len(segment))
    total = np.bincount(of_lead[known], said[known], minlength=len(segment))
    usual = np.log(np.array([each.employees for each in SEGMENTS.values()])[segment])
    unsaid = usual + 0.7 * rng.standard_normal(len(segment))
    middle = np.where(count > 0, total / np.maximum(count, 1), unsaid)
    return np.asarray(np.maximum(np.round(np.exp(middle + _REGISTER * rng.standard_normal(len(segment)))), 1.0))


def _revenue(size: Array, segment: Codes, rng: np.random.Generator) -> Array:
    revenue = size * _facts(segment, "revenue")[:, 0] / 1000.0 * rng.lognormal(0.0, 0.35, len(size))
    return np.where(rng.random(len(size)) < _WITHOUT_REVENUE, np.nan, np.round(revenue, 2))


def _sites(size: Array, segment: Codes, rng: np.random.Generator) -> Array:
    usual = np.array([each.employees for each in SEGMENTS.values()])[segment]
    mean = _facts(segment, "sites")[:, 0] * np.sqrt(size / usual)
    sites = 1.0 + rng.poisson(mean * rng.standard_gamma(4.0, len(size)) / 4.0)
    return np.where(rng.random(len(size)) < _WITHOUT_SITES, np.nan, sites)


def _pick(levels: tuple[str, ...], segment: Codes, name: str, rng: np.random.Generator) -> NDArray[np.object_]:
    parts = _facts(segment, name)
    edges = (parts.cumsum(1) / parts.sum(1, keepdims=True))[:, :-1]
    return np.array(levels, object)[(rng.random(len(segment))[:, None] >= edges).sum(1)]
