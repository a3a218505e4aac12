"""The plausible models of one panel: which choices an analyst could have made otherwise, and a designed set of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from mmm.baseline import has_a_year, seasonal_order
from mmm.config import BENT_SATURATIONS, ChannelSection, MediaSection
from mmm.panel import MediaPanel
from mmm.validation.mediators import contested_controls
from mmm.validation.refits import without_control

CAP = 24
SLOWER = 3.0
"""The alternative carry-over lasts this many times as long in the middle of its prior."""

STATED = "as stated"
CONTROL = "control "

Model = tuple[MediaPanel, MediaSection]
Change = Callable[[MediaPanel, MediaSection], Model]


@dataclass(frozen=True)
class Choice:
    """One thing that could be otherwise.

    Attributes
    ----------
    name : str
        What is chosen, such as ``"saturation"``.
    options : mapping of str to callable
        What each alternative changes; the first option is the stated one and changes nothing.
    """

    name: str
    options: Mapping[str, Change]

    @property
    def adjusts(self) -> bool:
        """Whether it decides on a control: another adjustment set is another causal question."""
        return self.name.startswith(CONTROL)


@dataclass(frozen=True)
class Specification:
    """One model: an option for each choice."""

    options: Mapping[str, str]

    @property
    def name(self) -> str:
        """What is otherwise than stated, in words."""
        other = [f"{name}: {option}" for name, option in self.options.items() if option != STATED]
        return ", ".join(other) or STATED

    @property
    def adjustment(self) -> tuple[str, ...]:
        """Controls that are left out."""
        return tuple(
            name.removeprefix(CONTROL)
            for name, option in self.options.items()
            if name.startswith(CONTROL) and option != STATED
        )


@dataclass(frozen=True)
class Plan:
    """The designed set.

    Attributes
    ----------
    choices : tuple of Choice
        What could be otherwise.
    specifications : tuple of Specification
        The stated model, every single change, then combinations at random.
    possible : int
        How many there are in all.
    """

    choices: tuple[Choice, ...]
    specifications: tuple[Specification, ...]
    possible: int


def same(panel: MediaPanel, section: MediaSection) -> Model:
    """The stated option."""
    return panel, section


def choices(panel: MediaPanel, section: MediaSection) -> tuple[Choice, ...]:
    """What could be otherwise in this model: only alternatives that its data and channels have room for."""
    found = [_adstock(section), _saturation(section), _season(panel, section), _trend(panel, section)]
    found.append(_hierarchy(panel, section))
    found += [
        Choice(f"{CONTROL}{name}", {STATED: same, "left out": _without(name)})
        for name in contested_controls(panel, section)
    ]
    return tuple(choice for choice in found if len(choice.options) > 1)


def apply(plan: Plan, one: Specification, panel: MediaPanel, section: MediaSection) -> Model:
    """Panel and section of a specification."""
    for choice in plan.choices:
        panel, section = choice.options[one.options[choice.name]](panel, section)
    return panel, section


def designed(found: tuple[Choice, ...], cap: int, seed: int) -> Plan:
    """The stated model, each change alone, and combinations at random up to the cap.

    Where all combinations fit under the cap, they are all there.
    """
    names = [choice.name for choice in found]
    levels = [list(choice.options) for choice in found]
    possible = prod(len(options) for options in levels)
    stated = tuple(options[0] for options in levels)
    chosen = [stated]
    for i, options in enumerate(levels):
        chosen += [(*stated[:i], option, *stated[i + 1 :]) for option in options[1:]]
    chosen = chosen[:cap]
    rng = np.random.default_rng(seed)
    if possible <= cap:
        chosen += [one for one in product(*levels) if one not in chosen]
    while len(chosen) < min(cap, possible):
        one = tuple(options[int(rng.integers(len(options)))] for options in levels)
        if one not in chosen:
            chosen.append(one)
    return Plan(found, tuple(Specification(dict(zip(names, one, strict=True))) for one in chosen), possible)


def _channels(change: Callable[[ChannelSection], dict[str, object]]) -> Change:
    """The same change in every channel, checked as if it stood in the file."""

    def apply_to(panel: MediaPanel, section: MediaSection) -> Model:
        changed = tuple(
            ChannelSection.model_validate({**channel.model_dump(), **change(channel)}) for channel in section.channels
        )
        return told(panel, section.model_copy(update={"channels": changed}))

    return apply_to


def told(panel: MediaPanel, section: MediaSection) -> Model:
    """The panel with the families that its section names now."""
    from dataclasses import replace

    adstock = tuple(channel.adstock for channel in section.channels)
    saturation = tuple(channel.saturation for channel in section.channels)
    return replace(panel, adstock=adstock, saturation=saturation), section


def _adstock(section: MediaSection) -> Choice:
    options: dict[str, Change] = {STATED: same}
    used = {channel.adstock for channel in section.channels} - {"none"}
    for family in ("geometric", "delayed", "weibull"):
        if used and used != {family}:
            options[family] = _channels(lambda channel, f=family: {} if channel.adstock == "none" else {"adstock": f})  # type: ignore[misc]
    if used:
        options[f"{SLOWER:g} times slower"] = _slower
    return Choice("carry-over", options)


def _slower(panel: MediaPanel, section: MediaSection) -> Model:
    prior = section.prior.model_copy(update={"half_life_days": SLOWER * section.prior.half_life_days})
    longer = section.model_copy(update={"prior": prior})

    def change(channel: ChannelSection) -> dict[str, object]:
        from mmm.presets import half_life_belief

        return {"half_life_days": SLOWER * half_life_belief(channel, section).days}

    return _channels(change)(panel, longer)


def _saturation(section: MediaSection) -> Choice:
    bending = [channel for channel in section.channels if not channel.reaches and channel.saturation != "none"]
    used = {channel.saturation for channel in bending}
    options: dict[str, Change] = {STATED: same}
    for family in ("hill", "logistic", "root"):
        if bending and used != {family}:
            options[family] = _channels(lambda channel, f=family: _bent(channel, f))  # type: ignore[misc]
    return Choice("saturation", options)


def _bent(channel: ChannelSection, family: str) -> dict[str, object]:
    if channel.reaches or channel.saturation not in (*BENT_SATURATIONS, "root"):
        return {}
    return {"saturation": family, "slope": channel.slope if family == "hill" == channel.saturation else 1.0}


def _season(panel: MediaPanel, section: MediaSection) -> Choice:
    options: dict[str, Change] = {STATED: same}
    if has_a_year(panel):
        now = seasonal_order(panel, section)
        # Half of the waves, or two more. Taking all of them out is no plausible model of a seasonal market.
        for order in ((now + 1) // 2, now + 2):
            if order != now:
                options[f"order {order}"] = _section(seasonality=order)
    return Choice("season", options)


def _trend(panel: MediaPanel, section: MediaSection) -> Choice:
    options: dict[str, Change] = {STATED: same}
    if section.trend:
        years = max(round((panel.n_periods - panel.history) / panel.frequency.periods_per_year), 1)
        for knots in (0, years, 3 * years):
            if knots != section.knots:
                options[f"{knots} bends" if knots else "straight"] = _section(knots=knots)
    return Choice("trend", options)


def _hierarchy(panel: MediaPanel, section: MediaSection) -> Choice:
    options: dict[str, Change] = {STATED: same}
    if panel.is_panel and panel.n_groups > 1:
        other = "normal" if section.hierarchy == "lognormal" else "lognormal"
        options[other] = _section(hierarchy=other)
    return Choice("hierarchy", options)


def _section(**change: object) -> Change:
    return lambda panel, section: (panel, section.model_copy(update=change))


def _without(name: str) -> Change:
    return lambda panel, section: without_control(panel, section, name)
