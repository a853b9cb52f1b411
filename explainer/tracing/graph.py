"""What a trace is made of: nodes (one executed operation each) and the calls they ran under."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType
from typing import Any
from weakref import ref

import torch

from explainer.tracing.execute import execute, substitute, times_written
from explainer.tracing.operations import bind


class Call:
    """One execution of one module. A module that runs twice has two calls.

    Calls nest properly, so the nodes of a call are a contiguous run of execution order; the tree they form
    is what the network map folds.
    """

    __slots__ = ("module", "occurrence", "parent", "path")

    path: str
    """Dotted module path as in ``named_modules()``; ``""`` for the model itself."""
    module: torch.nn.Module
    """The module of the traced model that ran (shared with everybody: read only)."""
    parent: Call | None
    occurrence: int
    """0 the first time this module runs in this trace, 1 the second time, ..."""

    def __init__(self, path: str, module: torch.nn.Module, parent: Call | None, occurrence: int) -> None:
        self.path = path
        self.module = module
        self.parent = parent
        self.occurrence = occurrence

    @property
    def type(self) -> str:
        """Class name of the module, such as ``"Conv2d"`` or ``"BasicBlock"``."""
        return type(self.module).__name__

    @property
    def description(self) -> str:
        """``repr`` of a leaf (``"Conv2d(3, 8, kernel_size=(3, 3), ...)"``), class name of a container."""
        return self.type if self.module._modules else repr(self.module)

    def __repr__(self) -> str:
        return f"Call({self.path!r}, {self.type}, occurrence={self.occurrence})"


class Node:
    """One executed operation that returned a tensor.

    An operation that returns several tensors (``chunk``, ``split``) has one node for each of them.
    Nodes are read only; they compare and hash by identity.
    """

    __slots__ = (
        "__weakref__",
        "_alive",
        "_arguments",
        "_depth",
        "_output",
        "_shape",
        "_type",
        "_versions",
        "args",
        "call",
        "function",
        "index",
        "inputs",
        "kind",
        "kwargs",
        "name",
        "output_index",
        "random_state",
    )

    index: int
    """Position in execution order; the input images are node 0."""
    name: str
    """Unique in its trace: ``"layer1.0.conv1"`` where a module runs one operation, else ``"layer1.0.add"``;
    later executions under the same name end in ``":2"``, ``":3"``, ..."""
    kind: str
    """The operation's plain name: ``conv2d``, ``batch_norm``, ``relu``, ``add``, ``cat``, ``input`` ...
    In-place and operator spellings share one kind (``add_``, ``+``, ``torch.add`` are all ``add``)."""
    call: Call
    """The innermost module execution it ran in."""
    inputs: tuple[Node, ...]
    """The nodes whose outputs this operation read, in order of its arguments, each once per use."""
    function: Callable[..., Any]
    """What was called: ``torch.conv2d``, ``torch.nn.functional.relu``, ``torch.Tensor.add_``, ..."""
    args: tuple[Any, ...]
    """Positional arguments as they were passed, tensors from other nodes replaced by those nodes."""
    kwargs: Mapping[str, Any]
    """Keyword arguments, likewise."""
    output_index: int | None
    """Which of several returned tensors this node is; ``None`` if the operation returned one tensor."""
    random_state: torch.Tensor | None
    """State of the CPU generator before an operation that draws random numbers; ``None`` otherwise."""

    def __init__(
        self,
        index: int,
        kind: str,
        call: Call,
        inputs: tuple[Node, ...],
        output: torch.Tensor,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        output_index: int | None = None,
    ) -> None:
        self.index = index
        self.name = ""
        self.kind = kind
        self.call = call
        self.inputs = inputs
        self._output: torch.Tensor | None = output
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.output_index = output_index
        self.random_state = None
        self._arguments: Mapping[str, Any] | None = None
        self._depth = 0

    @property
    def output(self) -> torch.Tensor:
        """The tensor it returned, as it was at that moment (a later in-place operation does not change it).

        A value that is cheap to make again (a batch normalisation, ReLU, sum or concatenation) is not kept:
        it is computed once more from what is, to the same bits, the first time it is asked for. So a trace
        is small and leaves the caches of the machine to the network. ``RuntimeError`` if the parameters
        needed for that have changed since.
        """
        if self._output is None:
            self._output = self._again()
        return self._output

    def let_go(self, depth: int, versions: dict[int, int]) -> None:
        """Keep no hold of the output (the recorder's business only).

        Args:
            depth: how many operations in a row are to be computed again to get it back.
            versions: how often each parameter and buffer (by ``id``) had been written to in place.
        """
        output = self._output
        if output is not None:
            self._depth = depth
            self._shape = output.shape
            self._type = output.dtype
            self._versions = versions
            self._alive = ref(output)
            self._output = None

    def shows(self, tensor: torch.Tensor) -> bool:
        """Whether this very tensor object is the node's output (the recorder's business only)."""
        return self._output is tensor or (self._output is None and self._alive() is tensor)

    def _again(self) -> torch.Tensor:
        versions = self._versions
        for value in (*self.args, *self.kwargs.values()):
            if id(value) in versions and versions[id(value)] != times_written(value):
                raise RuntimeError(f"the parameters of {self.name!r} have changed since it was traced")
        with torch.inference_mode(False), torch.no_grad():
            return execute(
                self.function,
                substitute(self.args, _value),
                substitute(self.kwargs, _value),
                self.output_index,
                self.random_state,
            )

    @property
    def module(self) -> str:
        """Path of the innermost module that was running."""
        return self.call.path

    @property
    def arguments(self) -> Mapping[str, Any]:
        """The operation's arguments bound to their standard names, defaults filled in.

        Tensors made by other nodes stand as those ``Node`` objects (also inside lists); parameters, buffers
        and constants stand as themselves. Strides, paddings, dilations and kernel sizes are tuples of ints,
        one per spatial dimension.
        """
        if self._arguments is None:
            self._arguments = MappingProxyType(bind(self.kind, self.function, self.args, self.kwargs))
        return self._arguments

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the output, batch first."""
        return tuple(self._shape if self._output is None else self._output.shape)

    @property
    def dtype(self) -> torch.dtype:
        """Type of the output's numbers."""
        return self._type if self._output is None else self._output.dtype

    def __repr__(self) -> str:
        return f"Node({self.index}, {self.name!r}, {self.kind}, {'x'.join(map(str, self.shape))})"


def _value(argument: Any) -> Any:
    return argument.output if type(argument) is Node else argument


class Trace:
    """One forward pass, written down completely. Indexing by name gives a node."""

    def __init__(self, nodes: Iterable[Node], output: Any, root: Call) -> None:
        self.nodes: tuple[Node, ...] = tuple(nodes)
        """All nodes in execution order; ``nodes[0]`` is the input images."""
        self.output: Any = output
        """What the model returned, with tensors replaced by the nodes that made them."""
        self.root: Call = root
        """The call of the model itself."""

    @property
    def input(self) -> Node:
        """The node of the input images [N, C, H, W]."""
        return self.nodes[0]

    @cached_property
    def _by_name(self) -> Mapping[str, Node]:
        return {node.name: node for node in self.nodes}

    @cached_property
    def _consumers(self) -> Mapping[Node, tuple[Node, ...]]:
        found: dict[Node, list[Node]] = {node: [] for node in self.nodes}
        for node in self.nodes:
            for source in dict.fromkeys(node.inputs):
                found[source].append(node)
        return {node: tuple(readers) for node, readers in found.items()}

    def __getitem__(self, name: str) -> Node:
        """Look a node up by name; ``KeyError`` names the closest existing nodes."""
        try:
            return self._by_name[name]
        except KeyError:
            close = get_close_matches(name, self._by_name, n=3, cutoff=0.3)
            raise KeyError(f"no node named {name!r}; close: {', '.join(close) or 'none'}") from None

    def __contains__(self, name: object) -> bool:
        """Whether a node of this name exists."""
        return name in self._by_name

    def __repr__(self) -> str:
        return f"Trace of {self.root.type}: {len(self.nodes)} nodes"

    def consumers(self, node: Node) -> tuple[Node, ...]:
        """Return the nodes that read this node's output, in execution order."""
        return self._consumers[node]
