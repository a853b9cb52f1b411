"""What is done with every frame: boxes, a Grad-CAM, feature maps, class bars."""

from explainer.live.modes.bars import BarsResult, ClassBars
from explainer.live.modes.base import Mode, Result, Said
from explainer.live.modes.cam import CamResult, GradCam
from explainer.live.modes.detection import Detection, DetectionResult
from explainer.live.modes.maps import FeatureMaps, MapsResult

__all__ = [
    "BarsResult",
    "CamResult",
    "ClassBars",
    "Detection",
    "DetectionResult",
    "FeatureMaps",
    "GradCam",
    "MapsResult",
    "Mode",
    "Result",
    "Said",
]
