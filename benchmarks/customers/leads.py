"""Leads to cells: 1e5, 1e6 and 1e7 leads in a Parquet file, every check included, beside pandas' groupby.

Each measurement is a process of its own, whose peak memory is told. The peer counts the same cells and checks nothing.

    python benchmarks/customers/leads.py [--rows 1e5 1e6 1e7] [--repeats 3] [--threads 2]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[1] / "results" / "customers_leads.json"
ROLES = ("segment", "region", "channel", "period")
TABLE = """
COPY (
    WITH drawn AS (
        SELECT i, random() a, random() b, random() c, random() d, random() e, random() f, random() g, random() h
        FROM range({rows}) t(i)
    ),
    days AS (
        SELECT *, DATE '2024-01-01' + CAST(floor(a * 546) AS INT) AS created,
               CASE WHEN b < 0.22 THEN created + CAST(ceil(-14 * ln(c)) AS INT) END AS sqo_day,
               CASE WHEN d < 0.30 THEN sqo_day + CAST(ceil(-45 * ln(e)) AS INT) END AS won_day
        FROM drawn
    )
    SELECT 'L' || lpad(i::VARCHAR, 8, '0') AS lead_id, created, created AS mql,
           CASE WHEN sqo_day <= DATE '2025-06-30' THEN sqo_day END AS sqo,
           CASE WHEN won_day <= DATE '2025-06-30' THEN won_day END AS won,
           'segment_' || CAST(floor(f * 5) AS INT) AS segment, 'region_' || CAST(floor(g * 8) AS INT) AS region,
           'channel_' || CAST(floor(h * 13) AS INT) AS channel,
           CASE WHEN won_day <= DATE '2025-06-30' THEN round(exp(9 + c), 2) END AS amount,
           CAST(floor(100 * b) AS DOUBLE) AS rule_score
    FROM days
) TO '{path}' (FORMAT parquet)
"""


def make(rows: int, path: Path) -> None:
    """Simulated leads of 18 months: 5 segments, 8 regions, 13 channels."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")  # the order in which threads draw would change the table
        connection.execute("SELECT setseed(0.5)")
        connection.execute(TABLE.format(rows=rows, path=path))


def outlay(path: Path) -> int:
    """Cells with every check of every row."""
    from attribution.config import LeadsSection
    from attribution.leads_cells import read_cells
    from outlay.project import ProjectSection

    section = LeadsSection(
        source=path.name,
        id="lead_id",
        date="created",
        stages=("mql", "sqo", "won"),
        segment="segment",
        region="region",
        channel="channel",
        value="amount",
        score="rule_score",
    )
    return read_cells(section, ProjectSection(name="benchmark"), path.parent, dims=ROLES).n_cells


def pandas(path: Path) -> int:
    """The same counts in memory, without a check and without young leads."""
    import numpy as np
    import pandas as pd

    columns = ["created", "sqo", "won", "segment", "region", "channel", "amount"]
    frame = pd.read_parquet(path, columns=columns)
    for name in ("created", "sqo", "won"):
        frame[name] = pd.to_datetime(frame[name])
    frame["period"] = frame["created"].dt.to_period("M").dt.start_time
    frame["log"] = np.log(frame["amount"])
    frame["square"] = frame["log"] ** 2
    keys = ["segment", "region", "channel", "period"]
    counts = frame.groupby(keys, dropna=False, sort=False).agg(
        leads=("created", "size"),
        sqo=("sqo", "count"),
        won=("won", "count"),
        value=("amount", "sum"),
        log=("log", "sum"),
        square=("square", "sum"),
    )
    return len(counts)


SIDES = {"outlay": outlay, "pandas": pandas}


def worker(side: str, path: Path) -> dict[str, Any]:
    """One measurement, imports apart."""
    import duckdb  # noqa: F401
    import ibis  # noqa: F401
    import pandas as pd  # noqa: F401

    import attribution.leads_cells  # noqa: F401

    start, cpu = time.perf_counter(), time.process_time()
    cells = SIDES[side](path)
    seconds, used = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cells": cells, "seconds": seconds, "cpu_seconds": used, "peak_mb": peak}


def measure(side: str, path: Path, threads: int) -> dict[str, Any]:
    """One measurement in a process of its own."""
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    environment = {**os.environ, **dict.fromkeys(names, str(threads))}
    command = [sys.executable, "-W", "ignore", __file__, "--worker", side, str(path)]
    cores = sorted(os.sched_getaffinity(0))[:threads]
    found = subprocess.run(  # noqa: S603 - this script itself
        ["taskset", "-c", ",".join(map(str, cores)), *command],  # noqa: S607
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(found.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="+", type=float, default=[1e5, 1e6, 1e7])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--worker", nargs=2, metavar=("SIDE", "FILE"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.worker:
        print(json.dumps(worker(asked.worker[0], Path(asked.worker[1]))))
        return
    results = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in map(int, asked.rows):
            path = Path(folder) / f"leads_{rows}.parquet"
            make(rows, path)
            for side in SIDES:
                runs = [measure(side, path, asked.threads) for _ in range(asked.repeats)]
                median = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
                results.append({"rows": rows, "side": side, **median, "file_mb": path.stat().st_size / 2**20})
                print(
                    f"{rows:>12,} {side:8} {median['seconds']:6.2f} s  {median['cpu_seconds']:6.2f} CPU s  "
                    f"{median['peak_mb']:7,.0f} MB  {median['cells']:,.0f} cells",
                    flush=True,
                )
            path.unlink()
    packages = ("outlay", "duckdb", "ibis-framework", "pandas", "pyarrow", "numpy")
    document = {
        "what": "leads in a Parquet file to counts by cell; outlay with every check, pandas without any",
        "threads": asked.threads,
        "repeats": asked.repeats,
        "python": platform.python_version(),
        "machine": platform.processor() or platform.machine(),
        "versions": {name: _version(name) for name in packages},
        "results": results,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _version(name: str) -> str:
    from importlib.metadata import PackageNotFoundError

    try:
        return version(name)
    except PackageNotFoundError:
        return "checkout"


if __name__ == "__main__":
    main()
