"""Levers that cost money, as a plan decides them: their distance from the reference is what money buys.

A lever's effect is a straight line in its level, without carry-over, and its contribution counts from the reference.
So the distance from the reference plays the part of exposure, and history says what a unit of it costs. A lever that
acts below its reference (a price, with the full price as reference) is turned round: its distance is never negative.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmm.design import Design
from mmm.draws import MediaDraws
from mmm.future import unit_cost
from mmm.wording import count, day, listed
from outlay.response import periods_per_year
from outlay.transforms import Array

Flags = NDArray[np.bool_]

_ROUNDING = 1e-9
"""Distance on the other side of the reference, as a share of the largest, that is rounding."""


@dataclass(frozen=True, eq=False)
class PlannedLever:
    """A lever whose level money buys.

    Attributes
    ----------
    name : str
    position, term : int
        Its place among the panel's levers, and among the design's terms.
    side : {1.0, -1.0}
        Whether it acts above its reference or below.
    distance, spend : ndarray (T, G)
        From the reference, and what it cost, in every period of history; zero in media history without a KPI.
    cost : ndarray (G,)
        Currency per unit of distance.
    older, borrowed : ndarray of bool (G,)
        Where that cost is older than a year, or that of the other groups.
    """

    name: str
    position: int
    term: int
    side: float
    distance: Array
    spend: Array
    cost: Array
    older: Flags
    borrowed: Flags

    def coefficient(self, draws: MediaDraws) -> Array:
        """Effect per unit of distance, (S, G)."""
        return np.asarray(draws.terms[:, :, self.term] * (self.side / draws.design.terms[self.term].unit))

    def column(self, design: Design, spend: Array) -> Array:
        """The lever's column of the baseline where so much is spent on it, in currency (..., G)."""
        term = design.terms[self.term]
        return np.asarray(term.origin + spend / self.cost * (self.side / term.unit))


@dataclass(frozen=True, eq=False)
class CostlyLevers:
    """The levers that name a cost.

    Attributes
    ----------
    planned : tuple of PlannedLever
    others : tuple of (str, str, ndarray (T, G))
        Those that no plan can hold: name, why, and what they cost.
    """

    planned: tuple[PlannedLever, ...]
    others: tuple[tuple[str, str, Array], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the planned ones."""
        return tuple(lever.name for lever in self.planned)


def costly_levers(design: Design) -> CostlyLevers:
    """Levers with a cost, as far as money buys their level; one that never cost anything is in neither list."""
    panel = design.panel
    planned: list[PlannedLever] = []
    others: list[tuple[str, str, Array]] = []
    terms = {term.component: k for k, term in enumerate(design.terms) if term.kind == "lever"}
    begun = (np.arange(panel.n_periods) >= panel.history)[:, None]
    for v in np.flatnonzero(panel.has_cost):
        name = panel.lever_names[v]
        spend = np.where(begun, panel.lever_cost[:, :, v], 0.0)
        away = np.where(begun, panel.levers[:, :, v] - panel.lever_reference[v], 0.0)
        if not spend.any():
            continue
        least = _ROUNDING * np.abs(away).max()
        if not np.isfinite(design.terms[terms[name]].unit):
            others.append((name, "never moves, so its effect is not known", spend))
        elif away.min() < -least and away.max() > least:
            others.append((name, "was on both sides of its reference, so money does not say which way it goes", spend))
        else:
            side = -1.0 if away.min() < -least else 1.0
            distance = np.maximum(side * away, 0.0)
            year = periods_per_year(panel.frequency.days)
            cost, older, borrowed = unit_cost(spend[..., None], distance[..., None], year)
            if np.isfinite(cost).any():
                found = cost[:, 0], older[:, 0], borrowed[:, 0]
                planned.append(PlannedLever(name, int(v), terms[name], side, distance, spend, *found))
            else:
                others.append((name, "cost money only where it was at its reference", spend))
    return CostlyLevers(tuple(planned), tuple(others))


def lever_words(design: Design) -> tuple[str, ...]:
    """What a plan that holds levers takes for granted of them, in sentences."""
    panel, levers = design.panel, costly_levers(design)
    return (
        *(f"Lever {name} costs money and is not planned, because it {why}." for name, why, _ in levers.others),
        *(_planned_words(design, levers.planned) if levers.planned else ()),
        *(_no_cost_known(design, levers.names) if levers.planned and panel.history else ()),
    )


def _planned_words(design: Design, planned: Sequence[PlannedLever]) -> tuple[str, ...]:
    panel = design.panel
    names = listed([lever.name for lever in planned], 4)
    year = periods_per_year(panel.frequency.days)
    span = f"the last {count(year, panel.frequency.unit)}" if panel.n_periods >= year else "all periods"
    where = ", ".join(
        f"{lever.name} {'above' if lever.side > 0 else 'below'} {panel.lever_reference[lever.position]:,.6g}"
        for lever in planned
    )
    said = [
        f"Levers that cost money ({names}): planned beside media, so the budget and the reference plan hold the cost.",
        f"Cost per unit of a lever's distance from its reference ({where}): that of {span} of data. The effect is a "
        "straight line in that distance, without carry-over.",
    ]
    for attribute, words in (
        ("older", "Lever at its reference in the last year, so at its older cost"),
        ("borrowed", "Lever without a cost there, so at the cost in the other groups"),
    ):
        found = [
            f"{lever.name} in {panel.groups[g]}" if panel.is_panel else lever.name
            for lever in planned
            for g in np.flatnonzero(getattr(lever, attribute))
        ]
        said += [f"{words}: {listed(found, 4)}."] if found else []
    return tuple(said)


def _no_cost_known(design: Design, names: Sequence[str]) -> tuple[str, ...]:
    first = day(design.panel.dates[design.panel.history])
    return (f"Before {first} nothing is known of {listed(list(names), 4)}: there its cost counts as none.",)
