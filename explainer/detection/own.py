"""A reader's own file of a detector's weights, as the shelf remembers it."""

from __future__ import annotations

from dataclasses import dataclass

from explainer.models.own import OwnWeights


@dataclass(frozen=True)
class OwnDetector(OwnWeights):
    """A file and what the reader said about it; ``key`` is a detector's."""

    side: int = 0
    """Of the square input, in pixels; 0 for what is usual."""
