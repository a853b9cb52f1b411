"""Moving pictures to take along: the camera's last seconds, and a video file with everything drawn in."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.jobs import Job
from explainer.ui.language import later, t
from explainer.ui.messages import guard
from explainer.ui.offering import offer
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from explainer.live.modes import Mode
    from explainer.live.recorder import Recorder
    from explainer.live.video import Annotated

KINDS = ["mp4", "mov", "m4v", "webm", "mkv", "avi", "gif"]
MEGABYTES = 100
_SAVED = "recording_saved"
_SAMPLE = "video_sample"
_AGAIN = "video_again"
_KEPT = 6
"""Finished videos of all readers that stay on the disk."""


@dataclass(frozen=True)
class _Kind:
    """A way to write a recording."""

    ending: str
    mime: str
    label: str
    """Of the button that saves it."""


_VIDEO = _Kind("mp4", "video/mp4", later("Download the video (MP4)"))
_GIF = _Kind("gif", "image/gif", later("Download the animation (GIF)"))


@dataclass(frozen=True, eq=False)
class _Saved:
    """What was recorded, ready to be taken along."""

    kind: _Kind
    data: bytes


# --- the last seconds ------------------------------------------------------------------------------------


def draw_recording(recorder: Recorder) -> None:
    """Draw the buttons that save the last seconds of what was shown, and what has been saved."""

    @st.fragment
    def draw() -> None:
        seconds = round(recorder.seconds)
        with st.container(horizontal=True, vertical_alignment="center", key="recording"):
            video = st.button(
                t("Save the last {seconds} s as a video", seconds=seconds),
                key="recording-video",
                icon=":material/movie:",
            )
            gif = st.button(
                t("Save the last {seconds} s as a GIF", seconds=seconds),
                key="recording-gif",
                icon=":material/gif_box:",
            )
        if video or gif:
            st.session_state.pop(_SAVED, None)
            with guard(), st.spinner(t("Writing the file")):
                st.session_state[_SAVED] = _written(recorder, _VIDEO if video else _GIF)
        saved: _Saved | None = st.session_state.get(_SAVED)
        if saved is not None:
            _show_saved(saved)

    draw()


def _written(recorder: Recorder, kind: _Kind) -> _Saved:
    from explainer.live.recorder import write_gif, write_mp4

    write = write_mp4 if kind is _VIDEO else write_gif
    return _Saved(kind, write(recorder.shots()))


def _show_saved(saved: _Saved) -> None:
    with st.container(key="recording_saved", width=420):
        said = t("The last seconds of what was shown")
        if saved.kind.ending == "gif":
            st.image(saved.data, alt=said, width="stretch")
        else:
            st.video(saved.data, autoplay=True, loop=True, muted=True, alt=said)
        with st.container(horizontal=True):
            offer(
                t(saved.kind.label),
                lambda: saved.data,
                f"convscope-live.{saved.kind.ending}",
                key="recording-download",
                mime=saved.kind.mime,
            )
            st.button(t("Discard"), key="recording-discard", icon=":material/close:", on_click=_discard)


def _discard() -> None:
    st.session_state.pop(_SAVED, None)


# --- a video file ----------------------------------------------------------------------------------------


def draw_video_file(mode_factory: Callable[[], Mode], identity: Hashable) -> None:
    """Draw the place for a video file, the work on it with its progress, and the annotated video.

    Args:
        mode_factory: makes what is done with every frame. Called in the thread that does the work, so it
            must not use Streamlit; a network that takes long to open is opened before.
        identity: the same for factories whose modes do the same, another where anything differs.
    """
    uploaded = st.file_uploader(
        t("A video: MP4, MOV, WebM, MKV, AVI or GIF, up to {most} MB and two minutes", most=MEGABYTES),
        type=KINDS,
        max_upload_size=MEGABYTES,
        key="video_file",
        help=t(
            "The video is worked on by this server, frame by frame, and is not kept. Its sound is left out; "
            "large frames are scaled down to 1280 pixels."
        ),
    )
    read: Callable[[], BytesIO]
    if uploaded is not None:
        st.session_state.pop(_SAMPLE, None)
        key, name, read = uploaded.file_id, uploaded.name, lambda: uploaded
    elif st.session_state.get(_SAMPLE):
        key, name, read = "sample", t("Sample film"), _sample
    else:
        st.button(
            t("Try it on a sample film"), key="video-sample", icon=":material/movie:", on_click=_try_sample
        )
        return
    with guard():
        st.session_state.setdefault(_AGAIN, 0)
        shelf = _shelf()
        done = watched(
            ("video", key, identity, st.session_state[_AGAIN]),
            lambda job: _annotate(read(), shelf.place(), name, mode_factory(), job),
            key="video",
            start=t("Annotate every frame"),
            light=key == "sample",
            show=_preview,
        )
        if done is not None:
            _show_annotated(done, name)


def _try_sample() -> None:
    st.session_state[_SAMPLE] = True


def _sample() -> BytesIO:
    from explainer.live.clip import sample_clip

    return BytesIO(sample_clip())


def _annotate(source: BytesIO, target: Path, name: str, mode: Mode, job: Job) -> Annotated:
    from explainer.live.video import annotate

    def look(picture: object) -> None:
        job.picture = picture

    return annotate(source, target, mode, job.report, name=name, look=look)


def _preview(job: Job) -> None:
    if job.picture is not None:
        st.image(job.picture, width=420, alt=t("The frame that is being worked on"), output_format="JPEG")


def _show_annotated(done: Annotated, name: str) -> None:
    try:
        data = done.path.read_bytes()
    except FileNotFoundError:  # it made room for others
        st.session_state[_AGAIN] += 1
        st.rerun()
    st.video(data, loop=True, muted=True, alt=t("The annotated video"), width=min(960, done.width))
    size = t(
        "{frames} frames in {seconds} s, {width} × {height} pixels.",
        frames=done.frames,
        seconds=f"{done.seconds:.1f}",
        width=done.width,
        height=done.height,
    )
    if done.every == 1:
        ran = t("The network was run on every frame.")
    else:
        ran = t(
            "The network was run on one frame in {every}, because it is too slow for every one; "
            "those between carry the result before.",
            every=done.every,
        )
    st.caption(f"{size} {ran}")
    with st.container(horizontal=True):
        offer(
            t(_VIDEO.label),
            lambda: data,  # its file may make room for others
            f"{Path(name).stem}-convscope.mp4",
            key="video-download",
            mime=_VIDEO.mime,
        )
        if st.session_state.get(_SAMPLE):
            st.button(t("Discard"), key="video-discard", icon=":material/close:", on_click=_leave_sample)


def _leave_sample() -> None:
    st.session_state.pop(_SAMPLE, None)


class _Shelf:
    """A folder for finished videos, of which the last few are kept."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="convscope-video-")
        self._numbers = count()

    def place(self) -> Path:
        """Return where the next video may be written; the oldest makes room."""
        folder = Path(self._folder.name)
        finished = sorted(folder.glob("*.mp4"), key=lambda path: path.stat().st_mtime)
        for path in finished[: max(0, len(finished) + 1 - _KEPT)]:
            path.unlink(missing_ok=True)
        return folder / f"{next(self._numbers)}.mp4"


@st.cache_resource(show_spinner=False)
def _shelf() -> _Shelf:
    return _Shelf()
