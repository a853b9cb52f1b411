"""What a film is of, and how it is made, epoch by epoch, in a job."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui.memory import Memory

if TYPE_CHECKING:
    from explainer.render.film import Shot
    from explainer.training.replay import Replay
    from explainer.training.runs import Run
    from explainer.ui.jobs import Job
    from explainer.ui.training.film_image import Subject

_SHOTS = 256 << 20
"""Bytes of all readers' epochs that are kept."""


@dataclass(frozen=True, eq=False)
class Film:
    """What a film is of: some epochs of a run, seen through one image and one layer."""

    run: Run
    classes: tuple[str, ...]
    """Names of what its network tells apart, in English."""
    epochs: tuple[int, ...]
    """At least one; those that have given way when it is made are left out."""
    subject: Subject
    """The image."""
    layer: str
    """Name of the layer."""
    method: str
    """Of the class activation map."""
    heat_class: int
    """Its class; -1 for what the last epoch answers."""

    @property
    def story(self) -> Hashable:
        """What stays the same while epochs are added."""
        began = self.run.history.written(self.epochs[0])
        return (str(self.run.folder), began, self.subject.identity, self.layer, self.method, self.heat_class)

    @property
    def name(self) -> Hashable:
        """What stays the same while nothing changes."""
        return ("film", self.story, self.written(self.epochs))

    def written(self, epochs: tuple[int, ...]) -> tuple[tuple[int, int], ...]:
        """Return epochs with when each was written: a run that begins anew writes them again."""
        return tuple((epoch, self.run.history.written(epoch)) for epoch in epochs)


def made(film: Film, job: Job) -> bytes:
    """Run the network of every epoch on the image; those that were run before are at hand.

    Returns:
        What ``opened`` opens: ``explainer.render.film.reel``, packed, with a name as ``"reel"``.

    Raises:
        ReaderError: the run has kept no epoch, or its network has no such layer.
    """
    from explainer.render.film import reel
    from explainer.render.wire import pack
    from explainer.training.replay import Replay, curve_of

    replay = Replay(film.run, len(film.classes))
    there = tuple(epoch for epoch in film.epochs if epoch in replay.epochs) or replay.epochs[-1:]
    heat_class = film.heat_class
    if heat_class < 0:
        heat_class = int(replay.at(there[-1])(film.subject.images).argmax())
    shots = []
    for done, epoch in enumerate(there):
        job.report(done, len(there))
        shots.append(_shot(film, replay, epoch, heat_class))
    found = reel(
        shots,
        curve_of(film.run.lines()[0]),
        [stage.title for stage in replay.stages],
        film.subject.picture,
        layer=film.layer,
        heat_class=heat_class,
        method=film.method,
        label=film.subject.label,
    )
    return pack(found | {"reel": digest(film.story, heat_class, film.written(there))})


def opened(packed: bytes) -> dict[str, Any]:
    """Return what is in a film that was made."""
    from explainer.render.wire import unpack

    return unpack(packed)


def digest(*what: object) -> str:
    """Return a short name for what these values say, the same for the same."""
    return hashlib.sha256(repr(what).encode()).hexdigest()[:20]


def _shot(film: Film, replay: Replay, epoch: int, heat_class: int) -> Shot:
    """Return what one epoch makes of the image."""
    from explainer.render.film import shoot

    name = (film.story, heat_class, film.written((epoch,)))
    return _shots().get(
        name, lambda: shoot(replay, epoch, film.subject.images, film.layer, heat_class, film.method)
    )


@st.cache_resource(show_spinner=False)
def _shots() -> Memory[Shot]:
    return Memory(_SHOTS, lambda shot: shot.size)
