"""Mixed precision: which numbers a recipe is computed in, and what these numbers can and cannot hold."""

from __future__ import annotations

import streamlit as st

from explainer.ui.language import later, t
from explainer.ui.lesson import lesson
from explainer.ui.link_widgets import one_of
from explainer.ui.messages import guard
from explainer.ui.training import draft, precision_machine, precision_number, precision_scale

VIEW = "show"
"""Query parameter: which of the sections is shown."""
_VIEWS = {
    "number": later("A number in 16 bits"),
    "scale": later("Loss scale"),
    "machine": later("On this machine"),
}
_PRECISIONS = {"float32": "float32", "bfloat16": "bfloat16", "float16": "float16"}
_WORDS = {
    "float32": later("Everything is computed in 32 bits: what the other two are measured by."),
    "bfloat16": later(
        "Convolutions and matrix products in 16 bits with the range of float32 and fewer digits. No loss "
        "scale is needed; it is fast only where the processor has instructions for it."
    ),
    "float16": later(
        "Convolutions and matrix products in 16 bits with more digits than bfloat16 and a small range: "
        "gradients need a loss scale. It needs a CUDA GPU."
    ),
}


def draw() -> None:
    """Draw the part."""
    with guard():
        _draw_choices()
    view = one_of(VIEW, t("View"), _VIEWS, "number", hidden=True)
    with guard():
        {
            "number": precision_number.draw,
            "scale": precision_scale.draw,
            "machine": precision_machine.draw,
        }[view]()
    lesson("training_precision", title=t("Why train in 16 bits?"))


def _draw_choices() -> None:
    """Draw the recipe's settings of how it is computed, each with a sentence."""
    first, second, third = st.columns([5, 4, 4], gap="medium")
    with first:
        draft.choice("precision", t("Precision of the recipe"), _PRECISIONS)
        st.caption(t(_WORDS[draft.value_of("precision")]))
        if draft.value_of("precision") == "float16" and not _has_cuda():
            st.warning(
                t("This machine has no CUDA GPU, so it cannot train in float16. Choose bfloat16 or float32."),
                icon=":material/warning:",
            )
    with second:
        draft.toggle("channels_last", "channels_last")
        st.caption(
            t(
                "The channels of a pixel lie side by side in memory, as fast convolutions want them; results "
                "are the same but for rounding."
            )
        )
    with third:
        draft.toggle("compile", "torch.compile")
        st.caption(
            t(
                "Operations are fused into fewer, which takes up to minutes before the first step and pays "
                "in long runs; on a CPU it needs a C++ compiler."
            )
        )


def _has_cuda() -> bool:
    import torch

    return torch.cuda.is_available()
