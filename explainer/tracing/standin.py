"""A stand-in for a shared model, private to one trace.

Knowing which module an operation ran under needs something around every module call. Hooks on the model would
be seen by every other thread that runs it, and global hooks by every model in the process. So a trace runs a
stand-in instead: a copy of the module tree that shares all parameters and buffers with the model (nothing large
is copied) and whose modules announce themselves as they run. What a ``forward`` stores on ``self`` stays on the
stand-in; the model itself is never touched. Making one takes about 2 us per module.
"""

from __future__ import annotations

from collections.abc import Callable
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn

Wrap = Callable[[str, nn.Module, Callable[..., Any]], Callable[..., Any]]
"""Given path, original module and the stand-in's ``forward``: the ``forward`` to run instead."""

_STANDARD = frozenset(nn.Module().__dict__)


class StandIn:
    """The copied module tree: ``module`` is its root; ``release()`` takes it apart after the trace."""

    def __init__(self, model: nn.Module, wrap: Wrap) -> None:
        self._copies: dict[int, nn.Module] = {}
        self._originals: list[nn.Module] = []
        self._wrap = wrap
        self.known: dict[int, Tensor] = {}
        """Buffers and other tensors the modules hold, by ``id``."""
        self.module = self._copy("", model)
        for original in self._originals:
            self._redirect(original)

    def release(self) -> None:
        """Break the reference cycles, so that nothing waits for the garbage collector."""
        for copy in self._copies.values():
            copy.__dict__.clear()
        self._copies.clear()

    def _copy(self, path: str, module: nn.Module) -> nn.Module:
        known = self._copies.get(id(module))
        if known is not None:
            return known
        if isinstance(module, torch.jit.ScriptModule):
            return module
        copy = object.__new__(type(module))
        state = copy.__dict__
        state.update(module.__dict__)
        self._copies[id(module)] = copy
        self._originals.append(module)
        state["_parameters"] = module._parameters.copy()
        state["_compiled_call_impl"] = None
        buffers = module._buffers
        if buffers:
            if module.training:  # batch normalisation writes its running statistics: give it its own
                buffers = {
                    name: buffer if buffer is None else buffer.detach().clone()
                    for name, buffer in buffers.items()
                }
            self.known.update({id(buffer): buffer for buffer in buffers.values() if buffer is not None})
        state["_buffers"] = buffers.copy()
        prefix = f"{path}." if path else ""
        if module._modules:
            state["_modules"] = {
                name: child if child is None else self._copy(prefix + name, child)
                for name, child in module._modules.items()
            }
        own = state.get("forward")
        if own is None:
            forward: Callable[..., Any] = MethodType(type(module).forward, copy)
        else:
            forward = self._translate(own)
        state["forward"] = self._wrap(path, module, forward)
        return copy

    def _redirect(self, original: nn.Module) -> None:
        """Point what else a module holds (lists of modules, bound methods) at the stand-in."""
        extra = original.__dict__.keys() - _STANDARD
        if not extra:
            return
        state = self._copies[id(original)].__dict__
        for name in extra:
            value = original.__dict__[name]
            if type(value) in _PLAIN or name == "forward":
                continue
            if isinstance(value, Tensor):
                self.known[id(value)] = value
                continue
            translated = self._translate(value)
            if translated is not value:
                state[name] = translated

    def _translate(self, value: Any) -> Any:
        if isinstance(value, nn.Module):
            return self._copies.get(id(value), value)
        if isinstance(value, MethodType):
            owner = self._copies.get(id(value.__self__))
            return value if owner is None else MethodType(value.__func__, owner)
        if type(value) in (list, tuple):
            items = [self._translate(item) for item in value]
            changed = any(new is not old for new, old in zip(items, value, strict=True))
            for item in value:
                if isinstance(item, Tensor):
                    self.known[id(item)] = item
            return type(value)(items) if changed else value
        if type(value) is dict:
            entries = {key: self._translate(item) for key, item in value.items()}
            changed = any(entries[key] is not item for key, item in value.items())
            return entries if changed else value
        return value


_PLAIN = frozenset({int, float, bool, str, type(None), torch.dtype, torch.Size, torch.device})
