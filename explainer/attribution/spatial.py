"""Where in a layer's output the picture's rows and columns are, if it still has any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from weakref import WeakKeyDictionary

from torch import Tensor

from explainer.errors import ReaderError
from explainer.tracing import Node, Trace
from explainer.tracing.arithmetic import channels_last

Size = tuple[int, int]
Arrangement = Literal["map", "map, channels last", "tokens", "tokens, channels first"]

_MOST_PREFIX = 8
"""Class and register tokens that stand before the patches; no published vision transformer has more."""

_NO_MAPS = frozenset({"matmul", "bmm", "baddbmm", "softmax"})
"""Attention matrices: their rows and columns are tokens."""

_GRID_MAKERS = ("conv", "max_pool", "avg_pool", "adaptive_", "interpolate", "upsample", "pixel_")


@dataclass(frozen=True)
class Layout:
    """How the output of a layer is laid out over the picture."""

    arrangement: Arrangement
    height: int
    width: int
    prefix: int = 0
    """Tokens before the first patch (class token, registers), which have no place in the picture."""

    def maps(self, tensor: Tensor) -> Tensor:
        """Return the layer's tensor [N, ...] as maps [N, C, height, width], a view where possible."""
        if self.arrangement == "map":
            return tensor
        if self.arrangement == "map, channels last":
            return tensor.permute(0, 3, 1, 2)
        if self.arrangement == "tokens":
            tensor = tensor.transpose(1, 2)
        return tensor[:, :, self.prefix :].unflatten(2, (self.height, self.width))


def layout_of(
    shape: Sequence[int], images: Sequence[int], grids: Sequence[Size], last: bool | None = None
) -> Layout | None:
    """Find rows and columns in the shape of a layer's output.

    Args:
        shape: the output, batch first.
        images: the input pictures [N, C, H, W].
        grids: heights and widths of the convolutions and poolings up to the layer, in execution order.
        last: whether its channels are the last axis; ``None`` if nobody knows.

    Returns:
        ``None`` for vectors, for attention matrices and for whatever else has no place in the picture.
    """
    if shape[0] != images[0]:
        return None
    picture = (images[-2], images[-1])
    if len(shape) == 4:
        if not last and _covers((shape[2], shape[3]), picture, grids):
            return Layout("map", shape[2], shape[3])
        if last is not False and _covers((shape[1], shape[2]), picture, grids):
            return Layout("map, channels last", shape[1], shape[2])
    if len(shape) == 3 and last is None:
        return layout_of(shape, images, grids, True) or layout_of(shape, images, grids, False)
    if len(shape) == 3:
        tokens = shape[1] if last else shape[2]
        kind: Arrangement = "tokens" if last else "tokens, channels first"
        return min(
            (
                Layout(kind, height, width, tokens - height * width)
                for height, width in (*reversed(grids), *_proportioned(tokens, picture, grids))
                if 1 < height * width <= tokens <= height * width + _MOST_PREFIX
            ),
            key=lambda layout: layout.prefix,
            default=None,
        )
    return None


def layout_of_node(trace: Trace, node: Node) -> Layout | None:
    """Find rows and columns in a recorded output; ``None`` where it has none."""
    if len(node.shape) not in (3, 4) or len(trace.input.shape) != 4 or not node.dtype.is_floating_point:
        return None
    if trace not in _surveys:
        _surveys[trace] = _Survey(trace)
    survey = _surveys[trace]
    if node.kind in _NO_MAPS or node not in survey.from_picture:
        return None
    grids = [size for index, size in survey.grids if index <= node.index]
    last = channels_last(node)
    found = layout_of(node.shape, trace.input.shape, grids, last)
    # Behind windows put together again, which axis the channels are is a guess: perhaps the other one.
    return found or layout_of(node.shape, trace.input.shape, grids, not last)


def has_place(trace: Trace, node: Node) -> bool:
    """Whether a class activation map of this layer says where: more than one position in the picture."""
    found = layout_of_node(trace, node)
    return found is not None and found.height * found.width > 1


def no_place(name: str, shape: Sequence[int]) -> ReaderError:
    """Say that a layer has nothing to draw over the picture."""
    return ReaderError(
        "The output of {layer} ({shape}) has no rows and columns of the picture any more, so it has no "
        "class activation map. Choose a layer before it.",
        layer=name,
        shape=" × ".join(map(str, shape[1:])),
    )


def _covers(size: Size, picture: Size, grids: Sequence[Size]) -> bool:
    """Whether rows and columns are those of a convolution, or share the picture's proportions."""
    if size in grids or size == (1, 1):
        return True
    skew = abs(size[0] * picture[1] - size[1] * picture[0])
    return _within(size, picture, grids) and skew <= max(picture)


def _within(size: Size, picture: Size, grids: Sequence[Size]) -> bool:
    """Whether this is no finer than the finest map so far."""
    finest = max(grids, default=picture)
    return size[0] <= finest[0] and size[1] <= finest[1]


def _proportioned(tokens: int, picture: Size, grids: Sequence[Size]) -> list[Size]:
    """Rows and columns of as many tokens, in the picture's proportions."""
    height = round((tokens * picture[0] / picture[1]) ** 0.5)
    size = (height, tokens // max(1, height))
    return [size] if size[0] * size[1] == tokens and _within(size, picture, grids) else []


class _Survey:
    """What is asked of a trace for each of its nodes, gathered once."""

    def __init__(self, trace: Trace) -> None:
        self.grids: list[tuple[int, Size]] = []
        self.from_picture = {trace.input}
        """Computed from the picture: a position bias is not."""
        for node in trace.nodes:
            if not self.from_picture.isdisjoint(node.inputs):
                self.from_picture.add(node)
            shape = node.shape
            if len(shape) == 4 and node.kind.startswith(_GRID_MAKERS):
                self.grids.append((node.index, (shape[2], shape[3])))


_surveys: WeakKeyDictionary[Trace, _Survey] = WeakKeyDictionary()
