"""Record one forward pass of any eager module as a ``Trace``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from sys import getrefcount
from threading import Lock
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import Parameter
from torch.overrides import TorchFunctionMode

from explainer.errors import ReaderError
from explainer.tracing.calls import Modules, listening, survey
from explainer.tracing.execute import tensors
from explainer.tracing.graph import Call, Node, Trace
from explainer.tracing.leaves import LEAVES, Leaf
from explainer.tracing.memory import keep_freed_memory
from explainer.tracing.names import give_names
from explainer.tracing.operations import Operation, operation
from explainer.tracing.views import holds_alone, view_update, without_unread_updates

_TRAINING = Lock()
"""Held while a model in training mode runs: its buffers change for a moment and are put back."""


def trace(model: nn.Module, images: Tensor, *extra: Any) -> Trace:
    """Run ``model(images, *extra)`` once and write down every operation.

    The model is only read: it gets no hooks, and other threads may run or trace it meanwhile. It runs
    without gradients, in the mode (train or eval) each of its modules is in. In training mode it behaves as
    it would in training (batch statistics, dropout), but its buffers and the random generator are put back
    afterwards.

    Args:
        model: any eager module.
        images: float tensor [N, C, H, W] (or whatever the model takes first). It is copied.
        *extra: further arguments of the model; tensors among them become nodes of kind ``input``.

    Returns:
        The trace; ``nodes[0]`` is ``images``.

    Raises:
        ReaderError: the model is compiled TorchScript, which cannot be looked into.
    """
    if isinstance(model, torch.jit.ScriptModule):
        raise ReaderError("This network is compiled TorchScript and cannot be looked into layer by layer.")
    keep_freed_memory()
    modules = survey(model)
    with torch.inference_mode(False), torch.no_grad(), _TRAINING if modules.training else nullcontext():
        return _Recorder(model, modules).run((images, *extra))


class _Recorder(TorchFunctionMode):
    """Sees every operation of the thread it is active in and makes a node of each."""

    def __init__(self, model: nn.Module, modules: Modules) -> None:
        super().__init__()
        self.model = model
        self.paths = modules.paths
        self.call = Call("", model, None, 0)
        self.runs: dict[str, int] = {}
        self.watched = _has_global_hooks()
        self.known = modules.buffers
        self.versions = modules.versions
        self.attributes: dict[int, Tensor] | None = None
        self.nodes: list[Node] = []
        # The node whose value a tensor object holds now, by id. The object is kept alive by its node or by
        # `kept`; where the node has let go of it, an id may come again, so the node is asked (`shows`).
        self.live: dict[int, Node] = {}
        self.kept: list[Tensor] = []
        self.random_state: Tensor | None = None
        self.borrowed: list[tuple[Tensor, Tensor]] = []

    def run(self, inputs: tuple[Any, ...]) -> Trace:
        root = self.call
        try:
            given = [self._give(value, root) for value in inputs]
            with self, listening(self):
                result = self.model(*given)
            output = self._substitute(result, [], root)
            for tensor in tensors(result):  # is at hand: need not be made again
                node = self._node(tensor)
                if node is not None:
                    node._output = tensor
        finally:
            for tensor, before in reversed(self.borrowed):
                self._keep_copy(tensor)
                tensor.copy_(before)
                self.versions[id(tensor)] = tensor._version
            if self.random_state is not None:
                torch.default_generator.set_state(self.random_state)
            self.live.clear()
            self.kept.clear()
        nodes = without_unread_updates(self.nodes, output)
        give_names(nodes)
        return Trace(nodes, output, root)

    def _give(self, value: Any, root: Call) -> Any:
        """Make a private copy of an input, so that in-place operations do not reach the caller's tensor."""
        if not isinstance(value, Tensor):
            return value
        copy = value.detach().as_subclass(Tensor).clone()
        self._add("input", root, (), copy, _given, (), {})
        return copy

    # --- modules -----------------------------------------------------------------------------------------

    def run_module(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run a module, so that the operations inside know where they ran. Part of the hot path."""
        path = self.paths.get(id(module))
        if not path:  # the model itself, or not a registered part of it: counts as what called it
            return module._call_impl(*args, **kwargs)
        outer = self.call
        runs = self.runs
        count = runs.get(path, 0)
        runs[path] = count + 1
        call = Call(path, module, outer, count)
        leaf = LEAVES.get(type(module))
        if leaf is not None and len(args) == 1 and not kwargs:
            result = self._run_leaf(leaf, module, args[0], call)
            if result is not None:
                return result
        self.call = call
        try:
            return module._call_impl(*args, **kwargs)
        finally:
            self.call = outer

    def _run_leaf(self, leaf: Leaf, module: nn.Module, value: Any, call: Call) -> Tensor | None:
        """Call the one function of a well-known layer and record it; ``None`` if that is not all there is to do."""
        state = module.__dict__
        source = self.live.get(id(value))
        if source is None or not (source._output is value or source.shows(value)):
            return None
        if self.watched or state["_forward_pre_hooks"] or state["_forward_hooks"] or "forward" in state:
            return None
        in_place = state.get("inplace")
        if in_place and (source._output is not None or self.borrowed or not holds_alone(value)):
            return None
        rest = leaf.arguments(state)
        if rest is None:
            return None
        function = leaf.function
        with torch._C.DisableTorchFunction():
            if in_place:
                kwargs = {"inplace": True}
                result = function(value, *rest, inplace=True)
            else:
                kwargs = {}
                result = function(value, *rest)
                if result is value:  # dropout does nothing, but is another node
                    result = result.detach()
        nodes = self.nodes
        node = Node(len(nodes), leaf.kind, call, (source,), result, function, (source, *rest), kwargs)
        nodes.append(node)
        self.live[id(result)] = node
        if leaf.cheap and not self.borrowed:
            _let_go(node, self.versions)
        return result

    # --- operations ---------------------------------------------------------------------------------------

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        # The hot path: everything here runs once per operation, so it is written for speed.
        if kwargs is None:
            kwargs = {}
        known = operation(func)
        if known is None:
            return func(*args, **kwargs)
        if known.in_place or (kwargs and (kwargs.get("inplace") or kwargs.get("out") is not None)):
            return self._in_place(known, func, args, kwargs)
        if known.special or (known.statistics and _writes_statistics(args, kwargs)):
            return self._special(known, func, args, kwargs)
        result = func(*args, **kwargs)
        kind = type(result)
        if kind is Tensor or kind is Parameter:
            live = self.live
            key = id(result)
            if (key in live and live[key].shows(result)) or key in self.known or kind is Parameter:
                # dropout in eval mode, contiguous(): the very same tensor, but another node
                result = result.detach()
                key = id(result)
            call = self.call
            inputs: list[Node] = []
            own_args = self._substitute_args(args, inputs, call)
            if kwargs:
                kwargs = self._substitute_kwargs(kwargs, inputs, call)
            nodes = self.nodes
            node = Node(len(nodes), known.kind, call, tuple(inputs), result, func, own_args, kwargs)
            nodes.append(node)
            live[key] = node
            if known.cheap and not self.borrowed:
                _let_go(node, self.versions)
        elif isinstance(result, tuple | list):
            found = tensors(result)
            if found:
                self._record_several(known, self.call, func, args, kwargs, found)
        return result

    def _add(
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
        nodes = self.nodes
        node = Node(len(nodes), kind, call, inputs, output, function, args, kwargs, output_index)
        nodes.append(node)
        self.live[id(output)] = node
        return node

    def _node(self, tensor: Tensor) -> Node | None:
        """Return the node whose value this tensor holds now."""
        node = self.live.get(id(tensor))
        return node if node is not None and node.shows(tensor) else None

    def _record_several(
        self,
        known: Operation,
        call: Call,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        found: Sequence[Tensor],
    ) -> None:
        inputs: list[Node] = []
        own_args = self._substitute_args(args, inputs, call)
        own_kwargs = self._substitute_kwargs(kwargs, inputs, call)
        for position, tensor in enumerate(found):
            if self._node(tensor) is not None or id(tensor) in self.known:
                tensor = tensor.detach()
            self._add(known.kind, call, tuple(inputs), tensor, func, own_args, own_kwargs, position)

    def _special(
        self, known: Operation, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Record iteration over a tensor, batch statistics, random numbers."""
        if known.unpacks:  # ``a, b = x``
            found = torch.unbind(*args, **kwargs)
            unbind = operation(torch.unbind)
            assert unbind is not None
            self._record_several(unbind, self.call, torch.unbind, args, kwargs, found)
            return iter(found)
        state = None
        if known.random:
            state = torch.default_generator.get_state()
            if self.random_state is None:
                self.random_state = state
        elif known.statistics:  # about to be written
            for value in (*args[1:3], kwargs.get("running_mean"), kwargs.get("running_var")):
                if isinstance(value, Tensor):
                    self.borrowed.append((value, value.detach().clone()))
        first = len(self.nodes)
        result = func(*args, **kwargs)
        call = self.call
        if isinstance(result, Tensor):
            if self._node(result) is not None:
                result = result.detach()
            inputs: list[Node] = []
            own_args = self._substitute_args(args, inputs, call)
            own_kwargs = self._substitute_kwargs(kwargs, inputs, call)
            self._add(known.kind, call, tuple(inputs), result, func, own_args, own_kwargs)
        else:
            self._record_several(known, call, func, args, kwargs, tensors(result))
        for node in self.nodes[first:]:
            node.random_state = state
        return result

    def _substitute_args(self, args: tuple[Any, ...], inputs: list[Node], call: Call) -> tuple[Any, ...]:
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
                    value = self._substitute(value, inputs, call)
            elif kind not in _PLAIN and not (kind is tuple and value and type(value[0]) is int):
                value = self._substitute(value, inputs, call)
            values.append(value)
        return tuple(values)

    def _substitute_kwargs(self, kwargs: dict[str, Any], inputs: list[Node], call: Call) -> dict[str, Any]:
        for value in kwargs.values():
            if type(value) not in _PLAIN:
                return {name: self._substitute(value, inputs, call) for name, value in kwargs.items()}
        return kwargs

    def _substitute(self, value: Any, inputs: list[Node], call: Call) -> Any:
        """Replace tensors by the nodes that made them, in tuples, lists, dicts and slices too."""
        kind = type(value)
        if kind in _PLAIN:
            return value
        if isinstance(value, Tensor):
            node = self._node(value)
            if node is None:
                if kind is Parameter or id(value) in self.known or self._is_attribute(value):
                    return value
                # Made where no operation is seen: outside this forward pass, or in compiled code.
                node = self._add("constant", call, (), value, _constant, (value.detach().clone(),), {})
            inputs.append(node)
            return node
        if kind is dict:
            return {key: self._substitute(item, inputs, call) for key, item in value.items()}
        if kind is tuple or kind is list:
            return kind([self._substitute(item, inputs, call) for item in value])
        if isinstance(value, dict):
            return {key: self._substitute(item, inputs, call) for key, item in value.items()}
        if isinstance(value, tuple | list) and tensors(value):
            return tuple(self._substitute(item, inputs, call) for item in value)
        if kind is slice:
            ends = (value.start, value.stop, value.step)
            return slice(*(self._substitute(end, inputs, call) for end in ends))
        return value

    def _is_attribute(self, value: Tensor) -> bool:
        """Whether a module holds this tensor as a plain attribute, or in a list or dict."""
        if self.attributes is None:
            held = [tensors(list(module.__dict__.values())) for module in self.model.modules()]
            self.attributes = {id(tensor): tensor for some in held for tensor in some}
        return isinstance(value, Parameter) or id(value) in self.attributes

    # --- in-place operations -----------------------------------------------------------------------------

    def _in_place(
        self, known: Operation, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Run an operation that overwrites a tensor, without losing what the tensor held before.

        If the node has let go of its value, there is nothing to keep. Else, where nothing else shares the
        memory, the operation runs out of place, the node keeps the old memory and the model's tensor object
        moves to the new.
        """
        if known.random:
            if kwargs.get("training") is False:  # dropout does nothing: nothing is overwritten
                return self.__torch_function__(func, (), args, {**kwargs, "inplace": False})
            if self.random_state is None:
                self.random_state = torch.default_generator.get_state()
        state = torch.default_generator.get_state() if known.random else None
        call = self.call
        inputs: list[Node] = []
        own_args = self._substitute_args(args, inputs, call)
        own_kwargs = self._substitute_kwargs(kwargs, inputs, call) if kwargs else kwargs
        target = kwargs.get("out") if kwargs else None
        if target is None:
            target = args[0] if args else kwargs.get("input")
        if not isinstance(target, Tensor):
            result = func(*args, **kwargs)
            for tensor in tensors(result):
                self._add(known.kind, call, tuple(inputs), tensor, func, own_args, own_kwargs)
            return result
        before = self._node(target)
        aliases: list[tuple[Node, Tensor]] = []
        if before is None or any(tensor is target for tensor, _ in self.borrowed):
            # a buffer or parameter of the shared model: put back after the trace
            self._keep_copy(target)
            self.borrowed.append((target, target.detach().clone()))
            func(*args, **kwargs)
        elif not holds_alone(target):
            aliases = self._save_shared(target)
            func(*args, **kwargs)
        elif before._output is None:
            func(*args, **kwargs)
        else:
            self._move(known, func, args, kwargs, before, target)
        node = self._add(known.kind, call, tuple(inputs), target, func, own_args, own_kwargs)
        node.random_state = state
        if known.cheap and state is None and not self.borrowed:
            _let_go(node, self.versions)
        for alias, seen in aliases:
            where = (tuple(seen.stride()), seen.storage_offset())
            written = (tuple(target.stride()), target.storage_offset())
            self._add(
                "view_update", call, (alias, node), seen, view_update, (alias, node, *where, *written), {}
            )
        return target

    def _keep_copy(self, target: Tensor) -> None:
        """Give the node that shows a shared buffer a copy of it."""
        node = self._node(target)
        if node is not None:
            node._output = target.detach().clone()

    @staticmethod
    def _move(
        known: Operation,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        before: Node,
        target: Tensor,
    ) -> None:
        """Leave the old memory to the node and give the model's tensor object new memory."""
        old = target.data
        before._output = old
        if kwargs and kwargs.get("out") is not None:
            result = None
        elif known.twin is not None:
            result = known.twin(*args, **kwargs)
        elif kwargs and kwargs.get("inplace"):
            result = func(*args, **{**kwargs, "inplace": False})
        else:
            result = None
        if (
            result is not None
            and result is not target
            and result.dtype is old.dtype
            and result.shape == old.shape
            and result.stride() == old.stride()
        ):
            target.data = result
        else:
            target.data = old.clone()
            func(*args, **kwargs)

    def _save_shared(self, target: Tensor) -> list[tuple[Node, Tensor]]:
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


_PLAIN = frozenset(
    {Parameter, int, float, bool, str, type(None), torch.dtype, torch.Size, torch.device, type(...)}
)
"""Types of arguments that hold no node."""


def _writes_statistics(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a normalisation uses the batch's statistics, and so updates the running ones."""
    if len(args) > 5 and args[5] is True:
        return True
    return kwargs.get("training") is True or kwargs.get("use_input_stats") is True


def _has_global_hooks() -> bool:
    module = torch.nn.modules.module
    return bool(
        module._global_forward_pre_hooks or module._global_forward_hooks or module._global_backward_hooks
    )


_DEEPEST = 4
"""How many operations in a row may have to be computed again to get one value back."""


def _let_go(node: Node, versions: dict[int, int]) -> None:
    """Let go of a value that is cheap to make again, unless too much would have to be made again with it."""
    depth = 0
    for source in node.inputs:
        if source._depth > depth:
            depth = source._depth
    if depth < _DEEPEST and node.inputs:
        node.let_go(depth + 1, versions)


def _given() -> Tensor:
    raise RuntimeError("an input has nothing to compute")


def _constant(value: Tensor) -> Tensor:
    return value
