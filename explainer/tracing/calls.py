"""Which module is running, for one thread only.

A tracer has to know the module each operation runs under. Hooks on the model would be seen by every other
thread that runs it; global hooks slow down every model of the process by 2 us a module. So
``nn.Module.__call__`` asks once, in 0.1 us, whether this very thread is tracing. Models are not touched at
all, nothing has to be removed after a trace, and a thread that does not trace runs as it always did.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Protocol

from torch import Tensor, nn

from explainer.tracing.execute import times_written


class Listener(Protocol):
    """Runs the modules of the thread it is set for."""

    def run_module(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the module (by ``module._call_impl``) and return what it returns."""


class _Thread(threading.local):
    listener: Listener | None = None


_thread = _Thread()
_plain_call = nn.Module.__call__


@wraps(_plain_call)
def _call(self: nn.Module, *args: Any, **kwargs: Any) -> Any:
    listener = _thread.listener
    if listener is None:
        return _plain_call(self, *args, **kwargs)
    return listener.run_module(self, args, kwargs)


nn.Module.__call__ = _call  # type: ignore[method-assign]


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Let the listener run every module of this thread; a trace inside a trace hides the outer one."""
    outer = _thread.listener
    _thread.listener = listener
    try:
        yield
    finally:
        _thread.listener = outer


@dataclass(frozen=True)
class Modules:
    """What a model is made of, by ``id``."""

    paths: dict[int, str]
    buffers: dict[int, Tensor]
    versions: dict[int, int]
    """How often each parameter and buffer has been written to in place."""
    training: bool
    """Whether any module is in training mode."""


def survey(model: nn.Module) -> Modules:
    """Walk over all modules, as ``named_modules()`` does."""
    paths: dict[int, str] = {}
    buffers: dict[int, Tensor] = {}
    versions: dict[int, int] = {}
    training = False
    waiting = [("", model)]
    while waiting:
        path, module = waiting.pop()
        if id(module) in paths:
            continue
        paths[id(module)] = path
        state = module.__dict__
        training = training or state["training"]
        for buffer in state["_buffers"].values():
            if buffer is not None:
                buffers[id(buffer)] = buffer
                versions[id(buffer)] = times_written(buffer)
        for parameter in state["_parameters"].values():
            if parameter is not None:
                versions[id(parameter)] = times_written(parameter)
        children = state["_modules"]
        if children:
            prefix = path + "." if path else ""
            for name, child in reversed(children.items()):
                if child is not None:
                    waiting.append((prefix + name, child))
    return Modules(paths, buffers, versions, training)
