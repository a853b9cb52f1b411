"""What in the network speaks for an answer."""

from explainer.attribution.cams import (
    CAM_METHODS,
    ClassActivationMap,
    GradCamParts,
    Method,
    cam,
    grad_cam,
    grad_cam_parts,
)
from explainer.attribution.contribution import channel_contributions
from explainer.attribution.spatial import has_place

__all__ = [
    "CAM_METHODS",
    "ClassActivationMap",
    "GradCamParts",
    "Method",
    "cam",
    "channel_contributions",
    "grad_cam",
    "grad_cam_parts",
    "has_place",
]
