"""The learning-rate range test: a few steps with a rising rate, and what follows for the recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui.language import t
from explainer.ui.plots import plot
from explainer.ui.training import draft
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from explainer.training.finding_rate import Rates
    from explainer.training.recipe import Recipe


def draw() -> None:
    """Draw the test of the draft's recipe, begun by a button."""
    with st.expander(t("Which learning rate? Try them all in one short run"), icon=":material/query_stats:"):
        from dataclasses import replace

        from explainer.ui.training.starting import whole_recipe

        recipe = whole_recipe()
        # What does not matter for the test does not begin another one.
        tested = replace(recipe, learning_rate=1.0, schedule="constant", epochs=1, patience=0)
        found: Rates | None = watched(
            ("rates", repr(tested)),
            lambda job: _find(tested, job),
            key="rate_test",
            start=t("Range test"),
            light=False,
        )
        if found is None:
            st.caption(
                t(
                    "The rate rises from step to step by the same factor. Where the loss falls fastest is a "
                    "good rate; where it rises again, training would diverge (Smith, 2017)."
                )
            )
            return
        _show(found, float(recipe.learning_rate))


def _find(recipe: Recipe, job: Any) -> Rates:
    from explainer.training.aside import aside
    from explainer.training.finding_rate import find_rate_of
    from explainer.ui.opened import threads
    from explainer.ui.training.storage import runs_folder

    return aside(find_rate_of, recipe, runs_folder(), progress=job.report, threads=threads())


def _show(found: Rates, now: float) -> None:
    from explainer.render.figures import Line, curves

    figure = curves(
        [
            Line(t("Loss of each batch"), found.rates, found.losses, neutral=True),
            Line(t("Smoothed"), found.rates, found.smoothed),
        ],
        x=t("Learning rate"),
        y=t("Loss"),
    )
    figure.update_xaxes(type="log", dtick=1)
    first = found.smoothed[0]
    figure.update_yaxes(range=[0, 1.6 * first])
    figure.add_vline(x=now, line={"width": 1.5, "dash": "dot"})
    plot(figure, key="rate_curve")
    offers = {"steepest": found.steepest, "tenth": found.tenth}
    titles = {
        "steepest": t("where the loss falls fastest"),
        "tenth": t("a tenth of the rate with the lowest loss"),
    }
    with st.container(horizontal=True):
        for key, rate in offers.items():
            if rate is None:
                continue
            value = float(f"{rate:.1e}")
            st.button(
                t("Use {rate}: {why}", rate=f"{value:g}", why=titles[key]),
                key=f"rate_{key}",
                on_click=lambda value=value: draft.change(learning_rate=value),
            )
    if found.steepest is None and found.tenth is None:
        st.caption(t("The loss never fell: there is nothing to learn here, or the steps were too few."))
