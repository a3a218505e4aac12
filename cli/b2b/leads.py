"""The leads: who they are, what caused them, and how far they came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cli.b2b.channels import CHANNELS
from cli.b2b.features import draw_features, feature_effect
from cli.b2b.media import Media
from cli.b2b.world import (
    FIRST_WEEK,
    INTERACTIONS,
    LAUNCH,
    LAUNCH_EFFECT,
    LAUNCH_SEGMENT,
    PERSONAS,
    REGIONS,
    SEGMENTS,
    TEAMS,
    UNPAID,
    UNPAID_EFFECT,
    WEEKS,
    Size,
)

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

CAUSES: tuple[str, ...] = (*CHANNELS, *UNPAID)
"""What a lead may be caused by: a paid channel, or nothing that was paid for, by the way it came."""
MONTHS = 18


@dataclass(frozen=True, eq=False)
class Leads:
    """N leads in the order in which they came, with what only the simulator knows.

    Attributes
    ----------
    frame : DataFrame
        The columns of the table, but the label of the last touch.
    cause, segment, region : ndarray of int (N,)
        Codes into ``CAUSES``, ``SEGMENTS`` and ``REGIONS``.
    day : ndarray of int (N,)
        Days since the first one.
    chance : ndarray (N, 2)
        True probability of either transition, given enough time.
    chance_now : ndarray (N, 2)
        The same for such a lead if it came in the last month: after the launch, and where conversion has moved to.
    counts : ndarray of int (WEEKS, G)
        Leads by week and region.
    by_cause : ndarray of int (WEEKS, G, causes)
    """

    frame: pd.DataFrame
    cause: Codes
    segment: Codes
    region: Codes
    day: Codes
    chance: Array
    chance_now: Array
    counts: Codes
    by_cause: Codes


def simulate_leads(size: Size, media: Media, rng: np.random.Generator) -> Leads:
    """Draw the leads of a world; their number is the size's, however the weeks share it."""
    by_cause = _counts(size, media, rng)
    week, region, cause = (np.repeat(codes.ravel(), by_cause.ravel()) for codes in np.indices(by_cause.shape))
    # fewer leads come at weekends
    day = week * 7 + rng.choice(7, len(week), p=[0.19, 0.2, 0.19, 0.18, 0.15, 0.04, 0.05])
    order = np.lexsort((rng.random(len(day)), day))
    day, region, cause = day[order], region[order], cause[order]
    segment = _segments(cause, rng)
    persona = _pick(list(PERSONAS.values()), len(day), rng)
    features = draw_features(segment, cause, persona, rng)
    steady = _steady(segment, cause, region, persona, feature_effect(features))
    moves = _moves(rng)
    chance, chance_now = _chances(steady, segment, day, moves), _chances(steady, segment, np.full_like(day, -1), moves)
    frame = pd.concat([_who(segment, region, persona, cause, day, rng), features], axis=1)
    frame = pd.concat([frame, _fate(segment, day, chance, rng)], axis=1)
    return Leads(frame, cause, segment, region, day, chance, chance_now, by_cause.sum(2), by_cause)


def _counts(size: Size, media: Media, rng: np.random.Generator) -> Codes:
    """Leads by week, region and cause: Poisson counts given their total, which is a multinomial draw."""
    unpaid = media.baseline[:, :, None] * np.array(list(UNPAID.values()))
    expected = np.concatenate([media.caused, unpaid], axis=2)
    drawn = rng.multinomial(size.leads, (expected / expected.sum()).ravel())
    return drawn.reshape(expected.shape).astype(np.int64)


def segment_mix() -> Array:
    """Parts of the segments among the leads of each cause, (causes, K)."""
    base = np.log(np.array([segment.share for segment in SEGMENTS.values()]))
    tilts = [channel.tilt for channel in CHANNELS.values()] + [(0.0,) * len(SEGMENTS)] * len(UNPAID)
    raw = np.exp(base + np.array(tilts))
    return np.asarray(raw / raw.sum(1, keepdims=True))


def _segments(cause: Codes, rng: np.random.Generator) -> Codes:
    edges = segment_mix().cumsum(1)[cause][:, :-1]
    return (rng.random(len(cause))[:, None] > edges).sum(1).astype(np.int64)


def _pick(parts: list[tuple[float, float]], n: int, rng: np.random.Generator) -> Codes:
    return rng.choice(len(parts), n, p=[part for part, _ in parts]).astype(np.int64)


def _part_of(whole: Codes, parts: list[dict[str, float]], rng: np.random.Generator) -> NDArray[np.object_]:
    out = np.empty(len(whole), object)
    for i, named in enumerate(parts):
        mine = whole == i
        out[mine] = rng.choice(list(named), int(mine.sum()), p=list(named.values()))
    return out


def _who(
    segment: Codes, region: Codes, persona: Codes, cause: Codes, day: Codes, rng: np.random.Generator
) -> pd.DataFrame:
    names, regions = np.array(list(SEGMENTS), object), np.array(list(REGIONS), object)
    of_field = np.array([channel.field for channel in CHANNELS.values()] + [0.0, 0.0, 0.5])[cause]
    told = np.array(list(PERSONAS), object)[persona]
    told[rng.random(len(told)) < 0.02] = None  # a form without the job title
    return pd.DataFrame(
        {
            "lead_id": [f"L{i:06d}" for i in range(1, len(day) + 1)],
            "created": np.datetime64(FIRST_WEEK, "s") + day.astype("timedelta64[D]"),
            "segment": names[segment],
            "sub_segment": _part_of(segment, [each.parts for each in SEGMENTS.values()], rng),
            "region": regions[region],
            "sub_region": _part_of(region, [each.parts for each in REGIONS.values()], rng),
            "persona": told,
            "team": np.array([TEAMS[name] for name in SEGMENTS], object)[segment],
            "origin": np.where(rng.random(len(day)) < of_field, "field", "global").astype(object),
        }
    )


def _steady(segment: Codes, cause: Codes, region: Codes, persona: Codes, features: Array) -> Array:
    """Logits of the two transitions without what moves over time, (N, 2)."""
    each = list(SEGMENTS.values())
    by_cause = np.array([(c.to_sqo, c.to_won) for c in CHANNELS.values()] + list(UNPAID_EFFECT.values()))
    both = np.zeros((len(each), len(CAUSES), 2))
    for (who, what), effects in INTERACTIONS.items():
        both[list(SEGMENTS).index(who), CAUSES.index(what)] = effects
    place = np.array([region.effect for region in REGIONS.values()])[region]
    role = np.array([effect for _, effect in PERSONAS.values()])[persona]
    logit = np.array([(one.to_sqo, one.to_won) for one in each])[segment] + by_cause[cause] + both[segment, cause]
    return np.asarray(
        logit + place[:, None] * (1.0, 0.5) + role[:, None] * (1.0, 0.5) + features[:, None] * (1.0, 0.35)
    )


def _moves(rng: np.random.Generator) -> Array:
    """A slow walk of both logits over the months, around zero, (MONTHS, 2)."""
    walk = rng.normal(0.0, (0.06, 0.04), (MONTHS, 2)).cumsum(0)
    return np.asarray(walk - walk.mean(0))


def _chances(steady: Array, segment: Codes, day: Codes, moves: Array) -> Array:
    """True probabilities of the two transitions, (N, 2); the day -1 stands for the last month."""
    day = np.where(day < 0, WEEKS * 7 - 1, day)
    logit = steady + moves[month_of(day)]
    launched = (segment == list(SEGMENTS).index(LAUNCH_SEGMENT)) & (day >= (LAUNCH - FIRST_WEEK).days)
    logit[:, 0] += LAUNCH_EFFECT * launched
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def month_of(day: Codes) -> Codes:
    """Months since the first, of days since the first."""
    dates = pd.DatetimeIndex(np.datetime64(FIRST_WEEK, "s") + day.astype("timedelta64[D]"))
    return np.asarray((dates.year - FIRST_WEEK.year) * 12 + dates.month - 1, np.int64)


def _fate(segment: Codes, day: Codes, chance: Array, rng: np.random.Generator) -> pd.DataFrame:
    """Days of the stages, empty where one was not reached by the day on which the table was taken, and the deal."""
    each = list(SEGMENTS.values())
    n, last = len(day), WEEKS * 7
    middle = np.array([(one.days_to_sqo, one.days_to_won) for one in each])[segment]
    delay = np.maximum(np.round(middle * rng.lognormal(0.0, 0.5, (n, 2))), 1.0).astype(np.int64)
    sqo = day + delay[:, 0]
    won = sqo + delay[:, 1]
    luck = rng.random((n, 2)) < chance
    has_sqo = luck[:, 0] & (sqo < last)
    has_won = luck.all(1) & (won < last)
    median, spread = (np.array([getattr(one, name) for one in each])[segment] for name in ("value", "spread"))
    amount = np.round(median * np.exp(spread * rng.standard_normal(n)), 2)
    first = np.datetime64(FIRST_WEEK, "s")

    def dates(days: Codes, there: NDArray[np.bool_]) -> NDArray[np.datetime64]:
        stamped = first + days.astype("timedelta64[D]")
        return np.where(there, stamped, np.datetime64("NaT", "s"))

    return pd.DataFrame(
        {
            "mql": first + day.astype("timedelta64[D]"),
            "sqo": dates(sqo, has_sqo),
            "won": dates(won, has_won),
            "amount": np.where(has_won, amount, np.nan),
        }
    )
