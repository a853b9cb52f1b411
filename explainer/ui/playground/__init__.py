"""The parts of the Convolution playground."""

from __future__ import annotations

from explainer.ui.parts import Part
from explainer.wording import later

PARTS = (
    Part("playground", "pixels", later("Pixels")),
    Part("playground", "line", later("1-D")),
    Part("playground", "conv", later("2-D")),
    Part("playground", "pooling", later("Pooling")),
    Part("playground", "stack", later("Stacking")),
)
