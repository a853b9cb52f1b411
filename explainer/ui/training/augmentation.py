"""Augmentation: what is changed at random before a network sees an image, tried out on the images."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.asking import newly_asked
from explainer.components.augment_view import FOLDER, augment_view
from explainer.ui.language import current_language, later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import put
from explainer.ui.link_widgets import LAST_SEED, one_of
from explainer.ui.messages import guard, sentence
from explainer.ui.numbers import number_in
from explainer.ui.opened import frame
from explainer.ui.pickers import add_picture, own_pictures
from explainer.ui.training import draft
from explainer.ui.training.augmentation_effect import draw_effect
from explainer.ui.training.augmentation_settings import draw_controls, draw_presets
from explainer.ui.training.storage import open_dataset
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.training.data import Dataset
    from explainer.training.recipe import Recipe

GRID = "augment_view"
SOURCE, PICTURES, DRAWS, CHOSEN = "of", "pictures", "draws", "chosen"
"""Query parameters: whose pictures, seeds of the pictures and of the draws, and the draw that is followed
into a network (row, draw)."""
IMAGES, TIMES = 6, 8
"""Rows and columns of the preview; the originals stand before them."""
QUICK = 96
"""Pixels up to which a preview is made at once; above, it is made in a job, and of fewer images."""
FEW, FEW_TIMES = 4, 4
SHOWN = 224
"""Pixels of the largest preview."""
_SOURCES = {"data": later("Data set"), "own": later("Your pictures")}


@dataclass(frozen=True, eq=False)
class Pictures:
    """What is previewed."""

    images: Tensor
    """uint8 [N, C, H, W]."""
    labels: tuple[int, ...]
    classes: tuple[str, ...]
    """Names in the reader's language, no two alike."""
    indices: tuple[int, ...] = ()
    """Their places in the training split, if they come from there."""


def draw() -> None:
    """Draw the part."""
    with guard():
        _draw()
    lesson("training_augmentation", title=t("Why change images at random?"))


def _draw() -> None:
    _take_over()
    recipe = draft.draft()
    draw_presets(SOURCE, PICTURES, DRAWS, CHOSEN)
    draw_controls()
    with st.spinner(t("Opening the data set"), show_time=True):
        data = open_dataset(draft.data_key(), recipe.side)
    _say_contradictions(data, recipe)
    pictures = _choose_pictures(data)
    if pictures is None:
        return
    packed = _preview(pictures, recipe)
    if packed is not None:
        _draw_grid(packed, len(pictures.labels))
        draw_effect(packed, _chosen(packed), recipe)
        if pictures.indices:
            _draw_code(recipe, pictures.indices)


def _say_contradictions(data: Dataset, recipe: Recipe) -> None:
    from explainer.training.contradictions import contradictions

    for phrase in contradictions(data.classes, recipe.augmentation):
        st.warning(sentence(phrase), icon=":material/warning:")


# --- pictures ---------------------------------------------------------------------------------------------


def _choose_pictures(data: Dataset) -> Pictures | None:
    """Draw what to choose from; ``None`` while the reader has brought no pictures."""
    with st.container(horizontal=True, vertical_alignment="center", key="augmentation_source"):
        source = one_of(SOURCE, t("Pictures"), _SOURCES, "data", hidden=True)
        if source == "data":
            _next_button(PICTURES, t("Other images"), ":material/shuffle:")
        _next_button(DRAWS, t("Draw again"), ":material/casino:")
        if source == "own":
            with st.popover(t("Upload"), icon=":material/upload:"):
                _upload()
    if source == "data":
        return _from_data(data, _seed(PICTURES))
    return _from_reader(data)


def _from_data(data: Dataset, seed: int) -> Pictures:
    """Return some training images, of different classes as far as there are."""
    import torch

    from explainer.training.chance import generator_for

    generator = generator_for(seed, "previewed")
    order = torch.randperm(len(data.train), generator=generator).tolist()
    labels = data.train.labels
    seen: dict[int, int] = {}
    for index in order[:2000]:
        seen.setdefault(int(labels[index]), index)
    most = _most(data.train.images)[0]
    chosen = list(seen.values())[:most]
    chosen += [index for index in order[: 2 * most] if index not in chosen][: most - len(chosen)]
    part = data.train.part(torch.tensor(chosen, dtype=torch.long))
    titles = _unlike([t(name) for name in data.classes] if draft.data_key() == "starter" else data.classes)
    return Pictures(part.images, tuple(part.labels.tolist()), titles, tuple(chosen))


def _unlike(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of classes of which those that are alike are numbered."""
    return tuple(
        f"{name} ({names[:place].count(name) + 1})" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    )


def _from_reader(data: Dataset) -> Pictures | None:
    """Return the reader's own pictures in the size of the data set's; each is a class of its own."""
    import numpy as np
    import torch
    from PIL import Image

    own = list(enumerate(own_pictures(), 1))
    if not own:
        st.info(
            t("Upload some pictures. They are kept for your visit, and offered on the other pages, too."),
            icon=":material/upload:",
        )
        return None
    channels, height, width = data.train.images.shape[1:]
    own = own[-_most(data.train.images)[0] :]  # the newest
    mode = "L" if channels == 1 else "RGB"
    pictures = [
        torch.from_numpy(
            np.array(one.image.convert(mode).resize((width, height), Image.Resampling.BILINEAR))
        ).reshape(height, width, channels)
        for _, one in own
    ]
    names = tuple(t("Your picture {number}", number=number) for number, _ in own)
    st.caption(
        t(
            "Squeezed to {width}×{height} pixels, as training would see them. Each picture stands for a "
            "class of its own.",
            width=width,
            height=height,
        )
    )
    images = torch.stack(pictures).permute(0, 3, 1, 2).contiguous()
    return Pictures(images, tuple(range(len(names))), names)


def _upload() -> None:
    from explainer.images import read_image

    files = st.file_uploader(
        t("Photos: PNG, JPEG, WebP, BMP, GIF or TIFF, up to 20 MB each"),
        type=["png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff"],
        accept_multiple_files=True,
        max_upload_size=20,
        key="augmentation_upload",
    )
    known: set[str] = st.session_state.setdefault("augmentation_seen", set())
    for file in files or ():
        if file.file_id in known:
            continue
        with guard():
            picture = read_image(file.getvalue(), file.name)
            known.add(file.file_id)
            add_picture(file.name, picture)


def _most(images: Tensor) -> tuple[int, int]:
    """Return how many images of this size are shown, and how many draws of each."""
    return (IMAGES, TIMES) if _is_quick(images) else (FEW, FEW_TIMES)


def _is_quick(images: Tensor) -> bool:
    return max(images.shape[-2:]) <= QUICK


# --- the preview ------------------------------------------------------------------------------------------


def _preview(pictures: Pictures, recipe: Recipe) -> dict[str, Any] | None:
    """Return the unpacked frame of the preview; ``None`` while it is being made."""
    from explainer.render.wire import unpack

    images = _bounded(pictures.images)
    seed, times = _seed(DRAWS), _most(images)[1]
    language = current_language()
    identity = hashlib.sha256(images.numpy().tobytes())
    settings = (images.shape, recipe.augmentation, recipe.mixup, recipe.cutmix, seed, times)
    identity.update(repr((settings, pictures.labels, pictures.classes, language)).encode())
    name = f"augmented/{identity.hexdigest()}"
    if images.shape != pictures.images.shape:
        st.caption(t("Shown at {side} pixels; counts of pixels are those of this size.", side=SHOWN))
    # A job has no reader whose language it could ask for.
    make = partial(_made, name, images, pictures, recipe, times, seed, _translations())
    if _is_quick(images):
        return unpack(frame(name, make))
    packed = watched(name, lambda job: make(), key="augmentation", start=t("Preview"), light=True)
    return None if packed is None else unpack(packed)


def _made(
    identity: str,
    images: Tensor,
    pictures: Pictures,
    recipe: Recipe,
    times: int,
    seed: int,
    words: Mapping[str, str],
) -> bytes:
    from explainer.render.augmented import grid_frame
    from explainer.render.wire import pack
    from explainer.training.preview import preview

    shown = preview(images, pictures.labels, pictures.classes, recipe, times, seed)
    grid = grid_frame(images, pictures.labels, pictures.classes, shown, lambda text: words.get(text, text))
    return pack(grid | {"identity": identity})


def _translations() -> Mapping[str, str]:
    """Return what the preview's words are in the reader's language."""
    from explainer.ui import catalogue

    return catalogue.load(current_language())


def _bounded(images: Tensor) -> Tensor:
    from torch.nn import functional as F

    if max(images.shape[-2:]) <= SHOWN:
        return images
    scale = SHOWN / max(images.shape[-2:])
    size = [max(1, round(side * scale)) for side in images.shape[-2:]]
    return F.interpolate(images.float(), size, mode="bilinear", antialias=True).round().byte()


def _draw_grid(packed: dict[str, Any], rows: int) -> None:
    from explainer.render.wire import pack

    chosen = list(_chosen(packed))
    augment_view(pack(packed | {"chosen": chosen, "texts": texts_for(FOLDER)}), key=GRID)
    st.caption(
        t(
            "Left the images as they are, beside each what {count} steps of training might see. A batch is "
            "changed at once: a column is one batch of these {rows} images.",
            count=len(packed["rows"][0]["draws"]),
            rows=rows,
        )
    )


def _draw_code(recipe: Recipe, indices: Sequence[int]) -> None:
    from explainer.render.augmented_code import augmented_code

    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(augmented_code(recipe, indices, seed=_seed(DRAWS)), "python")


# --- what stands in the link ------------------------------------------------------------------------------


def _chosen(packed: dict[str, Any]) -> tuple[int, int]:
    """Return row and draw of the one that is followed into a network."""
    row, _, draw = st.query_params.get(CHOSEN, "").partition(",")
    found = (
        number_in(row, 0, len(packed["rows"]) - 1),
        number_in(draw, 0, len(packed["rows"][0]["draws"]) - 1),
    )
    return (0, 0) if None in found else (found[0] or 0, found[1] or 0)


def _take_over() -> None:
    """Put into the link what was chosen in the grid."""
    ask = newly_asked(GRID)
    row, draw = ask.get("row"), ask.get("draw")
    if isinstance(row, int | float) and isinstance(draw, int | float):
        put(CHOSEN, f"{int(row)},{int(draw)}", "0,0")


def _seed(name: str) -> int:
    return number_in(st.query_params.get(name), 0, LAST_SEED) or 0


def _next_button(name: str, label: str, icon: str) -> None:
    def on() -> None:
        put(name, str((_seed(name) + 1) % (LAST_SEED + 1)), "0")

    st.button(label, icon=icon, key=f"augmentation_{name}", on_click=on)
