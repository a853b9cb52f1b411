"""Formulas as computational graphs: read from text without running it, computed with PyTorch.

A formula is one or several lines (or parts between semicolons): ``z = w * x + b; (sigmoid(z) - t) ** 2``.
Lines before the last give names to intermediate results, which later lines may use more than once. Every
variable is one node however often it is written, so its gradients add up as in any network that shares a
weight.
"""

from __future__ import annotations

import ast
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from explainer.errors import ReaderError

LONGEST = 400
"""Characters of a formula."""
MOST_NODES = 60
MOST_VARIABLES = 12
_LONGEST_NAME = 12
_RESERVED = ("pi", "torch")
"""Names that would mean something else in the formula, or in the PyTorch code made of it."""
VARIABLE, CONSTANT = "variable", "constant"

Partials = Callable[..., Sequence[Tensor]]


@dataclass(frozen=True)
class Operation:
    """One elementary function with its derivatives."""

    arity: int
    compute: Callable[..., Tensor]
    """Value of its inputs."""
    partials: Partials
    """Its derivatives by each input, given the inputs and then the value."""


def _power_partials(a: Tensor, b: Tensor, out: Tensor) -> tuple[Tensor, Tensor]:
    # As PyTorch has it: a constant's derivative is 0 also where the general formula says 0 · ∞.
    zero = torch.zeros_like(out)
    by_base = torch.where(b == 0, zero, b * a ** (b - 1))
    by_exponent = torch.where((a == 0) & (b >= 0), zero, out * a.log())
    return by_base, by_exponent


OPERATIONS: Mapping[str, Operation] = {
    "add": Operation(2, torch.add, lambda a, b, out: (torch.ones_like(out), torch.ones_like(out))),
    "subtract": Operation(2, torch.sub, lambda a, b, out: (torch.ones_like(out), -torch.ones_like(out))),
    "multiply": Operation(2, torch.mul, lambda a, b, out: (b, a)),
    "divide": Operation(2, torch.div, lambda a, b, out: (1 / b, -a / (b * b))),
    "power": Operation(2, torch.pow, _power_partials),
    "negate": Operation(1, torch.neg, lambda a, out: (-torch.ones_like(out),)),
    "sin": Operation(1, torch.sin, lambda a, out: (a.cos(),)),
    "cos": Operation(1, torch.cos, lambda a, out: (-a.sin(),)),
    "exp": Operation(1, torch.exp, lambda a, out: (out,)),
    "log": Operation(1, torch.log, lambda a, out: (1 / a,)),
    "sqrt": Operation(1, torch.sqrt, lambda a, out: (1 / (2 * out),)),
    "abs": Operation(1, torch.abs, lambda a, out: (a.sign(),)),
    "relu": Operation(1, torch.relu, lambda a, out: ((a > 0).to(a.dtype),)),
    "sigmoid": Operation(1, torch.sigmoid, lambda a, out: (out * (1 - out),)),
    "tanh": Operation(1, torch.tanh, lambda a, out: (1 - out * out,)),
}
"""By the names that graphs use. ``square(a)`` is read as ``a ** 2``."""
FUNCTIONS = (*(name for name, one in OPERATIONS.items() if one.arity == 1 and name != "negate"), "square")
"""What a formula may call."""

_BINARY = {
    ast.Add: "add",
    ast.Sub: "subtract",
    ast.Mult: "multiply",
    ast.Div: "divide",
    ast.Pow: "power",
}
_SIGNS = str.maketrans({"×": "*", "·": "*", "⋅": "*", "÷": "/", "−": "-", "–": "-", "；": ";"})
_RAISED = {"²": "**2", "³": "**3", "^": "**"}
_IMPLICIT = re.compile(r"(?<![\w.])(\d+\.?\d*|\.\d+)(?![eE][+-]?\d)(?=[A-Za-z_(])")
"""A number directly before a name or a bracket, as in 2x: it is a factor."""


@dataclass(frozen=True)
class Node:
    """One value of a graph."""

    operation: str
    """``"variable"``, ``"constant"``, or a key of ``OPERATIONS``."""
    inputs: tuple[int, ...] = ()
    """Indices of the nodes it is computed from."""
    name: str = ""
    """What formulas call it; empty for constants."""
    value: float = 0.0
    """Of a constant."""


@dataclass(frozen=True)
class Graph:
    """A formula taken apart: every node stands behind its inputs, the last one is the result."""

    nodes: tuple[Node, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """Names of the variables in the order in which the formula has them."""
        return tuple(node.name for node in self.nodes if node.operation == VARIABLE)

    @property
    def output(self) -> Node:
        """The node that is the formula's value."""
        return self.nodes[-1]


def compute(graph: Graph, values: Mapping[str, Tensor]) -> list[Tensor]:
    """Return the value of every node.

    Args:
        graph: the formula.
        values: of the variables, tensors of one shape and type; gradients flow through as usual.
    """
    like = next(iter(values.values()))
    found: list[Tensor] = []
    for node in graph.nodes:
        if node.operation == VARIABLE:
            found.append(values[node.name])
        elif node.operation == CONSTANT:
            found.append(torch.full_like(like, node.value, requires_grad=False))
        else:
            found.append(OPERATIONS[node.operation].compute(*(found[i] for i in node.inputs)))
    return found


def read_formula(text: str) -> Graph:
    """Return the graph of a formula.

    ``+ - * / **`` (also ``^ × · ÷ ² ³`` and 2x for 2 * x), brackets, numbers, ``pi``, the functions of
    ``FUNCTIONS``, names. The text is taken apart with Python's parser and never run.

    Raises:
        ReaderError: it is no formula; says what is wrong.
    """
    if len(text) > LONGEST:
        raise ReaderError("The formula is longer than {count} characters.", count=LONGEST)
    plain = _plain(text)
    try:
        tree = ast.parse(plain.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        near = _place(plain.strip(), error)
        raise ReaderError("The formula cannot be read near “{place}”.", place=near) from None
    if not tree.body:
        raise ReaderError("Type a formula first.")
    reader = _Reader()
    try:
        for position, statement in enumerate(tree.body):
            reader.statement(statement, last=position == len(tree.body) - 1)
    except RecursionError:
        raise ReaderError("The formula is nested too deeply.") from None
    graph = reader.graph()
    if not graph.variables:
        raise ReaderError("The formula has no variable: nothing could have a gradient.")
    return graph


def _plain(text: str) -> str:
    for sign, meaning in _RAISED.items():
        text = text.replace(sign, meaning)
    text = unicodedata.normalize("NFKC", text.translate(_SIGNS)).translate(_SIGNS)
    lines = (line.strip().rstrip(";") for line in text.splitlines())
    return _IMPLICIT.sub(r"\1*", "\n".join(line for line in lines if line))


def _place(text: str, error: Exception) -> str:
    offset = error.offset if isinstance(error, SyntaxError) and error.offset else len(text)
    line = (error.lineno if isinstance(error, SyntaxError) else None) or 1
    lines = text.splitlines() or [""]
    shown = lines[min(line, len(lines)) - 1]
    start = max(0, min(offset - 1, len(shown) - 1) - 6)
    return shown[start : start + 13]


class _Reader:
    """The graph as far as it has been read."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.named: dict[str, int] = {}
        """Nodes that have names: variables, and what lines before have set."""
        self.result = 0

    def statement(self, statement: ast.stmt, *, last: bool) -> None:
        if isinstance(statement, ast.Expr):
            if not last:
                raise ReaderError("Only the last line may be without a name: write z = … in the others.")
            self.result = self.expression(statement.value)
            return
        target = statement.targets[0] if isinstance(statement, ast.Assign) else None
        if not isinstance(statement, ast.Assign) or not isinstance(target, ast.Name):
            raise ReaderError("A line is a formula, or a name, = and a formula.")
        if len(statement.targets) > 1 or target.id in self.named or target.id in (*FUNCTIONS, *_RESERVED):
            raise ReaderError("The name {name} is taken already.", name=target.id)
        self.result = self.expression(statement.value)
        node = self.nodes[self.result]
        if node.operation not in (VARIABLE, CONSTANT) and not node.name:
            self.nodes[self.result] = replace(node, name=_short(target.id))
        self.named[target.id] = self.result

    def expression(self, part: ast.expr) -> int:
        match part:
            case ast.BinOp(left, operator, right) if type(operator) in _BINARY:
                return self.operation(
                    _BINARY[type(operator)], (self.expression(left), self.expression(right))
                )
            case ast.UnaryOp(ast.USub(), operand):
                return self.operation("negate", (self.expression(operand),))
            case ast.UnaryOp(ast.UAdd(), operand):
                return self.expression(operand)
            case ast.Call(ast.Name(name), [argument], []) if name in FUNCTIONS:
                inner = self.expression(argument)
                if name == "square":
                    return self.operation("power", (inner, self.constant(2.0)))
                return self.operation(name, (inner,))
            case ast.Call(ast.Name(name), _, _):
                if name in FUNCTIONS:
                    raise ReaderError("{name} takes one value in brackets.", name=name)
                known = ", ".join(FUNCTIONS)
                raise ReaderError("There is no function {name}; there are: {known}.", name=name, known=known)
            case ast.Constant(bool()):
                pass
            case ast.Constant(int(value) | float(value)):
                return self.constant(_finite(value))
            case ast.Name("pi"):
                return self.constant(math.pi)
            case ast.Name("torch"):
                raise ReaderError("The name {name} is taken already.", name="torch")
            case ast.Name(name) if name in FUNCTIONS:
                raise ReaderError("{name} takes one value in brackets.", name=name)
            case ast.Name(name):
                return self.variable(name)
        raise ReaderError("“{part}” has no place in a formula.", part=ast.unparse(part)[:40])

    def variable(self, name: str) -> int:
        if name not in self.named:
            self.named[name] = self.add(Node(VARIABLE, (), _short(name)))
        return self.named[name]

    def constant(self, value: float) -> int:
        return self.add(Node(CONSTANT, (), "", value))

    def operation(self, name: str, inputs: tuple[int, ...]) -> int:
        """Add an operation; of constants alone, its value."""
        parts = [self.nodes[i] for i in inputs]
        if all(part.operation == CONSTANT for part in parts):
            values = [torch.tensor(part.value, dtype=torch.float64) for part in parts]
            return self.constant(_finite(float(OPERATIONS[name].compute(*values))))
        return self.add(Node(name, inputs))

    def add(self, node: Node) -> int:
        self.nodes.append(node)
        if sum(node.operation != CONSTANT for node in self.nodes) > MOST_NODES:
            raise ReaderError("The formula has more than {count} operations.", count=MOST_NODES)
        if sum(node.operation == VARIABLE for node in self.nodes) > MOST_VARIABLES:
            raise ReaderError("The formula has more than {count} variables.", count=MOST_VARIABLES)
        return len(self.nodes) - 1

    def graph(self) -> Graph:
        """Return what the result needs, all of it named: v1, v2, ... where the reader gave no name."""
        needed: set[int] = set()
        todo = [self.result]
        while todo:
            index = todo.pop()
            if index not in needed:
                needed.add(index)
                todo += self.nodes[index].inputs
        order = sorted(needed)
        places = {index: place for place, index in enumerate(order)}
        taken = set(self.named)
        fresh = (name for name in (f"v{number}" for number in range(1, 1000)) if name not in taken)
        nodes = []
        for index in order:
            node = self.nodes[index]
            name = node.name
            if not name and node.operation != CONSTANT:
                name = "L" if index == self.result and "L" not in taken else next(fresh)
            nodes.append(replace(node, inputs=tuple(places[i] for i in node.inputs), name=name))
        return Graph(tuple(nodes))


def _short(name: str) -> str:
    if len(name) > _LONGEST_NAME:
        raise ReaderError("The name {name} is longer than {count} letters.", name=name, count=_LONGEST_NAME)
    return name


def _finite(value: float) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ReaderError("A number in the formula is too large, or is none.")
    return number
