"""One forward pass of any eager network, written down completely, and what can be read from it."""

from explainer.tracing.arithmetic import Arithmetic, explain, extent, maps
from explainer.tracing.cost import Cost, cost, module_costs
from explainer.tracing.extend import with_softmax
from explainer.tracing.graph import Call, Node, Trace
from explainer.tracing.receptive import (
    FieldTable,
    ReceptiveField,
    average_effective_receptive_field,
    effective_receptive_field,
    receptive_field,
    receptive_fields,
)
from explainer.tracing.recorder import trace
from explainer.tracing.replay import replay, replay_from

__all__ = [
    "Arithmetic",
    "Call",
    "Cost",
    "FieldTable",
    "Node",
    "ReceptiveField",
    "Trace",
    "average_effective_receptive_field",
    "cost",
    "effective_receptive_field",
    "explain",
    "extent",
    "maps",
    "module_costs",
    "receptive_field",
    "receptive_fields",
    "replay",
    "replay_from",
    "trace",
    "with_softmax",
]
