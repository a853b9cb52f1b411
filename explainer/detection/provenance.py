"""Where a box came from: what its cell can see, what it does see, and what of a layer speaks for its score.

A box is what one cell of one grid says. Its score is sigmoid(objectness) · sigmoid(class), two numbers of the
same cell, so what explains a classifier's score explains this one: the receptive field of the two (the same,
their branches have the same shape), the gradient of the score with respect to the photo, and class
activation maps, whose target here is one cell instead of one class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explainer.attribution import formulas
from explainer.detection.yolox import STRIDES
from explainer.errors import ReaderError
from explainer.tracing import Node, Trace, receptive_field, replay_from
from explainer.wording import later

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels of the network's input."""

TARGETS: Mapping[str, str] = {
    "score": later("Score"),
    "objectness": later("Objectness"),
    "class": later("Class"),
}
"""What of a cell is explained: the product, or one of its factors as a logit."""

METHODS: Mapping[str, str] = {"gradcam": "Grad-CAM", "hirescam": "HiResCAM"}
"""Class activation maps of a cell. Grad-CAM gives each channel one weight, so all that looks alike lights up,
here and elsewhere; HiResCAM multiplies place by place, so only what this cell reads does."""


@dataclass(frozen=True)
class Cell:
    """One cell of one of the three grids."""

    grid: int
    """0, 1, 2: strides 8, 16, 32."""
    row: int
    column: int

    @property
    def stride(self) -> int:
        """Pixels of the input between this grid's cells."""
        return STRIDES[self.grid]

    @property
    def square(self) -> Box:
        """The part of the input that the cell stands for."""
        left, top = self.column * self.stride, self.row * self.stride
        return (left, top, left + self.stride, top + self.stride)


def cell_at(index: int, side: int) -> Cell:
    """Return the cell with a number of the network's output, for an input of ``side`` × ``side`` pixels.

    Raises:
        ReaderError: there is none.
    """
    left = index
    for grid, stride in enumerate(STRIDES):
        across = side // stride
        if 0 <= left < across * across:
            return Cell(grid, left // across, left % across)
        left -= across * across
    raise ReaderError(
        "There is no cell {index} in the grids of an input of {side} pixels.", index=index, side=side
    )


def index_of(cell: Cell, side: int) -> int:
    """Return the number of a cell in the network's output: the inverse of :func:`cell_at`."""
    before = sum((side // stride) ** 2 for stride in STRIDES[: cell.grid])
    return before + cell.row * (side // cell.stride) + cell.column


def layers_before(cell: Cell) -> dict[str, int]:
    """Return the layers of the neck, and the stem of the head, on which a cell's score depends.

    The finest grid is made first: it knows nothing of the way down that the coarser ones have behind it.

    Returns:
        Names of modules in the network, from the photo to the head, with their strides.
    """
    way = {"backbone.C3_p4": 16, "backbone.C3_p3": 8, "backbone.C3_n3": 16, "backbone.C3_n4": 32}
    names = list(way)[: 2 + cell.grid]
    return {name: way[name] for name in names} | {f"head.stems.{cell.grid}": cell.stride}


def usual_layer(cell: Cell) -> str:
    """Return the layer of the neck that the head reads for a cell's grid."""
    return ("backbone.C3_p3", "backbone.C3_n3", "backbone.C3_n4")[cell.grid]


@dataclass(frozen=True)
class Seen:
    """What a cell can see of the network's input; it may reach beyond it, into the padding."""

    field: Box
    """The theoretical receptive field of its score."""
    inside: Box
    """The part of it that is picture (or the grey rest)."""


@dataclass(frozen=True, eq=False)
class CellMap:
    """Which places of a layer speak for what a cell says."""

    map: Tensor
    """[h, w] >= 0, at the layer's resolution, not normalised."""
    value: float
    """What is explained: the score in 0..1, or a logit."""


def field_of(trace: Trace, cell: Cell) -> Seen:
    """Return the theoretical receptive field of a cell's score.

    Args:
        trace: of a :class:`explainer.detection.yolox.YOLOX` on one image [1, 3, side, side].
        cell: one of its cells.

    Raises:
        ReaderError: there is no such cell.
    """
    fields = [receptive_field(trace, node, cell.row, cell.column) for node in _heads(trace, cell)]
    boxes = [(one.box, one.seen) for one in fields]
    whole = [box for box, _ in boxes if box is not None]
    seen = [box for _, box in boxes if box is not None]
    if not whole or not seen:
        raise ReaderError("This cell sees nothing of the photo.")
    return Seen(_hull(whole), _hull(seen))


def effective_field_of(trace: Trace, cell: Cell, label: int, target: str = "score") -> Tensor:
    """Return how much each pixel moves what a cell says: Σ over colours of |∂ target / ∂ pixel|.

    Source: W. Luo et al., 2016, arXiv:1701.04128, section 2, for the score of a cell.

    Args:
        trace: as for :func:`field_of`.
        cell: one of its cells.
        label: the class.
        target: key of ``TARGETS``.

    Returns:
        float [side, side] >= 0, for each level (0 to 255) of a pixel.

    Raises:
        ReaderError: no such cell, class or target.
    """
    gradient, _, _ = _gradient(trace, trace.input, cell, label, target)
    return gradient[0].abs().sum(0)


def cell_cam(
    trace: Trace, cell: Cell, label: int, layer: str, target: str = "score", method: str = "gradcam"
) -> CellMap:
    """Return the class activation map of what one cell says.

    Grad-CAM (Selvaraju et al., 2017, equations 1 and 2) with the cell's score in place of the class's; or
    HiResCAM (Draelos and Carin, 2020). Only what lies between the layer and the cell runs again.

    Args:
        trace: as for :func:`field_of`.
        cell: one of its cells.
        label: the class.
        layer: name of a module, see :func:`layers_before`, or of any node with maps.
        target: key of ``TARGETS``.
        method: key of ``METHODS``.

    Raises:
        ReaderError: no such cell, class, layer, target or method.
    """
    if method not in METHODS:
        raise ReaderError(
            "There is no class activation map called {method}; there are {known}.",
            method=method,
            known=", ".join(METHODS),
        )
    gradient, activation, value = _gradient(trace, _node(trace, layer), cell, label, target)
    if method == "gradcam":
        weights = formulas.grad_cam_weights(activation, gradient)
        heat = formulas.weighted_sum(weights, activation).relu()
    else:
        heat = formulas.hires_cam(activation, gradient)
    return CellMap(heat[0], value)


def _gradient(trace: Trace, node: Node, cell: Cell, label: int, target: str) -> tuple[Tensor, Tensor, float]:
    """Return the gradient of what a cell says with respect to a node, the node's value, and what it says."""
    leaf = node.output.detach().clone().requires_grad_()
    with torch.inference_mode(False), torch.enable_grad():
        value = _said(trace, {node: leaf}, cell, label, target)
        if not value.requires_grad:  # this layer is not on the way to the cell
            return torch.zeros_like(leaf), leaf.detach(), float(value)
        (gradient,) = torch.autograd.grad(value, leaf)
    return gradient, leaf.detach(), float(value.detach())


def _said(trace: Trace, changed: Mapping[Node, Tensor], cell: Cell, label: int, target: str) -> Tensor:
    """Compute what a cell says, a scalar, where other nodes have other values."""
    objectness, classes = _heads(trace, cell)
    if target not in TARGETS:
        raise ReaderError(
            "There is no {target} to be explained; there are {known}.",
            target=target,
            known=", ".join(TARGETS),
        )
    count, height, width = classes.shape[1:]
    if not (0 <= cell.row < height and 0 <= cell.column < width):
        raise ReaderError("The grid of stride {stride} has no such cell.", stride=cell.stride)
    if not 0 <= label < count:
        raise ReaderError("There are {classes} classes, numbered from 0.", classes=count)
    wanted = {"score": (objectness, classes), "objectness": (objectness,), "class": (classes,)}[target]
    found = replay_from(trace, changed, wanted)
    logits = [found[node][0, label if node is classes else 0, cell.row, cell.column] for node in wanted]
    return logits[0].sigmoid() * logits[1].sigmoid() if target == "score" else logits[0]


def _heads(trace: Trace, cell: Cell) -> tuple[Node, Node]:
    """Return the nodes with the objectness and the classes of a cell's grid."""
    return _node(trace, f"head.obj_preds.{cell.grid}"), _node(trace, f"head.cls_preds.{cell.grid}")


def _node(trace: Trace, name: str) -> Node:
    """Return what a module returned, the last node that ran in it; or the node of that name."""
    # A module's own name may be that of an operation in the midst of it, such as a concatenation.
    inside = [node for node in trace.nodes if node.name.startswith(f"{name}.")]
    if inside:
        return inside[-1]
    if name not in trace:
        raise ReaderError("There is no layer called {name} in this detector.", name=name)
    return trace[name]


def _hull(boxes: list[Box]) -> Box:
    """Return the smallest box around boxes (top, left, bottom, right), as left, top, right, bottom."""
    top, left = (min(box[i] for box in boxes) for i in (0, 1))
    bottom, right = (max(box[i] for box in boxes) for i in (2, 3))
    return (left, top, right, bottom)
