"""What a recipe plans: the course of its learning rate, what learns when, and of how many images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.plan_view import FOLDER, plan_view
from explainer.ui.language import t, texts_for
from explainer.ui.training import draft

if TYPE_CHECKING:
    from explainer.training.data import Dataset


def draw(data: Dataset) -> None:
    """Draw the plan of the draft."""
    from explainer.render.data_wall import portions
    from explainer.render.plan_frame import plan_frame
    from explainer.render.wire import pack
    from explainer.training.outline import outline

    recipe = draft.draft()
    st.markdown(f"##### {t('The plan')}")
    model, stages = outline(recipe.network, len(data.classes))
    parts = portions(data, recipe)
    train, held = parts["train"].places, parts["validation"].places
    frame = plan_frame(recipe, stages, model, len(train)) | {
        "label": t("Learning rate, and what learns when"),
        "texts": dict(texts_for(FOLDER)),
    }
    plan_view(pack(frame), key="plan_view")
    batch = min(recipe.batch_size, len(train))
    st.caption(
        t(
            "{train} images to learn from in {steps} steps an epoch, {held} for validation, {test} for "
            "the report.",
            train=f"{len(train):,}",
            steps=len(train) // max(1, batch),
            held=f"{len(held):,}",
            test=f"{len(data.test):,}",
        )
    )
