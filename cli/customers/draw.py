"""The customers: who they are, what they spend on, which campaigns they accept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cli.customers.world import (
    CAMPAIGNS,
    EDUCATION,
    FIRST_DAY,
    FIRST_ORDERS,
    KINDS,
    LAST_DAY,
    LEFT,
    MARRIED,
    PROGRAMME,
    PROGRAMME_EFFECT,
    SPEND,
)

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

_IDS = 11_200
_FEWEST, _MOST = 5.0, 2_600.0
_MOST_ORDERS = (27, 28, 13)
_TASTE = 28.0


@dataclass(frozen=True, eq=False)
class People:
    """N customers with what only the simulator knows.

    Attributes
    ----------
    frame : DataFrame
        The table's columns, clean.
    kind : ndarray of int (N,)
        Codes into ``KINDS``.
    lapsed : ndarray of bool (N,)
        Who has stopped buying.
    chance : ndarray (N, campaigns)
        True probability of accepting each campaign.
    orders : ndarray of int (N,)
        Orders on the web, by catalogue and in the store.
    known : ndarray of int (N,)
        Days from the first order to the day on which the tables were taken.
    """

    frame: pd.DataFrame
    kind: Codes
    lapsed: NDArray[np.bool_]
    chance: Array
    orders: Codes
    known: Codes


def draw_people(n: int, rng: np.random.Generator) -> People:
    """Draw the customers; an unseen appetite ties spend, orders and campaigns together."""
    kind = rng.permutation(_by_share(n))
    appetite, openness = rng.standard_normal((2, n))
    frame = _who(kind, rng)
    lapsed = rng.random(n) < _of(kind, "lapsed")
    chance = _chances(kind, 0.5 * appetite + 0.7 * openness)
    accepted = rng.random(chance.shape) < chance
    income = (frame["Income"].to_numpy() - _of(kind, "income")) / _of(kind, "income_sd")
    joined = accepted[:, CAMPAIGNS.index(PROGRAMME)]
    log_spend = np.log(_of(kind, "spend")) + _of(kind, "spread") * (0.5 * income + 0.85 * appetite)
    stayed = np.where(lapsed, rng.uniform(*LEFT, n), 1.0)
    spent = np.clip(np.exp(log_spend + PROGRAMME_EFFECT * joined) * stayed, _FEWEST, _MOST)
    channels = _orders(kind, spent, stayed, rng)
    orders = channels.sum(1)
    known = rng.integers(min(FIRST_ORDERS), max(FIRST_ORDERS) + 1, n)
    # the last of evenly spread orders: the largest of as many uniform numbers
    latest = np.where(orders > 1, rng.random(n) ** (1.0 / np.maximum(orders - 1, 1)), 0.0)
    frame["Recency"] = np.round(known * (1.0 - stayed * latest)).astype(np.int64)
    frame[list(SPEND)] = _baskets(kind, spent, rng)
    frame["NumDealsPurchases"] = np.minimum(rng.poisson(_of(kind, "deals")), orders + 2)
    frame[["NumWebPurchases", "NumCatalogPurchases", "NumStorePurchases"]] = channels
    frame["NumWebVisitsMonth"] = np.minimum(rng.poisson(_of(kind, "visits")), 20)
    frame[list(CAMPAIGNS)] = accepted.astype(np.int64)
    frame["Complain"] = (rng.random(n) < 0.01).astype(np.int64)
    return People(frame, kind, lapsed, chance, orders, known)


def _by_share(n: int) -> Codes:
    """Kinds of n customers in the parts that the world says."""
    edges = np.round(np.cumsum([each.share for each in KINDS.values()]) * n).astype(np.int64)
    return np.searchsorted(edges, np.arange(n), side="right").astype(np.int64)


def _of(kind: Codes, name: str) -> Array:
    return np.array([getattr(each, name) for each in KINDS.values()], float)[kind]


def _pick(kind: Codes, name: str, rng: np.random.Generator) -> Codes:
    """A level for each customer, by the parts of its kind."""
    parts = np.array([getattr(each, name) for each in KINDS.values()])
    edges = (parts.cumsum(1) / parts.sum(1, keepdims=True))[kind][:, :-1]
    return (rng.random(len(kind))[:, None] > edges).sum(1).astype(np.int64)


def _who(kind: Codes, rng: np.random.Generator) -> pd.DataFrame:
    n = len(kind)
    born = np.clip(np.round(rng.normal(_of(kind, "born"), _of(kind, "born_sd"))), 1940, 1996)
    income = np.maximum(rng.normal(_of(kind, "income"), _of(kind, "income_sd")), 4_000.0)
    days = rng.integers(0, (LAST_DAY - FIRST_DAY).days + 1, n)
    return pd.DataFrame(
        {
            "ID": rng.permutation(_IDS * max(1, -(-n // _IDS)))[:n],
            "Year_Birth": born.astype(np.int64),
            "Education": np.array(EDUCATION, object)[_pick(kind, "education", rng)],
            "Marital_Status": np.array(MARRIED, object)[_pick(kind, "married", rng)],
            "Income": np.round(income),
            "Kidhome": _pick(kind, "kids", rng),
            "Teenhome": _pick(kind, "teens", rng),
            "Dt_Customer": np.datetime64(FIRST_DAY, "D") + days.astype("timedelta64[D]"),
        }
    )


def _chances(kind: Codes, openness: Array) -> Array:
    logit = np.array([each.accepts for each in KINDS.values()])[kind] + 0.8 * openness[:, None]
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def _orders(kind: Codes, spent: Array, stayed: Array, rng: np.random.Generator) -> Codes:
    """Orders by way, (N, 3): more for those who spend more, at least one, and at most one for each 3 EUR."""
    means = np.array([each.orders for each in KINDS.values()])[kind] * stayed[:, None]
    eager = np.sqrt(spent / stayed / _of(kind, "spend"))
    drawn = np.minimum(rng.poisson(means * eager[:, None]), _MOST_ORDERS)
    drawn[drawn.sum(1) == 0, 2] = 1
    most = np.maximum(spent // 3, 1)
    over = drawn.sum(1) > most
    drawn[over] = 0
    drawn[over, 2] = np.minimum(most[over], _MOST_ORDERS[2])
    return np.asarray(drawn, np.int64)


def _baskets(kind: Codes, spent: Array, rng: np.random.Generator) -> Codes:
    """Whole EUR by category, (N, categories), around the tastes of the kind."""
    tastes = np.array([each.basket for each in KINDS.values()])[kind]
    parts = rng.standard_gamma(_TASTE * tastes)
    parts /= parts.sum(1, keepdims=True)
    baskets = np.round(parts * spent[:, None]).astype(np.int64)
    baskets[:, 0] += np.maximum(int(_FEWEST) - baskets.sum(1), 0)
    return baskets
