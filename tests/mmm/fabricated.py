"""Markets of every kind of model with draws made by hand: what follows a posterior is tested without sampling one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from mmm.config import MediaSection
from mmm.design import Design, make_design
from mmm.draws import MediaDraws
from mmm.panel import panel_from_frame
from outlay.project import ProjectSection
from tests.mmm.panels import TODAY

PROJECT = ProjectSection(name="fabricated", currency="EUR")

MIXED: tuple[dict[str, Any], ...] = (
    {"name": "tv", "spend": "tv_spend", "exposure": "tv_grp", "adstock": "delayed"},
    {"name": "search", "spend": "search_spend", "saturation": "logistic", "adstock": "none"},
    {"name": "radio", "spend": "radio_spend", "saturation": "root", "adstock": "weibull", "saturation_first": True},
    {"name": "video", "spend": "video_spend", "reach": "video_reach", "frequency": "video_freq"},
    {"name": "mail", "exposure": "mail_sent", "saturation": "none"},
)
"""Delayed Hill, logistic without carry-over, root before a Weibull, reach and frequency, organic linear."""


def frame_of(n: int, groups: tuple[str, ...], seed: int, channels: tuple[str, ...] = ()) -> pd.DataFrame:
    """Weekly rows of a market: price, a discount with its cost, media in flights, more ``channels`` of plain spend."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2022-01-03", periods=n, freq="7D")
    frames = []
    for group in groups or ("all",):
        flights = (rng.random((n, 5 + len(channels))) < 0.7) * rng.gamma(4.0, 250.0, (n, 5 + len(channels)))
        depth = (rng.random(n) < 0.3) * rng.uniform(0.05, 0.3, n)
        frame = pd.DataFrame({"date": dates, "geo": group, "price": 10 + rng.normal(0, 0.5, n), "discount": depth})
        frame["markdown"] = 4_000.0 * depth
        frame["tv_spend"], frame["tv_grp"] = flights[:, 0], flights[:, 0] / 12.0
        frame["search_spend"], frame["radio_spend"] = flights[:, 1], flights[:, 2]
        frame["video_reach"] = flights[:, 3] * 40.0
        frame["video_freq"] = np.where(flights[:, 3] > 0, rng.uniform(1.2, 4.0, n), 0.0)
        frame["video_spend"] = frame["video_reach"] * frame["video_freq"] * 0.01
        frame["mail_sent"] = flights[:, 4] * 3.0
        for i, name in enumerate(channels):
            frame[name] = flights[:, 5 + i]
        frame["sales"] = 50_000 + 5_000 * rng.standard_normal(n) + 10.0 * flights.sum(1)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def design_of(n: int = 70, groups: tuple[str, ...] = (), seed: int = 1, **section: Any) -> Design:
    """The design of :data:`MIXED` (or other ``channels=``) with a control and a lever that costs."""
    described: dict[str, Any] = {
        "date": "date",
        "kpi": "sales",
        "group": "geo" if groups else None,
        "controls": ("price",),
        "levers": ({"name": "discount", "column": "discount", "cost": "markdown"},),
        "channels": MIXED,
        "seasonality": 2,
        "l_max": 5,
        **section,
    }
    media = MediaSection.model_validate(described)
    extra = tuple(str(c.spend) for c in media.channels if c.spend and str(c.spend).startswith("extra"))
    frame = frame_of(n, groups, seed, extra)
    if section.get("kpi_type") == "units":
        frame["worth"] = np.random.default_rng(seed + 9).uniform(20.0, 30.0, len(frame))
    return make_design(panel_from_frame(frame, media, PROJECT, today=TODAY), media)


def draws_of(design: Design, n: int = 40, seed: int = 0, spread: float = 0.3) -> MediaDraws:
    """Draws around plausible values; ``spread`` is their relative width, and zero makes every draw the same."""
    rng = np.random.default_rng(seed)
    panel = design.panel
    groups, channels, scale = panel.n_groups, panel.n_channels, design.y_scale

    def around(middle: float, *shape: int) -> np.ndarray:
        return np.asarray(middle * np.exp(spread * rng.standard_normal((n, *shape))))

    rooted = np.array([c.saturation == "root" for c in design.section.channels])
    sloped = np.array([c.reaches for c in design.section.channels])
    exponent = np.where(rooted, np.minimum(around(0.6, channels), 1.0), np.where(sloped, around(2.0, channels), 1.0))
    coefficient = around(0.12, groups, channels) * scale[:, None]
    level = np.broadcast_to(design.y_mean * scale, (n, groups)) * (
        1.0 + 0.02 * spread * rng.standard_normal((n, groups))
    )
    terms = 0.03 * rng.standard_normal(design.n_terms) * scale[:, None]
    sigma = around(0.08, groups) * scale
    if design.log:
        level = design.y_mean + 0.02 * spread * rng.standard_normal((n, groups))
    return MediaDraws(
        design=design,
        half_life=around(1.5, channels),
        adstock_shape=around(1.0, channels),
        half_saturation=around(1.5, channels),
        exponent=exponent,
        share=np.full((n, groups, channels), 0.05),
        coefficient=coefficient,
        level=level,
        terms=terms * (1.0 + spread * rng.standard_normal((n, groups, design.n_terms))),
        sigma=sigma,
        degrees=around(6.0) if design.section.likelihood == "student_t" else None,
    )


def plain_channels(n: int) -> tuple[Mapping[str, Any], ...]:
    """``n`` paid channels of the default family, for measurements of size."""
    return tuple({"name": f"extra{i}", "spend": f"extra{i}"} for i in range(n))
