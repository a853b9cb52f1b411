"""Replay: a run as a film that the reader scrubs through, watching filters, maps and answers change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.class_names import class_names
from explainer.ui.language import t
from explainer.ui.lesson import lesson
from explainer.ui.link import forget
from explainer.ui.link_widgets import from_list
from explainer.ui.messages import guard
from explainer.ui.numbers import number_in
from explainer.ui.subject import layer_title
from explainer.ui.training import film_epochs, film_showing, film_take_along
from explainer.ui.training.film_image import CLASS, IMAGE, Subject, choose_image
from explainer.ui.training.film_making import Film, made
from explainer.ui.training.place import RUN, keep, say_missing, say_no_runs
from explainer.ui.training.storage import dataset_of, find_run, my_runs
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explainer.training.runs import Run
    from explainer.ui.jobs import Job

LAYER, CAM, HEAT = "layer", "cam", "heat"
"""Query parameters: the layer; the kind of class activation map, and its class."""
_LAST = "replay_last"
_OPENED = "replay_opened"


@dataclass(frozen=True, eq=False)
class _Opened:
    """What is the same for every image of a run."""

    layers: Mapping[str, str]
    """What can be looked at: titles by name."""
    usual: str
    """Name of the layer to begin with."""


def draw() -> None:
    """Draw the part."""
    _draw()
    lesson("training_replay", title=t("What changes while a network learns?"))


@st.fragment
def _draw() -> None:
    with guard():
        film_showing.take_over()
        tools = st.container(horizontal=True, gap="small", vertical_alignment="bottom", key="replay_choices")
        run = _choose_run(tools)
        if run is None:
            return
        found = run.history.epochs()
        if not found:
            st.info(
                t(
                    "The run {name} has not kept an epoch yet. It does so as soon as it begins.",
                    name=run.name,
                ),
                icon=":material/hourglass_empty:",
            )
            film_epochs.draw_news(run, ())
            return
        opened = watched(
            ("replay", str(run.folder), run.history.written(found[0])),
            lambda job: _opened(run, job),
            key=_OPENED,
            start=t("Open the film"),
            light=True,
        )
        if opened is None:
            return
        _film(run, opened, tools)


def _film(run: Run, opened: _Opened, tools: DeltaGenerator) -> None:
    """Draw what to look at, and the film of it."""
    classes = dataset_of(run).classes
    titles = class_names(classes)
    subject = choose_image(run, titles, tools)
    with tools:
        layer, method, heat_class = _choose_view(opened, subject, titles)
    film = Film(run, classes, film_epochs.known(run), subject, layer, method, heat_class)
    with st.container():
        film_epochs.draw_news(run, film.epochs)
        packed: bytes | None = watched(
            film.name,
            lambda job: made(film, job),
            key="replay",
            start=t("Develop the film"),
            light=True,
        )
    packed = packed or _so_far(film)
    if packed is None:
        return
    st.session_state[_LAST] = (film.story, packed)
    film_showing.draw(film, packed, titles)
    place = film_showing.in_link()
    film_take_along.draw(film, packed, wanted=place["epoch"], rate=place["pace"])


def _choose_view(opened: _Opened, subject: Subject, titles: Sequence[str]) -> tuple[str, str, int]:
    """Draw what to look at; return the layer, the kind of class activation map and its class."""
    with st.container(width=205):
        layer = from_list(LAYER, t("Layer"), opened.layers, opened.usual)
    with st.container(width=150):
        method = from_list(CAM, t("Heat map"), _methods(), "gradcam")
    with st.container(width=205):
        usual = t("The image's own class") if subject.label >= 0 else t("The last answer")
        options = {"": usual, **{str(i): title for i, title in enumerate(titles)}}
        wanted = number_in(from_list(HEAT, t("For the class"), options, ""), 0, len(titles) - 1)
    return layer, method, subject.label if wanted is None else wanted


def _so_far(film: Film) -> bytes | None:
    """Return the film that was shown last, if only epochs were added to it since."""
    story, packed = st.session_state.get(_LAST, (None, None))
    return packed if story == film.story else None


# --- the run ----------------------------------------------------------------------------------------------


def _choose_run(tools: DeltaGenerator) -> Run | None:
    """Draw the list of the reader's runs; the choice is ``?run=``, which may name somebody else's."""
    runs = {run.name: run for run in my_runs()}
    wanted = st.query_params.get(RUN, "")
    named = find_run(wanted) if wanted else None
    if wanted and named is None:
        say_missing(wanted)
    if named is not None:
        runs = {named.name: named, **runs} if named.name not in runs else runs
    if not runs:
        say_no_runs()
        return None
    filmed = [name for name, run in runs.items() if run.history.epochs()]
    chosen = named.name if named is not None else (filmed or list(runs))[0]
    titles = {name: _title(run) for name, run in runs.items()}
    st.session_state["replay_run"] = chosen
    with tools, st.container(width=280):
        st.selectbox(
            t("Run"),
            list(titles),
            key="replay_run",
            format_func=lambda name: titles.get(name, name),
            on_change=_other_run,
        )
    return runs[chosen]


def _other_run() -> None:
    keep(RUN, st.session_state["replay_run"])
    forget(LAYER, IMAGE, CLASS, HEAT, film_showing.EPOCH, film_showing.PIN)


def _title(run: Run) -> str:
    count = len(run.history.epochs())
    return t("{name} · {count} epochs kept", name=run.name, count=count)


def _methods() -> dict[str, str]:
    from explainer.attribution.cams import CAM_METHODS
    from explainer.render.film import METHODS

    return {key: CAM_METHODS[key].title for key in METHODS}


def _opened(run: Run, job: Job) -> _Opened:
    """Look at the network and open its data set."""
    import torch

    from explainer.tracing import trace
    from explainer.training.replay import Replay, layers_of, usual_layer

    data = dataset_of(run)
    job.report(1, 2)
    replay = Replay(run, len(data.classes))
    recorded = trace(replay.at(replay.epochs[-1]), torch.zeros(1, *data.train.images.shape[1:]))
    layers = layers_of(recorded)
    if not layers:
        raise ReaderError("This network has no convolution, so there are no filters to watch.")
    return _Opened({node.name: layer_title(node) for node in layers}, usual_layer(layers).name)
