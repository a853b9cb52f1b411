"""Gradients through plain and residual networks, batch norm, dropout: experiments that run in the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.dropout_view import FOLDER as DROPOUT_FOLDER
from explainer.components.dropout_view import dropout_view
from explainer.components.flow_view import FOLDER as FLOW_FOLDER
from explainer.components.flow_view import flow_view
from explainer.ui.address import PLACE, hear
from explainer.ui.language import current_language, later, t, texts_for
from explainer.ui.lesson import breaking, lesson
from explainer.ui.link_widgets import from_list, one_of, reset_button, seed, switch, whole
from explainer.ui.messages import guard
from explainer.ui.opened import frame
from explainer.ui.plots import plot
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from explainer.playground.gradient_flow import Run, Setting
    from explainer.ui.jobs import Job

_INITIALISATIONS = {
    "he": later("He (2015)"),
    "glorot": later("Glorot (2010)"),
    "small": later("small, σ = 0.01"),
}
_RATES = ("0.1", "0.03", "0.01", "0.003")
_SIZES = ("2", "4", "8", "32")
_MOMENTA = ("0.5", "0.1", "0.01")
_RATIOS = ("0.1", "0.2", "0.3", "0.5", "0.7", "0.9")
_BATCHES = 40
_DROPPED = {"single": later("single numbers · Dropout"), "maps": later("whole maps · Dropout2d")}
_FLOW = "flow_view"


def draw() -> None:
    """Draw the three experiments and the lesson."""
    _gradients()
    st.divider()
    _batch_norm()
    _statistics()
    st.divider()
    _dropout()
    lesson("architectures_flow", title=t("Why depth was hard, and what helped"))


# --- gradients ---------------------------------------------------------------------------------------------


@st.fragment
def _gradients() -> None:
    with guard():
        hear(_FLOW)
        st.subheader(t("How far do gradients get?"), anchor=False)
        st.markdown(
            t(
                "Four networks of He et al. (2016), made for pictures of 32×32: plain and residual, 20 and "
                "56 layers. The paper's have 16, 32 and 64 channels, these 8, 16 and 32. They learn which "
                "of eight sample photographs a crop is from, 16 crops a step. Every gradient is measured "
                "by autograd."
            )
        )
        setting = _setting()
        from explainer.playground.gradient_flow import STEPS, train

        drawn: list[bool] = []

        def show(job: Job) -> None:
            drawn.append(True)
            _show_runs(setting, job.picture or (), done=False)

        result = watched(
            ("gradient flow", setting),
            lambda job: train(setting, STEPS, job.report),
            key="gradient_flow",
            start=t("Train {steps} steps", steps=STEPS),
            light=False,
            show=show,
        )
        if result is not None:
            _show_runs(setting, result, done=True)
        elif not drawn:
            st.caption(t("As the networks are drawn, before any training:"))
            _show_untrained(setting)
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            from explainer.render.flow_code import gradient_code

            st.code(gradient_code(setting, STEPS if result is not None else 0), language="python")


def _setting() -> Setting:
    from explainer.playground.gradient_flow import Setting

    with st.container(horizontal=True, vertical_alignment="bottom"):
        normed = switch("bn", t("Batch norm"), usual=True)
        initialisation = one_of("init", t("Initialisation"), _INITIALISATIONS, "he")
        rate = from_list("rate", t("Learning rate"), {r: r for r in _RATES}, "0.01", width=130)
        drawn = seed("draw", t("Seed"))
        reset_button("bn", "init", "rate", "draw", PLACE, key="reset_bn")
    return Setting(normed, initialisation, float(rate), drawn)


def _show_untrained(setting: Setting) -> None:
    from explainer.playground.gradient_flow import train

    name = f"{_FLOW}/{setting}/{current_language()}"
    flow_view(frame(name, lambda: _packed(setting, train(setting, 0), steps=0, done=True)), key=_FLOW)


def _show_runs(setting: Setting, found: Any, *, done: bool) -> None:
    from explainer.playground.gradient_flow import STEPS

    if found:
        flow_view(_packed(setting, found, steps=STEPS, done=done), key=_FLOW)


def _packed(setting: Setting, found: tuple[Run, ...], *, steps: int, done: bool) -> bytes:
    from explainer.render.flow import runs
    from explainer.render.wire import pack

    shown = runs(
        found, key=f"{setting}/{steps}", steps=steps, done=done, text=texts_for(FLOW_FOLDER), translate=t
    )
    return pack(shown)


# --- batch norm --------------------------------------------------------------------------------------------


@st.fragment
def _batch_norm() -> None:
    with guard():
        st.subheader(t("Batch norm: what it keeps in bounds"), anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            initialisation = one_of("bn_init", t("Initialisation"), _INITIALISATIONS, "he")
            reset_button("bn_init", key="reset_bn_init")
        st.markdown(
            t(
                "What each of the 19 convolutions of the plain network hands to its ReLU, at "
                "initialisation, for one batch of 32 crops. The heights are roots of densities."
            )
        )
        from explainer.playground.normalising import spreads
        from explainer.render.flow import ridges

        both = [_spreads(initialisation, normed, spreads) for normed in (True, False)]
        plot(ridges(both[0], both[1], (t("with batch norm"), t("without")), t("layer")), key="ridges")


def _spreads(initialisation: str, normed: bool, measure: Any) -> Any:
    return _measured(f"{initialisation}/{normed}", lambda: measure(initialisation, normed))


@st.cache_data(show_spinner=False, max_entries=64)
def _measured(name: str, _make: Any) -> Any:
    return _make()


@st.fragment
def _statistics() -> None:
    with guard():
        _draw_statistics()


def _draw_statistics() -> None:
    from explainer.playground.normalising import follow
    from explainer.render.flow import running
    from explainer.render.flow_code import norm_code
    from explainer.render.norm_formulas import normalisations, running_updates

    st.markdown(f"**{t('Two sets of statistics: the batch’s own, and the running ones')}**")
    st.markdown(
        t(
            "One channel behind the first convolution of this project's trained ResNet-20. Training uses "
            "the mean and variance of the batch; evaluation uses running ones, which begin at 0 and 1 and "
            "take in a share m of every batch."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        channel = int(from_list("channel", t("Channel"), {str(c): str(c) for c in range(16)}, "3", width=100))
        size = int(one_of("size", t("Pictures in a batch"), {s: s for s in _SIZES}, "8"))
        momentum = float(one_of("m", t("Momentum m"), {m: m for m in _MOMENTA}, "0.1"))
        reset_button("channel", "size", "m", "batch", key="reset_channel")
    number = whole("batch", t("Number of the batch"), 1, _BATCHES, 10)
    found = _measured(
        f"{channel}/{size}/{momentum}", lambda: follow(channel, _BATCHES, size=size, momentum=momentum)
    )
    names = t("of the batch"), t("running statistic")
    left, right = st.columns(2)
    with left:
        st.caption(t("Mean"))
        plot(running(found, False, names, t("batch"), number), key="running_mean")
    with right:
        st.caption(t("Variance"))
        plot(running(found, True, names, t("batch"), number), key="running_variance")
    mean, variance = running_updates(found, number, momentum)
    st.markdown(t("Running mean after batch {number}:", number=number) + f" ${mean}$")
    st.markdown(t("Running variance:") + f" ${variance}$")
    training, evaluation = normalisations(found, number)
    st.markdown(f"{t('In training')}: {breaking(training)}")
    st.markdown(f"{t('In evaluation')}: {breaking(evaluation)}")
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(norm_code(channel, size, momentum, number), language="python")


# --- dropout -----------------------------------------------------------------------------------------------


@st.fragment
def _dropout() -> None:
    with guard():
        st.subheader(t("Dropout: a mask"), anchor=False)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            kind = one_of("drop", t("What is dropped"), _DROPPED, "single")
            p = float(one_of("p", t("Probability p"), {r: r for r in _RATIOS}, "0.5"))
            drawn = seed("dropseed", t("Seed"))
            reset_button("drop", "p", "dropseed", key="reset_drop")
        name = f"dropout/{kind}/{p}/{drawn}/{current_language()}"
        dropout_view(frame(name, lambda: _draws(p, drawn, kind == "maps")), key="dropout_view")
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            from explainer.render.flow_code import dropout_code

            st.code(dropout_code(p, drawn, kind == "maps"), language="python")


def _draws(p: float, seed: int, channels: bool) -> bytes:
    from explainer.playground.dropping import usual_maps
    from explainer.render.flow import draws
    from explainer.render.wire import pack

    return pack(draws(usual_maps(), p, seed, channels, text=texts_for(DROPOUT_FOLDER)))
