"""What a trace is made of: nodes (one executed operation each) and the calls they ran under."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch


@dataclass(frozen=True, eq=False)
class Call:
    """One execution of one module. A module that runs twice has two calls.

    Calls nest properly, so the nodes of a call are a contiguous run of execution order; the tree they form
    is what the network map folds.
    """

    path: str
    """Dotted module path as in ``named_modules()``; ``""`` for the model itself."""
    type: str
    """Class name of the module, such as ``"Conv2d"`` or ``"BasicBlock"``."""
    description: str
    """``repr`` of a leaf module (``"Conv2d(3, 8, kernel_size=(3, 3), ...)"``), class name of a container."""
    parent: Call | None
    occurrence: int
    """0 the first time this module runs in this trace, 1 the second time, ..."""


@dataclass(frozen=True, eq=False)
class Node:
    """One executed operation that returned a tensor.

    An operation that returns several tensors (``chunk``, ``split``) has one node for each of them.
    """

    index: int
    """Position in execution order; the input images are node 0."""
    name: str
    """Unique in its trace: ``"layer1.0.conv1"`` where a module runs one operation, else ``"layer1.0.add"``;
    later executions under the same name end in ``":2"``, ``":3"``, ..."""
    kind: str
    """The operation's plain name: ``conv2d``, ``batch_norm``, ``relu``, ``add``, ``cat``, ``input`` ...
    In-place and operator spellings share one kind (``add_``, ``+``, ``torch.add`` are all ``add``)."""
    module: str
    """Path of the innermost module that was running."""
    call: Call
    inputs: tuple[Node, ...]
    """The nodes whose outputs this operation read, in order of its arguments, each once per use."""
    arguments: Mapping[str, Any]
    """The operation's arguments bound to their standard names. Tensors made by other nodes stand as those
    ``Node`` objects (also inside lists); parameters, buffers and constants stand as themselves."""
    output: torch.Tensor
    """The tensor it returned, as it was at that moment (a later in-place operation does not change it)."""
    function: Callable[..., Any] = field(repr=False)
    args: tuple[Any, ...] = field(repr=False)
    """Positional arguments as they were passed, tensors from other nodes replaced by those nodes."""
    kwargs: Mapping[str, Any] = field(repr=False)
    output_index: int | None = None
    """Which of several returned tensors this node is; ``None`` if the operation returned one tensor."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the output, batch first."""
        return tuple(self.output.shape)


@dataclass(frozen=True, eq=False)
class Trace:
    """One forward pass, written down completely. Indexing by name gives a node."""

    nodes: tuple[Node, ...]
    """All nodes in execution order; ``nodes[0]`` is the input images."""
    output: Any
    """What the model returned, with tensors replaced by the nodes that made them."""
    root: Call
    _by_name: Mapping[str, Node] = field(repr=False, default_factory=dict)

    @property
    def input(self) -> Node:
        """The node of the input images [N, C, H, W]."""
        return self.nodes[0]

    def __getitem__(self, name: str) -> Node:
        """Look a node up by name; ``KeyError`` names the closest existing nodes."""
        try:
            return self._by_name[name]
        except KeyError:
            import difflib

            close = difflib.get_close_matches(name, self._by_name, n=3, cutoff=0.3)
            raise KeyError(f"no node named {name!r}; close: {', '.join(close) or 'none'}") from None

    def __contains__(self, name: object) -> bool:
        """Whether a node of this name exists."""
        return name in self._by_name

    def consumers(self, node: Node) -> tuple[Node, ...]:
        """The nodes that read this node's output, in execution order."""
        return tuple(other for other in self.nodes if node in other.inputs)
