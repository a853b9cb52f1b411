"""The parts of the Architectures page."""

from __future__ import annotations

from explainer.ui.parts import Part
from explainer.wording import later

PARTS = (
    Part(
        "table",
        later("Overview"),
        "explainer.ui.architectures.table",
        "architectures_table",
        "explainer.playground.table_exercises",
    ),
    Part(
        "shapes",
        later("Tables of shapes"),
        "explainer.ui.architectures.shapes",
        "architectures_shapes",
        "explainer.playground.shapes_exercises",
    ),
    Part(
        "blocks",
        later("Building blocks"),
        "explainer.ui.architectures.blocks",
        "architectures_blocks",
        "explainer.playground.blocks_exercises",
    ),
    Part(
        "flow",
        later("Gradients, batch norm, dropout"),
        "explainer.ui.architectures.flow",
        "architectures_flow",
        "explainer.playground.flow_exercises",
    ),
)
