"""Dimensions of the model's parameters and the labels on them, whichever way the posterior is sampled."""

from __future__ import annotations

from typing import Any

import numpy as np

from mmm.design import Design


def suffix(design: Design, index: int) -> str:
    """What tells the parameters of one panel dimension from those of another; nothing where there is one."""
    return f"_{index + 1}" if len(design.levels) > 1 else ""


def level_dim(design: Design, index: int) -> str:
    """Name of one panel dimension over which effects vary: the groups themselves where it is the only one."""
    return f"level{suffix(design, index)}" if len(design.levels) > 1 else "group"


def labels(design: Design) -> dict[str, Any]:
    """Labels by dimension; a dimension may be empty."""
    panel, blocks = design.panel, design.blocks
    names = np.array(panel.channels)
    members = {
        "channel": blocks.active,
        "decaying": blocks.decaying,
        "shaped": blocks.shaped,
        "bent": blocks.bent,
        "sloped": blocks.sloped,
        "rooted": blocks.rooted,
        "paid": blocks.pooled,
        "organic": blocks.organic,
        "own": blocks.own,
        "signed": blocks.signed,
        "direct": blocks.direct,
    }
    levels = {level_dim(design, i): list(level.labels) for i, level in enumerate(design.levels)}
    return {
        "group": list(panel.groups),
        "row": range(*design.fit.indices(panel.n_periods)),
        **{dim: names[index].tolist() for dim, index in members.items()},
        **levels,
        "term": range(len(design.free_terms)),
        "centred_term": np.flatnonzero(design.centred).tolist(),
        "raw_term": np.flatnonzero(~design.centred).tolist(),
        "signed_lever": [design.terms[k].component for k in np.flatnonzero(design.signed)],
    }
