"""One forward pass of any eager network, written down completely, and what can be read from it."""

from explainer.tracing.graph import Call, Node, Trace
from explainer.tracing.recorder import trace

__all__ = ["Call", "Node", "Trace", "trace"]
