"""What the reader may take along of a film: an animation, and the code of an epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui.language import t
from explainer.ui.offering import offer
from explainer.ui.training.film_making import opened
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from explainer.ui.jobs import Job
    from explainer.ui.training.film_making import Film


def draw(film: Film, packed: bytes, *, wanted: int, rate: int) -> None:
    """Draw what may be taken along.

    Args:
        film: what is shown.
        packed: made of it, or of its story so far.
        wanted: the epoch shown, -1 for the last.
        rate: epochs a second.
    """
    content = opened(packed)
    with st.expander(t("Take the film along"), icon=":material/movie:"):
        _animation(film, content, rate)
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        epoch = film.epochs[-1] if wanted < 0 else min(film.epochs, key=lambda one: abs(one - wanted))
        _code(film, epoch, int(content["heat"]["class"]))


def _animation(film: Film, content: Mapping[str, Any], rate: int) -> None:
    def drawn(job: Job) -> bytes:
        from explainer.ui.training.film_gif import film_gif

        return film_gif(content, film.classes, film.run.name, rate=rate, progress=job.report)

    gif: bytes | None = watched(
        ("film gif", content["reel"], rate),
        drawn,
        key="replay_gif",
        start=t("Make a GIF of the film"),
        light=False,
    )
    if gif is None:
        return
    with st.container(width=480):
        st.image(gif, alt=t("The film as an animation"), width="stretch")
        offer(
            t("Download the animation (GIF)"),
            lambda: gif,
            f"{film.run.name}-{film.layer}.gif",
            key="replay_download",
            mime="image/gif",
        )


def _code(film: Film, epoch: int, heat_class: int) -> None:
    from explainer.render.film_code import film_code

    code = film_code(
        film.run.name,
        epoch,
        film.run.history.epochs()[0],
        image=film.subject.code,
        imports=film.subject.imports,
        layer=film.layer,
        heat_class=heat_class,
        method=film.method,
    )
    st.caption(t("Epoch {epoch} of this run, in the project's folder.", epoch=epoch))
    st.code(code, "python")
