"""Replay: a run as a film that the reader scrubs through, watching filters, maps and answers change."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.asking import newly_asked
from explainer.components.film_view import FOLDER, film_reel, film_view
from explainer.errors import ReaderError
from explainer.ui.language import t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import forget, put
from explainer.ui.link_widgets import from_list, switch
from explainer.ui.messages import guard
from explainer.ui.numbers import number_in
from explainer.ui.training.film_image import CLASS, IMAGE, choose_image
from explainer.ui.training.film_making import made, named, opened_film, take_along
from explainer.ui.training.place import RUN, keep, say_missing, say_no_runs
from explainer.ui.training.storage import dataset_of, find_run, my_runs
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from explainer.training.runs import Run
    from explainer.ui.jobs import Job

LAYER, CAM, HEAT, EPOCH, PIN, SCALE, PAINT, PACE, FOLLOW = (
    "layer",
    "cam",
    "heat",
    "epoch",
    "pin",
    "scale",
    "paint",
    "pace",
    "follow",
)
"""Query parameters: the layer; the kind of class activation map, and its class; the epoch shown, and the one
beside it; where colours end; how filters are coloured; epochs a second; whether new epochs come by
themselves."""
VIEW = "film_view"
SCALES, PAINTS, PACES = ("all", "own"), ("rgb", "signed"), (1, 2, 4, 8)
USUAL_PACE = 2
_EVERY = 3.0
"""Seconds between looks at a run that goes on."""
_KNOWN = "replay_known"
_LAST = "replay_last"
_OPENED = "replay_opened"


@dataclass(frozen=True, eq=False)
class _Layer:
    """What the list of layers says of one."""

    name: str
    title: str


@dataclass(frozen=True, eq=False)
class _Opened:
    """What is the same for every image of a run."""

    layers: tuple[_Layer, ...]
    usual: str


@dataclass(frozen=True)
class _Seen:
    """The epochs of a run that the reader has seen come."""

    of: tuple[str, int]
    """Which run."""
    epochs: tuple[int, ...]


def draw() -> None:
    """Draw the part."""
    _draw()
    lesson("training_replay", title=t("What changes while a network learns?"))


@st.fragment
def _draw() -> None:
    with guard():
        _take_over()
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
            _news(run, ())
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
    data = dataset_of(run)
    titles = [t(name) for name in data.classes]
    subject = choose_image(run, titles, tools)
    with tools:
        with st.container(width=205):
            layers = {one.name: one.title for one in opened.layers}
            layer = from_list(LAYER, t("Layer"), layers, opened.usual)
        with st.container(width=150):
            method = from_list(CAM, t("Heat map"), _methods(), "gradcam")
        with st.container(width=205):
            usual = t("The image's own class") if subject.label >= 0 else t("The last answer")
            options = {"": usual, **{str(i): title for i, title in enumerate(titles)}}
            wanted = number_in(from_list(HEAT, t("For the class"), options, ""), 0, len(titles) - 1)
    heat_class = subject.label if wanted is None else wanted
    epochs = _known(run)
    same = (str(run.folder), run.history.written(epochs[0]), subject.identity, layer, method, heat_class)
    with st.container():
        _news(run, epochs)
        film = watched(
            ("film", *same, tuple((epoch, run.history.written(epoch)) for epoch in epochs)),
            lambda job: made(run, len(titles), epochs, subject, layer, method, heat_class, same, job),
            key="replay",
            start=t("Develop the film"),
            light=True,
        )
    if film is None:
        # While epochs are added, the film so far stays.
        kept = st.session_state.get(_LAST)
        if kept is None or kept[0] != same:
            return
        film = kept[1]
    st.session_state[_LAST] = (same, film)
    _show(film, same, titles)
    at = _in_link()
    take_along(run, film, epochs, subject, layer, method, data.classes, wanted=at["epoch"], rate=at["pace"])


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
    forget(LAYER, IMAGE, CLASS, HEAT, EPOCH, PIN)


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
    return _Opened(
        tuple(
            _Layer(node.name, f"{node.name} · {node.kind} · {'×'.join(map(str, node.shape[1:]))}")
            for node in layers
        ),
        usual_layer(layers).name,
    )


# --- the epochs -------------------------------------------------------------------------------------------


def _known(run: Run) -> tuple[int, ...]:
    """Return the epochs of the film: those that were there when it was opened, or were asked for since."""
    from explainer.training.replay import spread

    there = run.history.epochs()
    of = (str(run.folder), run.history.written(there[0]))
    seen: _Seen | None = st.session_state.get(_KNOWN)
    # Epochs may also give way to others.
    if seen is None or seen.of != of or not set(seen.epochs) <= set(there) or _follows():
        seen = _Seen(of, there)
    st.session_state[_KNOWN] = seen
    return spread(seen.epochs)


def _follows() -> bool:
    return st.query_params.get(FOLLOW) != "0"


def _news(run: Run, shown: Sequence[int]) -> None:
    """Draw what is known of epochs that have come since; look again while the run goes on."""
    state = run.status().state
    if state not in ("new", "running", "paused"):
        _offer(run, shown)
        return

    @st.fragment(run_every=_EVERY)
    def look() -> None:
        there = run.history.epochs()
        if there and (not shown or (_follows() and there[-1] != shown[-1])):
            st.rerun()
        # Not "no longer alive": a run that is about to begin is not alive yet, and this would never end.
        if run.status().state != state:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.caption(t("The run goes on: {count} epochs so far.", count=max(0, len(there) - 1)))
            if shown:
                switch(FOLLOW, t("Load new epochs by themselves"), usual=True)
                _offer(run, shown)

    look()


def _offer(run: Run, shown: Sequence[int]) -> None:
    new = sum(epoch > shown[-1] for epoch in run.history.epochs()) if shown else 0
    if new and not _follows():
        label = t("One new epoch: load it") if new == 1 else t("{count} new epochs: load them", count=new)
        if st.button(label, icon=":material/movie:", key="replay_more"):
            st.session_state.pop(_KNOWN, None)
            st.rerun()


# --- the film ---------------------------------------------------------------------------------------------


def _show(film: bytes, same: Hashable, titles: Sequence[str]) -> None:
    from explainer.render.wire import pack

    link = _in_link()
    film_reel(film, key="film_reel")
    frame: dict[str, Any] = {
        "reel": opened_film(film)["reel"],
        "subject": named(same),
        "told": "/".join(map(str, link.values())),
        **link,
        "classes": list(titles),
        "texts": dict(texts_for(FOLDER)),
    }
    film_view(pack(frame), key=VIEW)


def _in_link() -> dict[str, Any]:
    """Return where the reader is in the film, as the link says."""
    pace = number_in(st.query_params.get(PACE), 1, 60)

    def number(name: str) -> int:
        found = number_in(st.query_params.get(name), 0, 100_000)
        return -1 if found is None else found

    def one(name: str, options: Sequence[str]) -> str:
        found = st.query_params.get(name, options[0])
        return found if found in options else options[0]

    return {
        "epoch": number(EPOCH),
        "pin": number(PIN),
        "scale": one(SCALE, SCALES),
        "paint": one(PAINT, PAINTS),
        "pace": pace if pace in PACES else USUAL_PACE,
    }


def _take_over() -> None:
    """Put into the link where the reader is in the film."""
    ask: Mapping[str, Any] = newly_asked(VIEW)
    for name, usual in ((EPOCH, "-1"), (PIN, "-1"), (PACE, str(USUAL_PACE))):
        if isinstance(ask.get(name), int | float):
            put(name, str(int(ask[name])), usual)
    for name, options in ((SCALE, SCALES), (PAINT, PAINTS)):
        if ask.get(name) in options:
            put(name, ask[name], options[0])
