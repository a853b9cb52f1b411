"""The parts of the Convolution playground."""

from __future__ import annotations

from explainer.ui.parts import Part
from explainer.wording import later

PARTS = (
    Part(
        "pixels",
        later("Pixels"),
        "explainer.ui.playground.pixels",
        "playground_pixels",
        "explainer.playground.pixels_exercises",
    ),
    Part(
        "line",
        later("1-D"),
        "explainer.ui.playground.line",
        "playground_line",
        "explainer.playground.line_exercises",
    ),
    Part(
        "conv",
        later("2-D"),
        "explainer.ui.playground.conv",
        "playground_conv",
        "explainer.playground.conv_exercises",
    ),
    Part(
        "pooling",
        later("Pooling"),
        "explainer.ui.playground.pooling",
        "playground_pooling",
        "explainer.playground.pooling_exercises",
    ),
    Part(
        "stack",
        later("Stacking"),
        "explainer.ui.playground.stack",
        "playground_stack",
        "explainer.playground.stack_exercises",
    ),
)
