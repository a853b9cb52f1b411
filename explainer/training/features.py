"""A frozen backbone says the same of an image in every epoch: its features are computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, fx, nn

LARGEST = 2 << 30
"""Bytes of features that are kept."""
_BATCH = 64

Network = Callable[[Tensor], Tensor]


def cut_frozen(model: nn.Module, learned: nn.Module | None = None) -> tuple[Network, Network] | None:
    """Cut a network where something begins to learn, or is drawn at random.

    Args:
        model: frozen in part (``stages.freeze``); in evaluation mode nothing is drawn at random.
        learned: the same network with other weights behind the cut (an average, say), whose modules the
            second part takes; ``model`` itself where it is not said.

    Returns:
        What makes features of images, and what makes logits of features; ``None`` where the network cannot be
        cut at one tensor.
    """
    try:
        graph = fx.Tracer().trace(model)
    except (fx.proxy.TraceError, TypeError, ValueError, RuntimeError, AttributeError):
        return None  # its path depends on the numbers
    modules = dict(model.named_modules())
    behind: set[fx.Node] = set()
    for node in graph.nodes:
        if any(one in behind for one in node.all_input_nodes) or _moves(node, modules, model):
            behind.add(node)
    edges = {
        one for node in behind for one in node.all_input_nodes if one not in behind and one.op != "get_attr"
    }
    if len(edges) != 1:
        return None
    (edge,) = edges
    if edge.op == "placeholder":
        return None
    return _part(model, graph, stop=edge), _part(learned or model, graph, start=edge)


@torch.no_grad()
def computed(network: Network, images: Tensor, prepare: Callable[[Tensor], Tensor]) -> Tensor | None:
    """Return the features of all images, in their order; ``None`` if they are more than is kept.

    Args:
        network: the first part.
        images: uint8 [N, C, H, W].
        prepare: makes a batch of them what the network is fed.
    """
    parts: list[Tensor] = []
    for batch in images.split(_BATCH):
        parts.append(network(prepare(batch)))
        if parts[0].nbytes / len(parts[0]) * len(images) > LARGEST:
            return None
    return torch.cat(parts)


@torch.no_grad()
def computed_by_batch(network: Network, batches: Iterable[Tensor]) -> list[Tensor] | None:
    """Return the features of batches, each as it is, so that what follows comes to the same bits.

    ``None`` if they are more than is kept.
    """
    parts: list[Tensor] = []
    total = 0
    for batch in batches:
        parts.append(network(batch))
        total += parts[-1].nbytes
        if total > LARGEST:
            return None
    return parts


def _moves(node: fx.Node, modules: dict[str, nn.Module], model: nn.Module) -> bool:
    """Whether what a node does changes from step to step."""
    if node.op == "call_module":
        module = modules[str(node.target)]
        random = isinstance(module, nn.modules.dropout._DropoutNd) and module.training and module.p > 0
        learns = any(parameter.requires_grad for parameter in module.parameters())
        hooked = bool(module._forward_hooks or module._forward_pre_hooks) and module.training
        return random or learns or hooked or (module.training and _counts(module))
    if node.op == "get_attr":
        value = model
        for name in str(node.target).split("."):
            value = getattr(value, name)
        return isinstance(value, Tensor) and value.requires_grad
    return node.op == "call_function" and "dropout" in getattr(node.target, "__name__", "")


def _counts(module: nn.Module) -> bool:
    return any(isinstance(one, nn.modules.batchnorm._BatchNorm) for one in module.modules())


def _part(
    model: nn.Module, graph: fx.Graph, start: fx.Node | None = None, stop: fx.Node | None = None
) -> fx.GraphModule:
    """Return a network of the nodes from ``start`` (given from outside) or up to ``stop``."""
    part = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    for node in graph.nodes:
        if start is not None and node is start:
            copies[node] = part.placeholder("features")
        elif start is None or node.op == "get_attr" or any(one in copies for one in node.all_input_nodes):
            copies[node] = part.node_copy(node, copies.__getitem__)
        if node is stop and node in copies:
            part.output(copies[node])
            break
    return fx.GraphModule(model, part)
