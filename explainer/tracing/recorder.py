"""Record one forward pass of any eager module as a ``Trace``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from threading import RLock
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import Parameter
from torch.overrides import TorchFunctionMode

from explainer.errors import ReaderError
from explainer.tracing.calls import Modules, listening, survey
from explainer.tracing.execute import tensors, times_written
from explainer.tracing.graph import Call, Node, Trace
from explainer.tracing.leaves import LEAVES, Leaf
from explainer.tracing.ledger import DEEPEST, Ledger, let_go
from explainer.tracing.memory import keep_freed_memory
from explainer.tracing.names import give_names
from explainer.tracing.operations import Operation, operation
from explainer.tracing.views import holds_alone, run_aside, view_update, without_unread_updates

_Unwatched = torch._C.DisableTorchFunction
_TRAINING = RLock()
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


class _Recorder(TorchFunctionMode, Ledger):
    """Sees every operation of the thread it is active in and makes a node of each."""

    def __init__(self, model: nn.Module, modules: Modules) -> None:
        TorchFunctionMode.__init__(self)
        Ledger.__init__(self, model, modules)
        self.paths = modules.paths
        self.call = Call("", model, None, 0)
        self.runs: dict[str, int] = {}
        self.watched = _has_global_hooks()
        self.random_state: Tensor | None = None
        self.borrowed: list[tuple[Tensor, Tensor]] = []

    def run(self, inputs: tuple[Any, ...]) -> Trace:
        root = self.call
        try:
            given = [self._give(value, root) for value in inputs]
            with self, listening(self):
                result = self.model(*given)
            output = self.substitute(result, [], root)
            for tensor in tensors(result):  # is at hand: need not be made again
                node = self.node(tensor)
                if node is not None:
                    node._output = tensor
        finally:
            for tensor, before in reversed(self.borrowed):
                self.keep_copy(tensor)
                tensor.copy_(before)
                self.versions[id(tensor)] = times_written(tensor)
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
        self.add("input", root, (), copy, _given, (), {})
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
        """Call the one function of a well-known layer and record it; ``None`` if there is more to do."""
        state = module.__dict__
        source = self.live.get(id(value))
        if source is None or not (source._output is value or source.shows(value)):
            return None
        if self.watched or state["_forward_pre_hooks"] or state["_forward_hooks"] or "forward" in state:
            return None
        rest = leaf.arguments(state)
        if rest is None:
            return None
        in_place = state.get("inplace")
        with _Unwatched():
            if in_place:
                if source._output is not None or self.borrowed or not holds_alone(value):
                    return None
                kwargs = {"inplace": True}
                result = leaf.run(value, *rest, inplace=True)
            else:
                kwargs = {}
                result = leaf.run(value, *rest)
                if result is value:  # dropout does nothing, but is another node
                    result = result.detach()
            nodes = self.nodes
            node = Node(
                len(nodes), leaf.kind, call, (source,), result, leaf.function, (source, *rest), kwargs
            )
            nodes.append(node)
            self.live[id(result)] = node
            if leaf.cheap and source._depth < DEEPEST and not self.borrowed:
                node.let_go(source._depth + 1, self.versions)
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
            own_args = self.substitute_args(args, inputs, call)
            if kwargs:
                kwargs = self.substitute_kwargs(kwargs, inputs, call)
            nodes = self.nodes
            node = Node(len(nodes), known.kind, call, tuple(inputs), result, func, own_args, kwargs)
            nodes.append(node)
            live[key] = node
            if known.cheap and not self.borrowed:
                let_go(node, self.versions)
        elif isinstance(result, tuple | list) and kind is not torch.Size:
            found = tensors(result)
            if found:
                self._record_several(known, self.call, func, args, kwargs, found)
        return result

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
        own_args = self.substitute_args(args, inputs, call)
        own_kwargs = self.substitute_kwargs(kwargs, inputs, call)
        for position, tensor in enumerate(found):
            if self.node(tensor) is not None or id(tensor) in self.known:
                tensor = tensor.detach()
            self.add(known.kind, call, tuple(inputs), tensor, func, own_args, own_kwargs, position)

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
        elif known.statistics:  # about to be written
            for value in (*args[1:3], kwargs.get("running_mean"), kwargs.get("running_var")):
                if isinstance(value, Tensor):
                    self.borrowed.append((value, value.detach().clone()))
        first = len(self.nodes)
        result = func(*args, **kwargs)
        if state is not None and torch.equal(state, torch.default_generator.get_state()):
            state = None  # dropout or attention outside training: another thread's draws are not put back
        elif self.random_state is None:
            self.random_state = state
        call = self.call
        if isinstance(result, Tensor):
            if self.node(result) is not None:
                result = result.detach()
            inputs: list[Node] = []
            own_args = self.substitute_args(args, inputs, call)
            own_kwargs = self.substitute_kwargs(kwargs, inputs, call)
            self.add(known.kind, call, tuple(inputs), result, func, own_args, own_kwargs)
        else:
            self._record_several(known, call, func, args, kwargs, tensors(result))
        for node in self.nodes[first:]:
            node.random_state = state
        return result

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
        own_args = self.substitute_args(args, inputs, call)
        own_kwargs = self.substitute_kwargs(kwargs, inputs, call) if kwargs else kwargs
        target = kwargs.get("out") if kwargs else None
        if target is None:
            target = args[0] if args else kwargs.get("input")
        if not isinstance(target, Tensor):
            result = func(*args, **kwargs)
            for tensor in tensors(result):
                self.add(known.kind, call, tuple(inputs), tensor, func, own_args, own_kwargs)
            return result
        before = self.node(target)
        aliases: list[tuple[Node, Tensor]] = []
        if before is None or any(tensor is target for tensor, _ in self.borrowed):
            # a buffer or parameter of the shared model: put back after the trace
            self.keep_copy(target)
            self.borrowed.append((target, target.detach().clone()))
            func(*args, **kwargs)
        elif not holds_alone(target):
            aliases = self.save_shared(target)
            func(*args, **kwargs)
        elif before._output is None:
            func(*args, **kwargs)
        else:
            before._output = target.data
            run_aside(known, func, args, kwargs, target)
        node = self.add(known.kind, call, tuple(inputs), target, func, own_args, own_kwargs)
        node.random_state = state
        if known.cheap and state is None and not self.borrowed:
            let_go(node, self.versions)
        for alias, seen in aliases:
            where = (tuple(seen.stride()), seen.storage_offset())
            written = (tuple(target.stride()), target.storage_offset())
            self.add(
                "view_update", call, (alias, node), seen, view_update, (alias, node, *where, *written), {}
            )
        return target


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


def _given() -> Tensor:
    raise RuntimeError("an input has nothing to compute")
