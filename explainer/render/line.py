"""What the browser gets to show of a one-dimensional convolution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch

from explainer.errors import ReaderError
from explainer.playground.line_presets import Preset
from explainer.playground.signal import Line, convolve, likeness, matrix

PANELS = ("pattern", "plot", "matrix")
"""What can be shown below the rows."""


def sent(line: Line, *, place: int, panel: str, serial: float) -> dict[str, Any]:
    """Return line, output, matrix and likeness for the component ``line_view``, computed by PyTorch.

    Args:
        line: data, kernel and how it moves; without an output all tensors are empty.
        place: number of the output at which the window stands.
        panel: one of ``PANELS``.
        serial: of the reader's last change that this answers.
    """
    try:
        tensors = {"output": convolve(line), "matrix": matrix(line), "likeness": likeness(line)}
    except ReaderError:  # the component says why
        tensors = dict.fromkeys(("output", "matrix", "likeness"), torch.zeros(0))
    return {
        "line": asdict(line),
        "place": max(0, min(line.size - 1, place)),
        "panel": panel,
        "serial": serial,
        **tensors,
    }


def listed(presets: Sequence[Preset], words: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the presets with their titles and notes in ``words``, translations by English text."""
    return [
        {
            "key": preset.key,
            "title": words[preset.title],
            "note": words[preset.note],
            "panel": preset.view,
            "line": asdict(preset.line),
        }
        for preset in presets
    ]
