"""Recipe: which network learns, what of it, how fast, and against what; drawn before anything begins."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.plan_view import FOLDER, plan_view
from explainer.errors import ReaderError
from explainer.models import catalog, search
from explainer.ui.language import later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.training import draft
from explainer.ui.training.place import go_to
from explainer.ui.training.recipe_file import draw_file
from explainer.ui.training.starting import check_images, free_name, is_name, start, whole_recipe
from explainer.ui.training.storage import my_runs, open_dataset

if TYPE_CHECKING:
    from explainer.training.data import Dataset
    from explainer.training.recipe import Recipe

_STRATEGIES = {
    "all": later("All layers"),
    "late": later("The last stages"),
    "gradual": later("Stage by stage"),
    "head": later("Head only"),
}
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
    """Draw the form beside what it plans, and the button that begins."""
    with guard():
        _form(_open())
    with guard():
        from explainer.ui.training.reference import draw_ablation, draw_head

        with st.expander(
            t("What was measured: transfer, augmentation, regularisation"), icon=":material/table:"
        ):
            draw_head()
            draw_ablation()
    lesson("training_recipe")


def _open() -> Dataset:
    """Open the data set; where that fails, offer what can be changed then."""
    try:
        with st.spinner(t("Opening the data set"), show_time=True):
            return open_dataset(draft.data_key(), int(draft.value_of("side")))
    except ReaderError:
        with st.container(horizontal=True, key="recipe_first"):
            _to_part("data", t("Other data"))
            _reset()
        with st.container(width=320):
            _side()
        raise


def _form(data: Dataset) -> None:
    _first_line(data)
    left, right = st.columns([9, 11], gap="large")
    with left:
        _network()
        _length()
        _steps()
        _regularisation()
        _teachers()
    with right, st.container(key="recipe_plan"):
        _plan(data)
        _begin(data)
    from explainer.ui.training import learning_map

    learning_map.draw(whole_recipe(), data)


def _first_line(data: Dataset) -> None:
    """Say what it learns from, and lead to the parts that change that."""
    changes = draft.draft().augmentation
    from explainer.training.recipe import Augmentation

    with st.container(horizontal=True, vertical_alignment="center", key="recipe_first"):
        st.markdown(
            t(
                "{count} images of {classes} classes, {side} × {side} pixels",
                count=f"{len(data.train):,}",
                classes=len(data.classes),
                side=data.train.images.shape[-1],
            ),
            width="content",
        )
        _to_part("data", t("Other data"))
        mixed = draft.value_of("mixup") or draft.value_of("cutmix")
        changed = changes != Augmentation() or mixed
        _to_part("augmentation", t("Augmentation: on") if changed else t("Augmentation: none"))
        precision = draft.value_of("precision")
        _to_part("precision", t("Precision: {name}", name=precision))
        _reset()


def _reset() -> None:
    st.button(
        t("Reset"), icon=":material/restart_alt:", type="tertiary", key="recipe_reset", on_click=draft.reset
    )


def _to_part(part: str, label: str) -> None:
    st.button(
        label,
        key=f"recipe_to_{part}",
        type="tertiary",
        on_click=go_to,
        args=(part,),
        icon=":material/arrow_forward:",
    )


# --- the form ---------------------------------------------------------------------------------------------


def _network() -> None:
    st.markdown(f"##### {t('Network, and what of it learns')}")
    titles = {entry.key: entry.title for entry in catalog()}
    network = str(draft.value_of("network"))
    listed = list(dict.fromkeys([*titles, network]))
    st.session_state["recipe_network"] = network

    def taken() -> None:
        typed = str(st.session_state["recipe_network"])
        key = typed if typed in titles else meant(typed)
        draft.change(network=key, start="", frozen_stages=0, unfreeze_every=0)

    st.selectbox(
        t("Network"),
        listed,
        key="recipe_network",
        format_func=lambda key: titles.get(key, key),
        accept_new_options=True,
        on_change=taken,
        help=t("Type to search. Any timm architecture can be typed in: timm:name."),
    )
    starts = {"": later("New weights"), "published": later("Published weights")}
    earlier = [run.name for run in my_runs() if run.weights.is_file() and run.recipe.network == network]
    starts |= {name: t("Run {name}", name=name) for name in earlier}
    draft.choice(
        "start",
        t("Begins with"),
        starts,
        unfolding=len(starts) > 4,
        help=t(
            "Published weights have learned from other images, usually ImageNet; only the head is new. An "
            "earlier run of this network can be trained on."
        ),
    )
    frozen, every = draft.value_of("frozen_stages"), draft.value_of("unfreeze_every")
    now = "gradual" if every else "head" if frozen < 0 else "late" if frozen else "all"
    st.session_state["recipe_strategy"] = now

    def chosen() -> None:
        settings: dict[str, dict[str, Any]] = {
            "all": {"frozen_stages": 0, "unfreeze_every": 0},
            "head": {"frozen_stages": -1, "unfreeze_every": 0},
            "late": {"frozen_stages": 2, "unfreeze_every": 0},
            "gradual": {"frozen_stages": -1, "unfreeze_every": 1},
        }
        draft.change(**settings[st.session_state["recipe_strategy"]])

    st.segmented_control(
        t("What learns"),
        list(_STRATEGIES),
        key="recipe_strategy",
        format_func=lambda one: t(_STRATEGIES[one]),
        required=True,
        on_change=chosen,
        help=t("Frozen stages keep their weights, and the statistics of their batch normalisation."),
    )
    if now == "late":
        draft.slider("frozen_stages", t("Frozen stages, from the input"), 1, 12, 1)
    if now == "gradual":
        draft.slider("unfreeze_every", t("Epochs until one more stage learns"), 1, 10, 1)
    if now != "head":
        draft.levels(
            "rate_decay",
            t("Learning rate from a stage to the one before it, ×"),
            (1.0, 0.95, 0.9, 0.8, 0.65, 0.5, 0.3),
            help=t("Early layers know what holds for all images: they should move less."),
        )


def meant(typed: str) -> str:
    """Return the key of the network that a reader has typed a part of; else the text as a link takes it."""
    found = search(typed)
    return found[0].key if found else re.sub(r"[^\w:.-]", "_", typed)


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
        _side()
        draft.levels(
            "validation",
            t("Held out to watch"),
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
                "Ends the run after so many epochs without a better loss on held-out images; 0 for never."
            ),
        )


def _side() -> None:
    draft.levels("side", t("Side of the images, pixels"), _SIDES, {0: t("as they are")})


def _steps() -> None:
    st.markdown(f"##### {t('Optimiser and schedule')}")
    draft.choice("optimizer", t("Optimiser"), _OPTIMISERS)
    one, two = st.columns(2)
    with one:
        draft.levels("learning_rate", t("Learning rate"), _RATES)
    with two:
        draft.levels("weight_decay", t("Weight decay"), _DECAYS)
    from explainer.ui.training import rate_test

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


# --- what it plans ----------------------------------------------------------------------------------------


def _plan(data: Dataset) -> None:
    from explainer.render.data_wall import portions
    from explainer.render.plan_frame import plan_frame
    from explainer.render.wire import pack
    from explainer.training.outline import outline

    recipe = draft.draft()
    st.markdown(f"##### {t('The plan')}")
    model, stages = outline(recipe.network, len(data.classes))
    parts = portions(data, recipe.validation, recipe.seed, recipe.images_per_class)  # no image is copied
    train, held = parts["train"].places, parts["validation"].places
    frame = plan_frame(recipe, stages, model, len(train)) | {
        "label": t("Learning rate, and what learns when"),
        "texts": dict(texts_for(FOLDER)),
    }
    plan_view(pack(frame), key="plan_view")
    batch = min(recipe.batch_size, len(train))
    st.caption(
        t(
            "{train} images to learn from in {steps} steps an epoch, {held} held out, {test} for the report.",
            train=f"{len(train):,}",
            steps=len(train) // max(1, batch),
            held=f"{len(held):,}",
            test=f"{len(data.test):,}",
        )
    )


def _begin(data: Dataset) -> None:
    recipe = draft.draft()
    with guard():
        check_images(recipe, data)
        problem = st.session_state.pop("recipe_problem", None)
        if problem is not None:
            raise problem
    st.session_state.setdefault("recipe_run_name", "")
    with st.container(horizontal=True, vertical_alignment="bottom", key="recipe_begin"):
        name = st.text_input(
            t("Name of the run"), key="recipe_run_name", placeholder=free_name(recipe.network), width=260
        )
        with st.container(width=130):
            _seed()

        def pressed() -> None:
            typed = st.session_state["recipe_run_name"].strip()  # perhaps this very moment
            try:
                start(typed or free_name(recipe.network))
            except ReaderError as error:
                st.session_state["recipe_problem"] = error
                return
            st.session_state["recipe_run_name"] = ""
            go_to("runs")

        st.button(
            t("Start training"),
            type="primary",
            icon=":material/model_training:",
            on_click=pressed,
            key="start_training",
        )
    name = name.strip()
    draw_file(_shown(whole_recipe(), name if is_name(name) else free_name(recipe.network)))


def _seed() -> None:
    st.session_state["recipe_seed"] = int(draft.value_of("seed"))
    st.number_input(
        t("Seed"),
        0,
        9999,
        key="recipe_seed",
        on_change=lambda: draft.change(seed=int(st.session_state["recipe_seed"])),
    )


def _shown(recipe: Recipe, name: str) -> Recipe:
    """Return the recipe as its file should say it: without the folders of this server."""
    from dataclasses import replace

    return replace(recipe, name=name, dataset=recipe.dataset.rpartition("/")[2])
