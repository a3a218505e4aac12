"""The stress matrix: where the model is wrong, does anything say so?

Run it from the repository's root: ``python benchmarks/stress.py`` (``--seeds 5``, ``--worlds tiny slow`` for a part).
Definitions are in docs/truth.md; results go to benchmarks/results/stress.json, and the table into that page.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from worlds import FAIR, STRESS, Stress  # noqa: E402  (the checkout is on the path now)

from mmm.media import FittedMedia, MediaMixModel  # noqa: E402
from mmm.panel import panel_from_frame  # noqa: E402
from mmm.simulate import Market, simulate  # noqa: E402
from mmm.validation.report import Settings, validate  # noqa: E402
from mmm.validation.verdicts import Verdict  # noqa: E402
from outlay.findings import Finding  # noqa: E402

FAIR_NAME = "fair"
WORLDS = {FAIR_NAME: Stress("nothing: the model is told how it is", FAIR), **STRESS}
TODAY = date(2030, 1, 1)
SILENT = ("is_silent", "is_silent_after_validation")
MARK, END = "<!-- stress -->", "<!-- end of stress -->"
FAR_OFF = 0.25
"""Error of all paid media together, relative to the truth, that counts as wrong."""


@dataclass(frozen=True)
class Answer:
    """What one fit said about one market, beside the truth.

    Attributes
    ----------
    truth, low, middle, high : dict of str to float
        ROI by paid channel: the truth, and the ends and the median of the reported interval.
    total_error : float
        Posterior mean of the contribution of all paid media over the truth, less one.
    share_error : dict of str to float
        The same by channel.
    verdict : dict of str to str
        "yes", "weak" or "no" by channel.
    trusted : bool
        Whether the gate passed.
    warnings : list of (str, str)
        Id and place of every warning, with what it says.
    doubts : list of (str, str)
        Id of every verdict of ``outlay validate --quick`` that is not good, and the channels that it names.
    """

    truth: dict[str, float]
    low: dict[str, float]
    middle: dict[str, float]
    high: dict[str, float]
    total_error: float
    share_error: dict[str, float]
    verdict: dict[str, str]
    trusted: bool
    warnings: list[tuple[str, str]]
    doubts: list[tuple[str, str]] = field(default_factory=list)

    @property
    def validated(self) -> Answer:
        """The same answer after validation: its doubts are warnings, too."""
        return replace(self, warnings=[*self.warnings, *self.doubts], doubts=[])

    @property
    def missed(self) -> list[str]:
        """Channels whose true ROI is outside the interval."""
        return [name for name, true in self.truth.items() if not self.low[name] <= true <= self.high[name]]

    @property
    def far_off(self) -> bool:
        """Whether all media together are wrong."""
        return abs(self.total_error) > FAR_OFF

    @property
    def wrong(self) -> bool:
        """Whether a reader of the table is misled about a channel or about all media."""
        return bool(self.missed) or self.far_off

    def named(self, ignored: Iterable[str] = ()) -> set[str]:
        """Channels that something speaks up about; all of them where it speaks about the whole model."""
        if not self.trusted:
            return set(self.truth)
        found = {name for name, verdict in self.verdict.items() if verdict != "yes"}
        for id, text in self.warnings:
            if id not in ignored:
                about = set(self.truth) & set(re.findall(r"\w+", text.lower()))
                found |= about or set(self.truth)
        return found

    def silent(self, ignored: Iterable[str] = ()) -> bool:
        """Whether it is wrong and nothing speaks up about what is wrong.

        A missed channel needs a word about itself. A wrong total needs one about the whole model, or about channels
        that are themselves that far off.
        """
        named = self.named(ignored)
        if any(name not in named for name in self.missed):
            return True
        blamed = {name for name, error in self.share_error.items() if abs(error) > FAR_OFF}
        return self.far_off and not named & blamed


def answer(market: Market, fitted: FittedMedia, doubts: Sequence[Verdict] = ()) -> Answer:
    """Read a fit's tables beside the truth of the same window."""
    window = slice(*fitted.design.fit.indices(market.world.n))
    table = fitted.roi()
    table = table[table["group"].isna() & table["paid"]].set_index("channel")
    names = [name for name, paid in zip(market.channels, market.paid, strict=True) if paid]
    roi = dict(zip(market.channels, market.roi(window).tolist(), strict=True))
    true = dict(zip(market.channels, market.contribution(window).sum(0).tolist(), strict=True))
    mean = table["contribution_mean"].to_dict()

    def column(name: str) -> dict[str, float]:
        return {channel: float(table.loc[channel, name]) for channel in names}

    return Answer(
        truth={name: roi[name] for name in names},
        low=column("roi_hdi_low"),
        middle=column("roi_median"),
        high=column("roi_hdi_high"),
        total_error=float(sum(mean[n] for n in names) / sum(true[n] for n in names) - 1),
        share_error={name: float(mean[name] / true[name] - 1) for name in names},
        verdict={name: str(table.loc[name, "identified"]) for name in names},
        trusted=fitted.trust.passed,
        warnings=[(f.id, _text(f)) for f in fitted.findings if f.severity == "warning"],
        doubts=[(one.id, ", ".join(one.channels)) for one in doubts if one.status in ("watch", "bad")],
    )


def _text(finding: Finding) -> str:
    return f"{finding.where}: {finding.what}"


def fit(market: Market) -> FittedMedia:
    """What a user would do."""
    panel = panel_from_frame(market.frame, market.section, market.project, today=TODAY)
    return MediaMixModel(panel, market.section, market.project).fit()


def summary(answers: Sequence[Answer], ignored: Iterable[str]) -> dict[str, Any]:
    """A world's row."""
    silent = [one.silent(ignored) for one in answers]
    still = [one.validated.silent(ignored) for one in answers]
    wrong = [one.wrong for one in answers]
    misses = [name for one in answers for name in one.missed]
    spoke = _spoken(answers, ignored)
    return {
        "runs": len(answers),
        "wrong": sum(wrong),
        "silent": sum(silent),
        "is_silent": 2 * sum(silent) >= len(answers),
        "silent_after_validation": sum(still),
        "is_silent_after_validation": 2 * sum(still) >= len(answers),
        "channels": sum(len(one.truth) for one in answers),
        "channels_missed": len(misses),
        "missed": dict(Counter(misses)),
        "median_total_error": float(np.median([one.total_error for one in answers])),
        "median_roi_error": float(
            np.median([abs(one.middle[c] / t - 1) for one in answers for c, t in one.truth.items()])
        ),
        "runs_not_yes": sum(any(verdict != "yes" for verdict in one.verdict.values()) for one in answers),
        "gate_failed": sum(not one.trusted for one in answers),
        "warnings": dict(spoke.most_common()),
    }


def _spoken(answers: Sequence[Answer], ignored: Iterable[str] = ()) -> Counter[str]:
    """Number of runs by id of a warning or doubt."""
    return Counter(id for one in answers for id in {id for id, _ in one.validated.warnings} - set(ignored))


def common(answers: Sequence[Answer]) -> list[str]:
    """Warnings that more than half of the fair runs have: they say nothing about trouble and are not counted."""
    return sorted(id for id, count in _spoken(answers).items() if 2 * count > len(answers))


def run(worlds: Iterable[str], seeds: int, *, validated: bool, jobs: int = 1) -> dict[str, list[Answer]]:
    """Fit every world under every seed, telling a line for each."""
    names = list(worlds)
    tasks = [(name, seed, validated) for name in names for seed in range(seeds)]
    found: dict[str, list[Answer]] = {name: [] for name in names}
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for (name, seed, _), one in zip(tasks, pool.map(examine, *zip(*tasks, strict=True)), strict=True):
            found[name].append(one)
            ids = " ".join(id for id, _ in one.validated.warnings)
            print(
                f"{name:24} {seed} total {one.total_error:+.2f} missed {one.missed} "
                f"{'' if one.trusted else 'GATE '}{list(one.verdict.values())} {ids}",
                flush=True,
            )
    return found


def examine(name: str, seed: int, validated: bool) -> Answer:
    """Draw one market of a world, fit it, and validate the fit if asked."""
    # A seed of its own for each world: with one for all, a market with odd noise would be odd in all of them.
    market = simulate(WORLDS[name].world, zlib.crc32(name.encode()) % 10_000 + seed)
    fitted = fit(market)
    doubts = validate(fitted, Settings(quick=True, horizon=8)).verdicts if validated else ()
    return answer(market, fitted, doubts)


def _counted(n: int) -> str:
    return "1 is" if n == 1 else f"{n or 'none'} are"


def page(result: Mapping[str, Any]) -> str:
    """The table of docs/truth.md."""
    fitted, checked = (_counted(len(result[key])) for key in ("silent_worlds", "silent_worlds_after_validation"))
    stressed = [row for name, row in result["rows"].items() if name != FAIR_NAME]
    wrong, silent, still = (sum(row[key] for row in stressed) for key in ("wrong", "silent", "silent_after_validation"))
    lines = [
        f"Of {result['worlds']} worlds with {result['seeds']} seeds each, {fitted} silent after `outlay fit`, and "
        f"{checked} after `outlay validate --quick`. Of {wrong} wrong runs, {silent} were silent after the fit and "
        f"{still} after validation.",
        "",
        "| world | what is wrong in it | wrong | silent | validated | ROIs outside | all media | who spoke, in runs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, row in result["rows"].items():
        mark, still = ("**" if row[key] and name != FAIR_NAME else "" for key in SILENT)
        spoke = [f"verdict {row['runs_not_yes']}"] if row["runs_not_yes"] else []
        spoke += [f"gate {row['gate_failed']}"] if row["gate_failed"] else []
        spoke += [f"{id} {count}" for id, count in row["warnings"].items()]
        cells = [
            f"{mark}{name}{mark}",
            row["what"],
            f"{row['wrong']} of {row['runs']}",
            f"{mark}{row['silent']}{mark}",
            f"{still}{row['silent_after_validation']}{still}",
            f"{row['channels_missed']} of {row['channels']}",
            f"{row['median_total_error']:+.0%}".replace("%", " %"),
            ", ".join(spoke) or "nobody",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    ignored = ", ".join(result["warnings_not_counted"]) or "none"
    return "\n".join([*lines, "", f"Warnings that more than half of the fair runs have, not counted: {ignored}."])


def write(result: dict[str, Any]) -> None:
    """Keep the numbers, and put the table into docs/truth.md between its marks."""
    answers = result.pop("answers")
    lines = [f"  {json.dumps(name)}: [\n{_lines(found)}\n  ]" for name, found in answers.items()]
    text = json.dumps(result, indent=1, allow_nan=False).removesuffix("\n}") + ',\n "answers": {\n' + ",\n".join(lines)
    (ROOT / "benchmarks" / "results" / "stress.json").write_text(text + "\n }\n}\n", encoding="utf-8")
    path = ROOT / "docs" / "truth.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(MARK)
    after = rest.rpartition(END)[2]
    path.write_text(f"{before}{MARK}\n{page(result)}\n{END}{after}", encoding="utf-8")


def _lines(found: Sequence[Mapping[str, Any]]) -> str:
    """One line for each answer, four digits for each number."""
    return ",\n".join(f"   {json.dumps(_short(one), allow_nan=False)}" for one in found)


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.4g}")
    return {key: _short(one) for key, one in value.items()} if isinstance(value, Mapping) else value


def main(words: Sequence[str] | None = None) -> None:
    """Fit, count, print and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2, help="fits at once")
    parser.add_argument("--worlds", nargs="*", default=None, help="words in the names of worlds; nothing is written")
    parser.add_argument("--fit-only", action="store_true", help="without validation")
    asked = parser.parse_args(words)
    every = asked.worlds is None
    names = [name for name in WORLDS if every or name == FAIR_NAME or any(word in name for word in asked.worlds)]
    answers = run(names, asked.seeds, validated=not asked.fit_only, jobs=asked.jobs)
    ignored = common(answers[FAIR_NAME])
    rows = {name: {"what": WORLDS[name].what, **summary(found, ignored)} for name, found in answers.items()}
    stressed = {name: row for name, row in rows.items() if name != FAIR_NAME}
    result = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {name: version(name) for name in ("numpy", "pymc", "pymc-marketing", "nutpie")},
        "seeds": asked.seeds,
        "warnings_not_counted": ignored,
        "worlds": len(rows) - 1,
        "silent_worlds": [name for name, row in stressed.items() if row["is_silent"]],
        "silent_worlds_after_validation": [n for n, row in stressed.items() if row["is_silent_after_validation"]],
        "rows": rows,
    }
    print(json.dumps(result, indent=1))
    if every:
        result["answers"] = {name: [asdict(one) for one in found] for name, found in answers.items()}
        write(result)


if __name__ == "__main__":
    main()
