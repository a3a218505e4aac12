"""The facts: one table for each thing that is measured, told from what one row is."""

from __future__ import annotations

from cli.star.columns import Column, Table, link, number, spread, text, truth, whole

_RUN = link("run_key", "dim_run", "The run that found it.")
_CHANNEL = link("channel_key", "dim_channel", "The channel.")
_GROUP = link("group_key", "dim_group", "The group; (all) is the total over groups.")
_SEGMENT = link("segment_key", "dim_segment", "The segment; (all) is the total over segments.")
_KIND = text("kind", "paid, organic, lever, baseline, or total (all paid media together).", always=True)
_HDI = number("hdi", "Probability inside the intervals.")
_UNIT = text("outcome_unit", "Unit of outcome and contribution.", always=True)
_CURRENCY = text("currency", "Currency of the spend.", always=True)
_FOUR = ("mean", "median", "hdi_low", "hdi_high")

CONTRIBUTION = Table(
    "fact_contribution",
    "What one component brought in one period: a row per run, period, component and group.",
    (
        _RUN,
        link("date_key", "dim_date", "The period, by the date in the data."),
        _CHANNEL,
        _GROUP,
        _KIND,
        *spread("contribution", "Part of the outcome, in `outcome_unit`."),
        _UNIT,
        _HDI,
    ),
    ("run_key", "date_key", "channel_key", "group_key", "kind"),
)

OUTCOME = Table(
    "fact_outcome",
    "The outcome of one period beside what the model says of it: a row per run, period and group.",
    (
        _RUN,
        link("date_key", "dim_date", "The period, by the date in the data."),
        _GROUP,
        number("actual", "Outcome in the data, in `outcome_unit`."),
        *spread("fitted", "Outcome that the model predicts, in `outcome_unit`."),
        _UNIT,
        _HDI,
    ),
    ("run_key", "date_key", "group_key"),
)

ROI = Table(
    "fact_roi",
    "What a channel returned over the fit's whole window: a row per run, channel and group.",
    (
        _RUN,
        _CHANNEL,
        _GROUP,
        _KIND,
        link("window_start_key", "dim_date", "First period of the window."),
        link("window_end_key", "dim_date", "Last period of the window."),
        number("spend", "Spend in the window, in `currency`; null for an organic channel."),
        *spread("contribution", "Outcome that it caused in the window, in `outcome_unit`.", *_FOUR),
        *spread("share", "Share of the outcome, 0 to 1.", *_FOUR),
        *spread("roi", "Outcome per unit of currency spent, effects after the window included.", *_FOUR),
        *spread("mroi", "Outcome of the last unit of currency spent.", *_FOUR),
        *spread("cpa", "Currency per KPI unit; null for a revenue KPI.", "median", "hdi_low", "hdi_high"),
        number("contraction", "How much the data narrowed the prior: 0 not at all, 1 completely."),
        text("identified", "Whether the data, and not the prior, decided: yes, weak or no; null for a total."),
        text("warning", "Id of the gravest warning; `outlay explain ID` tells more."),
        _UNIT,
        _CURRENCY,
        _HDI,
    ),
    ("run_key", "channel_key", "group_key", "kind"),
)

CURVE = Table(
    "fact_curve",
    "One point of a response curve: a row per run, channel, group and point.",
    (
        _RUN,
        _CHANNEL,
        _GROUP,
        whole("point", "Number of the point, by spend, from 1."),
        number("spend", "Constant spend per period, in `currency`.", always=True),
        *spread("outcome", "Response per period, in `outcome_unit`."),
        truth("extrapolated", "Beyond the spend that was seen.", always=True),
        truth("is_current", "At the current average spend.", always=True),
        text("period", "day, week or month."),
        _UNIT,
        _CURRENCY,
        _HDI,
    ),
    ("run_key", "channel_key", "group_key", "point"),
)

_SCENARIO = link("scenario_key", "dim_scenario", "The scenario that the run answers.")
_PLAN_WINDOW = (
    link("window_start_key", "dim_date", "First period of the plan."),
    link("window_end_key", "dim_date", "Last period of the plan."),
)

PLAN = Table(
    "fact_plan",
    "A plan's spend over its window: a row per run, channel and group.",
    (
        _RUN,
        _SCENARIO,
        _CHANNEL,
        _GROUP,
        *_PLAN_WINDOW,
        number("reference_spend", "Spend of the reference plan, in `currency`."),
        number("spend", "Spend of this plan, in `currency`."),
        number("change", "Spend less reference spend, in `currency`."),
        number("change_share", "The same as a share of the reference spend: 0.1 is 10 % more."),
        number("lower", "Least that the rules allow, in `currency`."),
        number("upper", "Most that the rules allow, in `currency`."),
        number("mroi", "Outcome of one more unit of currency."),
        text("binding", "The rule that holds the spend where it is."),
        *spread("outcome", "Outcome that the spend causes, in `outcome_unit`."),
        number("reference_outcome_mean", "The same of the reference plan. Posterior mean."),
        *spread("roi", "Outcome per unit of currency spent."),
        truth("extrapolated", "More than any window of this length in the data.", always=True),
        _UNIT,
        _CURRENCY,
        _HDI,
    ),
    ("run_key", "channel_key", "group_key"),
)

PLAN_PERIOD = Table(
    "fact_plan_period",
    "A plan's spend in one period: a row per run, period, channel and group.",
    (
        _RUN,
        _SCENARIO,
        link("date_key", "dim_date", "The period, by the date as the data write it."),
        _CHANNEL,
        _GROUP,
        number("reference_spend", "Spend of the reference plan, in `currency`."),
        number("spend", "Spend of this plan, in `currency`."),
        _CURRENCY,
    ),
    ("run_key", "date_key", "channel_key", "group_key"),
)

PLAN_TOTAL = Table(
    "fact_plan_total",
    "A plan as a whole: a row per run.",
    (
        _RUN,
        _SCENARIO,
        *_PLAN_WINDOW,
        whole("periods", "Number of periods."),
        text("objective", "What was looked for.", always=True),
        text("status", "How good the plan is proven to be."),
        text("reference_plan", "What the reference plan is."),
        number("budget", "Spend of the plan, in `currency`."),
        number("reference_budget", "Spend of the reference plan, in `currency`."),
        *spread("expected", "Outcome that the plan's spend causes, in `outcome_unit`."),
        *spread("reference", "The same of the reference plan, in `outcome_unit`."),
        *spread("gain", "Outcome over that of the reference plan, in `outcome_unit`."),
        *spread("roi", "Outcome per unit of currency spent."),
        *spread("profit", "Margin times outcome less spend, in `currency`; null without a margin."),
        *spread("profit_gain", "Profit over that of the reference plan, in `currency`."),
        number("p_better", "Probability that the plan beats the reference plan."),
        number("goal", "Goal for the outcome of the window, baseline included, in `outcome_unit`."),
        number("p_goal", "Probability that the window reaches the goal."),
        number("upper_bound", "What the objective of no plan within the rules can exceed."),
        number("gap", "How far below the best plan this one can be, as a share."),
        _UNIT,
        _CURRENCY,
        _HDI,
    ),
    ("run_key",),
)

SCORECARD = Table(
    "fact_scorecard",
    "A measure against its goal: a row per run, kind of period, period, part and measure.",
    (
        _RUN,
        link("date_key", "dim_date", "First day of the month or year."),
        link("through_key", "dim_date", "Last day that is counted."),
        text("kind", "month (a whole one), to_date (the running month), or year.", always=True),
        _SEGMENT,
        link("group_key", "dim_group", "The region; (all) is the total over regions."),
        text("origin", "Who made the leads; (all) is everybody.", always=True),
        text("measure", "A stage of the funnel, or value.", always=True),
        number("counted", "Counted by the day of the table, in `unit`."),
        number("to_come", "Expected of leads that are there already, in `unit`."),
        number("expected", "Counted and to come, in `unit`."),
        number("goal", "Goal of the whole period, in `unit`."),
        number("goal_by_now", "Part of the goal that is usually reached by that day, in `unit`."),
        number("pace", "Expected over the goal by now: 1 is on pace."),
        *spread("ends", "How the period ends, in `unit`.", "mean", "low", "high"),
        number("p_goal", "Probability that the period reaches its goal."),
        number("before", "Expected of the month before, in `unit`; to date: of the same days of it."),
        number("change", "Relative change from that: 0.1 is 10 % more."),
        number("change_low", "Lower end of its interval by chance alone."),
        number("change_high", "Upper end of its interval by chance alone."),
        text("unit", "leads, or the currency.", always=True),
        _HDI,
    ),
    ("run_key", "kind", "date_key", "segment_key", "group_key", "origin", "measure"),
)

SCORECARD_RATE = Table(
    "fact_scorecard_rate",
    "A rate between two stages, of leads that had their time: a row per run, month, part and step.",
    (
        _RUN,
        link("date_key", "dim_date", "First day of the month in which the leads were created."),
        _SEGMENT,
        link("group_key", "dim_group", "The region; (all) is the total over regions."),
        text("origin", "Who made the leads; (all) is everybody.", always=True),
        text("after", "The stage that the step starts from.", always=True),
        text("stage", "The stage that is reached.", always=True),
        number("trials", "Leads that had their time to make the step."),
        number("successes", "Those that made it."),
        number("rate", "Successes over trials, 0 to 1."),
        number("rate_low", "Lower end of Jeffreys' interval of probability `hdi`."),
        number("rate_high", "Upper end of it."),
        _HDI,
    ),
    ("run_key", "date_key", "segment_key", "group_key", "origin", "after", "stage"),
)

_PART: tuple[Column, ...] = (
    _RUN,
    _SEGMENT,
    link("channel_key", "dim_channel", "The channel of the leads; (all) is all channels."),
    text("dimension", "What the row is told by: all, segment, channel, segment x channel, or another.", always=True),
    text("level", "The level of that dimension.", always=True),
)

CONVERSION = Table(
    "fact_conversion",
    "The rate of one step of the funnel, observed and modelled: a row per run, part and step.",
    (
        *_PART,
        text("after", "The stage that the step starts from.", always=True),
        text("stage", 'The stage that is reached, or "end to end".', always=True),
        number("leads", "Leads of the lead mix, young ones included."),
        number("trials", "Leads that had their time to make the step; null end to end."),
        number("successes", "Those that made it; null end to end."),
        number("observed_rate", "Observed rate, 0 to 1; end to end, the product of the steps' rates."),
        *spread("rate", "Modelled rate, 0 to 1.", "mean", "low", "high"),
        _HDI,
    ),
    ("run_key", "dimension", "level", "after", "stage"),
)

LEAD_VALUE = Table(
    "fact_lead_value",
    "What a lead is worth: a row per run and part.",
    (
        *_PART,
        number("leads", "Leads of the lead mix."),
        *spread("value_per_lead", "Expected money of a lead, in `currency`.", "mean", "low", "high"),
        *spread("value_per_deal", "Money of a lead that reaches the last stage, in `currency`.", "mean", "low", "high"),
        _CURRENCY,
        _HDI,
    ),
    ("run_key", "dimension", "level"),
)

SEGMENT = Table(
    "fact_segment",
    "One segment of customers: a row per run and segment.",
    (
        _RUN,
        _SEGMENT,
        whole("number", "Number of the segment, the largest value first."),
        number("customers", "How many customers, by weight where there are weights."),
        number("size_share", "Share of all customers, 0 to 1."),
        number("value", "What they spent in total, in `currency`."),
        number("value_share", "Share of the value of all customers, 0 to 1."),
        number("value_per_customer", "In `currency`."),
        number("value_per_customer_low", "Lower end of its interval of probability `hdi`."),
        number("value_per_customer_high", "Upper end of it."),
        number("sureness", "Mean over its customers: 1 is sure, 0 as near to a second segment."),
        number("stability", "How much of it comes back in resamples: 1 is all."),
        number("p_alive", "Mean probability that a customer still buys; null without lifetime values."),
        *spread("clv", "Discounted lifetime value per customer, in `currency`.", "mean", "low", "high"),
        *spread("clv_total", "The same of all its customers, in `currency`.", "mean", "low", "high"),
        _CURRENCY,
        _HDI,
    ),
    ("run_key", "segment_key"),
)

FACTS: tuple[Table, ...] = (
    CONTRIBUTION,
    OUTCOME,
    ROI,
    CURVE,
    PLAN,
    PLAN_PERIOD,
    PLAN_TOTAL,
    SCORECARD,
    SCORECARD_RATE,
    CONVERSION,
    LEAD_VALUE,
    SEGMENT,
)
