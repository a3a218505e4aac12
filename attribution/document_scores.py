"""``score``: graded leads, and how good the grades are."""

from __future__ import annotations

from pydantic import Field

from outlay.document import Document, FindingRow, Number


class ScoreMetricRow(Document):
    """How good one way of scoring is on the test; null where a score is no probability."""

    name: str
    auc: Number = None
    auc_low: Number = None
    auc_high: Number = None
    pr_auc: Number = Field(default=None, description="Area under the precision-recall curve.")
    pr_auc_low: Number = None
    pr_auc_high: Number = None
    log_loss: Number = Field(default=None, description="Mean over leads; smaller is better.")
    log_loss_low: Number = None
    log_loss_high: Number = None
    brier: Number = None
    brier_low: Number = None
    brier_high: Number = None
    intercept: Number = Field(default=None, description="Calibration in the large, on the logit: 0 is calibrated.")
    intercept_low: Number = None
    intercept_high: Number = None
    slope: Number = Field(default=None, description="Of the outcome on the logit of the probability: 1 is calibrated.")
    slope_low: Number = None
    slope_high: Number = None
    calibration_error: Number = Field(default=None, description="Mean |predicted - observed| over tenths of the leads.")
    mean_probability: Number = None
    rate: Number = None
    gain: Number = Field(default=None, description="Log-loss of plain logistic regression less this one's, by lead.")
    gain_low: Number = None
    gain_high: Number = None


class CaptureRow(Document):
    """What one grade of the test holds."""

    by: str = Field(description='"score", or "rules" for the rule-based score.')
    grade: str
    leads: int
    converted: int
    rate: Number = Field(description="Part of the grade's leads that converted.")
    rate_low: Number
    rate_high: Number
    captured: Number = Field(description="Part of all conversions that the grade holds.")
    captured_low: Number
    captured_high: Number
    lift: Number = Field(description="Rate over that of all leads.")
    lift_low: Number
    lift_high: Number
    caught: Number = Field(description="Captured, added up from A.")
    caught_low: Number
    caught_high: Number


class CalibrationRow(Document):
    """Predicted beside observed."""

    by: str = Field(description='"tenth" of the leads by probability, "segment" or "channel".')
    name: str
    leads: int
    converted: int
    predicted: Number
    observed: Number
    observed_low: Number
    observed_high: Number
    inside: bool = Field(description="Whether the predicted rate lies in the interval of the observed one.")


class ProtectedRow(Document):
    """Grades of one level of a protected column, and whether what is said of it comes true."""

    column: str
    level: str
    set: str = Field(description='"test" or "open".')
    leads: int
    top: int = Field(description="Leads graded A or B.")
    rate: Number
    low: Number
    high: Number
    ratio: Number = Field(default=None, description="To the highest rate; surely below 0.8 is told (S026).")
    ratio_low: Number = None
    ratio_high: Number = None
    best: bool = Field(description="Whether its rate is the highest, which the others are compared with.")
    predicted: Number = Field(default=None, description="Mean probability; of the test.")
    converted: int | None = None
    observed: Number = None
    observed_low: Number = None
    observed_high: Number = None
    inside: bool | None = Field(default=None, description="Whether the predicted rate lies in the observed interval.")


class ScoreDriftRow(Document):
    """How far a feature, or the score, has moved from training to test."""

    name: str
    psi: Number = Field(description="Population stability index.")
    verdict: str = Field(description="stable, moved (0.1 or more) or drifted (0.25 or more).")
    what: str


class CaughtRow(Document):
    """A month of the test, graded within itself."""

    month: str
    leads: int
    converted: int
    expected: Number = Field(description="Sum of the probabilities.")
    caught: int = Field(description="Conversions in grades A and B.")
    caught_share: Number
    caught_low: Number
    caught_high: Number
    rules_caught: int | None = None
    rules_caught_share: Number = None
    rules_caught_low: Number = None
    rules_caught_high: Number = None


class ScoreCostRow(Document):
    """What one way of choosing leads would have cost on the test."""

    way: str
    threshold: Number = None
    worked: Number = Field(default=None, description="Leads worked; parts where leads tie at the border.")
    missed: Number = None
    wasted: Number = None
    acted: int | None = Field(default=None, description="Of several classes: decisions other than the commonest.")
    cost: Number
    cost_per_lead: Number
    expected_per_lead: Number = Field(description="The same by the probabilities; near the cost where they are honest.")


class HandOverRow(Document):
    """Which open leads the seller hours of a week are enough for."""

    segment: str = Field(description="Empty where one pool of hours serves all.")
    hours: Number
    leads: int = Field(description="Open leads that have not got there yet.")
    handed: int
    hours_used: Number
    last_grade: str
    last_probability: Number
    expected: Number = Field(description="Conversions expected of the leads handed over.")
    worth: Number = Field(description="Expected value of them; conversions where no value is known.")
    left_out: int
    left_expected: Number
    left_worth: Number


class ScoredLead(Document):
    """An open lead with its reasons; the run's table of scores has all."""

    id: str
    line: int
    created: str | None
    segment: str
    channel: str
    grade: str
    rank: int
    probability: Number
    low: Number = Field(default=None, description="Band of the rate's movement and the recalibration alone.")
    high: Number = None
    rule_grade: str = ""
    worth: Number = None
    handed: bool = False
    reached: bool = False
    decision: str | None = Field(default=None, description="Of several classes: the one that costs least.")
    reasons: str = ""
    history: str = ""


class ClassRow(Document):
    """One class of an outcome that has several."""

    name: str
    leads: int
    predicted: Number
    observed: Number
    observed_low: Number
    observed_high: Number
    inside: bool
    auc: Number = Field(description="Of this class against all others.")
    auc_low: Number
    auc_high: Number
    pr_auc: Number
    pr_auc_low: Number
    pr_auc_high: Number


class TrialRow(Document):
    """An adjustment, and whether it predicted the last part of the training better."""

    name: str
    before: Number
    after: Number
    taken: bool


class ScoreOutput(Document):
    """``outlay score``."""

    run: str | None = Field(description="Null with --dry-run.")
    stage: str = Field(description="What is predicted.")
    currency: str
    hdi: float = Field(description="Probability of every interval.")
    classifier: str
    classifier_losses: dict[str, Number] = Field(
        description="Log-loss of each, adjusted, on leads that it had not seen."
    )
    features: list[str]
    train: int
    test: int
    between: int = Field(description="Leads without an outcome when the test began: neither learnt from nor tested.")
    open: int
    test_from: str | None
    train_rate: Number
    test_rate: Number
    maturity_days: Number
    priced: bool = Field(description="Whether the worth of a lead is money.")
    threshold: Number = Field(description="Probability from which a lead is worth working, by the costs.")
    reasons_method: str
    event: str | None
    event_name: str
    trials: list[TrialRow]
    metrics: list[ScoreMetricRow]
    captures: list[CaptureRow]
    calibration: list[CalibrationRow]
    protected: list[ProtectedRow] = Field(description="By protected columns; empty where none is named.")
    drift: list[ScoreDriftRow]
    months: list[CaughtRow]
    costs: list[ScoreCostRow]
    capacity: list[HandOverRow]
    classes: list[ClassRow]
    leads: list[ScoredLead] = Field(description="The best open leads, or those of the test where none is open.")
    findings: list[FindingRow]
