"""Journeys against ChannelAttribution and marketing-attribution-models: shares, their error, and time.

    python benchmarks/customers/journeys.py --channelattribution PATH/bin/python --marketing PATH/bin/python

Each peer has an environment of its own (`pip install ChannelAttribution matplotlib pandas pyarrow`; `pip install
marketing-attribution-models pyarrow`). All sides see the same simulated users. Ours reads and checks a file of touches,
and gives nine models with intervals; marketing-attribution-models takes the touches from memory and gives its Markov
model; ChannelAttribution takes paths, one text per journey: its time is told without the making of them, and from
touches, with it. The truth
of a share is the exact removal effect of the chain that is counted from the same journeys.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "2")

import numpy as np  # noqa: E402  threads are pinned before
import pandas as pd  # noqa: E402

RESULTS = Path(__file__).parents[1] / "results" / "customers_journeys.json"
CHANNELS = 12
MANY = 5e6
"""Touches from which on everything is run once."""

PEERS = {
    "channelattribution": """
import json, sys, time
from importlib import metadata
import pandas as pd
import ChannelAttribution as ca
paths = pd.read_parquet(sys.argv[1])
start = time.perf_counter()
found = ca.markov_model(paths, "path", "conversions", var_value="value", var_null="null", order=1, out_more=False,
                        ncore=2, verbose=False)
seconds = time.perf_counter() - start
found["channel_name"] = found["channel_name"].str.strip()
share = found.set_index("channel_name")["total_conversions"]
json.dump({"seconds": seconds, "share": (share / share.sum()).to_dict(),
           "version": metadata.version("ChannelAttribution")}, sys.stdout)
""",
    "marketing": """
import json, sys, time
from importlib import metadata
import pandas as pd
from mam import MAM
touches = pd.read_parquet(sys.argv[1]).assign(conversion=lambda frame: frame["conversion"] == 1)
start = time.perf_counter()
model = MAM(touches, format_type="session", channels_colname="channel", journey_with_conv_colname="conversion",
            datetime_colname="time", user_id_colname="user", create_journey_id_based_on_conversion=True,
            conversion_value_colname="value")
found = model.run_markov(transition_to_same_state=True)
seconds = time.perf_counter() - start
effect = found.metadata["removal_effect"]["removal_effect"]
json.dump({"seconds": seconds, "share": (effect / effect.sum()).to_dict(),
           "version": metadata.version("marketing_attribution_models")}, sys.stdout)
""",
}


def simulate(touches: int, seed: int) -> pd.DataFrame:
    """Users who walk over channels by a chain, convert by channel, and come back; in the order of time, as logs are."""
    rng = np.random.default_rng(seed)
    users = touches // 4
    popular = 1 / np.arange(1, CHANNELS + 1) ** 0.8
    move = 0.6 * popular / popular.sum() + 0.4 * rng.dirichlet(np.ones(CHANNELS), CHANNELS)
    user = np.sort(rng.integers(0, users, touches))
    first = np.r_[True, user[1:] != user[:-1]]
    place = np.arange(touches) - np.maximum.accumulate(np.where(first, np.arange(touches), 0))
    channel = np.empty(touches, np.int64)
    channel[first] = rng.choice(CHANNELS, int(first.sum()), p=popular / popular.sum())
    cumulative = move.cumsum(1)
    for step in range(1, int(place.max()) + 1):
        at = np.flatnonzero(place == step)
        channel[at] = np.minimum((rng.random(len(at))[:, None] > cumulative[channel[at - 1]]).sum(1), CHANNELS - 1)
    start = rng.integers(0, 350 * 86400, users)[user]
    seconds = start + place * 86400 + rng.integers(0, 86000, touches)
    conversion = (rng.random(touches) < 0.02 + 0.004 * channel).astype(np.int8)
    frame = pd.DataFrame(
        {
            "user": user,
            "time": np.datetime64("2025-01-01", "s") + seconds.astype("timedelta64[s]"),
            "channel": np.char.add("channel_", channel.astype(str)),
            "conversion": conversion,
            "value": np.where(conversion == 1, np.round(rng.lognormal(4, 1, touches), 2), 0.0),
        }
    )
    return frame.sort_values("time", kind="stable").reset_index(drop=True)


def paths_of(frame: pd.DataFrame) -> pd.DataFrame:
    """The same journeys as one text each, as the peers take them."""
    ordered = frame.sort_values(["user", "time"], kind="stable")
    ended = ordered.groupby("user")["conversion"].cumsum() - ordered["conversion"]
    parts = ordered.groupby([ordered["user"], ended], sort=False)
    found = parts.agg(path=("channel", " > ".join), converted=("conversion", "max"), value=("value", "sum"))
    found = found.reset_index(drop=True).astype({"converted": bool})
    return found.assign(conversions=found["converted"].astype(int), null=1 - found["converted"].astype(int))


def ours(file: Path, order: int) -> dict[str, Any]:
    """Touches to counts, checks included, and counts to every model with intervals; seconds of each."""
    from attribution.config_journeys import JourneysSection
    from attribution.credit import attribute
    from attribution.journeys_counts import count_journeys
    from outlay.project import ProjectSection

    section = JourneysSection(
        source=file.name,
        user="user",
        time="time",
        channel="channel",
        conversion="conversion",
        value="value",
        lookback_days=None,
        session_minutes=0.0,
        order=order,
    )
    about = ProjectSection(name="benchmark")
    start = time.perf_counter()
    counts = count_journeys(section, about, file.parent)
    counted = time.perf_counter()
    found = attribute(counts, section, about)
    ended = time.perf_counter()
    share = dict(zip(counts.channels, found.credits["markov_1"].share.tolist(), strict=True))
    return {"counts": counted - start, "models": ended - counted, "share": share}


def peer(interpreter: str, name: str, file: Path, limit: float) -> dict[str, Any]:
    """Run a peer in its own environment."""
    try:
        said = subprocess.run(  # noqa: S603 - the interpreter that the user names
            [interpreter, "-c", PEERS[name], str(file)], capture_output=True, text=True, check=True, timeout=limit
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"more than {limit:g} seconds"}
    except subprocess.CalledProcessError as problem:
        return {"failed": (problem.stderr.strip().splitlines() or ["no message"])[-1]}
    return dict(json.loads(said.stdout[said.stdout.index("{") :]))


def errors(share: dict[str, float], exact: dict[str, float]) -> dict[str, float]:
    """How far a peer's shares are from the exact ones."""
    away = {name: abs(share.get(name, 0.0) - value) for name, value in exact.items()}
    relative = [away[name] / value for name, value in exact.items() if value > 0]
    return {
        "largest": max(away.values()),
        "median_relative": statistics.median(relative),
        "largest_relative": max(relative),
    }


def measure(touches: int, peers: dict[str, str], repeats: int, limit: float) -> dict[str, Any]:
    """All sides on one table."""
    with tempfile.TemporaryDirectory() as folder:
        file, text = Path(folder) / "touches.parquet", Path(folder) / "paths.parquet"
        frame = simulate(touches, 1)
        frame.to_parquet(file, index=False)
        ours(file, 1)  # the pass is compiled once per machine, outside of the time
        runs = [ours(file, 1) for _ in range(repeats)]
        exact = runs[0]["share"]
        row: dict[str, Any] = {"touches": touches, "exact": exact}
        row["ours"] = {key: statistics.median(run[key] for run in runs) for key in ("counts", "models")}
        if peers:
            start = time.perf_counter()
            paths_of(frame).to_parquet(text, index=False)
            row["seconds_to_make_paths"] = time.perf_counter() - start
        for name, interpreter in peers.items():
            found = [
                peer(interpreter, name, text if name == "channelattribution" else file, limit) for _ in range(repeats)
            ]
            good = [one for one in found if "failed" not in one]
            beside = row["seconds_to_make_paths"] if name == "channelattribution" else 0.0
            row[name] = (
                found[0]
                if not good
                else {
                    "seconds": statistics.median(one["seconds"] for one in good),
                    "seconds_from_touches": beside + statistics.median(one["seconds"] for one in good),
                    "version": good[0]["version"],
                    "error": errors(good[0]["share"], exact),
                }
            )
        return row


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--channelattribution", help="interpreter that has ChannelAttribution")
    parser.add_argument("--marketing", help="interpreter that has marketing-attribution-models")
    parser.add_argument("--touches", type=float, nargs="+", default=[1e5, 1e6, 1e7])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--limit", type=float, default=100, help="seconds after which a peer is stopped")
    parser.add_argument("--out", type=Path, default=RESULTS)
    asked = parser.parse_args()
    peers = {name: getattr(asked, name) for name in PEERS if getattr(asked, name)}
    rows = []
    for touches in asked.touches:
        few = asked.repeats if touches < MANY else 1
        rows.append(measure(int(touches), peers, few, asked.limit))
        print(json.dumps({key: value for key, value in rows[-1].items() if key != "exact"}, indent=1), flush=True)
    versions = {name: metadata.version(name) for name in ("duckdb", "ibis-framework", "numpy", "pandas")}
    about = {"python": platform.python_version(), "cores": os.cpu_count(), "versions": versions}
    asked.out.write_text(json.dumps({**about, "rows": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main()
