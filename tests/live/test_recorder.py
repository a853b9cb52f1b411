"""What was shown comes back as a video and as a GIF: the pixels, and the time between them."""

import io
import threading

import av
import numpy as np
import pytest
from PIL import Image, ImageSequence

from explainer.errors import ReaderError
from explainer.live.encoding import Mp4Writer, encoder, even, fitted
from explainer.live.recorder import Recorder, write_gif, write_mp4

COLOURS = [(220, 30, 40), (30, 200, 60), (30, 40, 220), (240, 240, 240), (10, 10, 10), (200, 160, 30)]


def painted(colour, height=120, width=160):
    """A picture in one colour, with a lighter square left of the middle, so that sides can be told."""
    frame = np.empty((height, width, 3), np.uint8)
    frame[:] = colour
    frame[height // 4 : height // 2, width // 8 : width // 4] = 255 - np.asarray(colour)
    return frame


def recorded(times, **options):
    recorder = Recorder(**options)
    for number, at in enumerate(times):
        recorder.add(painted(COLOURS[number % len(COLOURS)]), at)
    return recorder


def decoded(data):
    with av.open(io.BytesIO(data)) as container:
        frames = [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]
        return frames, container.duration / 1e6, container.streams.video[0]


# --- what is kept ----------------------------------------------------------------------------------------


def test_the_last_seconds_are_kept_counted_from_the_newest_frame():
    recorder = recorded([0, 1, 2, 3, 3.5, 4.25], seconds=2)
    assert [shot.at for shot in recorder.shots()] == [3, 3.5, 4.25]
    assert recorder.span == 1.25
    recorder.add(painted(COLOURS[0]), 100)
    assert [shot.at for shot in recorder.shots()] == [100], "what was before a pause is gone"


def test_memory_is_bounded_however_large_the_frames_are():
    noise = np.random.default_rng(0)
    recorder = Recorder(seconds=1000, budget=200_000)
    for at in range(60):
        recorder.add(noise.integers(0, 256, (120, 160, 3), np.uint8), at)
        assert recorder.size == sum(len(shot.jpeg) for shot in recorder.shots()) <= 200_000
    assert 3 < len(recorder) < 60
    assert recorder.shots()[-1].at == 59, "the oldest go, not the newest"


def test_one_frame_above_the_budget_is_not_kept():
    recorder = Recorder(budget=500)
    recorder.add(np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8), 1)
    assert (len(recorder), recorder.size, recorder.span) == (0, 0, 0)


def test_a_frame_that_is_not_later_is_dropped():
    assert [shot.at for shot in recorded([1, 2, 2, 1.5, 3]).shots()] == [1, 2, 3]


def test_a_kept_frame_looks_as_it_did():
    recorder = Recorder()
    recorder.add(painted((220, 30, 40)), 0)
    kept = recorder.shots()[0].pixels().astype(int)
    assert np.abs(kept - painted((220, 30, 40))).mean() < 4
    assert np.abs(kept[-5, -5] - (220, 30, 40)).max() < 6, "red stays red"


def test_threads_may_add_read_and_forget_at_once():
    recorder, failures = Recorder(seconds=0.5, budget=150_000), []

    def work(add):
        try:
            for _ in range(150):
                if add:
                    recorder.add(painted(COLOURS[0]))
                elif shots := recorder.shots():
                    assert [one.at for one in shots] == sorted(one.at for one in shots)
        except Exception as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number % 2 == 0,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert recorder.size == sum(len(shot.jpeg) for shot in recorder.shots()) <= 150_000
    recorder.clear()
    assert (len(recorder), recorder.size) == (0, 0)


# --- as a video ------------------------------------------------------------------------------------------


def test_the_video_keeps_the_time_between_frames():
    times = [10.0, 10.05, 10.2, 10.21, 10.5, 11.0]
    frames, duration, stream = decoded(write_mp4(recorded(times).shots()))
    assert [time for time, _ in frames] == pytest.approx([at - 10 for at in times], abs=1e-4)
    assert duration == pytest.approx(1.0 + 0.15, abs=2e-3), "the last frame lasts the median of the others"
    assert stream.codec_context.name == ("h264" if encoder() == "libx264" else "mpeg4")
    assert stream.codec_context.pix_fmt == "yuv420p"


def test_the_video_shows_what_was_shown():
    frames, *_ = decoded(write_mp4(recorded(range(6)).shots()))
    assert len(frames) == 6
    for colour, (_, frame) in zip(COLOURS, frames, strict=True):
        assert frame.shape == (120, 160, 3)
        # JPEG and H.264, both with halved colour, one after the other.
        assert np.abs(frame[100, 120].astype(int) - colour).max() <= 6
        assert np.abs(frame[45, 30].astype(int) - (255 - np.asarray(colour))).max() <= 12


def test_mpeg4_serves_where_there_is_no_h264():
    file = io.BytesIO()
    with Mp4Writer(file, (160, 120), 10, name="mpeg4") as writer:
        for number, colour in enumerate(COLOURS):
            writer.write(painted(colour), number / 10, 0.1)
    frames, duration, stream = decoded(file.getvalue())
    assert stream.codec_context.name == "mpeg4"
    assert [time for time, _ in frames] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5], abs=1e-4)
    assert duration == pytest.approx(0.6, abs=2e-3)
    assert np.abs(frames[2][1][100, 120].astype(int) - COLOURS[2]).max() <= 12


def test_odd_and_changing_sizes_are_fitted_into_the_largest():
    recorder = Recorder()
    recorder.add(painted(COLOURS[0], 60, 80), 0)
    recorder.add(painted(COLOURS[1], 121, 161), 1)
    recorder.add(painted(COLOURS[2], 160, 80), 2)  # a telephone that was turned
    frames, *_ = decoded(write_mp4(recorder.shots()))
    assert {frame.shape for _, frame in frames} == {(120, 160, 3)}
    turned = frames[2][1].astype(int)
    assert turned[:, :45].max() < 40, "black beside a picture that is narrower than the video"
    assert np.abs(turned[100, 80] - COLOURS[2]).max() < 12


def test_fitting_keeps_proportions():
    inside = fitted(np.full((50, 100, 3), 200, np.uint8), (40, 40))
    lit = np.argwhere(inside[..., 0] > 100)
    assert lit.min(0).tolist() == [10, 0]
    assert lit.max(0).tolist() == [29, 39]


@pytest.mark.parametrize(
    ("asked", "longest", "size"),
    [
        ((641, 479), None, (640, 480)),
        ((1920, 1080), 1280, (1280, 720)),
        ((1080, 1920), 1280, (720, 1280)),
        ((1, 1), None, (2, 2)),
        ((853, 480), 1280, (852, 480)),
    ],
)
def test_sizes_are_even(asked, longest, size):
    assert even(*asked, longest) == size


# --- as a GIF --------------------------------------------------------------------------------------------


def test_the_gif_is_smaller_slower_and_as_long():
    recorder = Recorder()
    for number in range(90):  # three seconds at thirty frames a second
        recorder.add(painted(COLOURS[number // 15], 480, 640), number / 30)
    data = write_gif(recorder.shots())
    with Image.open(io.BytesIO(data)) as gif:
        assert gif.size == (320, 240)
        assert gif.info["loop"] == 0
        frames = [(frame.info["duration"], frame.convert("RGB")) for frame in ImageSequence.Iterator(gif)]
    assert len(frames) <= 31, "ten a second at most; alike ones may be one"
    assert sum(lasting for lasting, _ in frames) == pytest.approx(3000, abs=20)
    began, seen = 0, []
    for lasting, frame in frames:
        seen.append((began, frame.getpixel((250, 200))))
        began += lasting
    for at, colour in seen:
        assert np.abs(np.subtract(colour, COLOURS[at // 500])).max() < 24, f"at {at} ms"


def palettes_of(data):
    """Walk through a GIF's blocks (GIF89a, section 17 on): has it a global palette, and frames their own?"""
    everywhere, own = bool(data[10] & 0x80), []
    place = 13 + (3 << (data[10] & 7) + 1) * everywhere
    while data[place] != 0x3B:
        if data[place] == 0x2C:
            own.append(bool(data[place + 9] & 0x80))
            place += 10 + (3 << (data[place + 9] & 7) + 1) * own[-1] + 1
        else:
            place += 2
        while data[place]:
            place += data[place] + 1
        place += 1
    return everywhere, own


def test_the_gif_has_one_palette_for_all_frames():
    data = write_gif(recorded([0, 0.5, 1.0, 1.5]).shots())
    assert palettes_of(data) == (True, [False] * 4)


@pytest.mark.parametrize("write", [write_mp4, write_gif])
def test_nothing_is_said_in_words(write):
    with pytest.raises(ReaderError, match="Nothing has been shown"):
        write(Recorder().shots())


@pytest.mark.parametrize("write", [write_mp4, write_gif])
def test_a_single_frame_is_enough(write):
    assert len(write(recorded([5]).shots())) > 500
