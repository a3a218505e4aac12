"""Planner: the finance planner's web page over finished runs.

Nothing lives here yet. This room will show response draws and plans that `budget` makes, and keep scenarios; it will
read runs and call `budget`, and no model room.
"""
