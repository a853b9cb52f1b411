"""Data: which images to train on, a look at them, what is wrong with them, and advice."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.language import later, t
from explainer.ui.lesson import lesson
from explainer.ui.link_widgets import one_of
from explainer.ui.messages import guard, message, plain
from explainer.ui.training import advising, bringing, checking, downloads, draft, looking, photos
from explainer.ui.training.sets import choose, left_out_of, title_of, titles
from explainer.ui.training.storage import is_open, open_dataset
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from explainer.models.entries import CatalogEntry
    from explainer.training.data import Dataset

FROM = "from"
"""Query parameter: where images come from."""
_WAYS = {
    "ready": later("Ready to use"),
    "upload": later("Own images"),
    "camera": later("Camera"),
    "download": later("Download"),
    "folder": later("Folder of the server"),
}
_TIMES = "data_times"


def draw() -> None:
    """Draw the part."""
    with guard():
        _choose()
    with guard():
        _show()
    lesson("training_data", title=t("What makes images fit to learn from?"))


def _choose() -> None:
    ways = {key: title for key, title in _WAYS.items() if key != "folder" or os.environ.get(bringing.FOLDERS)}
    way = one_of(FROM, t("Where the images come from"), ways, "ready")
    if way == "ready":
        _ready()
    elif way == "upload":
        bringing.draw_upload()
    elif way == "camera":
        photos.draw()
    elif way == "download":
        downloads.draw()
    else:
        bringing.draw_folder()


def _ready() -> None:
    """Draw the list of what is at hand."""
    key, known = draft.data_key(), titles()
    if key not in known:
        known[key] = title_of(key)
    st.session_state["data_set"] = key
    st.selectbox(
        t("Data set"),
        list(known),
        key="data_set",
        format_func=lambda one: known.get(one, one),
        on_change=lambda: choose(st.session_state["data_set"]),
        width=420,
    )


def _show() -> None:
    key = draft.data_key()
    if not _opened(key):
        return
    data = open_dataset(key)
    st.markdown(f"**{plain(title_of(key))}** · {looking.sizes_of(data)}")
    _say_left_out(key)
    _say_fit(data)
    looking.draw(key)
    _findings(key)


@st.fragment
def _findings(key: str) -> None:
    with guard():
        checks = checking.checks_of(key)
        if checks is not None:
            checking.draw(key, checks)
            advising.draw(key, checks)


def _opened(key: str) -> bool:
    """Whether a data set is in memory; read it, showing how far that is."""
    if is_open(key):
        return True
    times = st.session_state.setdefault(_TIMES, {})
    name = ("data set", key, times.get(key, 0))
    try:
        done = watched(
            name,
            lambda job: bool(open_dataset(key, progress=job.report)),
            key="data_opening",
            start=t("Open the data set"),
            light=True,
        )
    except ReaderError:  # the reader may mend it: the next run of the page tries anew
        times[key] = times.get(key, 0) + 1
        raise
    if done and not is_open(key):  # it had to make room for others meanwhile
        times[key] = times.get(key, 0) + 1
        st.rerun()
    return bool(done)


def _say_left_out(key: str) -> None:
    reasons: tuple[ReaderError, ...] = left_out_of(key)
    if reasons:
        with st.expander(t("{count} files were left out", count=len(reasons)), icon=":material/info:"):
            for reason in reasons[:50]:
                st.markdown(f"- {message(reason)}")
            if len(reasons) > 50:
                st.markdown(f"- {t('and {count} more', count=len(reasons) - 50)}")


def _say_fit(data: Dataset) -> None:
    """Say what colour and size mean for the network of the recipe, where they are not what it is used to."""
    from explainer.models.entries import find

    try:
        entry = find(str(draft.value_of("network")))
    except ReaderError:
        return
    channels = data.train.images.shape[1]
    if channels == 1 and entry.key != "lenet5":
        st.caption(
            t(
                "These images are grey: they have one channel, which LeNet-5 takes. {network} takes three; "
                "choose another network in the recipe.",
                network=entry.title,
            )
        )
    elif channels == 3 and entry.key == "lenet5":
        st.caption(
            t(
                "These images are in colour: they have three channels, and LeNet-5 takes one. Choose another "
                "network in the recipe."
            )
        )
    else:
        _say_side(entry, data)


def _say_side(entry: CatalogEntry, data: Dataset) -> None:
    """Say that the network usually sees another size, and offer the best one that can be learned from."""
    from explainer.training.fitting import usual_side
    from explainer.training.room import MOST, bytes_of

    wanted, side = entry.size[0], int(draft.value_of("side")) or data.train.images.shape[-1]
    if side == wanted:
        return
    said = t(
        "{network} usually sees {wanted} × {wanted} pixels, these images have {side} × {side}. "
        "Smaller ones are learned faster, with fewer details.",
        network=plain(entry.title),
        wanted=wanted,
        side=side,
    )
    count = len(data.train) + len(data.test)
    size = bytes_of(count, data.train.images.shape[1], wanted)
    if size > MOST:
        said += " " + t(
            "At {wanted} × {wanted} all {count} images would take {size} GB of memory, and there is room for "
            "{most} GB.",
            wanted=wanted,
            count=f"{count:,}",
            size=f"{size / 1e9:.1f}",
            most=f"{MOST / 1e9:.0f}",
        )
    offered = usual_side(entry.key, data)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(said)
        if offered not in {0, side}:
            st.button(
                t("Resize to {side} × {side} in the recipe", side=offered),
                type="tertiary",
                icon=":material/aspect_ratio:",
                key="data_resize",
                on_click=lambda: draft.change(side=offered),
            )
