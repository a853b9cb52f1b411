"""The two class activation maps without gradients: mask the picture, or take a channel out, and see."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.attribution.quick import Quick
from explainer.attribution.spatial import Layout
from explainer.progress import Progress
from explainer.tracing import Node, Trace, replay_from

_SCORE_BATCH = 8
_ABLATION_BATCH = 32


def score_weights(
    recorded: Trace,
    activation: Tensor,
    class_index: int,
    progress: Progress | None = None,
) -> Tensor:
    """Return Score-CAM's weight of each channel, [C], which add up to 1.

    Wang et al. 2020, section 3: each channel, enlarged to the picture and stretched to 0..1, masks the
    picture; the weights are the softmax of the class scores (logits) of all masked pictures. The score of
    the baseline picture, which the paper subtracts from each, cancels in the softmax. Enlarged bilinearly,
    corner pixels on corner pixels.

    Args:
        recorded: a forward pass of the network; its first picture is masked.
        activation: the layer's maps [C, h, w].
        class_index: the class.
        progress: called with (channels done, channels).
    """
    # Convolutions are up to three times as fast where the channels of a pixel lie side by side.
    image = recorded.input.output[:1].contiguous(memory_format=torch.channels_last)
    scores = torch.empty(len(activation), dtype=image.dtype)
    with torch.inference_mode(False), torch.no_grad():
        score = Quick(recorded, class_index)
        flat = activation.flatten(1)
        # A channel that is the same everywhere masks out the whole picture: one run does for all of them.
        constant = flat.amax(1) == flat.amin(1)
        left = (~constant).nonzero()[:, 0]
        done = len(activation) - len(left)
        for channels in left.split(_SCORE_BATCH):
            if progress is not None:
                progress(done, len(activation))
            masks = F.interpolate(
                activation[channels, None], image.shape[2:], mode="bilinear", align_corners=True
            )
            low, high = masks.amin((2, 3), keepdim=True), masks.amax((2, 3), keepdim=True)
            masked = image * ((masks - low) / (high - low))
            scores[channels] = score(masked)
            done += len(channels)
        if constant.any():
            scores[constant] = score(torch.zeros_like(image))
        if progress is not None:
            progress(done, len(activation))
    return scores.softmax(0)


def ablation_weights(
    trace: Trace,
    node: Node,
    layout: Layout,
    logits: Node,
    class_index: int,
    progress: Progress | None = None,
) -> Tensor:
    """Return Ablation-CAM's weight of each channel, [C]: the share of the score that goes with it.

    Ramaswamy et al. 2020, equation 5: (y - y_k) / y, where y_k is the class score with channel k set to
    zero. Divided by the magnitude of y here, so that the sign is right for negative scores, too. Only the
    operations behind the node run, many channels at once where they take a batch.

    Args:
        trace: the forward pass; its first picture is explained.
        node: the layer.
        layout: where its channels are.
        logits: the node with the class scores.
        class_index: the class.
        progress: called with (channels done, channels).
    """
    whole = node.output.detach()
    channels_of = layout.maps(whole)
    count = channels_of.shape[1]
    score = logits.output[0, class_index]
    scores = torch.full((count,), float(score), dtype=whole.dtype)
    # A channel that is zero everywhere takes nothing with it.
    left = channels_of[0].flatten(1).any(1).nonzero()[:, 0]
    done = count - len(left)
    with torch.no_grad():
        one_by_one = partial(_one_by_one, trace, node, layout, logits)
        together = partial(_together, trace, node, layout, logits, _partners(trace, node))
        size = _ABLATION_BATCH if _agree(together, one_by_one, left[:2]) else 1
        for channels in left.split(size):
            if progress is not None:
                progress(done, count)
            answer = together(channels) if size > 1 else one_by_one(channels)
            scores[channels] = answer[:, class_index]
            done += len(channels)
        if progress is not None:
            progress(done, count)
    return (score - scores) / score.abs().clamp_min(torch.finfo(whole.dtype).tiny)


def _one_by_one(trace: Trace, node: Node, layout: Layout, logits: Node, channels: Tensor) -> Tensor:
    """Return the class scores [channels, classes] without each channel, in the shapes recorded."""
    rows = []
    for channel in channels.tolist():
        changed = node.output.detach().clone()
        layout.maps(changed)[0, channel] = 0
        rows.append(replay_from(trace, {node: changed}, (logits,))[logits][0])
    return torch.stack(rows)


def _together(
    trace: Trace, node: Node, layout: Layout, logits: Node, partners: list[Node], channels: Tensor
) -> Tensor:
    """Return the same from one run, with a batch that holds each channel's absence."""
    count = len(channels)
    batch = node.output.detach().expand(count, *node.shape[1:]).clone()
    layout.maps(batch)[torch.arange(count), channels] = 0
    changed = {partner: partner.output.expand(count, *partner.shape[1:]) for partner in partners}
    return replay_from(trace, {**changed, node: batch}, (logits,))[logits]


def _partners(trace: Trace, node: Node) -> list[Node]:
    """Return what is concatenated to something behind the node, without being behind it: not broadcast."""
    behind = {node}
    found: dict[Node, None] = {}
    for other in trace.nodes[node.index + 1 :]:
        if any(source in behind for source in other.inputs):
            behind.add(other)
            if other.kind in ("cat", "stack"):
                found |= dict.fromkeys(source for source in other.inputs if source not in behind)
    return list(found)


def _agree(
    together: Callable[[Tensor], Tensor], one_by_one: Callable[[Tensor], Tensor], channels: Tensor
) -> bool:
    """Whether the recorded operations take a batch: some have the size 1 among their arguments."""
    if len(channels) < 2:
        return False
    alone = one_by_one(channels)
    try:
        both = together(channels)
    except (RuntimeError, ValueError, IndexError, TypeError):
        return False
    near = 1e-4 * float(alone.abs().max())
    return both.shape == alone.shape and torch.allclose(both, alone, rtol=1e-4, atol=near)
