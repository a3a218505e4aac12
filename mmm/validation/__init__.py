"""Does the answer hold? Forecasts, predictive checks, refits, placebos, and what the data could not tell.

Every check is a function of a fitted model, a panel and a :class:`~mmm.validation.refits.Fitter`; its numbers become
:class:`~mmm.validation.verdicts.Verdict` lines in plain words.
"""
