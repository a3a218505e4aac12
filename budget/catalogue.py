"""What the optimizer can say: refusals P001 to P029 and P070 to P089, warnings P030 to P049, notes P050 to P069."""

from __future__ import annotations

from budget._entries_leads import LEADS_ENTRIES
from budget._entries_rules import RULE_ENTRIES
from outlay.findings import Catalogue, Entry

_REFUSALS = {
    "P001": Entry(
        "unknown channel or group",
        "error",
        "A rule or a plan file names a channel or a group that the fitted model does not have. Nothing is guessed: a "
        "misspelt name would silently drop a rule.",
        "Write the name as it stands in [[media.channels]] or in the group column. If the channel is new in the "
        "project file, fit again first: the plan uses the fitted model.",
    ),
    "P002": Entry(
        "organic channel in a rule",
        "error",
        "The channel has no spend column, so it has a contribution but no cost. There is no spend to plan.",
        "Take the channel out of the rule. If it does cost money, give it a spend column in [[media.channels]] and fit "
        "again.",
    ),
    "P003": Entry(
        "a rule's least is above its most",
        "error",
        "The rules on one channel (min, max, max_change, and the range seen where no max is given) leave no amount "
        "that satisfies all of them. The message gives both amounts.",
        "Lower the min, raise the max, or widen max_change; max_change counts from the reference plan after it was "
        "rescaled to the budget. A channel without a max of its own stays inside the range seen: raise margin_of_range "
        "or give it a max.",
    ),
    "P004": Entry(
        "the least amounts are above the budget",
        "error",
        "The smallest spend that the rules on channels demand is, added up, more than the whole budget.",
        "Raise [plan] budget to at least the sum that the message gives, or lower some min (or widen max_change).",
    ),
    "P005": Entry(
        "the most amounts are below the budget",
        "error",
        "The largest spend that the rules on channels allow is, added up, less than the budget. The optimizer spends "
        "the whole budget, so it cannot keep every rule.",
        "Lower [plan] budget to at most the sum that the message gives, or raise some max (or widen max_change). "
        "Channels without a max stay inside the range seen: raise margin_of_range or give them a max of their own.",
    ),
    "P006": Entry(
        "share rules cannot hold",
        "error",
        "A share rule contradicts itself, other share rules, or the least and most amounts of its channels.",
        "Compare the share times the budget with the amounts in the message and change one of the two. Channels "
        "without a max stay inside the range seen: raise margin_of_range or give them a max of their own.",
    ),
    "P007": Entry(
        "rules conflict together",
        "error",
        "Each rule could hold alone, but not all of those in the message at once. The list is as small as it can be: "
        "without any one of them the others can hold.",
        "Relax or drop one rule of the list.",
    ),
    "P008": Entry(
        "window outside what the model can speak of",
        "error",
        "The start lies before the data or after the future that was prepared when the model was fitted, or the "
        "window reaches beyond that future.",
        "Choose a start between the days that the message names (any day of a period means that period), or fewer "
        "periods, or fit again with newer data.",
    ),
    "P009": Entry(
        "reference plan cannot be built",
        "error",
        "The data do not hold the periods that the reference plan needs, or those periods hold no spend at all.",
        'Choose another [plan] reference ("last", "last_year" or a CSV file), fewer periods, or another start.',
    ),
    "P010": Entry(
        "plan file cannot be used",
        "error",
        "A plan file needs the columns channel and spend, and for models with groups a group column; a date column is "
        "optional. Amounts must be numbers of zero or more, and no cell may stand there twice.",
        "Mend the rows that the message names. A plan written by outlay plan can serve as a pattern.",
    ),
    "P012": Entry(
        "the solver gave no answer",
        "error",
        "No plan could be found and checked: the time allowed ran out before one that keeps all rules and the target "
        "was met, or a program was not solved to optimality. An inaccurate answer is never reported as a plan.",
        "Raise [plan] time_limit where the message speaks of time, or loosen the target or a minimum-or-nothing. "
        "Otherwise look for amounts that differ by many orders of magnitude between channels, and report the case with "
        "its project file if they do not.",
    ),
    "P013": Entry(
        "a channel that cannot be planned is required",
        "error",
        "A rule demands spend on a channel or group for which no cost per exposure is known, because no spend of it "
        "was ever seen. Its response to money cannot be computed.",
        "Take out the rule, or fit on data in which the channel has spend.",
    ),
    "P015": Entry(
        "no paid channel to plan",
        "error",
        "A plan spreads money over paid channels, and the fitted model has none: its channels are organic, or it could "
        "not estimate those that are paid.",
        "Give a channel its spend column in [[media.channels]] and fit again. outlay roi and outlay report work "
        "without paid channels.",
    ),
    "P016": Entry(
        "channel that the model could not estimate",
        "error",
        "A rule or a plan file names a paid channel that is in the project file, but the data that were fitted show no "
        "exposure or no spend of it. What its money brings is not known, so it cannot be planned.",
        "Take the channel out of the rule or the plan file (its money is outside of the plan and the budget), or fit "
        "on data in which it ran.",
    ),
    "P018": Entry(
        "no baseline for a window in which effects multiply",
        "error",
        'The model was fitted with likelihood = "log": media multiply the baseline, so a plan needs the forecast of '
        "that baseline in its window. The fit holds it for the periods after the data only.",
        "Start the window after the data, and fit again with newer data where it reaches beyond the forecast. To plan "
        'the past again, fit with likelihood = "normal" or "student_t".',
    ),
    "P080": Entry(
        "profit or ROI of an outcome that is not money",
        "error",
        "Profit, a target ROI and a target marginal ROI compare outcome with spend, so the outcome has to be money; "
        "and profit needs to know how much of a unit of outcome is profit.",
        'For a KPI in units give [media] value_per_kpi and fit again, or plan for "outcome", "target_cpa" or '
        '"target_kpi". For profit state [project] margin, for example margin = 0.35.',
    ),
    "P081": Entry(
        "cost per unit of an outcome that is money",
        "error",
        "A target CPA is spend per unit of outcome, which means something for orders, leads or sign-ups and not for "
        "money.",
        'Write objective = "target_roi": a cost of 0.25 per unit of revenue is an ROI of 4.',
    ),
    "P082": Entry(
        "capacity beside freely timed carry-over",
        "error",
        "A capacity downstream limits the outcome of some channels. Where channels that carry over are timed freely, "
        "their periods share one response, and this version cannot prove an optimum under both.",
        'Give these channels a timing ("reference", "even" or a pattern), or limit their spend instead.',
    ),
    "P083": Entry(
        "a channel under two capacities",
        "error",
        "Every channel and group counts against one capacity at most: the outcome that one team works is not worked by "
        "another.",
        "Name channels and groups so that no cell lies in two [[plan.capacity]].",
    ),
    "P084": Entry(
        "a target that counts a baseline which is not known",
        "error",
        'With target_counts = "all" the target contains the baseline of the window, and the fit holds a forecast of it '
        "for the periods after the data only.",
        'Start the window after the data, or write target_counts = "media" with a target for what media bring.',
    ),
    "P086": Entry(
        "a scenario file that cannot be used",
        "error",
        "A scenario file holds keys of [plan], at the top or under [plan], that replace those of the project file; "
        "lists of rules, and tables such as risk, are replaced as a whole. The file could not be read, or a key does "
        "not fit.",
        "Mend the key that the message names; outlay schema lists all of them.",
    ),
    "P087": Entry(
        "plans that cannot be compared",
        "error",
        "Plans are compared draw by draw, so there must be two or more, of the same fit and the same window, and each "
        "needs a name of its own.",
        "Plan the scenarios on one fit (outlay plan --scenario a.toml b.toml) and give them different names.",
    ),
    "P085": Entry(
        "target out of reach",
        "error",
        "Even the plan that comes nearest misses the target within the rules. The message says by how much on the "
        "draws that choose the plan.",
        "Lower the target, widen the limits (budget_max, max_change, margin_of_range), or accept the nearest plan: "
        'plan with objective = "outcome" and read its ROI.',
    ),
}

_WARNINGS = {
    "P030": Entry(
        "extrapolation",
        "warning",
        "A rule or the reference plan lets a channel spend more than was seen in any window of that length, plus the "
        "margin. There the curve is the model's assumption and not an observation.",
        "Lower the max, or treat the part above the range as an experiment and measure it with a lift test.",
    ),
    "P031": Entry(
        "spend between the data and the window is assumed",
        "warning",
        "The window starts after the end of the data. What is spent in between carries over into the window; it was "
        "taken from the same periods one year before, or from the mean of the last periods.",
        "Start the window right after the data, or refresh the data and fit again.",
    ),
    "P032": Entry(
        "the gain is uncertain",
        "warning",
        "On draws that the optimizer did not see, the interval of the gain over the reference plan includes zero. The "
        "plan is the best guess, and the data do not settle that it is better.",
        "Move in smaller steps (max_change), or measure the channels with the widest ROI intervals with a lift test.",
    ),
    "P033": Entry(
        "the reference plan breaks rules",
        "warning",
        "The plan to compare with does not satisfy the rules, so the recommended plan may be worse than it: the "
        "difference is the price of the rules.",
        "Read the gain with that in mind, or relax the rules that the message names.",
    ),
    "P034": Entry(
        "channels missing in a plan file",
        "warning",
        "The plan file does not name every channel and group of the model. Those that it leaves out were counted as no "
        "spend.",
        "Write them into the file, with zero where nothing is to be spent.",
    ),
    "P035": Entry(
        "channel without known cost",
        "warning",
        "No spend of this channel was seen in this group, so its cost per exposure is not known. Its spend was kept at "
        "zero.",
        "Fit on data in which the channel has spend.",
    ),
    "P036": Entry(
        "the plan breaks rules",
        "warning",
        "The plan that was brought does not satisfy the rules of [plan], or misses the target on the draws that choose "
        "plans. The proof of the best plan does not speak of it, so it has no gap.",
        "Change the plan, the rules or the target, and evaluate again.",
    ),
    "P037": Entry(
        "the optimum is not proven to the usual accuracy",
        "warning",
        "The gap between the plan's value and the proven upper bound is larger than aimed at.",
        "The plan is at most that much below the best one; use it if that is near enough.",
    ),
    "P038": Entry(
        "reference plan out of a plan file covers other dates",
        "warning",
        "The dates in the plan file do not fall into the plan's window. Their order was kept and their dates were not.",
        "Write the dates of the window into the file, or set [plan] start to the file's first date.",
    ),
    "P039": Entry(
        "money outside of the plan",
        "warning",
        "The model could not estimate these paid channels, so the plan says nothing about them. What they spent in the "
        "periods of the reference plan is neither in that plan, nor in the recommended one, nor in the budget.",
        "Take their money off the total before you write [plan] budget, or fit on data in which they ran.",
    ),
    "P040": Entry(
        "the last of the budget brings less than it costs",
        "warning",
        "At this budget one more unit of currency brings less than one unit of outcome, even under the best plan. What "
        "counts for profit is the margin on the outcome, which is smaller still.",
        "Plan with a smaller budget and see where one more unit brings 1 / margin; or keep the budget if other "
        "reasons, such as long-term effects that the model does not hold, speak for it.",
    ),
    "P041": Entry(
        "an effect that can be negative",
        "warning",
        "In some posterior draws more spend on this channel lowers the outcome. The plan and its proof allow for that, "
        "but a channel whose sign the data do not know should not be moved far.",
        "Fit the channel with a belief that is never negative (prior family lognormal, and the lognormal hierarchy in "
        "a panel; sign for a lever), or hold it with max_change until a lift test has told its sign.",
    ),
    "P042": Entry(
        "the probability of the goal is not known",
        "warning",
        "A goal is an outcome of the window with its baseline, and the fit holds a forecast of the baseline for the "
        "periods after the data only.",
        "Start the window after the data.",
    ),
    "P043": Entry(
        "the target is out of reach for any plan",
        "warning",
        "The plan that was brought was judged, but no plan within the rules reaches the target, so there is no best "
        "plan to compare with and no certificate. The expected outcome told beside it (optimum) is that of the plan "
        "that comes nearest to the target.",
        "Lower the target, or widen the limits (budget_max, max_change, margin_of_range).",
    ),
}

_NOTES = {
    "P050": Entry(
        "range kept",
        "note",
        "The optimizer kept every channel and group between zero and the largest spend seen in any window of the same "
        "length plus [plan] margin_of_range, because beyond it the response was never observed.",
        'Raise margin_of_range, write margin_of_range = "none", or give the channel a max of its own.',
    ),
    "P051": Entry(
        "budget taken from the reference plan",
        "note",
        "The project file states no [plan] budget, so the total of the reference plan was used.",
        "State [plan] budget.",
    ),
    "P052": Entry(
        "reference plan rescaled",
        "note",
        "The reference plan's own total differs from the budget. It was rescaled in proportion, so that both plans "
        "spend the same.",
        "State a budget equal to the reference plan's total to compare with what was really spent.",
    ),
    "P053": Entry(
        "even timing assumed",
        "note",
        "The reference plan has no spend for this channel or group, so there is no timing to keep. Its spend was "
        "spread evenly over the window.",
        "Give a reference plan as a CSV file with dates to state the timing.",
    ),
    "P054": Entry(
        "reference plan kept",
        "note",
        "No plan within the rules is better than the reference plan on the draws used for choosing, so the reference "
        "plan was returned.",
        "Nothing to mend. Wider rules may leave more room.",
    ),
    "P055": Entry(
        "plan file spread over groups",
        "note",
        "The plan file has no groups, so each channel's amount was spread over the groups in proportion: to the "
        "reference plan where the file is a plan to judge, and to the last periods before the window where it is the "
        "reference plan itself. A channel without spend there was spread evenly.",
        "Add a group column to the file.",
    ),
    "P056": Entry(
        "value after the known future",
        "note",
        "Effects after the window reach beyond the periods for which a value per unit of KPI is known. The last known "
        "value was used.",
        "Fit with a longer future, or set carry_over_after = false.",
    ),
    "P057": Entry(
        "a change limit around nothing",
        "note",
        "max_change is a share of the reference plan's spend. Where that plan spends nothing, any share of it is "
        "nothing, so the channel stays at zero however good it is.",
        "Give the channel a max of its own in [[plan.bounds]] with max_change left out, or plan against "
        'reference = "last_year" if it ran then.',
    ),
    "P058": Entry(
        "a response that never flattens",
        "note",
        "The channel was fitted without saturation (or measured by reach and frequency, of which a plan moves reach), "
        "so each unit of currency brings as much as the one before, however many there are. The best plan puts such a "
        "channel at one of its limits: the range seen, a rule, or what the others leave.",
        "Read its amount as a direction and not as an optimum, give it a max of its own, or fit it with a saturation "
        "if its returns should diminish (a lever has none: give it a max).",
    ),
    "P059": Entry(
        "a response that starts infinitely steep",
        "note",
        "A root, or a Hill curve with an exponent below one, rises infinitely steeply from zero. The first money of "
        "such a channel always looks worth spending, so the plan gives it something, unless a rule holds it at zero.",
        "Doubt small amounts in such a channel: they follow from the family and were hardly observed. Give it a max, "
        'or fit it with saturation = "hill" and slope = 1, whose first unit has a finite return.',
    ),
    "P060": Entry(
        "late carry-over is left out",
        "note",
        "Effects multiply the baseline, and for the last periods after the window the fit holds no forecast of it. "
        "What the plan would bring in them does not count, in the plan and in the reference plan alike.",
        "Fit with a longer future, or set carry_over_after = false to stop at the window's end.",
    ),
    "P062": Entry(
        "the last periods look better than they are",
        "note",
        'Effects after the window count, and spend_after = "none" assumes no spend there. Late spend then meets an '
        "empty market afterwards, so the best timing puts more into the last periods than a plan that goes on would.",
        'Leave spend_after out (spend then goes on as in the reference plan), or write spend_after = "reference".',
    ),
    "P061": Entry(
        "an S-shaped response",
        "note",
        "The channel was fitted with a Hill exponent above one, so its response first rises ever faster and only then "
        "flattens. Such channels have several local optima, and the best plan gives them either little or a lot. The "
        "proof allows for it: where each channel's total has one timing, the plan is the best of all, and where weeks "
        "are decided the gap says how far it can be from it.",
        "Doubt plans at the corners: the exponent is barely identified in national data. Fit with slope = 1 unless a "
        "lift test has shown a threshold, or hold the channel with max_change.",
    ),
}

CATALOGUE = Catalogue({**_REFUSALS, **_WARNINGS, **_NOTES, **RULE_ENTRIES, **LEADS_ENTRIES})
"""Every id of the optimizer."""
