"""Designs that mix every family, order, input, belief, level and likelihood; their names say what is in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from mmm.config import MediaSection
from mmm.design import make_design
from mmm.panel import panel_from_frame
from mmm.priors import make_priors
from outlay.project import ProjectSection
from tests.mmm.panels import TODAY
from tests.mmm.probes import Setup

PROJECT = ProjectSection(name="market", currency="EUR")

FAMILIES: tuple[dict[str, Any], ...] = (
    {"name": "tv", "spend": "tv", "exposure": "tv_grp", "adstock": "delayed", "slope": "free", "media_type": "tv"},
    {"name": "search", "spend": "search", "adstock": "weibull", "saturation": "logistic", "media_type": "search"},
    {
        "name": "radio",
        "spend": "radio",
        "adstock": "weibull_cdf",
        "saturation": "tanh",
        "half_life_days": 10.0,
        "media_type": "radio",
        "prior": {"mean": 2.0, "sd": 1.5},
    },
    {
        "name": "print",
        "spend": "print",
        "saturation": "root",
        "saturation_first": True,
        "prior": {"on": "share", "mean": 0.01, "sd": 0.02, "family": "normal"},
    },
    {
        "name": "ooh",
        "spend": "ooh",
        "adstock": "none",
        "saturation": "none",
        "prior": {"on": "coefficient", "low": 0.01, "high": 0.05, "probability": 0.8},
    },
    {"name": "video", "spend": "video", "reach": "video_reach", "frequency": "video_often", "adstock": "delayed"},
    {"name": "mail", "exposure": "mail", "saturation": "michaelis_menten", "saturation_first": True},
    {"name": "idle", "spend": "idle"},
    {"name": "steep", "spend": "steep", "slope": 2.5, "prior": {"low": 0.5, "high": 3.0, "probability": 0.8}},
)
"""Every adstock, saturation, order, kind of input and form of belief, and a channel that never ran."""


def frame_of(seed: int, n: int, groups: tuple[tuple[str, str], ...] = (("all", "all"),)) -> pd.DataFrame:
    """Weekly rows with media in flights, a price, a discount, an event and an outcome that is noise around a level."""
    rng = np.random.default_rng(seed)
    parts = []
    for region, store in groups:
        flights = (rng.random((n, 8)) < 0.6) * rng.gamma(4.0, 250.0, (n, 8))
        frame = pd.DataFrame({"date": pd.date_range("2022-01-03", periods=n, freq="7D"), "region": region})
        frame["store"], frame["geo"] = store, f"{region}-{store}"
        frame[["tv", "search", "radio", "print", "ooh", "mail", "steep"]] = flights[:, :7]
        frame["tv_grp"], frame["idle"] = frame["tv"] / 12.0, 0.0
        frame["video_reach"] = 40.0 * flights[:, 7]
        frame["video_often"] = np.where(flights[:, 7] > 0, rng.uniform(1.2, 5.0, n), 0.0)
        frame["video"] = 0.01 * frame["video_reach"] * frame["video_often"]
        frame["price"], frame["stores"] = rng.normal(10.0, 0.5, n), np.round(rng.normal(80.0, 4.0, n))
        frame["depth"] = (rng.random(n) < 0.3) * rng.uniform(0.05, 0.3, n)
        frame["launch"] = (np.arange(n) % 23 == 5).astype(float)
        frame["sales"] = 50_000.0 * rng.uniform(0.6, 1.4) * np.exp(0.1 * rng.standard_normal(n))
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def section_of(**keys: Any) -> MediaSection:
    """All families, a control, an event, a lever with a sign and one without, a trend that bends twice."""
    return MediaSection(
        **{
            "date": "date",
            "kpi": "sales",
            "controls": ("price",),
            "events": ("launch",),
            "levers": (
                {"name": "discount", "column": "depth", "sign": "positive"},
                {"name": "stores", "column": "stores", "reference": "mean"},
            ),
            "channels": FAMILIES,
            "seasonality": 1,
            "knots": 2,
            "l_max": 5,
            **keys,
        }
    )


def setup_of(frame: pd.DataFrame, section: MediaSection) -> Setup:
    """The design and priors of a table."""
    design = make_design(panel_from_frame(frame, section, PROJECT, today=TODAY), section)
    return Setup(design, make_priors(design))


def picked(*names: str) -> tuple[dict[str, Any], ...]:
    """Some channels of :data:`FAMILIES`."""
    return tuple(channel for channel in FAMILIES if channel["name"] in names)


CROSSED = (("north", "s1"), ("north", "s2"), ("south", "s1"), ("south", "s2"), ("west", "s1"))
NESTED = (("north", "a"), ("north", "b"), ("south", "c"), ("south", "d"))


def _families() -> Setup:
    return setup_of(frame_of(1, 60), section_of())


def _crossed() -> Setup:
    """Two crossed dimensions, lognormal, with Student's t."""
    keys = {"group": ("region", "store"), "likelihood": "student_t", "channels": picked("tv", "radio", "video", "mail")}
    it = setup_of(frame_of(2, 40, CROSSED), section_of(**keys))
    # Both ways of writing a deviation in one model, whichever the data would choose.
    return replace(it, design=replace(it.design, centred=np.arange(len(it.design.free_terms)) % 2 == 0))


def _nested() -> Setup:
    """Two nested dimensions, normal, on the log of the KPI, with more media history than is needed."""
    frame = frame_of(3, 46, NESTED)
    early = frame["date"] < frame["date"].min() + pd.Timedelta(weeks=9)
    frame.loc[early, ["sales", "price", "depth"]] = np.nan
    keys = {
        "group": ("region", "store"),
        "likelihood": "log",
        "hierarchy": "normal",
        "channels": picked("search", "print", "ooh", "video", "mail", "steep"),
        "levers": ({"name": "discount", "column": "depth", "sign": "negative"},),
    }
    return setup_of(frame, section_of(**keys))


def _net() -> Setup:
    """A net KPI that falls below zero, groups that vary by a normal, no baseline columns, media history too short."""
    frame = frame_of(4, 40, (("north", "x"), ("south", "x")))
    frame["sales"] = 40_000.0 - frame["sales"]
    frame.loc[frame["date"] < frame["date"].min() + pd.Timedelta(weeks=2), "sales"] = np.nan
    keys = {
        "group": "geo",
        "hierarchy": "normal",
        "channels": picked("tv", "radio", "print", "ooh", "mail"),
        "trend": False,
        "knots": 0,
        "seasonality": 0,
        "controls": (),
        "events": (),
        "levers": (),
    }
    return setup_of(frame, section_of(**keys))


def _instant() -> Setup:
    """No carry-over at all: one period, whatever the family."""
    return setup_of(frame_of(5, 40), section_of(l_max=1, knots=0))


def _organic() -> Setup:
    """Organic channels only."""
    channels = ({"name": "mail", "exposure": "mail"}, {"name": "tv", "exposure": "tv_grp", "adstock": "delayed"})
    return setup_of(frame_of(6, 40), section_of(channels=channels, knots=0))


def _owned() -> Setup:
    """Every paid channel has a belief of its own."""
    return setup_of(frame_of(7, 40), section_of(channels=picked("radio", "print", "ooh", "steep"), knots=0))


def _single() -> Setup:
    """A panel of one group: nothing to pool, and tables by group all the same."""
    return setup_of(frame_of(8, 40), section_of(group="geo", channels=picked("tv", "video", "mail"), knots=0))


_MARKETS: Mapping[str, Callable[[], Setup]] = {
    "families": _families,
    "crossed": _crossed,
    "nested": _nested,
    "net": _net,
    "instant": _instant,
    "organic": _organic,
    "owned": _owned,
    "single": _single,
}
MARKETS = tuple(_MARKETS)


@cache
def market(name: str) -> Setup:
    """A market by name."""
    return _MARKETS[name]()
