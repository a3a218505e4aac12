"""Markets with known truth: describe a world, draw a history of it, and compare any answer with what really happened.

>>> from mmm.simulate import Channel, World, simulate
>>> world = World(channels=(Channel("tv", half_life=2.0), Channel("search", half_life=0.5)), n=104)
>>> market = simulate(world, seed=1)
>>> list(market.frame.columns)
['date', 'sales', 'tv_spend', 'search_spend']
>>> market.roi().shape
(2,)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from mmm.simulate_series import (
    Line,
    bought,
    contacts,
    driver_series,
    event_series,
    followed,
    follows_demand,
    group_factors,
    holiday_lift,
    lever_series,
    season,
    size_of_groups,
    stream,
    timeline,
    trend,
    wave,
)
from mmm.simulate_truth import Market
from mmm.simulate_world import (
    DEMAND,
    PROJECT,
    Baseline,
    Channel,
    Driver,
    Event,
    Groups,
    Lever,
    Noise,
    Schedule,
    World,
    section_of,
    standardised,
)
from outlay.transforms import Array


def simulate(world: World, seed: int) -> Market:
    """Draw one history of a world.

    Parameters
    ----------
    world : World
        The truth.
    seed : int
        Of every random stream. Parts have streams of their own: another channel, say, changes no other part.
    """
    line = timeline(world)
    blank = np.zeros((*line.shape, len(world.channels)))
    spreads = tuple(channel.spread for channel in world.channels)
    curves = (world.groups.curves,) * len(world.channels)
    bend = np.array([channel.half_saturation for channel in world.channels])
    noise = wave(stream(seed, "noise"), line.shape, world.noise.persistence, world.noise.nu)
    bare = Market(
        world=world,
        seed=seed,
        line=line,
        frame=pd.DataFrame(),
        section=section_of(world),
        project=PROJECT,
        size=size_of_groups(world, line, seed),
        factor=group_factors(world, line, seed, "effect", spreads),
        half_saturation=bend * group_factors(world, line, seed, "curve", curves),
        all_spend=blank,
        all_exposure=blank,
        all_contacts=np.stack([contacts(channel, line, seed) for channel in world.channels], -1),
        baseline_parts=_baseline_parts(world, line, seed),
        noise=world.noise.sd * noise,
    )
    filled = _with_media(bare)
    return replace(filled, frame=_frame(filled))


def with_contributions(world: World, seed: int, shares: dict[str, float]) -> World:
    """The world whose channels, in the history of this seed, add these shares of the level on average per period.

    The effects become what that takes and stay absolute numbers: no other history is rescaled. Only for effects that
    add up, and for media that do not follow demand.

    Parameters
    ----------
    world : World
        Its channels' effects are read only for channels without a share.
    seed : int
        The history.
    shares : dict of str to float
        Mean contribution per period over the level, by channel; groups weigh by their size.
    """
    market = simulate(world, seed)
    weight = market.size / market.size.sum()
    media = market.media(market.all_exposure)[market.line.shown].mean(0)
    now = dict(zip(market.channels, weight @ (media / market.factor), strict=True))
    channels = tuple(
        replace(channel, effect=channel.effect * shares[channel.name] / now[channel.name])
        if channel.name in shares
        else channel
        for channel in world.channels
    )
    return replace(world, channels=channels)


def _baseline_parts(world: World, line: Line, seed: int) -> dict[str, Array]:
    """Everything but media over the timeline, as shares of the level, (L, G) each."""
    wide = np.ones((1, len(line.groups)))
    strength = np.ones(len(line.groups))
    if world.groups.names:
        strength = np.exp(world.groups.season * stream(seed, "season").standard_normal(len(strength)))
    parts = {
        "base": trend(world.baseline, line)[:, None] * wide,
        "season": season(world.baseline, line)[:, None] * strength,
        "holidays": holiday_lift(world.baseline, line)[:, None] * wide,
    }
    parts |= {driver.name: driver.effect * driver_series(driver, line, seed) for driver in world.drivers}
    parts |= {lever.name: lever.effect * lever_series(lever, line, seed) for lever in world.levers}
    parts |= {event.name: event.effect * event_series(event, line) for event in world.events}
    return parts


def _with_media(market: Market) -> Market:
    """Media bought: first the channels that do not look at demand, then those that react to it."""
    world, line = market.world, market.line
    follows = followed(world, line, market.seed)
    spend, exposure = market.all_spend.copy(), market.all_exposure.copy()

    def buy(which: bool) -> None:
        for c, channel in enumerate(world.channels):
            if follows_demand(channel) != which:
                continue
            amount = bought(channel, line, market.seed, follows) * market.size
            spend[..., c] = amount * channel.paid
            often = market.all_contacts[..., c] if channel.frequency is not None else 1.0
            exposure[..., c] = amount / (channel.cost or 1.0) / often

    buy(False)
    so_far = replace(market, all_spend=spend, all_exposure=exposure)
    media = so_far.media(exposure).sum(-1)
    follows[DEMAND] = standardised(sum(market.baseline_parts.values()) + media + market.noise)
    buy(True)
    return replace(market, all_spend=spend, all_exposure=exposure)


def _frame(market: Market) -> pd.DataFrame:
    """The table that a user would have: date, group, KPI, and a column per series that he sees."""
    world, line, shown = market.world, market.line, market.line.shown
    n, groups = world.n, len(market.groups)
    columns: dict[str, object] = {"date": np.repeat(line.dates[shown].to_numpy(), groups)}
    if world.groups.names:
        columns["geo"] = list(market.groups) * n
    if world.groups.names and world.groups.population:
        columns["population"] = np.tile(np.round(1e6 * market.size), n)
    columns["sales"] = market.kpi.ravel()
    for name, series in _seen(market).items():
        columns[name] = series[shown].ravel()
    for c, channel in enumerate(world.channels):
        if channel.paid:
            columns[f"{channel.name}_spend"] = market.spend[..., c].ravel()
        if channel.frequency is not None:
            reach = market.exposure[..., c]
            columns[f"{channel.name}_reach"] = reach.ravel()
            columns[f"{channel.name}_frequency"] = (market.all_contacts[shown, :, c] * (reach > 0)).ravel()
        elif channel.cost is not None or not channel.paid:
            columns[f"{channel.name}_exposure"] = market.exposure[..., c].ravel()
    return pd.DataFrame(columns)


def _seen(market: Market) -> dict[str, Array]:
    """Controls, levers with their costs, and events that the user sees, over the timeline."""
    world, line, seed = market.world, market.line, market.seed
    media = market.media(market.all_exposure)
    found: dict[str, Array] = {}
    for driver in world.drivers:
        if driver.column:
            series = driver_series(driver, line, seed)
            for name, share in driver.carries:
                series = series + share / driver.effect * media[..., market.channels.index(name)]
            found[driver.column] = driver.mean + driver.sd * series
    for lever in world.levers:
        if lever.seen:
            found[lever.name] = lever_series(lever, line, seed)
        if lever.seen and lever.cost is not None:
            found[f"{lever.name}_cost"] = lever.cost * found[lever.name] * market.size
    return found | {event.name: event_series(event, line) for event in world.events if event.seen}


__all__ = [
    "Baseline",
    "Channel",
    "Driver",
    "Event",
    "Groups",
    "Lever",
    "Market",
    "Noise",
    "Schedule",
    "World",
    "simulate",
    "with_contributions",
]
