"""Twenty planners at once on one page: solves, hands on sliders, sweeps, edits, saves.

``python benchmarks/planner/load.py`` makes a study, serves it by ``outlay serve`` and asks it over HTTP for five
minutes; ``--seconds 60 --planners 5`` for a look, ``--study FOLDER`` for a study of your own. Latencies are those that
a browser would see, one request at a time for each planner. Results go to benchmarks/results/planner_load.json; the
exit code is 1 where an answer failed, where 95 % of solves did not end within two seconds, or where memory grew.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from planner_page import Browser  # noqa: E402  (the checkout is on the path now)

SLOWEST_SOLVE = 2.0
"""Seconds that 95 % of solves must end within."""

MOST_GROWTH = 2.0
"""MB a minute that memory may grow by once the page is warm: noise of an allocator, and not a leak of solves."""

KINDS = {"solve": 0.35, "hand": 0.30, "edit": 0.20, "save": 0.08, "sweep": 0.04, "open": 0.03}
"""What a planner does next, and how often."""

PAUSE = 3.0
"""Mean seconds between two things that a planner does: brisk, where an answer is to be read."""

TOML = '[project]\nname = "load"\ncurrency = "USD"\nmargin = 0.5\n\n[plan]\nperiods = 13\nmax_change = 0.5\n'


@dataclass
class Planner:
    """One planner, who asks, looks, moves and keeps, by chance and never twice the same."""

    page: Browser
    number: int
    asked: dict[str, Any] = field(default_factory=dict)
    answered: dict[str, Any] | None = None
    spend: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    refused: int = 0
    saved: int = 0
    opened: Any = None
    pause: float = PAUSE

    def __post_init__(self) -> None:
        self.chance = np.random.default_rng(self.number)

    def work(self, until: float) -> None:
        """Go on until a time of the clock."""
        self.page.open()
        self.solve()
        acts = [getattr(self, name) for name in KINDS]
        while time.monotonic() < until:
            try:
                acts[int(self.chance.choice(len(acts), p=list(KINDS.values())))]()
            except Exception as problem:  # noqa: BLE001  (whatever goes wrong is what is looked for)
                self.wrong.append(f"planner {self.number}: {problem!r}")
            time.sleep(float(self.chance.exponential(self.pause)))
        self.page.close()

    def question(self) -> dict[str, Any]:
        """Another question: a total, a window, an objective, a limit."""
        section: dict[str, Any] = {"periods": int(self.chance.choice([4, 8, 13])), "name": f"of {self.number}"}
        section["budget"] = float(np.round(self.chance.uniform(4e6, 2e7)))
        section["max_change"] = float(np.round(self.chance.uniform(0.2, 0.8), 3))
        section["margin_of_range"] = "none"
        if self.chance.random() < 0.3:
            section["start"] = (date(2023, 11, 20) + timedelta(weeks=int(self.chance.integers(0, 10)))).isoformat()
        if self.chance.random() < 0.2:
            section["risk"] = {"measure": "cvar", "level": 0.2}
        if self.chance.random() < 0.2:
            section["goal"] = float(np.round(section["periods"] * self.chance.uniform(5.9e7, 6.4e7)))
        return {"section": section, "by_hand": None}

    def solve(self) -> None:
        """A question, the button, and what the page then draws."""
        self.asked = self.question()
        changed = "plan-go.data"
        found = self.page.ask(
            "solve",
            self.page.find("answered.data", changed),
            {changed: 1, "asked.data": self.asked},
            changed,
        )
        self.answered = found.get("answered", {}).get("data")
        if self.answered is None:
            self.refused += 1
            return
        self._look()

    def _look(self) -> None:
        values, changed = {"answered.data": self.answered, "scheme.data": "light"}, "answered.data"
        for output in ("plan-tiles.children", "plan-chart.figure", "plan-sliders.children"):
            found = self.page.ask("look", self.page.find(output, changed), values, changed)
            if output == "plan-tiles.children":
                rows = found["plan-grid"]["rowData"]
                self.spend = {}
                for row in rows:
                    self.spend[row["channel"]] = self.spend.get(row["channel"], 0.0) + float(row["spend"])

    def hand(self) -> None:
        """Drag a slider for half a second and let go."""
        if self.answered is None or not self.spend:
            return
        channel = str(self.chance.choice(sorted(self.spend)))
        for _ in range(5):
            self.spend[channel] *= float(self.chance.uniform(0.9, 1.12))
            values = {"plan-moving.data": self.spend, "answered.data": self.answered}
            moved = self.page.find("plan-moved.children", "plan-moving.data")
            self.page.ask("move", moved, values, "plan-moving.data")
            time.sleep(0.1)
        rested = self.page.find("answered.data", "plan-rested.data")
        values = {"plan-rested.data": self.spend, "answered.data": self.answered}
        found = self.page.ask("rest", rested, values, "plan-rested.data")
        kept = found.get("answered", {}).get("data")
        if kept is not None:
            self.answered = kept
            self._look()

    def edit(self) -> None:
        """Change the question without asking it: the sentence and the limits follow."""
        values = {"asked.data": self.question(), "plan-unit.value": str(self.chance.choice(["money", "change"]))}
        for output in ("plan-sentence.children", "plan-limits.rowData"):
            self.page.ask("edit", self.page.find(output, "asked.data"), values, "asked.data")

    def save(self) -> None:
        """Keep the answer as a scenario: a new one, or the next version of one's own."""
        if self.answered is None:
            return
        changed = "save-button.n_clicks"
        values = {
            changed: 1,
            "save-name.value": f"plan {self.number}",
            "save-who.value": f"planner {self.number}",
            "answered.data": self.answered,
            "opened.data": self.opened,
        }
        found = self.page.ask("save", self.page.find("opened.data", changed), values, changed)
        kept = found.get("opened", {}).get("data")
        if kept is None:
            raise RuntimeError("a scenario was not kept")
        self.opened, self.saved = kept, self.saved + 1

    def sweep(self) -> None:
        """The outcome at eleven totals."""
        if self.answered is None:
            return
        changed = "plan-sweep.n_clicks"
        values = {changed: 1, "answered.data": self.answered, "scheme.data": "light"}
        self.page.ask("sweep", self.page.find("plan-swept.children", changed), values, changed)

    def open(self) -> None:
        """Open the page anew."""
        self.page.open("/")


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """Serve a study in a process of its own: its address and its process."""
    command = [sys.executable, "-c", "import sys; from cli.app import main; sys.exit(main())"]
    options = ["serve", "--port", "0", "--json", "--no-open", "--project", str(folder / "outlay.toml")]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    process = subprocess.Popen(  # noqa: S603  (this Python, and arguments of ours)
        [*command, *options], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    try:
        yield _address(process), process.pid
    finally:
        process.kill()  # what it keeps is whole at any time
        process.wait()


def _address(process: subprocess.Popen[str]) -> str:
    text, reader = "", json.JSONDecoder()
    for line in process.stdout or ():
        text += line
        try:
            return str(reader.decode(text)["url"])
        except ValueError:
            continue  # the document goes on
    raise RuntimeError("the page was not served")


def study_in(folder: Path) -> Path:
    """A study of ten paid channels over 150 weeks, made without sampling."""
    from tests.cli.fakes import write_fit

    (folder / "outlay.toml").write_text(TOML, encoding="utf-8")
    write_fit(folder / "runs")
    return folder


def memory(pid: int) -> float:
    """Resident memory of a process, MB."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the process has no memory")


def measure(address: str, pid: int, planners: int, seconds: float, pause: float) -> dict[str, Any]:
    """Let planners work, and tell what they saw."""
    until = time.monotonic() + seconds
    people = [Planner(Browser(address), number, pause=pause) for number in range(planners)]
    threads = [threading.Thread(target=person.work, args=(until,)) for person in people]
    for thread in threads:
        thread.start()
    grown: list[tuple[float, float]] = []
    while any(thread.is_alive() for thread in threads):
        grown.append((seconds - (until - time.monotonic()), memory(pid)))
        time.sleep(2.0)
    return told(people, grown, seconds)


def told(people: Sequence[Planner], grown: Sequence[tuple[float, float]], seconds: float) -> dict[str, Any]:
    """Latencies by kind, errors, and memory."""
    every = [each for person in people for each in person.page.told]
    kinds = sorted({kind for kind, _ in every})
    clock, megabytes = np.array(grown).T
    late = clock > seconds / 3
    slope = float(np.polyfit(clock[late], megabytes[late], 1)[0] * 60) if late.sum() > 2 else 0.0
    return {
        "planners": len(people),
        "seconds": seconds,
        "requests": len(every),
        "per_second": round(len(every) / seconds, 1),
        "errors": [line for person in people for line in person.wrong],
        "refused": sum(person.refused for person in people),
        "saved": sum(person.saved for person in people),
        "kinds": {kind: _spread([took for name, took in every if name == kind]) for kind in kinds},
        "memory_mb": {
            "first": round(float(megabytes[0]), 1),
            "last": round(float(megabytes[-1]), 1),
            "most": round(float(megabytes.max()), 1),
            "grows_per_minute": round(slope, 2),
            "every_half_minute": [round(float(each), 1) for each in megabytes[::15]],
        },
    }


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    middle, late, most = np.percentile(seconds, [50, 95, 100])
    return {"n": len(seconds), "p50": round(middle, 4), "p95": round(late, 4), "most": round(most, 4)}


def failures(found: dict[str, Any]) -> list[str]:
    """What is not as it has to be."""
    wrong = list(found["errors"][:5])
    if found["kinds"]["solve"]["p95"] > SLOWEST_SOLVE:
        wrong.append(f"95 % of solves ended within {found['kinds']['solve']['p95']} s, not {SLOWEST_SOLVE} s")
    if found["seconds"] >= 180 and found["memory_mb"]["grows_per_minute"] > MOST_GROWTH:
        wrong.append(f"memory grew by {found['memory_mb']['grows_per_minute']} MB a minute")
    return wrong


def main() -> int:
    """Measure, write, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--planners", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--pause", type=float, default=PAUSE, help="mean seconds between two things a planner does")
    parser.add_argument("--study", type=Path, help="a project folder with a fit; one is made by default")
    parser.add_argument("--to", type=Path, default=ROOT / "benchmarks/results/planner_load.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.study or study_in(Path(scratch))
        with served(folder) as (address, pid):
            found = measure(address, pid, options.planners, options.seconds, options.pause)
    found |= {
        "pause": options.pause,
        "cores": len(os.sched_getaffinity(0)),
        "python": sys.version.split()[0],
        "dash": version("dash"),
        "made": datetime.now(UTC).strftime("%Y-%m-%d"),
    }
    text = json.dumps(found, indent=1)
    options.to.write_text(text + "\n", encoding="utf-8")
    print(text)
    wrong = failures(found)
    print("\n".join(wrong), file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
