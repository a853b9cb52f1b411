"""Where the pictures come from that a channel's best moments are looked for in, and the looking."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.jobs import Job
from explainer.ui.language import t
from explainer.ui.messages import message

if TYPE_CHECKING:
    from explainer.archives import Collection, Picture
    from explainer.layers.moments import Peaks
    from explainer.tracing import Node
    from explainer.ui.subject import Subject

_LIGHT = 4e10
"""Floating-point operations of what is done without being asked for: two seconds on one core."""


def own_pictures() -> tuple[Hashable, Collection] | None:
    """Draw the upload of pictures, zips or a folder; return its identity and what is in it."""
    from explainer.archives import LARGEST_ARCHIVE, SUFFIXES, read_files

    pictures = sorted(suffix.removeprefix(".") for suffix in SUFFIXES)
    megabytes = LARGEST_ARCHIVE // 1_000_000
    left, right = st.columns(2)
    with left:
        single = st.file_uploader(
            t("Pictures, or zips of pictures: up to 500 of them"),
            type=["zip", *pictures],
            accept_multiple_files=True,
            key="moment_files",
            max_upload_size=megabytes,
        )
    with right:
        folder = st.file_uploader(
            t("or a folder of pictures"),
            type=pictures,
            accept_multiple_files="directory",
            key="moment_folder",
            max_upload_size=megabytes,
        )
    files = [*single, *folder]
    if not files:
        return None
    found = read_files((file.name, file.getvalue()) for file in files)
    return tuple(file.file_id for file in files), found


def draw_skipped(collection: Collection | None, found: Peaks | None) -> None:
    """Say which pictures were left out, and why."""
    reasons = [*(collection.skipped if collection else ()), *(found.skipped if found else ())]
    if reasons:
        with st.expander(t("{count} files were left out", count=len(reasons)), icon=":material/info:"):
            for reason in reasons:
                st.markdown(f"- {message(reason)}")


def name_of(subject: Subject, node: Node, pictures: Hashable) -> Hashable:
    """Return the name of the search: the same for all channels of a layer."""
    return "peaks", subject.entry.key, subject.weights, node.name, pictures


def pictures_of(subject: Subject, collection: Collection | None) -> tuple[Picture, ...]:
    """Return the pictures to look through: the sample gallery where the reader gave none."""
    from explainer.layers.moments import sample_pictures

    return collection.pictures if collection else sample_pictures(subject.opened.loaded)


def search(subject: Subject, node: Node, pictures: tuple[Picture, ...], job: Job) -> Peaks:
    """Look through the pictures. The result holds numbers only, so it may outlive the reader's files."""
    from explainer.layers.moments import peaks

    opened = subject.opened
    return peaks(opened.loaded, node.name, pictures, recorded=opened.trace, progress=job.report)


def is_light(subject: Subject, node: Node, count: int) -> bool:
    """Whether so many passes as far as a layer take only a moment."""
    return operations(subject, node) * count < _LIGHT


def operations(subject: Subject, node: Node) -> float:
    """Return the floating-point operations of one pass as far as a layer."""
    from explainer.tracing import cost

    return float(sum(one.flops for other, one in cost(subject.trace).items() if other.index <= node.index))
