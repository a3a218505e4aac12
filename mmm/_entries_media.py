"""Entries of the findings about channels, levers, controls and history: the ones that warn and go on."""

from __future__ import annotations

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "D130": Entry(
        "Channel that never changes",
        "warning",
        "The channel has the same exposure in every period. Its effect cannot be told from the baseline: whatever "
        "the model reports is what it believed before it saw the data.",
        "Read its ROI as an assumption. A test that switches it off in some regions or weeks would measure it.",
    ),
    "D131": Entry(
        "Channel that is always zero",
        "warning",
        "The channel has no spend and no exposure in the whole period. It keeps its prior, and a plan that gives it "
        "money does so on that belief alone.",
        "Take the channel out, or check that its column is the right one.",
    ),
    "D132": Entry(
        "Spend without exposure",
        "warning",
        "In some periods money was spent and no exposure recorded. The model sees exposure, so this money buys "
        "nothing that it can see: the channel's ROI falls, although the media may well have worked. Late or missing "
        "delivery reports are the usual cause.",
        "Get the missing exposure. Failing that, let the channel run on its spend (leave out exposure), or end the "
        "channel's history where the reports end.",
    ),
    "D133": Entry(
        "Exposure without spend",
        "warning",
        "In some periods there was exposure and no spend: the media were free, or were paid in another period. Their "
        "effect counts towards the channel, so its ROI looks better than the media were.",
        "Book spend in the period in which the media ran. If the exposure was free, split it off as an organic "
        "channel.",
    ),
    "D134": Entry(
        "Cost per exposure jumps",
        "warning",
        "What a unit of exposure costs differs by more than a factor of three between years (or halves of a short "
        "history). Often the way of counting changed: from impressions to views, from thousands to units, from one "
        "provider to another.",
        "Check whether the column means the same all along. If not, rescale the old part, or split the channel in two.",
    ),
    "D135": Entry(
        "Channels that move together",
        "warning",
        "Two channels rise and fall together (correlation beyond 0.9). Their sum can be known while its split "
        "cannot: the intervals of both get wide, and a plan that moves money between them rests on belief.",
        "Judge the two as one, merge them, or vary one without the other for some weeks. A lift test on one of them "
        "helps most.",
    ),
    "D136": Entry(
        "Channel that the others predict",
        "warning",
        "The other channels together explain the channel almost wholly (variance inflation beyond 10), though no "
        "single one may. What is left to learn its effect from is less than a tenth of its movement.",
        "Merge channels that are bought together, or leave out those too small to matter.",
    ),
    "D137": Entry(
        "Control that copies media",
        "warning",
        "A control moves with a channel (correlation beyond 0.95). Either it is caused by the media (site visits, "
        "branded search) and takes their effect away, or it stands for the same thing and the two share one effect "
        "at random.",
        "Leave the control out if media cause it. If it drives the budget instead, keep it, and read the channel's "
        "interval as it is: wide.",
    ),
    "D138": Entry(
        "Control that media move",
        "warning",
        "The control is declared as lying between media and the KPI. Holding it fixed takes away the part of the "
        "media's effect that goes through it, so all ROIs are too low.",
        "Take it out of controls unless you want the direct effect only.",
    ),
    "D139": Entry(
        "Fewer rows than parameters",
        "warning",
        "The model has more unknowns than the data have rows after the first l_max ones. It still runs, because priors "
        "fill in, but much of the answer then is prior.",
        "Merge small channels, drop controls and events that do little, or bring more history.",
    ),
    "D140": Entry(
        "Rows in the future",
        "warning",
        "Some dates lie after today. They may be plans or forecasts, and a model that learns from forecasts learns "
        "what the forecaster believed.",
        "Keep actual values only; plans belong in [plan].",
    ),
    "D141": Entry(
        "Last period may not be over",
        "note",
        "By today's date, the last period has begun and not ended. If its row is a part of a period, it looks like a "
        "fall of the KPI.",
        'Leave it out until it is over. If your dates are the last days of their weeks, say date_marks = "end".',
    ),
    "D142": Entry(
        "Last period looks incomplete",
        "warning",
        "In the last period the KPI and all spends fall together, far below anything recent. That is what a period "
        "looks like that was exported before it was over.",
        "Leave the last row out, or export it again when the period is booked in full.",
    ),
    "D143": Entry(
        "KPI of zero",
        "warning",
        "The KPI is exactly zero in some periods: shops were closed, or nothing was recorded. A zero that is a hole "
        "pulls every effect down.",
        "If these are holes, get the true values or start after them. If they are closures, name the dates in an "
        "event column.",
    ),
    "D144": Entry(
        "KPI near zero on average",
        "warning",
        "The KPI's mean is small beside its spread. Shares of the KPI, on which the default priors and several "
        "tables rest, mean little then.",
        "Check the KPI's unit and sign. For a net figure (sales less returns), gross sales make a better KPI.",
    ),
    "D145": Entry(
        "Negative KPI",
        "note",
        "The KPI is below zero in some periods. That is legal, as with revenue net of returns, and the model takes "
        "it as it is.",
        "Nothing to do if the KPI is a net figure; otherwise check the rows.",
    ),
    "D146": Entry(
        "Group column with one group",
        "note",
        "The group column holds one name only, so there is nothing to pool over and the model is a national one.",
        "Leave out group, or check whether the export kept all groups.",
    ),
    "D147": Entry(
        "Group names that look alike",
        "warning",
        "Some group names differ only in upper and lower case or in blanks. They are treated as different groups.",
        "Write each group's name in one way.",
    ),
    "D148": Entry(
        "Event that never changes",
        "warning",
        "An event column has one value in all rows that are scored, or differs between groups only. Nothing can be "
        "learned from an event that never or always takes place; the first l_max rows only warm up the carry-over.",
        "Take it out of events, or mark the periods in which the event took place.",
    ),
    "D149": Entry(
        "Lever that never changes",
        "warning",
        "The lever does not change within any group over the rows that are scored (the first l_max ones only warm up "
        "the carry-over). A difference between groups is part of their levels, so nothing is learned and its "
        "contribution is zero.",
        "Take the lever out, or check whether its column is the right one.",
    ),
    "D150": Entry(
        "Control that never changes",
        "warning",
        "The control does not change within any group over the rows that are scored (the first l_max ones only warm "
        "up the carry-over), so it cannot explain why the KPI changes. A difference between groups is part of their "
        "levels.",
        "Take the control out, or check whether its column is the right one.",
    ),
    "D151": Entry(
        "Starts with zeros, then never zero",
        "warning",
        "The column begins with a block of zeros and is above zero ever after. That is what a column looks like "
        "whose recording began later: the zeros mean unknown, and the model would read them as a true low level and "
        "as a sudden rise.",
        "Start the data where the recording starts, or fill in the true values. If the zeros are true, keep them.",
    ),
    "D152": Entry(
        "Event that is only partly there",
        "note",
        "An event column holds values between 0 and 1. They are read as the share of the period in which the event "
        "took place.",
        "Nothing to do if that is what they are.",
    ),
    "D153": Entry(
        "Columns that say the same",
        "warning",
        "Two controls, events or levers are nearly copies of each other (correlation beyond 0.99). They share one "
        "effect between them at random.",
        "Keep one of the two, the one you would rather explain to others.",
    ),
    "D154": Entry(
        "No holiday to learn from",
        "note",
        "No holiday of the country's calendar occurs twice in the data and in some periods only, so no holiday "
        "effect is modelled.",
        "Nothing to do. With a year of data or more, the yearly season takes up a part of it; a holiday that matters "
        "can be marked in an event column.",
    ),
    "D155": Entry(
        "Channel that is hardly ever on",
        "warning",
        "The channel ran in so few periods that each of them decides its effect, together with whatever else "
        "happened then.",
        "Read its interval rather than its mean, or merge it with a channel of the same kind.",
    ),
    "D156": Entry(
        "Few rows for each parameter",
        "note",
        "There are only a few rows for each unknown of the model. It is workable, but priors carry part of the answer.",
        "See which channels are called weakly identified, and merge or drop small ones.",
    ),
    "D157": Entry(
        "Media cost more than the KPI is worth",
        "warning",
        "The spend of all paid channels is more than 60 % of the whole KPI's value. Either the two are in different "
        "units or currencies, or the KPI covers only a part of what the media sell.",
        "Check the units (thousands?), the currency and value_per_kpi. ROIs are small by arithmetic here.",
    ),
    "D158": Entry(
        "Channel of another size",
        "warning",
        "A typical period of the channel has more than twenty times as much exposure in one year as in another. "
        "Either the way of counting changed, or the channel faded out or grew up. The model puts all of it on one "
        "curve, so small years are lost in its beginning, and what the channel does today is mostly inferred from "
        "another time.",
        "If the counting changed, rescale. If the channel truly faded or grew, set no store by its answer for the "
        "small years, or start the data where today's level begins.",
    ),
    "D159": Entry(
        "Lever's reference outside what was seen",
        "warning",
        "The lever's contribution is counted from its reference, the value at which it does nothing. The lever never "
        "had this value, so its contribution is an extrapolation and grows with the distance.",
        'Take a reference within the range, or "min", "max" or "mean".',
    ),
    "D160": Entry(
        "History was restated",
        "warning",
        "Dates that were in the previous fit came again with other values. The new fit differs from the old one for "
        "that reason too, not only because of new periods.",
        "Find out who changed the history and why; if it was a mistake, export again.",
    ),
    "D161": Entry(
        "History was dropped",
        "warning",
        "Dates or groups that were in the previous fit are no longer there. What the model learned from them is gone "
        "too.",
        "Check the export's date range. If they were dropped on purpose, nothing is wrong.",
    ),
    "D162": Entry(
        "Columns differ from the previous fit",
        "note",
        "The channels, controls or levers are not those of the previous fit, so effects are not one to one comparable.",
        "Nothing to do if the change was meant.",
    ),
    "D163": Entry(
        "No season in the model",
        "note",
        "There is less than a year of data (365 days, 52 weeks or 12 months), and within one a yearly wave cannot be "
        "told from the trend. The model has no yearly season, stated or not; daily data keep their weekdays. What the "
        "time of year does to the KPI may be credited to media that follow it.",
        "Bring a year or more of data. Until then, let a control that follows the time of year stand for it, such as "
        "the temperature.",
    ),
    "D164": Entry(
        "Holidays left out",
        "note",
        "Some holidays of the country's calendar occur fewer than twice in the data, or in the same way in every "
        "period, so their effect cannot be told from whatever else happened then. The model has the others only.",
        "Nothing to do if the left-out ones do not matter. One that does can be marked in an event column.",
    ),
    "D165": Entry(
        "Media history before the KPI",
        "note",
        "The first periods of the table have media and no KPI, in any group. They tell what earlier media did to the "
        "first periods with a KPI: with as many of them as l_max less one, no row with a KPI is lost to the warm-up of "
        "the carry-over. Controls, levers, events and values may be empty there, and are not used.",
        "Nothing to do if the KPI truly begins later. If it was lost in these periods, write it in.",
    ),
    "D166": Entry(
        "How two group columns were understood",
        "note",
        "Effects may differ over both dimensions of a panel. Where each value of one column comes with one value only "
        "of the other, they are nested, such as stores in regions; otherwise they are crossed, such as geos by brands, "
        "and only the combinations that occur are groups.",
        "Nothing to do if that is what they are. Names that are used again for another thing need to be made unique.",
    ),
    "D167": Entry(
        "Frequency below one",
        "warning",
        "The average number of contacts of the people reached is below one, and everybody who was reached had at least "
        "one. Mostly the frequency is an average over the whole target group, or reach was counted over a longer time.",
        "Divide the period's impressions by the number of people reached at least once in that period.",
    ),
    "D168": Entry(
        "Control that looks like a mediator",
        "warning",
        "A mediator is something that media move on their way to the KPI: site visits, brand searches, app openings, "
        "leads. Held fixed as a control, it takes away the part of the media's effect that goes through it, and ROIs "
        "come out too low. This control follows media of earlier periods, beyond trend and season and more than media "
        "follow it, and the KPI moves with it. That is what a mediator looks like; it is a sign and no proof.",
        "If media cause it, take it out of controls. If you want the direct effect only, declare it in mediators. If "
        "it has causes of its own that move the KPI too, such as the weather or a competitor, keep it.",
    ),
}
