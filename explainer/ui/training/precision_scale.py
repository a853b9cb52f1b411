"""The loss scale: how it goes with overflows, and the gradients that it saves from becoming zero."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.asking import newly_asked
from explainer.components.precision_view import FOLDER, gradient_magnitudes, scale_course
from explainer.ui.language import later, t, texts_for
from explainer.ui.link import put
from explainer.ui.link_widgets import level, one_of, reset_button, whole
from explainer.ui.numbers import number_in
from explainer.ui.training import draft
from explainer.ui.training.storage import runs_folder
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from explainer.training.loss_scale import Gradients
    from explainer.training.recipe import Recipe

COURSE, MAGNITUDES = "scale_course", "gradient_magnitudes"
START, INTERVAL, LIMIT, OVERFLOWS, OF, POWER = "start", "interval", "limit", "overflows", "of", "power"
"""Query parameters: first scale (a power of two), steps before a rise, the largest scale without an overflow,
the steps that overflow at any, whose gradients, and the scale that they are looked at with."""
STEPS = 60
USUAL_INTERVAL, USUAL_LIMIT, USUAL_OVERFLOWS = 10, 17, "24"
_STARTS = tuple(float(power) for power in range(0, 25, 2))
_NONE = "-"
"""In the link, no step overflows."""
_KINDS = {"outputs": later("Of the layers' outputs"), "weights": later("Of the weights")}


def draw() -> None:
    """Draw the section."""
    _take_over()
    _draw_course()
    st.subheader(t("Gradients of the recipe"))
    _draw_magnitudes(draft.draft())


def _draw_course() -> None:
    from explainer.render.precision_frames import course, course_frame
    from explainer.render.wire import pack

    st.subheader(t("How the scale goes"))
    first, second, third, fourth = st.columns([3, 3, 3, 1], gap="medium", vertical_alignment="bottom")
    with first:
        start = level(START, t("First scale, a power of two"), _STARTS, 16.0)
    with second:
        interval = whole(
            INTERVAL,
            t("Steps before it doubles"),
            2,
            30,
            USUAL_INTERVAL,
            help=t(
                "PyTorch waits for 2,000 steps in a row without an overflow; here it is fewer, to see more."
            ),
        )
    with third:
        limit = whole(
            LIMIT,
            t("Largest power without an overflow"),
            4,
            30,
            USUAL_LIMIT,
            help=t("How large the scale may be before these gradients no longer fit into float16."),
        )
    with fourth:
        reset_button(START, INTERVAL, LIMIT, OVERFLOWS, key="precision_course_reset")
    overflows = _overflows()
    found = course(STEPS, 2.0**start, interval, overflows, 2.0**limit)
    scale_course(pack(course_frame(found, overflows, interval) | {"texts": texts_for(FOLDER)}), key=COURSE)
    skipped = sum(one.skipped for one in found)
    st.caption(
        t(
            "{skipped} of {steps} steps are left out. An overflow costs one step and halves the scale; "
            "without any, the scale creeps up to where gradients just fit.",
            skipped=skipped,
            steps=STEPS,
        )
    )


def _overflows() -> tuple[int, ...]:
    text = st.query_params.get(OVERFLOWS, USUAL_OVERFLOWS)
    found = {number_in(part, 0, STEPS - 1) for part in text.split(",")[:STEPS]}
    return tuple(sorted(one for one in found if one is not None))


def _draw_magnitudes(recipe: Recipe) -> None:
    from explainer.render.precision_frames import magnitudes_frame
    from explainer.render.wire import pack
    from explainer.training.loss_scale import WARM

    st.caption(
        t(
            "The recipe is trained for {steps} steps in float32, in a process of its own, and thrown away. "
            "The gradients of the next step are counted by their size.",
            steps=WARM,
        )
    )
    # These change nothing of what is measured.
    asked = dataclasses.replace(recipe, name="gradients", precision="float32", compile=False, note="")
    found: Gradients | None = watched(
        ("gradients", asked),
        lambda job: _measured(asked, job),
        key="precision_gradients",
        start=t("Measure the gradients"),
        light=False,
    )
    if found is None:
        return
    kind = one_of(OF, t("Gradients"), _KINDS, "outputs", hidden=True)
    counted = found.outputs if kind == "outputs" else found.weights
    frame = magnitudes_frame(counted) | {
        "power": number_in(st.query_params.get(POWER), 0, 24) or 0,
        "label": t("Gradients by their size"),
        "texts": texts_for(FOLDER),
    }
    gradient_magnitudes(pack(frame), key=MAGNITUDES)
    st.caption(
        t(
            "{count} gradients of one batch. What flows back from layer to layer is mostly smaller than the "
            "gradients of the weights, which are sums over pixels and images: it is what vanishes first.",
            count=f"{counted.count:,}",
        )
    )


def _measured(recipe: Recipe, job: Any) -> Gradients:
    from explainer.training.aside import aside
    from explainer.training.loss_scale import gradients_of

    return aside(gradients_of, recipe, runs_folder(), progress=job.report)


def _take_over() -> None:
    """Put into the link what was set in the views."""
    overflows = newly_asked(COURSE).get("overflows")
    if isinstance(overflows, list) and all(isinstance(one, int | float) for one in overflows):
        put(OVERFLOWS, ",".join(str(int(one)) for one in sorted(overflows)) or _NONE, USUAL_OVERFLOWS)
    power = newly_asked(MAGNITUDES).get("power")
    if isinstance(power, int | float):
        put(POWER, str(int(power)), "0")
