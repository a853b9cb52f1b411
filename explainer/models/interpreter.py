"""Run a graph operation by operation, each under the module that it had in the network that was saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from torch import Tensor, nn

from explainer.models.operators import Operator
from explainer.models.preprocessing import Preprocessing


class Part(nn.Module):
    """A module of the network that was saved, as far as a graph remembers it: its name, weights and steps."""

    def forward(self, block: Block, values: dict[str, Any]) -> None:
        """Run the steps of one call."""
        block.run(values)

    def extra_repr(self) -> str:
        """Say what a graph remembers of a layer: the shapes of its weights."""
        held = {**self._parameters, **self._buffers}
        return ", ".join(
            f"{name} {tuple(tensor.shape)}" for name, tensor in held.items() if tensor is not None
        )


class Program(Part):
    """A network read from a file: its graph is run operation by operation, each under its module's name.

    It has one attribute beside its modules, for a saved network may have modules of any name.
    """

    saved_graph: Graph

    def forward(self, images: Tensor) -> Tensor:  # type: ignore[override]
        """Map images [N, C, H, W] to what the network answers."""
        return self.saved_graph.run(images, held_by(self))


@dataclass(frozen=True, eq=False)
class Graph:
    """What a program computes, and what it is fed."""

    block: Block
    held: Mapping[str, str]
    """The path of each tensor that the network holds, by its name in the graph."""
    source: str
    """Name of the input."""
    result: str
    """Name of the answer."""
    preprocessing: Preprocessing
    """The input's size as saved; ImageNet's mean and deviation for colours, none for grey."""
    outputs: int = 0
    """Length of the answer; 0 if it is not a list of logits."""
    written: frozenset[str] = frozenset()
    """Names of the tensors held that operations write into: every run begins with copies of them."""

    def run(self, images: Tensor, tensors: Mapping[str, Tensor]) -> Tensor:
        """Run with these tensors, by path, as what the network holds."""
        values: dict[str, Any] = {name: tensors[path] for name, path in self.held.items()}
        values |= {name: values[name].clone() for name in self.written}
        values[self.source] = images
        self.block.run(values)
        return values[self.result]


def held_by(program: Program) -> dict[str, Tensor]:
    """Return what a network holds, by path."""
    found: dict[str, Tensor] = dict(program.named_parameters(remove_duplicate=False))
    return found | dict(program.named_buffers(remove_duplicate=False))


@dataclass(frozen=True, eq=False)
class Step:
    """One operation of the graph."""

    operator: Operator
    arguments: tuple[tuple[str, Callable[[Mapping[str, Any]], Any]], ...]
    results: tuple[Any, ...]
    """Names: a string for one tensor, a tuple for a list of them, ``None`` for what nobody reads."""
    path: tuple[tuple[str, str], ...]
    """The modules around it, outermost first: path and class."""

    def run(self, values: dict[str, Any]) -> None:
        """Compute from the values so far, and add the results to them."""
        if self.operator.checks:
            return
        result = self.operator([(name, read(values)) for name, read in self.arguments])
        found = (result,) if len(self.results) == 1 else tuple(result)
        for name, value in zip(self.results, found, strict=True):
            if isinstance(name, tuple):
                values.update(zip(name, value, strict=True))
            elif name is not None:
                values[name] = value


@dataclass(frozen=True, eq=False)
class Block:
    """Steps and calls of parts, in order."""

    items: tuple[Step | tuple[Part, Block], ...]

    def run(self, values: dict[str, Any]) -> None:
        """Run all of it."""
        for item in self.items:
            if isinstance(item, Step):
                item.run(values)
            else:
                part, block = item
                part(block, values)


def grouped(steps: Sequence[Step], depth: int, program: Program) -> Block:
    """Put the steps that one module runs one after the other into a call of it."""
    items: list[Step | tuple[Part, Block]] = []
    for here, some in groupby(steps, lambda step: step.path[depth] if len(step.path) > depth else None):
        if here is None:
            items += some
        else:
            items.append((part_at(program, *here), grouped(list(some), depth + 1, program)))
    return Block(tuple(items))


def part_at(program: Program, path: str, kind: str) -> Part:
    """Return the part at a path, made with those around it where there is none yet."""
    module: nn.Module = program
    *outer, last = path.split(".")
    for name in outer:
        module = _child(module, name, "Module")
    return _child(module, last, kind)


def _child(module: nn.Module, name: str, kind: str) -> Part:
    if name not in module._modules:
        module.add_module(name, _class(kind)())
    child = module._modules[name]
    assert isinstance(child, Part)
    return child


@cache
def _class(kind: str) -> type[Part]:
    """Return a kind of part that is called as the module that it was."""
    return type(kind, (Part,), {})
