"""What the customers of a project are worth: from its tables of purchases to a fitted model with its check."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from outlay.project import ProjectSection
from outlay.sampling import OnProgress
from segmentation.clv import FittedClv, fit_clv
from segmentation.clv_checks import Source
from segmentation.clv_holdout import Early
from segmentation.config import CustomersSection
from segmentation.customers import Customers

_SHORTEST = 14.0
"""Days that both parts of the time must have at least for a holdout to say anything."""


def worth(
    customers: Customers,
    section: CustomersSection,
    about: ProjectSection,
    early: Early | None = None,
    on_progress: OnProgress | None = None,
) -> FittedClv | None:
    """Fit the lifetime value of customers; None where their purchases are not known.

    Parameters
    ----------
    customers : Customers
    section : CustomersSection
        Its ``clv`` says model, months and discount.
    about : ProjectSection
        Interval level, currency, seed.
    early : Early, optional
        For the holdout check: :func:`early` of the customers as of :func:`early_day`.
    on_progress : callable, optional
        Is given a :class:`outlay.sampling.Progress` a few times a second.

    Raises
    ------
    DataError
        K070 where nobody bought again, K072 or K073 where rows cannot be.
    TrustError
        Where a density is not a number wherever its chains may start.
    """
    if customers.purchases is None:
        return None
    source = Source(customers.source, customers.word, customers.lines)
    return fit_clv(customers.purchases, section.clv, about, early=early, source=source, on_progress=on_progress)


def early_day(customers: Customers, section: CustomersSection) -> dt.date | None:
    """The day that parts the time for the holdout check; None where none is asked for or the time is too short."""
    if customers.purchases is None or customers.as_of is None or section.clv.holdout == 0:
        return None
    span = float(np.nanmax(customers.purchases["age"].to_numpy(dtype=float, na_value=np.nan), initial=0.0))
    later = round(span * section.clv.holdout)
    if min(later, span - later) < _SHORTEST:
        return None
    return customers.as_of - dt.timedelta(days=int(later))


def early(now: Customers, then: Customers) -> Early:
    """Purchases as of an earlier day with what came since, of customers who had bought by then.

    Raises
    ------
    ValueError
        Where one of the two has no purchases or no day.
    """
    if now.purchases is None or then.purchases is None or now.as_of is None or then.as_of is None:
        raise ValueError("a holdout check needs purchases with days, now and then")
    before = then.purchases.set_axis(pd.Index(then.ids), axis=0)
    before = before[before["frequency"].notna()]
    frequency = now.purchases["frequency"].set_axis(pd.Index(now.ids), axis=0).reindex(before.index)
    later = frequency.to_numpy(float) - before["frequency"].to_numpy(float)
    known = ~np.isnan(later)
    days = float((now.as_of - then.as_of).days)
    return Early(before[known].reset_index(drop=True), np.maximum(later[known], 0.0), days)
