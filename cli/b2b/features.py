"""What is known of a lead on the day it comes: about twenty columns of mixed type, and the rule-based score."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cli.b2b.channels import CHANNELS
from cli.b2b.world import SEGMENTS

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

INDUSTRIES = ("manufacturing", "software", "finance", "health", "retail", "logistics", "energy", "other")
_INDUSTRY_EFFECT = (0.10, 0.35, 0.25, 0.05, -0.15, 0.00, 0.10, -0.40)
_LEVELS = ("c_level", "director", "senior", "junior")
_LEVEL_PARTS = ((0.40, 0.45, 0.12, 0.03), (0.06, 0.40, 0.44, 0.10), (0.01, 0.06, 0.48, 0.45), (0.00, 0.01, 0.14, 0.85))
_FUNCTIONS = ("it", "operations", "finance", "marketing", "other")
_MISSING = {
    "annual_revenue_musd": 0.22,
    "technology_fit": 0.25,
    "intent_score": 0.30,
    "employees": 0.07,
    "industry": 0.04,
}


def draw_features(segment: Codes, cause: Codes, persona: Codes, rng: np.random.Generator) -> pd.DataFrame:
    """Columns of the table of leads, in its order; an unseen interest ties those of behaviour together."""
    n = len(segment)
    interest = rng.standard_normal(n)
    frame = pd.concat([_behaviour(interest, cause, rng), _company(segment, persona, rng)], axis=1)
    frame["rule_score"] = _rule_score(frame, rng)
    for name, part in _MISSING.items():
        frame[name] = frame[name].mask(pd.Series(rng.random(n) < part))
    return frame


def feature_effect(frame: pd.DataFrame) -> Array:
    """What the features add to the logit, with a mean of about zero; a missing cell adds nothing."""
    pricing = np.minimum(frame["pricing_page_views"], 4)
    effect = 0.28 * pricing + 0.10 * np.log1p(frame["web_visits_30d"]) + 0.16 * frame["email_clicks"].clip(upper=4)
    effect += 0.25 * frame["attended_webinar"] + 0.45 * frame["asked_for_demo"] - 0.55 * frame["free_email"]
    effect += 0.009 * (frame["intent_score"].fillna(45.0) - 45.0) + 0.9 * (frame["technology_fit"].fillna(0.5) - 0.5)
    effect += frame["industry"].map(dict(zip(INDUSTRIES, _INDUSTRY_EFFECT, strict=True))).fillna(0.0)
    effect += 0.30 * frame["existing_customer"] - 0.0025 * frame["days_since_first_visit"].clip(upper=120)
    # clever shoppers are at work: neither a night nor a phone is where software is bought
    effect -= 0.30 * frame["hour"].isin([0, 1, 2, 3, 4, 5, 22, 23]) + 0.12 * (frame["device"] == "phone")
    return np.asarray(effect - 0.62, float)


def _behaviour(interest: Array, cause: Codes, rng: np.random.Generator) -> pd.DataFrame:
    n = len(interest)
    paid = cause < len(CHANNELS)
    visits = rng.poisson(np.exp(1.1 + 0.55 * interest))
    return pd.DataFrame(
        {
            "web_visits_30d": visits,
            "pages_per_visit": np.round(1.0 + rng.gamma(2.0, 0.9, n) * np.exp(0.15 * interest), 1),
            "pricing_page_views": rng.binomial(np.minimum(visits, 12), 1.0 / (1.0 + np.exp(1.7 - 0.7 * interest))),
            "days_since_first_visit": np.round(rng.gamma(1.1, 24.0, n)).astype(np.int64),
            "content_downloads": rng.poisson(np.exp(-0.2 + 0.25 * interest)),
            "email_opens": rng.poisson(2.2, n),
            "email_clicks": rng.poisson(np.exp(-0.9 + 0.45 * interest)),
            "attended_webinar": (rng.random(n) < np.where(cause == list(CHANNELS).index("webinars"), 0.85, 0.07)),
            "asked_for_demo": (rng.random(n) < 1.0 / (1.0 + np.exp(2.6 - 0.8 * interest))),
            "device": rng.choice(["desktop", "phone", "tablet"], n, p=[0.66, 0.29, 0.05]).astype(object),
            "hour": np.clip(np.round(rng.normal(13.5, 4.2, n)), 0, 23).astype(np.int64),
            "form_seconds": np.round(rng.lognormal(np.where(paid, 3.4, 3.6), 0.6)).astype(np.int64),
        }
    )


def _company(segment: Codes, persona: Codes, rng: np.random.Generator) -> pd.DataFrame:
    n = len(segment)
    middle = np.array([each.employees for each in SEGMENTS.values()])[segment]
    employees = np.maximum(np.round(middle * rng.lognormal(0.0, 0.7, n)), 1)
    edges = np.array(_LEVEL_PARTS).cumsum(1)[persona][:, :-1]
    level = np.minimum((rng.random(n)[:, None] > edges).sum(1), len(_LEVELS) - 1)
    parts = [0.16, 0.20, 0.13, 0.12, 0.13, 0.08, 0.05, 0.13]
    return pd.DataFrame(
        {
            "employees": employees,
            "annual_revenue_musd": np.round(employees * 0.19 * rng.lognormal(0.0, 0.5, n), 2),
            "industry": rng.choice(INDUSTRIES, n, p=parts).astype(object),
            "company_age_years": np.round(rng.gamma(2.2, 8.0, n), 1),
            "job_level": np.array(_LEVELS, object)[level],
            "job_function": rng.choice(_FUNCTIONS, n, p=[0.34, 0.24, 0.14, 0.13, 0.15]).astype(object),
            "existing_customer": rng.random(n) < 0.08,
            "free_email": rng.random(n) < np.array([0.05, 0.08, 0.34, 0.03, 0.10])[segment],
            "technology_fit": np.round(rng.beta(3.0, 3.0, n), 3),
            "intent_score": np.round(np.clip(rng.normal(45.0, 20.0, n), 0, 100)).astype(float),
        }
    )


def _rule_score(frame: pd.DataFrame, rng: np.random.Generator) -> NDArray[np.int64]:
    """Points out of 100 as a committee gives them: many for titles and downloads, which say little."""
    points = frame["job_level"].map({"c_level": 26.0, "director": 20.0, "senior": 10.0, "junior": 2.0})
    points += 6.0 * frame["content_downloads"].clip(upper=4) + 1.5 * frame["email_opens"].clip(upper=6)
    points += 6.0 * (frame["employees"] > 200) + 6.0 * (frame["pricing_page_views"] > 0)
    points += 2.0 * np.minimum(frame["web_visits_30d"], 6) + 14.0 * frame["asked_for_demo"]
    return np.asarray(np.clip(np.round(points + rng.normal(0.0, 7.0, len(frame))), 0, 100), np.int64)
