"""Numbers in a link, which may hold anything: Python itself refuses to read very long ones."""

from __future__ import annotations

import math

_LONGEST_WHOLE = 9
_LONGEST = 12


def number_in(text: str | None, low: int, high: int) -> int | None:
    """Return the whole number from ``low`` to ``high`` that a text is; ``None`` for everything else."""
    if text is None or not text.isdecimal() or len(text) > _LONGEST_WHOLE:
        return None
    return int(text) if low <= int(text) <= high else None


def pair_in(text: str | None, rows: int, columns: int) -> tuple[int, int] | None:
    """Return the row and the column, from 0, that a text such as ``3,7`` is; ``None`` for everything else."""
    first, _, second = (text or "").partition(",")
    row, column = number_in(first, 0, rows - 1), number_in(second, 0, columns - 1)
    return None if row is None or column is None else (row, column)


def finite(text: str | None) -> float | None:
    """Return the finite number that a short text is; ``None`` for everything else."""
    if text is None or len(text) > _LONGEST:
        return None
    try:
        found = float(text)
    except ValueError:
        return None
    return found if math.isfinite(found) else None
