"""The Live camera page."""

from __future__ import annotations


def draw_page() -> None:
    """Draw the page."""
