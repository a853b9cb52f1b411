"""One forward pass of any eager network, written down completely, and what can be read from it."""

from explainer.tracing.extend import with_softmax
from explainer.tracing.graph import Call, Node, Trace
from explainer.tracing.recorder import trace
from explainer.tracing.replay import replay, replay_from

__all__ = ["Call", "Node", "Trace", "replay", "replay_from", "trace", "with_softmax"]
