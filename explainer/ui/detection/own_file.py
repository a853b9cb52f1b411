"""The reader's own detector: a file, what it seems to be, what it finds; then it is a detector like any."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explainer.detection import DetectorEntry, find_detector
from explainer.detection.own import OwnDetector
from explainer.errors import ReaderError
from explainer.models.own import GONE, LARGEST, OWN, read_class_names
from explainer.ui.detection.opening import opened_detector, own_detector
from explainer.ui.file_panel import again, take_file
from explainer.ui.language import later, t
from explainer.ui.link import forget
from explainer.ui.messages import guard, message, plain
from explainer.ui.opened import shelf

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from explainer.detection.recognising import Recognised

FILE = "own"
"""Query parameter: the identity of the reader's file. Another one than ``weights``, which the pages of
classifiers share."""
_KINDS = ["pth", "pt", "safetensors", "ckpt", "bin", "onnx"]
_KEPT = 5
"""How many of a session's own detectors are listed."""
_SIDES = tuple(range(224, 1281, 32))
_BACKGROUND = {"background", "__background__"}
_HOMES = {
    "yolox": ("yolo", later("YOLO step by step")),
    "faster_rcnn": ("two_stage", later("Faster R-CNN step by step")),
    "ssdlite": ("evaluation", later("Evaluation")),
}
"""The part of the Detection lab that shows a kind of detector."""


@dataclass(frozen=True, eq=False)
class _Draft:
    """An uploaded file that has been looked at."""

    path: Path
    name: str
    found: Recognised


def file_in_link(kinds: tuple[str, ...], number: str) -> OwnDetector | None:
    """Return the reader's file that the link names, if it is of these kinds.

    A file that is no longer here is taken out of the link, and the reader is told until another detector is
    chosen.
    """
    parameter, lost = f"{FILE}{number}", f"own_detector_lost{number}"
    identity = st.query_params.get(parameter, "")
    chosen = st.query_params.get(f"detector{number}")
    try:
        own = own_detector(identity) if identity else None
    except ReaderError as error:
        forget(parameter, f"detector{number}")
        st.session_state[lost] = chosen = None
        st.session_state[f"{lost}_why"] = error
    else:
        if own is not None:
            st.session_state.pop(lost, None)
            return own if not kinds or find_detector(own.key).kind in kinds else None
    if st.session_state.get(lost, ...) == chosen:
        st.warning(message(st.session_state.get(f"{lost}_why", ReaderError(GONE))), icon=":material/info:")
    return None


def own_title(entry: DetectorEntry, own: OwnDetector) -> str:
    """Return what a list calls a reader's file."""
    return f"{network_title(entry)} · {own.name}"


def network_title(entry: DetectorEntry) -> str:
    """Return what a detector is called, whatever it finds."""
    return t(entry.title).split(" · ")[0]


def own_file(kinds: tuple[str, ...], number: str) -> None:
    """Draw the button, and behind it the way from a file to a detector; the link then says ``?own=``."""
    with st.popover(
        t("Own weights"),
        icon=":material/upload_file:",
        width="content",
        help=t("Open a detector of yours: YOLOX, Faster R-CNN or SSDLite"),
        key=f"own_detector_popover{number}-{st.session_state.get('own_detector_closed', 0)}",
    ):
        _steps(kinds, number)


@st.fragment
def _steps(kinds: tuple[str, ...], number: str) -> None:
    state, drafted, told = st.session_state, f"own_detector_draft{number}", f"own_detector_problem{number}"
    with guard():
        take_file(
            "own_detector",
            number,
            t("Weights of a detector, up to {most} MB", most=LARGEST),
            _KINDS,
            _look_at,
            lambda error: error,
            help=t(
                "A state dict or a training checkpoint saved with torch.save, or safetensors; of YOLOX also "
                "an ONNX export. Nothing in the file is run. The server keeps it until it restarts or needs "
                "the room, for you and for those you give the link to."
            ),
        )
        draft: _Draft | None = state.get(drafted)
        if draft is not None:
            _ask(draft, kinds, number)
        if (problem := state.get(told)) is not None:
            st.error(message(problem), icon=":material/info:")
        if draft is None and problem is None:
            st.caption(t("YOLOX (Nano, Tiny, S), Faster R-CNN and SSDLite, trained on whatever you like."))
        _others(kinds, number)


def _look_at(file: UploadedFile) -> _Draft:
    """Keep an uploaded file and find out what it is.

    Raises:
        ReaderError: it is not something that can be opened.
    """
    from explainer.detection.recognising import recognise

    path = shelf().put(file.getbuffer())
    return _Draft(path, file.name, recognise(path, file.name))


def _ask(draft: _Draft, kinds: tuple[str, ...], number: str) -> None:
    """Draw what the file is taken for, and the fields for what it does not say itself."""
    found, stem = draft.found, f"own_detector{number}-{draft.path.name[:12]}"
    title = network_title(found.entry)
    with st.container(border=True):
        st.success(
            t("This is {network} for 1 class.", network=title)
            if found.outputs == 1
            else t("This is {network} for {count} classes.", network=title, count=found.outputs),
            icon=":material/check:",
        )
        kind = found.entry.kind
        if kinds and kind not in kinds:
            st.caption(t("It will open under “{part}”.", part=t(_HOMES[kind][1])))
        names = st.text_area(
            t("Class names"),
            value="\n".join(found.classes),
            key=f"{stem}-names",
            height=90,
            placeholder=t("One per line, or JSON; may stay empty"),
        )
        side = 0
        if found.entry.kind == "yolox":
            side = st.selectbox(
                t("Input size"),
                sorted({*_SIDES, found.side}),
                index=sorted({*_SIDES, found.side}).index(found.side),
                key=f"{stem}-side",
                format_func=lambda one: f"{one} × {one}",
                help=t("The size that it was trained with, if you know it."),
            )
        if st.button(
            t("Open as {network}", network=title), type="primary", key=f"{stem}-open", width="stretch"
        ):
            with st.spinner(t("Opening the network")):
                _open(draft, names, side, kinds, number)


def _open(draft: _Draft, names: str, side: int, kinds: tuple[str, ...], number: str) -> None:
    """Open the detector and put it into the link; where it does not open, keep what is on the screen."""
    import numpy as np

    told = f"own_detector_problem{number}"
    try:
        classes = _named(read_class_names(names), draft.found.outputs)
        own = OwnDetector(draft.path, draft.name, draft.found.entry.key, classes, side=side)
        identity = shelf().tell(own)
        opened_detector(own.key, identity).detect([np.zeros((64, 64, 3), np.uint8)])
    except ReaderError as error:
        st.session_state[told] = error
        again()
    st.session_state.pop(told, None)
    listed: list[str] = st.session_state.setdefault("own_detectors", [])
    if identity not in listed:
        listed.insert(0, identity)
        del listed[_KEPT:]
    _go_to(own.key, identity, kinds, number)


def _named(names: tuple[str, ...] | None, outputs: int) -> tuple[str, ...] | None:
    """Return names that fit; the background, which torchvision's lists begin with, is none of them.

    Raises:
        ReaderError: there are more or fewer than the network has classes.
    """
    if names is not None and len(names) == outputs + 1 and names[0].casefold() in _BACKGROUND:
        names = names[1:]
    if names is not None and len(names) != outputs:
        raise ReaderError(
            "The detector has {outputs} classes, but there are {names} class names.",
            outputs=outputs,
            names=len(names),
        )
    return names


def _go_to(key: str, identity: str, kinds: tuple[str, ...], number: str) -> None:
    """Lead to a detector: here, or in the part of the lab that shows its kind."""
    kind = find_detector(key).kind
    here = not kinds or kind in kinds
    if not here:
        st.query_params["part"], number = _HOMES[kind][0], ""
    forget(f"weights{number}")
    st.query_params[f"detector{number}"] = key
    st.query_params[f"{FILE}{number}"] = identity
    # A popover of another name begins closed: what was opened is to be seen.
    st.session_state["own_detector_closed"] = st.session_state.get("own_detector_closed", 0) + 1
    st.rerun()


def _others(kinds: tuple[str, ...], number: str) -> None:
    """Draw the ways to the session's other own detectors, and back to the published weights."""
    now = st.query_params.get(f"{FILE}{number}", "")
    for identity in st.session_state.get("own_detectors", []):
        own = shelf().find(identity)
        if own is None or identity == now:
            continue
        entry = find_detector(own.key)
        label = f"{network_title(entry)} · {plain(own.name)}"
        if kinds and entry.kind not in kinds:
            continue
        if st.button(
            label, key=f"own_detector_again{number}-{identity}", icon=":material/history:", width="stretch"
        ):
            _go_to(own.key, identity, kinds, number)
    if now.startswith(OWN) and st.button(
        t("Back to the published weights"),
        key=f"own_detector_back{number}",
        icon=":material/undo:",
        width="stretch",
    ):
        forget(f"{FILE}{number}", f"detector{number}")
        st.rerun()
