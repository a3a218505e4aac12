"""Two real posteriors, sampled once for all tests that need one: compiling them is what costs."""

from __future__ import annotations

from functools import cache

from mmm.media import FittedMedia, MediaMixModel
from tests.mmm.simulate import THREE, World, simulate


def _fit(world: World) -> FittedMedia:
    return MediaMixModel(world.panel(), world.section, world.project).fit()


@cache
def national_world() -> World:
    """Two and a half years of weeks, two paid channels and one organic."""
    return simulate(21, THREE, n=130)


@cache
def panel_world() -> World:
    """Three geos of two years."""
    return simulate(22, THREE, n=104, groups=("north", "south", "west"))


@cache
def national_fit() -> FittedMedia:
    """The posterior of :func:`national_world`."""
    return _fit(national_world())


@cache
def panel_fit() -> FittedMedia:
    """The posterior of :func:`panel_world`."""
    return _fit(panel_world())
