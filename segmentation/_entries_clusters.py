"""What ``outlay explain`` tells about the findings of clusters."""

from __future__ import annotations

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "K030": Entry(
        "More segments than different customers",
        "error",
        "A segment needs at least one customer who differs from those of every other segment. Where fewer customers "
        "differ than segments are asked for, some segments would stay empty or split customers who are alike in "
        "everything that is known of them.",
        "Ask for fewer segments ([customers.clusters] k), name more features that set customers apart, or look whether "
        "cleaning made all customers the same: `outlay check` tells what it did to every column.",
    ),
    "K031": Entry(
        "A category with too many levels",
        "error",
        "A category whose cells nearly all differ is an id or free text: every customer mismatches every prototype, so "
        "that it says nothing about who is alike.",
        "Put the column into [customers] ignore, or make groups of its levels in the source (regions of cities, say). "
        "[customers.clean] rare joins levels that few customers have.",
    ),
    "K032": Entry(
        "No feature to make segments from",
        "error",
        "Segments put customers together who are alike in their features. After ids, constants, free text and ignored "
        "columns were left out, no column is left.",
        "Name columns in [customers] features, or take some out of ignore. Other findings of the same run tell why "
        "each column was left out.",
    ),
    "K033": Entry(
        "One type of feature hardly counts",
        "warning",
        "k-prototypes adds squared differences of numbers and gamma for every category that differs. Here a feature of "
        "one type sets customers apart more than ten times as far as one of the other type, which then has little say "
        "in who belongs together.",
        "State [customers.clusters] gamma: larger gives categories more say, smaller gives numbers more. Or weigh "
        "single features in [customers.clusters.weights]. If the balance is meant, leave it as it is.",
    ),
    "K034": Entry(
        "Customers still moved when the steps were used up",
        "warning",
        "Lloyd's steps end when nobody changes the cluster any more. The limit came first: segments are near a "
        "stable state and not quite in it, so that a refit may move the customers at their edges.",
        "Mostly this is harmless where few customers moved. Fewer segments, or features with less noise, come to rest "
        "sooner; `outlay segment --choose` shows which numbers of segments are stable.",
    ),
    "K036": Entry(
        "Customers of whom nothing is known",
        "warning",
        "Every feature of these customers is empty or was never seen before. Missing cells pull to no segment, so that "
        "the segment they get says nothing.",
        "Take such customers out of the table, or fill their features at the source. Their sureness is low in the "
        "table of labels, so that they can be told apart.",
    ),
    "K037": Entry(
        "Empty cells filled for a method that cannot leave them out",
        "note",
        "scikit-learn's methods take a full matrix: an empty number becomes the mean of all customers, and an empty "
        "category their shares of levels. That pulls customers with many empty cells towards the middle.",
        'Use method = "kprototypes" or "mixture": both leave empty cells out. Otherwise nothing has to be done.',
    ),
    "K038": Entry(
        "Clusters made from a sample",
        "note",
        "Agglomerative clustering compares all pairs, which grows with the square of the customers. It was made from a "
        "sample; all customers were then put to the nearest mean of its clusters.",
        'Use method = "kprototypes" for clusters from all customers. For a sample it is the same as before.',
    ),
    "K039": Entry(
        "Weights that this method does not take",
        "note",
        "The mixture's likelihood either counts a feature or does not, and some of scikit-learn's methods count every "
        "row once. Weights that they cannot take were left out as the finding says.",
        'Use method = "kprototypes" where weights matter; with the mixture, weights of 0 leave features out.',
    ),
    "K040": Entry(
        "No number of segments meets every condition",
        "warning",
        "Each candidate leaves a segment that is smaller than the least share, or one that does not come back when "
        "the customers are resampled. The recommendation is the one that comes nearest, and its segments should not "
        "carry decisions that are hard to take back.",
        "Look at `outlay segment --choose`: it says what speaks against each number. Lower min_share if small segments "
        "are worth serving, take out features that are noise, or weigh those that matter to you.",
    ),
    "K041": Entry(
        "The recommendation is the most that were tried",
        "note",
        "The best number of segments lies at the upper end of the candidates, so that more might be better still.",
        "Raise the second number of [customers.clusters] candidates if the business could serve more segments "
        "differently; if it could not, state the ceiling and leave it.",
    ),
    "K042": Entry(
        "Segments run into each other",
        "note",
        "A mean silhouette below 0.25 says that many customers are nearly as near to the next segment as to their own: "
        "the segments cut a continuum into slices. They can still be useful, but customers at the edges are alike on "
        "both sides.",
        'Treat customers with a low sureness with care, or use method = "mixture" for a probability of each segment. '
        "Fewer features, chosen for what the segments are for, mostly give clearer ones.",
    ),
    "K043": Entry(
        "Fitting stopped at its limit of steps",
        "warning",
        "The fit still improved when the steps were used up. Segments are near their final form and not quite in it.",
        "Mostly harmless; fewer segments or fewer features converge sooner. Compare the segments of two seeds "
        "(`--seed`) if decisions hang on customers at the edges.",
    ),
    "K044": Entry(
        "Some candidates were not tried",
        "note",
        "The ceiling, or the number of customers who differ, lies below the greatest number of segments among the "
        "candidates.",
        "Nothing has to be done. To try more, raise the ceiling in [customers.clusters], or lower the candidates so "
        "that the two agree.",
    ),
    "K045": Entry(
        "A segment in which a number hardly varies",
        "note",
        "Nearly all customers of a segment share one value (nothing spent, say). Its spread in that segment was held "
        "at a tenth of the spread among all, because a normal distribution around a single value has no bound.",
        "Nothing has to be done where the value means something. If it stands for unknown, make the cells empty at the "
        "source; or make a category of it (spent or not).",
    ),
    "K046": Entry(
        "A segment ended without customers",
        "warning",
        "Fewer kinds of customers were found than were asked for: a cluster lost its customers and could not be begun "
        "anew at another customer. Numbers of segments still count it.",
        "Ask for fewer segments in [customers.clusters] k, or let k be chosen among candidates.",
    ),
    "K047": Entry(
        "No number of segments can be tried",
        "error",
        "The least number of segments among the candidates is above the ceiling, or above the number of customers who "
        "differ from each other.",
        "Lower the first number of [customers.clusters] candidates, raise the ceiling, or name features that set more "
        "customers apart.",
    ),
}
