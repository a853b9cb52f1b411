"""How a film is made, epoch by epoch, in a job; and what of it can be taken along."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui.language import t
from explainer.ui.memory import Memory
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from explainer.render.film import Shot
    from explainer.training.runs import Run
    from explainer.ui.jobs import Job
    from explainer.ui.training.film_image import Subject

_SHOTS = 256 << 20
"""Bytes of all readers' epochs that are kept."""


@st.cache_resource(show_spinner=False)
def _shots() -> Memory[Shot]:
    return Memory(_SHOTS, lambda shot: shot.size)


def made(
    run: Run,
    classes: int,
    epochs: Sequence[int],
    subject: Subject,
    layer: str,
    method: str,
    heat_class: int,
    same: Hashable,
    job: Job,
) -> bytes:
    """Run the network of every epoch on the image; those that were run before are at hand.

    Args:
        run: whose film it is.
        classes: how many its network tells apart.
        epochs: of the film; those that have given way since are left out.
        subject: the image.
        layer: name of the layer.
        method: of the class activation map.
        heat_class: its class; -1 for what the last epoch answers.
        same: what the film is of; the same while only epochs are added.
        job: told how many epochs are done.
    """
    from explainer.render.film import reel, shoot
    from explainer.render.wire import pack
    from explainer.training.replay import Replay, curve_of

    replay = Replay(run, classes)
    there = [epoch for epoch in epochs if epoch in replay.epochs] or [replay.epochs[-1]]
    asked = heat_class
    if asked < 0:
        asked = int(replay.at(there[-1])(subject.images).argmax())
    shots = []
    for done, epoch in enumerate(there):
        job.report(done, len(there))
        name = (same, asked, epoch, run.history.written(epoch))
        shots.append(
            _shots().get(name, lambda: shoot(replay, epoch, subject.images, layer, asked, method))  # noqa: B023
        )
    curve = curve_of(run.lines()[0])
    titles = [stage.title for stage in replay.stages]
    found = reel(
        shots,
        curve,
        titles,
        subject.picture,
        layer=layer,
        heat_class=asked,
        method=method,
        label=subject.label,
    )
    return pack(found | {"reel": named(same, asked, there, [run.history.written(one) for one in there])})


def named(*what: object) -> str:
    """Return a name for what these values say, the same for the same."""
    return hashlib.sha256(repr(what).encode()).hexdigest()[:20]


def opened_film(film: bytes) -> dict[str, Any]:
    """Return what is in a packed film."""
    from explainer.render.wire import unpack

    return unpack(film)


def take_along(
    run: Run,
    film: bytes,
    epochs: Sequence[int],
    subject: Subject,
    layer: str,
    method: str,
    classes: Sequence[str],
    *,
    wanted: int,
    rate: int,
) -> None:
    """Draw what the reader may take along: the film as a GIF, and the code of an epoch.

    Args:
        run: whose film it is.
        film: packed.
        epochs: of the film.
        subject: its image.
        layer: its layer.
        method: its class activation map.
        classes: their names.
        wanted: the epoch shown, -1 for the last.
        rate: epochs a second.
    """
    from explainer.render.film_code import film_code

    header = opened_film(film)
    with st.expander(t("Take the film along"), icon=":material/movie:"):
        gif = watched(
            ("film gif", header["reel"], rate),
            lambda job: _gif(film, classes, run.name, rate, job),
            key="replay_gif",
            start=t("Make a GIF of the film"),
            light=False,
        )
        if gif is not None:
            with st.container(width=480):
                st.image(gif, alt=t("The film as an animation"), width="stretch")
                st.download_button(
                    t("Download the animation (GIF)"),
                    gif,
                    file_name=f"{run.name}-{layer}.gif",
                    mime="image/gif",
                    icon=":material/download:",
                    key="replay_download",
                    on_click="ignore",
                )
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        epoch = epochs[-1] if wanted < 0 else min(epochs, key=lambda one: abs(one - wanted))
        code = film_code(
            run.name,
            int(epoch),
            run.history.epochs()[0],
            image=subject.code,
            imports=subject.imports,
            layer=layer,
            heat_class=int(header["heat"]["class"]),
            method=method,
        )
        st.caption(t("Epoch {epoch} of this run, in the project's folder.", epoch=int(epoch)))
        st.code(code, "python")


def _gif(film: bytes, classes: Sequence[str], name: str, rate: float, job: Job) -> bytes:
    from explainer.ui.training.film_gif import film_gif

    return film_gif(opened_film(film), classes, name, rate=rate, progress=job.report)
