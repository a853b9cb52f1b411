"""What is found in the chosen data set: how bright it is, what is there twice, what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.asking import newly_asked
from explainer.components.data_wall import FOLDER, twins_wall
from explainer.ui.class_names import class_names
from explainer.ui.jobs import Job
from explainer.ui.language import t, texts_for
from explainer.ui.messages import sentence
from explainer.ui.training import draft
from explainer.ui.training.asked import answered, ask
from explainer.ui.training.recipe_link import USUAL
from explainer.ui.training.sets import bring, title_of
from explainer.ui.training.storage import keep_dataset, open_dataset
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from explainer.training.checks import Checks, Moments
    from explainer.training.data import Dataset

TWINS = "twins_wall"
_WORK = "data_clean"
_AT = "data_twins"


def checks_of(key: str) -> Checks | None:
    """Return what was found in a data set, looking through it first; ``None`` until that is done."""
    found: Checks | None = watched(
        ("data checks", key),
        lambda job: _looked(key, job),
        key="data_checks",
        start=t("Look through the images"),
        light=True,
    )
    return found


def draw(key: str, checks: Checks) -> None:
    """Say what was found."""
    from explainer.training.checks import findings

    data = open_dataset(key)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.markdown(f"##### {t('What was found')}")
        said = findings(checks, class_names(data.classes))
        for one in said:
            st.markdown(f":orange[:material/warning:] {sentence(one)}")
        if not said:
            nothing = t("Nothing to mend: the classes are even, and no image is there twice.")
            st.markdown(f":green[:material/check:] {nothing}")
        if not checks.duplicates.complete:
            st.caption(t("There are so many pictures that are nearly alike that not all were compared."))
    with right:
        _draw_moments(checks.moments)
    if checks.duplicates.groups:
        _draw_twins(key, data, checks)


def _looked(key: str, job: Job) -> Checks:
    from explainer.training.checks import Checks, balance_of, duplicates_of, moments_of

    data = open_dataset(key, progress=job.report)
    balance = balance_of(data)
    job.report(1, 4)
    moments = moments_of(data.train.images)
    job.report(2, 4)
    return Checks(balance, duplicates_of(data), moments, examples=())


# --- mean and deviation ------------------------------------------------------------------------------------


def _draw_moments(moments: Moments) -> None:
    st.markdown(f"##### {t('Mean and deviation')}")
    names = [t("Grey")] if len(moments.mean) == 1 else [t("Red"), t("Green"), t("Blue")]
    head = f"| | {t('mean')} | {t('deviation')} |\n|:--|--:|--:|\n"
    rows = [
        f"| {name} | {mean:.3f} | {std:.3f} |"
        for name, mean, std in zip(names, moments.mean, moments.std, strict=True)
    ]
    st.markdown(head + "\n".join(rows))
    if min(moments.std) <= 0:
        return
    st.session_state["data_scaled"] = draft.value_of("mean") != USUAL.mean
    st.toggle(
        t("Subtract the mean and divide by the deviation"),
        key="data_scaled",
        on_change=_scale,
        args=(moments,),
        help=t(
            "Written into the recipe, and later into the model card: the network expects it from then on."
        ),
    )
    mean, std = draft.value_of("mean"), draft.value_of("std")
    if st.session_state["data_scaled"] and not _near(mean, moments.mean):
        st.caption(t("The recipe subtracts {mean} and divides by {std}.", mean=_three(mean), std=_three(std)))
    if draft.value_of("start") == "published":
        st.caption(
            t("Published weights want the mean and deviation of the images that they were learned from.")
        )
    else:
        st.caption(t("Pixels are from 0 to 1. From random weights it helps most networks to learn faster."))


def _near(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether numbers are the same as far as a link keeps them."""
    return len(one) == len(other) and all(abs(a - b) < 1e-3 for a, b in zip(one, other, strict=True))


def _three(values: Sequence[float]) -> str:
    return " / ".join(f"{one:.3f}" for one in values)


def _scale(moments: Moments) -> None:
    if st.session_state["data_scaled"]:
        draft.change(mean=moments.mean, std=moments.std)
    else:
        draft.change(mean=USUAL.mean, std=USUAL.std)


# --- what is there more than once --------------------------------------------------------------------------


def _draw_twins(key: str, data: Dataset, checks: Checks) -> None:
    from explainer.render.data_wall import KINDS, twins_frame, twins_of
    from explainer.render.wire import pack

    found = checks.duplicates
    st.markdown(f"##### {t('Pictures that are there more than once')}")
    news = newly_asked(TWINS)
    if news.get("kind") in KINDS and isinstance(news.get("page"), int | float):
        st.session_state[_AT] = (key, str(news["kind"]), max(0, int(news["page"])))
    first = next((kind for kind in KINDS if twins_of(found, kind)), KINDS[0])
    at = st.session_state.get(_AT)
    kind, page = at[1:] if at and at[0] == key else (first, 0)
    named = replace(data, classes=class_names(data.classes))
    frame = twins_frame(named, found, kind=kind, page=page)
    twins_wall(pack(frame | {"texts": texts_for(FOLDER)}), key=TWINS)
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        near = st.toggle(
            t("Also those that are nearly the same"),
            key="data_clean_near",
            value=False,
            help=t("Plain pictures can be nearly the same by chance: look at the pairs first."),
        )
        st.button(
            t("Take them out"),
            icon=":material/content_cut:",
            type="primary",
            key="data_clean_take",
            on_click=ask,
            args=(_WORK, (key, near)),
            disabled=not _to_clean(checks, near),
            help=t(
                "Makes a data set of your own without training images that are in the test too, that stand "
                "under several classes, or that repeat another. The test stays as it is."
            ),
        )
    cleaned = answered(_WORK, (key, near), lambda job: _cleaned(key, checks, near, job))
    if cleaned is not None:
        own, count = cleaned
        bring(own, t("{title}, {count} repeated images left out", title=title_of(key), count=count))
        st.rerun()


def _to_clean(checks: Checks, near: bool) -> bool:
    return any(
        (group.exact or near) and (group.train[1:] or (group.train and (group.test or len(group.labels) > 1)))
        for group in checks.duplicates.groups
    )


def _cleaned(key: str, checks: Checks, near: bool, job: Job) -> tuple[str, int]:
    from explainer.training.checks import cleaned

    data = open_dataset(key)
    new = cleaned(data, checks.duplicates, near=near)
    job.report(1, 2)
    return keep_dataset(new), len(data.train) - len(new.train)
