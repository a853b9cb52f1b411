"""Boxes by hand: how far two overlap, and how many candidates become one detection, round by round."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.asking import newly_asked, taken
from explainer.components.box_board import FOLDER, box_board_view
from explainer.ui.class_names import class_names
from explainer.ui.detection.choosing import choose_detector
from explainer.ui.language import later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import forget, put, put_all
from explainer.ui.link_widgets import one_of
from explainer.ui.messages import guard
from explainer.ui.numbers import finite, number_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from explainer.render.box_board import Placed, Setting, Situation

KEY = "box_board_view"
GROUND, BOXES, PAIR, LOOK, METRIC, STEP, NAMES = "ground", "boxes", "pair", "look", "metric", "step", "names"
"""Query parameters: paper or photo, a situation's key or all boxes, the two that are measured, ..."""
METHOD, IOU, SIGMA, LEAST, AWARE = "method", "iou", "sigma", "least", "aware"
_ASKED = (PAIR, LOOK, METRIC, STEP, METHOD, IOU, SIGMA, LEAST, AWARE)
"""What every request of the board says."""
_GROUNDS = {"paper": later("Squared paper"), "photo": later("Photo")}
_METRICS = ("iou", "giou", "diou")
_FIRST = "half"
_LONGEST_NAME, _MOST_NAMES = 40, 40


@dataclass(frozen=True, eq=False)
class _Ground:
    """What lies under the boxes."""

    identity: str
    size: tuple[int, int]
    image: Image.Image | None = None
    file: Any = None


@dataclass(frozen=True, eq=False)
class _Content:
    """What lies on it."""

    key: str
    boxes: tuple[Placed, ...]
    classes: tuple[str, ...]
    look: str
    found: tuple[Placed, ...]
    """What a detector has found, where it was asked."""


def draw() -> None:
    """Draw the part."""
    _draw()
    lesson("detection_hand", title=t("What do IoU and NMS say?"))


@st.fragment
def _draw() -> None:
    with guard():
        _take_over()
        ground = _ground()
        content = _content(ground)
        setting = _setting()
        pair = _pair(len(content.boxes))
        _show(ground, content, setting, pair)
        _draw_code(content.boxes, pair, setting)


def _show(ground: _Ground, content: _Content, setting: Setting, pair: tuple[int, int]) -> None:
    from explainer.render.box_board import frame
    from explainer.render.wire import pack

    look = st.query_params.get(LOOK, "")
    metric = st.query_params.get(METRIC, "")
    sent = frame(
        content.boxes,
        setting,
        key=content.key,
        size=ground.size,
        photo=ground.file,
        identity=ground.identity,
        situations=_situations(ground, content.found),
        classes=content.classes,
        pair=pair,
        look=look if look in ("measure", "nms") else content.look,
        metric=metric if metric in _METRICS else "iou",
        step=number_in(st.query_params.get(STEP), 0, 999) or 0,
        serial=taken(KEY),
    )
    box_board_view(pack(sent | {"texts": texts_for(FOLDER)}), key=KEY)


def _draw_code(boxes: Sequence[Placed], pair: tuple[int, int], setting: Setting) -> None:
    from explainer.render.box_board_code import boxes_code

    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(boxes_code(boxes, pair, setting), "python")


# --- what the link says -------------------------------------------------------------------------------------


def _ground() -> _Ground:
    """Draw the choice of what lies under the boxes."""
    from explainer.render.box_board import BOARD, photo_file
    from explainer.ui.pickers import choose_photo

    if one_of(GROUND, t("Under the boxes"), _GROUNDS, "paper", changed=_after_ground, hidden=True) == "paper":
        return _Ground("paper", BOARD)
    chosen = choose_photo(default="astronaut")
    small, file = photo_file(chosen.image)
    return _Ground(f"photo/{chosen.identity}", small.size, small, file)


def _after_ground() -> None:
    """On paper there is nothing to detect; of boxes that do not fit another board the first ones come."""
    if st.query_params.get(BOXES) == "detector":
        forget(BOXES, LOOK)
    forget(PAIR, STEP, NAMES)


def _content(ground: _Ground) -> _Content:
    from explainer.render.box_board import CLASSES, DETECTOR, SITUATIONS, read_boxes

    wanted = st.query_params.get(BOXES, _FIRST)
    if wanted == DETECTOR and ground.image is not None:
        found, names = _detected(ground.image)
        put(NAMES, ".".join(names))
        return _Content(DETECTOR, found, class_names(names) or tuple(t(one) for one in CLASSES), "nms", found)
    classes = class_names(_names()) or tuple(t(one) for one in CLASSES)
    own = read_boxes(wanted, *ground.size)
    if own is not None:
        return _Content("", own, classes, "measure" if len(own) < 3 else "nms", ())
    known = {one.key: one for one in SITUATIONS}
    chosen = known.get(wanted, known[_FIRST]).on(*ground.size)
    return _Content(chosen.key, chosen.boxes, tuple(t(one) for one in CLASSES), chosen.look, ())


def _detected(image: Image.Image) -> tuple[tuple[Placed, ...], tuple[str, ...]]:
    """Return the detector's surest candidates; none while it cannot be had."""
    import numpy as np

    from explainer.render.box_board import from_detections

    opened = choose_detector(default="faces_yolox_nano")
    if opened is None:
        return (), ()
    # With a threshold that no overlap passes NMS lets every candidate be.
    found = opened.detector.detect([np.asarray(image)], score=0.05, iou=1.0)[0]
    if not len(found):
        st.info(t("The detector has found nothing on this photo."), icon=":material/info:")
    return from_detections(found, opened.detector.classes, *image.size)


def _situations(ground: _Ground, found: tuple[Placed, ...]) -> list[tuple[Situation, str]]:
    from explainer.render.box_board import DETECTOR, SITUATIONS, Situation

    listed = [(one.on(*ground.size), t(one.title)) for one in SITUATIONS]
    title = t("Before NMS: a detector on a photo")
    return [*listed, (Situation(DETECTOR, "", found, "nms"), title)]


def _names() -> tuple[str, ...]:
    """Return the names of classes that a detector has given."""
    names = st.query_params.get(NAMES, "").split(".")[:_MOST_NAMES]
    return tuple(one[:_LONGEST_NAME] for one in names) if all(names) else ()


def _setting() -> Setting:
    from explainer.render.box_board import METHODS, Setting

    usual = Setting()

    def number(name: str, low: float, high: float, otherwise: float) -> float:
        found = finite(st.query_params.get(name))
        return otherwise if found is None or not low <= found <= high else round(found, 2)

    wanted = st.query_params.get(METHOD)
    return Setting(
        method=next((one for one in METHODS if one == wanted), usual.method),
        iou=number(IOU, 0, 1, usual.iou),
        sigma=number(SIGMA, 0.05, 2, usual.sigma),
        least=number(LEAST, 0, 0.9, usual.least),
        aware=st.query_params.get(AWARE) != "0",
    )


def _pair(count: int) -> tuple[int, int]:
    """Return the two boxes that are measured; the first two where the link names none."""
    numbers = [number_in(one, 0, count - 1) for one in st.query_params.get(PAIR, "").split(".")]
    if len(numbers) == 2 and None not in numbers and numbers[0] != numbers[1]:
        return numbers[0] or 0, numbers[1] or 0
    return 0, min(1, max(0, count - 1))


def _take_over() -> None:
    """Put what the reader has done on the board into the link, once."""
    from explainer.render.box_board import DETECTOR, MOST, SITUATIONS, Setting, read_boxes

    ask = newly_asked(KEY)
    if not ask:
        return
    boxes, look = str(ask.get("boxes", "")), {one.key: one.look for one in SITUATIONS}
    values = {name: _plain(ask.get(name)) for name in _ASKED} | {BOXES: boxes}
    if boxes == DETECTOR:
        values[GROUND] = "photo"
    elif boxes not in look and (len(boxes) > MOST * 40 or read_boxes(boxes, 99_999, 99_999) is None):
        return
    if NAMES in st.query_params and boxes not in look:
        values[NAMES] = st.query_params[NAMES]
    usual = {name: _plain(getattr(Setting(), name)) for name in (METHOD, IOU, SIGMA, LEAST, AWARE)}
    usual |= {BOXES: _FIRST, PAIR: "0.1", METRIC: "iou", STEP: "0", LOOK: look.get(boxes, "")}
    if boxes == DETECTOR:
        usual[LOOK] = "nms"
    told = {name: value for name, value in values.items() if value != usual.get(name)}
    put_all(told, {*_ASKED, BOXES, NAMES, *({GROUND} & set(told))})


def _plain(value: object) -> str:
    """Return what a component sent as it stands in the link."""
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:g}" if isinstance(value, int | float) else str(value)[:12]
