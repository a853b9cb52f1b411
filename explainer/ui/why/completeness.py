"""Integrated gradients keep the books: their sum beside the change of the score, with the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.language import t
from explainer.ui.lesson import lesson
from explainer.ui.link_widgets import from_list, one_of
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
_STEPS = (8, 16, 32, 64, 128, 256)
"""Points of the integral that are offered."""
_TRIED = "completeness_tried"
_METHOD = "integrated"
"""The map on the wall that is checked: what is set here is set there, too."""


@dataclass(frozen=True, eq=False)
class Way:
    """Integrated gradients, and the scores on the way they take."""

    found: IntegratedGradients
    scores: Tensor
    """Score of the class at equal distances from the baseline to the photo, float [points]."""


def draw(subject: Subject, class_index: int, *, key: str = "completeness") -> None:
    """Draw what can be set, the check, and the score along the way from the baseline to the photo.

    Args:
        subject: network and photo.
        class_index: the class.
        key: prefix of the widgets' keys.
    """
    start, steps = _controls()
    _check(subject, class_index, start, steps, key)


def _controls() -> tuple[str, int]:
    """Draw baseline and points of the integral; the link has them for this and for the map on the wall."""
    from explainer.render.heat_methods import parameters

    baseline, points = parameters(_METHOD, (1, 1))
    name = f"{_METHOD}.{points.key}"
    steps = int(points.read(st.query_params.get(name)))
    offered = {str(count): str(count) for count in sorted({*_STEPS, steps})}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        start = from_list(
            f"{_METHOD}.{baseline.key}",
            t(baseline.title),
            baseline.choices or {},
            str(baseline.default),
            width=220,
        )
        one_of(name, t("Points of the integral"), offered, str(points.default))
    return start, steps


@st.fragment
def _check(subject: Subject, class_index: int, start: str, steps: int, key: str) -> None:
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
            equation(way.found, steps)
            _tried((opened.key, class_index, start), steps, way.found)
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


def equation(found: IntegratedGradients, steps: int) -> None:
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
                "is taken at {steps} points only (Gauss-Legendre). More points bring them together, though "
                "not every time: where a ReLU switches, the gradient jumps.",
                error=f"{found.error:.4f}",
                share=f"{found.relative_error:.2%}",
                steps=steps,
            )
        )
    else:
        st.caption(t("The baseline has the same score as the photo: there is nothing to share out."))


def _tried(subject: tuple[str, int, str], steps: int, found: IntegratedGradients) -> None:
    """Draw a table of all numbers of points that the reader has tried on one photo, class and baseline."""
    before, tried = st.session_state.get(_TRIED, (None, {}))
    if before != subject:
        tried = {}
    tried = {**tried, steps: (found.total, found.error)}
    st.session_state[_TRIED] = subject, tried
    rows = [
        f"| {_bold(count, count == steps)} | {_bold(f'{total:.4f}', count == steps)} "
        f"| {_bold(f'{error:.4f}', count == steps)} |"
        for count, (total, error) in sorted(tried.items())
    ]
    head = (t("Points of the integral"), t("Sum of the attributions"), t("off by"))
    st.markdown("\n".join([f"| {' | '.join(head)} |", "| --: | --: | --: |", *rows]))
    if len(tried) < 2:
        st.caption(t("Choose other numbers of points above: the table keeps what you have tried."))


def _bold(text: object, chosen: bool) -> str:
    return f"**{text}**" if chosen else str(text)


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
