"""A posterior without a sampler: draws from the prior in the shape that sampling gives, for the guide's examples."""

from __future__ import annotations

import numpy as np

from mmm.media import FittedMedia, MediaMixModel
from outlay.sampling import OnProgress, Samples

CHAINS, DRAWS = 2, 60


def fit_from_prior(model: MediaMixModel, on_progress: OnProgress | None = None) -> FittedMedia:
    """What ``MediaMixModel.fit`` gives for a national model, had the data said nothing."""
    design, priors = model.design, model.priors
    rng = np.random.default_rng(1)

    def normal(mean: float, sd: float, *shape: int) -> np.ndarray:
        return rng.normal(mean, sd, (CHAINS, DRAWS, *shape))

    names = np.array(design.panel.channels)
    active, paid, organic = (int(mask.sum()) for mask in (design.active, design.paid, design.organic))
    split = normal(0, priors.split_sd, paid)
    values = {
        "half_life": np.exp(normal(*priors.half_life_log, active)),
        "half_saturation": np.exp(normal(*priors.half_saturation_log, active)),
        "paid_share_logit": normal(*priors.paid_share_logit),
        "paid_split": split - split.mean(-1, keepdims=True),
        "organic_share": np.exp(normal(*priors.organic_log_share, organic)),
        "level": normal(1.0, 0.02, 1),
        "coefficient": normal(0, 0.1, design.n_terms),
        "sigma": np.abs(normal(0, priors.noise_sd, 1)),
    }
    dims = {
        "half_life": ("decaying",),
        "half_saturation": ("channel",),
        "paid_share_logit": (),
        "paid_split": ("paid",),
        "organic_share": ("organic",),
        "level": ("group",),
        "coefficient": ("term",),
        "sigma": ("group",),
    }
    coords = {
        "decaying": tuple(names[design.active]),
        "channel": tuple(names[design.active]),
        "paid": tuple(names[design.paid]),
        "organic": tuple(names[design.organic]),
        "group": design.panel.groups,
        "term": tuple(range(design.n_terms)),
    }
    if not organic:
        values.pop("organic_share")
    stats = {name: np.ones((CHAINS, DRAWS)) for name in ("n_steps", "step_size")}
    stats |= {"diverging": np.zeros((CHAINS, DRAWS)), "energy": normal(0, 1)}
    samples = Samples(values, {name: dims[name] for name in values}, coords, stats, {"compile": 0.0, "sample": 0.0})
    return FittedMedia(design, priors, model.project, samples)
