"""Choosing a network and an image; both stand in the link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.drawing_pad import drawing_pad
from explainer.components.gallery import gallery
from explainer.images import read_image
from explainer.models import CatalogEntry, catalog
from explainer.models.digits import centre_digit
from explainer.render.snippet import Origin
from explainer.samples import Sample, samples_for
from explainer.ui.language import t
from explainer.ui.messages import guard

if TYPE_CHECKING:
    from PIL import Image

DEFAULT_MODEL = "tiny_vgg"
KEPT_PICTURES = 6
"""How many of the reader's own pictures stay in the strip."""


@dataclass(frozen=True, eq=False)
class ChosenImage:
    """An image and the code that loads it."""

    image: Image.Image
    code: str
    imports: tuple[str, ...]

    def origin(self, model: str, weights: str) -> Origin:
        """Return where a trace of this image comes from, for the code panel."""
        return Origin(model, weights, self.code, self.imports)


def choose_model() -> CatalogEntry:
    """Draw the searchable list of networks; the choice is ``?model=``."""
    entries = {entry.key: entry for entry in catalog()}
    keys = list(entries)
    chosen = st.selectbox(
        t("Network"),
        keys,
        index=keys.index(DEFAULT_MODEL) if DEFAULT_MODEL in entries else 0,
        key="model",
        bind="query-params",
        format_func=lambda key: _name(entries[key]),
        help=t(
            "Type to search. Networks marked with a star are bundled and work without a network connection."
        ),
    )
    return entries[chosen]


def _name(entry: CatalogEntry) -> str:
    size = entry.parameters
    count = f"{size / 1e6:.1f} M" if size >= 1e6 else f"{size / 1e3:.0f} k"
    return f"{'★ ' if entry.bundled else ''}{entry.title} · {count}"


def choose_image(entry: CatalogEntry) -> ChosenImage | None:
    """Draw the strip of samples and own pictures, upload and camera; the choice is ``?image=``."""
    own: dict[str, Image.Image] = st.session_state.setdefault("own_pictures", {})
    samples = {sample.key: sample for sample in samples_for(entry.key)}
    strip, add = st.columns([5, 2], vertical_alignment="center")
    with add, st.container(horizontal=True, gap="small"):
        _upload(own)
    items = [
        (key, t("Your picture {number}", number=i + 1), image) for i, (key, image) in enumerate(own.items())
    ]
    items += [(sample.key, t(sample.title), sample.thumbnail()) for sample in samples.values()]
    wanted = st.session_state.pop("new_picture", None) or st.query_params.get("image")
    known = [key for key, *_ in items]
    with strip:
        chosen = gallery(
            items, wanted if wanted in known else known[-len(samples)], key=f"gallery-{entry.key}"
        )
    st.query_params["image"] = chosen
    if chosen in own:
        return ChosenImage(own[chosen], 'Image.open("your_picture.png")', ("from PIL import Image",))
    return _from_sample(samples[chosen])


def _from_sample(sample: Sample) -> ChosenImage:
    return ChosenImage(
        sample.load(), f'sample("{sample.key}").load()', ("from explainer.samples import sample",)
    )


def draw_digit() -> ChosenImage | None:
    """Draw the pad for handwriting; ``None`` until there is a stroke."""
    drawn = drawing_pad(key="digit_pad")
    if drawn is None:
        return None
    return ChosenImage(centre_digit(drawn), 'Image.open("your_digit.png")', ("from PIL import Image",))


def _upload(own: dict[str, Image.Image]) -> None:
    with st.popover(t("Upload"), icon=":material/upload:", width="stretch"):
        file = st.file_uploader(
            t("A photo: PNG, JPEG, WebP, BMP, GIF or TIFF, up to 20 MB"),
            type=["png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff"],
            key="upload",
        )
        if file is not None:
            _keep(own, f"own-{file.file_id}", file.getvalue(), file.name)
    with st.popover(t("Camera"), icon=":material/photo_camera:", width="stretch"):
        # The camera is asked for only once the reader wants it.
        if st.toggle(t("Turn the camera on"), key="camera_on"):
            shot = st.camera_input(t("Take a picture"), key="camera")
            if shot is not None:
                _keep(own, f"own-{shot.file_id}", shot.getvalue(), shot.name)


def _keep(own: dict[str, Image.Image], key: str, data: bytes, name: str) -> None:
    """Read a new picture once and choose it."""
    if key in st.session_state.setdefault("seen_pictures", set()):
        if key not in own:
            with guard():
                read_image(data, name)  # says again why it cannot be used
        return
    st.session_state["seen_pictures"].add(key)
    with guard():
        own[key] = read_image(data, name)
        while len(own) > KEPT_PICTURES:
            own.pop(next(iter(own)))
        st.session_state["new_picture"] = key
