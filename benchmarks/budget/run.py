"""The budget optimizer beside its peers: what each finds, what it takes, and whether it can prove it.

Run it from the repository's root: ``python benchmarks/budget/run.py``, or with the parts that are wanted. Every part
writes its own ``benchmarks/results/budget_*.json`` as it goes; a run that was stopped goes on where it was, and rows
that are there are measured again with ``--again``. ``--only peers`` (or ``ours``) leaves the other side's rows alone.
All sides have one thread. Every plan is judged on the same exact mean curves.
"""

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[_name] = "1"

import argparse  # noqa: E402  (threads are pinned first)
import sys  # noqa: E402
import warnings  # noqa: E402
from pathlib import Path  # noqa: E402
from time import perf_counter  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.budget import parts, parts_rivals, parts_scale  # noqa: E402

PARTS = {
    "quality": parts.quality,
    "speed": parts.speed,
    "scale": parts_scale.scale,
    "pymc": parts_rivals.pymc,
    "meridian": parts_rivals.meridian,
}


def main() -> None:
    """Measure the parts that were asked for, one after another."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[], help="all of them, unless some are named")
    parser.add_argument("--only", choices=("ours", "peers"), help="one side")
    parser.add_argument("--again", action="store_true", help="measure rows again that are there")
    parser.add_argument("--each", type=int, default=50, help="instances of each of the six kinds")
    parser.add_argument("--repeats", type=int, default=5, help="runs of which the median counts")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds after which SLSQP is stopped")
    parser.add_argument("--meridian-python", help="Python of an environment with google-meridian 2.1.0")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results")
    chosen = parser.parse_args()
    settings = parts.Settings(
        sides=(chosen.only,) if chosen.only else ("ours", "peers"),
        out=chosen.out,
        again=chosen.again,
        each=chosen.each,
        repeats=chosen.repeats,
        limit=chosen.limit,
        meridian=chosen.meridian_python,
    )
    warnings.simplefilter("ignore")  # third parties warn of their own future
    for name in chosen.parts or PARTS:
        started = perf_counter()
        print(f"== {name}")
        PARTS[name](settings)
        print(f"== {name} took {perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
