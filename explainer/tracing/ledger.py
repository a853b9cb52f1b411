"""Which node each tensor object of a running forward pass is."""

from __future__ import annotations

from collections.abc import Callable
from sys import getrefcount
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import Parameter

from explainer.tracing.calls import Modules
from explainer.tracing.execute import tensors
from explainer.tracing.graph import Call, Node

_PLAIN = frozenset(
    {Parameter, int, float, bool, str, type(None), torch.dtype, torch.Size, torch.device, type(...)}
)
"""Types of arguments that hold no node."""

DEEPEST = 4
"""How many operations in a row may have to be computed again to get one value back."""


def let_go(node: Node, versions: dict[int, int]) -> None:
    """Let go of a value that is cheap to make again, unless too much would have to be made again with it."""
    depth = 0
    for source in node.inputs:
        if source._depth > depth:
            depth = source._depth
    if depth < DEEPEST and node.inputs:
        node.let_go(depth + 1, versions)


class Ledger:
    """The nodes so far, and what each tensor object that the model can still reach stands for."""

    def __init__(self, model: nn.Module, modules: Modules) -> None:
        self.model = model
        self.known = modules.buffers
        self.versions = modules.versions
        self.attributes: dict[int, Tensor] | None = None
        self.nodes: list[Node] = []
        # The node whose value a tensor object holds now, by id. The object is kept alive by its node or by
        # `kept`; where the node has let go of it, an id may come again, so the node is asked (`shows`).
        self.live: dict[int, Node] = {}
        self.kept: list[Tensor] = []

    def add(
        self,
        kind: str,
        call: Call,
        inputs: tuple[Node, ...],
        output: Tensor,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        output_index: int | None = None,
    ) -> Node:
        """Write down one more node, the value that ``output`` now holds."""
        nodes = self.nodes
        node = Node(len(nodes), kind, call, inputs, output, function, args, kwargs, output_index)
        nodes.append(node)
        self.live[id(output)] = node
        return node

    def node(self, tensor: Tensor) -> Node | None:
        """Return the node whose value this tensor holds now."""
        node = self.live.get(id(tensor))
        return node if node is not None and node.shows(tensor) else None

    def substitute_args(self, args: tuple[Any, ...], inputs: list[Node], call: Call) -> tuple[Any, ...]:
        """Replace tensors among positional arguments by their nodes, and collect those. Hot."""
        live, known = self.live, self.known
        values = []
        for value in args:
            kind = type(value)
            if kind is Tensor:
                node = live.get(id(value))
                if node is not None and (node._output is value or node.shows(value)):
                    inputs.append(node)
                    value = node
                elif id(value) not in known:
                    value = self.substitute(value, inputs, call)
            elif kind not in _PLAIN and not (kind is tuple and value and type(value[0]) is int):
                value = self.substitute(value, inputs, call)
            values.append(value)
        return tuple(values)

    def substitute_kwargs(self, kwargs: dict[str, Any], inputs: list[Node], call: Call) -> dict[str, Any]:
        """Replace tensors among keyword arguments by their nodes, and collect those."""
        for value in kwargs.values():
            if type(value) not in _PLAIN:
                return {name: self.substitute(value, inputs, call) for name, value in kwargs.items()}
        return kwargs

    def substitute(self, value: Any, inputs: list[Node], call: Call) -> Any:
        """Replace tensors by the nodes that made them, in tuples, lists, dicts and slices too."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if isinstance(value, Tensor):
            node = self.node(value)
            if node is None:
                if kind is Parameter or id(value) in self.known or self._is_attribute(value):
                    return value
                # Made where no operation is seen: outside this forward pass, or in compiled code.
                node = self.add("constant", call, (), value, _constant, (value.detach().clone(),), {})
            inputs.append(node)
            return node
        if kind is dict:
            return {key: self.substitute(item, inputs, call) for key, item in value.items()}
        if kind is tuple or kind is list:
            return kind([self.substitute(item, inputs, call) for item in value])
        if isinstance(value, dict):
            return {key: self.substitute(item, inputs, call) for key, item in value.items()}
        if isinstance(value, tuple | list) and tensors(value):
            return tuple(self.substitute(item, inputs, call) for item in value)
        if kind is slice:
            ends = (value.start, value.stop, value.step)
            return slice(*(self.substitute(end, inputs, call) for end in ends))
        return value

    def _is_attribute(self, value: Tensor) -> bool:
        """Whether a module holds this tensor as a plain attribute, or in a list or dict."""
        if self.attributes is None:
            held = [tensors(list(module.__dict__.values())) for module in self.model.modules()]
            self.attributes = {id(tensor): tensor for some in held for tensor in some}
        return isinstance(value, Parameter) or id(value) in self.attributes

    def keep_copy(self, target: Tensor) -> None:
        """Give the node that shows a shared buffer a copy of it."""
        node = self.node(target)
        if node is not None:
            node._output = target.detach().clone()

    def save_shared(self, target: Tensor) -> list[tuple[Node, Tensor]]:
        """Copy the memory that ``target`` shares with views for the nodes that show it.

        Returns:
            The views that the model can still read, which are about to change, with their nodes.
        """
        storage = target.untyped_storage()
        address = storage.data_ptr()
        copy = storage.clone()
        aliases = []
        for node in self.nodes:
            held = node._output is not None
            seen = node._output if held else node._alive()
            if seen is None or not address or seen.untyped_storage().data_ptr() != address:
                continue
            if held:
                old = torch.empty(0, dtype=seen.dtype)
                old.set_(copy, seen.storage_offset(), seen.size(), seen.stride())
                node._output = old
            if seen is not target and self.live.get(id(seen)) is node:
                # references: `seen` and the argument of getrefcount; one more means the model can read it
                if getrefcount(seen) > 2:
                    aliases.append((node, seen))
                self.kept.append(seen)
        return aliases


def _constant(value: Tensor) -> Tensor:
    return value
