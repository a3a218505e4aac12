"""Two browsers, two servers, a kill: processes of their own on one file of scenarios."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from planner.store import Draft, Store

SAVER = """
import sys
from pathlib import Path
from planner.store import Draft, Store
store, id = Store(Path(sys.argv[1])), sys.argv[2]
n = 0
while True:
    n += 1
    draft = Draft({"section": {"budget": n}, "by_hand": None}, {"rows": [n] * 20_000}, "fit-1")
    print(store.save(id, 1, draft).kept.number, flush=True)
"""


def _saves(folder: Path, id: str, who: str, times: int) -> None:
    store = Store(folder)
    for n in range(times):
        document = {"section": {"budget": n}, "by_hand": None}
        store.save(id, 1, Draft(document, {"expected": n}, "fit-1", who=who))


def test_processes_that_save_at_once_lose_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept = store.create("Spring", Draft({"section": {}, "by_hand": None}, {}, "fit-1")).kept
    spawn = multiprocessing.get_context("spawn")
    workers = [spawn.Process(target=_saves, args=(tmp_path, kept.id, who, 25)) for who in ("Ana", "Bo")]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    versions = store.versions(kept.id)
    assert sorted(version.number for version in versions) == list(range(1, 52))  # the first, and 25 of each
    for who in ("Ana", "Bo"):
        mine = [version.asked["section"]["budget"] for version in reversed(versions) if version.who == who]
        assert mine == list(range(25))


def test_a_kill_in_mid_save_leaves_whole_versions(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept = store.create("Spring", Draft({"section": {}, "by_hand": None}, {}, "fit-1")).kept
    for pause in (0.0, 0.01, 0.03):
        child = subprocess.Popen(
            [sys.executable, "-c", SAVER, str(tmp_path), kept.id], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        told = int(child.stdout.readline())
        time.sleep(pause)
        os.kill(child.pid, signal.SIGKILL)
        told = max([told, *(int(line) for line in child.stdout.read().split())])
        child.wait()
        child.stdout.close()
        versions = store.versions(kept.id)
        # what was told as saved is there, nothing is half, and no number is missing
        assert versions[0].number >= told
        assert [version.number for version in versions] == list(range(len(versions), 0, -1))
        assert all(len(version.answer["rows"]) == 20_000 for version in versions[:-1])
    opened = sqlite3.connect(store.path)
    assert opened.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    opened.close()
    assert store.save(kept.id, 1, Draft({"section": {}, "by_hand": None}, {}, "fit-1")).kept.number > len(versions)
