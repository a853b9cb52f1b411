"""Which module is running: read from Python's own call stack.

A tracer has to know the module each operation runs under. Hooks on the model would be seen by every other
thread that runs it, and global hooks by every model of the process. The call stack already knows: every module
call is a frame of ``nn.Module.__call__``. Reading it as a debugger does touches nothing, so there is nothing to
remove afterwards and nobody else can notice. Only frames that are new since the last operation are looked at.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from types import FrameType
from typing import Any

from torch import Tensor, nn

from explainer.tracing.graph import Call

_MODULE_CALL = nn.Module.__call__.__code__


class ModuleStack:
    """The module calls that are open in this thread, from ``base`` (a frame outside the model) inwards."""

    __slots__ = ("_base", "_calls", "_frames", "_paths", "_runs", "root")

    def __init__(self, model: nn.Module, paths: dict[int, str]) -> None:
        self._base = sys._getframe(1)
        self._paths = paths
        self._runs: dict[str, int] = {}
        self._frames: list[FrameType] = []
        self._calls: list[Call] = []
        self.root = Call("", model, None, 0)

    def close(self) -> None:
        """Let go of all frames."""
        self._frames.clear()
        self._calls.clear()
        del self._base

    def current(self) -> Call:
        """Return the innermost module call around the caller's caller."""
        frame: Any = sys._getframe(2)  # never None on its way down: base is always below
        base = self._base
        while frame.f_code is not _MODULE_CALL:
            if frame is base:
                return self.root
            frame = frame.f_back
        frames, calls = self._frames, self._calls
        if frames:
            if frame is frames[-1]:
                return calls[-1]
            if frame.f_back is frames[-1].f_back and len(calls) > 1:  # the next module in the same forward
                calls[-1] = call = self._open(frame.f_locals["self"], calls[-2])
                frames[-1] = frame
                return call
        # Find the calls opened since the last operation, then close what has ended in the meantime.
        opened: list[FrameType] = []
        while frame is not base:
            if frame.f_code is _MODULE_CALL:
                if frame in frames:
                    break
                opened.append(frame)
            frame = frame.f_back
        while frames and frames[-1] is not frame:
            frames.pop()
            calls.pop()
        parent = calls[-1] if calls else None
        for opening in reversed(opened):
            parent = self._open(opening.f_locals["self"], parent)
            frames.append(opening)
            calls.append(parent)
        return parent or self.root

    def _open(self, module: nn.Module, parent: Call | None) -> Call:
        path = self._paths.get(id(module))
        if parent is None:
            return self.root
        if path is None:  # not a registered part of the model: its operations belong to whoever called it
            return parent
        count = self._runs.get(path, 0)
        self._runs[path] = count + 1
        return Call(path, module, parent, count)


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
        training = training or module.training
        for buffer in module._buffers.values():
            if buffer is not None:
                buffers[id(buffer)] = buffer
                versions[id(buffer)] = buffer._version
        for parameter in module._parameters.values():
            if parameter is not None:
                versions[id(parameter)] = parameter._version
        children = module._modules
        if children:
            prefix = path + "." if path else ""
            waiting += [
                (prefix + name, child) for name, child in reversed(children.items()) if child is not None
            ]
    return Modules(paths, buffers, versions, training)
