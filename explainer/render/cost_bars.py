"""Costs as bars: a few numbers of very different size, in HTML that takes the page's own colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path


@dataclass(frozen=True)
class Bar:
    """One number with its name."""

    name: str
    value: int
    note: str = ""
    """Stands small behind the number."""
    strong: bool = False
    """The one that the others are compared with."""


@cache
def _style() -> str:
    return f"<style>{Path(__file__).with_suffix('.css').read_text('utf-8')}</style>"


def cost_bars(groups: Sequence[tuple[str, Sequence[Bar]]], *, logarithmic: bool, most: int = 0) -> str:
    """Return groups of bars as HTML; a group's bars share a scale from 0, or from 1 if it is logarithmic.

    On a logarithmic scale every mark stands for ten times the one before. The scale reaches at least to
    ``most``, so that groups that stand apart can be compared.
    """
    drawn = "".join(_group(title, bars, logarithmic, most) for title, bars in groups)
    return f"{_style()}<div class='cost-bars'>{drawn}</div>"


def _group(title: str, bars: Sequence[Bar], logarithmic: bool, least: int) -> str:
    most = max(1, least, *(bar.value for bar in bars))
    decades = max(1, math.ceil(math.log10(max(most, 10))))
    ticks = ""
    if logarithmic:
        ticks = "".join(
            f"<i class='tick' style='left:{100 * n / decades:.2f}%'></i>" for n in range(1, decades)
        )
    rows = "".join(_bar(bar, share(bar.value, most, decades, logarithmic), ticks) for bar in bars)
    return f"<section><h5>{escape(title)}</h5><dl>{rows}</dl></section>"


def share(value: int, most: int, decades: int, logarithmic: bool) -> float:
    """Return how much of the track a bar covers, 0 to 1."""
    if value <= 0 or most <= 0:
        return 0.0
    return math.log10(value) / decades if logarithmic else value / most


def _bar(bar: Bar, part: float, ticks: str) -> str:
    note = f"<span class='note'>{escape(bar.note)}</span>" if bar.note else ""
    length = f"<div class='bar' style='width:{100 * part:.2f}%'></div>"
    return (
        f"<div{' class=strong' if bar.strong else ''}><div class='line'><dt>{escape(bar.name)}</dt>"
        f"<dd title='{bar.value:,}'>{readable(bar.value)}{note}</dd></div>"
        f"<div class='track' aria-hidden='true'>{length}{ticks}</div></div>"
    )


def readable(count: int) -> str:
    """Return a whole number with groups of three digits, or of three digits with a unit if it is long."""
    if count < 10_000_000:
        return f"{count:,}"
    size, unit = next((s, u) for s, u in ((1e12, "T"), (1e9, "G"), (1e6, "M")) if count >= s)
    return f"{count / size:.3g} {unit}" if count / size < 1000 else f"{count / size:,.0f} {unit}"
