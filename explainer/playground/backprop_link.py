"""Which computational graph is on the screen, as texts in the page's link."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from explainer.playground.backpropagation import EXAMPLES
from explainer.playground.expressions import CONSTANT, LONGEST, VARIABLE, Graph, read_formula

OWN = "own"
"""Key of the reader's formula among the examples."""
FIRST = "course"
PARAMETERS = ("graph", "f", "values", "step")
"""Names in the link."""
LARGEST = 1e4
"""Magnitude of a variable."""
_OTHERWISE = 1.0
"""Value of a variable that the link does not give."""
_LONGEST_VALUES = 400


@dataclass(frozen=True)
class Chosen:
    """A formula with the values of its variables."""

    key: str
    """Of the example."""
    formula: str
    graph: Graph
    values: Mapping[str, float]
    step: int
    """The step looked at, from 0 (nothing computed) to ``steps_of``."""


def steps_of(graph: Graph) -> int:
    """Return the number of steps: every operation forwards, the beginning, and every edge backwards."""
    operations = [node for node in graph.nodes if node.operation not in (VARIABLE, CONSTANT)]
    edges = sum(graph.nodes[i].operation != CONSTANT for node in operations for i in node.inputs)
    return len(operations) + 1 + edges


def read_chosen(link: Mapping[str, str]) -> Chosen:
    """Return what a link asks for; what does not fit falls back to the example's own.

    Raises:
        ReaderError: the reader's formula cannot be read.
    """
    key = link.get("graph", "")
    if key == OWN:
        formula = link.get("f", "")[: LONGEST + 1] or EXAMPLES[FIRST].formula
        values: Mapping[str, float] = {}
    else:
        key = key if key in EXAMPLES else FIRST
        formula, values = EXAMPLES[key].formula, EXAMPLES[key].values
    graph = read_formula(formula)
    given = _values(link.get("values", ""))
    known = {name: given.get(name, values.get(name, _OTHERWISE)) for name in graph.variables}
    last = steps_of(graph)
    text = link.get("step", "")
    step = int(text) if text.isdecimal() and len(text) < 5 else last
    return Chosen(key, formula, graph, known, min(step, last))


def write_chosen(chosen: Chosen) -> dict[str, str]:
    """Return the link's parameters, without what is so by itself."""
    example = EXAMPLES.get(chosen.key)
    own: Mapping[str, float] = example.values if example else {}
    values = {n: v for n, v in chosen.values.items() if v != own.get(n, _OTHERWISE)}
    texts = {
        "graph": chosen.key if chosen.key != FIRST else "",
        "f": "" if example else chosen.formula,
        "values": ",".join(f"{name}:{value:.6g}" for name, value in values.items()),
        "step": str(chosen.step) if chosen.step != steps_of(chosen.graph) else "",
    }
    return {name: text for name, text in texts.items() if text}


def _values(text: str) -> dict[str, float]:
    found = {}
    for part in text[:_LONGEST_VALUES].split(","):
        name, _, number = part.partition(":")
        try:
            value = float(number[:24])
        except ValueError:
            continue
        if math.isfinite(value):
            found[name.strip()] = min(max(value, -LARGEST), LARGEST)
    return found
