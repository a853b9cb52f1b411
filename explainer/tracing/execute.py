"""Run one recorded call again, without touching anything that was recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from explainer.tracing.operations import operation


def execute(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    output_index: int | None = None,
    random_state: Tensor | None = None,
) -> Tensor:
    """Compute what a recorded call returned, from tensors.

    Functions that write in place run out of place, or on a copy of their target. Running statistics of a
    batch normalisation in training mode are copied. A function that draws random numbers draws the recorded
    ones and leaves the generator as it was.
    """
    known = operation(function)
    writes = known is not None and known.in_place
    keywords = {name: value for name, value in kwargs.items() if name != "out"}
    if keywords.get("inplace"):
        keywords["inplace"] = False
        writes = False
    if known is not None and known.kind in ("batch_norm", "instance_norm"):
        args = tuple(_copied(value) if position in (1, 2) else value for position, value in enumerate(args))
        keywords = {name: _copied(value) if "running" in name else value for name, value in keywords.items()}
    with _drawing(random_state):
        if not writes:
            result = function(*args, **keywords)
        elif known is not None and known.twin is not None:
            result = known.twin(*args, **keywords)
        else:
            target = args[0].clone()
            result = function(target, *args[1:], **keywords)
            if result is None:
                result = target
    return result if output_index is None else tensors(result)[output_index]


def times_written(tensor: Tensor) -> int:
    """How often a tensor has been written to in place; 0 for inference tensors, which do not count."""
    try:
        return tensor._version
    except RuntimeError:
        return 0


def tensors(value: Any) -> list[Tensor]:
    """All tensors in nested tuples, lists and dicts, in order."""
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        return [tensor for item in value for tensor in tensors(item)]
    return []


def substitute(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """Apply ``leaf`` to everything inside nested tuples, lists, dicts and slices."""
    kind = type(value)
    if kind is tuple or kind is list:
        return kind([substitute(item, leaf) for item in value])
    if kind is dict:
        return {name: substitute(item, leaf) for name, item in value.items()}
    if kind is slice:
        return slice(leaf(value.start), leaf(value.stop), leaf(value.step))
    return leaf(value)


def _copied(value: Any) -> Any:
    return value.clone() if isinstance(value, Tensor) and not isinstance(value, Parameter) else value


@contextmanager
def _drawing(state: Tensor | None) -> Iterator[None]:
    if state is None:
        yield
        return
    generator = torch.default_generator
    before = generator.get_state()
    generator.set_state(state)
    try:
        yield
    finally:
        generator.set_state(before)
