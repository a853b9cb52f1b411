"""Faster R-CNN step by step on the reader's photo: pyramid, anchors, proposals, RoIAlign, box head."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from explainer.components.asking import newly_asked, taken
from explainer.components.two_stage_view import FOLDER, two_stage_view
from explainer.ui.class_names import class_names
from explainer.ui.detection.choosing import Opened, choose_detector, thresholds
from explainer.ui.language import t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import forget, put
from explainer.ui.memory import Memory
from explainer.ui.messages import guard
from explainer.ui.numbers import number_in
from explainer.ui.pickers import choose_photo

if TYPE_CHECKING:
    from explainer.detection.detections import Picture
    from explainer.detection.two_stage_steps import TwoStages
    from explainer.render.two_stage import Look
    from explainer.ui.pickers import ChosenImage

KEY = "two_stage_view"
STEPS = ("input", "pyramid", "anchors", "rpn", "proposals", "roi", "head", "result")
KINDS = ("apart", "top")
STEP, KIND = "step", "kind"
PLACES = ("region", "spot", "bin", "pixel", "found", "label", "round")
"""Query parameters that speak of one photo: a proposal, an anchor, a bin, a pixel, a detection, its class, a
round of the suppression."""
NUMBERS = {"channel": -1, "many": 60, "round": 0, "found": 0, "label": -1}
"""Query parameters that are one number, and what they usually are."""
BIN = (3, 3)
_LAST = 99_999
_SEEN = f"{KEY}_seen"


@st.cache_resource(show_spinner=False)
def _kept_stages() -> Memory[TwoStages]:
    return Memory(384 << 20, _size)


def _size(stages: TwoStages) -> int:
    values = sum(level.features.numel() + 10 * level.count for level in stages.levels)
    regions = stages.regions
    return 4 * (values + regions.pooled.numel() + regions.deltas.numel() * 2 + stages.fitted.input.numel())


def draw() -> None:
    """Draw the part."""
    _draw()
    lesson("detection_two_stage", title=t("How does Faster R-CNN work?"))


@st.fragment
def _draw() -> None:
    with guard():
        _take_over()
        left, right = st.columns([1, 1], gap="large")
        with left:
            opened = choose_detector(("faster_rcnn",), default="faces_faster_rcnn")
        with right:
            score, iou = thresholds()
        photo = choose_photo(default="astronaut")
        if opened is not None:
            with guard():
                _show(opened, photo, score, iou)


def two_stages(opened: Opened, photo: ChosenImage, picture: Picture, score: float, iou: float) -> TwoStages:
    """Return the steps on a photo; the network runs once, whatever the thresholds."""
    from explainer.detection.two_stage_steps import with_thresholds

    name = (opened.key, opened.weights, photo.identity, picture.shape)

    def run() -> TwoStages:
        with st.spinner(t("Running the network"), show_time=True):
            found: TwoStages = opened.detector.stages(picture)
            return found

    return with_thresholds(_kept_stages().get(name, run), score, iou)


def picture_of(photo: ChosenImage) -> Picture:
    """Return a chosen photo as detectors take it."""
    return np.ascontiguousarray(np.asarray(photo.image.convert("RGB")))


def _show(opened: Opened, photo: ChosenImage, score: float, iou: float) -> None:
    from explainer.render.two_stage import fit_look, frame
    from explainer.render.two_stage_code import two_stage_code
    from explainer.render.wire import pack

    picture = picture_of(photo)
    _forget_other(f"{photo.identity}/{opened.key}/{opened.weights}")
    stages = two_stages(opened, photo, picture, score, iou)
    look = fit_look(stages, _look(stages))
    classes = class_names(opened.detector.classes)
    named = repr((photo.identity, opened.key, opened.weights, score, iou, classes))
    identity = hashlib.sha256(named.encode()).hexdigest()[:16]
    sent = frame(stages, picture, classes, look, identity=identity)
    kept = {"state": _state(look), "serial": taken(KEY), "texts": texts_for(FOLDER)}
    two_stage_view(pack(sent | kept), key=KEY)
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        code = two_stage_code(
            opened.code, photo.code, photo.imports, region=look.region, score=score, iou=iou
        )
        st.code(code, "python")


# --- what the reader looks at, in the link ------------------------------------------------------------------


def _forget_other(subject: str) -> None:
    """Take what speaks of another photo out of the link, once the reader has chosen a new one."""
    before = st.session_state.get(_SEEN)
    st.session_state[_SEEN] = subject
    if before not in (None, subject):
        forget(*PLACES)


def _look(stages: TwoStages) -> Look:
    """Return what the link says; without a proposal in it, the one behind the chosen detection."""
    from explainer.render.two_stage import Look

    found = min(_number("found"), len(stages.result) - 1)
    usual = stages.origin(found).region if found >= 0 else 0
    region = number_in(st.query_params.get("region"), 0, _LAST)
    spot = _several("spot", 4)
    pixel = _several("pixel", 2)
    return Look(
        channel=_number("channel"),
        region=usual if region is None else region,
        spot=(spot[0], spot[1], spot[2], spot[3]) if spot else None,
        pixel=(pixel[0], pixel[1]) if pixel else None,
    )


def _state(look: Look) -> dict[str, Any]:
    """Return the view's state: the look as it was fitted, and the rest of the link."""
    step = st.query_params.get(STEP)
    kind = st.query_params.get(KIND)
    chosen = _several("bin", 2)
    return {
        "step": step if step in STEPS else STEPS[0],
        "kind": kind if kind in KINDS else KINDS[0],
        "region": look.region,
        "spot": list(look.spot or (0, 0, 0, 0)),
        "pixel": list(look.pixel or (0, 0)),
        "channel": look.channel,
        "bin": [min(one, 6) for one in chosen or BIN],
        "many": max(1, _number("many")),
        "round": _number("round"),
        "found": _number("found"),
        "label": _number("label"),
    }


def _take_over() -> None:
    """Put what the reader has chosen in the view into the link, once."""
    state = newly_asked(KEY).get("state")
    if not isinstance(state, dict):
        return
    for name, usual in NUMBERS.items():
        value = state.get(name)
        if isinstance(value, int) and -1 <= value <= _LAST:
            put(name, str(value), str(usual))
    for name, known in ((STEP, STEPS), (KIND, KINDS)):
        if state.get(name) in known:
            put(name, str(state[name]), known[0])
    region = state.get("region")
    if isinstance(region, int) and 0 <= region <= _LAST:
        put("region", str(region))
    for name, count, often in (("spot", 4, ""), ("pixel", 2, ""), ("bin", 2, "3.3")):
        value = state.get(name)
        if isinstance(value, list) and len(value) == count and all(_is_place(one) for one in value):
            put(name, ".".join(str(int(one)) for one in value), often)


def _is_place(value: object) -> bool:
    return isinstance(value, int) and 0 <= value <= _LAST


def _number(name: str) -> int:
    found = number_in(st.query_params.get(name), 0, _LAST)
    return NUMBERS[name] if found is None else found


def _several(name: str, count: int) -> list[int] | None:
    parts = [number_in(part, 0, _LAST) for part in st.query_params.get(name, "").split(".")]
    found = [part for part in parts if part is not None]
    return found if len(found) == len(parts) == count else None
