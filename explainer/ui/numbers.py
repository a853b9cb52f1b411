"""Whole numbers in a link, which may hold anything: Python itself refuses to read very long ones."""

from __future__ import annotations

_LONGEST = 9


def number_in(text: str | None, low: int, high: int) -> int | None:
    """Return the number from ``low`` to ``high`` that a text is; ``None`` for everything else."""
    if text is None or not text.isdecimal() or len(text) > _LONGEST:
        return None
    return int(text) if low <= int(text) <= high else None
