"""How a network learns: how long and on what, its optimiser and schedule, regularisation, other teachers."""

from __future__ import annotations

import streamlit as st

from explainer.models import catalog
from explainer.ui.language import later, t
from explainer.ui.training import draft, rate_test

_OPTIMISERS = {"sgd": "SGD", "adam": "Adam", "adamw": "AdamW"}
_SCHEDULES = {
    "one_cycle": later("One cycle"),
    "cosine": later("Cosine"),
    "step": later("Steps"),
    "constant": later("Constant"),
}
_RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0)
_DECAYS = (0.0, 1e-5, 1e-4, 5e-4, 1e-3, 5e-3, 0.01, 0.05, 0.1)
_BATCHES = (4, 8, 16, 32, 64, 128, 256)
_SIDES = (0, 28, 32, 48, 64, 96, 128, 160, 192, 224)


def draw() -> None:
    """Draw the settings."""
    _length()
    _steps()
    _regularisation()
    _teachers()


def draw_side() -> None:
    """Draw the size of the images, without which a data set may not open."""
    draft.levels("side", t("Side of the images, pixels"), _SIDES, {0: t("as they are")})


def _length() -> None:
    st.markdown(f"##### {t('How long, and on what')}")
    one, two = st.columns(2)
    with one:
        draft.slider("epochs", t("Epochs"), 1, 100, 1)
        draft.levels("batch_size", t("Batch size"), _BATCHES)
        draft.levels(
            "images_per_class",
            t("Images per class"),
            (0, 5, 10, 20, 50, 100, 200, 500, 1000),
            {0: t("all")},
            help=t("Fewer than there are, to see what few images do."),
        )
    with two:
        draw_side()
        draft.levels(
            "validation",
            t("Share of validation images"),
            (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4),
            help=t("Share of the training images of each class. The best epoch is chosen by them."),
        )
        draft.slider(
            "patience",
            t("Early stopping: patience in epochs"),
            0,
            20,
            1,
            help=t(
                "Ends the run after so many epochs without a better loss on validation images; 0 for never."
            ),
        )


def _steps() -> None:
    st.markdown(f"##### {t('Optimiser and schedule')}")
    draft.choice("optimizer", t("Optimiser"), _OPTIMISERS)
    one, two = st.columns(2)
    with one:
        draft.levels("learning_rate", t("Learning rate"), _RATES)
    with two:
        draft.levels("weight_decay", t("Weight decay"), _DECAYS)
    rate_test.draw()
    draft.choice("schedule", t("Schedule"), _SCHEDULES)
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=220):
            draft.levels("warmup", t("Share of the warm-up"), (0.0, 0.05, 0.1, 0.2, 0.3, 0.5))
        if draft.value_of("schedule") == "step":
            with st.container(width=220):
                draft.levels("drop", t("Factor of each step"), (0.01, 0.03, 0.1, 0.2, 0.3, 0.5))
        if draft.value_of("optimizer") == "sgd":
            with st.container(width=220):
                draft.levels("momentum", t("Momentum"), (0.0, 0.5, 0.8, 0.9, 0.95, 0.99))


def _regularisation() -> None:
    with st.expander(t("Against learning by heart"), icon=":material/shield:"):
        draft.levels("label_smoothing", t("Label smoothing"), (0.0, 0.05, 0.1, 0.2))
        draft.levels(
            "dropout",
            t("Dropout"),
            (-1.0, 0.0, 0.1, 0.2, 0.3, 0.5, 0.7),
            {-1.0: t("as built")},
            help=t("Probability of every dropout layer; a network without one gets one before its head."),
        )
        draft.levels(
            "stochastic_depth",
            t("Stochastic depth"),
            (0.0, 0.05, 0.1, 0.2, 0.3, 0.5),
            help=t(
                "Leaves whole residual branches out, the later the more often: for networks that have them."
            ),
        )
        draft.levels(
            "clip",
            t("Gradient clipping: largest norm"),
            (0.0, 0.1, 0.5, 1.0, 2.0, 5.0),
            {0.0: t("any")},
        )
        draft.levels(
            "average",
            t("Exponential moving average of the weights: decay"),
            (0.0, 0.9, 0.99, 0.995, 0.999, 0.9999),
            {0.0: t("none")},
        )
        st.caption(t("Weight decay stands with the optimiser; Mixup, CutMix and the like are augmentation."))


def _teachers() -> None:
    with st.expander(t("Other teachers: distillation, attacks"), icon=":material/school:"):
        titles = {"": t("None")} | {
            entry.key: entry.title for entry in catalog() if entry.key != draft.value_of("network")
        }
        draft.choice(
            "teacher",
            t("A larger network whose softened answers are learned"),
            titles,
            unfolding=True,
            help=t("It must tell the same number of classes apart (Hinton et al., 2015)."),
        )
        if draft.value_of("teacher"):
            draft.levels("temperature", t("Temperature"), (1.0, 2.0, 4.0, 8.0, 16.0))
            draft.levels(
                "teacher_share", t("Share of the teacher in the loss"), (0.1, 0.3, 0.5, 0.7, 0.9, 1.0)
            )
        draft.levels(
            "adversarial",
            t("Adversarial training: largest change of a pixel"),
            (0.0, 0.004, 0.008, 0.016, 0.031, 0.063),
            help=t("Every image is changed by one step of FGSM before it is learned (Wong et al., 2020)."),
        )
