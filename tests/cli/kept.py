"""A fit run with a posterior in it, drawn from the prior: for commands that compute and do not only read tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mmm.media import FittedMedia
from outlay.response import save_response
from outlay.runs import Run, RunWriter
from tests.mmm.probes import case, prior_samples

HDI = 0.9


def fitted_of(name: str, n: int = 60) -> FittedMedia:
    """A market of :mod:`tests.mmm.probes` with draws of its prior for a posterior."""
    it = case(name)
    samples = prior_samples(it.design, it.priors, n, seed=4)
    own = {name: tuple(f"{name}_{axis}" for axis in range(2, values.ndim)) for name, values in samples.values.items()}
    samples = replace(samples, dims=own)
    return FittedMedia(it.design, it.priors, it.world.project, samples)


def keep_fit(root: Path, name: str = "panel", *, trusted: bool = True) -> Run:
    """Keep such a fit as a run."""
    fitted = fitted_of(name)
    checks = [] if trusted else [{**_FAILED}]
    with RunWriter(root, "fit", command=["outlay", "fit"], seed=1, inputs={}) as writer:
        fitted.save(writer.folder)
        save_response(fitted.response, writer.path("response.nc"))
        writer.write_json("trust", {"passed": trusted, "checks": checks, "draws": 60, "chains": 2, "failing": []})
        writer.write_json("findings", [])
        writer.write_json("model", fitted.facts())
        for table, frame in fitted.tables().items():
            writer.write_table(table, frame)
    return writer.run


_FAILED = {
    "id": "T001",
    "name": "R-hat",
    "value": 1.3,
    "limit": 1.01,
    "passed": False,
    "quantity": "half-life of tv",
    "cause": "The chains settled on different answers.",
}
