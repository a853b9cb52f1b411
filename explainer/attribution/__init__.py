"""What in the network speaks for an answer."""

from explainer.attribution.adversarial import Adversarial, adversarial, along_the_sign, smallest_epsilon
from explainer.attribution.baselines import BASELINES, baseline
from explainer.attribution.cams import (
    CAM_METHODS,
    ClassActivationMap,
    GradCamParts,
    Method,
    cam,
    grad_cam,
    grad_cam_parts,
)
from explainer.attribution.contribution import (
    UnitContribution,
    channel_contributions,
    unit_contribution,
)
from explainer.attribution.faithfulness import Faithfulness, deletion_insertion, random_heat
from explainer.attribution.gradients import (
    collapse,
    guided_backpropagation,
    guided_nodes,
    magnitude,
    saliency,
    smooth_grad,
)
from explainer.attribution.integrated import IntegratedGradients, integrated_gradients
from explainer.attribution.occlusion import Occlusion, occlusion
from explainer.attribution.spatial import has_place

__all__ = [
    "BASELINES",
    "CAM_METHODS",
    "Adversarial",
    "ClassActivationMap",
    "Faithfulness",
    "GradCamParts",
    "IntegratedGradients",
    "Method",
    "Occlusion",
    "UnitContribution",
    "adversarial",
    "along_the_sign",
    "baseline",
    "cam",
    "channel_contributions",
    "collapse",
    "deletion_insertion",
    "grad_cam",
    "grad_cam_parts",
    "guided_backpropagation",
    "guided_nodes",
    "has_place",
    "integrated_gradients",
    "magnitude",
    "occlusion",
    "random_heat",
    "saliency",
    "smallest_epsilon",
    "smooth_grad",
    "unit_contribution",
]
