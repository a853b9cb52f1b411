"""Why a network of a run took an image for something else: what in it speaks for either class."""

from __future__ import annotations

from torch import Tensor

from explainer.attribution import cam
from explainer.attribution.cut import class_scores_node
from explainer.render.heat_methods import last_layer, layers_with_place
from explainer.tracing import trace
from explainer.training.data import Dataset
from explainer.training.measuring import normalise
from explainer.training.replay import Replay
from explainer.training.runs import Run


def explained(
    run: Run, epoch: int, data: Dataset, image: Tensor, classes: tuple[int, ...], method: str = "gradcam"
) -> tuple[Tensor, ...]:
    """Return what in an image speaks for each of some classes: maps of the last features, [h, w] each.

    Args:
        run: of which the network is.
        epoch: whose weights it has.
        data: what it learns.
        image: uint8 [C, H, W].
        classes: indices.
        method: of ``explainer.attribution.CAM_METHODS``.
    """
    model = Replay(run, len(data.classes)).at(epoch)
    recorded = trace(model, normalise(image[None].float() / 255, run.recipe))
    logits = class_scores_node(recorded)
    layer = last_layer(recorded, logits, layers_with_place(recorded, logits))
    return tuple(cam(recorded, layer, logits, index, method).map for index in classes)
