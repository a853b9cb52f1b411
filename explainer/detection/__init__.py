"""Detectors to look into: their catalogue, their weights, what they find and how.

The catalogue needs no PyTorch; what does is imported when it is first touched, so that a page can list the
detectors before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explainer.detection.catalog import DetectorEntry, detectors, find_detector

if TYPE_CHECKING:
    from explainer.detection.detections import Detections, Detector, Picture
    from explainer.detection.loading import load_detector

__all__ = [
    "Detections",
    "Detector",
    "DetectorEntry",
    "Picture",
    "detectors",
    "find_detector",
    "load_detector",
]


def __getattr__(name: str) -> Any:
    if name == "load_detector":
        from explainer.detection.loading import load_detector

        return load_detector
    if name in {"Detections", "Detector", "Picture"}:
        from explainer.detection import detections

        return getattr(detections, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
