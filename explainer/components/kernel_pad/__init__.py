"""A kernel to edit: one coloured field for each number, and ready-made kernels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import streamlit as st

from explainer.components.modules import link
from explainer.render.wire import pack

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.kernel_pad",
    html='<div class="kernel-pad" role="group"></div>',
    css=(FOLDER / "kernel_pad.css").read_text("utf-8"),
    js=link(FOLDER),
)


def kernel_pad(
    values: Sequence[float],
    original: Sequence[float],
    shape: tuple[int, int],
    *,
    peak: float,
    key: str,
    label: str,
    texts: dict[str, str],
    on_edit: Callable[[tuple[float, ...]], None],
) -> None:
    """Show a kernel of ``shape`` (rows, columns) to edit.

    Args:
        values: its numbers now, row by row.
        original: the numbers the network has.
        shape: rows and columns.
        peak: the magnitude that gets the full colour, and by a twentieth of which the arrow keys step.
        key: widget key.
        label: what the kernel is called by a screen reader.
        texts: translations of what the ES modules say.
        on_edit: called with the new numbers before the script runs again.
    """

    def edited() -> None:
        found = (st.session_state.get(key) or {}).get("kernel")
        if (
            isinstance(found, list)
            and len(found) == len(values)
            and all(isinstance(one, int | float) and math.isfinite(one) for one in found)
        ):
            on_edit(tuple(float(one) for one in found))

    data = {
        "values": np.asarray(values, np.float32),
        "original": np.asarray(original, np.float32),
        "columns": shape[1],
        "peak": peak,
        "label": label,
        "texts": texts,
    }
    _component(data=pack(data), key=key, on_kernel_change=edited)
