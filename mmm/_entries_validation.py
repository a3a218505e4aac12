"""What ``outlay explain`` tells about the verdicts of ``outlay validate`` and of the multiverse."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "V001": Entry(
        "Forecasts against repeating last year",
        "warning",
        "The model was fitted to the data up to an origin and forecast the periods after it, given the media that "
        "really ran; this was done from several origins. CRPS scores the whole forecast distribution: how far off "
        "it is, in units of the KPI, with a penalty for being too sure and for being too vague. Beside it stands a "
        "forecast that needs no model: the same period of last year, with its own past errors (the last value, "
        "where there is less than a year). The skill is one minus the ratio of the two scores. A model with a skill "
        "below zero is worse than repetition, and then its baseline is wrong somewhere, and what the baseline gets "
        "wrong, media get credited or charged with.",
        "Look at the origins with the worst scores (`--json`, folds) and ask what happened there: a launch, a "
        "closure, a price change that no column holds. Add it as control, lever or event. Fewer knots or Fourier "
        "terms help where the baseline runs away at the end of the data. Until then use the model neither for "
        "forecasts nor for plans.",
    ),
    "V002": Entry(
        "Forecast intervals: do they hold what they promise?",
        "warning",
        "Out of 100 forecasts, 90 should lie in their 90 % interval. The share that did is shown with its standard "
        "error, which allows for the fact that neighbouring periods are wrong together. Fewer means that the model "
        "is surer than it should be, and so are its intervals of ROI as far as they come from the same noise; more "
        "means that it is too vague, which costs precision and no honesty.",
        "Too narrow: something moves the KPI that the model does not have (see V001), or outliers make the noise "
        'look smaller than it is: try likelihood = "student_t", or knots for a drifting base. Too wide: a few wild '
        "periods stretch the noise; name them as events.",
    ),
    "V003": Entry(
        "Would the model make data like these?",
        "warning",
        "The fitted model drew its own versions of the scored periods. Mean, spread, smallest and largest value, "
        "and the correlation of neighbouring periods of the real KPI are compared with those of the model's. A "
        "value that hardly any of the model's versions reaches (fewer than 1 in 100) is a side of the data that the "
        "model does not know. Persistence above the model's says that errors come in spells: something slow is "
        "missing, and intervals are then too narrow. Each comparison raises a false alarm in less than 2 of 100 "
        "right models.",
        "Persistence: add the slow driver, or knots, or more Fourier terms. Largest or smallest: name the events "
        'behind them, or likelihood = "student_t". Spread: groups or periods differ in noise; a log likelihood may '
        "fit better.",
    ),
    "V004": Entry(
        "Periods that the fit hangs on",
        "warning",
        "Leave-one-out scores each period as if it had not been seen. Pareto's k-hat tells for which periods that "
        "cannot be computed from this posterior, because it would change too much without them: beyond 0.7 (less "
        "where there are few draws) a single period decides part of the answer. A few of them in a long series are "
        "normal where events have a column of their own: that column's only period is all that it has.",
        "Look at the dates: a data error, a one-off that no column holds, or the only week in which a channel ran. "
        "Mend it or name it as an event and compare the ROIs. If they move, the answer was that week's.",
    ),
    "V005": Entry(
        "Without the last weeks",
        "warning",
        "The model was fitted again without the last four periods. Each channel's ROI and share move a little when "
        "rows go; the verdict allows 3.5 times what the rows teach on average, so a stable model is called unstable "
        "about once in two thousand channels. A move of more than a posterior sd means that the interval did not "
        "say how unsure the answer is.",
        "Ask what happened in the last weeks: late conversions, an unfinished week, a price change. Otherwise the "
        "channel's effect and something else trade off, and the last weeks tipped the scales: see V010 to V012. "
        "Don't report its number as it stands.",
    ),
    "V006": Entry(
        "With another seed",
        "warning",
        "The same model and data, other random numbers. Moves come only from sampling, and should be a small part "
        "of a posterior sd. Large ones say that the chains have not seen the whole posterior, whatever R-hat says.",
        "Raise `[media.sampling] draws` and `tune`. If that does not help, the posterior has several modes: the "
        "data allow more than one story; see V010 and V011.",
    ),
    "V007": Entry(
        "With inputs 2 % off",
        "warning",
        "Every spend and exposure was multiplied by a random number within about 2 % of one: as exact as media data "
        "ever are. A conclusion that such noise can turn is not in the data.",
        "The channel's effect is estimated from small movements of a nearly constant spend, or from its difference "
        "to another channel: see V010 and V011. Vary its spend on purpose, or run a lift test.",
    ),
    "V008": Entry(
        "Placebo channels",
        "warning",
        "A placebo is a real channel whose weeks were shuffled within the same season of other years: it did "
        "nothing, and the model does not know that. Its effect may be negative, and its 90 % interval must hold "
        "zero. Of right models, each placebo is caught in 10 of 100, so one or two among eight mean nothing; the "
        "verdict gives the probability of as many or more by chance. More say that the model finds effects where "
        "there are none, or intervals are too narrow, and real channels then have such phantom effects too.",
        "Something slow or seasonal is missing in the baseline: add knots, Fourier terms, or the driver, and "
        "validate again. Do not use ROI intervals of this fit: they are narrower than what is known.",
    ),
    "V009": Entry(
        "A control that may lie between media and KPI",
        "warning",
        "The control follows media of earlier periods (or is declared a mediator), and the KPI follows it: site "
        "visits, brand searches, store traffic. With such a column in the model, the part of media's effect that "
        "flows through it is taken from them. Without it, if it is rather a driver of both, media are credited with "
        "what it did. Predictive scores cannot decide this: the mediator predicts well either way. The table says "
        "how far each ROI moves without it.",
        "Decide by what causes what, and not by fit. If media move it, take it out of `controls`. If something else "
        "moves both it and media, keep it. If unsure, report both ROIs; `outlay fit --multiverse` shows both.",
    ),
    "V010": Entry(
        "What the data said about each channel",
        "warning",
        "Posterior against prior, channel by channel. Informed by data: the belief about the effect is at most half "
        "as wide as before. Mostly prior: it narrowed by a fifth to a half. Not identified: less than that, so the "
        "number in the table is what was assumed, in other clothes. The JSON has the same for half-life and "
        "half-saturation.",
        "Don't report the ROI of a channel that is not identified as a finding. A lift test, a pause, or spend that "
        "varies on purpose by group and time makes it one. A prior from earlier tests is honest help as long as it "
        "is called one.",
    ),
    "V011": Entry(
        "Channels that are only known together",
        "warning",
        "The contributions of the two channels trade off in the posterior: what one is credited with is taken from "
        "the other, and their sum is known much better than either. They ran in the same periods, so the data "
        "cannot tell them apart. The pair's contribution and ROI are shown with their interval; the single ROIs are "
        "mostly the prior's way to split.",
        "Report and plan the pair as one. To separate them, run one without the other for a few weeks, in some "
        "groups if there are groups, or bring a lift test of one.",
    ),
    "V012": Entry(
        "Effects that trade with the baseline",
        "warning",
        "More than half of the uncertainty about the channel's contribution is the question whether it was the "
        "channel or trend and season. A channel that runs with the season, or works slowly, looks to a flexible "
        "baseline like a part of itself. Its interval holds that doubt only as far as the stated trend and season "
        "are the right ones.",
        "Run `outlay fit --multiverse`: it shows how the ROI moves with other trends and seasons. Fewer knots or "
        "Fourier terms give the channel more, more give it less, and neither is proof. Spend against the season "
        "settles it.",
    ),
    "V013": Entry(
        "What the fit itself warned of",
        "warning",
        "Findings of the fitted model that a reader must not miss: a baseline below zero, returns beyond belief, "
        "media that explain most of the outcome, a poor fit, residuals that come in spells or move slowly, effects "
        "that do not add up, noise that groups share, carry-over that is cut off, beliefs that the data contradict. "
        "Each has an id of its own. A baseline below zero, or media that cause most of the outcome, is almost always "
        "an error of the model: it says that without media there would be next to no business.",
        "Follow the ids that are named; `outlay explain` tells each one's cause and repair.",
    ),
    "V014": Entry(
        "Returns that lean on an assumed curve",
        "warning",
        "The data hardly narrowed the channel's half-life or half-saturation, and its ROI follows that shape: where "
        "the curve is assumed to bend, or how long the effect is assumed to last, decides what the channel "
        "returned. A channel that never spent much more or less than usual cannot show its curve. Marginal ROI and "
        "plans lean on it even more.",
        "Look at the ROI under other curves with `outlay fit --multiverse`. Spend that varies widely, or a test at "
        "a very different level, shows where the curve bends. State what you know as a prior.",
    ),
    "V015": Entry(
        "A check that could not run",
        "note",
        "The data or the fit do not allow this check: too few periods for two origins, no control in doubt, a refit "
        "that was refused, or `--quick`, which leaves the slower ones out. Nothing is known from it, neither good "
        "nor bad.",
        "More periods, a shorter `--horizon` or fewer `--folds` make room for cross-validation. The reason stands "
        "beside the id.",
    ),
    "V016": Entry(
        "Media that follow demand",
        "warning",
        "The channel's exposure follows what the KPI did unexpectedly in the periods before: budgets react to "
        "demand, or people who buy anyway search and click. Good weeks then bring media and not the other way "
        "round, and the model credits the channel with demand that was there. Its interval does not know that. A "
        "market without this is accused once in a hundred fits, over all channels together.",
        "Bring a measure of demand that media do not move (searches for the category, weather, footfall) as a "
        "control. For paid search, a test that switches it off in some groups is the only clean answer. Until then "
        "read the ROI as an upper bound.",
    ),
    "V017": Entry(
        "The fit did not pass the trust gate",
        "warning",
        "The chains of the fit disagree, so its numbers may change with the seed. The other checks were made all "
        "the same, and are about an answer that is not settled.",
        "Mend the cause that `outlay runs show` names and fit again before reading anything else on this page.",
    ),
    "V018": Entry(
        "A curve or a carry-over that does not fit",
        "warning",
        "The residuals still follow the channel's exposure, in a way that its fitted curve or carry-over cannot "
        "make. Curve: the KPI answers to low, middle and high exposure otherwise than the saturation allows, for "
        "example in an S shape. Carry-over: the KPI answers to exposure of earlier periods otherwise than the "
        "adstock allows, for example with a delay. The ROI is then about a response that is not the channel's. An F "
        "test each; a right model is accused once in a hundred fits, over all channels and both tests together.",
        'Curve: try slope = "free", or another saturation. Carry-over: try adstock = "delayed" or "weibull", or a '
        "longer l_max. Fit and validate again. `outlay fit --multiverse` shows how far the ROI moves with these "
        "choices.",
    ),
    "V020": Entry(
        "Returns that depend on the specification",
        "warning",
        "The multiverse fitted other models that a reasonable analyst might have chosen. The channel's ROI moves "
        "between them by more than its interval says, or the interval of one is far from that of another. No "
        "predictive score can tell which of them is right: they forecast the KPI about equally well.",
        "Report the averaged interval, or the range, and not the interval of one specification. The picture names "
        "the choice that moves the channel most: argue that choice from what you know, or test.",
    ),
    "V021": Entry(
        "A specification that could not be fitted",
        "note",
        "One of the models of the multiverse was refused by the data or the sampler, or its chains did not meet. It "
        "is left out of ranges and averages and named.",
        "Usually it needs more data than there are (more knots or Fourier terms than rows can carry). Nothing to do "
        "unless it is the specification that you wanted.",
    ),
    "V022": Entry(
        "The multiverse is a sample",
        "note",
        "All combinations of the plausible choices would be too many. Each choice was changed alone, and the rest "
        "of the places went to combinations drawn at random with the project's seed; how many of how many is told. "
        "Main effects are estimated from all of them together.",
        "Raise `--multiverse-cap` for more combinations. Ranges can only grow with it.",
    ),
    "V023": Entry(
        "Specifications were not averaged",
        "note",
        "Stacking weighs specifications by how well they forecast periods that they had not seen, and needs two "
        "such specifications with the same controls and at least two origins. It is never done across different "
        "controls: a predictive score rewards mediators and would choose the wrong causal question.",
        "Read the unweighted range instead. More periods make room for stacking.",
    ),
}
