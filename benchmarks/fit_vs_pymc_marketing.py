"""Fitting against PyMC-Marketing's MMM with nutpie: same data, same model, same priors, from data frame to posterior.

Run it from the repository's root: ``python benchmarks/fit_vs_pymc_marketing.py``. The figure of merit is the smallest
bulk ESS among the channels' contributions, per second from the data frame to those contributions: building, compiling
and sampling. Imports are told apart, and so is a cold compile, with empty caches. Every fit is a process of its own,
with one BLAS and OpenMP thread and two cores for the chains. A fit counts once every R-hat is below 1.01; until then
it is run again, twice as long. What "same model" means is written in ``equality_peer.py``.
"""

from __future__ import annotations

import os

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
for _name in THREADS:
    os.environ[_name] = "1"

import argparse  # noqa: E402  (threads are pinned first)
import json  # noqa: E402
import platform  # noqa: E402
import resource  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
import warnings  # noqa: E402
from collections.abc import Callable  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from functools import partial  # noqa: E402
from importlib.metadata import version  # noqa: E402
from pathlib import Path  # noqa: E402
from statistics import median  # noqa: E402
from time import perf_counter  # noqa: E402
from typing import Any  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

PACKAGES = ("numpy", "numba", "pymc", "pytensor", "pymc-marketing", "nutpie")
MAX_RHAT = 1.01
CORES = 2

MARKETS: dict[str, dict[str, int]] = {
    "national": {"channels": 6},
    "panel": {"channels": 8, "groups": 20},
    "large": {"channels": 15, "groups": 100},
}
"""All of 156 scored weeks."""

LENGTHS: dict[tuple[str, str], dict[str, int]] = {
    ("ours", "national"): {"chains": 4, "tune": 500, "draws": 1000},
    ("ours", "panel"): {"chains": 4, "tune": 500, "draws": 1000},
    ("ours", "large"): {"chains": 2, "tune": 1000, "draws": 3000},
    ("peer", "national"): {"chains": 4, "tune": 1000, "draws": 1000},
    ("peer", "panel"): {"chains": 4, "tune": 1000, "draws": 1000},
}
"""Where each side begins: long enough for R-hat below 1.01 on most seeds, and no longer."""


def fit_ours(market: Any, seed: int, length: dict[str, int]) -> dict[str, Any]:
    """Our side: the public API, with its default sampler settings but the lengths."""
    from benchmarks.equality_peer import our_model, our_shares

    started = perf_counter()
    fitted = our_model(market, seed, **length).fit()
    shares = our_shares(fitted)
    seconds = perf_counter() - started
    samples = fitted.samples
    return {
        "seconds": seconds,
        "parts": {name: float(value) for name, value in samples.seconds.items()},
        "route": str(getattr(samples, "route", "")),
        "shares": shares,
        "parameters": dict(samples.values.items()),
        "divergences": int(samples.stats["diverging"].sum()),
        "steps": float(samples.stats["n_steps"].mean()),
    }


def fit_peer(market: Any, seed: int, length: dict[str, int]) -> dict[str, Any]:
    """The peer's side: ``MMM.fit`` with nutpie and its defaults but the lengths; its frame is prepared beforehand."""
    from benchmarks.equality_peer import our_model, peer_frame, peer_model, peer_shares

    ours = our_model(market, seed)
    frame = peer_frame(ours)
    target = frame.pop("y")
    started = perf_counter()
    mmm = peer_model(ours)
    mmm.fit(
        frame,
        target,
        nuts_sampler="nutpie",
        cores=CORES,
        random_seed=seed,
        target_accept=0.8,
        progressbar=False,
        **length,
    )
    posterior = mmm.idata["posterior"]
    shares = peer_shares(posterior, ours)
    seconds = perf_counter() - started
    stats = mmm.idata["sample_stats"]
    free = [variable.name for variable in mmm.model.free_RVs]
    return {
        "seconds": seconds,
        "parts": {},
        "route": "nutpie",
        "shares": shares,
        "parameters": {name: posterior[name].to_numpy() for name in free},
        "divergences": int(stats["diverging"].sum()),
        "steps": float(stats["n_steps"].mean()),
    }


def diagnose(told: dict[str, Any], truth: Any) -> dict[str, Any]:
    """Replace the draws by what is judged: R-hat of everything, bulk ESS of the contributions, error against truth."""
    import numpy as np
    from arviz_stats.base import array_stats

    shares, parameters = told.pop("shares"), told.pop("parameters")
    flat = {"contribution": shares} | {name: value.reshape(*value.shape[:2], -1) for name, value in parameters.items()}
    rhat = {name: float(np.nanmax(array_stats.rhat(value, chain_axis=0, draw_axis=1))) for name, value in flat.items()}
    ess = array_stats.ess(shares, chain_axis=0, draw_axis=1, method="bulk")
    worst = max(rhat, key=lambda name: rhat[name])
    told |= {"max_rhat": rhat[worst], "worst": worst, "rhat_contribution": rhat["contribution"]}
    told["min_ess"] = float(np.min(ess))
    told["ess_per_second"] = told["min_ess"] / told["seconds"]
    told["share_mean"] = [round(float(value), 5) for value in shares.mean((0, 1))]
    told["share_truth"] = [round(float(value), 5) for value in truth]
    return told


def work(side: str, data: str, seed: int, length: dict[str, int]) -> dict[str, Any]:
    """One fit, in this process."""
    warnings.simplefilter("ignore")  # third parties warn of their own future
    started = perf_counter()
    from benchmarks.equality_peer import simulate

    if side == "ours":
        import mmm.kernel_run  # numba and all that the peer imports with itself
        import mmm.media  # noqa: F401  (imports are timed apart)
    else:
        import pymc_marketing.mmm  # noqa: F401
    imports = perf_counter() - started
    market = simulate(100 * seed + len(data), **MARKETS[data])
    told = (fit_ours if side == "ours" else fit_peer)(market, seed, length)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"side": side, "data": data, "seed": seed, **length, "imports": imports, "peak_mb": round(peak), **told}
    return diagnose(told, market.share)


def launch(command: list[str], *, cold: bool = False, limit: float = 3600.0) -> dict[str, Any]:
    """Run a worker and read the last line that it prints; with empty caches where it is to start cold."""
    with tempfile.TemporaryDirectory() as folder:
        empty = {"PYTENSOR_FLAGS": f"base_compiledir={folder}/pytensor", "NUMBA_CACHE_DIR": f"{folder}/numba"}
        empty["XDG_CACHE_HOME"] = f"{folder}/cache"
        environment = {**os.environ, **(empty if cold else {})}
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=limit)  # noqa: S603
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def worker(side: str, data: str, seed: int, length: dict[str, int]) -> list[str]:
    """The command of one fit."""
    return [sys.executable, str(Path(__file__)), "--worker", json.dumps([side, data, seed, length])]


def converge(
    command: Callable[[dict[str, int]], list[str]], first: dict[str, int], tries: int, judged: str = "max_rhat"
) -> dict[str, Any]:
    """Fit, twice as long each time, until ``judged`` is below 1.01; what did not converge is told as such."""
    length, before = dict(first), []
    for attempt in range(tries):
        told = launch(command(length))
        told["converged"] = told[judged] < MAX_RHAT
        report(told)
        if told["converged"] or attempt == tries - 1:
            return told | {"shorter_runs": before}
        before.append({name: told[name] for name in ("tune", "draws", "seconds", "max_rhat", "worst")})
        length |= {"tune": 2 * length["tune"], "draws": 2 * length["draws"]}
    raise SystemExit("--tries is one at least")


def report(told: dict[str, Any]) -> None:
    """One line of a fit."""
    print(
        f"{told['side']:5} {told['data']:9} {told['seed']}: {told['chains']} x ({told['tune']} + {told['draws']}), "
        f"{told['seconds']:.1f} s, ESS {told['min_ess']:.0f}, {told['ess_per_second']:.2f} a second, "
        f"R-hat {told['max_rhat']:.3f} ({told['worst']}), {told['divergences']} divergences, {told['peak_mb']} MB",
        flush=True,
    )


def summary(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Medians by data and side, and the ratio of the medians; rows that did not converge are counted and kept."""
    told = []
    for data in dict.fromkeys(row["data"] for row in rows):
        line: dict[str, Any] = {"data": data}
        for side in dict.fromkeys(row["side"] for row in rows):
            part = [row for row in rows if row["side"] == side and row["data"] == data]
            if part:
                line[f"{side}_converged"] = f"{sum(row['converged'] for row in part)}/{len(part)}"
                for name in ("ess_per_second", "seconds", "peak_mb"):
                    line[f"{side}_{name}"] = median(row[name] for row in part)
        if {"ours_ess_per_second", "peer_ess_per_second"} <= set(line):
            line["ratio"] = line["ours_ess_per_second"] / line["peer_ess_per_second"]
        told.append(line)
    return told


def document(rows: list[dict[str, Any]], cold: list[dict[str, Any]], packages: tuple[str, ...]) -> dict[str, Any]:
    """What goes to the results file."""
    return {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, one BLAS thread, chains on {CORES} cores",
        "load": os.getloadavg()[0],
        "versions": {name: version(name) for name in packages},
        "summary": summary(rows),
        "cold": cold,
        "rows": rows,
    }


def keep(path: Path, told: dict[str, Any]) -> None:
    """Write the results, with the rows of a side that was not run again from the file that is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def merged(path: Path, rows: list[dict[str, Any]], part: str = "rows") -> list[dict[str, Any]]:
    """New rows, and the file's for every side, data and seed that was not run now."""
    if not path.exists():
        return rows
    fresh = {(row["side"], row["data"], row["seed"]) for row in rows}
    old = json.loads(path.read_text(encoding="utf-8"))[part]
    return [row for row in old if (row["side"], row["data"], row["seed"]) not in fresh] + rows


def cold_starts(sides: list[str], data: list[str]) -> list[dict[str, Any]]:
    """The same fit, very short, with empty caches and again with full ones: the difference is compiling."""
    told = []
    short = {"chains": 2, "tune": 20, "draws": 20}
    for side, name in [(side, name) for side in sides for name in data if name != "large"]:
        seconds = (
            launch(worker(side, name, 1, short), cold=True)["seconds"],
            launch(worker(side, name, 1, short))["seconds"],
        )
        told.append({"side": side, "data": name, "seed": 1, "cold": seconds[0], "warm": seconds[1]})
        print(f"{side:5} {name:9} 40 draws: {seconds[0]:.1f} s with empty caches, {seconds[1]:.1f} s with full ones")
    return told


def main() -> None:
    """Measure, print, and write the results with the versions they were made with."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--side", choices=("ours", "peer"), nargs="+", default=["ours", "peer"])
    parser.add_argument("--data", choices=tuple(MARKETS), nargs="+", default=list(MARKETS))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tries", type=int, default=2, help="how often a fit may be run, twice as long each time")
    parser.add_argument("--cold", action="store_true", help="also measure compiling with empty caches")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "fit_vs_pymc_marketing.json")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        print(json.dumps(work(*json.loads(chosen.worker))))
        return
    pairs = [pair for pair in LENGTHS if pair[0] in chosen.side and pair[1] in chosen.data]
    rows = [
        converge(partial(worker, *pair, seed), LENGTHS[pair], chosen.tries)
        for pair in pairs
        for seed in range(1, chosen.seeds + 1)
    ]
    cold = cold_starts(chosen.side, chosen.data) if chosen.cold else []
    told = document(merged(chosen.out, rows), merged(chosen.out, cold, "cold"), PACKAGES)
    keep(chosen.out, told)
    for line in told["summary"]:
        print(line)


if __name__ == "__main__":
    main()
