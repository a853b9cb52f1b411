"""Integrated gradients keep the books: their sum beside the change of the score, with the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.language import t
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.plots import plot
from explainer.ui.why.work import operations, worked

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.attribution import IntegratedGradients
    from explainer.progress import Progress
    from explainer.ui.opened import Opened
    from explainer.ui.subject import Subject

_POINTS = 33
"""Of the curve along the way from the baseline to the photo."""


@dataclass(frozen=True, eq=False)
class Way:
    """Integrated gradients, and the scores on the way they take."""

    found: IntegratedGradients
    scores: Tensor
    """Score of the class at equal distances from the baseline to the photo, float [points]."""


@st.fragment
def draw(
    subject: Subject,
    class_index: int,
    *,
    start: str = "black",
    steps: int = 32,
    key: str = "completeness",
) -> None:
    """Draw the check, and the score along the way from the baseline to the photo.

    Args:
        subject: network and photo.
        class_index: the class.
        start: the baseline, a key of ``BASELINES``.
        steps: points of the integral.
        key: prefix of the widgets' keys.
    """
    from explainer.render.figures import Line, curves
    from explainer.render.probes import completeness_code

    with guard():
        opened = subject.opened
        way = worked(
            ("completeness", opened.key, class_index, start, steps),
            lambda progress: _walk(opened, class_index, start, steps, progress),
            key=key,
            start=t("Check the sum"),
            operations=operations(opened, 3 * steps + _POINTS),
        )
        if way is None:
            return
        left, right = st.columns(2, gap="large", vertical_alignment="center")
        with left:
            equation(way.found)
        with right:
            axis = [place / (_POINTS - 1) for place in range(_POINTS)]
            plot(
                curves(
                    [Line(subject.class_name(class_index), axis, way.scores.tolist())],
                    x=t("way from the baseline to the photo"),
                    y=t("score of {name}", name=subject.class_name(class_index)),
                    x_format=".0%",
                    height=220,
                ),
                key=f"{key}-way",
            )
            st.caption(
                t(
                    "Where the curve is flat, the gradient of the photo itself would see nothing; integrated "
                    "gradients add up the slope of the whole way."
                )
            )
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            st.code(completeness_code(subject.origin, class_index, start, steps), language="python")
        lesson("attribution_methods", title=t("Five ways to ask the pixels"))


def equation(found: IntegratedGradients) -> None:
    """Draw the sum of the attributions, the change of the score, and how far apart they are."""
    st.latex(
        r"\begin{aligned}"
        rf"\sum_i a_i &= {found.total:.4f}\\"
        rf"S(x)-S(x') &= {found.score:.4f}-{_bracketed(found.baseline_score)}={found.difference:.4f}"
        r"\end{aligned}"
    )
    if found.difference:
        st.caption(
            t(
                "The attributions add up to the change of the score but for {error} ({share}): the integral "
                "is taken at a few points only (Gauss-Legendre). More steps make the difference smaller.",
                error=f"{found.error:.4f}",
                share=f"{found.relative_error:.2%}",
            )
        )
    else:
        st.caption(t("The baseline has the same score as the photo: there is nothing to share out."))


def _bracketed(number: float) -> str:
    return f"({number:.4f})" if number < 0 else f"{number:.4f}"


def _walk(opened: Opened, class_index: int, start: str, steps: int, progress: Progress) -> Way:
    import torch

    from explainer.attribution import baseline, integrated_gradients
    from explainer.attribution.scores import many_logits

    model, images = opened.loaded.model, opened.trace.input.output[:1]
    begin = baseline(start, images, opened.loaded.preprocessing)
    found = integrated_gradients(
        model,
        images,
        class_index,
        baseline=begin,
        steps=steps,
        progress=lambda done, _: progress(done, steps + _POINTS),
    )
    places = torch.linspace(0, 1, _POINTS).view(-1, 1, 1, 1)
    scores = many_logits(
        model,
        _POINTS,
        lambda numbers: begin + places[list(numbers)] * (images - begin),
        images,
        lambda done, _: progress(steps + done, steps + _POINTS),
    )
    return Way(found, scores[:, class_index])
