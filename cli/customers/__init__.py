"""Customers of a simulated delicatessen, and what is true of them: what ``outlay init --example customers`` writes."""

from cli.customers.write import Shop, files, simulate_customers, write_customers, write_shop

__all__ = ["Shop", "files", "simulate_customers", "write_customers", "write_shop"]
