"""Attribution: which segments and journeys convert, what a lead is worth, and what that says of a channel.

Leads become counts by cell; a hierarchical model says how each segment and channel converts; leads are graded; journeys
are shared out by rule, Markov chain and Shapley value; months stand beside their goals. :mod:`attribution.refine` turns
the leads that the media-mix model counts into money, draw by draw, for `budget` to decide on.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from attribution.captures import capture_table
    from attribution.config import LeadsSection
    from attribution.config_goals import GoalsSection
    from attribution.config_journeys import JourneysSection
    from attribution.config_score import ScoreSection
    from attribution.conversion import ConversionModel, FittedConversion
    from attribution.credit import attribute
    from attribution.goals import read_goals
    from attribution.grades import grade
    from attribution.leads import LeadCells
    from attribution.leads_cells import cells_from_frame, read_cells
    from attribution.leads_frame import lead_rows
    from attribution.markov import removal_effects
    from attribution.scores import score_leads
    from attribution.shapley import rate_game, sum_game

__all__ = [
    "ConversionModel",
    "FittedConversion",
    "GoalsSection",
    "JourneysSection",
    "LeadCells",
    "LeadsSection",
    "ScoreSection",
    "attribute",
    "capture_table",
    "cells_from_frame",
    "grade",
    "lead_rows",
    "rate_game",
    "read_cells",
    "read_goals",
    "removal_effects",
    "score_leads",
    "sum_game",
]

_HOMES = {
    "ConversionModel": "attribution.conversion",
    "FittedConversion": "attribution.conversion",
    "GoalsSection": "attribution.config_goals",
    "JourneysSection": "attribution.config_journeys",
    "LeadCells": "attribution.leads",
    "LeadsSection": "attribution.config",
    "ScoreSection": "attribution.config_score",
    "attribute": "attribution.credit",
    "capture_table": "attribution.captures",
    "cells_from_frame": "attribution.leads_cells",
    "grade": "attribution.grades",
    "lead_rows": "attribution.leads_frame",
    "rate_game": "attribution.shapley",
    "read_cells": "attribution.leads_cells",
    "read_goals": "attribution.goals",
    "removal_effects": "attribution.markov",
    "score_leads": "attribution.scores",
    "sum_game": "attribution.shapley",
}
"""Where the names live. They are imported when asked for: a section of the project file needs no table engine."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
