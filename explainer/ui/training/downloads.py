"""torchvision's published data sets: what they are, and their download when the reader wants it."""

from __future__ import annotations

import streamlit as st

from explainer.ui.jobs import Job
from explainer.ui.language import t
from explainer.ui.training.asked import answered, ask
from explainer.ui.training.sets import PUBLISHED, choose

_WORK = "data_download"


def draw() -> None:
    """Draw the list, what is known of the chosen one, and the button."""
    from explainer.training.published import PUBLISHED_SETS, at_hand

    left, right = st.columns([1, 2], gap="large", vertical_alignment="bottom")
    with left:
        name = st.selectbox(
            t("Published data set"),
            list(PUBLISHED_SETS),
            key="data_published",
            format_func=lambda one: PUBLISHED_SETS[one].title,
        )
    known = PUBLISHED_SETS[name]
    here = name in at_hand()
    with right, st.container(horizontal=True, vertical_alignment="center"):
        if here:
            st.button(
                t("Use it"),
                icon=":material/check:",
                type="primary",
                key="data_published_use",
                on_click=choose,
                args=(PUBLISHED + name,),
            )
        else:
            st.button(
                t("Download {size} MB", size=f"{known.megabytes:,}"),
                icon=":material/download:",
                type="primary",
                key="data_published_get",
                on_click=ask,
                args=(_WORK, name),
            )
    size = f"{known.side} × {known.side}" if known.side else t("of several sizes, read as 64 × 64")
    images = t("{count} images", count=f"{known.train + known.test:,}")
    classes = t("{count} classes", count=known.classes)
    st.caption(f"{known.source} · {images} · {classes} · {size}")
    if not here:
        st.caption(
            t(
                "It is fetched from its publisher once, for all readers of this server. Ask its publisher "
                "for the terms."
            )
        )
    if answered(_WORK, name, lambda job: _fetched(name, job), show=_say):
        choose(PUBLISHED + name)
        st.rerun()


def _fetched(name: str, job: Job) -> bool:
    from explainer.training.downloading import download

    download(name, job.report)
    return True


def _say(_: Job) -> None:
    st.caption(t("Megabytes that have come; then the files are unpacked, which takes as long again."))
