"""One stage against two on the same photo: boxes, time, candidates at each step, what both agree on."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.pair_photo import FOLDER, pair_photo
from explainer.ui.class_names import class_names
from explainer.ui.detection.choosing import Opened, choose_detector, thresholds
from explainer.ui.detection.two_stage import picture_of, two_stages
from explainer.ui.language import later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.memory import Memory
from explainer.ui.messages import guard
from explainer.ui.pickers import choose_photo
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from explainer.detection.agreement import Agreement
    from explainer.detection.detections import Detections, Picture
    from explainer.render.side_by_side import Marked
    from explainer.ui.jobs import Job
    from explainer.ui.pickers import ChosenImage

_AGREE = 0.5
_TITLES = (later("One stage"), later("Two stages"))


@st.cache_resource(show_spinner=False)
def _kept_stages() -> Memory[Any]:
    return Memory(128 << 20, _size)


def _size(stages: Any) -> int:
    tensors = [one for one in vars(stages).values() if hasattr(one, "element_size")]
    return sum(one.numel() * one.element_size() for one in tensors)


def draw() -> None:
    """Draw the part."""
    _draw()
    lesson("detection_side_by_side", title=t("One stage or two?"))


@st.fragment
def _draw() -> None:
    with guard():
        score, iou = thresholds()
        photo = choose_photo(default="astronaut")
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown(f"##### {t(_TITLES[0])}")
            first = choose_detector(("yolox", "ssdlite"), default="faces_yolox_nano")
        with right:
            st.markdown(f"##### {t(_TITLES[1])}")
            second = choose_detector(("faster_rcnn",), default="faces_faster_rcnn", number="2")
        if first is not None and second is not None:
            with guard():
                _show((first, second), (left, right), photo, score, iou)


def _show(
    opened: tuple[Opened, Opened], columns: Sequence[Any], photo: ChosenImage, score: float, iou: float
) -> None:
    from explainer.detection.agreement import agreement, funnel
    from explainer.render.side_by_side import frame, numbered, side_by_side_code
    from explainer.render.wire import pack

    picture = picture_of(photo)
    stages = (
        _one_stage(opened[0], photo, picture, score, iou),
        two_stages(opened[1], photo, picture, score, iou),
    )
    answers = (stages[0].result, stages[1].result)
    names = (opened[0].detector.classes, opened[1].detector.classes)
    found = agreement(*answers, names, iou=_AGREE)
    marks = numbered(found)
    funnels = [funnel(one) for one in stages]
    most = max(count for steps in funnels for _, count in steps)
    heads = []
    for side, column in enumerate(columns):
        with column:
            sent = frame(picture, answers[side], marks[side], class_names(names[side]), t(_TITLES[side]))
            pair_photo(pack(sent | {"texts": texts_for(FOLDER)}), key=f"pair_photo_{side}")
            heads.append(st.empty())
            heads[side].markdown(f"**{_count(len(answers[side]))}**")
            _draw_funnel(funnels[side], most)
    st.caption(
        t(
            "Every mark on the bars is ten times the one before. Times: median of five runs, one thread, "
            "from the photo to its boxes."
        )
    )
    with guard():
        for side, seconds in enumerate(_measured(opened, photo, picture) or ()):
            time = t("{time} ms for the photo", time=f"{1000 * seconds:.1f}")
            heads[side].markdown(f"**{_count(len(answers[side]))}** · {time}")
    _draw_agreement(found, answers, names, marks)
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        code = side_by_side_code(
            opened[0].code, opened[1].code, photo.code, photo.imports, score=score, iou=iou
        )
        st.code(code, "python")


def _one_stage(opened: Opened, photo: ChosenImage, picture: Picture, score: float, iou: float) -> Any:
    name = (opened.key, opened.weights, photo.identity, picture.shape, score, iou)
    return _kept_stages().get(name, lambda: opened.detector.stages(picture, score=score, iou=iou))


def _draw_funnel(steps: Sequence[tuple[str, int]], most: int) -> None:
    from explainer.render.cost_bars import Bar, cost_bars

    bars = [Bar(t(name), count, strong=name == steps[-1][0]) for name, count in steps]
    st.html(cost_bars([(t("How many are left"), bars)], logarithmic=True, most=most))


# --- the time -----------------------------------------------------------------------------------------------


def _measured(
    opened: tuple[Opened, Opened], photo: ChosenImage, picture: Picture
) -> tuple[float, ...] | None:
    """Measure in the background; return the seconds of both once they are known."""
    detectors = tuple((one.key, one.file, one.detector.side if one.own else 0) for one in opened)

    def measure(job: Job) -> tuple[float, ...]:
        from explainer.detection.timing import timed

        return timed(picture, detectors, lambda: job.report(0, 1))

    found: tuple[float, ...] | None = watched(
        ("side_by_side", detectors, photo.identity),
        measure,
        key="side_by_side",
        start=t("Measure the time"),
        light=True,
    )
    return found


def _count(boxes: int) -> str:
    return t("1 box") if boxes == 1 else t("{count} boxes", count=boxes)


# --- what both agree on -------------------------------------------------------------------------------------


def _draw_agreement(
    found: Agreement,
    answers: tuple[Detections, Detections],
    names: tuple[Sequence[str], Sequence[str]],
    marks: tuple[tuple[Marked, ...], tuple[Marked, ...]],
) -> None:
    st.markdown(f"##### {t('Which boxes agree?')}")
    if not (len(answers[0]) or len(answers[1])):
        st.caption(t("Neither finds anything. Lower the least score, or choose another photo."))
        return
    said = t(
        "{both} found by both, {first} only in one stage, {second} only in two stages. Boxes agree when they "
        "overlap by an IoU of {least} or more.",
        both=len(found.pairs), first=len(found.only_first), second=len(found.only_second), least=_AGREE,
    )  # fmt: skip
    st.markdown(said)
    shared = {mark.number: pair for mark, pair in zip(marks[0], found.pairs, strict=False)}
    places = [{mark.number: mark for mark in side} for side in marks]
    rows = []
    for number in sorted(places[0] | places[1]):
        mark = places[0].get(number) or places[1][number]
        cells = [_cell(answers[side], names[side], places[side].get(number)) for side in (0, 1)]
        overlap = f"{shared[number].iou:.2f}" if number in shared else "–"
        sign = f'<span style="color:{mark.colour}">■</span> {number}'
        rows.append(f"<tr><td>{sign}</td><td>{cells[0]}</td><td>{cells[1]}</td><td>{overlap}</td></tr>")
    head = "".join(f"<th>{one}</th>" for one in (t("Box"), t("One stage"), t("Two stages"), "IoU"))
    st.markdown(f"<table><tr>{head}</tr>{''.join(rows)}</table>", unsafe_allow_html=True)
    if any(not pair.same for pair in found.pairs):
        st.caption(t("Blue: the same place under two names."))


def _cell(answer: Detections, names: Sequence[str], mark: Marked | None) -> str:
    if mark is None:
        return "–"
    name = class_names(names)[int(answer.labels[mark.place])]
    return f"{escape(name)} {float(answer.scores[mark.place]):.1%}"
