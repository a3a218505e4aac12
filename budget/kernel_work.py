"""Compiled parts of what sellers can work: leads of many kinds, the most valuable first, up to a number of leads.

Kinds of leads stand team by team: kind ``t`` of team ``m`` lies in ``first[m] <= t < first[m + 1]``, and ``order``
holds each team's kinds from the most valuable to the least, draw by draw.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from budget.kernel_jit import Buffer, njit


class Kinds(NamedTuple):
    """Kinds of leads. T kinds, M teams, S draws.

    Attributes
    ----------
    first : ndarray of int (M + 1,)
    source : ndarray of int (T,)
        Which volume a kind is a part of.
    part, worth : ndarray (S, T)
        Its part of that volume, and the money of a worked lead.
    order : ndarray of int (S, T)
    most : ndarray (M,)
        Leads that a team can work; infinite where nothing limits it.
    """

    first: Buffer
    source: Buffer
    part: Buffer
    worth: Buffer
    order: Buffer
    most: Buffer


@njit
def best(kinds: Kinds, volumes: Buffer) -> tuple[Buffer, Buffer]:
    """Worth of the leads that each team works, and the price of its last lead, (S, M) each, from volumes (S, V).

    The worth is the least over prices of ``price x most + sum of leads x (worth - price)+``, the dual of the knapsack.
    Where no volume is negative the least lies at the kind that fills the team's hours. Otherwise it lies at a price of
    nothing or at some kind's worth, all of which are tried, so that the answer is a bound for every price also where an
    effect is negative.
    """
    draws, teams = volumes.shape[0], kinds.most.shape[0]
    worth, price = np.empty((draws, teams)), np.empty((draws, teams))
    for s in range(draws):
        usual = volumes[s].min() >= 0.0
        for m in range(teams):
            worth[s, m], price[s, m] = _last(kinds, volumes, s, m) if usual else _least(kinds, volumes, s, m)
    return worth, price


@njit
def _last(kinds: Kinds, volumes: Buffer, s: int, m: int) -> tuple[float, float]:
    """A team's worth and price where no kind has fewer leads than none: in order, until its hours are spent."""
    leads, money, most = 0.0, 0.0, kinds.most[m]
    for i in range(kinds.first[m], kinds.first[m + 1]):
        t = kinds.order[s, i]
        some, each = volumes[s, kinds.source[t]] * kinds.part[s, t], kinds.worth[s, t]
        if leads + some >= most:
            return each * (most - leads) + money, each
        leads += some
        money += some * each
    return money, 0.0


@njit
def _least(kinds: Kinds, volumes: Buffer, s: int, m: int) -> tuple[float, float]:
    """A team's least worth over all prices, and the price."""
    leads, money, most = 0.0, 0.0, kinds.most[m]
    least, at = np.inf, 0.0
    for i in range(kinds.first[m], kinds.first[m + 1]):
        t = kinds.order[s, i]
        each = kinds.worth[s, t]
        if most < np.inf:
            told = each * (most - leads) + money
            if told < least:
                least, at = told, each
        some = volumes[s, kinds.source[t]] * kinds.part[s, t]
        leads += some
        money += some * each
    return (money, 0.0) if money <= least else (least, at)


@njit
def counting(kinds: Kinds, price: Buffer, volumes: int) -> Buffer:
    """Worth of one more unit of each volume where leads are priced (S, M): (S, V)."""
    draws = price.shape[0]
    out = np.zeros((draws, volumes))
    for s in range(draws):
        for m in range(kinds.most.shape[0]):
            for t in range(kinds.first[m], kinds.first[m + 1]):
                above = kinds.worth[s, t] - price[s, m]
                if above > 0.0:
                    out[s, kinds.source[t]] += kinds.part[s, t] * above
    return out


@njit
def filled(kinds: Kinds, volumes: Buffer) -> Buffer:
    """Leads of each kind that are worked, (S, T): in order, until a team has no room; no kind below nothing."""
    draws = volumes.shape[0]
    out = np.zeros(kinds.part.shape)
    for s in range(draws):
        for m in range(kinds.most.shape[0]):
            room = kinds.most[m]
            for i in range(kinds.first[m], kinds.first[m + 1]):
                t = kinds.order[s, i]
                some = max(volumes[s, kinds.source[t]] * kinds.part[s, t], 0.0)
                out[s, t] = min(some, room)
                room -= out[s, t]
    return out
