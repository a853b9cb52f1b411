"""How what the 2-D part of the playground shows stands in a link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from explainer.playground import kernels_preset
from explainer.playground.conv_setting import (
    LARGEST_WEIGHT,
    MOST_CELLS,
    MOST_CHANNELS,
    MOST_DILATION,
    MOST_EDITS,
    MOST_KERNEL,
    MOST_PADDING,
    MOST_STRIDE,
    SOURCES,
    Place,
    Setting,
    Source,
)
from explainer.playground.convolution import PADDING_MODES, Convolution, PaddingMode, Pair

PARAMETERS = (
    "source", "rows", "cols", "cells", "digit", "side", "kind", "in", "out", "k", "s", "p", "d", "g", "mode",
    "op", "bias", "relu", "flip", "kernel", "w", "b",
)  # fmt: skip
"""Query parameters of this part, apart from the photo's."""


def read_link(link: Mapping[str, str]) -> Setting:
    """Return what a link describes; what it says oddly is as if it said nothing."""
    usual = Setting()
    source = cast("Source", link.get("source") if link.get("source") in SOURCES else "cells")
    channels = 3 if source == "photo" else 1
    transposed = link.get("kind") == "t"
    inputs = _number(link.get("in"), 1, MOST_CHANNELS, channels)
    outputs = _number(link.get("out"), 1, MOST_CHANNELS, 1)
    groups = _number(link.get("g"), 1, MOST_CHANNELS, 1)
    stride = _pair(link.get("s"), 1, MOST_STRIDE, (1, 1))
    same = link.get("p") == "same" and stride == (1, 1) and not transposed
    padding = _pair(link.get("p"), 0, MOST_PADDING, (1, 1))
    mode = cast("PaddingMode", link.get("mode") if link.get("mode") in PADDING_MODES else "zeros")
    made = Convolution(
        in_channels=inputs,
        out_channels=outputs,
        kernel=_pair(link.get("k"), 1, MOST_KERNEL, (3, 3)),
        stride=stride,
        padding="same" if same else padding,
        dilation=_pair(link.get("d"), 1, MOST_DILATION, (1, 1)),
        groups=groups if inputs % groups == 0 and outputs % groups == 0 else 1,
        padding_mode="zeros" if transposed else mode,
        transposed=transposed,
        output_padding=_pair(link.get("op"), 0, MOST_DILATION, (0, 0)) if transposed else (0, 0),
        bias=link.get("bias") != "0",
    )
    digit = link.get("digit", "7")
    return Setting(
        layer=made,
        source=source,
        rows=_number(link.get("rows"), 1, MOST_CELLS, usual.rows),
        columns=_number(link.get("cols"), 1, MOST_CELLS, usual.columns),
        cells=link.get("cells", "" if source == "digit" else usual.cells),
        digit=None if digit == "drawn" else _number(digit, 0, 9, 7),
        side=_number(link.get("side"), 0, 999, 0),
        filters=tuple(_filter(name) for name in link.get("kernel", "").split(",")[:MOST_CHANNELS]),
        edits=_read_edits(link.get("w", "")),
        biases=_read_biases(link.get("b", "")),
        flip=link.get("flip") == "1",
        relu=link.get("relu") == "1",
    )


def write_link(setting: Setting) -> dict[str, str]:
    """Return the query parameters of a setting, without those that say what is usual anyway."""
    made, usual = setting.layer, Setting()
    values = {
        "source": setting.source,
        "rows": str(setting.rows),
        "cols": str(setting.columns),
        "cells": setting.cells,
        "digit": "drawn" if setting.digit is None else str(setting.digit),
        "side": str(setting.working_side),
        "kind": "t" if made.transposed else "",
        "in": str(made.in_channels),
        "out": str(made.out_channels),
        "k": _both(made.kernel),
        "s": _both(made.stride),
        "p": made.padding if isinstance(made.padding, str) else _both(made.padding),
        "d": _both(made.dilation),
        "g": str(made.groups),
        "mode": made.padding_mode,
        "op": _both(made.output_padding),
        "bias": str(int(made.bias)),
        "relu": str(int(setting.relu)),
        "flip": str(int(setting.flip)),
        "kernel": ",".join(setting.filters).rstrip(","),
        "w": "_".join(f"{'.'.join(map(str, place))}:{value:.6g}" for place, value in setting.edits.items()),
        "b": "_".join(f"{output}:{value:.6g}" for output, value in setting.biases.items() if value),
    }
    defaults = {
        "source": "cells",
        "rows": str(usual.rows),
        "cols": str(usual.columns),
        "cells": "" if setting.source == "digit" else usual.cells,
        "digit": "7",
        "side": str(replace(setting, side=0).working_side),
        "in": "3" if setting.source == "photo" else "1",
        "out": "1",
        "k": "3",
        "s": "1",
        "p": "1",
        "d": "1",
        "g": "1",
        "mode": "zeros",
        "op": "0",
        "bias": "1",
        "relu": "0",
        "flip": "0",
    }
    return {name: value for name, value in values.items() if value != defaults.get(name, "")}


def _number(text: str | None, low: int, high: int, usual: int) -> int:
    if text is None or not re.fullmatch(r"[0-9]{1,4}", text):
        return usual
    return int(text) if low <= int(text) <= high else usual


def _pair(text: str | None, low: int, high: int, usual: Pair) -> Pair:
    parts = (text or "").split("x")
    if len(parts) > 2 or not all(re.fullmatch(r"[0-9]{1,3}", part) for part in parts):
        return usual
    numbers = [int(part) for part in parts]
    return (numbers[0], numbers[-1]) if all(low <= one <= high for one in numbers) else usual


def _both(pair: Pair) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}x{pair[1]}"


def _filter(name: str) -> str:
    known = name in kernels_preset.PRESETS or name == kernels_preset.RANDOM
    return name if known or re.fullmatch(r"[a-z0-9_-]{1,40}(/[\w.:]{1,80})(/[0-9]{1,4}){1,2}", name) else ""


_REAL = r"(-?[0-9]{1,5}(?:\.[0-9]{1,8})?(?:e-?[0-9]{1,2})?)"
_WEIGHT = re.compile(rf"([0-7])\.([0-7])\.(-?[0-9]{{1,2}})\.(-?[0-9]{{1,2}}):{_REAL}")
_BIAS = re.compile(rf"([0-7]):{_REAL}")


def _read_edits(text: str) -> dict[Place, float]:
    found: dict[Place, float] = {}
    for part in text.split("_")[:MOST_EDITS]:
        if (match := _WEIGHT.fullmatch(part)) and abs(float(match[5])) <= LARGEST_WEIGHT:
            found[int(match[1]), int(match[2]), int(match[3]), int(match[4])] = float(match[5])
    return found


def _read_biases(text: str) -> dict[int, float]:
    matches = (_BIAS.fullmatch(part) for part in text.split("_")[:MOST_CHANNELS])
    return {int(m[1]): float(m[2]) for m in matches if m and abs(float(m[2])) <= LARGEST_WEIGHT}
