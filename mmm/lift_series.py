"""What a lift test compares, as exposure series: the window as it was, and as it would have been without the change.

The model's own incremental effect is the difference of its saturated, carried-over media between the two, over the
periods that the test counts. Under a log likelihood, which has the expected KPI in the difference, the observed KPI
stands in for it: its noise averages out over the window and is small beside a test's error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mmm.catalogue import CATALOGUE
from mmm.lift_tests import LiftTest
from outlay.errors import DataError
from outlay.transforms import Array, saturated_adstock

if TYPE_CHECKING:
    from mmm.design import Design
    from mmm.draws import MediaDraws

Index = NDArray[np.int64]


@dataclass(frozen=True)
class LiftSeries:
    """Shapes: J tests, R series (test x group x channel), Q cells (test x group), W periods with lead-in.

    Attributes
    ----------
    observed, se : ndarray (J,)
        Lift and its standard error, units of the KPI.
    test : ndarray of int (Q,)
        Test of each cell.
    cell, group, channel : ndarray of int (R,)
        Cell, group and channel of each series.
    given, without : ndarray (R, W)
        Scaled exposure as it was and without the test's change; zero before the lead-in.
    contacts : ndarray (R, W)
        Average contacts of those reached, for reach and frequency channels.
    weight : ndarray (Q, W)
        What one unit of the model's mean is worth in each period, units of the KPI; zero where nothing counts.
    """

    observed: Array
    se: Array
    test: Index
    cell: Index
    group: Index
    channel: Index
    given: Array
    without: Array
    contacts: Array
    weight: Array

    @property
    def n_tests(self) -> int:
        """Number of tests, J."""
        return len(self.observed)


def make_lift_series(design: Design, tests: Sequence[LiftTest]) -> LiftSeries:
    """Arrange the tests for the model.

    Raises
    ------
    DataError
        Where a test is about a channel that has no effect to estimate (M035), or took away spend whose price is unknown
        (M036).
    """
    lead = design.l_max - 1
    counted = [test.last - test.first + 1 + (lead if test.after else 0) for test in tests]
    width = lead + max(counted)
    cells = [(j, g) for j, test in enumerate(tests) for g in test.groups]
    rows = [(q, j, g, c) for q, (j, g) in enumerate(cells) for c in tests[j].channels]
    paths = [_paths(design, tests[j], g, c, width) for _, j, g, c in rows]
    given, without, contacts = (np.stack(series) for series in zip(*paths, strict=True))
    weight = np.stack([_weight(design, tests[j], g, counted[j], width) for j, g in cells])
    index = np.array(rows, np.int64)
    return LiftSeries(
        observed=np.array([test.lift for test in tests]),
        se=np.array([test.lift_se for test in tests]),
        test=np.array([j for j, _ in cells], np.int64),
        cell=index[:, 0],
        group=index[:, 2],
        channel=index[:, 3],
        given=given,
        without=without,
        contacts=contacts,
        weight=weight,
    )


def _paths(design: Design, test: LiftTest, group: int, channel: int, width: int) -> tuple[Array, Array, Array]:
    panel = design.panel
    if not design.active[channel]:
        what = f"channel {panel.channels[channel]} has no effect to estimate, and the test is about it"
        raise DataError([CATALOGUE.finding("M035", f"lift test {test.name}", what)])
    start = test.first - (design.l_max - 1)
    given = _cut(panel.exposure[:, group, channel], start, width)
    inside = np.zeros(width, bool)
    inside[design.l_max - 1 : design.l_max + test.last - test.first] = True
    without = given.copy()
    spent = float(panel.spend[test.first : test.last + 1][:, test.groups][:, :, test.channels].sum())
    if spent > 0:
        without[inside] *= max(1.0 - test.spend_change / spent, 0.0)
    else:
        without[inside] = _usual(design, test, group, channel) / inside.sum()
    scale = design.x_scale[group, channel]
    return given / scale, without / scale, _cut(panel.contacts[:, group, channel], start, width)


def _usual(design: Design, test: LiftTest, group: int, channel: int) -> float:
    """Exposure that the money taken away would have bought in one cell: money goes where it usually does."""
    cost = design.future.cost_per_exposure
    size = (cost * design.x_scale)[np.ix_(test.groups, test.channels)]
    if not np.isfinite(size).all():
        name = design.panel.channels[channel]
        what = f"nothing ran in the test's window, and what {name} costs per exposure is not known"
        raise DataError([CATALOGUE.finding("M036", f"lift test {test.name}", what)])
    own = float(cost[group, channel] * design.x_scale[group, channel])
    return float(-test.spend_change * own / size.sum() / cost[group, channel])


def _cut(series: Array, start: int, width: int) -> Array:
    """``width`` values from ``start``, with zeros before and after the data."""
    out = np.zeros(width)
    first, last = max(start, 0), min(start + width, len(series))
    out[first - start : last - start] = series[first:last]
    return out


def _weight(design: Design, test: LiftTest, group: int, counted: int, width: int) -> Array:
    lead, weight = design.l_max - 1, np.zeros(width)
    weight[lead : lead + counted] = design.y_scale[group]
    if design.log:
        kpi = np.nan_to_num(design.panel.kpi[:, group])  # media history has none, and no test lies there
        weight *= _cut(kpi, test.first - lead, width)
    return weight


def predicted_lift(draws: MediaDraws, series: LiftSeries) -> Array:
    """The model's own incremental effect for each test, units of the KPI, (S, J)."""
    design = draws.design
    effect = np.zeros((len(series.test), draws.n_draws, series.given.shape[1]))
    for r, (q, g, c) in enumerate(zip(series.cell, series.group, series.channel, strict=True)):
        weights, bend = draws.weights(int(c)), draws.bend(int(c))
        reaches = design.panel.reaches[c]
        given, without = (
            saturated_adstock(series.contacts[r], weights, bend, multiplier=x)
            if reaches
            else saturated_adstock(x, weights, bend)
            for x in (series.given[r], series.without[r])
        )
        # The weights carry the KPI's scale, so the effect is taken on the model's own.
        effect[q] += (draws.coefficient[:, g, c] / design.y_scale[g])[:, None] * (given - without)
    moved = -np.expm1(-effect) if design.log else effect
    lift = np.zeros((draws.n_draws, series.n_tests))
    np.add.at(lift.T, series.test, np.einsum("qsw,qw->qs", moved, series.weight))
    return lift
