"""A market with known truth and its fit by regression, made once."""

from __future__ import annotations

from functools import cache

from mmm.config import MediaSection
from mmm.media import FittedMedia
from mmm.panel import MediaPanel, panel_from_frame
from mmm.simulate import Baseline, Channel, Driver, Groups, Lever, Market, Schedule, World, simulate
from tests.mmm.panels import TODAY
from tests.mmm.validation.fitters import conjugate_fit

WORLD = World(
    n=130,
    channels=(
        Channel("tv", effect=45_000.0, spend=25_000.0, cost=12.0, half_life=2.0, schedule=Schedule(on=0.5)),
        Channel("search", effect=25_000.0, spend=12_000.0, half_life=0.5, schedule=Schedule(on=0.8)),
    ),
    drivers=(Driver("price", effect=-0.02, persistence=0.5, column="price"),),
    levers=(Lever("discount"),),
    baseline=Baseline(season=((0.06, 0.04),)),
)
"""Two and a half years of weeks, two channels, a control and a promotion."""

PANEL_WORLD = World(n=110, channels=WORLD.channels, baseline=WORLD.baseline, groups=Groups(names=("north", "south")))


@cache
def market(panel: bool = False) -> Market:
    """The market, national or with two groups."""
    return simulate(PANEL_WORLD if panel else WORLD, 1)


@cache
def data(panel: bool = False) -> tuple[MediaPanel, MediaSection]:
    """Its panel and section."""
    one = market(panel)
    return panel_from_frame(one.frame, one.section, one.project, today=TODAY), one.section


@cache
def fit(panel: bool = False) -> FittedMedia:
    """Its fit."""
    return conjugate_fit(*data(panel), market(panel).project, 1)
