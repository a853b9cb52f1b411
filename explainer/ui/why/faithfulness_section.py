"""Are the maps right? Insertion and deletion curves of the maps on the screen, against a random order."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.faithfulness_view import FOLDER, Judged, faithfulness_view
from explainer.ui.language import t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.why.work import operations, worked

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.attribution import Faithfulness
    from explainer.progress import Progress
    from explainer.ui.opened import Opened
    from explainer.ui.subject import Subject

STEPS = 40
RANDOM_ORDERS = 3
"""Their mean is the reference."""
_GRAIN = 16
"""Squares of the random order along the shorter side."""


@st.fragment
def draw(
    subject: Subject,
    class_index: int,
    heats: Mapping[str, Tensor],
    *,
    key: str = "faithfulness",
) -> None:
    """Draw the section.

    Args:
        subject: network and photo.
        class_index: the class whose probability is followed.
        heats: the maps to judge by title, float [h, w] of any resolution, the largest value first.
        key: prefix of the widgets' keys.
    """
    with guard():
        _draw(subject, class_index, heats, key)


def _draw(subject: Subject, class_index: int, heats: Mapping[str, Tensor], key: str) -> None:
    from explainer.render.probes import faithfulness_code

    opened = subject.opened
    if not heats:
        st.info(t("Choose a map above: then it can be judged here."))
        return
    deleted, ground = _controls(key)
    passes = 2 * (STEPS + 1) * (len(heats) + RANDOM_ORDERS)
    marks = tuple((title, _mark(heat)) for title, heat in heats.items())
    judged = worked(
        ("faithfulness", opened.key, class_index, deleted, ground, tuple(mark for _, mark in marks)),
        lambda progress: _judge(opened, class_index, list(heats.values()), deleted, ground, progress),
        key=key,
        start=t("Judge the maps: {count} forward passes", count=passes),
        operations=operations(opened, passes),
    )
    if judged is not None:
        titles = [*heats, t("random squares")]
        _show(subject, class_index, dict(zip(titles, judged, strict=True)), deleted, ground, key)
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(faithfulness_code(subject.origin, class_index, deleted, ground, STEPS), language="python")
    lesson("faithfulness", title=t("How can a heat map be judged?"))


def _controls(key: str) -> tuple[str, str]:
    """Draw the controls; they follow the link: ``deleted`` and ``ground``."""
    from explainer.attribution import BASELINES

    link, state = st.query_params, st.session_state

    def put(name: str) -> None:
        link[name] = state[f"{key}-{name}"]

    for name, otherwise in (("deleted", "grey"), ("ground", "blur")):
        wanted = link.get(name)
        state[f"{key}-{name}"] = wanted if wanted in BASELINES else otherwise
    first, second, _ = st.columns([1, 1, 2])
    with first:
        deleted = st.selectbox(
            t("What deleted pixels show"),
            list(BASELINES),
            key=f"{key}-deleted",
            format_func=lambda kind: t(BASELINES[kind]),
            on_change=put,
            args=("deleted",),
        )
    with second:
        ground = st.selectbox(
            t("What pixels are inserted into"),
            list(BASELINES),
            key=f"{key}-ground",
            format_func=lambda kind: t(BASELINES[kind]),
            on_change=put,
            args=("ground",),
        )
    return str(deleted), str(ground)


def _mark(heat: Tensor) -> str:
    return hashlib.sha256(heat.detach().contiguous().numpy().tobytes()).hexdigest()


def _judge(
    opened: Opened,
    class_index: int,
    heats: list[Tensor],
    deleted: str,
    ground: str,
    progress: Progress,
) -> list[tuple[Faithfulness, Tensor, Faithfulness | None]]:
    """Return curves and order of every map; at the end the mean over random orders, and the first of them."""
    from explainer.attribution import baseline, deletion_insertion, random_heat
    from explainer.attribution.faithfulness import mean_curves, steps_of

    images = opened.trace.input.output
    size = (images.shape[2], images.shape[3])
    hole, empty = (baseline(kind, images, opened.loaded.preprocessing) for kind in (deleted, ground))
    grain = max(1, min(size) // _GRAIN)
    chance = [random_heat(size, grain, seed=seed) for seed in range(RANDOM_ORDERS)]
    orders = [*heats, *chance]
    found = []
    for number, heat in enumerate(orders):

        def told(done: int, total: int, before: int = number) -> None:
            progress(before * total + done, len(orders) * total)

        found.append(
            deletion_insertion(
                opened.loaded.model,
                images,
                class_index,
                heat,
                steps=STEPS,
                deleted=hole,
                empty=empty,
                progress=told,
            )
        )
    own = [(curves, steps_of(heat, size, STEPS), None) for curves, heat in zip(found, heats, strict=False)]
    random = found[len(heats) :]
    return [*own, (mean_curves(random), steps_of(chance[0], size, STEPS), random[0])]


def _show(
    subject: Subject,
    class_index: int,
    judged: Mapping[str, tuple[Faithfulness, Tensor, Faithfulness | None]],
    deleted: str,
    ground: str,
    key: str,
) -> None:
    from explainer.attribution import baseline

    opened = subject.opened
    scaling = opened.loaded.preprocessing
    images = opened.trace.input.output
    faithfulness_view(
        [Judged(title, *one) for title, one in judged.items()],
        opened.picture,
        scaling.as_seen(baseline(deleted, images, scaling)),
        scaling.as_seen(baseline(ground, images, scaling)),
        subject.class_name(class_index),
        key=f"{key}-view",
        texts=texts_for(FOLDER),
    )
    st.caption(
        t(
            "A good map falls fast in deletion and rises fast in insertion, faster than the grey curve: "
            "squares in random order, the mean of {count}. A map that does no better has told nothing about "
            "the network.",
            count=RANDOM_ORDERS,
        )
    )
