"""What the 2-D part of the playground shows, and how it stands in a link: everything that the reader set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import gcd
from typing import Any, Literal, cast

import torch
from torch import Tensor

from explainer.errors import ReaderError
from explainer.playground import kernels_preset
from explainer.playground.cells import PATTERNS, fitted_cells, patterns, read_cells, write_cells
from explainer.playground.convolution import Convolution, PaddingMode, Pair
from explainer.playground.layer_specs import LayerSpec, layer

Source = Literal["cells", "digit", "photo"]
SOURCES: tuple[Source, ...] = ("cells", "digit", "photo")
PAINTED = "~"
"""Begins what stands for painted cells in a link; else it is the name of a pattern."""
MOST_CHANNELS = 8
MOST_KERNEL = 11
MOST_STRIDE = 6
MOST_PADDING = 10
MOST_DILATION = 5
MOST_CELLS = 20
SIDES = {"digit": (14, 20, 28), "photo": (16, 24, 32, 48, 64, 96)}
MOST_OUTPUTS = 300_000
"""Numbers of an output that a page can show."""
MOST_EDITS = 1200
LARGEST_WEIGHT = 1e4

Place = tuple[int, int, int, int]
"""Of a weight: output channel, which of its inputs, rows and columns from the kernel's centre."""


@dataclass(frozen=True)
class Setting:
    """Everything about the picture, the layer and its weights."""

    layer: Convolution = field(default_factory=lambda: Convolution(padding=(1, 1)))
    source: Source = "cells"
    rows: int = 9
    columns: int = 9
    cells: str = "ring"
    """Name of a pattern, or painted cells after ``PAINTED``; of a digit: empty or what was painted on it."""
    digit: int | None = 7
    """``None``: the one drawn on the pad."""
    side: int = 0
    """Of the digit or photo, longer side in cells; 0 for the usual one."""
    filters: tuple[str, ...] = ()
    """Names of the filters by output channel; empty ones follow ``kernels_preset.ORDER``."""
    edits: Mapping[Place, float] = field(default_factory=dict)
    """Weights that the reader changed, by their place from the centre: they stay where the kernel grows."""
    biases: Mapping[int, float] = field(default_factory=dict)
    flip: bool = False
    relu: bool = False

    @property
    def working_side(self) -> int:
        """The longer side of the digit or photo in cells."""
        sides = SIDES.get(self.source, (0,))
        return self.side if self.side in sides else {"digit": 20, "photo": 32}.get(self.source, 0)

    def filter_name(self, output: int) -> str:
        """Return the name of an output's filter."""
        name = self.filters[output] if output < len(self.filters) else ""
        return name or kernels_preset.ORDER[output % len(kernels_preset.ORDER)]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all filters."""
        return tuple(map(self.filter_name, range(self.layer.out_channels)))

    @property
    def titles(self) -> tuple[str, ...]:
        """The names that filters are shown under: an edited one is the reader's own."""
        edited = {place[0] for place in self.edits}
        return tuple(kernels_preset.OWN if o in edited else name for o, name in enumerate(self.names))

    def weights(self, taken: Mapping[str, Tensor]) -> Tensor:
        """Return the weights with the reader's edits, float ``layer.weight_shape``.

        Args:
            taken: kernels of networks by name.
        """
        made = kernels_preset.weights(self.layer, self.names, taken)
        middle = kernels_preset.centre(self.layer.kernel)
        for (output, nth, dy, dx), value in self.edits.items():
            place = (output, nth, dy + middle[0], dx + middle[1])
            if all(0 <= at < count for at, count in zip(place, made.shape, strict=True)):
                made[place] = value
        return made

    def bias(self) -> Tensor | None:
        """Return the biases, float [out_channels], zero where the reader set none."""
        if not self.layer.bias:
            return None
        return torch.tensor([self.biases.get(output, 0.0) for output in range(self.layer.out_channels)])

    def painted(self) -> Tensor | None:
        """Return the painted cells, float [in_channels, h, w]; ``None`` where nothing was painted."""
        if self.source == "photo" or not self.cells.startswith(PAINTED):
            return None
        found = read_cells(self.cells[1:])
        if found is None:
            return None
        if self.source == "digit":
            side = self.working_side
            return fitted_cells(found, self.layer.in_channels, side, side)
        return fitted_cells(found, self.layer.in_channels, self.rows, self.columns)

    def drawn(self) -> Tensor:
        """Return the input in cells, float [in_channels, rows, columns]."""
        painted = self.painted()
        if painted is not None:
            return painted
        name = self.cells if self.cells in PATTERNS else "ring"
        return patterns(name, self.layer.in_channels, self.rows, self.columns)

    # --- what the reader does -----------------------------------------------------------------------------

    def after(self, edits: list[Any], image: Tensor) -> Setting:
        """Return the setting after edits in the browser; what is not understood is passed over.

        Args:
            edits: ``{"kind": "paint" | "weight" | "bias" | "preset" | "pattern", ...}``.
            image: the input that was painted on, float [in_channels, H, W].
        """
        setting, canvas = self, None
        for edit in edits:
            kind = edit.get("kind") if isinstance(edit, Mapping) else None
            if kind == "paint" and self.source != "photo":
                canvas = image.clone() if canvas is None else canvas
                _paint(canvas, edit)
            elif kind == "pattern" and edit.get("name") in PATTERNS:
                canvas, image = None, patterns(edit["name"], *image.shape)
                kept = self.source == "digit"
                text = PAINTED + write_cells(image) if kept else edit["name"]
                setting = replace(setting, cells=text)
            else:
                setting = setting._after_weight(kind, edit)
        return setting if canvas is None else replace(setting, cells=PAINTED + write_cells(canvas))

    def _after_weight(self, kind: str | None, edit: Mapping[str, Any]) -> Setting:
        outputs, inputs, rows, columns = self.layer.weight_shape
        output = _index(edit, "output", outputs) if kind else None
        if output is None:
            return self
        if kind == "preset":
            return self.with_filter(output, str(edit.get("name")))
        value = edit.get("value")
        if not isinstance(value, int | float) or not abs(value) <= LARGEST_WEIGHT:
            return self
        if kind == "bias":
            return replace(self, biases={**self.biases, output: float(value)})
        nth, row, column = (
            _index(edit, "nth", inputs),
            _index(edit, "row", rows),
            _index(edit, "column", columns),
        )
        if kind != "weight" or nth is None or row is None or column is None:
            return self
        middle = kernels_preset.centre(self.layer.kernel)
        place = (output, nth, row - middle[0], column - middle[1])
        if place not in self.edits and len(self.edits) >= MOST_EDITS:
            return self
        return replace(self, edits={**self.edits, place: float(value)})

    def with_filter(self, output: int, name: str) -> Setting:
        """Return the setting with another filter for an output; its edited weights go."""
        known = (
            name in kernels_preset.PRESETS or name == kernels_preset.RANDOM or kernels_preset.TAKEN in name
        )
        if not known:
            return self
        names = [*self.filters, *[""] * (output + 1 - len(self.filters))]
        names[output] = name
        edits = {place: value for place, value in self.edits.items() if place[0] != output}
        return replace(self, filters=tuple(names), edits=edits)

    def with_layer(self, **changes: Any) -> Setting:
        """Return the setting with a changed layer, what does not go with the changes brought into line."""
        made = replace(self.layer, **changes)
        common = gcd(made.in_channels, made.out_channels)
        groups = max(count for count in range(1, made.groups + 1) if common % count == 0)
        padding = made.padding
        if padding == "same" and (made.stride != (1, 1) or made.transposed):
            before = made.margins
            padding = before[0][0], before[1][0]
        extra = tuple(
            min(one, max(s, d) - 1) if made.transposed else 0
            for one, s, d in zip(made.output_padding, made.stride, made.dilation, strict=True)
        )
        mode: PaddingMode = "zeros" if made.transposed else made.padding_mode
        return replace(
            self,
            layer=replace(
                made,
                groups=groups,
                padding=padding,
                output_padding=cast("Pair", extra),
                padding_mode=mode,
            ),
        )

    def with_source(self, source: Source) -> Setting:
        """Return the setting with another kind of input: a photo in three colours, others in one channel."""
        channels = 3 if source == "photo" else 1
        made = replace(self.layer, in_channels=channels, groups=gcd(self.layer.groups, channels))
        usual = Setting()
        return replace(
            self, source=source, layer=made, cells="" if source == "digit" else usual.cells, side=0
        )

    def with_spec(self, spec: LayerSpec) -> Setting:
        """Return the setting with the layer that a line of code describes.

        Raises:
            ReaderError: it is larger than the page can show.
        """
        limits = {
            "in_channels": MOST_CHANNELS,
            "out_channels": MOST_CHANNELS,
            "kernel_size": MOST_KERNEL,
            "stride": MOST_STRIDE,
            "padding": MOST_PADDING,
            "dilation": MOST_DILATION,
            "output_padding": MOST_DILATION,
        }
        for name, most in limits.items():
            value = spec.arguments.get(name, 0)
            for one in value if isinstance(value, tuple) else (value,):
                if isinstance(one, int) and one > most:
                    raise ReaderError(
                        "“{name}” goes up to {most} on this page, so that every number can be seen.",
                        name=name,
                        most=most,
                    )
        made = Convolution(
            in_channels=spec["in_channels"],
            out_channels=spec["out_channels"],
            kernel=spec["kernel_size"],
            stride=spec["stride"],
            padding=spec["padding"],
            dilation=spec["dilation"],
            groups=spec["groups"],
            padding_mode=spec["padding_mode"],
            transposed=spec.kind == "ConvTranspose2d",
            output_padding=spec.arguments.get("output_padding", (0, 0)),
            bias=spec["bias"],
        )
        return replace(self, layer=made)


def spec_of(made: Convolution) -> LayerSpec:
    """Return a layer as code knows it."""
    arguments: dict[str, Any] = {
        "in_channels": made.in_channels,
        "out_channels": made.out_channels,
        "kernel_size": made.kernel,
        "stride": made.stride,
        "padding": made.padding,
        "dilation": made.dilation,
        "groups": made.groups,
        "bias": made.bias,
        "padding_mode": made.padding_mode,
    }
    if made.transposed:
        return layer("ConvTranspose2d", **arguments, output_padding=made.output_padding)
    return layer("Conv2d", **arguments)


def _paint(canvas: Tensor, edit: Mapping[str, Any]) -> None:
    place = [
        _index(edit, name, count) for name, count in zip(("channel", "y", "x"), canvas.shape, strict=True)
    ]
    value = edit.get("value")
    if None not in place and isinstance(value, int | float) and math.isfinite(value):
        canvas[tuple(cast("list[int]", place))] = float(value)


def _index(edit: Mapping[str, Any], name: str, count: int) -> int | None:
    value = edit.get(name)
    return value if type(value) is int and 0 <= value < count else None
