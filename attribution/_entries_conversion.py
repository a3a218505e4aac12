"""What ``outlay explain`` tells about the findings of conversion."""

from outlay.findings import Entry

_RATES: dict[str, Entry] = {
    "V001": Entry(
        "No lead had its time for a transition",
        "error",
        "A lead counts in a transition once it had its time to make it (`maturity_days`). No lead of the table had "
        "that for this one, so its rate cannot be learnt at all: what you would see is the prior.",
        "Give the table older leads, or look at `maturity_days` and `as_of`: a stage that takes months needs leads "
        'that are months old. With stages that hold days, maturity = "model" lets young leads count in part.',
    ),
    "V002": Entry(
        "Few conversions in a transition",
        "warning",
        "Fewer than 30 leads made this step (or fewer than 30 did not). The rate over all leads is then known to "
        "about a third of itself at best, and differences between segments or channels hardly at all: their rates "
        "lie close together because nothing tells them apart, and not because they are equal.",
        "Read the intervals and not the means. A longer history or a stage with more leads helps; leaving out "
        "dimensions does not, because the model pools them anyway.",
    ),
    "V003": Entry(
        "A transition with one outcome only",
        "warning",
        "All leads that had their time made this step, or none did. The model then knows only that the rate is near "
        "one end; how near, and every difference between levels, comes from the prior.",
        "Check that the stage's column is filled for leads that did not convert, too. A step that everybody takes "
        "is not a stage: take it out of `stages`.",
    ),
    "V004": Entry(
        "A level without leads in a transition",
        "note",
        "No lead of this level had its time for this transition, so its rate there is made of the other dimensions' "
        "effects and of how much such levels differ elsewhere. Its interval is as wide as that, and honest, but it "
        "holds nothing about the level itself.",
        "Nothing has to be mended. Do not rank such a level: wait until it has leads of some age.",
    ),
    "V005": Entry(
        "A level whose effect is all prior",
        "warning",
        "The level has leads, but so few that the posterior of its effect is about as wide as the spread of all "
        "levels: the data have hardly moved it. The rate shown is that of an average level in its place.",
        "Read it as 'not known yet'. Join small levels under one name in the table if they are alike, or wait.",
    ),
    "V006": Entry(
        "Too few periods for movement",
        "note",
        "The leads of this transition come from fewer than four periods. A random walk has nothing to learn its "
        "steps from then, so the rate is taken as constant over time.",
        'A longer history lets the rate move; so does a shorter period (period = "week").',
    ),
    "V007": Entry(
        "Value from few deals",
        "warning",
        "Few deals with a value stand behind the value of the last stage. A mean of money is driven by rare large "
        "deals, so with few of them the model leans on the other segments and on the log-normal's shape.",
        "Read the interval. More history helps most; a typical deal size that you know is a check, not an input.",
    ),
    "V008": Entry(
        "Values that are not log-normal",
        "warning",
        "The mean that the fitted log-normal gives is more than a quarter away from the observed mean of the deals, "
        "and outside its own interval. Deals then come in kinds (small licences and large contracts, say), or a few "
        "very large ones make the mean. The value per lead inherits the misfit.",
        "Look at the largest and smallest deals. Split such kinds by segment, or give the value in the unit that "
        "sales works with (first-year value instead of the whole contract).",
    ),
    "V009": Entry(
        "A preview and not the posterior",
        "warning",
        "These numbers come from an empirical-Bayes Laplace approximation that takes about a second: the spreads of "
        "the levels are set to their most likely values, and all effects are taken as normal. Its means are close to "
        "the sampled ones where leads are many. Its intervals leave out what is not known about the spreads and take "
        "skewed posteriors for normal ones; in simulations they held the truth nearly as often as they say, but "
        "nothing in one's own data tells whether they do: there are no chains for the trust gate to judge.",
        "Use it to see whether the table is read as you meant. Run `outlay convert` without --preview before you "
        "decide anything: later commands read that run and never a preview.",
    ),
    "V010": Entry(
        "The chains of the conversion model did not agree",
        "warning",
        "The posterior did not pass the trust gate, so its numbers may change with the seed. With this model the "
        "usual reason is too few draws for the quantity that mixes worst: the spread of a dimension that has two or "
        "three levels or hardly any conversions. Divergent draws mean that the sampler's steps were too long there.",
        "Sample longer: twice the draws and tune under [leads.sampling]. If divergent draws stay, the transition "
        "named has too few conversions for its dimensions: join small levels, or leave a dimension out of [leads].",
    ),
    "V011": Entry(
        "Which leads rates are averaged over",
        "note",
        "The rate of a segment depends on which channels, regions and months its leads come from. Every rate by one "
        "or two dimensions is the mean over the observed leads of the months named, with their mix in all other "
        "dimensions; the raw counts beside it are of the same leads. A combination without a lead takes everybody's "
        "mix.",
        "Nothing has to be mended. If the mix will change (a new channel, say), ask for the rate by that dimension.",
    ),
}

_OUTCOMES: dict[str, Entry] = {
    "V020": Entry(
        "A class with few leads",
        "warning",
        "Fewer than 30 leads ended in this class. Its probability is known over all leads but hardly by cell, and the "
        "cells' probabilities lie close together because of that. Classes are never re-weighted here: that would "
        "make every probability wrong to make rare ones look large. What a rare class is worth belongs in the costs.",
        "Read the intervals; state what missing the class costs under [leads.outcomes], and act by expected cost.",
    ),
    "V021": Entry(
        "Leads without an outcome",
        "warning",
        "The outcome's cell is empty for some leads. They are left out of the classes' counts (they stay in the "
        "funnel), so the probabilities are those of leads whose outcome is known.",
        "If empty means that nothing happened, write a class for it: leaving such leads out makes every other class "
        "look more likely than it is.",
    ),
    "V022": Entry(
        "A cost for a class that is not in the data",
        "error",
        "[leads.outcomes] names a class that no lead has, or leaves out one that leads have. An expected cost needs "
        "the cost of every class that can happen.",
        "Write the classes as the table does, capital letters included; the message lists them.",
    ),
    "V023": Entry(
        "Only one class",
        "error",
        "Every lead with an outcome has the same one, so there is nothing to tell apart and no rate to learn.",
        "Check that the column holds the outcome and not a status that all leads share, and that leads with other "
        "outcomes were not filtered out.",
    ),
}

ENTRIES: dict[str, Entry] = {**_RATES, **_OUTCOMES}
