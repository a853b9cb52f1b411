"""Photos taken class by class, and the data set that is made of them."""

from __future__ import annotations

import hashlib
import io

import streamlit as st
from PIL import Image

from explainer.components.gallery import gallery
from explainer.images import read_image
from explainer.ui.jobs import Job
from explainer.ui.language import t
from explainer.ui.messages import guard, plain
from explainer.ui.training.albums import MOST, Album, Albums, Classes, Photo
from explainer.ui.training.asked import answered, ask
from explainer.ui.training.bringing import choose_side
from explainer.ui.training.sets import bring
from explainer.ui.training.storage import keep_dataset, reader

LEAST = 2
"""Photos of a class that something can be learned of."""
_SIDE = 224
"""Pixels that a photo is kept with."""
_WORK = "data_photos"
_NEW, _CLASS, _SEEN, _PICKED = "photo_new_class", "photo_class", "photo_seen", "photo_picked"


@st.cache_resource(show_spinner=False)
def _albums() -> Albums:
    return Albums()


def album() -> Album:
    """Return the reader's photos, which are still there when the page is loaded anew."""
    return _albums().of(reader())


def draw() -> None:
    """Draw the classes, the camera and the photos."""
    mine = album().classes()
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.text_input(
            t("Name of a class"),
            key=_NEW,
            max_chars=40,
            placeholder=t("What will be in front of the camera: cup, pen, nothing …"),
            on_change=_add_class,
        )
        if mine:
            st.session_state[_CLASS] = _chosen(mine)
            st.segmented_control(t("Photos of"), list(mine), key=_CLASS, required=True, format_func=plain)
            _camera(mine)
    mine = album().classes()  # with what the camera has just taken
    with right:
        for number, (name, photos) in enumerate(mine.items()):
            _strip(number, name, photos)
        _take(mine)


def _camera(mine: Classes) -> None:
    # The browser asks for the camera as soon as it is drawn, so it is drawn only when wanted.
    if not st.toggle(t("Turn the camera on"), key="photo_camera_on"):
        return
    if sum(map(len, mine.values())) >= MOST:
        st.info(t("{most} photos are the most. Remove some first.", most=MOST), icon=":material/info:")
        return
    shot = st.camera_input(t("Take some photos of each class, from all sides"), key="photo_camera")
    seen: set[str] = st.session_state.setdefault(_SEEN, set())
    if shot is None or shot.file_id in seen:
        return
    with guard():
        seen.add(shot.file_id)
        album().add(_chosen(mine), _kept(read_image(shot.getvalue(), shot.name)))


def _strip(number: int, name: str, photos: tuple[Photo, ...]) -> None:
    """Draw the photos of one class, of which one can be chosen and removed."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(name)}** · {len(photos)}")
        picked = st.session_state.get(_PICKED)
        if any(one.key == picked for one in photos):
            st.button(
                t("Remove this photo"),
                icon=":material/delete:",
                type="tertiary",
                key=f"photo_remove_{number}",
                on_click=_remove,
                args=(name, picked),
            )
        elif not photos:
            st.button(
                t("Remove this class"),
                icon=":material/delete:",
                type="tertiary",
                key=f"photo_class_remove_{number}",
                on_click=album().remove_class,
                args=(name,),
            )
    if photos:
        items = [(one.key, str(place), one.open()) for place, one in enumerate(photos, 1)]
        gallery(
            items,
            st.session_state.get(_PICKED),
            key=f"photo_strip_{number}",
            label=name,
            on_choose=lambda key: st.session_state.__setitem__(_PICKED, key),
        )


def _take(mine: Classes) -> None:
    ready = {name: photos for name, photos in mine.items() if photos}
    short = [name for name, photos in ready.items() if len(photos) < LEAST]
    if len(ready) < 2 or short:
        st.caption(
            t(
                "At least two classes with two photos each are needed; with twenty of each it gets "
                "interesting. The photos stay on this server."
            )
        )
        return
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        side = choose_side("photo_side")
    listed = repr([(name, [one.key for one in photos]) for name, photos in ready.items()])
    wanted = (hashlib.sha256(listed.encode()).hexdigest(), side)
    with right:
        st.button(
            t("Make a data set of them"),
            icon=":material/photo_library:",
            type="primary",
            key="photo_take",
            on_click=ask,
            args=(_WORK, wanted),
        )
    key = answered(_WORK, wanted, lambda job: _made(ready, side, job))
    if key is not None:
        bring(key, t("Photos of {classes}", classes=", ".join(ready)))
        st.rerun()


def _made(taken: Classes, side: int, job: Job) -> str:
    from explainer.training.folders import from_pictures

    pictures = {name: [one.open() for one in photos] for name, photos in taken.items()}
    job.report(1, 2)
    return keep_dataset(from_pictures(pictures, side))


def _chosen(mine: Classes) -> str:
    wanted = st.session_state.get(_CLASS)
    return str(wanted) if wanted in mine else list(mine)[-1]


def _add_class() -> None:
    name = st.session_state[_NEW].strip()
    album().add_class(name)
    if name in album().classes():
        st.session_state[_CLASS] = name
    st.session_state[_NEW] = ""


def _remove(name: str, key: str) -> None:
    album().remove(name, key)
    st.session_state.pop(_PICKED, None)


def _kept(image: Image.Image) -> Photo:
    """Keep the square in the middle of a photo."""
    short = min(image.size)
    left, top = (image.width - short) / 2, (image.height - short) / 2
    small = image.convert("RGB").resize(
        (_SIDE, _SIDE), Image.Resampling.BILINEAR, (left, top, left + short, top + short)
    )
    stream = io.BytesIO()
    small.save(stream, "JPEG", quality=92)
    content = stream.getvalue()
    return Photo(hashlib.sha256(content).hexdigest()[:20], content)
