"""Choosing a network and an image; both stand in the link."""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components import drawing_pad as pad
from explainer.components.gallery import gallery
from explainer.errors import ReaderError
from explainer.images import read_image
from explainer.models import CatalogEntry, Preprocessing, catalog
from explainer.models.digits import centre_digit
from explainer.models.entries import WEIGHTS, find, read_card
from explainer.render.snippet import Origin
from explainer.samples import Sample, sample, samples_for
from explainer.ui.language import t, texts_for
from explainer.ui.messages import guard, message
from explainer.ui.own import own_entry, shown_entries, shown_image, with_own
from explainer.ui.own_weights import own_weights

if TYPE_CHECKING:
    from PIL import Image
    from streamlit.delta_generator import DeltaGenerator

DEFAULT_MODEL = "tiny_vgg"
HANDWRITING = "lenet5"
"""The network that reads what is drawn on the pad."""
KEPT_PICTURES = 6
"""How many of the reader's own pictures stay in the strip."""
_THUMBNAIL = 144
_PHOTO_SIZE = (224, 224)
"""Of the networks whose samples are offered where there is no network."""
_OWN = "own_pictures"
_OWNED = "own-"
"""How keys of the reader's own pictures begin."""
_PAD = "digit_pad"
_DRAWING = "drawing"
"""Whether the reader's last word was a stroke on the pad, not a choice in the strip."""


@dataclass(frozen=True, eq=False)
class OwnPicture:
    """A picture that the reader brought along."""

    name: str
    """What the file is called."""
    image: Image.Image
    thumbnail: Image.Image


@dataclass(frozen=True, eq=False)
class ChosenImage:
    """An image and the code that loads it."""

    identity: str
    """The same for the same picture, different for different ones."""
    image: Image.Image
    code: str
    imports: tuple[str, ...]

    def origin(self, model: str, weights: str) -> Origin:
        """Return where a trace of this image comes from, for the code panel."""
        return with_own(Origin(model, weights, self.code, self.imports))


def choose_model(*, number: str = "", default: str = DEFAULT_MODEL, label: str | None = None) -> CatalogEntry:
    """Draw the searchable list of networks; the choice is ``?model=``.

    Any architecture that timm knows may be typed in, too; for an unknown one the nearest is named and the
    first of the list shown.

    Args:
        number: of a further network on the page: with ``"2"`` the choice is ``?model2=``.
        default: chosen while the link names none.
        label: what the list is called.
    """
    parameter = f"model{number}"
    listed = {entry.key: entry for entry in (*shown_entries(), *catalog())}
    if (own := own_entry(number)) is not None:
        listed[own.key] = own
    wanted = st.query_params.get(parameter, default)
    try:
        entry = listed.get(wanted) or find(wanted)
    except ReaderError as error:
        begun = _begun(wanted, listed.values())
        if begun is None:
            st.error(message(error), icon=":material/info:")
        entry = begun or listed[default]
    # The list follows the link and the history, so it is set before it is drawn.
    st.session_state[parameter] = entry.key
    st.selectbox(
        label or t("Network"),
        list(listed | {entry.key: entry}),
        key=parameter,
        format_func=lambda key: _name(listed.get(key) or entry) if key in listed or key == entry.key else key,
        accept_new_options=True,
        on_change=_choose_model,
        args=(number,),
        help=t(
            "Type to search. Networks with a star are bundled and need no network connection. "
            "Any timm architecture can be typed in: timm:name."
        ),
    )
    own_weights(entry, number)
    return entry


def _begun(typed: str, entries: Iterable[CatalogEntry]) -> CatalogEntry | None:
    """Return the first network whose key or title begins with what was typed, signs and capitals aside."""

    def plain(text: str) -> str:
        return "".join(filter(str.isalnum, text)).casefold()

    start = plain(typed)
    begins = (
        entry
        for entry in entries
        if start and any(plain(name).startswith(start) for name in (entry.key, entry.title))
    )
    return next(begins, None)


def _choose_model(number: str) -> None:
    st.query_params[f"model{number}"] = st.session_state[f"model{number}"]
    for name in ("weights", "at"):
        st.query_params.pop(f"{name}{number}", None)


def _name(entry: CatalogEntry) -> str:
    size = entry.parameters
    if not size:  # a reader's own
        return entry.title
    count = f"{size / 1e6:.1f} M" if size >= 1e6 else f"{size / 1e3:.0f} k"
    return f"{'★ ' if entry.bundled else ''}{entry.title} · {count}"


def choose_image(entry: CatalogEntry, *, thumbnails: bool = True) -> ChosenImage:
    """Draw the strip of samples and own pictures, upload and camera; the choice is ``?image=``.

    Without ``thumbnails`` the samples are empty frames, which are drawn at once.
    """
    with _beside_upload():
        drawing = entry.key == HANDWRITING and st.session_state.get(_DRAWING) and not pad.is_empty(_PAD)
        samples, live = _samples_of(entry), _live(entry)
        return _choose_from_strip(
            samples,
            samples[0].key if live is None else entry.key,
            entry.key,
            "image",
            t("Image"),
            live=live,
            thumbnails=thumbnails,
            drawing=bool(drawing),
        )


def choose_second_image(entry: CatalogEntry) -> ChosenImage:
    """Draw the strip of samples and own pictures once more; the choice is ``?image2=``."""
    samples = _samples_of(entry)
    name = f"{entry.key}2"
    st.caption(t("Second image; pictures that you upload above stand here, too"))
    return _choose_from_strip(samples, samples[1].key, name, "image2", t("Second image"), live=_live(entry))


def choose_photo(*, default: str = "coffee") -> ChosenImage:
    """Draw the strip where no network is asked for, with upload and camera; the choice is ``?image=``.

    Args:
        default: key of the sample that is chosen while the link names none.
    """
    with _beside_upload():
        samples = samples_for(Preprocessing(_PHOTO_SIZE), ())
        return _choose_from_strip(samples, default, "photo", "image", t("Image"))


def choose_among(
    pictures: Sequence[tuple[str, str, Image.Image]], name: str, *, parameter: str = "image"
) -> tuple[str, OwnPicture | None]:
    """Draw the strip with other pictures than samples, with upload and camera; the choice is ``?image=``.

    Args:
        pictures: key, title and picture of each; the first is chosen while the link names none of them.
        name: of the strip, for its key.
        parameter: of the link.

    Returns:
        The key, and the picture where it is the reader's own.
    """
    with _beside_upload():
        own: dict[str, OwnPicture] = st.session_state.setdefault(_OWN, {})
        titled = [
            (key, t("Your picture {number}", number=n), one.thumbnail)
            for n, (key, one) in enumerate(own.items(), 1)
        ]
        items = [*titled, *pictures]
        wanted = st.query_params.get(parameter, "")
        known = wanted in {key for key, *_ in items}
        if not known and wanted.startswith(_OWNED):
            _say_gone()
        chosen = gallery(
            items,
            wanted if known else pictures[0][0],
            key=f"gallery-{name}",
            label=t("Image"),
            on_choose=lambda key: _put_in_link(key, parameter),
        )
    return str(chosen), own.get(str(chosen))


def _beside_upload() -> DeltaGenerator:
    """Draw upload and camera, and return the place of the strip: beside, or above where it is narrow."""
    strip, add = st.columns([7, 2], vertical_alignment="center")
    with add, st.container(key="add_pictures", horizontal=True, gap="xsmall"):
        _add_pictures(st.session_state.setdefault(_OWN, {}))
    return strip


def _live(entry: CatalogEntry) -> tuple[str, Image.Image] | None:
    """Return key and picture of what a notebook shows with this network, if it does."""
    shown = shown_image(entry.key)
    return None if shown is None else (entry.key, shown)


def _choose_from_strip(
    samples: Sequence[Sample],
    default: str,
    name: str,
    parameter: str,
    label: str,
    *,
    live: tuple[str, Image.Image] | None = None,
    thumbnails: bool = True,
    drawing: bool = False,
) -> ChosenImage:
    """Draw the strip of samples and of what the reader brought.

    Args:
        samples: what to offer.
        default: key of what to begin with.
        name: of the strip, for its key.
        parameter: of the link.
        label: what the strip is called.
        live: key and picture that a notebook has given, the first to be offered.
        thumbnails: whether to show the samples, or empty frames.
        drawing: whether to mark none, because something drawn was chosen.
    """
    own: dict[str, OwnPicture] = st.session_state.setdefault(_OWN, {})
    items: list[tuple[str, str, Image.Image | None]] = [
        (key, t("Your picture {number}", number=n), one.thumbnail)
        for n, (key, one) in enumerate(own.items(), 1)
    ]
    if live is not None:
        items.insert(0, (live[0], t("Your image"), _small(live[1])))
    items += [(one.key, t(one.title), _thumbnail(one.key) if thumbnails else None) for one in samples]
    wanted = st.query_params.get(parameter, default)
    chosen = wanted if wanted in {key for key, *_ in items} else default
    if chosen != wanted and wanted.startswith(_OWNED):
        _say_gone()
    chosen = (
        gallery(
            items,
            None if drawing else chosen,
            key=f"gallery-{name}",
            label=label,
            on_choose=lambda key: _put_in_link(key, parameter),
        )
        or chosen
    )
    if live is not None and chosen == live[0]:
        return ChosenImage(live[0], live[1], "image", ())
    if chosen in own:
        code = f"read_image(Path({own[chosen].name!r}).read_bytes())"
        imports = ("from pathlib import Path", "from explainer.images import read_image")
        return ChosenImage(str(chosen), own[chosen].image, code, imports)
    code = f'sample("{chosen}").load()'
    return ChosenImage(str(chosen), _picture(str(chosen)), code, ("from explainer.samples import sample",))


def _say_gone() -> None:
    st.info(
        t(
            "The picture that this link names is not here: your own pictures are kept only for your "
            "visit. Choose another one, or upload it again."
        ),
        icon=":material/info:",
    )


def draw_digit() -> ChosenImage | None:
    """Draw the pad for handwriting; ``None`` while it is empty or a sample was chosen after it."""
    st.caption(t("Draw a digit with mouse, finger or pen"))
    drawn = pad.drawing_pad(key=_PAD, texts=texts_for(pad.FOLDER), on_change=_take_drawing)
    if drawn is None or not st.session_state.get(_DRAWING):
        return None
    digit = centre_digit(drawn)
    file = io.BytesIO()
    digit.save(file, "PNG", optimize=True)
    code = f'Image.open(BytesIO(b64decode("{base64.b64encode(file.getvalue()).decode()}")))'
    imports = ("from base64 import b64decode", "from io import BytesIO", "from PIL import Image")
    return ChosenImage(hashlib.sha256(digit.tobytes()).hexdigest(), digit, code, imports)


@cache
def _samples_of(entry: CatalogEntry) -> tuple[Sample, ...]:
    """Return what to offer for a network, known without opening it."""
    if not entry.bundled:
        return samples_for(Preprocessing(size=entry.size), ())
    card = read_card(WEIGHTS / f"{entry.key}.json")
    return samples_for(Preprocessing.from_card(card["preprocessing"]), card["classes"])


@cache
def _picture(key: str) -> Image.Image:
    """Return a sample, shared by all readers: some thirty, half a megabyte each."""
    return sample(key).load()


@cache
def _thumbnail(key: str) -> Image.Image:
    return _small(_picture(key))


def _small(image: Image.Image) -> Image.Image:
    image = image.copy()
    image.thumbnail((_THUMBNAIL, _THUMBNAIL))
    return image


def _put_in_link(key: str, parameter: str = "image") -> None:
    st.query_params[parameter] = key
    if parameter == "image":
        st.session_state[_DRAWING] = False


def _take_drawing() -> None:
    st.session_state[_DRAWING] = True


def _add_pictures(own: dict[str, OwnPicture]) -> None:
    with st.popover(t("Upload"), icon=":material/upload:", width="stretch"):
        file = st.file_uploader(
            t("A photo: PNG, JPEG, WebP, BMP, GIF or TIFF, up to 20 MB"),
            type=["png", "jpg", "jpeg", "webp", "bmp", "gif", "tif", "tiff"],
            max_upload_size=20,
            key="upload",
        )
        if file is not None:
            _keep(own, f"{_OWNED}{file.file_id}", file.getvalue(), file.name)
    with st.popover(t("Camera"), icon=":material/photo_camera:", width="stretch"):
        # The browser asks for the camera as soon as it is drawn, so it is drawn only when wanted.
        if st.toggle(t("Turn the camera on"), key="camera_on"):
            shot = st.camera_input(t("Take a picture"), key="camera")
            if shot is not None:
                _keep(own, f"{_OWNED}{shot.file_id}", shot.getvalue(), shot.name)


def _keep(own: dict[str, OwnPicture], key: str, data: bytes, name: str) -> None:
    """Read a new picture and choose it; say every time why one cannot be used."""
    known: set[str] = st.session_state.setdefault("seen_pictures", set())
    if key in known:
        return  # it is in the strip, or has made room for newer ones
    with guard():
        picture = read_image(data, name)
        known.add(key)
        _put_into_strip(own, key, OwnPicture(name, picture, _small(picture)))
        _put_in_link(key)
        st.rerun()  # the links to the other pages are drawn above


def own_pictures() -> tuple[OwnPicture, ...]:
    """Return the pictures that the reader brought along, on whatever page, the oldest first."""
    return tuple(st.session_state.get(_OWN, {}).values())


def add_picture(name: str, image: Image.Image) -> str:
    """Put a picture that a page has made into the strip, as if the reader had brought it; return its key."""
    key = f"{_OWNED}{hashlib.sha256(image.tobytes()).hexdigest()[:16]}"
    _put_into_strip(st.session_state.setdefault(_OWN, {}), key, OwnPicture(name, image, _small(image)))
    return key


def _put_into_strip(own: dict[str, OwnPicture], key: str, picture: OwnPicture) -> None:
    own[key] = picture
    while len(own) > KEPT_PICTURES:
        own.pop(next(iter(own)))
