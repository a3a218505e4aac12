"""How findings about leads say counts."""

from __future__ import annotations


def how_many(number: int, noun: str) -> str:
    """For example ``1 lead`` or ``1,429 leads``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
