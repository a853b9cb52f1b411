"""A convolution as the browser needs it: numbers, and for each direction what lies where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor

from explainer.playground.convolution import Axis, Convolution

INPUT, ZERO, COPY, HOLE = range(4)
"""What a cell of the field is."""


def axis_frame(axis: Axis) -> dict[str, Any]:
    """Return one direction: the cells of its field, and how the window moves over them."""
    sources = [axis.source(at) for at in axis.field]
    return {
        "low": axis.field.start,
        "source": np.array([-1 if source is None else source for source in sources], np.int32),
        "kind": np.array([_kind(axis, at) for at in axis.field], np.uint8),
        "read": np.array([at in axis.read for at in axis.field], np.uint8),
        "step": axis.step,
        "tapStep": -axis.dilation if axis.transposed else axis.dilation,
        "offset": axis.position(0, 0),
        "out": axis.output,
        "kernel": axis.kernel,
    }


def _kind(axis: Axis, at: int) -> int:
    if axis.is_input(at):
        return INPUT
    if axis.is_hole(at):
        return HOLE
    return ZERO if axis.source(at) is None else COPY


def conv_frame(
    layer: Convolution,
    image: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    output: Tensor,
    *,
    flip: bool,
    relu: bool,
    grey: bool,
    colour: bool,
    paintable: bool,
    serial: int,
    names: Sequence[str],
    presets: Sequence[tuple[str, str]],
    patterns: Sequence[tuple[str, str]],
    texts: Mapping[str, str],
) -> dict[str, Any]:
    """Return what the component ``conv_lab`` draws, to be packed.

    Args:
        layer: the settings.
        image: float [in_channels, H, W].
        weight: float ``layer.weight_shape``, as written (not turned).
        bias: float [out_channels], or none.
        output: float [out_channels, H', W'], before the ReLU.
        flip: whether the kernels are turned by half a turn before they slide.
        relu: whether a ReLU follows.
        grey: whether the input are pixels from 0 to 1.
        colour: whether its first three channels are red, green and blue.
        paintable: whether the reader may paint on it.
        serial: of the last edit that is in these numbers.
        names: of the filters.
        presets: key and title of the ready-made kernels of this size.
        patterns: key and title of what the input can be filled with.
        texts: translations of what the ES modules say.
    """
    rows, columns = layer.axes((image.shape[1], image.shape[2]))
    return {
        "texts": dict(texts),
        "serial": serial,
        "channels": layer.in_channels,
        "outputs": layer.out_channels,
        "groups": layer.groups,
        "height": image.shape[1],
        "width": image.shape[2],
        "rows": axis_frame(rows),
        "columns": axis_frame(columns),
        "transposed": layer.transposed,
        "flip": flip,
        "relu": relu,
        "grey": grey,
        "colour": colour,
        "paintable": paintable,
        "names": list(names),
        "presets": [list(one) for one in presets],
        "patterns": [list(one) for one in patterns],
        "input": image,
        "weight": weight,
        "bias": bias,
        "output": output,
    }
