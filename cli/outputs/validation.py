"""What ``outlay validate`` and the multiverse of ``outlay fit`` print with ``--json``."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from outlay.document import Document, Number


class VerdictRow(Document):
    """One check of ``outlay validate``."""

    id: str = Field(description="See outlay explain.")
    about: str
    status: Literal["good", "watch", "bad", "open"] = Field(description="open: the check could not be made.")
    what: str
    repair: str = Field(description="What to do; empty where nothing is.")
    channels: list[str] = Field(description="Channels that it is about; empty for the whole model.")
    barred: list[str] = Field(description="Channels whose numbers must not be used.")


class UseRow(Document):
    """One channel: what it returned, where that comes from, and whether to use it."""

    channel: str
    paid: bool
    share_mean: Number
    share_hdi_low: Number
    share_hdi_high: Number
    roi_mean: Number
    roi_hdi_low: Number
    roi_hdi_high: Number
    verdict: str = Field(description="informed by data, mostly prior or not identified.")
    use: Literal["good", "watch", "bad"] = Field(description="watch: with care; bad: do not use.")
    ids: str = Field(description="Ids of the verdicts that speak against it.")


class FoldRow(Document):
    """Scores of forecasts: of one origin, or of one group over all origins (null is all groups)."""

    origin: str | None = None
    group: str | None = None
    crps: Number = Field(description="Continuous ranked probability score, in the unit of the KPI; smaller is better.")
    naive_crps: Number = Field(description="The same of repeating the same period last year, or the last value.")
    skill: Number = Field(description="One minus the ratio of the two.")
    mape: Number = Field(description="Mean of |error| / |actual| over values that are not zero.")
    naive_mape: Number
    wmape: Number = Field(description="Sum of |error| over sum of |actual|.")
    naive_wmape: Number
    naive: str = Field(description="What was repeated.")
    inside_50: Number = Field(description="Share of values inside their 50 % interval.")
    inside_80: Number
    inside_90: Number
    converged: bool | None = Field(default=None, description="Whether the chains of that origin's fit met.")


class CoverageRow(Document):
    """How many values lay inside their intervals."""

    level: float
    share: Number
    error: Number = Field(description="Standard error of the share.")


class PredictiveRow(Document):
    """A statistic of the KPI beside those of data that the model drew."""

    statistic: str
    actual: Number
    low: Number
    high: Number
    p: Number = Field(description="Share of the model's draws that are larger.")


class InfluenceRow(Document):
    """A period that the fit hangs on."""

    date: str
    group: str
    elpd: Number
    khat: Number


class MoveRow(Document):
    """How far one channel's answer moved in one refit, in posterior sds."""

    refit: str
    channel: str
    share_before: Number
    share_after: Number
    share_moved: Number
    roi_before: Number
    roi_after: Number
    roi_moved: Number


class PlaceboRow(Document):
    """A channel that did nothing."""

    placebo: str
    source: str
    share_mean: Number
    share_low: Number
    share_high: Number
    caught: bool = Field(description="Whether the 90 % interval leaves zero out.")


class InformedRow(Document):
    """Prior and posterior of one channel."""

    channel: str
    verdict: str
    contraction: Number
    overlap: Number = Field(description="Common area of prior and posterior, 0 to 1.")
    half_life_contraction: Number
    half_life_overlap: Number
    half_saturation_contraction: Number
    half_saturation_overlap: Number
    roi_leans_on: str


class PairRow(Document):
    """Two channels that are only known together."""

    one: str
    other: str
    correlation: Number = Field(description="Of their contributions in the posterior.")
    exposure_correlation: Number
    relative_sd_one: Number
    relative_sd_other: Number
    relative_sd_sum: Number
    contribution_mean: Number
    contribution_low: Number
    contribution_high: Number
    roi_mean: Number
    roi_low: Number
    roi_high: Number


class TradeRow(Document):
    """Share of the doubt about a channel that trend and season account for."""

    channel: str
    explained: Number


class DemandRow(Document):
    """Whether a channel's exposure follows surprises of the KPI."""

    channel: str
    p: Number
    correlation: Number


class MisfitRow(Document):
    """Whether the residuals still follow a channel's exposure."""

    channel: str
    part: Literal["curve", "carry-over"]
    p: Number = Field(description="Of an F test, times the number of tests.")


class ValidateOutput(Document):
    """``outlay validate``."""

    run: str
    fit: str
    trusted: bool
    status: Literal["good", "watch", "bad", "open"]
    sentence: str
    quick: bool
    horizon: int
    verdicts: list[VerdictRow]
    channels: list[UseRow]
    skill: Number = Field(default=None, description="Null where there was no cross-validation.")
    skill_error: Number = None
    zeros: int | None = Field(default=None, description="Values of zero, which MAPE leaves out.")
    failed_folds: list[str] = Field(default_factory=list)
    coverage: list[CoverageRow] = Field(default_factory=list)
    in_sample_coverage: list[CoverageRow]
    folds: list[FoldRow]
    scores: list[FoldRow]
    predictive: list[PredictiveRow]
    elpd_loo: Number
    elpd_loo_error: Number
    p_loo: Number
    khat_limit: Number
    influential: list[InfluenceRow]
    stability: list[MoveRow]
    placebos: list[PlaceboRow]
    mediators: list[MoveRow]
    informed: list[InformedRow]
    pairs: list[PairRow]
    baseline_trades: list[TradeRow]
    demand: list[DemandRow]
    misfits: list[MisfitRow]


class ModelRow(Document):
    """What one model of the multiverse says about one channel."""

    specification: str = Field(description="What is otherwise than stated.")
    channel: str
    adjustment: str = Field(description="Controls that are left out; averages are made within the stated controls.")
    roi_median: Number
    roi_low: Number
    roi_high: Number
    share_median: Number
    share_low: Number
    share_high: Number
    weight: Number = Field(description="Stacking weight; null outside the stated controls.")


class RangeRow(Document):
    """One channel over the multiverse."""

    channel: str
    roi_plain_median: Number = Field(description="Of the stated model.")
    roi_plain_low: Number
    roi_plain_high: Number
    roi_least: Number = Field(description="Smallest median over all models, unweighted.")
    roi_most: Number
    roi_averaged_median: Number = Field(description="Of the stacked mixture within the stated controls.")
    roi_averaged_low: Number
    roi_averaged_high: Number
    share_plain_median: Number
    share_plain_low: Number
    share_plain_high: Number
    share_least: Number
    share_most: Number
    share_averaged_median: Number
    share_averaged_low: Number
    share_averaged_high: Number
    choice: str | None = Field(default=None, description="The choice that moves the channel most.")
    effect: Number = Field(default=None, description="By how much, as a share of the mean over models.")


class EffectRow(Document):
    """What one option does to one channel."""

    channel: str
    choice: str
    option: str
    effect: Number = Field(description="Change against the stated option, as a share of the mean over models.")
    moves: Number = Field(description="Distance between the choice's highest and lowest option.")


class ModelFinding(Document):
    """A finding of the multiverse."""

    id: str
    severity: Literal["error", "warning", "note"]
    where: str
    what: str
    repair: str


class MultiverseOutput(Document):
    """The multiverse of ``outlay fit --multiverse``."""

    run: str
    folder: str
    fit: str
    cap: int
    possible: int = Field(description="Combinations of all choices.")
    fitted: int
    choices: dict[str, list[str]]
    weights: dict[str, float] = Field(description="Stacking weights; empty where none could be made.")
    scores: dict[str, float] = Field(description="Mean log predictive density of periods left out.")
    failed: list[str]
    hdi: float
    ranges: list[RangeRow]
    models: list[ModelRow]
    effects: list[EffectRow]
    findings: list[ModelFinding]


TABLES: dict[str, type[Document]] = {
    "channels": UseRow,
    "folds": FoldRow,
    "scores": FoldRow,
    "predictive": PredictiveRow,
    "stability": MoveRow,
    "placebos": PlaceboRow,
    "mediators": MoveRow,
    "informed": InformedRow,
    "pairs": PairRow,
    "baseline_trades": TradeRow,
    "demand": DemandRow,
    "misfits": MisfitRow,
}
"""What each row of a validation run's tables is."""
