"""YOLO step by step on the reader's photo, from the letterbox to the boxes and where they came from."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.asking import asked, newly_asked
from explainer.components.yolo_view import FOLDER, yolo_view
from explainer.ui.class_names import class_names
from explainer.ui.detection.choosing import SCORES, Opened, choose_detector, thresholds
from explainer.ui.language import current_language, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import put
from explainer.ui.memory import Memory
from explainer.ui.messages import guard
from explainer.ui.pickers import choose_photo

if TYPE_CHECKING:
    from explainer.detection.detections import Picture
    from explainer.detection.yolox_detector import YoloStages
    from explainer.tracing import Trace
    from explainer.ui.pickers import ChosenImage

KEY = "yolo_view"
PLACE = ("step", "cell", "show", "round", "target", "layer", "cam")
"""Query parameters that the view keeps: step, chosen cell, what the grids show, round, what is explained."""
SCORE, IOU = 0.25, 0.45
_LONGEST = 60
_LAST = f"{KEY}_place"
_GOT = f"{KEY}_got"
_KEPT_ANSWERS = 12


@st.cache_resource(show_spinner=False)
def _stages() -> Memory[YoloStages]:
    return Memory(192 << 20, _size)


@st.cache_resource(show_spinner=False)
def _traces() -> Memory[Trace]:
    return Memory(1 << 30, _trace_size)


@st.cache_resource(show_spinner=False)
def _origins() -> Memory[dict[str, Any]]:
    return Memory(
        32 << 20, lambda one: one["effective"]["values"].numel() * 4 + one["map"]["values"].numel() * 4
    )


def _size(stages: YoloStages) -> int:
    tensors = (stages.canvas, stages.raw, stages.boxes, stages.class_scores, stages.scores)
    count = sum(one.numel() * one.element_size() for one in tensors)
    return count + stages.picture.nbytes + 4 * len(stages.candidates) * len(stages.rounds)


def _trace_size(trace: Trace) -> int:
    from math import prod

    return sum(prod(node.shape) * node.dtype.itemsize for node in trace.nodes)


def draw() -> None:
    """Draw the part."""
    _draw()
    lesson("detection_yolo", title=t("How does YOLO work?"))


@st.fragment
def _draw() -> None:
    with guard():
        ask = newly_asked(KEY)
        _take_over(ask)
        left, right = st.columns([1, 1], gap="large")
        with left:
            opened = choose_detector(("yolox",), default="faces_yolox_nano")
        with right:
            score, iou = thresholds(score=SCORE, iou=IOU)
        photo = choose_photo(default="astronaut")
        if opened is not None:
            _show(opened, photo, score, iou)


def _show(opened: Opened, photo: ChosenImage, score: float, iou: float) -> None:
    from explainer.render.wire import pack
    from explainer.render.yolo_steps import frame
    from explainer.render.yolo_steps_code import yolo_code

    picture = _picture(photo)
    name = (
        opened.key,
        opened.weights,
        photo.identity,
        picture.shape,
        hashlib.sha256(picture.tobytes()).hexdigest()[:16],
    )
    stages = _stages().get((*name, score, iou), lambda: opened.detector.stages(picture, score=score, iou=iou))
    classes = list(class_names(opened.detector.classes))
    sent = frame(stages, classes, score=score, iou=iou)
    identity = hashlib.sha256(repr((*name, classes, current_language())).encode()).hexdigest()[:16]
    more = _answers(opened, stages, name, identity)
    stamp, place = _place(identity)
    kept = {
        "identity": identity,
        "stamp": stamp,
        "place": place,
        "levels": list(SCORES),
        "texts": texts_for(FOLDER),
    }
    yolo_view(pack(sent | more | kept), key=KEY)
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        cell = _cell(stages)
        st.code(
            yolo_code(opened.code, photo.code, photo.imports, cell=cell, score=score, iou=iou),
            "python",
        )


def _picture(photo: ChosenImage) -> Picture:
    import numpy as np

    return np.ascontiguousarray(np.asarray(photo.image.convert("RGB")))


# --- what the view asks for ---------------------------------------------------------------------------------


def _take_over(ask: dict[str, Any]) -> None:
    """Take over the place and the threshold that the view has put forward, once."""
    if not ask:
        return
    for name in PLACE:
        put(name, str(ask.get(name) or "")[:_LONGEST])
    score = ask.get("score")
    if isinstance(score, int | float) and score in SCORES:
        put("score", f"{score:g}", f"{SCORE:g}")


def _place(identity: str) -> tuple[int, dict[str, str]]:
    """Return the place in the link and a stamp, which is another when the link leads where the view is not.

    What the view itself has put into the link is no news to it: the frame stays as it was, and does not
    travel again.
    """
    now = {name: st.query_params[name] for name in PLACE if name in st.query_params}
    ask = asked(KEY)
    known = {name: str(ask[name]) for name in PLACE if ask.get(name)}
    stamp, place, of = st.session_state.get(_LAST, (0, {}, ""))
    if of == identity and now in (known, place):
        return stamp, place
    st.session_state[_LAST] = (stamp + 1, now, identity)
    return stamp + 1, now


def _cell(stages: YoloStages) -> int:
    """Return the number of the chosen cell: the link's, else the surest."""
    from explainer.detection.provenance import index_of
    from explainer.render.yolo_steps import cell_in_link

    side = stages.canvas.shape[-1]
    found = cell_in_link(st.query_params.get("cell", ""), side)
    if found is not None:
        return index_of(found, side)
    return int(stages.kept[0]) if len(stages.kept) else int(stages.scores.argmax())


def _answers(opened: Opened, stages: YoloStages, name: tuple[Any, ...], identity: str) -> dict[str, Any]:
    """Return what the view has asked for of this photo, the newest answers, and the origin it wants."""
    from explainer.render.yolo_steps import plane, row

    ask = asked(KEY)
    mine = ask if ask.get("identity") == identity else {}
    of, rows, planes = st.session_state.get(_GOT, ("", [], []))
    if of != identity:
        rows, planes = [], []
    count, classes = stages.class_scores.shape
    for wanted, got, most in ((mine.get("row"), rows, count), (mine.get("plane"), planes, classes)):
        if isinstance(wanted, int) and 0 <= wanted < most and wanted not in got:
            got.append(wanted)
            del got[:-_KEPT_ANSWERS]
    st.session_state[_GOT] = (identity, rows, planes)
    answers = {
        "rows": [row(stages, cell) for cell in rows],
        "planes": [plane(stages, label) for label in planes],
    }
    return {"asked": answers, "origin": _origin(opened, stages, name)}


def _origin(opened: Opened, stages: YoloStages, name: tuple[Any, ...]) -> dict[str, Any] | None:
    """Return where the chosen box came from, on the step that shows it."""
    if st.query_params.get("step") != "origin" or not len(stages.kept):
        return None
    from explainer.render.yolo_steps import origin, usual_place

    cell = _final(stages)
    label = int(stages.labels[cell])
    target, layer, method = usual_place({one: st.query_params.get(one, "") for one in PLACE})

    def make() -> dict[str, Any]:
        return origin(
            _trace(opened, stages, name),
            cell,
            label,
            box=stages.boxes[cell].tolist(),
            target=target,
            layer=layer,
            method=method,
        )

    return _origins().get((name, cell, target, layer, method), make)


def _final(stages: YoloStages) -> int:
    """Return the final cell of the chosen one: itself, else the one that suppressed it, else the surest."""
    chosen = _cell(stages)
    places = {int(cell): place for place, cell in enumerate(stages.candidates)}
    if chosen in places:
        for one in stages.rounds:
            if places[chosen] == one.keeper or places[chosen] in one.suppressed:
                return int(stages.candidates[one.keeper])
    return int(stages.kept[0])


def _trace(opened: Opened, stages: YoloStages, name: tuple[Any, ...]) -> Trace:
    from explainer.tracing import trace

    return _traces().get(name, lambda: trace(opened.detector.model, stages.canvas[None]))
