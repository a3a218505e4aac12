"""The shop: its four kinds of customers, and what is true of each.

The table has the columns of the well-known customer-personality table (2,240 customers of a delicatessen, 29 columns);
kinds, numbers and people are made up here. Nothing in this module is drawn: a seed only decides who comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

CUSTOMERS = 2_240
FIRST_DAY = date(2012, 7, 30)
LAST_DAY = date(2014, 6, 29)
"""First and last day on which somebody joined the shop's club; orders go two years back for all."""
AS_OF = date(2014, 6, 30)
"""Day on which the tables were taken."""
FIRST_ORDERS = (730, 550)
"""Days before that between which customers bought for the first time."""
LEFT = (0.10, 0.97)
"""Parts of the time since then after which customers who have stopped stopped."""

SPEND = (
    "MntWines",
    "MntFruits",
    "MntMeatProducts",
    "MntFishProducts",
    "MntSweetProducts",
    "MntGoldProds",
)
"""Money spent by category in the last two years."""
CAMPAIGNS = ("AcceptedCmp1", "AcceptedCmp2", "AcceptedCmp3", "AcceptedCmp4", "AcceptedCmp5", "Response")
"""Campaigns in their order in time; who accepted."""
PROGRAMME = "AcceptedCmp4"
"""The campaign that made people spend more; the others found people who spend more."""
PROGRAMME_EFFECT = 0.15
"""Its effect on the logarithm of what a customer spends."""
EDUCATION = ("Basic", "Graduation", "2n Cycle", "Master", "PhD")
MARRIED = ("Married", "Together", "Single", "Divorced", "Widow")


@dataclass(frozen=True)
class Kind:
    """What is true of one kind of customers; money in EUR.

    Attributes
    ----------
    share : float
        Part of the customers.
    born, born_sd : float
        Mean and sd of the year of birth.
    income, income_sd : float
        Mean and sd of the household's income in a year.
    kids, teens : tuple of float
        Parts with 0, 1 and 2 small children, and teenagers, at home.
    education, married : tuple of float
        Parts of the levels of ``EDUCATION`` and ``MARRIED``.
    spend, spread : float
        Median of what is spent in two years by those who have not stopped, and the sd of its logarithm.
    basket : tuple of float
        Parts of the categories of ``SPEND``.
    orders : tuple of float
        Means of orders on the web, by catalogue and in the store, for one who spends the median and has not stopped.
    deals, visits : float
        Means of purchases with a discount, and of visits of the website in a month.
    lapsed : float
        Part that has stopped buying, which no table says.
    accepts : tuple of float
        Log-odds of accepting each campaign.
    """

    share: float
    born: float
    born_sd: float
    income: float
    income_sd: float
    kids: tuple[float, float, float]
    teens: tuple[float, float, float]
    education: tuple[float, ...]
    married: tuple[float, ...]
    spend: float
    spread: float
    basket: tuple[float, ...]
    orders: tuple[float, float, float]
    deals: float
    visits: float
    lapsed: float
    accepts: tuple[float, ...]


KINDS: dict[str, Kind] = {
    "connoisseurs": Kind(
        share=0.24,
        born=1968,
        born_sd=13,
        income=77_000,
        income_sd=8_500,
        kids=(0.98, 0.02, 0.0),
        teens=(0.92, 0.08, 0.0),
        education=(0.002, 0.53, 0.10, 0.158, 0.21),
        married=(0.37, 0.26, 0.24, 0.09, 0.04),
        spend=1_450,
        spread=0.28,
        basket=(0.45, 0.05, 0.33, 0.07, 0.05, 0.05),
        orders=(5.0, 6.0, 8.3),
        deals=1.1,
        visits=2.6,
        lapsed=0.10,
        accepts=(-1.35, -3.4, -2.6, -2.1, -1.15, -1.15),
    ),
    "wine_and_teens": Kind(
        share=0.28,
        born=1961,
        born_sd=8,
        income=58_000,
        income_sd=8_500,
        kids=(0.90, 0.10, 0.0),
        teens=(0.07, 0.88, 0.05),
        education=(0.003, 0.49, 0.06, 0.177, 0.27),
        married=(0.40, 0.27, 0.19, 0.11, 0.03),
        spend=690,
        spread=0.38,
        basket=(0.63, 0.03, 0.19, 0.03, 0.02, 0.10),
        orders=(6.3, 3.0, 7.3),
        deals=3.6,
        visits=5.6,
        lapsed=0.18,
        accepts=(-3.1, -4.2, -2.7, -1.75, -3.9, -2.3),
    ),
    "young_families": Kind(
        share=0.32,
        born=1976,
        born_sd=8,
        income=30_500,
        income_sd=8_000,
        kids=(0.16, 0.82, 0.02),
        teens=(0.96, 0.04, 0.0),
        education=(0.05, 0.50, 0.13, 0.17, 0.15),
        married=(0.38, 0.26, 0.26, 0.09, 0.01),
        spend=80,
        spread=0.60,
        basket=(0.32, 0.07, 0.29, 0.10, 0.07, 0.15),
        orders=(2.0, 0.45, 3.0),
        deals=1.9,
        visits=7.0,
        lapsed=0.32,
        accepts=(-5.5, -6.0, -2.4, -5.2, -6.5, -2.15),
    ),
    "full_house": Kind(
        share=0.16,
        born=1963,
        born_sd=8,
        income=43_000,
        income_sd=8_500,
        kids=(0.12, 0.82, 0.06),
        teens=(0.04, 0.90, 0.06),
        education=(0.01, 0.48, 0.07, 0.17, 0.27),
        married=(0.41, 0.26, 0.18, 0.12, 0.03),
        spend=140,
        spread=0.60,
        basket=(0.62, 0.02, 0.20, 0.03, 0.02, 0.11),
        orders=(2.9, 0.9, 3.7),
        deals=2.9,
        visits=6.4,
        lapsed=0.25,
        accepts=(-4.5, -5.5, -2.9, -3.3, -6.0, -2.6),
    ),
}
