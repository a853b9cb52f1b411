"""A forward pass as far as it is needed: up to one layer, or to learn which layers have maps at all.

Modules are watched in this thread alone (``explainer.tracing.calls``): the shared model gets no hook.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explainer.errors import ReaderError
from explainer.tracing.calls import listening


@dataclass(frozen=True)
class MapLayer:
    """A module whose output has channels, rows and columns."""

    name: str
    kind: str
    """Its class."""
    shape: tuple[int, int, int]
    """Channels, rows, columns."""

    @property
    def title(self) -> str:
        """Return name, kind and size in one line."""
        return f"{self.name} · {self.kind} · {'×'.join(map(str, self.shape))}"


class _ReachedError(Exception):
    """The layer has run; what comes behind it is not needed."""


class _Until:
    """Runs the modules of its thread until one of them has run."""

    def __init__(self, layer: nn.Module) -> None:
        self.layer = layer
        self.output: Any = None

    def run_module(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        result = module._call_impl(*args, **kwargs)
        if module is self.layer:
            self.output = result
            raise _ReachedError
        return result


class _Survey:
    """Runs the modules of its thread and notes what gives maps, in the order in which it is done."""

    def __init__(self, names: dict[int, str]) -> None:
        self.names = names
        self.found: dict[str, MapLayer] = {}

    def run_module(self, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        result = module._call_impl(*args, **kwargs)
        name = self.names.get(id(module), "")
        is_map = isinstance(result, Tensor) and result.ndim == 4 and result.dtype.is_floating_point
        if name and name not in self.found and is_map and result.shape[2] * result.shape[3] > 1:
            _, channels, rows, columns = result.shape
            self.found[name] = MapLayer(name, type(module).__name__, (channels, rows, columns))
        return result


def output_of(model: nn.Module, images: Tensor, layer: str) -> Tensor:
    """Return what a layer makes of pictures at its first run; nothing behind it is computed.

    Args:
        model: in evaluation mode; it is only read.
        images: [N, C, H, W].
        layer: name of one of its modules.

    Returns:
        float [N, C, h, w].

    Raises:
        ReaderError: there is no such layer, it did not run, or its output is no map.
    """
    try:
        until = _Until(model.get_submodule(layer))
    except AttributeError:
        raise ReaderError("There is no layer called {layer} in this network.", layer=layer) from None
    with torch.inference_mode(), listening(until):
        try:
            model(images)
        except _ReachedError:
            pass
        else:
            raise ReaderError("The layer {layer} did not run for this picture.", layer=layer)
    if not isinstance(until.output, Tensor) or until.output.ndim != 4:
        raise ReaderError("The layer {layer} has no maps to show. Choose a layer before it.", layer=layer)
    return until.output


def map_layers(model: nn.Module, images: Tensor) -> tuple[MapLayer, ...]:
    """Return the modules that give maps of more than one place, in the order in which they are done.

    Args:
        model: in evaluation mode; it is only read.
        images: [1, C, H, W], any of the right size.
    """
    survey = _Survey({id(module): name for name, module in model.named_modules()})
    with torch.inference_mode(), listening(survey):
        model(images)
    return tuple(survey.found.values())
