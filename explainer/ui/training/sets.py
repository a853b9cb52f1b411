"""The data sets that a reader can choose at once, and the choice, which stands in the recipe."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.language import t
from explainer.ui.link import forget
from explainer.ui.training import draft
from explainer.ui.training.own_titles import keep_title, kept_titles
from explainer.ui.training.recipe_link import USUAL
from explainer.ui.training.storage import OWN_DATA, owner
from explainer.wording import later

SPLIT, LABEL, SHEET, DRAW = "split", "label", "sheet", "draw"
"""Query parameters: what the picture wall shows of the data set."""
PUBLISHED = "torchvision:"
_TITLES = {
    "starter": later("Drawings of ten things"),
    "cifar10": "CIFAR-10",
    "tiny_imagenet_10": later("Tiny ImageNet, ten classes"),
    "mnist_10k": later("MNIST, 10,000 images"),
}
_FILES = {"cifar10": "cifar10.zip", "tiny_imagenet_10": "tiny_imagenet_10.zip", "mnist_10k": "mnist_10k.npz"}
_READERS = 500
_EACH = 8
"""Sets of a reader that are offered again."""
_LONGEST = 100
"""Letters of a title."""
_LEFT_OUT = "data_left_out"


@st.cache_resource(show_spinner=False)
def _brought() -> OrderedDict[str, OrderedDict[str, str]]:
    """Keep which sets each reader has brought along, by reader: their titles by key, as on the disk."""
    return OrderedDict()


def _mine() -> OrderedDict[str, str]:
    """Return the titles of the reader's own sets by key; the latest is last."""
    everybody, me = _brought(), owner()
    if me not in everybody:
        everybody[me] = OrderedDict(kept_titles(me))
    everybody.move_to_end(me)
    while len(everybody) > _READERS:
        everybody.popitem(last=False)
    mine = everybody[me]
    while len(mine) > _EACH:
        mine.popitem(last=False)
    return mine


def titles() -> dict[str, str]:
    """Return what can be chosen without waiting: titles in the reader's language, by key."""
    from explainer.training.published import PUBLISHED_SETS, at_hand

    folder = os.environ.get("CONVSCOPE_DATA", "")
    found = {"starter": t(_TITLES["starter"])}
    for key, file in _FILES.items():
        if folder and (Path(folder) / file).is_file():
            found[key] = t(_TITLES[key])
    found |= {PUBLISHED + name: PUBLISHED_SETS[name].title for name in at_hand()}
    return found | dict(_mine())


def title_of(key: str) -> str:
    """Return what a set is called."""
    if key.startswith(OWN_DATA):
        return titles().get(key, t("Own images"))
    return titles().get(key, key.removeprefix(PUBLISHED))


def choose(key: str) -> None:
    """Make a set that of the recipe; what was said of the one before is no longer true."""
    draft.change(dataset=key, mean=USUAL.mean, std=USUAL.std)
    forget(SPLIT, LABEL, SHEET, DRAW)


def bring(key: str, title: str, left_out: Sequence[ReaderError] = ()) -> None:
    """Take a set that the reader has made into the list, and choose it; its title is shown as it is."""
    mine = _mine()
    mine[key] = title[:_LONGEST]
    mine.move_to_end(key)
    keep_title(key, owner(), mine[key])
    st.session_state.setdefault(_LEFT_OUT, {})[key] = tuple(left_out)
    choose(key)


def left_out_of(key: str) -> tuple[ReaderError, ...]:
    """Return why files did not become images of a set that was brought along in this session."""
    return st.session_state.get(_LEFT_OUT, {}).get(key, ())
