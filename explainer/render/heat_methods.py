"""Every heat map that the page offers: what it is called, what can be set, and how it is computed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from explainer.attribution.baselines import BASELINES, baseline
from explainer.attribution.cams import CAM_METHODS, cam, grad_cam_parts
from explainer.attribution.gradients import (
    collapse,
    guided_backpropagation,
    guided_nodes,
    magnitude,
    saliency,
    smooth_grad,
)
from explainer.attribution.integrated import integrated_gradients
from explainer.attribution.occlusion import occlusion, places
from explainer.attribution.spatial import has_place, layout_of_node
from explainer.progress import Progress
from explainer.wording import later

if TYPE_CHECKING:
    from explainer.models import LoadedModel
    from explainer.tracing import Node, Trace

Value = int | float | str


@dataclass(frozen=True)
class Parameter:
    """One thing that can be set."""

    key: str
    title: str
    default: Value
    low: float = 0
    high: float = 0
    step: float = 1
    choices: Mapping[str, str] | None = None
    """Titles by value, instead of a range."""

    def read(self, text: str | None) -> Value:
        """Return the value that a link writes as ``text``; what makes no sense is the default."""
        if text is None or (self.choices is not None and text not in self.choices):
            return self.default
        if self.choices is not None:
            return text
        try:
            value = float(text)
        except ValueError:
            return self.default
        if not self.low <= value <= self.high:
            return self.default
        return value if isinstance(self.default, float) else round(value)


@dataclass(frozen=True)
class HeatMethod:
    """One way to draw what speaks for a class."""

    key: str
    title: str
    """English; some have a translation."""
    paper: str
    year: int
    url: str
    layered: bool = False
    """Whether it looks at one layer, not at the pixels."""
    many: bool = False
    """Whether it runs the network many times."""
    signed: bool = False
    """Whether its map always says what speaks against the class, too."""


_PIXELS = (
    HeatMethod(
        "saliency",
        later("Saliency"),
        "Simonyan, Vedaldi and Zisserman, Deep inside convolutional networks",
        2014,
        "https://arxiv.org/abs/1312.6034",
    ),
    HeatMethod(
        "smoothgrad",
        "SmoothGrad",
        "Smilkov et al., SmoothGrad: removing noise by adding noise",
        2017,
        "https://arxiv.org/abs/1706.03825",
        many=True,
    ),
    HeatMethod(
        "guided",
        later("Guided backprop"),
        "Springenberg et al., Striving for simplicity: the all convolutional net",
        2015,
        "https://arxiv.org/abs/1412.6806",
    ),
    HeatMethod(
        "integrated",
        later("Integrated gradients"),
        "Sundararajan, Taly and Yan, Axiomatic attribution for deep networks",
        2017,
        "https://arxiv.org/abs/1703.01365",
        many=True,
        signed=True,
    ),
    HeatMethod(
        "occlusion",
        later("Occlusion"),
        "Zeiler and Fergus, Visualizing and understanding convolutional networks",
        2014,
        "https://arxiv.org/abs/1311.2901",
        many=True,
        signed=True,
    ),
)

METHODS: Mapping[str, HeatMethod] = MappingProxyType(
    {
        one.key: HeatMethod(
            one.key,
            one.title,
            one.paper,
            one.year,
            one.url,
            layered=True,
            many=one.key in ("scorecam", "ablationcam"),
        )
        for one in CAM_METHODS.values()
    }
    | {one.key: one for one in _PIXELS}
)
"""All methods in the order in which they are offered: of a layer first, then of the pixels."""

LAYERED = tuple(key for key, one in METHODS.items() if one.layered)
FIRST = ("gradcam", "gradcam++", "hirescam", "layercam", "saliency", "guided", "integrated", "occlusion")
"""On the wall at first, where running the network many times takes a moment."""
FIRST_OF_LARGE = ("gradcam", "gradcam++", "hirescam", "layercam", "eigencam", "saliency", "guided")
"""On the wall at first elsewhere."""
_STREAM = ("add", "layer_norm", "conv2d")
"""Where a network of one resolution has what all its blocks read from and write to."""
_WEIGHING = ("linear", "conv2d", "addmm", "matmul")
_LAST = 128
"""How far back to look for a layer that reaches the answer."""
QUICK = 100_000_000
"""Floating-point operations of a forward pass that may be run hundreds of times without asking."""


def parameters(method: str, picture: tuple[int, int]) -> tuple[Parameter, ...]:
    """Return what can be set about a method, for a picture of this height and width."""
    if method == "smoothgrad":
        return (
            Parameter("samples", later("Noisy copies"), 25, 4, 100),
            Parameter("noise", later("Noise, as a share of the picture's range"), 0.15, 0.0, 0.5, 0.01),
            Parameter("seed", later("Seed"), 0, 0, 99),
        )
    if method == "integrated":
        return (
            Parameter("baseline", later("Baseline"), "black", choices=BASELINES),
            Parameter("steps", later("Steps"), 32, 8, 256),
        )
    if method == "occlusion":
        side = min(picture)
        size = max(1, round(side / 7))
        return (
            Parameter("size", later("Patch, in pixels"), size, 1, max(2, side // 2)),
            Parameter("stride", later("Stride, in pixels"), max(1, size // 2), 1, max(2, side // 4)),
            Parameter("fill", later("The patch shows"), "grey", choices=BASELINES),
        )
    return ()


@dataclass(frozen=True, eq=False)
class Heat:
    """One heat map and what it took."""

    map: Tensor
    """Float32 [h, w], at the resolution of the layer or of the picture, not normalised."""
    opposed: Tensor | None
    """The same with what speaks against the class: before the ReLU, or the sum over colours instead of the
    largest magnitude. ``None`` where there is no such thing; ``map`` itself where that is signed."""
    seconds: float
    forward: int
    """Runs of the network, or of what lies behind the layer, beside the recorded one."""
    backward: int
    note: str = ""
    """What to know about this map, in English."""


def compute(
    method: str,
    loaded: LoadedModel,
    trace: Trace,
    logits: Node,
    node: Node | None,
    class_index: int,
    values: Mapping[str, Value],
    progress: Progress | None = None,
) -> Heat:
    """Compute one map of the trace's first image.

    Args:
        method: key of ``METHODS``.
        loaded: the network.
        trace: the forward pass, shared with everybody.
        logits: the node with the class scores.
        node: the layer; only for methods of a layer.
        class_index: the class.
        values: its ``parameters``.
        progress: told (done, total) by what takes long; an exception of its ends the work.

    Raises:
        ReaderError: the network or the layer does not allow it.
    """
    start = time.perf_counter()
    if METHODS[method].layered:
        assert node is not None
        heat, opposed, forward, backward = _layered(method, trace, node, logits, class_index, progress)
    else:
        heat, opposed, forward, backward = _pixels(
            method, loaded, trace, logits, class_index, values, progress
        )
    return Heat(
        heat.detach().float().contiguous(),
        None if opposed is None else opposed.detach().float().contiguous(),
        time.perf_counter() - start,
        forward,
        backward,
        _note(method, trace),
    )


def _note(method: str, trace: Trace) -> str:
    if method == "eigencam":
        return later("The same for every class")
    if method == "guided" and not guided_nodes(trace):
        return later("No ReLU in this network: the plain gradient")
    return ""


def _layered(
    method: str, trace: Trace, node: Node, logits: Node, class_index: int, progress: Progress | None
) -> tuple[Tensor, Tensor | None, int, int]:
    found = cam(trace, node, logits, class_index, method, progress=progress)
    if method == "eigencam":
        return found.map, None, 0, 0
    if found.weights is not None:
        layout = layout_of_node(trace, node)
        assert layout is not None
        activation = layout.maps(node.output)[0].detach()
        total = torch.einsum("c,chw->hw", found.weights.to(activation.dtype), activation)
    else:
        parts = grad_cam_parts(trace, node, logits, class_index)
        gradient = parts.gradient if method == "hirescam" else parts.gradient.relu()
        total = (parts.activation * gradient).sum(0)
    runs = found.weights.numel() if METHODS[method].many and found.weights is not None else 0
    return found.map, total, runs, 0 if runs else 1


def _pixels(
    method: str,
    loaded: LoadedModel,
    trace: Trace,
    logits: Node,
    class_index: int,
    values: Mapping[str, Value],
    progress: Progress | None,
) -> tuple[Tensor, Tensor | None, int, int]:
    images = trace.input.output[:1]
    if method in ("saliency", "guided"):
        compute_gradient = saliency if method == "saliency" else guided_backpropagation
        gradient = compute_gradient(trace, logits, class_index)
        return magnitude(gradient), collapse(gradient), 1, 1
    if method == "smoothgrad":
        samples = int(values["samples"])
        gradient = smooth_grad(
            loaded.model,
            images,
            class_index,
            samples=samples,
            noise=float(values["noise"]),
            seed=int(values["seed"]),
            progress=progress,
        )
        return magnitude(gradient), collapse(gradient), samples, samples
    if method == "integrated":
        steps = int(values["steps"])
        begin = baseline(str(values["baseline"]), images, loaded.preprocessing)
        shared = integrated_gradients(
            loaded.model, images, class_index, baseline=begin, steps=steps, progress=progress
        )
        total = collapse(shared.attribution)
        return total, total, steps, steps
    size, stride = int(values["size"]), int(values["stride"])
    hidden = occlusion(
        loaded.model,
        images,
        class_index,
        size=size,
        stride=stride,
        fill=baseline(str(values["fill"]), images, loaded.preprocessing),
        progress=progress,
    )
    runs = sum(map(len, places(images.shape[2], images.shape[3], size, stride)))
    return hidden.map, hidden.map, runs, 0


# --- layers ----------------------------------------------------------------------------------------------


def layers_with_place(trace: Trace, logits: Node) -> tuple[Node, ...]:
    """Return the nodes that a class activation map can be drawn for: spatial, on the way to the answer."""
    leads = {logits}
    for node in reversed(trace.nodes[: logits.index + 1]):
        if node in leads:
            leads.update(node.inputs)
    return tuple(node for node in trace.nodes[1 : logits.index] if node in leads and has_place(trace, node))


def last_layer(trace: Trace, logits: Node, layers: tuple[Node, ...]) -> Node:
    """Return the layer to begin with: the last features that are weighed up and reach the answer.

    Where the classes are maps that are only averaged (SqueezeNet), all methods would show that map alone.
    In a vision transformer that answers from its class token the last block's patches reach nothing; there
    it is the stream of tokens before the last attention.
    """
    weighed = max(
        (node.index for node in trace.nodes[: logits.index + 1] if node.kind in _WEIGHING), default=-1
    )
    features = [node for node in layers if node.index < weighed and not node.kind.endswith("dropout")]
    layers = tuple(features) or layers
    if len(layers[-1].shape) == 4:
        return layers[-1]
    class_index = int(logits.output[0].argmax())

    def heard(place: int) -> bool:
        return bool(grad_cam_parts(trace, layers[place], logits, class_index).gradient.any())

    deaf, back = len(layers), 1
    while not heard(len(layers) - back):
        deaf, back = len(layers) - back, 2 * back
        if back > min(_LAST, len(layers)):
            return layers[-1]  # an answer that depends on nothing: a head of zeros, for one
    found = len(layers) - back
    while deaf - found > 1:  # what comes before a layer that is heard is heard, too
        middle = (found + deaf) // 2
        found, deaf = (middle, deaf) if heard(middle) else (found, middle)
    stream = (node for node in reversed(layers[: found + 1]) if node.kind in _STREAM)
    return next(stream, layers[found])


def through_the_depth(trace: Trace, layers: tuple[Node, ...], last: Node, count: int = 6) -> tuple[Node, ...]:
    """Return a few layers up to ``last``: the last of each resolution, else evenly spaced ones."""
    usable = [node for node in layers if node.index <= last.index]
    sizes = [
        (found.height, found.width) if (found := layout_of_node(trace, node)) else None for node in usable
    ]
    ends = [
        node for node, size, after in zip(usable, sizes, [*sizes[1:], None], strict=True) if size != after
    ]
    if len(ends) < 3:
        stream = [node for node in usable if node is last or node.kind in _STREAM]
        ends = stream if len(stream) >= 3 else usable
    if len(ends) > count:
        ends = [ends[round(step * (len(ends) - 1) / (count - 1))] for step in range(count)]
    return tuple(dict.fromkeys(ends))
