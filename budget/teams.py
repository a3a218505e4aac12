"""Who works which leads: ``[[plan.capacity]]`` read beside the segments of the leads."""

from __future__ import annotations

import difflib

import numpy as np

from budget.catalogue import CATALOGUE
from budget.cells import Cells
from budget.config import PlanSection
from budget.config_rules import CapacitySection
from budget.sellers import Team
from outlay.downstream import Downstream
from outlay.errors import ConfigError


def teams_of(downstream: Downstream, cells: Cells, section: PlanSection) -> tuple[Team, ...]:
    """Teams that together have every segment in every group once; those without a limit work all of their leads.

    Raises
    ------
    ConfigError
        P019 for names that are not known, P083 where two capacities have one segment in one group.
    """
    groups, taken = tuple(range(len(cells.groups))), np.full((len(downstream.segments), len(cells.groups)), -1)
    teams = []
    for number, limit in enumerate(section.capacity):
        where = f"[[plan.capacity]] {number + 1}"
        segments = _segments(limit, downstream, where)
        mine = groups if limit.groups is None else tuple(group_of(cells, name, where) for name in limit.groups)
        pairs = np.ix_(segments, mine)
        if (taken[pairs] >= 0).any():
            what = f"{scope(downstream, cells, segments, mine)} counts against two capacities"
            raise ConfigError(what, where=where, repair=CATALOGUE["P083"].repair, id="P083")
        taken[pairs] = number
        teams.append(Team(segments, mine, limit.limit, limit.hours_per_unit, number))
    for k, row in enumerate(taken):
        left = tuple(int(g) for g in np.flatnonzero(row < 0))
        if left:
            teams.append(Team((k,), left))
    return tuple(teams)


def scope(downstream: Downstream, cells: Cells, segments: tuple[int, ...], groups: tuple[int, ...]) -> str:
    """Segments and groups in words."""
    every = len(segments) == len(downstream.segments) and len(segments) > 1
    names = "all segments" if every else ", ".join(downstream.segments[k] for k in segments)
    if len(groups) == len(cells.groups):
        return names
    return f"{names} in {', '.join(cells.groups[g] for g in groups)}"


def place_of(name: str, names: tuple[str, ...], kind: str, where: str) -> int:
    """Position of a name.

    Raises
    ------
    ConfigError
        P019, where it is not known, with the nearest one.
    """
    if name in names:
        return names.index(name)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    repair = f'Did you mean "{near[0]}"?' if near else f"The {kind}s are: {', '.join(names)}."
    what = f'the leads have no {kind} "{name}"'
    raise ConfigError(what, where=where, repair=f"{repair} {CATALOGUE['P019'].repair}", id="P019")


def group_of(cells: Cells, name: str, where: str) -> int:
    """Position of a group.

    Raises
    ------
    ConfigError
        P001, where the model has no such group.
    """
    return cells.group_of(int(cells.select(cells.channels[0], name, where)[0]))


def _segments(limit: CapacitySection, downstream: Downstream, where: str) -> tuple[int, ...]:
    if limit.segment is None:
        return tuple(range(len(downstream.segments)))
    return (place_of(limit.segment, downstream.segments, "segment", where),)
