"""The landmarks from LeNet-5 to ConvNeXt: years, accuracy against cost, a table, the time of a pass here."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.architecture_board import FOLDER, architecture_board
from explainer.models.architectures import ARCHITECTURES
from explainer.models.timing import Timing, machine, timed
from explainer.render.architecture_board import (
    PARAMETERS,
    board,
    read_view,
    structure_code,
    write_view,
)
from explainer.render.wire import pack
from explainer.ui.architectures.leaving import leave_if_wanted, want, want_shapes
from explainer.ui.jobs import jobs, watcher
from explainer.ui.language import link_parameters, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import put_all
from explainer.ui.messages import guard
from explainer.ui.watching import told, watched

if TYPE_CHECKING:
    from explainer.models.architectures import Structure
    from explainer.ui.jobs import Job

_TIMING = ("architectures", "timing")
"""Name of the job that measures."""
_EVERY = 0.5
_KEY = "architecture_board"


def draw() -> None:
    """Draw the part."""
    running = _measuring() is not None
    st.fragment(_board, run_every=_EVERY if running else None)()
    _measure_again()
    _code()
    lesson("architectures_table", title=t("What makes one network better than another?"))


def _board() -> None:
    with guard():
        leave_if_wanted()
        frame = board(
            dict(_timings()),
            read_view(st.query_params.to_dict()),
            translate=t,
            texts=texts_for(FOLDER),
            carried={name: value for name, value in link_parameters().items() if name == "lang"},
        )
        architecture_board(pack(frame), key=_KEY, on_view=_follow, on_leave=want, on_shapes=want_shapes)
        _speed()


def _follow(view: dict[str, Any]) -> None:
    """Write into the link how the board is shown."""
    put_all(write_view(view), PARAMETERS)


# --- the time of a pass ------------------------------------------------------------------------------------


@st.cache_resource(show_spinner=False)
def _timings() -> dict[str, Timing]:
    """Return what has been measured since this server was started, for all readers."""
    return {}


def _measuring() -> Job | None:
    job = jobs().find(_TIMING, watcher())
    return job if job is not None and not job.finished else None


def _failure() -> Exception | None:
    job = jobs().find(_TIMING, watcher())
    return job.error if job is not None else None


def _work(job: Job) -> None:
    """Measure those that have not been measured yet, one after the other."""
    keys = [one.key for one in ARCHITECTURES if one.key not in _timings()]
    job.report(0, len(keys))
    done = 0
    with closing(timed(keys)) as timings:
        for timing in timings:
            if timing is not None:
                _timings()[timing.key] = timing
                done += 1
            job.report(done, len(keys))


def _speed() -> None:
    """Draw what measures, and what is known of the machine."""
    job = _measuring()
    missing = sum(one.key not in _timings() for one in ARCHITECTURES)
    if job is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            words = (
                told(job.done, job.total, job.begun) if job.begun else t("Waiting for other readers' work")
            )
            st.progress(min(1.0, job.done / max(1, job.total)), text=words)
            if st.button(t("Cancel"), key="timing-cancel", icon=":material/close:"):
                jobs().leave(_TIMING, watcher())
                st.rerun()
    else:
        if st.session_state.pop("timing-runs", False):
            st.rerun()  # it has just ended: the polling too
        with st.container(horizontal=True, vertical_alignment="center"):
            label = (
                t("Measure the time of a pass on this machine") if missing else t("Measure the times again")
            )
            if st.button(label, key="timing-start", icon=":material/timer:"):
                if not missing:
                    _timings().clear()
                jobs().start(_TIMING, watcher(), _work)
                st.session_state["timing-runs"] = True
                st.rerun()
            st.caption(_conditions(missing))
        if (failure := _failure()) is not None:
            raise failure


def _conditions(missing: int) -> str:
    if missing == len(ARCHITECTURES):
        return t(
            "Nothing has been measured yet. {count} networks take about half a minute: a forward pass of one "
            "picture, one thread, random weights of the same size, in a process of its own. {machine}",
            count=missing,
            machine=machine(),
        )
    return t(
        "Median of several forward passes of one picture, one thread, float32, measured on this machine: "
        "{machine}. Other work on it makes the times longer.",
        machine=machine(),
    )


# --- the structure, measured again -------------------------------------------------------------------------


def _measure_again() -> None:
    with st.expander(t("Where do the numbers come from?"), icon=":material/verified:"):
        st.markdown(
            t(
                "Parameters, multiply-adds, activations, depth and the pictures were measured on traces of "
                "the networks themselves. Published accuracies are those that torchvision states with its "
                "weights (`Weights.meta`), measured on the 50,000 validation pictures of ImageNet-1K; they "
                "depend on the recipe of training as well as on the architecture."
            )
        )
        with guard():
            _again()


@st.fragment
def _again() -> None:
    with guard():
        found = watched(
            ("architectures", "structure"),
            _measure,
            key="structure",
            start=t("Trace all {count} networks again, now", count=len(ARCHITECTURES)),
            light=False,
        )
        if found is not None:
            _compare(found)


def _measure(job: Job) -> dict[str, Structure]:
    from explainer.models.structure import blueprint, measure

    found = {}
    for done, one in enumerate(ARCHITECTURES):
        job.report(done, len(ARCHITECTURES))
        found[one.key] = measure(blueprint(one.key))
    return found


def _compare(found: dict[str, Structure]) -> None:
    differ = [one.title for one in ARCHITECTURES if found[one.key] != one.structure]
    if differ:
        names = ", ".join(differ)
        st.warning(t("Traced here, {names} differ from what the table says: another version.", names=names))
        return
    st.success(
        t(
            "Traced just now: parameters, multiply-adds, activations, depth and all shapes of the {count} "
            "networks are the same as above, {blocks} blocks in all.",
            count=len(found),
            blocks=sum(len(structure.blocks) for structure in found.values()),
        ),
        icon=":material/check:",
    )


def _code() -> None:
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        _code_of()


@st.fragment
def _code_of() -> None:
    titles = {one.key: one.title for one in ARCHITECTURES}
    key = st.selectbox(
        t("Network"), list(titles), index=6, format_func=titles.__getitem__, key="structure_of"
    )
    st.caption(t("Run it in the project's folder: it prints the numbers on the screen."))
    st.code(structure_code(str(key)), language="python")
