"""Numbers and words of an explanation: formatted values, abbreviated sums, translatable phrases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from explainer.tracing.arithmetic.result import Group

WRITTEN_OUT = 9
"""A sum of up to this many terms (a 3x3 kernel on one channel) is written out in full."""
ABBREVIATED_TO = 4
"""Of a longer sum, this many terms are shown: the largest."""


class Phrase(str):
    """English text that remembers its template, so that it can be said in another language.

    Args:
        template: sentence with ``{name}`` fields; the key of the translation catalogue.
        **values: what the fields stand for.
    """

    __slots__ = ("template", "values")
    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> Phrase:
        """Format the template and keep it."""
        self = super().__new__(cls, template.format(**values))
        self.template = template
        self.values = values
        return self

    def translated(self, translate: Callable[[str], str]) -> str:
        """Return the phrase with its template passed through ``translate`` before it is filled in."""
        return translate(self.template).format(**self.values)


def written(number: float, *, inner: bool = False) -> str:
    """Return a number with four significant digits and a true minus sign.

    Args:
        number: the number.
        inner: put a negative number in parentheses, as it stands inside a product or a sum.
    """
    text = f"{number:.4g}".replace("-", "−")
    return f"({text})" if inner and text.startswith("−") else text


def joined(parts: Sequence[str]) -> str:
    """Join summands with ``+``, or with ``−`` where one begins with a minus sign of its own."""
    text = ""
    for part in parts:
        if not text:
            text = part
        elif part.startswith("−"):
            text += f" − {part[1:]}"
        else:
            text += f" + {part}"
    return text


def abbreviated(
    groups: Sequence[Group],
    products: np.ndarray,
    lengths: np.ndarray,
    bias: float | None,
    total: float,
) -> str:
    """Return ``0.51×0.2 + … + bias 0.03 = 1.27``.

    A long sum shows its largest products, largest first, and how many more there are.

    Args:
        groups: the terms.
        products: the products of all groups one after another.
        lengths: how many products each group has.
        bias: what is added at the end, if anything.
        total: what to write behind the equals sign.
    """
    count = len(products)
    if count <= WRITTEN_OUT:
        shown = np.arange(count)
    else:
        largest = np.argpartition(-np.abs(products), ABBREVIATED_TO)[:ABBREVIATED_TO]
        shown = largest[np.argsort(-np.abs(products[largest]), kind="stable")]
    ends = np.cumsum(lengths)
    parts = []
    for position in shown.tolist():
        owner = int(np.searchsorted(ends, position, side="right"))
        group = groups[owner]
        local = position - (int(ends[owner]) - len(group.products))
        factors = [float(column.values[local]) for column in group.factors]
        first = written(factors[0])
        parts.append("×".join([first, *(written(number, inner=True) for number in factors[1:])]))
    if count > len(shown):
        parts.append(f"… ({count - len(shown):,} more)")
    if bias is not None:
        parts.append(f"bias {written(bias, inner=True)}")
    return f"{joined(parts) or '0'} = {written(total)}"
