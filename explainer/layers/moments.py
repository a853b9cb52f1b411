"""A channel's best moments: the patches of many pictures that excite it most.

Real pictures say what a unit answers to without any assumption about the network (Zeiler and Fergus, 2014,
Visualizing and understanding convolutional networks, section 4; Bau et al., 2017, Network dissection).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from explainer.archives import Picture
from explainer.errors import ReaderError
from explainer.models import LoadedModel
from explainer.progress import Progress
from explainer.samples import samples_for
from explainer.tracing import Node, Trace, receptive_fields, replay_from, trace
from explainer.tracing.arithmetic import arranged

Box = tuple[int, int, int, int]
"""Top, left, bottom, right, half open, in pixels of the network's input."""
_OUTSIDE = 128
"""Grey of what lies beyond the edge of the picture."""
_NONE_READ = "None of the pictures could be read."
_NO_LAYER = "This network has no operation called {name}."


@dataclass(frozen=True, eq=False)
class Peaks:
    """The strongest answer of every channel of one layer to each of many pictures."""

    layer: str
    read: tuple[int, ...]
    """Numbers of the pictures that could be read, among those given."""
    values: Tensor
    """float32 [pictures read, C]."""
    places: Tensor
    """int32 [pictures read, C, 2]: row and column where the channel has that value (the first of several)."""
    skipped: tuple[ReaderError, ...]
    """Why each of the other pictures could not be read."""
    fields: Mapping[tuple[int, int], Box] = field(repr=False)
    """What the unit at each of those places sees."""


@dataclass(frozen=True, eq=False)
class Moment:
    """One patch that excites a channel."""

    picture: str
    """The picture's name."""
    value: float
    y: int
    x: int
    box: Box
    """The unit's receptive field; reaches beyond the picture where the network pads."""
    seen: np.ndarray
    """The picture as the network received it, uint8 [H, W, 3]."""

    @property
    def patch(self) -> np.ndarray:
        """What the unit sees of the picture, uint8 [h, w, 3]."""
        return crop(self.seen, self.box)


def sample_pictures(loaded: LoadedModel) -> tuple[Picture, ...]:
    """Return the sample gallery that fits a network, under the keys of its pictures."""
    return tuple(Picture(one.key, one.load) for one in samples_for(loaded.preprocessing, loaded.classes))


def peaks(
    loaded: LoadedModel,
    layer: str,
    pictures: Sequence[Picture],
    *,
    recorded: Trace | None = None,
    progress: Progress | None = None,
) -> Peaks:
    """Send pictures through a network as far as one layer and note where each channel answers most.

    One pass serves all channels, and only what leads to the layer is computed.

    Args:
        loaded: the network.
        layer: name of a node whose output has channels.
        pictures: read one at a time; what cannot be read is skipped and said.
        recorded: a trace of any picture through ``loaded.model``; without, the first picture is traced.
        progress: told how many pictures are done, of how many; may raise ``Cancelled``.

    Raises:
        ReaderError: no such layer, or none of the pictures can be read.
    """
    read: list[int] = []
    values: list[Tensor] = []
    places: list[Tensor] = []
    skipped: list[ReaderError] = []
    for number, picture in enumerate(pictures):
        if progress is not None:
            progress(number, len(pictures))
        try:
            images = loaded.preprocessing.apply(picture.load())
        except ReaderError as error:
            skipped.append(error)
            continue
        recorded = recorded or trace(loaded.model, images)
        if layer not in recorded:
            raise ReaderError(_NO_LAYER, name=layer)
        node = recorded[layer]
        with torch.no_grad():
            output = replay_from(recorded, {recorded.input: images}, (node,))[node]
        value, place = _strongest(arranged(node, output))
        read.append(number)
        values.append(value)
        places.append(place)
    if progress is not None:
        progress(len(pictures), len(pictures))
    if recorded is None or not read:
        raise skipped[0] if len(skipped) == 1 else ReaderError(_NONE_READ)
    where = torch.stack(places)
    fields = {
        (y, x): field_of(recorded, recorded[layer], y, x)
        for y, x in where.flatten(0, 1).unique(dim=0).tolist()
    }
    return Peaks(layer, tuple(read), torch.stack(values), where, tuple(skipped), fields)


def best_moments(
    loaded: LoadedModel,
    layer: str,
    channel: int,
    pictures: Sequence[Picture],
    *,
    k: int = 9,
    found: Peaks | None = None,
    progress: Progress | None = None,
) -> list[Moment]:
    """Return the patches that excite a channel most, the strongest first, at most one of each picture.

    Args:
        loaded: the network.
        layer: name of a node whose output has channels.
        channel: which of them.
        pictures: where to look.
        k: how many.
        found: what ``peaks`` found in these pictures, if that is at hand.
        progress: as for ``peaks``.

    Raises:
        ReaderError: no such layer or channel, or none of the pictures can be read.
    """
    if found is None:
        found = peaks(loaded, layer, pictures, progress=progress)
    count = found.values.shape[1]
    if not 0 <= channel < count:
        raise ReaderError(
            "{name} has no channel {channel}: it counts from 0 to {last}.",
            name=layer,
            channel=channel,
            last=count - 1,
        )
    order = found.values[:, channel].argsort(descending=True, stable=True)[:k].tolist()
    moments = []
    for at in order:
        y, x = (int(number) for number in found.places[at, channel])
        picture = pictures[found.read[at]]
        seen = loaded.preprocessing.as_seen(loaded.preprocessing.apply(picture.load()))
        moments.append(
            Moment(
                picture.name,
                float(found.values[at, channel]),
                y,
                x,
                found.fields[y, x],
                seen,
            )
        )
    return moments


def field_of(recorded: Trace, node: Node, y: int, x: int) -> Box:
    """Return the part of the input that a unit sees through its windows; the whole input where it has none.

    An axis on which the field is larger than the input is cut to the input, others may reach beyond it.
    """
    height, width = recorded.input.shape[-2:]
    seen = receptive_fields(recorded)[node]
    box = seen.box(y, x, "local") or seen.box(y, x)
    if box is None:
        return 0, 0, height, width
    top, left, bottom, right = (round(edge) for edge in box)
    if bottom - top >= height:
        top, bottom = 0, height
    if right - left >= width:
        left, right = 0, width
    return top, left, bottom, right


def crop(picture: np.ndarray, box: Box) -> np.ndarray:
    """Cut a box out of a picture uint8 [H, W, 3]; grey where it reaches beyond the edge."""
    top, left, bottom, right = box
    height, width = picture.shape[:2]
    cut = np.full((max(bottom - top, 1), max(right - left, 1), 3), _OUTSIDE, np.uint8)
    inside = picture[max(top, 0) : min(bottom, height), max(left, 0) : min(right, width)]
    y, x = max(-top, 0), max(-left, 0)
    cut[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    return cut


def _strongest(planes: Tensor) -> tuple[Tensor, Tensor]:
    """Return each plane's largest number [C] and its place [C, 2]."""
    flat = planes.detach().float().flatten(1).nan_to_num(float("-inf"))
    values, at = flat.max(1)
    return values, torch.stack((at // planes.shape[2], at % planes.shape[2]), 1).int()
