"""Class activation maps: which places of a layer speak for a class. Seven methods, one way to ask."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import torch
from torch import Tensor, nn

from explainer.attribution import formulas
from explainer.attribution.cut import Cut, class_scores_node, classes_of, cut_at
from explainer.attribution.perturbed import ablation_weights, score_weights
from explainer.attribution.spatial import layout_of_node, no_place
from explainer.errors import ReaderError
from explainer.progress import Progress
from explainer.tracing import Node, Trace, replay_from
from explainer.tracing import trace as record


@dataclass(frozen=True)
class Method:
    """One class activation map, and where it comes from."""

    key: str
    title: str
    paper: str
    """Authors and title."""
    year: int
    url: str
    needs_model: bool = False
    """Whether it runs the whole network many times, which takes seconds to minutes."""
    gradients: bool = True
    """Whether it reads the gradient of the class score."""


CAM_METHODS: Mapping[str, Method] = MappingProxyType(
    {
        method.key: method
        for method in (
            Method(
                "gradcam",
                "Grad-CAM",
                "Selvaraju et al., Grad-CAM: visual explanations from deep networks via gradient-based "
                "localization",
                2017,
                "https://arxiv.org/abs/1610.02391",
            ),
            Method(
                "gradcam++",
                "Grad-CAM++",
                "Chattopadhay et al., Grad-CAM++: generalized gradient-based visual explanations for deep "
                "convolutional networks",
                2018,
                "https://arxiv.org/abs/1710.11063",
            ),
            Method(
                "hirescam",
                "HiRes-CAM",
                "Draelos and Carin, Use HiResCAM instead of Grad-CAM for faithful explanations of "
                "convolutional neural networks",
                2020,
                "https://arxiv.org/abs/2011.08891",
            ),
            Method(
                "layercam",
                "Layer-CAM",
                "Jiang et al., LayerCAM: exploring hierarchical class activation maps for localization",
                2021,
                "https://doi.org/10.1109/TIP.2021.3089943",
            ),
            Method(
                "eigencam",
                "Eigen-CAM",
                "Muhammad and Yeasin, Eigen-CAM: class activation map using principal components",
                2020,
                "https://arxiv.org/abs/2008.00299",
                gradients=False,
            ),
            Method(
                "scorecam",
                "Score-CAM",
                "Wang et al., Score-CAM: score-weighted visual explanations for convolutional neural "
                "networks",
                2020,
                "https://arxiv.org/abs/1910.01279",
                needs_model=True,
                gradients=False,
            ),
            Method(
                "ablationcam",
                "Ablation-CAM",
                "Ramaswamy et al., Ablation-CAM: visual explanations for deep convolutional network via "
                "gradient-free localization",
                2020,
                "https://openaccess.thecvf.com/content_WACV_2020/html/"
                "Desai_Ablation-CAM_Visual_Explanations_for_Deep_Convolutional_Network_via_Gradient-free_"
                "Localization_WACV_2020_paper.html",
                gradients=False,
            ),
        )
    }
)
"""In the order in which they are offered."""


@dataclass(frozen=True, eq=False)
class ClassActivationMap:
    """Which places of a layer speak for a class."""

    map: Tensor
    """[h, w], at the layer's resolution, at least 0, not normalised."""
    weights: Tensor | None
    """[C]: what the map multiplies each channel by; ``None`` where that differs from place to place."""
    method: str
    """Key of ``CAM_METHODS``."""
    score: float
    """The class's logit for this picture."""


@dataclass(frozen=True, eq=False)
class GradCamParts:
    """Everything that goes into one Grad-CAM: map = ReLU(sum_k weight_k * A_k)."""

    activation: Tensor
    """[C, h, w]: the layer's output A."""
    gradient: Tensor
    """[C, h, w]: derivative of the class score with respect to each number of A."""
    weights: Tensor
    """[C]: the mean of each channel's gradient."""
    total: Tensor
    """[h, w]: the sum over the channels, before the ReLU."""
    map: Tensor
    """[h, w]: the class activation map."""
    score: float
    """The class's logit."""

    @property
    def weighted(self) -> Tensor:
        """[C, h, w]: what each channel adds to the sum."""
        return self.weights[:, None, None] * self.activation

    @property
    def order(self) -> Tensor:
        """Channels by how much they move the sum, strongest first: int64 [C]."""
        return self.weighted.abs().sum((1, 2)).argsort(descending=True, stable=True)

    def terms(self, y: int, x: int) -> Tensor:
        """Return what each channel adds at one place, [C]; their sum is ``total[y, x]``."""
        return self.weights * self.activation[:, y, x]


def grad_cam(
    model: nn.Module,
    images: Tensor,
    target_layer: str | nn.Module,
    class_index: int | Sequence[int] | None = None,
    method: str = "gradcam",
    progress: Progress | None = None,
) -> Tensor:
    """Return class activation maps of one layer, from nothing but the model and pictures.

    The model is only read; other threads may run it meanwhile. Grad-CAM runs it once, without gradients up
    to the layer and with gradients behind it.

    Args:
        model: any eager classifier.
        images: float [N, C, H, W], as the model takes them.
        target_layer: one of its modules, or a name: of a module (``"layer4"``; ``":2"`` behind it for its
            second run) or of any node of its trace (``"layer4.1.add"``).
        class_index: class of all pictures or of each; ``None`` for what each is taken for.
        method: key of ``CAM_METHODS``.
        progress: told how far Score-CAM and Ablation-CAM are, picture by picture.

    Returns:
        Float [h, w] for one picture, [N, h, w] for several: the layer's own resolution, at least 0, not
        normalised.

    Raises:
        ReaderError: no such layer or method, or the layer has no rows and columns of the picture.
    """
    _known(method)
    found = None if model.training else _module(model, target_layer)
    if found is not None and method != "ablationcam":
        layer, occurrence, name = found
        cut = cut_at(model, images, layer, occurrence, class_index, name, CAM_METHODS[method].gradients)
        if method == "scorecam":
            weights = [
                score_weights(record(model, image[None]), activation, index, progress)
                for image, activation, index in zip(images, cut.activation, cut.classes, strict=True)
            ]
            maps = formulas.weighted_sum(torch.stack(weights), cut.activation).relu()
        else:
            maps, _ = _gradient_map(method, cut.activation, cut.gradient)
    else:
        maps = torch.stack(
            [
                _from_own_trace(model, images[item : item + 1], target_layer, index, method, progress)
                for item, index in enumerate(_each(class_index, len(images)))
            ]
        )
    return maps[0] if len(images) == 1 else maps


def cam(
    trace: Trace,
    node: Node,
    logits: Node,
    class_index: int,
    method: str = "gradcam",
    *,
    model: nn.Module | None = None,
    progress: Progress | None = None,
) -> ClassActivationMap:
    """Return the class activation map of a recorded forward pass; only what lies behind the node runs again.

    Args:
        trace: the forward pass; its first picture is explained.
        node: the layer: maps [N, C, H, W], also with channels last, or tokens that stand for patches.
        logits: the node with the class scores [N, classes].
        class_index: the class.
        method: key of ``CAM_METHODS``.
        model: what Score-CAM runs; by default the model that was traced.
        progress: called with (done, total) by Score-CAM and Ablation-CAM; what it raises ends them.

    Raises:
        ReaderError: the node has no rows and columns of the picture, or there is no such class.
    """
    _known(method)
    if method in ("scorecam", "ablationcam"):
        layout = layout_of_node(trace, node)
        if layout is None:
            raise no_place(node.name, node.shape)
        (index,) = classes_of(logits.output[:1], class_index)
        activation = layout.maps(node.output)[0]
        if method == "scorecam":
            other = model is not None and model is not trace.root.module
            recorded = record(model, trace.input.output[:1]) if model is not None and other else trace
            weights = score_weights(recorded, activation, index, progress)
        else:
            weights = ablation_weights(trace, node, layout, logits, index, progress)
        heat = formulas.weighted_sum(weights[None], activation[None])[0].relu()
        return ClassActivationMap(heat, weights, method, float(logits.output[0, index]))
    cut = _cut_trace(trace, node, logits, class_index, CAM_METHODS[method].gradients)
    maps, all_weights = _gradient_map(method, cut.activation, cut.gradient)
    return ClassActivationMap(
        maps[0], None if all_weights is None else all_weights[0], method, float(cut.scores[0])
    )


def grad_cam_parts(trace: Trace, node: Node, logits: Node, class_index: int) -> GradCamParts:
    """Return the parts of a Grad-CAM: the layer's maps, the weights, the sum, the map.

    Arguments and errors as for :func:`cam`.
    """
    cut = _cut_trace(trace, node, logits, class_index)
    weights = formulas.grad_cam_weights(cut.activation, cut.gradient)
    total = formulas.weighted_sum(weights, cut.activation)[0]
    return GradCamParts(
        cut.activation[0], cut.gradient[0], weights[0], total, total.relu(), float(cut.scores[0])
    )


def _gradient_map(method: str, activation: Tensor, gradient: Tensor) -> tuple[Tensor, Tensor | None]:
    """Return maps [N, h, w] and, where the method has them, weights [N, C]."""
    if method == "hirescam":
        return formulas.hires_cam(activation, gradient), None
    if method == "layercam":
        return formulas.layer_cam(activation, gradient), None
    if method == "eigencam":
        return formulas.eigen_cam(activation), None
    weigh = formulas.grad_cam_weights if method == "gradcam" else formulas.grad_cam_plus_plus_weights
    weights = weigh(activation, gradient)
    return formulas.weighted_sum(weights, activation).relu(), weights


def _cut_trace(trace: Trace, node: Node, logits: Node, class_index: int, gradients: bool = True) -> Cut:
    """Differentiate the class score of the first picture with respect to a node."""
    layout = layout_of_node(trace, node)
    if layout is None:
        raise no_place(node.name, node.shape)
    classes = classes_of(logits.output[:1], class_index)
    leaf = node.output.detach()
    gradient: Tensor | None = None
    if gradients:
        leaf.requires_grad_()
        with torch.inference_mode(False), torch.enable_grad():
            score = _score(trace, node, leaf, logits, classes[0])
        if score.requires_grad:
            (gradient,) = torch.autograd.grad(score, leaf, allow_unused=True)
    if gradient is None:
        gradient = torch.zeros_like(leaf)
    score = logits.output[0, classes[0]]
    scores = logits.output[:1].detach()
    return Cut(layout.maps(leaf.detach())[:1], layout.maps(gradient)[:1], score[None], classes, scores)


def _score(trace: Trace, node: Node, leaf: Tensor, logits: Node, index: int) -> Tensor:
    """Compute the class score from another value of a node."""
    before = logits.inputs[0] if logits.inputs else logits
    if logits.kind != "linear" or len(before.shape) != 2 or node is logits:
        return replay_from(trace, {node: leaf}, (logits,))[logits][0, index]
    # One row of the last layer's weights instead of a thousand: they are most of what is to be read from
    # memory behind a late layer.
    weight, bias = logits.arguments["weight"].detach(), logits.arguments["bias"]
    score = replay_from(trace, {node: leaf}, (before,))[before][0] @ weight[index]
    return score if bias is None else score + bias[index].detach()


def _known(method: str) -> None:
    if method not in CAM_METHODS:
        raise ReaderError(
            "There is no class activation map called {method}; there are {known}.",
            method=method,
            known=", ".join(CAM_METHODS),
        )


def _module(model: nn.Module, target: str | nn.Module) -> tuple[nn.Module, int, str] | None:
    """Find a layer among the modules: the module, which of its runs, its name."""
    modules = dict(model.named_modules())
    if isinstance(target, nn.Module):
        for name, module in modules.items():
            if module is target:
                return target, 0, name
        raise ReaderError("The layer that was given is not part of this network.")
    path, _, run = target.partition(":")
    if path in modules and (not run or run.isdigit()):
        return modules[path], int(run or 1) - 1, target
    return None


def _from_own_trace(
    model: nn.Module,
    image: Tensor,
    target: str | nn.Module,
    class_index: int | None,
    method: str,
    progress: Progress | None,
) -> Tensor:
    """Trace one picture first: for nodes that are no modules, for Ablation-CAM, and in training mode."""
    recorded = record(model, image)
    found = _module(model, target)
    node = _last_of(recorded, found[0], found[1]) if found else _named(recorded, str(target))
    logits = class_scores_node(recorded)
    (index,) = classes_of(logits.output[:1], class_index)
    return cam(recorded, node, logits, index, method, progress=progress).map


def _last_of(recorded: Trace, module: nn.Module, occurrence: int) -> Node:
    """Return what one run of a module returned: the last node that ran inside."""
    inside = [node for node in recorded.nodes if _runs_in(node, module, occurrence)]
    if not inside:
        raise ReaderError("The layer {layer} did not run for this picture.", layer=type(module).__name__)
    return inside[-1]


def _runs_in(node: Node, module: nn.Module, occurrence: int) -> bool:
    call = node.call
    while call.parent is not None:
        if call.module is module and call.occurrence == occurrence:
            return True
        call = call.parent
    return False


def _named(recorded: Trace, name: str) -> Node:
    try:
        return recorded[name]
    except KeyError as error:
        raise ReaderError("There is no layer called {name}: {why}.", name=name, why=error.args[0]) from None


def _each(class_index: int | Sequence[int] | None, count: int) -> list[int | None]:
    if class_index is None or isinstance(class_index, int):
        return [class_index] * count
    if len(class_index) != count:
        raise ReaderError(
            "There are {images} pictures, and {classes} classes asked for.",
            images=count,
            classes=len(class_index),
        )
    return [int(index) for index in class_index]
