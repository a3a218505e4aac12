"""Segmentation: who the customers are, how many kinds there are, and what each kind is worth.

Nothing lives here yet. This room will hold mixed-type clustering and the choice of the number of segments, profiles,
recency-frequency-money and lifetime value, drivers, and drift. Its labels will become a column of leads and panels.
"""
