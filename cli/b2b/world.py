"""The company: its segments, regions and channels, and what is true of each.

Nothing here is drawn; a seed only decides what happens in this world. The numbers are of the order that a software
company with an inside and a field sales team would find plausible, and are nobody's data.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

LEADS = 73_000
WEEKS = 78
FIRST_WEEK = date(2024, 1, 1)  # a Monday
AS_OF = FIRST_WEEK + timedelta(weeks=WEEKS)
"""Day on which the tables were taken: the Monday after the last week."""
QUARTER = 13
"""Weeks of a quarter: what the next plan and the seller hours are about."""
BURN_IN = 16
"""Weeks of spend before the first one, so that carry-over has something to carry."""
LAUNCH = date(2025, 2, 3)
"""Day of a product launch, which raised the conversion of one segment."""
LAUNCH_SEGMENT = "mid_market"
LAUNCH_EFFECT = 0.55
"""Its effect on the logit from lead to opportunity."""


@dataclass(frozen=True)
class Segment:
    """What is true of a segment.

    Attributes
    ----------
    share : float
        Part of the baseline's leads.
    parts : dict of str to float
        Sub-segments and their parts.
    to_sqo, to_won : float
        Logit of each transition for a middling lead.
    value, spread : float
        Median of a deal in USD, and the sd of its logarithm.
    days_to_sqo, days_to_won : float
        Medians of the delays.
    employees : float
        Median size of a company.
    hours : float
        Seller hours that working one lead takes.
    load : float
        Hours that the latest quarter's leads would have taken, over the hours at hand: above 1, they bind.
    ambition : float
        Goal over what was to be expected.
    """

    share: float
    parts: dict[str, float]
    to_sqo: float
    to_won: float
    value: float
    spread: float
    days_to_sqo: float
    days_to_won: float
    employees: float
    hours: float
    load: float
    ambition: float


SEGMENTS: dict[str, Segment] = {
    "enterprise": Segment(
        share=0.11,
        parts={"global_accounts": 0.35, "national_accounts": 0.65},
        to_sqo=-1.3,
        to_won=-1.5,
        value=90_000,
        spread=0.75,
        days_to_sqo=34,
        days_to_won=75,
        employees=4_200,
        hours=9.0,
        load=1.9,
        ambition=1.12,
    ),
    "mid_market": Segment(
        share=0.26,
        parts={"upper_mid": 0.3, "core_mid": 0.45, "lower_mid": 0.25},
        to_sqo=-1.65,
        to_won=-1.15,
        value=28_000,
        spread=0.65,
        days_to_sqo=22,
        days_to_won=50,
        employees=420,
        hours=5.0,
        load=1.5,
        ambition=1.05,
    ),
    "small_business": Segment(
        share=0.39,
        parts={"growing": 0.4, "steady": 0.4, "sole_trader": 0.2},
        to_sqo=-2.15,
        to_won=-0.75,
        value=6_000,
        spread=0.55,
        days_to_sqo=11,
        days_to_won=26,
        employees=28,
        hours=2.0,
        load=0.7,
        ambition=0.97,
    ),
    "public_sector": Segment(
        share=0.09,
        parts={"federal": 0.25, "state_local": 0.75},
        to_sqo=-1.75,
        to_won=-1.25,
        value=55_000,
        spread=0.7,
        days_to_sqo=38,
        days_to_won=85,
        employees=1_500,
        hours=7.0,
        load=0.7,
        ambition=1.08,
    ),
    "education": Segment(
        share=0.15,
        parts={"higher": 0.55, "schools": 0.45},
        to_sqo=-2.3,
        to_won=-0.85,
        value=9_000,
        spread=0.6,
        days_to_sqo=19,
        days_to_won=42,
        employees=350,
        hours=2.5,
        load=0.65,
        ambition=1.0,
    ),
}


@dataclass(frozen=True)
class Region:
    """Accounts that could buy, sub-regions with their parts, effect on both logits, and on the baseline's leads."""

    accounts: int
    parts: dict[str, float]
    effect: float
    pull: float
    trend: float


REGIONS: dict[str, Region] = {
    "north_america": Region(168_000, {"us_east": 0.42, "us_west": 0.38, "canada": 0.20}, 0.15, 1.10, 0.10),
    "europe": Region(132_000, {"uk_ireland": 0.35, "central": 0.40, "south": 0.25}, 0.00, 0.95, 0.04),
    "asia_pacific": Region(88_000, {"anz": 0.45, "southeast_asia": 0.55}, -0.10, 0.90, 0.16),
    "latin_america": Region(52_000, {"brazil": 0.60, "spanish_speaking": 0.40}, -0.20, 1.00, 0.08),
}


UNPAID: dict[str, float] = {"organic_search": 0.46, "direct": 0.33, "referral": 0.21}
"""How leads of the baseline come, and their parts."""
UNPAID_EFFECT: dict[str, tuple[float, float]] = {
    "organic_search": (0.10, 0.05),
    "direct": (0.20, 0.10),
    "referral": (0.60, 0.35),
}
"""Effects of those on the two logits."""

INTERACTIONS: dict[tuple[str, str], tuple[float, float]] = {
    ("enterprise", "trade_shows"): (0.35, 0.20),
    ("enterprise", "paid_search"): (-0.40, -0.20),
    ("enterprise", "professional_network"): (0.20, 0.10),
    ("mid_market", "webinars"): (0.30, 0.15),
    ("small_business", "trade_shows"): (-0.50, -0.20),
    ("small_business", "paid_search"): (0.25, 0.15),
    ("public_sector", "partners"): (0.40, 0.25),
    ("public_sector", "direct_mail"): (0.35, 0.20),
    ("education", "webinars"): (0.25, 0.10),
    ("education", "content_syndication"): (0.35, 0.15),
}
"""Effects of segment and causing channel together, beyond those of each."""

PERSONAS: dict[str, tuple[float, float]] = {
    "executive": (0.14, 0.30),
    "manager": (0.34, 0.15),
    "practitioner": (0.40, -0.10),
    "student_or_other": (0.12, -0.80),
}
"""Personas: part of the leads, effect on the first logit (half of it on the second)."""

TEAMS: dict[str, str] = {
    "enterprise": "field_sales",
    "mid_market": "field_sales",
    "small_business": "inside_sales",
    "public_sector": "public_sales",
    "education": "inside_sales",
}


@dataclass(frozen=True)
class Size:
    """How much of the company is simulated, from one seed."""

    seed: int = 1
    scale: float = 1.0
    leads: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "leads", round(LEADS * self.scale))

    def accounts(self, region: str) -> int:
        """Accounts of a region: a smaller company has fewer, so that leads per account and costs per lead stay."""
        return max(1, round(REGIONS[region].accounts * self.scale))
