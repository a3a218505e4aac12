"""Touches on the way to a lead, those of people who never became one, and the label of the last touch.

A lead's journey holds the channel that caused it. Its last touch need not be that channel: search and display are
often there at the end, and video hardly ever. So labels over-credit the first and under-credit the second, which is
what a comparison with the media-mix model shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cli.b2b.channels import CHANNELS
from cli.b2b.leads import CAUSES, Leads
from cli.b2b.media import Media
from cli.b2b.world import FIRST_WEEK, REGIONS, SEGMENTS, UNPAID, WEEKS, Size

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

OTHERS_PER_LEAD = 1.4
"""People who were touched and never became a lead, for each one who did."""
_KEEPS_ITS_WAY = 0.86  # leads of the baseline whose last touch is how they came
_STOLEN_BY_PAID = 0.60  # last touches that paid channels take from what caused the lead
_UNPAID_SEEN = 1.3  # weight of unpaid touches on the way
_DAYS_BETWEEN = 5.0


@dataclass(frozen=True, eq=False)
class Journeys:
    """Labels of the leads' last touches (N,), codes into ``CAUSES``, and the table of touches."""

    label: Codes
    touches: pd.DataFrame


def simulate_journeys(size: Size, media: Media, leads: Leads, rng: np.random.Generator) -> Journeys:
    """Draw the journeys of leads and of others."""
    label = _labels(leads.cause, rng)
    seen = _seen(media)
    ended = leads.day * 86_400 + leads.frame["hour"].to_numpy() * 3_600 + rng.integers(0, 3_600, len(label))
    converting = _converting(leads, label, ended, seen, rng)
    others = _others(round(size.leads * OTHERS_PER_LEAD), seen, rng)
    touches = pd.concat([converting, others], ignore_index=True)
    touches = touches.sort_values(["time", "user"], kind="stable").reset_index(drop=True)
    return Journeys(label, touches)


def _labels(cause: Codes, rng: np.random.Generator) -> Codes:
    """The last touch of each lead."""
    keeps = np.array([channel.closes for channel in CHANNELS.values()] + [_KEEPS_ITS_WAY] * len(UNPAID))[cause]
    steals = np.array([channel.steals for channel in CHANNELS.values()])
    paid = rng.choice(len(CHANNELS), len(cause), p=steals / steals.sum())
    unpaid = len(CHANNELS) + rng.choice(len(UNPAID), len(cause), p=list(UNPAID.values()))
    other = np.where(rng.random(len(cause)) < _STOLEN_BY_PAID, paid, unpaid)
    return np.where(rng.random(len(cause)) < keeps, cause, other).astype(np.int64)


def _seen(media: Media) -> Array:
    """Running totals over causes of how likely a touch on the way is theirs, (WEEKS, G, causes)."""
    per_account = media.spend / media.curves.accounts[:, None]
    pressure = np.sqrt(per_account / per_account.mean((0, 1)))
    paid = pressure * np.array([channel.seen for channel in CHANNELS.values()])
    unpaid = np.broadcast_to(_UNPAID_SEEN * np.array(list(UNPAID.values())), (*paid.shape[:2], len(UNPAID)))
    weight = np.concatenate([paid, unpaid], axis=2)
    return np.asarray((weight / weight.sum(2, keepdims=True)).cumsum(2))


def _drawn(seen: Array, seconds: Codes, region: Codes, rng: np.random.Generator) -> Codes:
    week = np.clip(seconds // (7 * 86_400), 0, WEEKS - 1)
    edges = seen[week, region, :-1]
    return (rng.random(len(week))[:, None] > edges).sum(1).astype(np.int64)


def _converting(leads: Leads, label: Codes, ended: Codes, seen: Array, rng: np.random.Generator) -> pd.DataFrame:
    """Touches of leads: some on the way, the cause among them where it is not the last, and the last."""
    n = len(label)
    on_way = rng.poisson(1.1, n)
    user = np.repeat(np.arange(n), on_way)
    back = _back(len(user), rng)
    early = pd.DataFrame({"row": user, "seconds": ended[user] - back})
    early["code"] = _drawn(seen, early["seconds"].to_numpy(), leads.region[user], rng)
    hidden = np.flatnonzero(label != leads.cause)
    causing = pd.DataFrame({"row": hidden, "seconds": ended[hidden] - _back(len(hidden), rng)})
    causing["code"] = leads.cause[hidden]
    last = pd.DataFrame({"row": np.arange(n), "seconds": ended, "code": label})
    early["converted"] = causing["converted"] = 0
    last["converted"] = 1
    rows = pd.concat([early, causing, last], ignore_index=True)
    amount = leads.frame["amount"].fillna(0.0).to_numpy()[rows["row"]]  # a lead that was not won brought nothing
    out = _table(leads.frame["lead_id"].to_numpy()[rows["row"]], rows, leads.segment[rows["row"]])
    out["value"] = np.where(rows["converted"] == 1, amount, 0.0)
    return out


def _back(n: int, rng: np.random.Generator) -> Codes:
    """Seconds before the end: at least an hour, less than 29 days."""
    seconds = rng.gamma(1.3, _DAYS_BETWEEN * 86_400, n)
    anywhere = rng.uniform(0.0, 29 * 86_400 - 3_600, n)
    return (3_600 + np.where(seconds < 29 * 86_400 - 3_600, seconds, anywhere)).astype(np.int64)


def _others(n: int, seen: Array, rng: np.random.Generator) -> pd.DataFrame:
    """Touches of people who never became a lead."""
    share = np.array([each.accounts for each in REGIONS.values()], float)
    region = rng.choice(len(REGIONS), n, p=share / share.sum())
    segment = rng.choice(len(SEGMENTS), n, p=[each.share for each in SEGMENTS.values()])
    start = rng.integers(0, WEEKS * 7 * 86_400, n)
    touched = 1 + rng.poisson(0.7, n)
    user = np.repeat(np.arange(n), touched)
    later = np.where(np.r_[True, user[1:] != user[:-1]], 0, _back(len(user), rng))
    seconds = start[user] + later
    past = seconds < WEEKS * 7 * 86_400  # what comes after the day of the table is not in it
    user, seconds = user[past], seconds[past]
    rows = pd.DataFrame({"seconds": seconds, "code": _drawn(seen, seconds, region[user], rng), "converted": 0})
    names = np.array([f"V{i:06d}" for i in range(1, n + 1)], object)
    out = _table(names[user], rows, segment[user])
    out["value"] = 0.0
    return out


def _table(user: NDArray[np.object_], rows: pd.DataFrame, segment: Codes) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "user": user,
            "time": np.datetime64(FIRST_WEEK, "s") + rows["seconds"].to_numpy().astype("timedelta64[s]"),
            "channel": np.array(CAUSES, object)[rows["code"]],
            "converted": rows["converted"].to_numpy(np.int8),
            "segment": np.array(list(SEGMENTS), object)[segment],
        }
    )
