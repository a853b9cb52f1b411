"""Occlusion by hand: the reader moves the patch over the photo and reads off what the network says then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.modules import link
from explainer.render.wire import pack

if TYPE_CHECKING:
    import numpy as np

    from explainer.attribution import Occlusion

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.occlusion_view",
    html='<div class="occlusion-view"></div>',
    css=(FOLDER / "occlusion_view.css").read_text("utf-8"),
    js=link(FOLDER),
)


def occlusion_view(
    found: Occlusion,
    picture: np.ndarray,
    cover: np.ndarray,
    names: Sequence[str],
    *,
    key: str,
    texts: Mapping[str, str],
) -> None:
    """Show the photo under the patch, and the map that the patch has drawn.

    Args:
        found: the answers at every place.
        picture: the photo, uint8 [H, W, 3].
        cover: what the patch shows, uint8 [H, W, 3].
        names: of the classes.
        key: widget key.
        texts: translations of what the ES modules say.
    """
    answers = found.table.argmax(-1).flatten()
    chances = found.table.softmax(-1)
    height, width, _ = picture.shape
    intact = found.intact.softmax(-1)
    answer = int(found.intact.argmax())
    frame = {
        "texts": dict(texts),
        "photo": {"width": width, "height": height, "pixels": picture},
        "cover": {"width": width, "height": height, "pixels": cover},
        "rows": len(found.boxes),
        "columns": len(found.boxes[0]),
        "boxes": [value for row in found.boxes for box in row for value in box],
        "map": found.map,
        "scores": found.scores.flatten(),
        "chances": chances[..., found.class_index].flatten(),
        "answers": answers.int(),
        "sure": chances.flatten(0, 1).gather(1, answers[:, None])[:, 0],
        "names": {index: names[index] for index in {*answers.tolist(), found.class_index, answer}},
        "class": found.class_index,
        "intact": {
            "score": float(found.intact[found.class_index]),
            "chance": float(intact[found.class_index]),
            "answer": answer,
            "sure": float(intact[answer]),
        },
    }
    _component(data=pack(frame), key=key)
