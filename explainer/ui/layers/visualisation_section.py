"""Feature visualisation: the input that excites a channel, growing while it is made."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.jobs import Job
from explainer.ui.language import later, t
from explainer.ui.layers.finding import is_light, name_of, operations, pictures_of, search
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.offering import offer
from explainer.ui.plots import plot
from explainer.ui.watching import watched

if TYPE_CHECKING:
    import numpy as np

    from explainer.layers.visualisation import FeatureImage, Settings
    from explainer.tracing import Node
    from explainer.ui.subject import Subject

MADE = "made"
"""Name of the query parameter with the settings that are not the usual ones: ``steps:400,blur:0.5``."""
_LIGHT = 1.2e11
"""Floating-point operations of what is begun without being asked for: some five seconds on one core."""
_PASSES = 4.0
"""What a step costs, in forward passes: one forward, its gradient, now and then one more to measure."""
_SHOWN = 448
"""Side of the picture on the page, about, in pixels."""
_BLOCKS = "visualise_blocks"
"""Whether to show single pixels."""
_SLIDERS = (
    ("steps", later("Steps"), 20, 1000, 20),
    ("rate", later("Step size"), 0.01, 0.3, 0.01),
    ("jitter", later("Jitter, pixels"), 0, 24, 1),
    ("rotation", later("Rotation, degrees"), 0.0, 45.0, 1.0),
    ("scaling", later("Change of scale"), 0.0, 0.4, 0.01),
    ("total_variation", later("Total variation"), 0.0, 2.0, 0.05),
    ("blur", later("Blur, pixels"), 0.0, 2.0, 0.05),
    ("decay", later("Decay"), 0.0, 0.1, 0.005),
)


def draw(subject: Subject, node: Node, channel: int) -> None:
    """Draw the section about one channel of one layer."""
    _draw(subject, node.name, channel)


@st.fragment
def _draw(subject: Subject, layer: str, channel: int) -> None:
    with guard():
        from explainer.layers.visualisation import visualise

        node = subject.trace[layer]
        left, middle, right = st.columns([3, 4, 3], gap="large")
        with left:
            settings = _choose_settings()
        loaded, trace = subject.opened.loaded, subject.trace

        def work(job: Job) -> FeatureImage:
            def report(done: int, total: int, picture: object) -> None:
                job.report(done, total, picture)

            return visualise(loaded, node.name, channel, settings, recorded=trace, progress=report)

        with middle, guard():
            title = t("Channel {channel} of {node}", channel=channel, node=f"`{node.name}`")
            if node is subject.opened.logits:
                title += f": {subject.class_name(channel)}"
            st.markdown(f"**{title}**")
            made = watched(
                ("visualise", subject.entry.key, subject.weights, node.name, channel, settings),
                work,
                key="visualisation",
                start=t("Make the picture"),
                light=operations(subject, node) * settings.steps * _PASSES < _LIGHT,
                show=_grow,
            )
            if made is not None:
                _finished(made, node, channel)
        with right, guard():
            _natural(subject, node, channel)
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            from explainer.render.layer_code import visualisation_code

            st.code(visualisation_code(subject.origin, node.name, channel, settings), language="python")
        lesson("feature_visualisation", title=t("How is a channel made visible?"))


# --- settings ---------------------------------------------------------------------------------------------


def read_settings(text: str) -> Settings:
    """Read settings from a link; what is missing or makes no sense is as usual."""
    from explainer.layers.visualisation import UNIT, Settings

    given = dict(part.split(":", 1) for part in text.split(",") if ":" in part)
    settings = UNIT if given.get("whole") == "0" else Settings()
    found: dict[str, int | float | bool] = {}
    for name, _, low, high, _ in _SLIDERS:
        try:
            value = type(low)(float(given[name]))
        except (KeyError, ValueError, OverflowError):
            continue
        if low <= value <= high:
            found[name] = value
    if given.get("fourier") == "0":
        found["fourier"] = False
    if given.get("seed", "").isdecimal():
        found["seed"] = int(given["seed"][:6])
    return replace(settings, **found)  # type: ignore[arg-type]


def write_settings(settings: Settings) -> str:
    """Return the settings that are not the usual ones as text for a link."""
    from explainer.layers.visualisation import UNIT, Settings

    usual = Settings() if settings.whole else UNIT
    parts = [] if settings.whole else ["whole:0"]
    for one in fields(settings):
        value = getattr(settings, one.name)
        if value != getattr(usual, one.name):
            parts.append(f"{one.name}:{int(value) if isinstance(value, bool) else value}")
    return ",".join(parts)


def _put(settings: Settings) -> None:
    text = write_settings(settings)
    if text:
        st.query_params[MADE] = text
    else:
        st.query_params.pop(MADE, None)


def _choose_settings() -> Settings:
    """Draw the choices; they are ``?made=``."""
    from explainer.layers.visualisation import UNIT, Settings

    settings = read_settings(st.query_params.get(MADE, ""))

    def choose_whole() -> None:
        usual = Settings() if st.session_state["visualise_whole"] else UNIT
        _put(replace(usual, seed=settings.seed, fourier=settings.fourier, steps=settings.steps))

    st.session_state["visualise_whole"] = settings.whole
    st.segmented_control(
        t("Excite"),
        [True, False],
        key="visualise_whole",
        format_func=lambda whole: t("the whole channel") if whole else t("its middle unit"),
        required=True,
        on_change=choose_whole,
    )
    with st.expander(t("Regularisers"), icon=":material/tune:", expanded=True):
        columns = st.columns(2)
        for number, (name, title, low, high, step) in enumerate(_SLIDERS):
            key = f"visualise_{name}"
            st.session_state[key] = getattr(settings, name)
            with columns[number % 2]:
                st.slider(t(title), low, high, step=step, key=key, on_change=_take, args=(settings, name))
        st.session_state["visualise_fourier"] = settings.fourier
        st.toggle(
            t("Frequencies instead of pixels"),
            key="visualise_fourier",
            on_change=_take,
            args=(settings, "fourier"),
        )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.session_state["visualise_seed"] = settings.seed
        st.number_input(
            t("Seed"), 0, 999_999, key="visualise_seed", width=140, on_change=_take, args=(settings, "seed")
        )
        st.button(
            t("Defaults"),
            key="visualise_defaults",
            icon=":material/restart_alt:",
            disabled=not write_settings(settings),
            on_click=lambda: _put(Settings()),
        )
    return settings


def _take(settings: Settings, name: str) -> None:
    _put(replace(settings, **{name: st.session_state[f"visualise_{name}"]}))


# --- pictures ---------------------------------------------------------------------------------------------


def _grow(job: Job) -> None:
    """Draw the picture as far as it is."""
    if job.picture is not None:
        _show(_pixels(job.picture), t("The picture so far"))


def _finished(made: FeatureImage, node: Node, channel: int) -> None:
    from explainer.render.figures import Line, curves
    from explainer.tracing.arithmetic import written

    pixels = _pixels(made.image)
    _show(pixels, t("The picture that excites channel {channel} of {node}", channel=channel, node=node.name))
    (_, first), (steps, last) = made.activations[0], made.activations[-1]
    st.caption(
        t("Excitement {first} at the beginning, {last} after {steps} steps.",
          first=written(first), last=written(last), steps=steps)
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        offer(
            t("Save as PNG"),
            lambda: _png(_enlarged(pixels)),
            f"{node.name.replace(':', '-')}-{channel}.png",
            key="visualise_save",
            mime="image/png",
        )
        st.toggle(t("Single pixels"), key=_BLOCKS)
    line = Line(
        t("excitement"), [step for step, _ in made.activations], [value for _, value in made.activations]
    )
    plot(curves([line], x=t("step"), y=t("excitement"), height=200), key="visualise_curve")


def _natural(subject: Subject, node: Node, channel: int) -> None:
    """Draw the strongest patch of the sample gallery, to compare with."""
    pictures = pictures_of(subject, None)
    found = watched(
        name_of(subject, node, "samples"),
        lambda job: search(subject, node, pictures, job),
        key="visualise_moments",
        start=t("Look through the pictures"),
        light=is_light(subject, node, len(pictures)),
    )
    if found is None:
        return
    from explainer.layers.moments import best_moments
    from explainer.samples import sample
    from explainer.tracing.arithmetic import written

    moment = best_moments(subject.opened.loaded, node.name, channel, pictures, k=1, found=found)[0]
    st.markdown(f"**{t('The best real patch')}**")
    _show(moment.patch, t("The best real patch"), 256)
    st.caption(
        t("{picture}, row {y}, column {x}: the unit there answers {value}.",
          picture=t(sample(moment.picture).title), y=moment.y, x=moment.x, value=written(moment.value))
    )  # fmt: skip


def _pixels(image: object) -> np.ndarray:
    """Return a picture float [3 or 1, H, W] in 0..1 as uint8 [H, W, 3]."""
    import torch

    assert isinstance(image, torch.Tensor)
    return (image * 255).round().to(torch.uint8).expand(3, -1, -1).permute(1, 2, 0).numpy()


def _show(pixels: np.ndarray, title: str, side: int = _SHOWN) -> None:
    """Draw a picture uint8 [H, W, 3], enlarged smoothly or pixel by pixel as the reader likes.

    Within the page: a file on the server might be gone before the browser asks for it, so fast it changes.
    """
    source = base64.b64encode(_png(pixels)).decode()
    scaling = "pixelated" if st.session_state.get(_BLOCKS) else "auto"
    style = f"width:100%;max-width:{side}px;border-radius:8px;image-rendering:{scaling}"
    st.html(
        f"<img alt='{html.escape(title, quote=True)}' style='{style}' src='data:image/png;base64,{source}'>"
    )


def _enlarged(pixels: np.ndarray) -> np.ndarray:
    """Enlarge a picture for a file, as it is shown."""
    import numpy as np
    from PIL import Image

    times = max(1, round(_SHOWN / max(pixels.shape[:2])))
    size = pixels.shape[1] * times, pixels.shape[0] * times
    way = Image.Resampling.NEAREST if st.session_state.get(_BLOCKS) else Image.Resampling.BICUBIC
    return np.asarray(Image.fromarray(pixels).resize(size, way))


def _png(pixels: np.ndarray) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()
