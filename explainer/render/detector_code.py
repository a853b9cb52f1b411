"""The expression that opens a detector, in code that readers run."""

from __future__ import annotations

from collections.abc import Sequence

from explainer.render.snippet import quoted


def opener(key: str, weights: str = "default", classes: Sequence[str] = (), side: int = 0) -> str:
    """Return an expression that gives the detector.

    Args:
        key: of the detector.
        weights: ``"default"``, ``"none"`` or the name of a file.
        classes: names that the reader gave to what a file's detector finds.
        side: of a file's input, where it is not the usual one.
    """
    parts = [quoted(key)]
    if weights != "default":
        parts.append(f"weights={quoted(weights)}")
    if classes:
        parts.append(f"classes=[{', '.join(map(quoted, classes))}]")
    if side:
        parts.append(f"side={side}")
    return f"load_detector({', '.join(parts)})"
