"""Fitting against Meridian 2.1 on its own example data, from data frame to posterior, both on the CPU.

Meridian needs an environment of its own (2.7 GB). Make it once with ``python -m venv PATH`` and ``PATH/bin/pip install
google-meridian==2.1.0``, or let ``--make-venv PATH`` do it; then run, from the repository's root,
``python benchmarks/fit_vs_meridian.py --meridian-python PATH/bin/python``. Without that path nothing is measured.

Same data, same ROI prior (Meridian's default, lognormal 0.2 and 0.9), same half-saturation prior (lognormal), Hill with
slope one, adstock over nine weeks, as many time effects: ten knots there, level, trend and four pairs of waves here.
Not the same, because one side cannot express the other's: retention (uniform there, lognormal half-life here), how
geos differ, and what half-saturation is a multiple of (median there, mean here). Meridian samples with its windowed
NUTS on JAX. The figure is the smallest bulk ESS among the channels' incremental outcomes per second. A fit counts once
the R-hat of each of them is below 1.01; that of all parameters is told beside it (asking it of them would double the
length of Meridian's runs).
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import venv
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

FILES = {"national": "national_media.csv", "geo": "geo_media.csv"}
CHANNELS = tuple(f"Channel{index}" for index in range(4))
CONTROLS = ("competitor_activity_score_control", "sentiment_score_control")
ROI_LOG = (0.2, 0.9)
LAGS = 9
KNOTS = 10

LENGTHS: dict[tuple[str, str], dict[str, int]] = {
    ("ours", "national"): {"chains": 4, "tune": 500, "draws": 1000},
    ("ours", "geo"): {"chains": 4, "tune": 500, "draws": 1000},
    ("peer", "national"): {"chains": 4, "tune": 500, "draws": 500},
    ("peer", "geo"): {"chains": 4, "tune": 500, "draws": 500},
}
"""Where each side begins; Meridian's tune is split evenly over adaptation and burn-in, as in its example."""


def fit_ours(path: Path, data: str, seed: int, length: dict[str, int]) -> dict[str, Any]:
    """Our side: the public API, with its default sampler settings but the lengths."""
    import numpy as np
    import pandas as pd

    from mmm.config import MediaSection
    from mmm.media import MediaMixModel
    from outlay.project import ProjectSection

    mean = float(np.exp(ROI_LOG[0] + ROI_LOG[1] ** 2 / 2))
    prior = {"on": "roi", "mean": mean, "sd": mean * float(np.sqrt(np.expm1(ROI_LOG[1] ** 2)))}
    channels = [
        {"name": name, "spend": f"{name}_spend", "exposure": f"{name}_impression", "prior": prior} for name in CHANNELS
    ]
    keys: dict[str, Any] = {
        "date": "time",
        "kpi": "conversions",
        "kpi_type": "units",
        "value_per_kpi": "revenue_per_conversion",
        "controls": CONTROLS,
        "l_max": LAGS,
        "seasonality": 4,
        "channels": channels,
        "sampling": length,
    }
    if data == "geo":
        keys |= {"group": "geo", "population": "population"}
    frame = pd.read_csv(path)
    started = perf_counter()
    project = ProjectSection(name="benchmark", currency="USD", seed=seed)
    fitted = MediaMixModel.from_frame(frame, MediaSection.model_validate(keys), project).fit()
    samples = fitted.samples
    total = fitted.returns.incremental.sum(axis=1)
    outcomes = total.reshape(samples.chains, samples.draws, -1)
    return {
        "seconds": perf_counter() - started,
        "route": str(getattr(samples, "route", "")),
        "shares": outcomes / fitted.returns.outcome.sum(),
        "parameters": dict(samples.values.items()),  # noqa: PD011  (no pandas object)
        "divergences": int(samples.stats["diverging"].sum()),
        "steps": float(samples.stats["n_steps"].mean()),
    }


def meridian_data(frame: Any, data: str) -> Any:
    """The frame as Meridian's input data."""
    from meridian.data import data_frame_input_data_builder as builder

    columns = {"kpi": "conversions", "revenue_per_kpi": "revenue_per_conversion"}
    build = builder.DataFrameInputDataBuilder(
        kpi_type="non_revenue",
        default_kpi_column=columns["kpi"],
        default_revenue_per_kpi_column=columns["revenue_per_kpi"],
    )
    build = build.with_kpi(frame).with_revenue_per_kpi(frame).with_controls(frame, control_cols=list(CONTROLS))
    if data == "geo":
        build = build.with_population(frame)
    return build.with_media(
        frame,
        media_cols=[f"{name}_impression" for name in CHANNELS],
        media_spend_cols=[f"{name}_spend" for name in CHANNELS],
        media_channels=list(CHANNELS),
    ).build()


def fit_meridian(path: Path, data: str, seed: int, length: dict[str, int]) -> dict[str, Any]:
    """Meridian's side; runs in its own environment."""
    import numpy as np
    import pandas as pd
    from meridian import backend
    from meridian.analysis import analyzer
    from meridian.model import model, prior_distribution, spec

    frame = pd.read_csv(path)
    started = perf_counter()
    prior = prior_distribution.PriorDistribution(
        roi_m=backend.tfd.LogNormal(*np.array(ROI_LOG), name="roi_m"),
        ec_m=backend.tfd.LogNormal(np.log(2.0), np.float64(1.0), name="ec_m"),
    )
    settings = spec.ModelSpec(prior=prior, max_lag=LAGS - 1, knots=KNOTS)
    fitted = model.Meridian(input_data=meridian_data(frame, data), model_spec=settings)
    half = length["tune"] // 2
    fitted.sample_posterior(
        n_chains=length["chains"], n_adapt=half, n_burnin=length["tune"] - half, n_keep=length["draws"], seed=seed
    )
    outcomes = np.asarray(
        analyzer.Analyzer(model_context=fitted.model_context, inference_data=fitted.inference_data).incremental_outcome(
            use_posterior=True
        )
    )
    seconds = perf_counter() - started
    posterior, stats = fitted.inference_data.posterior, fitted.inference_data.sample_stats
    free = {str(name): value.to_numpy() for name, value in posterior.items()}
    revenue = float((frame["conversions"] * frame["revenue_per_conversion"]).sum())
    return {
        "seconds": seconds,
        "route": "windowed NUTS, JAX",
        "shares": outcomes / revenue,
        "parameters": free,
        "divergences": int(np.asarray(stats["diverging"]).sum()),
        "steps": float(np.asarray(stats["n_steps"]).mean()) if "n_steps" in stats else float("nan"),
    }


def diagnose(told: dict[str, Any]) -> dict[str, Any]:
    """As in ``fit_vs_pymc_marketing.py``, with the ArviZ of either environment."""
    import numpy as np

    shares, parameters = told.pop("shares"), told.pop("parameters")
    rhat_of, ess_of = _arviz()
    flat = {"contribution": shares} | {name: value.reshape(*value.shape[:2], -1) for name, value in parameters.items()}
    rhat = {name: max(_finite(rhat_of(value[..., i])) for i in range(value.shape[-1])) for name, value in flat.items()}
    worst = max(rhat, key=lambda name: rhat[name])
    ess = min(float(ess_of(shares[..., c])) for c in range(shares.shape[-1]))
    told |= {"max_rhat": rhat[worst], "worst": worst, "rhat_contribution": rhat["contribution"], "min_ess": ess}
    told["ess_per_second"] = ess / told["seconds"]
    told["share_mean"] = [round(float(value), 5) for value in np.mean(shares, axis=(0, 1))]
    return told


def _finite(value: Any) -> float:
    """R-hat of a constant is not a number, and says nothing."""
    number = float(value)
    return number if number == number else 1.0


def _arviz() -> tuple[Any, Any]:
    """R-hat and bulk ESS of (chains, draws), by whichever ArviZ is installed."""
    try:
        from arviz_stats.base import array_stats
    except ImportError:
        import arviz

        return arviz.rhat, arviz.ess

    def rhat(value: Any) -> Any:
        return array_stats.rhat(value, chain_axis=0, draw_axis=1)

    def ess(value: Any) -> Any:
        return array_stats.ess(value, chain_axis=0, draw_axis=1, method="bulk")

    return rhat, ess


def work(side: str, data: str, seed: int, length: dict[str, int], folder: str) -> dict[str, Any]:
    """One fit, in this process."""
    import warnings

    warnings.simplefilter("ignore")  # third parties warn of their own future
    started = perf_counter()
    if side == "ours":
        import mmm.kernel_run
        import mmm.media  # noqa: F401  (imports are timed apart)
    else:
        import meridian.analysis.analyzer
        import meridian.model.model  # noqa: F401
    imports = perf_counter() - started
    told = (fit_ours if side == "ours" else fit_meridian)(Path(folder) / FILES[data], data, seed, length)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"side": side, "data": data, "seed": seed, **length, "imports": imports, "peak_mb": round(peak), **told}
    return diagnose(told)


def worker(python: str, folder: Path, side: str, data: str, seed: int, length: dict[str, int]) -> list[str]:
    """The command of one fit."""
    command = [python if side == "peer" else sys.executable, str(Path(__file__))]
    return [*command, "--worker", json.dumps([side, data, seed, length, str(folder)])]


def make_venv(path: Path) -> str:
    """Meridian's own environment."""
    venv.EnvBuilder(with_pip=True).create(path)
    python = str(path / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "google-meridian==2.1.0"], check=True)  # noqa: S603
    return python


def main() -> None:
    """Measure, print, and write the results with the versions they were made with."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--meridian-python", help="Python of an environment with google-meridian")
    parser.add_argument("--make-venv", type=Path, help="make that environment here first")
    parser.add_argument("--folder", type=Path, default=ROOT.parent / "shared" / "data" / "mmm" / "meridian")
    parser.add_argument("--side", choices=("ours", "peer"), nargs="+", default=["ours", "peer"])
    parser.add_argument("--data", choices=tuple(FILES), nargs="+", default=list(FILES))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tries", type=int, default=2, help="how often a fit may be run, twice as long each time")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results" / "fit_vs_meridian.json")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.worker:
        print(json.dumps(work(*json.loads(chosen.worker))))
        return
    python = make_venv(chosen.make_venv) if chosen.make_venv else chosen.meridian_python
    if python is None and "peer" in chosen.side:
        print("nothing measured: say --meridian-python PATH, or --make-venv PATH to make the environment (2.7 GB)")
        return
    from benchmarks.fit_vs_pymc_marketing import PACKAGES, converge, document, keep, merged

    pairs = [pair for pair in LENGTHS if pair[0] in chosen.side and pair[1] in chosen.data]
    rows = [
        converge(
            partial(worker, str(python), chosen.folder, *pair, seed), LENGTHS[pair], chosen.tries, "rhat_contribution"
        )
        for pair in pairs
        for seed in range(1, chosen.seeds + 1)
    ]
    told = document(merged(chosen.out, rows), [], PACKAGES)
    told["versions"]["google-meridian"] = "2.1.0"
    keep(chosen.out, told)
    for line in told["summary"]:
        print(line)


if __name__ == "__main__":
    main()
