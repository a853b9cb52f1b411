"""How fast a recipe trains on this machine in each precision and layout, and with how much memory."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui.language import t
from explainer.ui.training import draft
from explainer.ui.training.storage import runs_folder
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from explainer.training.recipe import Recipe
    from explainer.training.throughput import Speed, Speeds


def draw() -> None:
    """Draw the section."""
    recipe = draft.draft()
    st.caption(
        t(
            "A few steps of the recipe are timed in every precision that this machine has, with and without "
            "channels_last, in a process of its own. Other work on the machine makes the figures vary."
        )
    )
    # These do not matter, so that choosing one does not ask for another measurement.
    asked = dataclasses.replace(
        recipe, name="speeds", precision="float32", channels_last=True, compile=False, note=""
    )
    found: Speeds | None = watched(
        ("speeds", asked),
        lambda job: _measured(asked, job),
        key="precision_speeds",
        start=t("Measure on this machine"),
        light=False,
    )
    if found is not None:
        _show(found, recipe)


def _measured(recipe: Recipe, job: Any) -> Speeds:
    from explainer.training.aside import aside
    from explainer.training.throughput import measure_precisions_of

    return aside(measure_precisions_of, recipe, runs_folder(), progress=job.report)


def _show(found: Speeds, recipe: Recipe) -> None:
    from explainer.render.precision_frames import compared, fastest

    best = fastest(found)
    rows = compared(found)
    times = next(one.times for one in rows if one.speed is best)
    left, right = st.columns([5, 2], vertical_alignment="center")
    with left:
        st.markdown(
            t(
                "On {device}, in batches of {batch}: the fastest is {way}, {times} times float32 in plain "
                "layout.",
                device=found.device,
                batch=found.batch,
                way=f"**{_way(best)}**",
                times=f"{times:.2f}",
            )
        )
    with right:
        chosen = (recipe.precision, recipe.channels_last) == (best.precision, best.channels_last)
        st.button(
            t("The recipe uses the fastest") if chosen else t("Use the fastest in the recipe"),
            icon=":material/check:" if chosen else ":material/speed:",
            key="precision_use",
            disabled=chosen,
            on_click=_use,
            args=(best.precision, best.channels_last),
        )
    _bars(found)
    _table(found)
    for note in _notes(found):
        st.caption(note)


def _use(precision: str, channels_last: bool) -> None:
    draft.change(precision=precision, channels_last=channels_last)


def _way(speed: Speed) -> str:
    return f"{speed.precision} + channels_last" if speed.channels_last else speed.precision


def _bars(found: Speeds) -> None:
    from explainer.render.cost_bars import Bar, cost_bars

    memory = t("Most memory on the GPU, MB") if found.memory == "peak" else t("Kept for the way back, MB")
    first = found.found[0]
    groups = [
        (
            t("Images a second"),
            [Bar(_way(one), round(one.images_per_second), strong=one is first) for one in found.found],
        ),
        (memory, [Bar(_way(one), round(one.memory / 1e6), strong=one is first) for one in found.found]),
    ]
    st.html(cost_bars(groups, logarithmic=False))


def _table(found: Speeds) -> None:
    from explainer.render.precision_frames import compared

    rows = [
        {
            t("Format"): one.speed.precision,
            "channels_last": "✓" if one.speed.channels_last else "",
            t("Images a second"): one.speed.images_per_second,
            t("× float32"): one.times,
            t("Memory, MB"): one.speed.memory / 1e6,
            t("Memory, × float32"): one.memory,
        }
        for one in compared(found)
    ]
    numbers = {name: st.column_config.NumberColumn(format="%.2f") for name in list(rows[0])[3:]}
    numbers[t("Images a second")] = st.column_config.NumberColumn(format="%.0f")
    numbers[t("Memory, MB")] = st.column_config.NumberColumn(format="%.1f")
    st.dataframe(rows, hide_index=True, column_config=numbers, key="precision_table")


def _notes(found: Speeds) -> list[str]:
    notes = []
    if found.memory == "kept":
        notes.append(
            t(
                "On a CPU, memory is what the forward pass keeps for the backward pass: a CPU's allocator "
                "does not say how much it has given out. float16 is not listed: it needs a CUDA GPU."
            )
        )
    else:
        notes.append(
            t("Memory is the most that PyTorch held on the GPU at any time, weights and optimiser included.")
        )
    if found.instructions:
        notes.append(
            t("This CPU has instructions for bfloat16: {names}.", names=", ".join(found.instructions))
        )
    elif found.instructions is not None:
        notes.append(
            t("This CPU has no instructions for bfloat16: it is worked out in float32, which costs time.")
        )
    elif found.memory == "kept":
        notes.append(t("Whether this CPU has instructions for bfloat16 could not be found out."))
    return notes
