"""The stress worlds: markets in which a media-mix model is known to go wrong, each one departure from a fair market.

Every number here was chosen before any fit, as a size that a marketer would call ordinary trouble, and is not tuned.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mmm.simulate import (  # noqa: E402  (the checkout is on the path now)
    Baseline,
    Channel,
    Driver,
    Groups,
    Lever,
    Noise,
    Schedule,
    World,
)

NAMES = ("tv", "search", "social")

FAIR = World(
    channels=(
        Channel("tv", effect=45_000.0, spend=25_000.0, cost=12.0, half_life=2.0, schedule=Schedule(on=0.5)),
        Channel(
            "search", effect=25_000.0, spend=12_000.0, half_life=0.5, half_saturation=2.5, schedule=Schedule(on=0.9)
        ),
        Channel("social", effect=15_000.0, spend=10_000.0, half_life=1.0, schedule=Schedule(on=0.6)),
    ),
    drivers=(Driver("price", effect=-0.02, persistence=0.5, column="price"),),
    levers=(Lever("discount"),),
    baseline=Baseline(season=((0.06, 0.04), (0.02, -0.01))),
)
"""Three years of weeks, three paid channels at about 13 % of the KPI with ROIs near 1.5 to 2.5, all told as it is."""

PROMOTION = Schedule(on=0.3, length=2, calendar="promotion")
CAMPAIGN = {"schedule": Schedule(on=0.5, calendar="campaign"), "variation": 0.1}
SEASON = Baseline(season=((0.12, 0.08),))


@dataclass(frozen=True)
class Stress:
    """A world and, in a phrase, what is wrong in it."""

    what: str
    world: World


def media(world: World, **changes: Mapping[str, Any]) -> World:
    """Some channels changed: ``media(FAIR, tv={"half_life": 20.0})``."""
    channels = tuple(replace(channel, **changes.get(channel.name, {})) for channel in world.channels)
    return replace(world, channels=channels)


def every(world: World, **change: Any) -> World:
    """The same change in every channel."""
    return replace(world, channels=tuple(replace(channel, **change) for channel in world.channels))


def driven(world: World, driver: Driver) -> World:
    """One driver more, which the user does not see unless it has a column."""
    return replace(world, drivers=(*world.drivers, driver))


def following(world: World, name: str, strength: float, *channels: str) -> World:
    """Spend of some channels follows a series."""
    return media(world, **{channel: {"follows": ((name, strength),)} for channel in channels})


def told(world: World, **keys: Any) -> World:
    """A world that the user describes otherwise than it is."""
    return replace(world, told={**world.told, **keys})


STRESS: Mapping[str, Stress] = {
    "unobserved confounder": Stress(
        "a mood that nobody measures moves the KPI by 8 %, and TV and social spend with it",
        following(driven(FAIR, Driver("mood", 0.08, persistence=0.9)), "mood", 0.6, "tv", "social"),
    ),
    "hidden promotions": Stress(
        "promotions that are not in the table run whenever TV does",
        media(replace(FAIR, levers=(Lever("discount", schedule=PROMOTION, seen=False),)), tv={"schedule": PROMOTION}),
    ),
    "collinear channels": Stress(
        "TV and social run in the same campaigns, and the campaign's size is most of what each spends",
        following(
            driven(media(FAIR, tv=CAMPAIGN, social=CAMPAIGN), Driver("campaign")), "campaign", 0.7, "tv", "social"
        ),
    ),
    "demand-driven search": Stress(
        "search spend follows the demand of the same week, which has good and bad spells of its own",
        following(replace(FAIR, noise=Noise(0.05, persistence=0.6)), "demand", 0.5, "search"),
    ),
    "missing season": Stress(
        "a strong season is left out of the model, and TV follows it",
        told(following(replace(FAIR, baseline=SEASON), "season", 0.6, "tv"), seasonality=0),
    ),
    "media in season": Stress(
        "TV and social follow a strong season, which is in the model",
        following(replace(FAIR, baseline=SEASON), "season", 1.0, "tv", "social"),
    ),
    "structural break": Stress(
        "half way, demand falls by 15 % at once, and TV and social are cut to 40 %",
        following(driven(FAIR, Driver("crisis", -0.15, kind="step")), "crisis", -0.9, "tv", "social"),
    ),
    "wandering baseline": Stress(
        "demand wanders by 12 % over the three years, and the trend in the model is straight",
        driven(FAIR, Driver("fashion", 0.12, kind="walk")),
    ),
    "too few rows": Stress("30 weeks of data", replace(FAIR, n=30)),
    "constant spend": Stress(
        "TV spends nearly the same every week", media(FAIR, tv={"schedule": Schedule(on=1.0), "variation": 0.02})
    ),
    "outliers": Stress(
        "errors with tails of a Student-t with 2 degrees of freedom, told as normal",
        told(replace(FAIR, noise=Noise(0.03, nu=2.0)), likelihood="normal"),
    ),
    "wrong adstock": Stress(
        "TV works with a delay of four weeks, and the model has a geometric decay",
        media(FAIR, tv={"adstock": "delayed", "shape": 4.0, "half_life": 2.0, "told": {"adstock": "geometric"}}),
    ),
    "wrong saturation": Stress(
        "TV and social respond in an S (Hill slope 3), and the model has slope 1",
        media(FAIR, tv={"exponent": 3.0, "told": {"slope": 1.0}}, social={"exponent": 3.0, "told": {"slope": 1.0}}),
    ),
    "slow effect": Stress(
        "half of TV's effect comes after twenty weeks, and the trend may bend eight times",
        told(replace(media(FAIR, tv={"half_life": 20.0}), memory=60), knots=8),
    ),
    "nearly linear": Stress(
        "no channel saturates: half of the most would be reached at twenty times the usual spend",
        every(FAIR, half_saturation=20.0),
    ),
    "media dominate": Stress(
        "media cause more than half of the KPI",
        replace(FAIR, baseline=replace(FAIR.baseline, level=40_000.0), noise=Noise(0.1)),
    ),
    "tiny beside large": Stress(
        "social is a hundredth of TV in money and effect",
        media(FAIR, social={"spend": 300.0, "effect": 500.0}),
    ),
    "unlike groups": Stress(
        "eight geos whose effects and curves differ twofold, fitted with one curve for all",
        replace(every(FAIR, spread=0.7), n=104, groups=Groups(tuple("abcdefgh"), curves=0.7, season=0.4)),
    ),
    "mediator as control": Stress(
        "most of TV's effect flows through brand interest, which is in the model as a control",
        told(driven(FAIR, Driver("interest", 0.04, column="interest", carries=(("tv", 0.7),))), mediators=()),
    ),
    "multiplicative": Stress(
        "effects multiply, with a strong season, and the model adds them",
        told(replace(FAIR, link="log", baseline=Baseline(season=((0.25, 0.15),))), likelihood="normal"),
    ),
}
"""Each breaks an assumption or starves the data, but for ``"media in season"``, which is only hard."""
