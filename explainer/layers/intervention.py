"""What if: one channel silent, louder or another one, one kernel with other numbers.

A change is carried through a private copy of the trace, operation by operation, so every view of a trace
shows the network as it would be; the shared model is never touched. Silencing units and watching the answer
is the ablation of Morcos et al. (2018), On the importance of single directions for generalization, sec. 2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from explainer.errors import ReaderError
from explainer.tracing import Node, Trace, extent, maps
from explainer.tracing.altered import Insertion, altered
from explainer.tracing.arithmetic import channels_last

How = Literal["scale", "zero", "mean", "channel", "image"]
SUFFIX = "what_if"

_NO_NODE = "This network has no operation called {name}."
_NO_CHANNEL = "{name} has no channel {channel}: it counts from 0 to {last}."
_NO_CHANNELS = "The output of {name} has no channels that could be changed."
_NO_KERNEL = "{name} has no kernel from {source} to {channel}."
_NO_BIAS = "{name} has no bias."
_OTHER_COUNT = "The kernel of {name} has {count} numbers, not {given}."
_OTHER_SHAPE = "In the other image {name} has another size: a channel cannot be taken from there."


@dataclass(frozen=True)
class ChannelChange:
    """Another value for one channel of a node's output, in every image of the batch."""

    node: str
    """Name of the node."""
    channel: int
    how: How = "zero"
    """``"scale"`` by ``factor``; ``"zero"``; replace by its own ``"mean"`` over the plane, by the
    ``"channel"`` ``source`` of the same node, or by the same channel of the ``"image"`` of ``other``."""
    factor: float = 1.0
    source: int | None = None
    other: Trace | None = field(default=None, compare=False, repr=False)
    picture: str = ""
    """What the image of ``other`` is called, for whoever shows the change."""


@dataclass(frozen=True)
class KernelChange:
    """Other numbers for ``weight[channel, source]`` of a convolution or linear layer.

    Like an edit of the module's parameter, it holds wherever the same parameter is used. (A weight that the
    network computes, as in weight normalisation, is edited for the operations that read that value.)
    """

    node: str
    channel: int
    """The weight's first axis: the output channel (the input channel of a transposed convolution)."""
    source: int
    """Its second axis: the input channel, counted within the group."""
    values: tuple[float, ...]
    """The kernel's numbers, row by row; one number for a linear layer."""


@dataclass(frozen=True)
class BiasChange:
    """Another bias for one output channel."""

    node: str
    channel: int
    value: float


Change = ChannelChange | KernelChange | BiasChange


def what_if(trace: Trace, changes: Iterable[Change]) -> Trace:
    """Return the trace of the network with these changes made, in order.

    A changed channel appears as one more operation behind its node (``conv1`` keeps the output it had,
    ``conv1.what_if`` has the changed one, which all others read), just as a forward hook on the module would
    be recorded. A changed kernel is a changed argument. So every number of the copy can be taken apart like
    those of the original.

    Raises:
        ReaderError: a node, channel or kernel does not exist.
    """
    inserted: dict[Node, list[Callable[[Node], Insertion]]] = {}
    edited: dict[int, tuple[Tensor | Node, Tensor]] = {}
    for change in changes:
        node = _find(trace, change.node)
        if isinstance(change, ChannelChange):
            inserted.setdefault(node, []).extend(_steps(node, change))
            continue
        parameter = weight_of(node) if isinstance(change, KernelChange) else bias_of(node)
        if parameter is None:
            raise _missing(node, change)
        if id(parameter) not in edited:
            value = parameter.output if isinstance(parameter, Node) else parameter
            edited[id(parameter)] = parameter, value.detach().clone()
        _edit(node, edited[id(parameter)][1], change)
    return altered(trace, inserted, list(edited.values()), suffix=SUFFIX)


def weight_of(node: Node) -> Tensor | Node | None:
    """Return the weight [out, in, ...] of a convolution or linear layer, ``None`` for any other operation."""
    if "conv" not in node.kind and node.kind != "linear":
        return None
    return _tensor(node.arguments.get("weight"))


def bias_of(node: Node) -> Tensor | Node | None:
    """Return the bias [out] of a convolution or linear layer, if it has one."""
    return None if weight_of(node) is None else _tensor(node.arguments.get("bias"))


def counterpart(after: Trace, name: str) -> Node:
    """Return what stands for a node in a changed trace: the last change behind it, or the node itself."""
    found, number = after[name], 1
    while (following := f"{name}.{SUFFIX}" if number == 1 else f"{name}.{SUFFIX}:{number}") in after:
        found, number = after[following], number + 1
    return found


@dataclass(frozen=True, eq=False)
class NodeChange:
    """How much one node's output is another after a change."""

    before: Node
    after: Node
    relative: float
    """Euclidean length of the difference over that of the output before; infinite where that was 0."""
    peak: float
    """Largest difference of one number."""

    @property
    def name(self) -> str:
        """The node's name in the trace before."""
        return self.before.name


def difference(before: Trace, after: Trace) -> tuple[NodeChange, ...]:
    """Measure every node that lies downstream of a change, in execution order.

    Args:
        before: the recorded forward pass.
        after: what ``what_if`` made of it.
    """
    found = []
    touched: set[Node] = set()
    for old in before.nodes:
        plain, last = after[old.name], counterpart(after, old.name)
        if plain is not old and (_arguments_differ(old, plain) or not touched.isdisjoint(plain.inputs)):
            touched.add(plain)
        if last is not plain:
            touched.add(last)
        if last in touched and old.dtype.is_floating_point:
            found.append(_measure(old, last))
    return tuple(found)


def channel_differences(change: NodeChange) -> Tensor:
    """Return the root mean square of the difference in each channel, float [C], of the first image."""
    return (maps(change.after).float() - maps(change.before).float()).square().mean((1, 2)).sqrt()


def _measure(old: Node, new: Node) -> NodeChange:
    was = old.output.float()
    gap = new.output.float() - was
    length = float(was.norm())
    moved = float(gap.norm())
    relative = moved / length if length else float("inf") if moved else 0.0
    return NodeChange(old, new, relative, float(gap.abs().max()) if gap.numel() else 0.0)


def _arguments_differ(old: Node, new: Node) -> bool:
    """Whether a tensor that is not another node's output was exchanged."""
    pairs = zip((*old.args, *old.kwargs.values()), (*new.args, *new.kwargs.values()), strict=True)
    return any(a is not b and isinstance(b, Tensor) for a, b in pairs)


def _find(trace: Trace, name: str) -> Node:
    if name not in trace:
        raise ReaderError(_NO_NODE, name=name)
    return trace[name]


def _tensor(value: Any) -> Tensor | Node | None:
    return value if isinstance(value, Tensor | Node) else None


def _edit(node: Node, weight: Tensor, change: KernelChange | BiasChange) -> None:
    """Write a change into a private copy of a weight [out, in, ...] or bias [out]."""
    if isinstance(change, BiasChange):
        _check(node, change.channel, weight.shape[0])
        weight[change.channel] = change.value
        return
    if not (0 <= change.channel < weight.shape[0] and 0 <= change.source < weight.shape[1]):
        raise _missing(node, change)
    kernel = weight[change.channel, change.source]
    if kernel.numel() != len(change.values):
        raise ReaderError(_OTHER_COUNT, name=node.name, count=kernel.numel(), given=len(change.values))
    kernel.copy_(torch.tensor(change.values, dtype=weight.dtype).reshape(kernel.shape))


def _missing(node: Node, change: KernelChange | BiasChange) -> ReaderError:
    if isinstance(change, BiasChange):
        return ReaderError(_NO_BIAS, name=node.name)
    return ReaderError(_NO_KERNEL, name=node.name, source=change.source, channel=change.channel)


def _check(node: Node, channel: int, count: int) -> None:
    if not 0 <= channel < count:
        raise ReaderError(_NO_CHANNEL, name=node.name, channel=channel, last=count - 1)


def _steps(node: Node, change: ChannelChange) -> Sequence[Callable[[Node], Insertion]]:
    """Return the operations that make the change: a product, a product and a sum, or a selection."""
    if len(node.shape) not in (2, 3, 4) or not node.dtype.is_floating_point:
        raise ReaderError(_NO_CHANNELS, name=node.name)
    axis = len(node.shape) - 1 if channels_last(node) else 1
    count = extent(node)[0]
    _check(node, change.channel, count)
    if change.how == "channel":
        source = change.channel if change.source is None else change.source
        _check(node, source, count)
        order = torch.arange(count)
        order[change.channel] = source
        return [lambda _: Insertion("index_select", torch.index_select, (axis, order))]
    gains = torch.ones([count if at == axis else 1 for at in range(len(node.shape))], dtype=node.dtype)
    gains.view(-1)[change.channel] = change.factor if change.how == "scale" else 0.0
    scaled = Insertion("mul", torch.mul, (gains,))
    if change.how in ("scale", "zero"):
        return [lambda _: scaled]
    if change.how == "image":
        plane = _plane_of(node, change, axis)
        return [lambda _: scaled, lambda silent: _filled(silent, axis, change.channel, plane)]

    def with_mean(silent: Node) -> Insertion:
        own = silent.inputs[0].output.select(axis, change.channel)
        mean = own.flatten(1).mean(1).reshape(-1, *[1] * (own.ndim - 1))
        return _filled(silent, axis, change.channel, mean)

    return [lambda _: scaled, with_mean]


def _filled(node: Node, axis: int, channel: int, plane: Tensor) -> Insertion:
    """Add a plane (or one number for each image) to a silent channel, and nothing to the others."""
    added = torch.zeros_like(node.output)
    added.select(axis, channel).copy_(plane)
    return Insertion("add", torch.add, (added,))


def _plane_of(node: Node, change: ChannelChange, axis: int) -> Tensor:
    other = change.other
    if other is None or node.name not in other or other[node.name].shape != node.shape:
        raise ReaderError(_OTHER_SHAPE, name=node.name)
    return other[node.name].output.select(axis, change.channel)
