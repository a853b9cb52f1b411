"""Gradients through plain and residual networks, batch norm, dropout: experiments that run in the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.dropout_view import FOLDER as DROPOUT_FOLDER
from explainer.components.dropout_view import dropout_view
from explainer.components.flow_view import FOLDER as FLOW_FOLDER
from explainer.components.flow_view import flow_view
from explainer.ui.address import PLACE, hear
from explainer.ui.architectures.linked import put, reset, segments, select, switch
from explainer.ui.language import current_language, later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.numbers import number_in
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
_FLOW = "flow_view"


def draw() -> None:
    """Draw the three experiments and the lesson."""
    _gradients()
    st.divider()
    _batch_norm()
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

    titles = {key: t(title) for key, title in _INITIALISATIONS.items()}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        normed = switch(t("Batch norm"), name="bn", usual=True)
        initialisation = segments(t("Initialisation"), titles, name="init", usual="he")
        rate = select(t("Learning rate"), {r: r for r in _RATES}, name="rate", usual="0.01", width=130)
        seed = _seed("seed", t("Seed"))
        _start_again("bn", "init", "rate", "seed", PLACE)
    return Setting(normed, initialisation, float(rate), seed)


def _start_again(*names: str) -> None:
    st.button(
        t("Reset"),
        key=f"reset_{names[0]}",
        icon=":material/restart_alt:",
        type="tertiary",
        on_click=reset,
        args=names,
    )


def _seed(name: str, label: str) -> int:
    found = number_in(st.query_params.get(name), 0, 9999)
    st.session_state[name + "_of"] = found or 0
    return int(
        st.number_input(
            label,
            0,
            9999,
            key=name + "_of",
            on_change=lambda: put(name, str(st.session_state[name + "_of"]), "0"),
            width=120,
        )
    )


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
        titles = {key: t(title) for key, title in _INITIALISATIONS.items()}
        initialisation = segments(t("Initialisation"), titles, name="bn_init", usual="he")
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
    with guard():
        _statistics()


def _spreads(initialisation: str, normed: bool, measure: Any) -> Any:
    return _measured(f"{initialisation}/{normed}", lambda: measure(initialisation, normed))


@st.cache_data(show_spinner=False, max_entries=64)
def _measured(name: str, _make: Any) -> Any:
    return _make()


def _statistics() -> None:
    from explainer.playground.normalising import follow
    from explainer.render.flow import running
    from explainer.render.flow_code import norm_code

    st.markdown(f"**{t('Two sets of statistics: the batch’s own, and the running ones')}**")
    st.markdown(
        t(
            "One channel behind the first convolution of this project's trained ResNet-20. Training uses "
            "the mean and variance of the batch; evaluation uses running ones, which begin at 0 and 1 and "
            "take in a share m of every batch."
        )
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        channel = int(
            select(t("Channel"), {str(c): str(c) for c in range(16)}, name="channel", usual="3", width=100)
        )
        size = int(segments(t("Pictures in a batch"), {s: s for s in _SIZES}, name="size", usual="8"))
        momentum = float(segments(t("Momentum m"), {m: m for m in _MOMENTA}, name="m", usual="0.1"))
        _start_again("channel", "size", "m", "batch", "bn_init")
    st.session_state["batch_of"] = number_in(st.query_params.get("batch"), 1, _BATCHES) or 10
    number = st.slider(
        t("Number of the batch"),
        1,
        _BATCHES,
        key="batch_of",
        on_change=lambda: put("batch", str(st.session_state["batch_of"]), "10"),
    )
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
    at, keep = number - 1, 1 - momentum
    before, own, after = found.running_means[at], found.batch_means[at], found.running_means[number]
    st.markdown(
        t("Running mean after batch {number}:", number=number)
        + rf" $\mu \leftarrow (1-m)\,\mu + m\,\mu_B = {keep:g}\cdot{_in(before)} + "
        rf"{momentum:g}\cdot{_in(own)} = {after:.4f}$"
    )
    before, own, after = (
        found.running_variances[at],
        found.unbiased_variances[at],
        found.running_variances[number],
    )
    st.markdown(
        t("Running variance:")
        + rf" $\sigma^2 \leftarrow (1-m)\,\sigma^2 + m\,s_B^2 = {keep:g}\cdot{_in(before)} + "
        rf"{momentum:g}\cdot{_in(own)} = {after:.4f}$"
    )
    value, gamma, beta = found.values[at], found.scale, found.shift
    rows = (
        (t("In training"), r"\mu_B", found.batch_means[at], found.batch_variances[at], found.in_training[at]),
        (
            t("In evaluation"),
            r"\mu",
            found.running_means[number],
            found.running_variances[number],
            found.in_evaluation[at],
        ),
    )
    for mode, symbol, mean, variance, result in rows:
        sigma = r"\sigma_B^2" if symbol != r"\mu" else r"\sigma^2"
        st.markdown(
            rf"{mode}: $\gamma\,\dfrac{{x-{symbol}}}{{\sqrt{{{sigma}+\epsilon}}}}+\beta = {gamma:.4f}\cdot"
            rf"\dfrac{{{value:.4f}-{_in(mean)}}}{{\sqrt{{{variance:.4f}+10^{{-5}}}}}}"
            rf"+{_in(beta)} = {result:.4f}$"
        )
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(norm_code(channel, size, momentum, number), language="python")


def _in(number: float) -> str:
    """Return a number as it stands inside a sum: negative ones in brackets."""
    return f"({number:.4f})" if number < 0 else f"{number:.4f}"


# --- dropout -----------------------------------------------------------------------------------------------


@st.fragment
def _dropout() -> None:
    with guard():
        st.subheader(t("Dropout: a mask"), anchor=False)
        kinds = {"single": t("single numbers · Dropout"), "maps": t("whole maps · Dropout2d")}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            kind = segments(t("What is dropped"), kinds, name="drop", usual="single")
            p = float(segments(t("Probability p"), {r: r for r in _RATIOS}, name="p", usual="0.5"))
            seed = _seed("dropseed", t("Seed"))
            _start_again("drop", "p", "dropseed")
        name = f"dropout/{kind}/{p}/{seed}/{current_language()}"
        dropout_view(frame(name, lambda: _draws(p, seed, kind == "maps")), key="dropout_view")
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            from explainer.render.flow_code import dropout_code

            st.code(dropout_code(p, seed, kind == "maps"), language="python")


def _draws(p: float, seed: int, channels: bool) -> bytes:
    from explainer.playground.dropping import usual_maps
    from explainer.render.flow import draws
    from explainer.render.wire import pack

    return pack(draws(usual_maps(), p, seed, channels, text=texts_for(DROPOUT_FOLDER)))
