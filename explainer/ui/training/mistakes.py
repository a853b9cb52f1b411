"""What a run's network mixes up: the confusion matrix, the surest mistakes, and why it made one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components import picture_row as row
from explainer.components.asking import asked
from explainer.components.confusion_view import FOLDER, confusion_view
from explainer.ui.class_names import class_names
from explainer.ui.language import t, texts_for
from explainer.ui.link_widgets import one_of
from explainer.ui.messages import guard, plain
from explainer.ui.plots import plot
from explainer.ui.training.logs import log_of
from explainer.ui.training.storage import dataset_of
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.render.data_wall import Portion
    from explainer.training.data import Dataset
    from explainer.training.runs import Run

CAM = "cam"
"""Query parameter: what the heat maps are made by."""
_METHODS = {"gradcam": "Grad-CAM", "hirescam": "HiResCAM"}
_KEY = "confusion_view"
_BARS = 5


def draw(run: Run, *, live: bool) -> None:
    """Draw the section; while the run learns it follows every few seconds."""

    @st.fragment(run_every=3.0 if live else None)
    def look() -> None:
        with guard():
            _draw(run)

    look()


def _draw(run: Run) -> None:
    from explainer.render.data_wall import portions
    from explainer.render.run_frame import confusion_frame
    from explainer.render.wire import pack

    measured = [line for line in log_of(run) if line["kind"] == "epoch" and "confusion" in line]
    if not measured:
        return
    line = measured[-1]
    data = dataset_of(run)
    # Not the images themselves, which would be copied anew every few seconds.
    held = portions(data, run.recipe)["validation"]
    mistakes = [one for one in line["worst"] if one["image"] < len(held.places)]
    chosen = asked(_KEY).get("image")
    if chosen not in {one["image"] for one in mistakes}:
        chosen = None
    st.markdown(f"##### {t('What it mixes up, after epoch {epoch}', epoch=line['epoch'])}")
    frame = confusion_frame(line["confusion"], class_names(data.classes)) | {
        "mistakes": [_mistake(one, held) for one in mistakes],
        "side": int(data.train.images.shape[-1]),
        "chosen": chosen,
        "label": t("Confusion matrix of the validation images"),
        "texts": dict(texts_for(FOLDER)),
    }
    confusion_view(pack(frame), key=_KEY)
    if chosen is not None:
        told = next(one for one in mistakes if one["image"] == chosen)
        _explain(run, line["epoch"], data, held, told)


def _mistake(one: dict[str, Any], held: Portion) -> dict[str, Any]:
    from explainer.render.photo import rgb

    image, truth = _image_and_class(held, one["image"])
    said = _said(one)
    return {
        "image": one["image"],
        "truth": truth,
        "said": said,
        "sure": one["probabilities"][said],
        "pixels": rgb(image).reshape(-1),
    }


def _image_and_class(held: Portion, number: int) -> tuple[Tensor, int]:
    """Return a validation image uint8 [C, H, W], and its true class."""
    place = int(held.places[number])
    return held.split.images[place], int(held.split.labels[place])


def _said(one: dict[str, Any]) -> int:
    """Return the class that the network took an image for."""
    chances = one["probabilities"]
    return max(range(len(chances)), key=chances.__getitem__)


def _explain(run: Run, epoch: int, data: Dataset, held: Portion, one: dict[str, Any]) -> None:
    """Draw Grad-CAM of one mistake, for what the network said and for what is right."""
    from explainer.render.figures import bars
    from explainer.render.mistake import explained
    from explainer.render.photo import rgb

    (image, truth), said, chances = _image_and_class(held, one["image"]), _said(one), one["probabilities"]
    nearest = max(known for known in run.history.epochs() if known <= epoch)
    method = one_of(CAM, t("Heat map"), _METHODS, "gradcam")
    written = run.history.written(nearest)
    heats = watched(
        ("mistake", str(run.folder), nearest, written, one["image"], method),
        lambda job: explained(run, nearest, data, image, (said, truth), method),
        key="mistake_heats",
        start=t("Begin again"),
        light=True,
    )
    if heats is None:
        return
    classes = class_names(data.classes)
    peak = max(float(heat.max()) for heat in heats) or 1.0
    pixels = rgb(image)
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        row.picture_row(
            [
                row.Picture(t("A validation image: {name}", name=classes[truth]), pixels=pixels),
                row.Picture(
                    t("speaks for {name} (said)", name=classes[said]),
                    pixels=pixels,
                    heat=heats[0],
                    peak=peak,
                ),
                row.Picture(
                    t("speaks for {name} (right)", name=classes[truth]),
                    pixels=pixels,
                    heat=heats[1],
                    peak=peak,
                ),
            ],
            key="mistake-pictures",
            label=t("Grad-CAM of one mistake"),
            texts=dict(texts_for(row.FOLDER)),
        )
    with right:
        order = sorted(range(len(chances)), key=chances.__getitem__, reverse=True)[:_BARS]
        order += [] if truth in order else [truth]
        st.markdown(
            t("**{said}** instead of **{truth}**", said=plain(classes[said]), truth=plain(classes[truth]))
        )
        plot(
            bars(
                [classes[index] for index in order],
                [(t("Probability"), [chances[index] for index in order])],
                x_range=(0, 1.12),
            ),
            key="mistake-bars",
        )
        st.caption(
            t(
                "Maps of the last convolutional features, with the weights after epoch {epoch}.",
                epoch=nearest,
            )
        )
