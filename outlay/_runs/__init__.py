"""The parts of :mod:`outlay.runs`, which is where they are imported from."""
