"""A posterior without a sampler: draws from the prior in the shape that sampling gives, for the guide's examples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mmm.labels import labels
from mmm.media import FittedMedia, MediaMixModel
from mmm.prior_draws import prior_samples
from outlay.sampling import OnProgress

CHAINS, DRAWS = 2, 60
DIMS = {
    "half_life": ("decaying",),
    "half_saturation": ("bent",),
    "paid_share_logit": (),
    "paid_split": ("paid",),
    "organic_share": ("organic",),
    "level": ("group",),
    "coefficient": ("term",),
    "sigma": ("group",),
}


def fit_from_prior(model: MediaMixModel, on_progress: OnProgress | None = None) -> FittedMedia:
    """What ``MediaMixModel.fit`` gives for a national model of the default families, had the data said nothing."""
    design, rng = model.design, np.random.default_rng(1)
    drawn = prior_samples(design, model.priors, CHAINS * DRAWS, 1)
    values = {name: value.reshape(CHAINS, DRAWS, *value.shape[2:]) for name, value in drawn.values.items()}
    values["level"] = rng.normal(design.y_mean, 0.02, values["level"].shape)
    values["coefficient"] = 0.1 * values["coefficient"]
    dims = {name: DIMS[name] for name in values}
    known = labels(design)
    coords = {dim: tuple(known[dim]) for of in dims.values() for dim in of}
    stats = {name: np.ones((CHAINS, DRAWS)) for name in ("n_steps", "step_size")}
    stats |= {"diverging": np.zeros((CHAINS, DRAWS)), "energy": rng.normal(size=(CHAINS, DRAWS))}
    seconds = {"compile": 0.0, "sample": 0.0}
    samples = replace(drawn, values=values, dims=dims, coords=coords, stats=stats, seconds=seconds)
    return FittedMedia(design, model.priors, model.project, samples)
