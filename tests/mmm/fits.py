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
    world = panel_world()
    # Of the groups' many quantities one may exceed an R-hat of 1.01 by chance at 500 draws; at 1,500 none is near.
    sampling = world.section.sampling.model_copy(update={"draws": 1500, "tune": 800})
    section = world.section.model_copy(update={"sampling": sampling})
    return MediaMixModel(world.panel(), section, world.project).fit()
