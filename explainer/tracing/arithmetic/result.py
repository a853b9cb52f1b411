"""What an explanation is made of: groups of terms, a total, and the proof that it is the tensor's own value.

Terms are kept in columns (one array per factor), because a single number of a wide layer is a sum of tens of
thousands of products; :attr:`Group.terms` turns them into objects where that is handier than arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, overload

import numpy as np
import torch

from explainer.tracing.arithmetic.rounding import sum_tolerance, unit_roundoff
from explainer.tracing.arithmetic.text import Phrase, abbreviated

Role = Literal["input", "weight", "constant"]
"""What a factor is: a value of an earlier node, a learned number, or a number the operation fixes."""

Form = Literal[
    "given", "sum", "product", "quotient", "max", "min", "gather", "function", "affine", "softmax", "unknown"
]
"""How the total follows from the terms.

``sum``: all products plus the bias. ``product``, ``quotient``: the one product. ``max``, ``min``: the chosen
term. ``gather``: the one term, moved and not changed. ``function``: ``formula`` of the one term. ``affine``:
the one product (input × scale) plus the bias (shift). ``softmax``: ``formula`` over all terms. ``given``:
there is nothing before it. ``unknown``: the value is shown and not taken apart.
"""


@dataclass(frozen=True, slots=True)
class Factor:
    """One number of a product."""

    value: float
    role: Role
    source: int | None
    """``Node.index`` of the node that the value was read from; ``None`` for a weight or a constant."""
    position: tuple[int, int, int] | None
    """(channel, y, x) in the source as ``explain`` counts them, or in the kernel for a weight. ``None`` where
    there is no such place: for a constant, and for padding."""


@dataclass(frozen=True, slots=True)
class Term:
    """One summand (or candidate of a maximum): the product of its factors."""

    factors: tuple[Factor, ...]
    product: float
    group: int | None
    """Channel of the group it belongs to."""


@dataclass(frozen=True, eq=False, slots=True)
class Factors:
    """One column: the factor at one place in every term of a group."""

    role: Role
    values: np.ndarray
    """float64 [terms]."""
    source: int | None = None
    positions: np.ndarray | None = None
    """int [terms, 3] with (channel, y, x) of each value; a row of -1 is padding."""

    def part(self, terms: slice | np.ndarray) -> Factors:
        """Return the column of some of the terms."""
        positions = None if self.positions is None else self.positions[terms]
        return Factors(self.role, self.values[terms], self.source, positions)

    def at(self, index: int) -> Factor:
        """Return the factor of one term."""
        position = None
        if self.positions is not None:
            channel, y, x = (int(number) for number in self.positions[index])
            position = None if channel < 0 else (channel, y, x)
        source = None if self.positions is not None and position is None else self.source
        return Factor(float(self.values[index]), self.role, source, position)


@dataclass(frozen=True, eq=False, slots=True)
class Group:
    """The terms that read one input channel (or one operand)."""

    label: Phrase
    channel: int | None
    factors: tuple[Factors, ...]
    products: np.ndarray
    """float64 [terms]."""
    subtotal: float
    """Sum of the products; for ``max``, ``min`` and ``softmax`` it is the chosen term."""

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms as objects, made on request."""
        return tuple(
            Term(tuple(column.at(i) for column in self.factors), float(product), self.channel)
            for i, product in enumerate(self.products)
        )

    def to_json(self, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """Return columns of plain numbers; a padding value has position ``null``."""
        return {
            "label": self.label.translated(translate),
            "channel": self.channel,
            "subtotal": plain(self.subtotal),
            "products": plain_list(self.products),
            "factors": [
                {
                    "role": column.role,
                    "source": column.source,
                    "values": plain_list(column.values),
                    "positions": None
                    if column.positions is None
                    else [None if place[0] < 0 else place for place in column.positions.tolist()],
                }
                for column in self.factors
            ],
        }


@dataclass(frozen=True, eq=False, slots=True)
class Groups(Sequence[Group]):
    """Groups over common columns. Each is made when it is asked for: a wide layer has thousands."""

    columns: tuple[Factors, ...]
    products: np.ndarray
    """float64 [terms], all groups one after another."""
    bounds: np.ndarray
    """int [groups + 1]; the terms of group i are ``bounds[i]`` to ``bounds[i + 1]``."""
    channels: np.ndarray
    """int [groups]."""
    subtotals: np.ndarray
    """float64 [groups]."""
    template: str
    """Label of a group with the field ``{channel}``."""

    def __len__(self) -> int:
        return len(self.channels)

    @overload
    def __getitem__(self, index: int) -> Group: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Group, ...]: ...
    def __getitem__(self, index: int | slice) -> Group | tuple[Group, ...]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(len(self))))
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        part = slice(int(self.bounds[index]), int(self.bounds[index + 1]))
        channel = int(self.channels[index])
        return Group(
            Phrase(self.template, channel=channel),
            channel,
            tuple(column.part(part) for column in self.columns),
            self.products[part],
            float(self.subtotals[index]),
        )


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """How one number of one tensor was computed, and whether that gives the number the tensor holds."""

    kind: str
    """``Node.kind`` of the explained operation."""
    form: Form
    groups: Sequence[Group]
    bias: float | None
    """What is added to the terms; ``None`` if nothing is."""
    total: float
    """The result in float64 from the recorded float32 values; a sum is rounded once only. nan if unknown."""
    value: float
    """The number in the node's own tensor."""
    tolerance: float
    """The difference that the tensor's own rounding can explain; 0 where nothing is rounded."""
    expression: str
    """The calculation in plain text with the numbers put in, abbreviated when long."""
    formula: str = ""
    """The calculation in symbols."""
    facts: Mapping[str, float] = field(default_factory=dict)
    """The named constants of the formula, such as ``mean``, ``variance``, ``eps``."""
    chosen: int | None = None
    """Which term of ``groups[0]`` is the answer: the largest in ``max``, the numerator in ``softmax``."""
    note: Phrase | None = None

    @property
    def error(self) -> float:
        """|total − value|; 0 if both are nan or the same infinity."""
        if self.total == self.value or (
            self.form != "unknown" and math.isnan(self.total) and math.isnan(self.value)
        ):
            return 0.0
        return abs(self.total - self.value)

    @property
    def agrees(self) -> bool:
        """Whether the total is the tensor's value within the tolerance. An unknown operation never agrees."""
        return self.error <= self.tolerance

    @property
    def exact(self) -> bool:
        """Whether the operation rounds nothing, so that the two numbers must be the same bits."""
        return self.form != "unknown" and self.tolerance == 0

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms of all groups."""
        return tuple(term for group in self.groups for term in group.terms)

    def strongest(self, count: int) -> tuple[Group, ...]:
        """Return the ``count`` groups with the largest |subtotal|, largest first."""
        return tuple(self.groups[i] for i in self._ranked()[:count])

    def _ranked(self) -> list[int]:
        sizes = np.abs(_subtotals(self.groups))
        return np.argsort(-sizes, kind="stable").tolist()

    def to_json(self, max_groups: int | None = None, translate: Callable[[str], str] = str) -> dict[str, Any]:
        """Return plain data for ``json.dumps(..., allow_nan=False)``.

        Args:
            max_groups: keep only this many groups, strongest first, and sum the others up in ``rest``;
                ``None`` keeps all in their own order.
            translate: applied to the English template of the labels and of the note.

        Non-finite numbers become the strings ``"nan"``, ``"inf"`` and ``"-inf"``.
        """
        shown: Sequence[Group] = self.groups
        rest = None
        if max_groups is not None and max_groups < len(self.groups):
            shown = self.strongest(max_groups)
            left = self._ranked()[max_groups:]
            rest = {
                "groups": len(left),
                "terms": len(_products(self.groups)) - sum(len(group.products) for group in shown),
                "subtotal": plain(float(_subtotals(self.groups)[left].sum())),
            }
        return {
            "kind": self.kind,
            "form": self.form,
            "formula": self.formula,
            "expression": self.expression,
            "facts": {name: plain(number) for name, number in self.facts.items()},
            "groups": [group.to_json(translate) for group in shown],
            "rest": rest,
            "chosen": self.chosen,
            "bias": None if self.bias is None else plain(self.bias),
            "total": plain(self.total),
            "value": plain(self.value),
            "error": plain(self.error),
            "tolerance": plain(self.tolerance),
            "agrees": self.agrees,
            "exact": self.exact,
            "note": None if self.note is None else self.note.translated(translate),
        }


def _products(groups: Sequence[Group]) -> np.ndarray:
    """Return the products of all groups one after another."""
    if isinstance(groups, Groups):
        return groups.products
    return np.concatenate([group.products for group in groups]) if groups else np.zeros(0)


def _lengths(groups: Sequence[Group]) -> np.ndarray:
    if isinstance(groups, Groups):
        return np.diff(groups.bounds)
    return np.array([len(group.products) for group in groups], dtype=np.int64)


def _subtotals(groups: Sequence[Group]) -> np.ndarray:
    if isinstance(groups, Groups):
        return groups.subtotals
    return np.array([group.subtotal for group in groups])


class NotTakenApartError(Exception):
    """Raised inside this package when an operation cannot be explained; carries the reason as a Phrase."""

    def __init__(self, reason: Phrase) -> None:
        super().__init__(reason)
        self.reason = reason


def plain(number: float) -> float | str:
    """Return a float, or its name if JSON has no number for it."""
    return float(number) if math.isfinite(number) else str(float(number))


def plain_list(numbers: np.ndarray) -> list[float | str]:
    """Return :func:`plain` of each number."""
    if np.isfinite(numbers).all():
        return numbers.tolist()
    return [plain(number) for number in numbers.tolist()]


def group_sums(
    values: Factors, weights: Factors | None, channels: np.ndarray, template: str
) -> Sequence[Group]:
    """Split columns of terms into one group per channel, in order of channel.

    Args:
        values: column of the inputs.
        weights: column they are multiplied with, if any.
        channels: int [terms], the group of each term.
        template: label of a group with the field ``{channel}``.
    """
    products = values.values if weights is None else values.values * weights.values
    if not len(products):
        return ()
    columns: tuple[Factors, ...] = (values,) if weights is None else (values, weights)
    if (np.diff(channels) < 0).any():
        order = np.argsort(channels, kind="stable")
        channels, products = channels[order], products[order]
        columns = tuple(column.part(order) for column in columns)
    starts = np.concatenate([[0], np.flatnonzero(np.diff(channels)) + 1])
    return Groups(
        columns,
        products,
        np.append(starts, len(products)),
        channels[starts],
        np.add.reduceat(products, starts),
        template,
    )


def single(factors: Sequence[Factors], label: Phrase | None = None, channel: int | None = None) -> Group:
    """Return a group whose terms are the products of the given columns."""
    products = np.prod([column.values for column in factors], axis=0)
    return Group(label or Phrase("input"), channel, tuple(factors), products, float(products.sum()))


def total_of_sum(
    kind: str,
    output: torch.Tensor,
    value: float,
    groups: Sequence[Group],
    bias: float | None = None,
    *,
    formula: str,
    multiplies: bool = False,
    facts: Mapping[str, float] | None = None,
    note: Phrase | None = None,
) -> Arithmetic:
    """Return the Arithmetic of a sum of products.

    A product of two float32 numbers is exact in float64, and ``math.fsum`` rounds once, so the total is the
    exact sum of the recorded numbers to the last bit.
    """
    flat = _products(groups)
    offset = bias or 0.0
    if np.isfinite(flat).all() and math.isfinite(offset):
        total = math.fsum([*flat.tolist(), offset])
    else:
        total = float(flat.sum() + offset)
    magnitude = float(np.abs(flat).sum()) + abs(offset)
    return Arithmetic(
        kind=kind,
        form="sum",
        groups=groups,
        bias=bias,
        total=total,
        value=value,
        tolerance=sum_tolerance(magnitude, len(flat), unit_roundoff(output, multiplies=multiplies)),
        expression=abbreviated(groups, flat, _lengths(groups), bias, total),
        formula=formula,
        facts=facts or {},
        note=note,
    )
