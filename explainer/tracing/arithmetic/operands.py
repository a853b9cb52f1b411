"""Reading the numbers an operation was given: from earlier nodes, learned tensors and plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from explainer.tracing.arithmetic.layout import places
from explainer.tracing.arithmetic.result import Factors, NotTakenApartError, Role
from explainer.tracing.arithmetic.text import Phrase
from explainer.tracing.graph import Node

Index = tuple[int, ...]


def tensor_of(operand: Any) -> torch.Tensor:
    """Return the tensor an argument stands for."""
    return operand.output if isinstance(operand, Node) else operand


def is_tensor(operand: Any) -> bool:
    """Return whether an argument is a tensor (traced or constant) and not a plain number."""
    return isinstance(operand, (Node, torch.Tensor))


def numbers(tensor: torch.Tensor) -> np.ndarray:
    """Return a small tensor as float64 on the CPU."""
    return tensor.detach().to("cpu", torch.float64).numpy()


def entry(operand: Any, at: Any) -> float:
    """Return one entry of a tensor."""
    return float(tensor_of(operand)[at].item())


def required(node: Node, name: str = "input") -> Any:
    """Return an argument that must be a tensor.

    Raises:
        NotTakenApartError: if it is missing or is no tensor.
    """
    operand = node.arguments.get(name)
    if not is_tensor(operand):
        raise NotTakenApartError(Phrase("The argument {name} is not a tensor.", name=name))
    return operand


def role_of(operand: Any) -> Role:
    """Return what kind of factor an operand is."""
    if isinstance(operand, Node):
        return "input"
    return "weight" if isinstance(operand, torch.nn.Parameter) else "constant"


def column(operand: Any, index: Sequence[Any]) -> Factors:
    """Return the values of an operand at tensor indices, as one column of terms.

    Args:
        operand: a node or a tensor.
        index: one integer or integer array [terms] per axis.
    """
    spots = np.broadcast_arrays(*(np.atleast_1d(axis) for axis in index)) if len(index) else []
    tensor = tensor_of(operand)
    picked = tensor[tuple(torch.as_tensor(axis, device=tensor.device) for axis in spots)]
    values = np.atleast_1d(numbers(picked))
    if isinstance(operand, Node):
        return Factors("input", values, operand.index, places(operand, spots))
    return Factors(role_of(operand), values)


def broadcast_column(operand: Any, index: Index) -> Factors:
    """Return the one value that broadcasting brings to an output index; a number is a constant."""
    if not is_tensor(operand):
        return Factors("constant", np.array([float(operand)]))
    shape = tensor_of(operand).shape
    own = index[len(index) - len(shape) :]
    return column(operand, [0 if size == 1 else spot for size, spot in zip(shape, own, strict=True)])


def constant(*values: float) -> Factors:
    """Return a column of numbers that the operation itself fixes."""
    return Factors("constant", np.array(values, dtype=np.float64))


def axes_tuple(value: Any, count: int) -> tuple[int, ...]:
    """Return an int, or a sequence of one or ``count`` ints, as ``count`` ints."""
    if isinstance(value, int):
        return (value,) * count
    value = tuple(int(number) for number in value)
    return value * count if len(value) == 1 else value
