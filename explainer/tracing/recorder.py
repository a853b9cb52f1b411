"""Record one forward pass of any eager module as a ``Trace``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sys import getrefcount
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import Parameter
from torch.overrides import TorchFunctionMode

from explainer.errors import ReaderError
from explainer.tracing.graph import Call, Node, Trace
from explainer.tracing.operations import Operation, operation
from explainer.tracing.standin import StandIn


def trace(model: nn.Module, images: Tensor, *extra: Any) -> Trace:
    """Run ``model(images, *extra)`` once and write down every operation.

    The model is only read: a stand-in that shares its parameters is run (see ``standin``), without gradients
    and in the mode (train or eval) each module is in. A module in training mode behaves as it would in
    training (batch statistics, dropout), but leaves its buffers and the random generator as they were.

    Args:
        model: any eager module; may be shared with other threads, which may run or trace it meanwhile.
        images: float tensor [N, C, H, W] (or whatever the model takes first). It is copied.
        *extra: further arguments of the model; tensors among them become nodes of kind ``input``.

    Returns:
        The trace; ``nodes[0]`` is ``images``.

    Raises:
        ReaderError: the model is compiled TorchScript, which cannot be looked into.
    """
    if isinstance(model, torch.jit.ScriptModule):
        raise ReaderError("This network is compiled TorchScript and cannot be looked into layer by layer.")
    with torch.inference_mode(False), torch.no_grad():
        recorder = _Recorder()
        stand_in = StandIn(model, recorder.announce)
        try:
            return recorder.run(model, stand_in, (images, *extra))
        finally:
            stand_in.release()
            recorder.forget()


class _Recorder(TorchFunctionMode):
    """Sees every operation of the thread it is active in and makes a node of each."""

    def __init__(self) -> None:
        super().__init__()
        self.nodes: list[Node] = []
        self.call: Call = None  # type: ignore[assignment]  # set while a module runs
        self.runs: dict[str, int] = {}
        self.known: dict[int, Tensor] = {}
        # The node whose value each live tensor object holds now. Every object in here is kept alive by its
        # node or by `kept`, so an id is never reused while it is a key.
        self.live: dict[int, Node] = {}
        self.kept: list[Tensor] = []
        self.random_state: Tensor | None = None
        self.borrowed: list[tuple[Tensor, Tensor]] = []

    def forget(self) -> None:
        self.nodes = []
        self.live.clear()
        self.kept.clear()
        self.known = {}
        self.call = None  # type: ignore[assignment]

    def run(self, model: nn.Module, stand_in: StandIn, inputs: tuple[Any, ...]) -> Trace:
        self.known = stand_in.known
        outside = Call("", model, None, 0)
        self.call = outside
        given = [self._give(value) for value in inputs]
        try:
            with self:
                result = stand_in.module(*given)
            output = self._substitute(result, [])
        finally:
            for tensor, before in self.borrowed:
                tensor.copy_(before)
            if self.random_state is not None:
                torch.default_generator.set_state(self.random_state)
        root = next((node.call for node in self.nodes[len(given) :]), outside)
        while root.parent is not None:
            root = root.parent
        nodes = _without_unread_updates(self.nodes, output)
        for node in nodes:
            if node.call is outside:
                node.call = root
        _give_names(nodes)
        return Trace(nodes, output, root)

    def announce(self, path: str, module: nn.Module, forward: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap a stand-in's ``forward`` so that the recorder knows when it runs."""
        runs = self.runs

        def announced(*args: Any, **kwargs: Any) -> Any:
            outer = self.call
            count = runs.get(path, 0)
            runs[path] = count + 1
            self.call = Call(path, module, outer if outer.parent is not None or path else None, count)
            try:
                return forward(*args, **kwargs)
            finally:
                self.call = outer

        return announced

    def _give(self, value: Any) -> Any:
        """A private copy of an input, so that in-place operations do not reach the caller's tensor."""
        if not isinstance(value, Tensor):
            return value
        copy = value.detach().as_subclass(Tensor).clone()  # type: ignore[arg-type]
        self._add("input", copy, _input, (), {}, ())
        return copy

    # --- recording ---------------------------------------------------------------------------------------

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        if kwargs is None:
            kwargs = {}
        known = operation(func)
        if known is None:
            return func(*args, **kwargs)
        if known.unpacks:  # ``a, b = x``
            return iter(self.__torch_function__(torch.unbind, types, args, kwargs))
        state = self._before_random() if known.random else None
        if known.in_place or (kwargs and (kwargs.get("inplace") or kwargs.get("out") is not None)):
            result = self._in_place(known, func, args, kwargs)
        else:
            result = func(*args, **kwargs)
            kind = type(result)
            if kind is Tensor or kind is Parameter:
                for value in args:
                    if value is result:  # dropout in eval mode, contiguous(): the same tensor, another node
                        result = result.detach()
                        break
                inputs: list[Node] = []
                own_args = self._substitute_args(args, inputs)
                own_kwargs = self._substitute_kwargs(kwargs, inputs) if kwargs else kwargs
                self._add(known.kind, result, func, own_args, own_kwargs, tuple(inputs))
            elif kind is tuple or kind is list or isinstance(result, tuple):
                self._record_several(known, func, args, kwargs, result)
        if state is not None and self.nodes:
            self.nodes[-1].random_state = state
        return result

    def _add(
        self,
        kind: str,
        output: Tensor,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        inputs: tuple[Node, ...],
        output_index: int | None = None,
    ) -> Node:
        nodes = self.nodes
        node = Node(len(nodes), kind, self.call, inputs, output, function, args, kwargs, output_index)
        nodes.append(node)
        self.live[id(output)] = node
        return node

    def _record_several(
        self, known: Operation, func: Callable[..., Any], args: Any, kwargs: Any, result: Any
    ) -> None:
        tensors = list(_tensors(result))
        if not tensors:
            return
        inputs: list[Node] = []
        own_args = self._substitute_args(args, inputs)
        own_kwargs = self._substitute_kwargs(kwargs, inputs)
        for position, tensor in enumerate(tensors):
            self._add(known.kind, tensor, func, own_args, own_kwargs, tuple(inputs), position)

    def _substitute_args(self, args: tuple[Any, ...], inputs: list[Node]) -> tuple[Any, ...]:
        live = self.live
        values = []
        for value in args:
            kind = type(value)
            if kind is Tensor:
                node = live.get(id(value))
                if node is not None:
                    inputs.append(node)
                    values.append(node)
                    continue
                values.append(self._substitute(value, inputs))
            elif kind is tuple or kind is list:
                values.append(self._substitute(value, inputs))
            else:
                values.append(value)
        return tuple(values)

    def _substitute_kwargs(self, kwargs: dict[str, Any], inputs: list[Node]) -> dict[str, Any]:
        return {name: self._substitute(value, inputs) for name, value in kwargs.items()}

    def _substitute(self, value: Any, inputs: list[Node]) -> Any:
        """Replace tensors by the nodes that made them, in tuples, lists and dicts too."""
        if isinstance(value, Tensor):
            node = self.live.get(id(value))
            if node is None:
                if isinstance(value, Parameter) or id(value) in self.known:
                    return value
                # Made where no operation is seen (outside this forward pass, or in compiled code).
                node = self._add("constant", value, _constant, (value.detach().clone(),), {}, ())
            inputs.append(node)
            return node
        kind = type(value)
        if kind is tuple or kind is list:
            return kind([self._substitute(item, inputs) for item in value])
        if isinstance(value, dict):
            return {key: self._substitute(item, inputs) for key, item in value.items()}
        if isinstance(value, tuple | list):
            return tuple(self._substitute(item, inputs) for item in value)
        return value

    def _before_random(self) -> Tensor:
        state = torch.default_generator.get_state()
        if self.random_state is None:
            self.random_state = state
        return state

    # --- in-place operations -----------------------------------------------------------------------------

    def _in_place(
        self, known: Operation, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Run an operation that overwrites a tensor, and keep what the tensor held before."""
        inputs: list[Node] = []
        own_args = self._substitute_args(args, inputs)
        own_kwargs = self._substitute_kwargs(kwargs, inputs)
        target = kwargs.get("out")
        if target is None:
            target = args[0] if args else kwargs.get("input", kwargs.get("self"))
        if not isinstance(target, Tensor):
            result = func(*args, **kwargs)
            self._record_results(known, func, own_args, own_kwargs, inputs, result)
            return result
        node = self.live.get(id(target))
        if node is None:  # a buffer or parameter of the shared model: put back after the trace
            self.borrowed.append((target, target.detach().clone()))
            self._overwrite_shared(known, func, args, kwargs, own_args, own_kwargs, inputs, target)
            return target
        if _only_holder(target):
            result = self._out_of_place(known, func, args, kwargs)
            before = target.data
            if (
                result is not None
                and result.dtype is before.dtype
                and result.shape == before.shape
                and result.stride() == before.stride()
            ):
                # the node keeps the old memory, the model's tensor moves to the new
                node.output = before
                target.data = result
            else:
                node.output = before
                target.data = before.clone()
                func(*args, **kwargs)
            self._add(known.kind, target, func, own_args, own_kwargs, tuple(inputs))
            return target
        self._overwrite_shared(known, func, args, kwargs, own_args, own_kwargs, inputs, target)
        return target

    def _out_of_place(
        self, known: Operation, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Tensor | None:
        if kwargs.get("out") is not None:
            return None
        if known.twin is not None:
            return known.twin(*args, **kwargs)
        if kwargs.get("inplace"):
            result = func(*args, **{**kwargs, "inplace": False})
            return None if result is args[0] else result
        return None

    def _record_results(
        self,
        known: Operation,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        inputs: list[Node],
        result: Any,
    ) -> None:
        for tensor in _tensors(result):
            self._add(known.kind, tensor, func, args, kwargs, tuple(inputs))

    def _overwrite_shared(
        self,
        known: Operation,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        own_args: tuple[Any, ...],
        own_kwargs: dict[str, Any],
        inputs: list[Node],
        target: Tensor,
    ) -> None:
        """The general case: other tensors look at the same memory (views), and must see the change."""
        storage = target.untyped_storage()
        address = storage.data_ptr()
        sharing = [n for n in self.nodes if address and n.output.untyped_storage().data_ptr() == address]
        aliases: list[tuple[Node, Tensor]] = []
        if sharing:
            copy = storage.clone()
            for node in sharing:
                seen = node.output
                before = torch.empty(0, dtype=seen.dtype)
                before.set_(copy, seen.storage_offset(), seen.size(), seen.stride())  # type: ignore[call-overload]
                node.output = before
                if seen is not target and self.live.get(id(seen)) is node:
                    # references: `seen`, the argument of getrefcount; more means the model can still read it
                    if getrefcount(seen) > 2:
                        aliases.append((node, seen))
                    self.kept.append(seen)
        func(*args, **kwargs)
        written = self._add(known.kind, target, func, own_args, own_kwargs, tuple(inputs))
        for node, seen in aliases:
            where = (seen.storage_offset(), target.storage_offset(), tuple(target.stride()))
            update = self._add(
                "view_update",
                seen,
                _view_update,
                (node, written, tuple(seen.stride()), *where),
                {},
                (node, written),
            )
            self.live[id(seen)] = update
        if target is not written.output:
            self.live[id(target)] = written


def _only_holder(tensor: Tensor) -> bool:
    """Whether no other tensor shares this one's memory."""
    storage = tensor.untyped_storage()
    return torch._C._storage_Use_Count(storage._cdata) <= 2  # the tensor itself, and `storage` here


def _tensors(value: Any) -> Sequence[Tensor]:
    """All tensors in nested tuples, lists and dicts, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, tuple | list):
        return [tensor for item in value for tensor in _tensors(item)]
    if isinstance(value, dict):
        return [tensor for item in value.values() for tensor in _tensors(item)]
    return []


def _input() -> Tensor:
    raise RuntimeError("an input has nothing to compute")


def _constant(value: Tensor) -> Tensor:
    return value


def _view_update(
    before: Tensor,
    written: Tensor,
    stride: tuple[int, ...],
    offset: int,
    written_offset: int,
    written_stride: tuple[int, ...],
) -> Tensor:
    """What a view shows after another view of the same memory was written to."""
    start = min(offset, written_offset)
    end = max(_extent(before.shape, stride, offset), _extent(written.shape, written_stride, written_offset))
    memory = before.new_zeros(end - start)
    memory = memory.as_strided_scatter(before, before.shape, stride, offset - start)
    memory = memory.as_strided_scatter(written, written.shape, written_stride, written_offset - start)
    return memory.as_strided(before.shape, stride, offset - start).clone()


def _extent(shape: torch.Size, stride: tuple[int, ...], offset: int) -> int:
    return offset + 1 + sum((size - 1) * step for size, step in zip(shape, stride, strict=True))


def _without_unread_updates(nodes: list[Node], output: Any) -> list[Node]:
    """Drop view updates that nothing read: the tensor was still in scope but not used again."""
    if not any(node.kind == "view_update" for node in nodes):
        return nodes
    read = set(_nodes(output))
    kept = []
    for node in reversed(nodes):
        if node.kind == "view_update" and node not in read:
            continue
        read.update(node.inputs)
        kept.append(node)
    kept.reverse()
    for index, node in enumerate(kept):
        node.index = index
    return kept


def _nodes(value: Any) -> list[Node]:
    if isinstance(value, Node):
        return [value]
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        return [node for item in value for node in _nodes(item)]
    return []


def _give_names(nodes: list[Node]) -> None:
    """Name each node by its module where that ran one operation, else by module and kind."""
    operations: dict[Call, int] = {}
    for node in nodes:
        if not node.output_index:
            operations[node.call] = operations.get(node.call, 0) + 1
    containers = {call.parent for call in operations}
    taken: dict[str, int] = {}
    for node in nodes:
        call = node.call
        path = call.path
        if node.kind == "input":
            name = "input"
        elif path and operations[call] == 1 and call not in containers:
            name = path
        else:
            name = f"{path}.{node.kind}" if path else node.kind
        count = taken.get(name, 0) + 1
        taken[name] = count
        node.name = name if count == 1 else f"{name}:{count}"
