"""What a run's network mixes up: the confusion matrix, the surest mistakes, and why it made one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components import picture_row as row
from explainer.components.asking import asked
from explainer.components.confusion_view import FOLDER, confusion_view
from explainer.ui.language import t, texts_for
from explainer.ui.link_widgets import one_of
from explainer.ui.messages import guard, plain
from explainer.ui.plots import plot
from explainer.ui.training.storage import dataset_of

if TYPE_CHECKING:
    from explainer.training.data import Dataset, Split
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
    from explainer.render.run_frame import confusion_frame
    from explainer.render.wire import pack
    from explainer.training.data import learned_from
    from explainer.ui.training.runs import log_of

    measured = [line for line in log_of(run) if line["kind"] == "epoch" and "confusion" in line]
    if not measured:
        return
    line = measured[-1]
    data = dataset_of(run)
    _, held = learned_from(data.train, run.recipe)
    mistakes = [one for one in line["worst"] if one["image"] < len(held)]
    chosen = asked(_KEY).get("image")
    if chosen not in {one["image"] for one in mistakes}:
        chosen = None
    st.markdown(f"##### {t('What it mixes up, after epoch {epoch}', epoch=line['epoch'])}")
    frame = confusion_frame(line["confusion"], data.classes) | {
        "mistakes": [_mistake(one, held) for one in mistakes],
        "side": int(held.images.shape[-1]),
        "chosen": chosen,
        "label": t("Confusion matrix of the held-out images"),
        "texts": dict(texts_for(FOLDER)),
    }
    confusion_view(pack(frame), key=_KEY)
    if chosen is not None:
        told = next(one for one in mistakes if one["image"] == chosen)
        _explain(run, line["epoch"], data, held, told)


def _mistake(one: dict[str, Any], held: Split) -> dict[str, Any]:
    image, chances = one["image"], one["probabilities"]
    said = max(range(len(chances)), key=chances.__getitem__)
    return {
        "image": image,
        "truth": int(held.labels[image]),
        "said": said,
        "sure": chances[said],
        "pixels": _rgb(held, image).reshape(-1),
    }


def _rgb(held: Split, image: int) -> Any:
    return held.images[image].expand(3, -1, -1).permute(1, 2, 0).contiguous().numpy()


def _explain(run: Run, epoch: int, data: Dataset, held: Split, one: dict[str, Any]) -> None:
    """Draw Grad-CAM of one mistake, for what the network said and for what is right."""
    from explainer.render.figures import bars
    from explainer.render.mistake import explained

    image, chances = one["image"], one["probabilities"]
    truth = int(held.labels[image])
    said = max(range(len(chances)), key=chances.__getitem__)
    nearest = max(known for known in run.history.epochs() if known <= epoch)
    method = one_of(CAM, t("Heat map"), _METHODS, "gradcam")
    heats = explained(run, nearest, data, held.images[image], (said, truth), method)
    names = [plain(data.classes[said]), plain(data.classes[truth])]
    peak = max(float(heat.max()) for heat in heats) or 1.0
    pixels = _rgb(held, image)
    left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        row.picture_row(
            [
                row.Picture(t("A held-out image: {name}", name=data.classes[truth]), pixels=pixels),
                row.Picture(
                    t("speaks for {name} (said)", name=data.classes[said]),
                    pixels=pixels,
                    heat=heats[0],
                    peak=peak,
                ),
                row.Picture(
                    t("speaks for {name} (right)", name=data.classes[truth]),
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
        st.markdown(t("**{said}** instead of **{truth}**", said=names[0], truth=names[1]))
        plot(
            bars(
                [data.classes[index] for index in order],
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
