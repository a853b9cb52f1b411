"""The pictures on which augmentation is tried out: of the data set, or the reader's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.class_names import class_names
from explainer.ui.language import later, t
from explainer.ui.link_widgets import next_seed, one_of, seed_of
from explainer.ui.messages import guard
from explainer.ui.pickers import add_picture, own_pictures

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.training.data import Dataset

SOURCE, PICTURES, DRAWS = "of", "pictures", "draws"
"""Query parameters: whose pictures, seeds of the pictures and of the draws."""
_SOURCES = {"data": later("Data set"), "own": later("Your pictures")}
_QUICK = 96
"""Pixels up to which a preview is made at once; above, it is made in a job, and of fewer images."""


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


def choose_pictures(data: Dataset) -> Pictures | None:
    """Draw what to choose from; ``None`` while the reader has brought no pictures."""
    with st.container(horizontal=True, vertical_alignment="center", key="augmentation_source"):
        source = one_of(SOURCE, t("Pictures"), _SOURCES, "data", hidden=True)
        if source == "data":
            next_seed(PICTURES, t("Other images"), ":material/shuffle:", key="augmentation_pictures")
        next_seed(DRAWS, t("Draw again"), ":material/casino:", key="augmentation_draws")
        if source == "own":
            with st.popover(t("Upload"), icon=":material/upload:"):
                _upload()
    if source == "data":
        return _from_data(data, seed_of(PICTURES))
    return _from_reader(data)


def grid_of(images: Tensor) -> tuple[int, int]:
    """Return rows and columns of the preview: images that are shown, and draws of each beside them."""
    return (6, 8) if is_quick(images) else (4, 4)


def is_quick(images: Tensor) -> bool:
    """Whether images are small enough for a preview at once."""
    return max(images.shape[-2:]) <= _QUICK


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
    most = grid_of(data.train.images)[0]
    chosen = list(seen.values())[:most]
    chosen += [index for index in order[: 2 * most] if index not in chosen][: most - len(chosen)]
    part = data.train.part(torch.tensor(chosen, dtype=torch.long))
    titles = _unlike(class_names(data.classes))
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
    own = own[-grid_of(data.train.images)[0] :]  # the newest
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
