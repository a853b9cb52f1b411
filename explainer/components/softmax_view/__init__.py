"""Softmax to touch: scores to drag, probabilities, the temperature, and the gradient of cross entropy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.modules import link, styles
from explainer.render.wire import pack

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.playground.losses import Scored

FOLDER = Path(__file__).parent
COLDEST, HOTTEST = 0.1, 10.0
MOST_SMOOTHING = 0.5

_component = st.components.v2.component(
    "convscope.softmax_view",
    html='<div class="softmax-view plain"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)


def softmax_view(
    names: Sequence[str],
    logits: Sequence[float],
    found: Scored,
    *,
    temperature: float,
    target: int | None,
    smoothing: float,
    jacobian: Tensor | None,
    source: str,
    key: str,
    texts: Mapping[str, str],
    on_edit: Callable[[list[float], float, int | None, float], None],
) -> None:
    """Show scores, probabilities and, with a target, loss and gradient.

    Args:
        names: of the classes.
        logits: their scores.
        found: what PyTorch makes of them.
        temperature: by which the scores are divided, from 0.1 to 10.
        target: number of the right class; ``None`` to speak of softmax alone.
        smoothing: of the labels, from 0 to 0.5.
        jacobian: how probabilities (rows) change with scores (columns), float [n, n], to show.
        source: what the scores come from; other scores from the same source are the reader's.
        key: widget key.
        texts: translations of what the ES modules say.
        on_edit: called with scores, temperature, target and smoothing that the reader has set.
    """

    def edited() -> None:
        state: Any = st.session_state.get(key)
        edit = (state or {}).get("edit") or {}
        values, warmth = edit.get("logits"), edit.get("temperature", math.nan)
        right, smooth = edit.get("target"), edit.get("smoothing", math.nan)
        if (
            isinstance(values, list)
            and len(values) == len(names)
            and all(_finite(one) for one in (*values, warmth, smooth))
            and (right is None or (isinstance(right, int) and 0 <= right < len(names)))
        ):
            on_edit([float(one) for one in values], float(warmth), right, float(smooth))

    state: Any = st.session_state.get(key)
    frame = {
        "texts": dict(texts),
        "serial": ((state or {}).get("edit") or {}).get("serial", 0),
        "names": list(names),
        "logits": list(logits),
        "temperature": temperature,
        "coldest": COLDEST,
        "hottest": HOTTEST,
        "target": target,
        "smoothing": smoothing,
        "mostSmoothing": MOST_SMOOTHING,
        "probabilities": found.probabilities.tolist(),
        "gradient": found.gradient.tolist(),
        "loss": found.loss,
        "jacobian": None if jacobian is None else jacobian.tolist(),
        "source": source,
    }
    _component(data=pack(frame), key=key, on_edit_change=edited)


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
