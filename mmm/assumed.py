"""What a fitted model took for granted, in sentences that stand beside its results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from mmm.config import ChannelPriorSection, ChannelSection, MediaSection
from mmm.design import Design
from mmm.presets import DELAY_DAYS, DELAY_SD, Z90, HalfLife, half_life_belief
from mmm.priors import FREQUENCY, HALF_SATURATION, ROOT, SLOPE, WEIBULL_SHAPE, Priors
from mmm.wording import listed

_MIDDLE = "in the middle of the prior"
_BELIEF = "with 90 % prior probability"
_WORDS = {
    "roi": "ROI",
    "share": "share of the KPI",
    "coefficient": "coefficient (effect per period at full saturation, over the KPI)",
}


def assumptions(design: Design, priors: Priors) -> list[str]:
    """Everything assumed about the channels that have an effect to estimate, the baseline and the noise."""
    return [
        *_effects(design, priors),
        *_half_lives(design),
        *_curves(design),
        *_signs(design),
        *_groups(design),
        _noise(design.section),
        _trend(design.section),
    ]


def _names(design: Design, members: Iterable[int] | NDArray[np.int64]) -> str:
    return listed([design.panel.channels[int(c)] for c in members])


def _ends(belief: tuple[float, float]) -> str:
    """The 90 % range of a lognormal by its log mean and sd."""
    low, high = np.exp(belief[0] + np.array([-Z90, Z90]) * belief[1])
    return f"{low:.2g} and {high:.2g}"


def _effects(design: Design, priors: Priors) -> Iterator[str]:
    prior, blocks = design.section.prior, design.blocks
    if blocks.pooled.size:
        middle = 1.0 / (1.0 + np.exp(-priors.paid_share_logit[0]))
        every = len(blocks.pooled) == int(design.bought.sum())
        some = f"The paid channels without a belief of their own ({_names(design, blocks.pooled)})"
        split = ", split over channels by spend" if blocks.pooled.size > 1 else ""
        yield (
            f"{'Paid media' if every else some} cause {100 * middle:.3g} % of the KPI {_MIDDLE} "
            f"(sd {prior.paid_share_sd:g} on the logit){split}."
        )
    if blocks.pooled.size > 1:
        yield (
            f"The ROI of each of them is within a factor of {prior.roi_ratio:g} of their typical (geometric mean) ROI "
            f"{_BELIEF} or more."
        )
    if blocks.organic.size:
        yield f"{_names(design, blocks.organic)}: each causes {prior.organic_share:.1%} of the KPI {_MIDDLE}."
    for c in np.sort(np.concatenate([blocks.own, blocks.signed, blocks.direct])):
        channel = design.section.channels[c]
        if channel.prior is not None:
            yield f"{channel.name}: {_stated(channel.prior)}."
    if design.log:
        yield "Effects multiply: shares of the KPI stand for its logarithm, so a share of 10 % is 9.5 % of the KPI."


def _stated(belief: ChannelPriorSection) -> str:
    about = f"{_WORDS[belief.on]} of"
    if belief.mean is not None:
        return f"{about} {belief.mean:g} on average with sd {belief.sd:g} ({belief.family} prior of its own)"
    return (
        f"{about} {belief.low:g} to {belief.high:g} with {belief.probability:.0%} prior probability "
        f"({belief.family} prior of its own)"
    )


def _half_lives(design: Design) -> Iterator[str]:
    section, blocks = design.section, design.blocks
    beliefs: dict[tuple[HalfLife, str], list[int]] = {}
    for c in blocks.decaying:
        channel = section.channels[c]
        beliefs.setdefault((half_life_belief(channel, section), _source(channel)), []).append(int(c))
    for (life, source), members in beliefs.items():
        yield (
            f"Half-life of {_names(design, members)}: {life.days:.2g} days {_MIDDLE}, between "
            f"{life.quantile(-Z90):.2g} and {life.quantile(Z90):.2g} days {_BELIEF} ({source})."
        )
    if not blocks.decaying.size:
        yield "Media act in the period in which they run and in no other."
    delayed = [c for c in blocks.shaped if design.panel.adstock[c] == "delayed"]
    if delayed:
        days = _ends((float(np.log(DELAY_DAYS)), DELAY_SD))
        yield f"The effect of {_names(design, delayed)} peaks between {days} days after the exposure {_BELIEF}."
    if weibull := [c for c in blocks.shaped if c not in delayed]:
        yield f"Weibull shape of {_names(design, weibull)}: between {_ends(WEIBULL_SHAPE)} {_BELIEF}."


def _source(channel: ChannelSection) -> str:
    if channel.half_life_days is not None:
        return "its own half_life_days"
    return f"media type {channel.media_type}" if channel.media_type else "half_life_days of the prior"


def _curves(design: Design) -> Iterator[str]:
    section, blocks, panel = design.section, design.blocks, design.panel
    adstocks, saturations = (
        ", ".join(sorted({kind[c] for c in blocks.active})) for kind in (panel.adstock, panel.saturation)
    )
    yield f"Adstock: {adstocks}; saturation: {saturations}."
    if first := [c for c in blocks.active if section.channels[c].saturation_first and not panel.reaches[c]]:
        yield f"Exposure of {_names(design, first)} saturates in its own period, before it carries over."
    if not panel.reaches[blocks.bent].all():
        yield f"Half-saturation lies between {_ends(HALF_SATURATION)} times a channel's mean exposure {_BELIEF}."
    if (reaching := blocks.active[panel.reaches[blocks.active]]).size:
        yield (
            f"{_names(design, reaching)}: linear in reach, half of the most at between {_ends(FREQUENCY)} contacts per "
            f"person {_BELIEF}; the slope on contacts is free, with the same range."
        )
    if free := [c for c in blocks.sloped if not panel.reaches[c]]:
        yield f"Hill slope of {_names(design, free)}: free, between {_ends(SLOPE)} {_BELIEF}."
    for c in blocks.active:
        slope = section.channels[c].slope
        if not isinstance(slope, str) and slope != 1.0:
            yield f"Hill slope of {panel.channels[c]}: fixed at {slope:g}."
    if blocks.rooted.size:
        yield f"Exponent of {_names(design, blocks.rooted)}: a Beta({ROOT[0]:g}, {ROOT[1]:g}) between 0 and 1."


def _signs(design: Design) -> Iterator[str]:
    either = list(design.blocks.signed)
    if design.levels and design.section.hierarchy == "normal":
        yield "In a single group a media effect may be negative: groups vary by a normal, not a lognormal."
    elif not either:
        yield "Media effects are never negative."
    if either:
        yield f"The effect of {_names(design, either)} may be negative; those of other media are not."
    for sign, word in ((1, "raises"), (-1, "lowers")):
        if named := [design.terms[k].component for k in np.flatnonzero(design.signed == sign)]:
            yield f"More of {listed(named)} only ever {word} the KPI, alike in all groups."
    if any(term.kind in ("control", "lever") and not term.sign for term in design.terms):
        rest = "Other levers and controls" if design.signed.any() else "Levers and controls"
        yield f"{rest} may move the KPI either way."


def _groups(design: Design) -> Iterator[str]:
    if design.levels:
        over = " and ".join(level.name for level in design.levels)
        yield (
            f"A channel's effect varies over {over} around a common one ({design.section.hierarchy}), by a spread that "
            "is learned; half-life and half-saturation are the same everywhere."
        )


def _noise(section: MediaSection) -> str:
    return {
        "normal": "Noise is normal and independent between periods.",
        "student_t": "Noise is Student's t, so that single outliers count less; independent between periods.",
        "log": "Noise multiplies: the logarithm of the KPI is normal, independent between periods.",
    }[section.likelihood]


def _trend(section: MediaSection) -> str:
    if not section.trend:
        return "The base has no trend."
    if not section.knots:
        return "The base has a linear trend."
    return f"The base has a trend with {section.knots} evenly spaced bend{'s' * (section.knots > 1)}."
