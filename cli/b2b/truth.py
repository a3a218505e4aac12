"""What is true of a simulated company, as numbers to compare answers with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cli.b2b.channels import CHANNELS
from cli.b2b.journeys import Journeys
from cli.b2b.leads import CAUSES, Leads, segment_mix
from cli.b2b.media import MEMORY, Media
from cli.b2b.world import LAUNCH, LAUNCH_EFFECT, LAUNCH_SEGMENT, QUARTER, REGIONS, SEGMENTS, WEEKS, Size

Array = NDArray[np.float64]
Codes = NDArray[np.int64]


def hours_at_hand(leads: Leads) -> dict[str, float]:
    """Seller hours of a quarter by segment: what the last quarter's leads would have taken, over the load."""
    recent = leads.day >= (WEEKS - QUARTER) * 7
    out = {}
    for k, (name, segment) in enumerate(SEGMENTS.items()):
        needed = segment.hours * int((recent & (leads.segment == k)).sum())
        out[name] = float(max(round(needed / segment.load / 50.0) * 50, 50))
    return out


def truth(size: Size, media: Media, leads: Leads, journeys: Journeys) -> dict[str, Any]:
    """Everything that the simulator knows, in plain lists and numbers."""
    return {
        "seed": size.seed,
        "scale": size.scale,
        "units": "leads are MQLs; money in USD; half-lives in weeks; rates are true probabilities given enough time",
        "channels": list(CHANNELS),
        "causes": list(CAUSES),
        "regions": list(REGIONS),
        "segments": list(SEGMENTS),
        "leads": _incremental(media, leads, journeys),
        "curves": _curves(media),
        "rates": _rates(leads, journeys.label),
        "values": {
            name: {
                "median": each.value,
                "log_sd": each.spread,
                "mean": round(each.value * float(np.exp(0.5 * each.spread**2)), 2),
            }
            for name, each in SEGMENTS.items()
        },
        "event": {"day": LAUNCH.isoformat(), "segment": LAUNCH_SEGMENT, "logit": LAUNCH_EFFECT},
        "next_quarter": {
            "hours": hours_at_hand(leads),
            "hours_per_lead": {name: each.hours for name, each in SEGMENTS.items()},
            "baseline_per_week": dict(zip(REGIONS, media.ahead.T.round(4).tolist(), strict=True)),
            **_worth(leads),
        },
    }


def _incremental(media: Media, leads: Leads, journeys: Journeys) -> dict[str, Any]:
    """Leads by cause, region and label."""
    c = len(CHANNELS)
    caused, labelled = leads.by_cause.sum((0, 1)), np.bincount(journeys.label, minlength=len(CAUSES))
    return {
        "total": len(leads.cause),
        "paid_share": round(float(caused[:c].sum() / len(leads.cause)), 6),
        "incremental": dict(zip(CAUSES, caused.tolist(), strict=True)),
        "expected": dict(zip(CHANNELS, media.caused.sum((0, 1)).round(3).tolist(), strict=True)),
        "last_touch": dict(zip(CAUSES, labelled.tolist(), strict=True)),
        "by_region": {
            region: dict(zip(CAUSES, leads.by_cause[:, g].sum(0).tolist(), strict=True))
            for g, region in enumerate(REGIONS)
        },
    }


def _curves(media: Media) -> dict[str, Any]:
    """Leads of a week = accounts x coefficient x x / (x + half_saturation), x the carried-over spend per account."""
    curves = media.curves
    return {
        "adstock": "geometric",
        "saturation": "hill",
        "memory_weeks": MEMORY,
        "accounts": dict(zip(REGIONS, curves.accounts.tolist(), strict=True)),
        "half_life": dict(zip(CHANNELS, curves.half_life.tolist(), strict=True)),
        "half_saturation": dict(zip(CHANNELS, curves.half_saturation.tolist(), strict=True)),
        "coefficient": {
            region: dict(zip(CHANNELS, curves.coefficient[g].tolist(), strict=True)) for g, region in enumerate(REGIONS)
        },
        "spend": {name: media.spend[:, :, c].astype(int).tolist() for c, name in enumerate(CHANNELS)},
    }


def _rates(leads: Leads, label: Codes) -> dict[str, Any]:
    """Mean true probabilities by segment and by segment and label: what a conversion model is to find."""
    both = np.column_stack([leads.chance, leads.chance.prod(1)])
    out: dict[str, Any] = {"to_sqo": {}, "to_won": {}, "end_to_end": {}}
    for k, segment in enumerate(SEGMENTS):
        mine = leads.segment == k
        cells = {"all": mine} | {name: mine & (label == i) for i, name in enumerate(CAUSES)}
        for name, rows in cells.items():
            if not rows.any():
                continue  # nobody came so, and there is no rate to tell
            chances = both[rows]
            told = (chances[:, 0].mean(), chances[:, 2].mean() / chances[:, 0].mean(), chances[:, 2].mean())
            for measure, number in zip(out, told, strict=True):
                out[measure].setdefault(segment, {})[name] = round(float(number), 6)
    return out


def _worth(leads: Leads) -> dict[str, Any]:
    """What a lead of the next quarter is: its segment by cause, its fifth of the rule score, its chance to be won.

    Fifths are those of all leads, the lowest first, so that a team can work the best of its leads first. The chance is
    ``won_per_lead[cause][segment] x band_lift[segment][band] x region_lift[segment][region]``.
    """
    score = leads.frame["rule_score"].to_numpy()
    band = np.searchsorted(np.quantile(score, [0.2, 0.4, 0.6, 0.8]), score, side="right")
    won = leads.chance_now.prod(1)
    of_segment = np.maximum(_mean(won, leads.segment, None, (len(SEGMENTS),)), 1e-12)
    by_band = _mean(won, leads.segment, band, (len(SEGMENTS), 5)) / of_segment[:, None]
    by_region = _mean(won, leads.segment, leads.region, (len(SEGMENTS), len(REGIONS))) / of_segment[:, None]
    by_cause = _mean(won, leads.cause, leads.segment, (len(CAUSES), len(SEGMENTS)))
    parts = np.stack([np.bincount(band[leads.segment == k], minlength=5) for k in range(len(SEGMENTS))]).astype(float)
    parts /= np.maximum(parts.sum(1, keepdims=True), 1.0)
    return {
        "segment_mix": _table(segment_mix(), CAUSES, SEGMENTS),
        "won_per_lead": _table(by_cause, CAUSES, SEGMENTS),
        "band_mix": dict(zip(SEGMENTS, parts.round(6).tolist(), strict=True)),
        "band_lift": dict(zip(SEGMENTS, by_band.round(6).tolist(), strict=True)),
        "region_lift": _table(by_region, SEGMENTS, REGIONS),
    }


def _mean(values: Array, first: Codes, second: Codes | None, shape: tuple[int, ...]) -> Array:
    """Means by one or two codes; zero where there is nobody."""
    where = (first,) if second is None else (first, second)
    total, count = np.zeros(shape), np.zeros(shape)
    np.add.at(total, where, values)
    np.add.at(count, where, 1.0)
    return np.asarray(total / np.maximum(count, 1.0))


def _table(values: Array, rows: Iterable[str], columns: Iterable[str]) -> dict[str, dict[str, float]]:
    names = list(columns)
    return {
        row: dict(zip(names, numbers, strict=True)) for row, numbers in zip(rows, values.round(7).tolist(), strict=True)
    }
