"""What ``outlay explain`` tells about a fitted media-mix model."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "M001": Entry(
        "A channel that never ran",
        "warning",
        "The channel has no exposure, or only in first rows that warm up the adstock and reach no scored row, so the "
        "data hold nothing about it. It gets no parameters: its row shows its spend and no estimates, the total of "
        "paid media leaves it out, and it cannot be planned.",
        "Take it out of [[media.channels]], or check whether its exposure column is the right one.",
    ),
    "M002": Entry(
        "Not identified: the answer is the prior",
        "warning",
        "After seeing the data, the belief about the channel's effect is at least 80 % as wide as before. Its ROI, "
        "its curve and its place in a plan come from the prior (all media together return what they return, and each "
        "channel about its share of spend), not from your data. That is common for channels that are small, always "
        "on, or move with others.",
        "Do not act on the ROI as if it were measured. Run a lift test or a geo experiment on the channel, vary its "
        "spend on purpose, merge it with channels that always run together, or state what you know in [media.prior].",
    ),
    "M003": Entry(
        "Weakly identified: the data say little",
        "warning",
        "The data narrowed the prior belief about the channel's effect by 20 to 50 %. The interval in the table is "
        "honest, but its middle still leans on the prior.",
        "Read the interval and not the mean. A lift test on the channel is worth most where its spend is large.",
    ),
    "M004": Entry(
        "A return that is hard to believe",
        "warning",
        "The posterior gives the channel a median ROI above 20, or an interval that reaches beyond 40. Far more "
        "often than a real effect this is a cause that the data do not hold: promotions or seasonal demand that "
        "media follow, search that follows demand, or spend that is booked elsewhere.",
        "Look for what moves both the channel and the KPI (promotion calendar, launches, stock, distribution) and "
        "add it as a control or lever. Give a narrower [media.prior] if you know better, and test the channel.",
    ),
    "M005": Entry(
        "Paid media explain most of the outcome",
        "warning",
        "The interval of the total share of paid media reaches beyond 60 % of the outcome. For an established "
        "business that is rarely so; it usually means that media stand in for demand that the baseline does not "
        "describe.",
        "Add what drives demand (season, price, distribution, holidays) and lower [media.prior] paid_share or its sd "
        "if you know that media are a small part.",
    ),
    "M006": Entry(
        "A negative baseline",
        "warning",
        "In some periods the model says that without media the outcome would have been below zero. Sales cannot be; "
        "media or levers are then credited with more than there was.",
        "Add what drives demand (season, price, distribution, holidays), and see M005. For a net KPI (returns "
        "included) it can be right; where the KPI itself falls below zero in a scored row, this warning is left out.",
    ),
    "M007": Entry(
        "A poor fit",
        "warning",
        "The model explains less than half of the variance of the outcome within the sample. Whatever moves the rest "
        "may also move with media, and then their effects are biased.",
        "Look at the residuals in the report: which weeks stand out, and what happened then? Add it as event, "
        "control or lever.",
    ),
    "M008": Entry(
        "Residuals with memory",
        "warning",
        "Neighbouring residuals are correlated beyond 0.3: something slow is missing from the model, and intervals "
        "are too short because the model counts related weeks as independent.",
        "Add the slow cause (price, distribution, competition), or raise [media] seasonality.",
    ),
    "M009": Entry(
        "Carry-over that may be longer than its window",
        "warning",
        "By the posterior of its half-life, the probability is above 20 %, and above twice the prior's, that more "
        "than a tenth of the channel's effect comes later than l_max periods after the exposure. The model counts "
        "only what comes within l_max, so its contribution and ROI may be too low. Slow effects, such as those of "
        "brand media, look to a short window like a part of the baseline.",
        "Raise [media] l_max if you have enough rows (the first l_max rows only warm up the adstock), or bring older "
        "media rows with an empty KPI. State a half-life prior where you know better.",
    ),
    "M010": Entry(
        "What the first rows are for",
        "note",
        "What ran before the table is unknown, and to take it as nothing would be wrong. So the first l_max rows only "
        "fill the adstock: they are not scored, and all tables are about the rows after them. Rows with media and an "
        "empty KPI before the first KPI, at least l_max less one of them, do that work, and then every KPI is scored.",
        "Nothing to mend. Put older media rows with an empty KPI in front if you have them; a smaller [media] l_max "
        "scores more rows too, and cuts longer carry-over.",
    ),
    "M011": Entry(
        "Exposure without any spend in the scored rows",
        "note",
        "The channel is declared as paid but nothing was spent on it in the scored rows, so the belief about it is "
        "that of an organic channel and it has no ROI.",
        "Take out its `spend` key if it is free, or check the spend column.",
    ),
    "M012": Entry(
        "The previous fit could not be compared",
        "note",
        "The run before this one is damaged, or was made under another format, so it is not known whether the "
        "history was restated since.",
        "Nothing to mend here; `outlay runs` lists the runs that cannot be read.",
    ),
    "M013": Entry(
        "The data pull against the prior",
        "warning",
        "After the data the belief about the channel's effect is wider than before. That happens where the data ask "
        "for an effect that the prior holds for unlikely, and neither gives way. Mostly the data mean another cause "
        "that moves with the channel, such as promotions or demand that media follow; sometimes the prior is wrong.",
        "Look for that cause and add it as control, event or lever. If you have reason to expect a larger effect, "
        "say so in [media.prior]. A lift test decides.",
    ),
    "M014": Entry(
        "A belief about an ROI that does not exist",
        "error",
        "The channel's own prior is on its ROI, which is outcome over spend. There is none where the KPI is a count "
        "without a value, or where nothing was spent in the scored rows.",
        'Put the prior on = "share" (share of the KPI caused) or on = "coefficient", or state value_per_kpi.',
    ),
    "M015": Entry(
        "Beliefs that leave no room for a baseline",
        "error",
        "In the middle of their own priors these channels together would cause more than 60 % of the KPI. ROI priors "
        "multiply with spend, so a large spend turns a moderate ROI into most of the KPI; the model would then fit "
        "the beliefs and not the data.",
        "Lower the ROI priors, or widen them, or leave the channels to the prior on all paid media. "
        "`outlay check --prior` shows what the priors imply.",
    ),
    "M016": Entry(
        "Slow movement that the model does not explain",
        "warning",
        "The residuals rise and fall over months, beyond what a model with the right baseline would leave once in a "
        "hundred fits (an F test of straight lines that turn at five places). Demand moved for a reason that is not "
        "in the table. Where media moved with it, up or down, they got the credit or the blame, and no interval "
        "holds that.",
        "Set [media] knots so that the trend may bend, or add the cause: prices, distribution, competition, the "
        "economy. Then see how the ROIs move; `outlay fit --multiverse` shows it for all of them at once.",
    ),
    "M017": Entry(
        "A curve or a carry-over that the data contradict",
        "warning",
        "The residuals still follow the channel's exposure in a way that its curve, or its carry-over, cannot make: a "
        "response in an S shape, a delay, another decay. A right model is accused once in a hundred fits, over all "
        "channels and both tests together. The ROI is then about a response that is not the channel's.",
        'Curve: try slope = "free", or another saturation. Carry-over: try adstock = "delayed" or "weibull", or a '
        "longer l_max.",
    ),
    "M018": Entry(
        "An effect that trades with the baseline",
        "warning",
        "More than half of the doubt about the channel's contribution is the question whether it was the channel or "
        "trend and season. Its interval holds that doubt only as far as the stated trend and season are right.",
        "Read the channel beside `outlay fit --multiverse`, which shows how its ROI moves with other trends and "
        "seasons. Spend against the season, or a lift test, settles it.",
    ),
    "M019": Entry(
        "Effects that do not add up",
        "warning",
        "The residuals follow the square of the fitted KPI, beyond what a right model leaves once in a hundred fits: "
        "the KPI is further from its middle, or less far, than the sum of the effects. Mostly effects multiply (a "
        "campaign brings more in a strong season), or the season has a sharper peak than its waves can make.",
        'Try [media] likelihood = "log", where effects multiply, or more Fourier terms ([media] seasonality), and '
        "name the events behind the peaks. `outlay validate` tells which form predicts better.",
    ),
    "M050": Entry(
        "Noise that groups share",
        "warning",
        "The model takes the noise of groups as independent. Here good and bad periods come to many groups at once, "
        "so the groups tell less than their number says: intervals of effects and totals are too narrow, by up to the "
        "factor in the message for media that run everywhere at the same time.",
        "Add what the groups share: events, weather, prices, the economy. Media that run in some groups and not in "
        "others are estimated better than national ones; a geo experiment is best.",
    ),
}
