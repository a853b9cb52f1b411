"""The parts of the Architectures page."""

from __future__ import annotations

from explainer.ui.parts import Part
from explainer.wording import later

PARTS = (
    Part("architectures", "table", later("Overview")),
    Part("architectures", "shapes", later("Tables of shapes")),
    Part("architectures", "blocks", later("Building blocks")),
    Part("architectures", "flow", later("Gradients, batch norm, dropout")),
)
