"""The parts of the Training page."""

from __future__ import annotations

from explainer.ui.parts import Part
from explainer.wording import later

PARTS = (
    Part("training", "data", later("Data"), asks=False),
    Part("training", "recipe", later("Recipe"), asks=False),
    Part("training", "augmentation", later("Augmentation"), asks=False),
    Part("training", "precision", later("Mixed precision"), asks=False),
    Part("training", "runs", later("Runs"), asks=False),
    Part("training", "replay", later("Replay"), asks=False),
)
