"""Damaged runs: whatever happens to a file of a run, the answer is a refusal in words and never other numbers."""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from outlay._runs.manifest import digest
from outlay.errors import RunError
from outlay.runs import Run, RunWriter, open_run

TABLE = pd.DataFrame(
    {
        "date": pd.to_datetime(["2025-01-06", "2025-01-13"]),
        "group": [None, "north"],
        "roi": [np.nan, -1.5],
        "paid": [True, False],
    },
    index=[5, 3],
)
TRUST = {"passed": True, "rhat": 1.004}


def write(root: Path) -> Run:
    inputs = {"data/weekly.csv": "ab" * 32}
    with RunWriter(root, "fit", command=["outlay", "fit"], seed=1, inputs=inputs) as writer:
        writer.write_table("roi", TABLE)
        writer.write_json("trust", TRUST)
        writer.path("posterior.nc").write_bytes(bytes(range(256)) * 4)
    return writer.run


def edit_manifest(run: Run, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a manifest and, as somebody who knows the format would, its digest."""
    path = run.path / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    manifest["digest"] = digest(manifest)
    path.write_text(json.dumps(manifest))


def flip(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]


def zero(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes(min(16, len(data) - at)) + data[at + 16 :]


MUTATIONS: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "flip a bit": flip,
    "zero a block": zero,
    "cut short": lambda data, rng: data[: rng.randrange(len(data))],
    "empty": lambda data, rng: b"",
    "add a byte": lambda data, rng: data + b"x",
    "double": lambda data, rng: data * 2,
    "drop a byte": lambda data, rng: data[: (at := rng.randrange(len(data)))] + data[at + 1 :],
    "noise": lambda data, rng: rng.randbytes(len(data)),
    "deep": lambda data, rng: b"[" * 100_000,
}


def use(root: Path) -> RunError | None:
    """Do everything that a command does with a run; the refusal, if there is one. Anything else is a traceback."""
    try:
        run = open_run(root, None, "fit")
        trust, table = run.json("trust"), run.table("roi")
        run.verify()
    except RunError as problem:
        return problem
    assert trust == TRUST
    pd.testing.assert_frame_equal(table, TABLE.reset_index(drop=True))
    return None


@pytest.mark.parametrize("name", ["manifest.json", "trust.json", "tables/roi.parquet", "posterior.nc"])
def test_every_mutation_of_a_file_is_refused(tmp_path: Path, name: str) -> None:
    run = write(tmp_path)
    path = run.path / name
    whole = path.read_bytes()
    meaning = json.loads(whole) if name == "manifest.json" else whole
    rng = random.Random(name)
    for turn in range(90):  # x 4 files = 360 mutations, ten of each kind a file
        kind = list(MUTATIONS)[turn % len(MUTATIONS)]
        data = MUTATIONS[kind](whole, rng)
        path.write_bytes(data)
        problem = use(tmp_path)
        if problem is None:  # white space in the manifest is the only thing that may differ
            assert data == whole or (name == "manifest.json" and json.loads(data) == meaning), kind
        else:
            assert problem.id in ("R003", "R004"), kind
            assert problem.repair
    path.write_bytes(whole)
    assert use(tmp_path) is None


def test_every_mutation_of_a_sealed_manifest_is_refused_or_harmless(tmp_path: Path) -> None:
    run = write(tmp_path)
    whole = (run.path / "manifest.json").read_text()
    values: list[Any] = [None, True, 0, -1, 2**70, 1.5, "", "../x", "/etc/passwd", [], ["x"], [[]], {}, {"a": 1}]
    rng = random.Random(20250106)
    refusals = 0
    for _ in range(200):

        def change(manifest: dict[str, Any]) -> None:
            place: Any = rng.choice([manifest, manifest, manifest["files"], manifest["files"]["trust.json"]])
            key = rng.choice(list(place))
            action = rng.randrange(3)
            if action == 0:
                del place[key]
            elif action == 1:
                place[key] = rng.choice(values)
            else:
                place[rng.choice(["../x", "", "a/../../b", "x\0", "new"])] = place.pop(key)

        edit_manifest(run, change)
        problem = use(tmp_path)
        refusals += problem is not None
        assert problem is None or problem.repair
        (run.path / "manifest.json").write_text(whole)
    # Most changes hit a key that matters; a seed, a command or the versions may hold anything of their type.
    assert 100 < refusals < 200


@pytest.mark.parametrize("name", ["manifest.json", "trust.json"])
@pytest.mark.parametrize("what", ["gone", "folder", "pipe", "link"])
def test_odd_things_in_place_of_a_file_are_refused(tmp_path: Path, name: str, what: str) -> None:
    run = write(tmp_path / "runs")
    path = run.path / name
    outside = tmp_path / "outside.json"
    path.rename(outside)
    if what == "folder":
        path.mkdir()
    elif what == "pipe":
        os.mkfifo(path)  # opening it would wait for ever
    elif what == "link" and name != "manifest.json":
        path.symlink_to(outside)
    problem = use(tmp_path / "runs")
    assert problem is not None
    assert problem.id == "R003"
