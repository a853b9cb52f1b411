"""Images that a reader brings along: a zip, or a folder of the server that readers may use."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import streamlit as st

from explainer.ui.jobs import Job
from explainer.ui.language import t
from explainer.ui.training.asked import answered, ask
from explainer.ui.training.sets import bring
from explainer.ui.training.storage import keep_dataset

FOLDERS = "CONVSCOPE_FOLDERS"
"""Environment variable: folders whose subfolders readers may choose, separated as in ``PATH``."""
_SIDES = (0, 32, 48, 64, 96, 128, 224)
_MOST = 200
_WORK = "data_import"


def draw_upload() -> None:
    """Draw the way from a zip to a data set."""
    from explainer.archives import LARGEST_ARCHIVE
    from explainer.training.folders import MOST_CLASSES, MOST_IMAGES

    limit = LARGEST_ARCHIVE // 1_000_000
    file = st.file_uploader(
        t("A zip with one folder of images for each class, up to {limit} MB", limit=limit),
        type=["zip"],
        key="data_file",
        max_upload_size=limit,
        help=t(
            "cat/1.jpg, dog/1.jpg …, or train/cat/1.jpg with test/cat/2.jpg. Without test images a fifth of "
            "each class is set aside. At most {images} images and {classes} classes. The square in the "
            "middle of each image is taken.",
            images=f"{MOST_IMAGES:,}",
            classes=f"{MOST_CLASSES:,}",
        ),
    )
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        side = choose_side("data_file_side")
    if file is None:
        st.caption(t("The images stay on this server, for the runs that you train with them."))
        return
    with right:
        _make_button("data_file_take", (file.file_id, side))
    _take(file.name, (file.file_id, side), lambda job: _imported(file.getvalue(), file.name, side, job))


def draw_folder() -> None:
    """Draw the choice among the folders that readers may use."""
    offered = folders()
    if not offered:
        st.info(t("There is no folder in those that {name} names.", name=FOLDERS), icon=":material/info:")
        return
    left, middle, right = st.columns([2, 1, 1], vertical_alignment="bottom")
    with left:
        name = st.selectbox(t("Folder"), list(offered), key="data_folder")
    with middle:
        side = choose_side("data_folder_side")
    with right:
        _make_button("data_folder_take", (name, side))
    path = offered.get(str(name))
    if path is not None:
        _take(path.name, (name, side), lambda job: _imported(path, path.name, side, job))


def folders() -> dict[str, Path]:
    """Return the folders and zips that readers may use, by what they are called. None leads anywhere else."""
    found: dict[str, Path] = {}
    for root in filter(None, os.environ.get(FOLDERS, "").split(os.pathsep)):
        top = Path(root).expanduser().resolve()
        try:
            inside = sorted(top.iterdir())
        except OSError:
            continue
        for path in inside[:_MOST]:
            usable = path.is_dir() or path.suffix.lower() == ".zip"
            if usable and not path.name.startswith(".") and path.resolve().is_relative_to(top):
                found.setdefault(f"{top.name}/{path.name}", path)
    return found


def choose_side(key: str) -> int:
    """Draw the choice of a size, and return it; 0 for what the images have."""
    return int(
        st.selectbox(
            t("Size of the images"),
            _SIDES,
            key=key,
            format_func=lambda side: f"{side} × {side}" if side else t("as they are, at most 64 × 64"),
        )
    )


def _imported(source: bytes | Path, name: str, side: int, job: Job) -> tuple[str, Any]:
    from explainer.training.folders import read_images

    found = read_images(source, side, name=name, progress=job.report)
    return keep_dataset(found.dataset), found.skipped


def _make_button(key: str, wanted: Hashable) -> None:
    st.button(
        t("Make a data set of it"),
        icon=":material/photo_library:",
        type="primary",
        key=key,
        on_click=ask,
        args=(_WORK, wanted),
    )


def _take(title: str, wanted: Hashable, work: Callable[[Job], tuple[str, Any]]) -> None:
    result = answered(_WORK, wanted, work)
    if result is not None:
        key, skipped = result
        bring(key, title, skipped)
        st.rerun()
