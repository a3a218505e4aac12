"""Meridian's own BudgetOptimizer, in its own environment: instances go out as npz, plans come back as lines of JSON."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.budget.answer import Answer
from benchmarks.budget.instances import Instance

FAMILIES = ("michaelis_menten", "hill")
"""What Meridian can express: Hill, of which Michaelis-Menten is the one with exponent one."""

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
)


def export(instance: Instance, path: Path) -> None:
    """One instance as the worker reads it."""
    curves = instance.curves
    if not set(curves.family) <= set(FAMILIES):
        raise ValueError(f"Meridian has Hill curves only, not {sorted(set(curves.family) - set(FAMILIES))}")
    np.savez(
        path,
        gain=curves.gain,
        half=curves.half,
        exponent=curves.exponent,
        last=instance.last,
        lower=instance.lower,
        upper=instance.upper,
        budget=instance.budget,
    )


def solve_all(instances: list[Instance], python: str) -> Iterator[tuple[Instance, Answer]]:
    """Answers as they come, from one process of the other environment; a run that is stopped keeps what it had."""
    environment = {**os.environ, **dict.fromkeys(THREADS, "1"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    worker = Path(__file__).with_name("meridian_worker.py")
    with TemporaryDirectory() as folder:
        for number, instance in enumerate(instances):
            export(instance, Path(folder) / f"{number:04d}.npz")
        command = [python, str(worker), folder]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
            lines = (line for line in process.stdout or () if line.startswith("{"))
            for instance, line in zip(instances, lines, strict=False):
                yield instance, read(instance, json.loads(line))
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)


def read(instance: Instance, told: dict[str, Any]) -> Answer:
    """The worker's answer, with how well its curves agree with the ones that score."""
    check = np.array(told["outcome"]) / instance.curves.mean(instance.last)[0]
    same = float(np.ptp(check) / check.mean())
    status = f"{told['status']}; curves agree to {same:.0e} at the last plan"
    return Answer(np.array(told["spend"]), told["seconds"], told["seconds_compile"], status)
