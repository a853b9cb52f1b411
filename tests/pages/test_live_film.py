"""Recording and video file as parts of a page, without a browser: what they save, refuse and say."""

import io
import time
from itertools import pairwise

import av
import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from explainer.live.clip import sample_clip
from explainer.live.encoding import Mp4Writer
from explainer.live.recorder import Recorder


def recording():
    import streamlit as st

    from explainer.ui.live.film import draw_recording

    draw_recording(st.session_state["recorder"])


def film():
    import numpy as np
    import streamlit as st

    from explainer.ui.live.film import draw_video_file

    class Marked:
        def draw(self, frame: np.ndarray) -> np.ndarray:
            drawn = frame.copy()
            drawn[:20, :20] = st_level
            return drawn

    class Mark:
        sides = ()

        def run(self, frame: np.ndarray, side: int | None = None) -> Marked:
            return Marked()

    st_level = st.session_state.get("level", 255)
    draw_video_file(Mark, ("mark", st_level))


def page(script, **state):
    app = AppTest.from_function(script, default_timeout=60)
    for name, value in state.items():
        app.session_state[name] = value
    return app.run()


def healthy(app):
    assert not app.exception, [one.value for one in app.exception]
    return app


def errors(app):
    return [one.value for one in healthy(app).error]


def until(app, ready):
    """Run again and again, as the page's own timer does, until something is there."""
    end = time.monotonic() + 60
    while not ready(healthy(app)) and time.monotonic() < end:
        time.sleep(0.1)
        app.run()
    assert ready(app)
    return app


def clip(count=10, rate=20):
    file = io.BytesIO()
    with Mp4Writer(file, (160, 120), rate) as writer:
        for number in range(count):
            writer.write(np.full((120, 160, 3), 60, np.uint8), number / rate, 1 / rate)
    return file.getvalue()


def test_before_anything_is_shown_saving_says_so():
    app = page(recording, recorder=Recorder())
    for key in ("recording-video", "recording-gif"):
        assert ["Nothing has been shown" in text for text in errors(app.button(key=key).click().run())] == [
            True
        ]


@pytest.mark.parametrize(("key", "kind"), [("recording-video", "mp4"), ("recording-gif", "gif")])
def test_the_last_seconds_are_saved(key, kind):
    recorder = Recorder()
    for number in range(12):
        recorder.add(np.full((120, 160, 3), 20 * number, np.uint8), number / 10)
    app = page(recording, recorder=recorder).button(key=key).click().run()
    assert not errors(app)
    saved = app.session_state["recording_saved"]
    assert saved.kind.ending == kind
    if kind == "mp4":
        with av.open(io.BytesIO(saved.data)) as opened:
            assert len(list(opened.decode(video=0))) == 12
    else:
        with Image.open(io.BytesIO(saved.data)) as opened:
            assert opened.n_frames == 12
    assert len(app.get("download_button")) == 1
    app.button(key="recording-discard").click().run()
    assert "recording_saved" not in app.session_state
    assert not app.get("download_button")


def test_an_uploaded_video_comes_back_annotated():
    app = page(film)
    app.file_uploader[0].set_value(("my clip.mp4", clip(), "video/mp4")).run()
    assert not app.get("video"), "heavy work waits for the button"
    app.button(key="video-start").click().run()
    until(app, lambda page: page.get("video"))
    assert not errors(app)
    assert app.caption[0].value == (
        "10 frames in 0.5 s, 160 × 120 pixels. The network was run on every frame."
    )
    assert app.get("download_button")[0].proto.label == "Download the video (MP4)"


def test_another_mode_asks_again():
    app = page(film)
    app.file_uploader[0].set_value(("clip.mp4", clip(), "video/mp4")).run()
    until(app.button(key="video-start").click().run(), lambda page: page.get("video"))
    app.session_state["level"] = 128
    app.run()
    assert not app.get("video")
    assert app.button(key="video-start")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("empty.mp4", b"", "is empty"),
        ("text.mp4", b"nothing but words " * 99, "not a video in a known format"),
        ("cut.mp4", clip()[:400], "damaged or incomplete"),
    ],
)
def test_what_is_no_video_is_refused_in_a_sentence(name, data, words):
    app = page(film)
    app.file_uploader[0].set_value((name, data, "video/mp4")).run()
    app.button(key="video-start").click().run()
    until(app, errors)
    assert words in errors(app)[0]
    assert name in errors(app)[0]


def test_the_sample_film_needs_no_file():
    app = page(film)
    app.button(key="video-sample").click().run()
    until(app, lambda page: page.get("video"))
    assert app.caption[0].value.startswith("60 frames in 4.0 s, 640 × 480 pixels.")
    app.button(key="video-discard").click().run()
    assert not healthy(app).get("video")
    assert app.button(key="video-sample")


def test_the_sample_film_shows_a_face_from_afar_and_near():
    with av.open(io.BytesIO(sample_clip())) as opened:
        frames = [frame.to_ndarray(format="rgb24") for frame in opened.decode(video=0)]
    assert len(frames) == 60
    assert frames[0].shape == (480, 640, 3)
    changes = [np.abs(one.astype(int) - other).mean() for one, other in pairwise(frames)]
    assert 1 < min(changes) < max(changes) < 40, "it moves all the time and never jumps"
    assert np.abs(frames[-1].astype(int) - frames[0]).mean() < 5, "it ends where it began"
