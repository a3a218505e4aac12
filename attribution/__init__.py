"""Attribution: which segment and which journey converts, and what that changes in the return of a channel.

Nothing lives here yet. This room will hold the hierarchical conversion model per segment, the funnel, journeys (Markov
and Shapley), lead scores and the scorecard, and it will refine the response draws that `mmm` makes.
"""
