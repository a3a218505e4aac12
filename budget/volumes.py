"""Leads that a plan must bring: rules on the outcome, kept by tangents that are added where a plan misses them.

The expected number of leads of a segment, or of those that reach a stage, is a sum of the decisions' responses with
other weights, and concave where returns diminish. Its tangents lie above it, so a row for each of them leaves every
plan that brings enough, and bounds that are proven under such rows hold for the rule itself (Kelley, 1960).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from budget.aims import Scales
from budget.catalogue import CATALOGUE
from budget.cells import Index
from budget.config_rules import VolumeSection
from budget.engine import Engine
from budget.objective import Objective
from budget.optimum import Optimum
from budget.polytope import Polytope, linear_best, with_switches
from budget.problem import Problem
from budget.sellers import Sellers
from budget.teams import group_of, place_of
from budget.work import sellers_of
from outlay.downstream import Downstream
from outlay.errors import PlanError
from outlay.response import ResponseDraws
from outlay.style import Written
from outlay.transforms import Array

NEAR = 1e-6
"""Part of a minimum that a plan may miss: a thousandth of a lead in a thousand."""

ROUNDS = 60
"""Linear programs for the question whether the minimums can be reached."""

_LEAST = 1e-7
"""Share of the plan's money at which a tangent stands that would be infinitely steep at nothing."""


@dataclass(frozen=True, eq=False)
class Volume:
    """One ``[[plan.volumes]]`` on the draws of a problem, both halves together: a rule is not a matter of the half.

    Attributes
    ----------
    section : VolumeSection
    number : int
        Position in the project file.
    words : str
        What is counted.
    part : ndarray (S, G, C + 1)
        Part of a channel's leads that counts; the last place is the baseline.
    beside : float
        Expected number that no plan changes, where it counts.
    """

    section: VolumeSection
    number: int
    words: str
    part: Array
    beside: float

    @property
    def where(self) -> str:
        """Its place in the project file."""
        return f"[[plan.volumes]] {self.number + 1}"


def volumes_of(problem: Problem) -> tuple[Volume, ...]:
    """The volumes of a plan.

    Raises
    ------
    ConfigError
        P019 and P001 for names that are not known.
    PlanError
        P017, where the leads that come anyway count and are not known.
    """
    downstream = problem.response.downstream
    if downstream is None or not problem.section.volumes:
        return ()
    found = []
    for number, section in enumerate(problem.section.volumes):
        part = part_of(problem, downstream, section, f"[[plan.volumes]] {number + 1}")
        beside = 0.0
        if section.counts == "all":
            sellers = sellers_of(problem, problem.every)
            beside = float((sellers.beside * by_volume(part)).sum(axis=1).mean())
        found.append(Volume(section, number, _words(section, downstream), part, beside))
    return tuple(found)


def part_of(problem: Problem, downstream: Downstream, section: VolumeSection, where: str) -> Array:
    """Part of each channel's leads that a volume counts, (S, G, C + 1)."""
    stage = 0 if section.stage is None else place_of(section.stage, downstream.stages, "stage", where)
    counted = downstream.split * downstream.reach[..., stage]
    if section.segment is not None:
        counted = counted[..., [place_of(section.segment, downstream.segments, "segment", where)], :]
    part = counted.sum(axis=(-2, -1))
    kept = np.ones(part.shape[1:], bool)
    cells = problem.cells
    if section.group is not None:
        kept[np.arange(len(cells.groups)) != group_of(cells, section.group, where)] = False
    if section.channel is not None:
        mine = cells.channel_of(int(cells.select(section.channel, None, where)[0]))
        kept[:, np.arange(part.shape[2]) != mine] = False
    return np.asarray(part * kept)


def numbers(volume: Volume, sellers: Sellers, by_cell: Array, part: Array) -> Array:
    """The number that counts, per draw (S,), from outcomes by cell (K, S)."""
    everything = sellers.volumes(by_cell)
    mine = by_volume(part)
    if volume.section.counts == "all":
        return np.asarray((everything * mine).sum(axis=1))
    return np.asarray(((everything - sellers.beside) * mine).sum(axis=1))


def by_volume(part: Array) -> Array:
    """``(S, G, C + 1)`` as parts of volumes by cell and then of the baseline by group, (S, C * G + G)."""
    return np.asarray(np.swapaxes(part, 1, 2).reshape(len(part), -1))


def _words(section: VolumeSection, downstream: Downstream) -> str:
    what = f"{section.stage or downstream.stages[0]} of {section.segment or 'all segments'}"
    if section.group is not None:
        what += f" in {section.group}"
    return f"{what} from {section.channel or ('media' if section.counts == 'media' else 'media and baseline')}"


class Minimums:
    """The minimums of a plan in the solver's units: how far a plan is from each, and rows that cut off what misses.

    Parameters
    ----------
    problem : Problem
    volumes : tuple of Volume
        Those with a ``min``.
    money : float
        Currency in one unit of a decision.

    Raises
    ------
    PlanError
        P089, where a response is not concave.
    """

    def __init__(self, problem: Problem, volumes: tuple[Volume, ...], money: float) -> None:
        self.volumes, self.money, self.decision = volumes, money, problem.decision
        self.engines = [_engine(problem, volume, money) for volume in volumes]
        for volume, engine in zip(volumes, self.engines, strict=True):
            if not engine.concave:
                what = f"{volume.words}: the response of a channel is not concave"
                raise PlanError(what, where=volume.where, repair=CATALOGUE["P089"].repair, id="P089")

    def __len__(self) -> int:
        return len(self.volumes)

    def least(self, index: int) -> float:
        """What a plan must bring of a volume itself, the leads that come anyway taken off; may be nothing."""
        volume = self.volumes[index]
        return float(volume.section.min or 0.0) - volume.beside

    def size(self, index: int) -> float:
        """What misses are relative to."""
        return float(self.volumes[index].section.min or 1.0)

    def brings(self, index: int, z: Array) -> float:
        """Expected number from a plan's decisions."""
        return float(self.engines[index].oracle().outcome(z).mean())

    def most(self, index: int, polytope: Polytope) -> Optimum:
        """The plan that brings most of one volume, near enough to tell whether its minimum can be kept."""
        return self.engines[index].best(polytope, Objective(), None, aim=1e-5)

    def rooms(self, z: Array) -> Array:
        """By how much a plan clears each minimum, as a part of it; negative where it misses."""
        return np.array([(self.brings(i, z) - self.least(i)) / self.size(i) for i in range(len(self))])

    def tangent(self, index: int, z: Array) -> tuple[Array, float]:
        """A row (N,) and its least, ``row @ z >= least``, that every plan keeps which brings enough."""
        at = np.maximum(z, _LEAST)
        outcome, slopes = self.engines[index].oracle().jacobian(at)
        row = slopes.mean(axis=0) / self.size(index)
        return row, float(row @ at - (outcome.mean() - self.least(index)) / self.size(index))

    def of(self, spend: Array) -> Array:
        """Decisions of a plan (H, K)."""
        return self.decision.of(spend) / self.money


@dataclass(frozen=True, eq=False)
class Tangents:
    """Rows that were found to be needed: whose each is, its coefficients (N,) and its least."""

    owner: tuple[int, ...] = ()
    row: tuple[Array, ...] = ()
    least: tuple[float, ...] = ()

    def and_at(self, minimums: Minimums, z: Array, which: Index) -> Tangents:
        """These and the tangents at a plan of the minimums ``which``."""
        new = [minimums.tangent(int(i), z) for i in which]
        return Tangents(
            (*self.owner, *(int(i) for i in which)),
            (*self.row, *(row for row, _ in new)),
            (*self.least, *(least for _, least in new)),
        )

    def over(self, polytope: Polytope) -> Polytope:
        """The polytope with these rows after its own."""
        from scipy.sparse import csr_array, hstack, vstack

        if not self.row:
            return polytope
        rows = hstack([csr_array(np.array(self.row)), csr_array((len(self.row), polytope.extra))])
        return replace(
            polytope,
            matrix=vstack([polytope.matrix, rows], format="csr"),
            low=np.concatenate([polytope.low, self.least]),
            high=np.concatenate([polytope.high, np.full(len(self.row), np.inf)]),
        )


def reach(minimums: Minimums, polytope: Polytope, which: Index) -> tuple[Array | None, Tangents]:
    """A plan that clears some minimums, and the tangents on the way; None where no plan does, or none was found.

    The plan that brings most of one clears it if any does. For several the least clearance is made as large as it can
    be, by Kelley's cuts, until a plan clears them or none can.
    """
    tangents, best = Tangents(), -np.inf
    for i in which:
        z = minimums.most(int(i), polytope).z
        room = float(minimums.rooms(z)[which].min())
        tangents = tangents.and_at(minimums, z, which)
        if room > 0.0 or len(which) == 1:
            return (z if room >= -NEAR else None), tangents
    for _ in range(ROUNDS):
        answer = linear_best(_last(polytope), with_switches(_clearing(tangents, polytope)))
        z, most = answer.y[: polytope.n], answer.value
        if most < -NEAR:
            return None, tangents
        room = float(minimums.rooms(z)[which].min())
        best = max(best, room)
        if room > 0.0 or most - best < 1e-2 * NEAR:
            return (z if room >= -NEAR else None), tangents
        tangents = tangents.and_at(minimums, z, which)
    return None, tangents


def _last(polytope: Polytope) -> Array:
    gain = np.zeros(len(polytope.lower) + 1)
    gain[-1] = 1.0
    return gain


def _clearing(tangents: Tangents, polytope: Polytope) -> Polytope:
    """The rules, with one more column: what every tangent is cleared by."""
    from scipy.sparse import csr_array, hstack, vstack

    count = len(tangents.row)
    own = hstack([polytope.matrix, csr_array((polytope.matrix.shape[0], 1))])
    rows = np.concatenate([np.array(tangents.row), np.zeros((count, polytope.extra)), -np.ones((count, 1))], axis=1)
    return replace(
        polytope,
        matrix=vstack([own, csr_array(rows)], format="csr"),
        low=np.concatenate([polytope.low, tangents.least]),
        high=np.concatenate([polytope.high, np.full(count, np.inf)]),
        lower=np.append(polytope.lower, -1e4),
        upper=np.append(polytope.upper, 1e4),
        integer=np.append(polytope.integer, False),
    )


def unreachable(minimums: Minimums, polytope: Polytope) -> PlanError:
    """The refusal of minimums that no plan within the rules brings: the first that cannot hold, and what can."""
    for i in range(len(minimums)):
        if reach(minimums, polytope, np.arange(i + 1))[0] is None:
            return _refusal(minimums, i, _most(minimums, polytope, i))
    return _refusal(minimums, len(minimums) - 1, None)


def _most(minimums: Minimums, polytope: Polytope, index: int) -> float | None:
    """The most of a volume that plans bring which keep the minimums before it; None where that is not known."""
    before = np.arange(index)
    under = reach(minimums, polytope, before)[1] if index else Tangents()
    for _ in range(ROUNDS):
        best = minimums.most(index, under.over(polytope))
        missed = before[minimums.rooms(best.z)[:index] < -NEAR]
        if not len(missed):
            return best.value + minimums.volumes[index].beside
        under = under.and_at(minimums, best.z, missed)
    return None


def _refusal(minimums: Minimums, index: int, most: float | None) -> PlanError:
    volume = minimums.volumes[index]
    what = f"no plan within the rules brings {Written(minimums.size(index)):,.6g} {volume.words} in expectation"
    kept = ", with the volumes before it kept" if index else ""
    if most is not None:
        what += f"; the most that can be reached is about {Written(most):,.4g}{kept}"
    return PlanError(what, where=volume.where, repair=CATALOGUE["P088"].repair, id="P088")


def _engine(problem: Problem, volume: Volume, money: float) -> Engine:
    """The number that counts as an outcome of its own, from the decisions in the plan's own units."""
    responses = replace(problem.every, response=_counting(problem.every.response, volume.part))
    return Engine(responses, problem.decision, Scales(money, 1.0))


def _counting(response: ResponseDraws, part: Array) -> ResponseDraws:
    """The response in leads that count: money turned back into leads, and of them the part."""
    downstream = response.downstream
    if downstream is None:
        raise ValueError("the outcome is not the money of leads")
    leads = response.coefficient / downstream.worth_of_lead[:, :, :-1]
    return replace(response, coefficient=leads * part[:, :, :-1])


def pulled(minimums: Minimums, z: Array, clear: Array) -> Array:
    """The nearest plan on the way to one that clears the minimums, that keeps them."""
    if minimums.rooms(z).min() >= 0.0:
        return z
    low, high = 0.0, 1.0
    for _ in range(40):
        part = 0.5 * (low + high)
        if minimums.rooms(z + part * (clear - z)).min() >= 0.0:
            high = part
        else:
            low = part
    return np.asarray(z + high * (clear - z))
