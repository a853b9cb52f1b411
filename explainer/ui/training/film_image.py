"""The image of a film: one that the run did not learn from, or the reader's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui.language import later, t
from explainer.ui.link_widgets import from_list
from explainer.ui.numbers import number_in
from explainer.ui.pickers import choose_among
from explainer.ui.training.storage import dataset_of

if TYPE_CHECKING:
    from PIL import Image
    from streamlit.delta_generator import DeltaGenerator
    from torch import Tensor

    from explainer.training.data import Split
    from explainer.training.runs import Run

IMAGE, CLASS = "image", "of"
"""Query parameters: the image; the class whose images are offered."""
_STRIP = 24
"""Images of the data set that are offered at once."""


@dataclass(frozen=True, eq=False)
class Subject:
    """An image as the network takes it."""

    identity: str
    images: Tensor
    """Float [1, C, H, W]."""
    picture: Any
    """Uint8 [H, W, 3]."""
    label: int
    """-1 where nobody knows."""
    code: str
    imports: tuple[str, ...]


def choose_image(run: Run, titles: Sequence[str], tools: DeltaGenerator) -> Subject:
    """Draw the strip of images that the run did not learn from, and of the reader's own."""
    from explainer.render.photo import rgb
    from explainer.render.snippet import quoted
    from explainer.training.measuring import normalise
    from explainer.training.replay import fed_by, to_look_at

    data, recipe = dataset_of(run), run.recipe
    name, split = to_look_at(data, recipe)
    with tools, st.container(width=160):
        options = {"": later("Every class"), **{str(i): title for i, title in enumerate(titles)}}
        only = number_in(from_list(CLASS, t("Images of"), options, ""), 0, len(titles) - 1)
    numbers = _offered(split, only, st.query_params.get(IMAGE, ""), name)
    strip = [
        (f"{name}-{number}", titles[int(split.labels[number])], _picture(split, number)) for number in numbers
    ]
    key, own = choose_among(strip, f"replay-{run.name}-{only}", parameter=IMAGE)
    if own is not None:
        fed = fed_by(recipe, data.train.images.shape[1:])
        read = f"read_image(Path({quoted(own.name)}).read_bytes())"
        images = fed.apply(own.image)
        return Subject(
            key,
            images,
            fed.as_seen(images),
            -1,
            f"fed_by(recipe, data.train.images.shape[1:]).apply({read})",
            (
                "from explainer.images import read_image",
                "from explainer.training.replay import fed_by",
            ),
        )
    number = int(key.rpartition("-")[2])
    return Subject(
        key,
        normalise(split.images[number : number + 1].float() / 255, recipe),
        rgb(split.images[number]),
        int(split.labels[number]),
        f"normalise(to_look_at(data, recipe)[1].images[{number} : {number + 1}].float() / 255, recipe)",
        (
            "from explainer.training.measuring import normalise",
            "from explainer.training.replay import to_look_at",
        ),
    )


def _offered(split: Split, only: int | None, wanted: str, name: str) -> list[int]:
    """Return which images to offer: a few of every class in turn, or of one; the link's is among them."""
    labels = split.labels.tolist()
    by_class: dict[int, list[int]] = {}
    for number, label in enumerate(labels):
        if only is None or label == only:
            by_class.setdefault(label, []).append(number)
    each = max(1, _STRIP // max(1, len(by_class)))
    numbers = [number for label in sorted(by_class) for number in by_class[label][:each]][:_STRIP]
    kind, _, place = wanted.rpartition("-")
    found = number_in(place, 0, len(labels) - 1) if kind == name else None
    if found is not None and found not in numbers and (only is None or labels[found] == only):
        numbers = [found, *numbers[: _STRIP - 1]]
    return numbers or [0]


def _picture(split: Split, number: int) -> Image.Image:
    from PIL import Image

    from explainer.render.photo import rgb

    return Image.fromarray(rgb(split.images[number]))
