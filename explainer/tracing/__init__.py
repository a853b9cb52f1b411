"""One forward pass of any eager network, written down completely, and what can be read from it."""

from explainer.tracing.arithmetic import Arithmetic, explain, extent, maps
from explainer.tracing.cost import Cost, cost, module_costs
from explainer.tracing.extend import with_softmax
from explainer.tracing.graph import Call, Node, Trace
from explainer.tracing.recorder import trace
from explainer.tracing.replay import replay, replay_from

__all__ = [
    "Arithmetic",
    "Call",
    "Cost",
    "Node",
    "Trace",
    "cost",
    "explain",
    "extent",
    "maps",
    "module_costs",
    "replay",
    "replay_from",
    "trace",
    "with_softmax",
]
