"""What a deep chain does: the gradient that reaches each layer, and the values in it, by function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.modules import link, styles
from explainer.render.figures import COLOURS
from explainer.render.wire import pack

if TYPE_CHECKING:
    from explainer.playground.activations import Chain

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.chain_view",
    html='<div class="chain-view plain"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)


def chain_view(
    chains: Sequence[tuple[str, int, Chain]], *, key: str, label: str, texts: Mapping[str, str]
) -> None:
    """Show the chains of several functions.

    Args:
        chains: name, number of the colour, and measurements, all of the same depth.
        key: widget key.
        label: what the plot is called by a screen reader.
        texts: translations of what the ES modules say.
    """
    frame = {
        "texts": dict(texts),
        "label": label,
        "chains": [
            {
                "name": name,
                "colour": COLOURS[number % len(COLOURS)],
                "dash": number,
                # As text: single precision ends at 1e-45, and gradients die further down.
                "gradient": chain.gradient.tolist(),
                "mean": chain.mean.tolist(),
                "deviation": chain.deviation.tolist(),
                "silent": chain.silent.tolist(),
                "histogram": chain.histogram,
                "bins": chain.histogram.shape[1],
                "low": chain.low,
                "high": chain.high,
            }
            for name, number, chain in chains
        ],
    }
    _component(data=pack(frame), key=key)
