"""One more operation behind a trace, as though the network had gone on."""

from __future__ import annotations

import torch
from torch.nn import functional as F

from explainer.tracing.graph import Node, Trace


def with_softmax(trace: Trace, logits: Node) -> Trace:
    """Return the trace followed by ``softmax`` over the classes of ``logits`` [N, classes].

    Most classifiers end in logits, since their loss function takes the softmax itself; the probabilities that
    a reader sees are made by this operation.
    """
    with torch.no_grad():
        probabilities = F.softmax(logits.output, dim=1)
    node = Node(
        len(trace.nodes), "softmax", trace.root, (logits,), probabilities, F.softmax, (logits,), {"dim": 1}
    )
    node.name = "softmax" if "softmax" not in trace else "softmax:2"
    return Trace((*trace.nodes, node), trace.output, trace.root)
