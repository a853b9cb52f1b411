"""Softmax with scores to drag: by itself, or with a right class, its cross entropy and the gradient."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explainer.components.softmax_view import COLDEST, FOLDER, HOTTEST, MOST_SMOOTHING, softmax_view
from explainer.ui import link_widgets
from explainer.ui.language import t, texts_for
from explainer.ui.link import put
from explainer.ui.numbers import finite, number_in

LOGITS, TEMPERATURE, RIGHT, SMOOTHING = "z", "T", "right", "smooth"
PARAMETERS = (LOGITS, TEMPERATURE, RIGHT, SMOOTHING)
NAMES = ("A", "B", "C", "D")
FIRST = (2.0, 1.0, 0.0, -1.0)
_FAR = 1000.0


def softmax_section(
    names: Sequence[str] = NAMES,
    usual: Sequence[float] = FIRST,
    *,
    target: int | None = None,
    source: str = "own",
    key: str = "softmax",
) -> None:
    """Draw the scores with their softmax; what the reader sets stands in the link.

    Args:
        names: of the classes.
        usual: their scores until the reader drags them.
        target: number of the right class to begin with; ``None`` to speak of softmax alone.
        source: what the scores come from.
        key: prefix of the widgets' keys.
    """
    from torch import tensor

    from explainer.playground.activations import softmax_jacobian
    from explainer.playground.losses import scored
    from explainer.render.basics_code import softmax_code

    logits = _logits(len(names), usual)
    temperature = _between(TEMPERATURE, COLDEST, HOTTEST, 1.0)
    smoothing = _between(SMOOTHING, 0.0, MOST_SMOOTHING, 0.0) if target is not None else 0.0
    right = _right(target, len(names))
    scores = tensor(logits).double()
    softmax_view(
        names,
        logits,
        scored(scores, right or 0, temperature=temperature, smoothing=smoothing),
        temperature=temperature,
        target=right,
        smoothing=smoothing,
        jacobian=softmax_jacobian(scores, temperature) if target is None else None,
        source=source,
        key=f"{key}_view",
        texts=texts_for(FOLDER),
        on_edit=lambda values, warmth, aim, smooth: _put(values, usual, warmth, aim, target, smooth),
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        link_widgets.reset_button(*PARAMETERS, key=f"{key}_reset")
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(softmax_code(logits, temperature, right, smoothing), language="python")


def _logits(count: int, usual: Sequence[float]) -> list[float]:
    found = [finite(part) for part in st.query_params.get(LOGITS, "").split(",")]
    known = [one for one in found if one is not None and abs(one) <= _FAR]
    return known if len(known) == len(found) == count else list(usual)


def _between(name: str, low: float, high: float, usual: float) -> float:
    found = finite(st.query_params.get(name))
    return found if found is not None and low <= found <= high else usual


def _right(target: int | None, count: int) -> int | None:
    if target is None:
        return None
    found = number_in(st.query_params.get(RIGHT), 0, count - 1)
    return target if found is None else found


def _put(
    values: Sequence[float],
    usual: Sequence[float],
    temperature: float,
    aim: int | None,
    target: int | None,
    smoothing: float,
) -> None:
    same = len(values) == len(usual) and all(abs(a - b) < 1e-9 for a, b in zip(values, usual, strict=True))
    said = {
        LOGITS: "" if same else ",".join(f"{one:.6g}" for one in values),
        TEMPERATURE: "" if temperature == 1 else f"{temperature:g}",
        RIGHT: "" if aim == target else str(aim),
        SMOOTHING: f"{smoothing:g}" if smoothing else "",
    }
    for name, text in said.items():
        put(name, text)
