"""What a goal is for, and how a whole's goal follows from its parts'."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

ALL = ""
"""Level of a goal that holds for all segments, or all regions, together."""


class Target(NamedTuple):
    """What a goal is for: ``"month"`` or ``"year"``, its first day, and whose."""

    period: str
    start: pd.Timestamp
    measure: str
    segment: str = ALL
    region: str = ALL


class Given:
    """The goals of a table.

    Parameters
    ----------
    goals : mapping of Target to float
    """

    def __init__(self, goals: Mapping[Target, float]) -> None:
        self.goals = dict(goals)
        self._alike: dict[tuple[object, ...], list[Target]] = defaultdict(list)
        for target in self.goals:
            self._alike[target[:3]].append(target)

    def of(self, target: Target) -> float | None:
        """A goal as the table has it, or the sum of its parts: by segment, else by region, else by both."""
        return self.goals[target] if target in self.goals else self.parts(target)

    def parts(self, target: Target) -> float | None:
        """The sum of the goals of a target's parts; None where it has none."""
        alike = self._alike.get(target[:3], [])
        for segments, regions in ((True, False), (False, True), (True, True)):
            if (segments and target.segment != ALL) or (regions and target.region != ALL):
                continue
            parts = [
                self.goals[each]
                for each in alike
                if (each.segment != ALL if segments else each.segment == target.segment)
                and (each.region != ALL if regions else each.region == target.region)
            ]
            if parts:
                return float(sum(parts))
        return None
