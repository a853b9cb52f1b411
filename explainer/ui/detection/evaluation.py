"""Evaluation: detections matched with labelled objects, the precision-recall curve, AP, and the mistakes."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.asking import newly_asked
from explainer.components.match_view import FOLDER, match_album, match_view, mistakes_view
from explainer.ui.class_names import class_names
from explainer.ui.detection.choosing import SCORES, Opened, choose_detector
from explainer.ui.language import later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import forget, put
from explainer.ui.link_widgets import from_list, level, one_of
from explainer.ui.messages import guard, message, plain
from explainer.ui.numbers import number_in
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from explainer.detection.labelled import LabelledSet
    from explainer.detection.trial import Trial

CURVE, MISTAKES = "match_view", "mistakes_view"
SET, LABEL, MATCH, SCORE, RULE, RANK, KIND, CASE = (
    "set",
    "label",
    "match",
    "score",
    "rule",
    "rank",
    "kind",
    "case",
)
"""Query parameters: whose pictures, the class shown, IoU of a true detection, score marked, rule of AP, the
detection shown (1 is the surest), the kind of mistake and which case of it (from 0)."""
USUAL_MATCH, USUAL_SCORE, USUAL_RULE, USUAL_KIND = 0.5, 0.25, "all", "missed"
_SETS = {"samples": later("Sample set"), "own": later("Your pictures")}
_RULES = {"all": later("All points"), "eleven": later("11 points"), "coco": later("101 points")}
_LIGHT = 2_000_000
"""Parameters of a detector that is tried out on the sample set without being asked: some seconds."""
_GIVEN = "evaluation_given"
_LAST = "evaluation_last"


def draw() -> None:
    """Draw the part."""
    _draw()
    lesson("detection_evaluation", title=t("How is a detector measured?"))


@st.fragment
def _draw() -> None:
    with guard():
        _take_over()
        left, right = st.columns(2, gap="large", vertical_alignment="bottom")
        with left:
            opened = choose_detector(default="faces_yolox_nano")
        with right:
            source = one_of(SET, t("Labelled pictures"), _SETS, "samples", changed=lambda: forget(LABEL))
        if opened is None:
            return
        given = _samples() if source == "samples" else _own()
        if given is None:
            return
        identity, file, pictures = given
        trial = watched(
            ("evaluation", opened.key, opened.weights, identity),
            lambda job: _tried(opened, pictures, job),
            key="evaluation",
            start=t("Find and count"),
            light=opened.entry.parameters < _LIGHT and source == "samples",
        )
        if trial is not None:
            _say_about(opened, trial, pictures, sample=source == "samples")
            _show(opened, trial, file)


def _tried(opened: Opened, pictures: LabelledSet, job: Any) -> Trial:
    from explainer.detection.trial import try_out

    return try_out(opened.detector, pictures, progress=job.report)


# --- the pictures -------------------------------------------------------------------------------------------


def _samples() -> tuple[Hashable, None, LabelledSet]:
    from explainer.detection.sample_set import sample_set

    return "samples", None, sample_set()


def _own() -> tuple[Hashable, str, LabelledSet] | None:
    """Draw the upload; return its identity, its name and what is in it."""
    from explainer.archives import LARGEST_ARCHIVE
    from explainer.detection.labelled import read_labelled_zip

    file = st.file_uploader(
        t("A zip of pictures with YOLO text files or one COCO JSON file"),
        type=["zip"],
        key="evaluation_file",
        max_upload_size=LARGEST_ARCHIVE // 1_000_000,
        help=t(
            "YOLO: images/a.jpg with labels/a.txt, a line for each object: class, centre x, centre y, width, "
            "height as shares of the picture; classes.txt or data.yaml names the classes. "
            "COCO: one JSON file with images, annotations and categories. At most 500 pictures."
        ),
    )
    if file is None:
        st.caption(t("Your pictures stay on this server and are forgotten when you leave."))
        return None
    kept = st.session_state.get(_GIVEN)
    if kept is None or kept[0] != file.file_id:
        kept = (file.file_id, read_labelled_zip(file.getvalue(), file.name))
        st.session_state[_GIVEN] = kept
    return kept[0], file.name, kept[1]


def _say_about(opened: Opened, trial: Trial, pictures: LabelledSet, *, sample: bool) -> None:
    """Say what the pictures are, and what of them does not count."""
    if sample:
        st.caption(
            t(
                "{count} scenes that this project makes from four public-domain photographs, with the boxes "
                "known: few faces, always the same. They show how figures come about; they are no benchmark.",
                count=len(trial.copies),
            )
            + " "
            + _card_says(opened)
        )
    elif trial.meant.unmatched:
        names = ", ".join(plain(name) for name in class_names(trial.meant.unmatched)[:20])
        st.caption(t("Not among this detector's classes, so not counted: {names}.", names=names))
    reasons = () if sample else (*pictures.skipped, *trial.skipped)
    if reasons:
        with st.expander(t("{count} files were left out", count=len(reasons)), icon=":material/info:"):
            for reason in reasons[:50]:
                st.markdown(f"- {message(reason)}")


def _card_says(opened: Opened) -> str:
    """Return what a bundled detector's card says of its precision; empty where there is none."""
    from explainer.models.entries import WEIGHTS, read_card

    path = WEIGHTS / f"{opened.key}.json"
    measured = read_card(path).get("ap") if opened.entry.bundled and path.is_file() else None
    if not measured or opened.weights != "default":
        return ""
    named = class_names(tuple(measured["ap50"]))
    values = measured["ap50"].values()
    by_class = ", ".join(f"{name} {value:.2f}" for name, value in zip(named, values, strict=True))
    return t(
        "On the {count} photographs that were kept from its training this detector has AP50: {by_class}; "
        "mAP {map}.",
        count=measured["count"],
        by_class=by_class,
        map=f"{measured['map']:.2f}",
    )


# --- the figures --------------------------------------------------------------------------------------------


def _show(opened: Opened, trial: Trial, file: str | None) -> None:
    from explainer.detection.trial import LEVELS
    from explainer.render.evaluation import album, labelled_classes
    from explainer.render.evaluation_code import evaluation_code
    from explainer.render.wire import pack

    labels = labelled_classes(trial)
    if not labels:
        st.info(t("There is no object of this detector's classes on the pictures."), icon=":material/info:")
        return
    _headline(trial)
    titles = list(class_names(trial.classes))
    names = {trial.classes[label]: titles[label] for label in labels}
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom", key="evaluation_choices"):
        with st.container(width=230):
            name = from_list(LABEL, t("Class"), names, next(iter(names)), named=str)
        with st.container(width=230):
            match = level(
                MATCH,
                t("True from an IoU of"),
                LEVELS,
                USUAL_MATCH,
                help=t(
                    "A detection is true if it overlaps a free object of its class by at least this much."
                ),
            )
        with st.container(width=230):
            score = level(
                SCORE,
                t("Least score"),
                SCORES,
                USUAL_SCORE,
                help=t("Marked on the curve. The mistakes below are those of detections at least this sure."),
            )
        rule = one_of(RULE, t("Area that is shaded"), _RULES, USUAL_RULE)
    label = trial.classes.index(name)
    carried = album(trial)
    if file is None:
        for number, one in enumerate(carried["pictures"], 1):
            one["name"] = t("Scene {number}", number=number)
    match_album(pack(carried), key="match_album")
    identity = hashlib.sha256(
        repr((carried["album"], opened.key, opened.weights, titles)).encode()
    ).hexdigest()
    common = {"album": carried["album"], "texts": texts_for(FOLDER)}
    _curve(trial, label, match, score, rule, titles, {**common, "identity": f"{identity}{label}/{match}"})
    _table(trial, match, titles)
    st.markdown(f"##### {t('What goes wrong')}")
    _mistakes(trial, match, score, titles, {**common, "identity": identity})
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        code = evaluation_code(opened.code, file, label=label, iou=match, score=score, rule=rule)
        st.code(code, "python")


def _headline(trial: Trial) -> None:
    usual = trial.usual
    sizes = {"small": t("small objects"), "medium": t("medium objects"), "large": t("large objects")}
    figures = [
        ("mAP", usual.map, t("Mean over the classes and over ten IoU thresholds from 0.5 to 0.95 (COCO).")),
        ("AP50", usual.ap50, t("Mean over the classes at an IoU of 0.5.")),
        ("AP75", usual.ap75, t("Mean over the classes at an IoU of 0.75.")),
        *(
            (title, usual.by_size[size], t("mAP by the area of the box: up to 32², to 96², and above."))
            for size, title in sizes.items()
        ),
    ]
    with st.container(horizontal=True, gap="large", key="evaluation_figures"):
        for title, value, help_text in figures:
            st.metric(title, "–" if value != value else f"{value:.3f}", help=help_text, width="content")


def _curve(
    trial: Trial, label: int, match: float, score: float, rule: str, titles: list[str], common: dict[str, Any]
) -> None:
    from explainer.render.evaluation import curve_frame
    from explainer.render.wire import pack

    rank = number_in(st.query_params.get(RANK), 1, len(trial.loose.rankings[label].scores)) or 0
    st.markdown(f"##### {t('How the curve comes about')}")
    st.caption(
        t(
            "All detections of the class, the surest first. Each one moves the point: a true one up and to "
            "the right, a false one down."
        )
    )
    frame = curve_frame(trial, label, iou=match, score=score, rule=rule, titles=titles)  # type: ignore[arg-type]
    match_view(pack(frame | common | {"rank": rank}), key=CURVE)


def _table(trial: Trial, match: float, titles: list[str]) -> None:
    """Draw AP by class and by rule."""
    from explainer.render.evaluation import ap_rows

    columns = {
        "objects": t("Objects"),
        "detections": t("Detections"),
        "all": t("All points"),
        "eleven": t("11 points"),
        "coco": t("101 points"),
    }
    rows = [
        {
            t("Class"): t("Mean") if row["label"] < 0 else titles[row["label"]],
            **{title: row[name] for name, title in columns.items()},
            t("Mean over IoU 0.5–0.95"): row["mean"],
        }
        for row in ap_rows(trial, match)
    ]
    st.markdown(f"##### {t('Average precision at an IoU of {iou}', iou=f'{match:g}')}")
    whole = {columns["objects"], columns["detections"], t("Class")}
    config = {name: st.column_config.NumberColumn(format="%.3f") for name in rows[0] if name not in whole}
    st.dataframe(rows, hide_index=True, column_config=config, key="evaluation_table")


def _mistakes(trial: Trial, match: float, score: float, titles: list[str], common: dict[str, Any]) -> None:
    from explainer.detection.mistakes import KINDS
    from explainer.render.evaluation import judgements, mistakes_frame
    from explainer.render.wire import pack

    judged = judgements(trial, iou=match, score=score)
    frame = mistakes_frame(trial, iou=match, score=score, titles=titles, judged=judged)
    kind = st.query_params.get(KIND, USUAL_KIND)
    shown = {
        "shown": kind if kind in KINDS else USUAL_KIND,
        "place": int(number_in(st.query_params.get(CASE), 0, 1_000_000) or 0),
    }
    mistakes_view(pack(frame | common | shown), key=MISTAKES)


# --- what the views ask for ---------------------------------------------------------------------------------


def _take_over() -> None:
    """Put into the link where the reader is in both views."""
    ask = newly_asked(CURVE)
    if isinstance(ask.get("rank"), int | float):
        put(RANK, str(int(ask["rank"])), "0")
    ask = newly_asked(MISTAKES)
    kind, place = ask.get("kind"), ask.get("place")
    if isinstance(kind, str) and isinstance(place, int | float):
        put(KIND, kind[:20], USUAL_KIND)
        put(CASE, str(int(place)), "0")
    now = tuple(st.query_params.get(name) for name in (LABEL, MATCH, SCORE, "detector", SET))
    if st.session_state.get(_LAST, now) != now:
        forget(RANK)  # another ranking: its place says nothing there
    st.session_state[_LAST] = now
