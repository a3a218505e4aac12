"""Runs: whole or absent, found by id, refused when damaged."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from outlay._runs.manifest import digest
from outlay.errors import RunError
from outlay.files import ABANDONED_AFTER, sweep, unfinished_name
from outlay.runs import Run, RunWriter, damaged_runs, list_runs, open_run

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


def write(root: Path, kind: str = "fit", parents: tuple[Run, ...] = (), seed: int | None = 1) -> Run:
    inputs = {"data/weekly.csv": "ab" * 32}
    with RunWriter(root, kind, command=["outlay", kind], seed=seed, parents=parents, inputs=inputs) as writer:
        writer.write_table("roi", TABLE)
        writer.write_table("panel.parquet", TABLE)
        writer.write_json("trust", TRUST)
        writer.path("posterior.nc").write_bytes(bytes(range(256)) * 4)
    return writer.run


def edit_manifest(run: Run, change: Callable[[dict[str, Any]], object], *, seal: bool = True) -> None:
    """Change a manifest and, as somebody who knows the format would, its digest."""
    path = run.path / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    if seal:
        manifest["digest"] = digest(manifest)
    path.write_text(json.dumps(manifest))


def refused(root: Path, ref: str | None = None, kind: str = "fit") -> RunError:
    with pytest.raises(RunError) as caught:
        open_run(root, ref, kind)
    assert caught.value.repair, "every refusal names a repair"
    return caught.value


def test_a_run_comes_back_as_it_was_written(tmp_path: Path) -> None:
    root = tmp_path / "my runs ü"
    fit = write(root)
    plan = write(root, "plan", parents=(fit,))
    found = open_run(root, None, "plan")
    assert (found.id, found.kind, found.parents) == (plan.id, "plan", (fit.id,))
    assert re.fullmatch(r"\d{8}T\d{6}Z-plan-[0-9a-f]{8}", found.path.name)
    assert found.path.name == found.id
    assert found.manifest == plan.manifest
    assert found.manifest["command"] == ["outlay", "plan"]
    assert found.manifest["inputs"] == {"data/weekly.csv": "ab" * 32}
    assert found.json("trust") == found.json("trust.json") == TRUST
    assert found.file("posterior.nc").stat().st_size == 1024
    for name in ("roi", "panel.parquet"):
        pd.testing.assert_frame_equal(found.table(name), TABLE.reset_index(drop=True))
    found.verify()


def test_the_manifest_says_what_made_the_run(tmp_path: Path) -> None:
    manifest = write(tmp_path, seed=None).manifest
    assert manifest["format_version"] == 1
    assert manifest["seed"] is None
    assert {"outlay", "python", "platform", "numpy", "pandas"} <= set(manifest["versions"])
    assert manifest["versions"]["numpy"] == np.__version__
    assert set(manifest["files"]) == {"panel.parquet", "posterior.nc", "tables/roi.parquet", "trust.json"}


def test_equal_tables_are_equal_bytes(tmp_path: Path) -> None:
    noted = TABLE.copy()
    noted.attrs["written"] = "2025-01-06T09:15:00"  # pandas would store this in the file
    with RunWriter(tmp_path, "fit", command=[], seed=1) as writer:
        writer.write_table("a", TABLE)
        writer.write_table("b", noted.reset_index(drop=True))
    a, b = (writer.run.file(f"tables/{name}.parquet").read_bytes() for name in "ab")
    assert a == b


def test_the_latest_is_chosen_by_the_time_it_was_finished(tmp_path: Path) -> None:
    runs = [write(tmp_path) for _ in range(3)]  # within one second: only the microseconds tell them apart
    assert [run.id for run in list_runs(tmp_path)] == [run.id for run in runs]
    assert open_run(tmp_path, None, "fit").id == runs[-1].id


def test_an_id_its_beginning_or_a_path_names_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fit, _ = write(tmp_path / "runs"), write(tmp_path / "runs", "plan")
    monkeypatch.chdir(tmp_path)
    for ref in (fit.id, fit.id[:-1], "2", str(fit.path), f"runs/{fit.id}", f"./runs/{fit.id}/"):
        assert open_run(Path("runs"), ref, "fit").id == fit.id


def test_what_cannot_be_chosen_is_refused_with_what_there_is(tmp_path: Path) -> None:
    empty = refused(tmp_path / "none")
    assert empty.id == "R001"
    assert "outlay fit" in empty.repair
    first, second, plan = write(tmp_path), write(tmp_path), write(tmp_path, "plan")
    ambiguous = refused(tmp_path, "2")
    assert ambiguous.id == "R002"
    assert first.id in ambiguous.what
    assert second.id in ambiguous.what
    unknown = refused(tmp_path, "1999")
    assert unknown.id == "R002"
    assert second.id in unknown.what
    assert refused(tmp_path, "").id == "R002"
    other = refused(tmp_path, plan.id)
    assert other.id == "R007"
    assert "outlay fit" in other.repair
    missing = refused(tmp_path, kind="segment")
    assert missing.id == "R001"
    assert "outlay segment" in missing.repair
    assert plan.id in missing.what


def test_a_refusal_names_the_option_that_the_name_came_from(tmp_path: Path) -> None:
    plan = write(tmp_path, "plan")
    for ref in ("1999", "./1999", plan.id):
        with pytest.raises(RunError) as told:
            open_run(tmp_path, ref, "fit", option="--compare")
        assert "--run" not in f"{told.value.where} {told.value.repair}"
    with pytest.raises(RunError) as told:
        open_run(tmp_path, "1999", "fit", option="--compare")
    assert told.value.where == "--compare '1999'"


@pytest.mark.parametrize("ref", ["..", "../secret", "runs/../../secret", "/etc", "a\0b", "a/\0", ".", "x" * 5000, "*"])
def test_a_name_cannot_lead_out_of_the_folder(tmp_path: Path, ref: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "project" / "runs")
    write(tmp_path / "elsewhere").path.rename(tmp_path / "secret")
    monkeypatch.chdir(tmp_path / "project")
    assert refused(Path("runs"), ref).id == "R002"


def test_a_server_takes_no_paths(tmp_path: Path) -> None:
    run = write(tmp_path)
    with pytest.raises(RunError, match="named by its id"):
        open_run(tmp_path, str(run.path), "fit", paths=False)
    assert open_run(tmp_path, run.id, "fit", paths=False).id == run.id


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "", ".x", "a/../b", "a\\b", "c:x", "manifest.json", "a b"])
def test_a_writer_takes_only_safe_names(tmp_path: Path, name: str) -> None:
    with (
        RunWriter(tmp_path, "fit", command=[], seed=1) as writer,
        pytest.raises(ValueError, match="cannot be the name"),
    ):
        writer.path(name)


def test_a_failed_block_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with RunWriter(tmp_path, "fit", command=[], seed=1) as writer:
            writer.write_json("trust", TRUST)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert os.listdir(tmp_path) == []


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no file 'tables/plan.parquet'.*tables/roi.parquet") as caught:
        write(tmp_path).table("plan")
    assert caught.value.id == "R006"


def test_a_newer_format_is_refused_with_both_versions(tmp_path: Path) -> None:
    run = write(tmp_path)
    edit_manifest(run, lambda manifest: manifest.update(format_version=7, files="elsewhere"), seal=False)
    for ref in (None, run.id, run.id[:20], str(run.path)):
        problem = refused(tmp_path, ref)
        assert problem.id == "R004"
        assert "format version 7" in problem.what
        assert "format version 1" in problem.what


def test_keys_of_a_later_version_are_ignored(tmp_path: Path) -> None:
    run = write(tmp_path)
    edit_manifest(run, lambda manifest: manifest.update(notes={"by": ["someone"], "é": 1.5}))
    open_run(tmp_path, None, "fit").verify()


def test_a_run_of_the_first_version_stays_readable(tmp_path: Path) -> None:
    # Written out by hand from the first release's format, and never to be changed: readers must keep up with it.
    folder = tmp_path / "20250106T091500Z-fit-1a2b3c4d"
    folder.mkdir()
    (folder / "trust.json").write_text('{"passed": true}\n')
    (folder / "manifest.json").write_text(
        '{"format_version": 1, "kind": "fit", "parents": [], "command": ["outlay", "fit"], "seed": 1, "inputs": {},'
        ' "versions": {"outlay": "0.1.0"}, "files": {"trust.json": {"size": 17, "sha256":'
        ' "b1c95da5e181d95c3a837b01b04513e2725984388b2256107771b77a2407ce77"}},'
        ' "id": "20250106T091500Z-fit-1a2b3c4d", "created": "2025-01-06T09:15:00.000000Z",'
        ' "digest": "f866793368323025c0e15b0c9d2a12766ccfd6adeb810c649b3101a9be6db68a"}'
    )
    assert open_run(tmp_path, None, "fit").json("trust") == {"passed": True}


def test_a_damaged_latest_run_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    old, new = write(tmp_path), write(tmp_path)
    (new.path / "manifest.json").write_text("{")
    assert refused(tmp_path).id == "R003"
    assert open_run(tmp_path, old.id, "fit").id == old.id
    assert [path.name for path, _ in damaged_runs(tmp_path)] == [new.id]
    assert [run.id for run in list_runs(tmp_path)] == [old.id]
    shutil.rmtree(new.path)
    assert open_run(tmp_path, None, "fit").id == old.id


def test_other_things_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    run = write(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes.txt").touch()
    (tmp_path / ".writing-by-hand").mkdir()
    assert [found.id for found in list_runs(tmp_path)] == [run.id]
    assert damaged_runs(tmp_path) == []
    assert {"notes", "notes.txt", ".writing-by-hand"} <= set(os.listdir(tmp_path))


def test_only_what_the_dead_left_is_swept(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    mine = unfinished_name()
    _, _, start, place, token = mine.replace(".writing", "").split("-", 4)
    names = {
        "mine": mine,
        "dead": f".writing-{ended.pid}-{start}-{place}-{token}",
        "number used again": f".writing-{os.getpid()}-{int(start) + 1}-{place}-{token}",
        "other machine": f".writing-{ended.pid}-{start}-00000000-{token}",
        "other machine, long ago": f".writing-{ended.pid}-{start}-00000001-{token}",
    }
    for name in names.values():
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").touch()
    past = time.time() - ABANDONED_AFTER - 60
    for path in (tmp_path / names["other machine, long ago"] / "a.txt", tmp_path / names["other machine, long ago"]):
        os.utime(path, (past, past))
    removed = {path.name for path in sweep(tmp_path)}
    assert removed == {names["dead"], names["number used again"], names["other machine, long ago"]}
    assert set(os.listdir(tmp_path)) == {names["mine"], names["other machine"]}


@pytest.mark.parametrize("call", ["fsync", "rename", "mkdir"])
@pytest.mark.parametrize(
    "number, words",
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "read-only"), (errno.EIO, "cannot be written")],
)
def test_a_disk_that_fails_is_told_in_words_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int, words: str
) -> None:
    old = write(tmp_path)
    real = getattr(os, call)

    def fail(first: object, *rest: object) -> object:
        if call != "mkdir" or ".writing" in str(first):
            raise OSError(number, os.strerror(number))
        return real(first, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(RunError, match=words) as caught:
            write(tmp_path)
    assert caught.value.id == "R005"
    assert caught.value.repair
    assert [run.id for run in list_runs(tmp_path)] == [old.id]
    assert {name for name in os.listdir(tmp_path) if name != ".lock"} == {old.id}


def test_a_library_that_meets_a_full_disk_inside_the_block_is_told_in_words(tmp_path: Path) -> None:
    def fill(problem: OSError) -> None:
        with RunWriter(tmp_path, "fit", command=[], seed=1):
            raise problem

    with pytest.raises(RunError, match="disk is full"):
        fill(OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(OSError, match="denied"):  # what is not about the run passes through
        fill(OSError(errno.EACCES, "denied", "/somewhere/else"))


def test_a_file_in_the_place_of_the_root(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    for root in (tmp_path / "runs", tmp_path / "runs" / "below"):
        with pytest.raises(RunError, match="a file stands where a folder is needed"):
            write(root)
    assert refused(tmp_path / "runs").repair


def test_a_run_is_small(tmp_path: Path) -> None:
    # 200 weeks x 10 groups x 15 components, as contributions.parquet has them: 30 000 rows of two numbers that compress
    # little (8 bytes each: 480 kB) and three labels that compress well
    rng = np.random.default_rng(1)
    n = 30_000
    frame = pd.DataFrame({"component": ["tv", "search", "baseline"] * (n // 3), "mean": rng.normal(size=n)})
    frame["high"] = frame["mean"] + 1
    with RunWriter(tmp_path, "fit", command=[], seed=1) as writer:
        writer.write_table("contributions", frame)
    assert writer.run.file("tables/contributions.parquet").stat().st_size < 600_000


def test_importing_runs_loads_nothing_heavy() -> None:
    code = (
        "import sys, outlay.runs, outlay.exports;"
        "print([name for name in ('numpy', 'pandas', 'pyarrow', 'importlib.metadata') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert done.stdout.strip() == "[]"
