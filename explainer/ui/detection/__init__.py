"""The parts of the Detection lab."""

from __future__ import annotations

from explainer.ui.parts import Part
from explainer.wording import later

PARTS = (
    Part("detection", "hand", later("By hand"), asks=False),
    Part("detection", "yolo", later("YOLO step by step"), asks=False),
    Part("detection", "two_stage", later("Faster R-CNN step by step"), asks=False),
    Part("detection", "side_by_side", later("Side by side"), asks=False),
    Part("detection", "evaluation", later("Evaluation"), asks=False),
)
KEPT = ("detector", "own", "score", "iou")
"""Query parameters that all parts share: a part that cannot show a detector shows its own usual one."""
