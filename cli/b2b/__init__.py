"""A simulated B2B company with its truth beside it: what ``outlay init --example b2b`` writes."""

from cli.b2b.write import Company, files, simulate_b2b, write_b2b, write_company

__all__ = ["Company", "files", "simulate_b2b", "write_b2b", "write_company"]
