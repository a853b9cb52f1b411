"""Names of classes in the reader's language: of what this project has drawn or trained, all or none."""

from __future__ import annotations

from collections.abc import Sequence

from explainer.ui.language import t
from explainer.wording import later

_DRAWINGS = {
    "apple": later("apple"),
    "balloon": later("balloon"),
    "boat": later("boat"),
    "car": later("car"),
    "fish": later("fish"),
    "flower": later("flower"),
    "house": later("house"),
    "mushroom": later("mushroom"),
    "star": later("star"),
    "tree": later("tree"),
}
"""Of the data set to begin with."""
_FACES = {
    "face": later("face"),
    "masked face": later("masked face"),
    "mask worn incorrectly": later("mask worn incorrectly"),
}
"""Of the bundled detectors."""


def class_names(classes: Sequence[str]) -> tuple[str, ...]:
    """Return names to show; files, code and comparisons keep those they are given.

    Of classes that are not all known here the names stay as they are: a list of which some names are
    translated would be hard to read, and names from others' files are theirs.
    """
    for known in (_DRAWINGS, _FACES):
        if known.keys() >= set(classes):
            return tuple(t(known[name]) for name in classes)
    return tuple(classes)
