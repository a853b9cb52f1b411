"""Universal approximation: one hidden layer, wider and wider; and what depth does instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.approximation_view import FOLDER, approximation_view
from explainer.ui import link, link_widgets
from explainer.ui.language import later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.plots import plot
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.playground.approximation import Fit
    from explainer.ui.jobs import Job

KEY = "approximation_view"
TARGET, CURVE, UNITS, WIDTH, HOW, SEED, DEPTH = "curve", "drawn", "unit", "width", "how", "init", "depth"
OWN = "own"
_WIDTH = 8
_HOW = {
    "solve": later("solve for the sum's weights (least squares)"),
    "train": later("learn everything (gradient descent)"),
}


def draw() -> None:
    """Draw the part."""
    with guard():
        _width()
    with guard():
        _depth()
    lesson("foundations_approximation", title=t("What the theorem says, and what it does not"))


@st.fragment
def _width() -> None:
    from explainer.playground.approximation import TARGETS, WIDEST, errors
    from explainer.playground.approximation import UNITS as KINDS
    from explainer.render.approximation import fit_code, frame

    with guard():
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            name = link_widgets.one_of(
                TARGET,
                t("Curve"),
                {**TARGETS, OWN: later("Drawn by hand")},
                "wave",
                changed=lambda: link.forget(CURVE),
            )
            units = link_widgets.one_of(
                UNITS, t("Unit σ"), {key: title for key, (title, _) in KINDS.items()}, "relu"
            )
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            how = link_widgets.one_of(HOW, t("Weights"), _HOW, "solve")
            with st.container(width=280):
                width = link_widgets.whole(WIDTH, t("Hidden units"), 1, WIDEST, _WIDTH)
            seed = link_widgets.seed(SEED, t("Seed")) if how == "train" else 0
            link_widgets.reset_button(
                TARGET, CURVE, UNITS, WIDTH, HOW, SEED, DEPTH, key="approximation_reset"
            )
        curve = _curve(name)
        fit = _fit(curve, name, units, width, how, seed)
        if fit is not None:
            approximation_view(
                frame(curve, fit, errors(curve, units), units),
                key=KEY,
                texts=texts_for(FOLDER),
                on_curve=_take_curve,
                on_width=_take_width,
            )
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            drawn = st.query_params.get(CURVE, "")
            code = fit_code(name, drawn, units, width, trained=how == "train", seed=seed)
            st.code(code, language="python")


def _curve(name: str) -> Tensor:
    from explainer.playground.approximation import KNOTS, hand_drawn, read, target

    if name != OWN:
        return target(name)
    return hand_drawn(read(st.query_params.get(CURVE, "")) or [0.0] * KNOTS)


def _fit(curve: Tensor, name: str, units: str, width: int, how: str, seed: int) -> Fit | None:
    """Return the network: solved for at once, or learned by a job."""
    from explainer.playground.approximation import least_squares, train

    if how == "solve":
        return least_squares(curve, units, width)

    def work(job: Job) -> Fit:
        return train(curve, units, width, seed=seed, progress=job.report)

    wanted = ("approximation", name, st.query_params.get(CURVE, ""), units, width, seed)
    found: Fit | None = watched(wanted, work, key="approximation", start=t("Train"), light=True)
    return found


def _take_curve(values: tuple[float, ...]) -> None:
    from explainer.playground.approximation import KNOTS, write

    if len(values) == KNOTS:
        st.query_params[TARGET] = OWN
        st.query_params[CURVE] = write(values)


def _take_width(width: int) -> None:
    from explainer.playground.approximation import WIDEST

    if width == _WIDTH:
        link.forget(WIDTH)
    elif 1 <= width <= WIDEST:
        st.query_params[WIDTH] = str(width)


@st.fragment
def _depth() -> None:
    with guard():
        from explainer.playground.approximation import DEEPEST, DOUBLINGS, depth, places
        from explainer.render.approximation import depth_code
        from explainer.render.figures import Line, curves

        st.subheader(t("Deeper instead of wider"))
        st.markdown(
            t(
                "A zigzag folded again by every layer: each hidden layer has two ReLUs, "
                "and doubles the number of teeth."
            )
        )
        with st.container(width=320):
            layers = link_widgets.whole(DEPTH, t("Hidden layers of two units"), 1, DEEPEST, 4)
        found = depth(layers)
        x = places().tolist()
        left, right = st.columns(2, gap="large")
        with left:
            st.caption(t("The zigzag, followed deep and wide"))
            lines = [
                Line(
                    t("deep: {count} units in {layers} layers", count=found.units, layers=layers),
                    x,
                    found.curve.tolist(),
                ),
                Line(
                    t("one hidden layer, {count} units", count=found.units), x, found.shallow.total.tolist()
                ),
            ]
            plot(curves(lines, height=270, y_range=(-0.15, 1.15)), key="depth_curves")
        with right:
            st.caption(t("Error of one hidden layer, by its units; both axes logarithmic"))
            figure = curves(
                [Line(t("one hidden layer"), DOUBLINGS, [max(one, 1e-6) for one in found.errors])],
                x=t("hidden units"),
                y=t("error"),
                height=270,
                mark=found.needed,
            )
            figure.update_xaxes(type="log", tickvals=list(DOUBLINGS))
            figure.update_yaxes(type="log", dtick=1, exponentformat="power")
            plot(figure, key="depth_errors")
        st.markdown(
            t(
                "The deep network has {deep} hidden units and is exact. One hidden layer with {deep} units "
                "has an error of {error}; to be exact it needs one unit for each of the {pieces} straight "
                "pieces: **{pieces}** units.",
                deep=found.units,
                error=f"{found.shallow.error:.3f}",
                pieces=found.needed,
            )
        )
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            st.code(depth_code(layers), language="python")
