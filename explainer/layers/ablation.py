"""What each channel of a layer is worth to a class: silence one after the other and read the answer."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from explainer.errors import ReaderError
from explainer.progress import Progress
from explainer.tracing import Node, Trace, extent, replay_from
from explainer.tracing.arithmetic import channels_last


@dataclass(frozen=True, eq=False)
class Ablations:
    """The answer without each of the channels."""

    probabilities: Tensor
    """float32 [C]: probability of the class with channel c at zero."""
    scores: Tensor
    """float32 [C]: its score before the softmax."""
    probability: float
    """With all channels."""
    score: float


def ablations(
    trace: Trace, node: Node, logits: Node, class_index: int, progress: Progress | None = None
) -> Ablations:
    """Silence every channel of a layer in turn and run what lies behind it again.

    Unlike gradient times activation, which is its first-order estimate, this is what really happens (Zhou et
    al., 2018, Revisiting the importance of individual units in CNNs via ablation, section 3). The model is
    not touched.

    Args:
        trace: the forward pass; its first image is explained.
        node: the layer.
        logits: the node with the class scores [N, classes].
        class_index: the class.
        progress: told how many channels are done, of how many; may raise ``Cancelled``.

    Raises:
        ReaderError: the layer's output has no channels.
    """
    if len(node.shape) not in (2, 3, 4) or not node.dtype.is_floating_point:
        raise ReaderError("The output of {name} has no channels that could be changed.", name=node.name)
    axis = len(node.shape) - 1 if channels_last(node) else 1
    count = extent(node)[0]

    found = torch.empty(2, count)
    with torch.inference_mode(False), torch.no_grad():
        for channel in range(count):
            if progress is not None:
                progress(channel, count)
            silent = node.output.clone()
            silent.select(axis, channel).zero_()
            found[:, channel] = _answer(replay_from(trace, {node: silent}, (logits,))[logits], class_index)
    if progress is not None:
        progress(count, count)
    whole = _answer(logits.output, class_index)
    return Ablations(found[0], found[1], float(whole[0]), float(whole[1]))


def _answer(scores: Tensor, class_index: int) -> Tensor:
    """Return probability and score of a class of the first image."""
    first = scores[0].double()
    return torch.stack((first.softmax(0)[class_index], first[class_index])).float()
