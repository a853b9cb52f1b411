"""A video comes back with every frame annotated at its own moment; a hostile file is refused in words."""

import io
import struct
import wave
from dataclasses import replace
from fractions import Fraction

import av
import numpy as np
import pytest
from av.video.reformatter import Colorspace
from PIL import Image

from explainer.errors import Cancelled, ReaderError
from explainer.live.source import LIMITS, VideoSource
from explainer.live.video import annotate

GREY, RED = (90, 110, 130), (230, 20, 30)


class Boxed:
    """A mode that finds the brightest place of a frame and frames it; it counts its runs."""

    sides = ()
    weight = "boxed"

    def __init__(self, runs=0):
        self.runs = runs

    def run(self, frame, side=None):
        self.runs += 1
        y, x = np.argwhere(frame.sum(2) > 650).mean(0) / frame.shape[:2]
        return Box(x, y)


class Box:
    def __init__(self, x, y):
        self.x, self.y = x, y

    def draw(self, frame):
        drawn = frame.copy()
        y, x = round(self.y * frame.shape[0]), round(self.x * frame.shape[1])
        drawn[max(0, y - 16) : y + 16, max(0, x - 16) : x + 16] = RED
        return drawn

    def said(self):
        return ()


def scene(number, width=320, height=240):
    """Grey, with a white square that goes to the right, and the left half of the last rows darker."""
    frame = np.empty((height, width, 3), np.uint8)
    frame[:] = GREY
    frame[-40:, : width // 2] = 20
    left = 40 + number * 4
    frame[60:100, left : left + 40] = 255
    return frame


def filmed(
    frames,
    *,
    rate=Fraction(25),
    times=None,
    codec="libx264",
    format="mp4",
    rotation=0,
    said=True,
    shape=None,
    sound=False,
):
    """Encode frames with PyAV, apart from what is tested; return the file's bytes."""
    file = io.BytesIO()
    with av.open(file, "w", format=format) as container:
        stream = container.add_stream(
            codec, rate=rate, options={"crf": "10", "preset": "ultrafast", "bf": "0"}
        )
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        if times is not None:
            context.time_base = Fraction(1, 1000)
        if shape is not None:
            context.sample_aspect_ratio = shape
        if rotation:
            stream.set_display_rotation(rotation)
        space = Colorspace.ITU601
        if said:
            space = Colorspace.ITU709
            context.colorspace = context.color_primaries = context.color_trc = 1
            context.color_range = 1
        audio = container.add_stream("aac", rate=48000, layout="mono") if sound else None
        for number, pixels in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(
                format="yuv420p", dst_colorspace=space
            )
            if not said:
                frame.colorspace, frame.color_range = 2, 0  # unspecified
            frame.pts = number if times is None else round(1000 * times[number])
            frame.time_base = context.time_base if times is not None else 1 / Fraction(rate)
            container.mux(stream.encode(frame))
        if audio is not None:
            silence = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
            silence.sample_rate, silence.pts = 48000, 0
            container.mux(audio.encode(silence))
            container.mux(audio.encode(None))
        container.mux(stream.encode(None))
    return file.getvalue()


def read(path):
    with av.open(str(path)) as container:
        return [
            (frame.time, frame.to_ndarray(format="rgb24").astype(int)) for frame in container.decode(video=0)
        ]


def source(data, **limits):
    return VideoSource(io.BytesIO(data), "clip", replace(LIMITS, **limits))


# --- what comes back -------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60)])
def test_every_frame_comes_back_annotated_at_its_moment(tmp_path, rate):
    mode, told = Boxed(), []
    data = filmed([scene(number) for number in range(30)], rate=rate, sound=True)
    done = annotate(io.BytesIO(data), tmp_path / "out.mp4", mode, lambda *far: told.append(far))
    assert (done.frames, done.runs, done.every, mode.runs) == (30, 30, 1, 30)
    assert (done.width, done.height) == (320, 240)
    assert done.seconds == pytest.approx(30 / rate, abs=1e-3)
    assert told == [(number, 30) for number in range(1, 31)]
    frames = read(done.path)
    assert [at for at, _ in frames] == pytest.approx([float(number / rate) for number in range(30)], abs=5e-5)
    for number, (_, frame) in enumerate(frames):
        x = 40 + number * 4 + 20
        assert np.abs(frame[80, x] - RED).max() < 12, "the box is on the square of this frame"
        assert frame[80, x - 18].min() > 220, "beside the box the square is white"
        assert frame[80, x + 17].min() > 220
        assert np.abs(frame[150, 200] - GREY).max() < 6, "the rest is as it was"
    with av.open(str(done.path)) as container:
        assert [stream.type for stream in container.streams] == ["video"], "the sound is left out"
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
        assert float(container.streams.video[0].average_rate) == pytest.approx(float(rate), rel=1e-3)
        assert container.duration / 1e6 == pytest.approx(30 / rate, abs=2e-3)
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]


def test_uneven_times_stay_uneven(tmp_path):
    times = [0.2, 0.25, 0.4, 0.41, 0.9, 1.5]
    data = filmed([scene(number) for number in range(6)], times=times)
    annotate(io.BytesIO(data), tmp_path / "out.mp4", Boxed())
    # A film begins with its first frame.
    assert [at for at, _ in read(tmp_path / "out.mp4")] == pytest.approx([at - 0.2 for at in times], abs=1e-3)


def test_frames_between_runs_carry_the_result_before(tmp_path):
    mode = Boxed()
    data = filmed([scene(number) for number in range(12)])
    done = annotate(io.BytesIO(data), tmp_path / "out.mp4", mode, every=5)
    assert (done.frames, done.runs, done.every) == (12, 3, 5)
    for number, (_, frame) in enumerate(read(tmp_path / "out.mp4")):
        assert np.abs(frame[80, 60 + 4 * (number // 5 * 5)] - RED).max() < 12


def test_a_network_that_is_too_slow_runs_less_often_but_five_times_a_second(tmp_path):
    data = filmed([scene(number) for number in range(34)], rate=Fraction(30))
    done = annotate(io.BytesIO(data), tmp_path / "out.mp4", Boxed(), patience=1e-9)
    assert done.every == 6
    assert done.runs == 4 + 5, "four to measure, and then after 6, 12 ... frames: 9, 15, 21, 27, 33"
    assert done.frames == 34


@pytest.mark.parametrize("format", ["mov", "matroska", "avi", "mpegts"])
def test_other_containers_are_read(tmp_path, format):
    data = filmed([scene(number) for number in range(5)], format=format)
    assert annotate(io.BytesIO(data), tmp_path / "out.mp4", Boxed()).frames == 5


def test_a_file_on_the_disk_is_read(tmp_path):
    (tmp_path / "clip.webm").write_bytes(filmed([scene(0)] * 5, codec="libvpx", format="webm"))
    assert annotate(tmp_path / "clip.webm", tmp_path / "out.mp4", Boxed()).frames == 5


def test_large_videos_are_shrunk_to_even_sizes(tmp_path):
    data = filmed([scene(number, 1604, 902) for number in range(3)])
    done = annotate(io.BytesIO(data), tmp_path / "out.mp4", Boxed())
    assert (done.width, done.height) == (1280, 720)
    assert np.abs(read(done.path)[1][1][64, 51] - RED).max() < 12, "the square is at 64, 80 of 1604 × 902"


# --- how frames are read ---------------------------------------------------------------------------------


def turned_by_hand(data, matrix):
    """Put another matrix into the track's header (ISO 14496-12, 8.3.2)."""
    place = data.index(b"tkhd") + 4 + 40
    assert struct.unpack_from(">i", data, place) == (0x10000,), "the matrix, so far the identity"
    return data[:place] + struct.pack(">9i", *matrix) + data[place + 36 :]


ONE = 0x10000
CLOCKWISE = (0, ONE, 0, -ONE, 0, 0, 240 * ONE, 0, 0x40000000)
"""The matrix that a telephone writes that was held upright: x' = 240 − y, y' = x."""


def test_a_telephones_video_is_turned_upright():
    data = turned_by_hand(filmed([scene(3)] * 3), CLOCKWISE)
    with source(data) as video:
        frames = [moment.frame for moment in video]
    expected = np.rot90(scene(3), -1).astype(int)  # numpy turns the other way round
    assert frames[0].shape == (320, 240, 3)
    assert np.abs(frames[0] - expected).mean() < 3
    assert np.abs(frames[0][:, :30] - expected[:, :30]).mean() < 3


def test_the_annotated_video_is_upright_itself(tmp_path):
    data = turned_by_hand(filmed([scene(3)] * 3), CLOCKWISE)
    done = annotate(io.BytesIO(data), tmp_path / "out.mp4", Boxed())
    assert (done.width, done.height) == (240, 320)
    with av.open(str(done.path)) as container:
        assert next(container.decode(video=0)).rotation == 0, "turned once, not twice"


@pytest.mark.parametrize("rotation", [90, 180, -90])
def test_all_quarter_turns(rotation):
    with source(filmed([scene(3)] * 2, rotation=rotation)) as video:
        frame = next(iter(video)).frame
    assert np.abs(frame.astype(int) - np.rot90(scene(3), rotation // 90)).mean() < 3


def test_pixels_that_are_not_square_become_square():
    with source(filmed([scene(0, 180, 144)] * 2, shape=Fraction(16, 11))) as video:
        assert next(iter(video)).frame.shape == (144, 262, 3)


@pytest.mark.parametrize(
    ("width", "height", "said"), [(320, 240, True), (1280, 720, True), (320, 240, False)]
)
def test_colours_are_right(width, height, said):
    colours = [(200, 30, 40), (40, 180, 50), (40, 60, 210)]
    frames = [np.full((height, width, 3), colour, np.uint8) for colour in colours]
    with source(filmed(frames, said=said)) as video:
        for colour, moment in zip(colours, video, strict=True):
            assert np.abs(moment.frame[height // 2, width // 2].astype(int) - colour).max() <= 4


def test_hd_that_does_not_tell_its_colours_is_taken_as_players_take_it():
    colour = (200, 30, 40)
    data = filmed([np.full((720, 1280, 3), colour, np.uint8)] * 2, said=False)  # coded as BT.601
    with source(data) as video:
        got = next(iter(video)).frame[300, 300].astype(int)
    y, cb, cr = _encode(colour, 0.299, 0.114)
    assert np.abs(got - _decode(y, cb, cr, 0.2126, 0.0722)).max() <= 4, "read as BT.709"


def _encode(colour, red, blue):
    r, g, b = np.asarray(colour) / 255
    y = red * r + (1 - red - blue) * g + blue * b
    return y, (b - y) / (2 - 2 * blue), (r - y) / (2 - 2 * red)


def _decode(y, cb, cr, red, blue):
    r, b = y + cr * (2 - 2 * red), y + cb * (2 - 2 * blue)
    return 255 * np.clip([r, (y - red * r - blue * b) / (1 - red - blue), b], 0, 1)


# --- what ends early -------------------------------------------------------------------------------------


def test_cancelling_leaves_nothing_behind(tmp_path):
    def stop(done, total):
        if done == 4:
            raise Cancelled

    mode = Boxed()
    (tmp_path / "out.mp4").write_bytes(b"the video before")
    with pytest.raises(Cancelled):
        annotate(io.BytesIO(filmed([scene(0)] * 30)), tmp_path / "out.mp4", mode, stop)
    assert mode.runs == 4
    assert [path.name for path in tmp_path.iterdir()] == ["out.mp4"]
    assert (tmp_path / "out.mp4").read_bytes() == b"the video before"


def test_a_mode_that_fails_leaves_nothing_behind(tmp_path):
    black = [np.zeros((120, 160, 3), np.uint8)] * 3

    class Refusing(Boxed):
        def run(self, frame, side=None):
            raise ReaderError("This network has no such layer.")

    with pytest.raises(ReaderError, match="no such layer"):
        annotate(io.BytesIO(filmed(black)), tmp_path / "out.mp4", Refusing())
    assert list(tmp_path.iterdir()) == []


def sounding(format, codec):
    file = io.BytesIO()
    with av.open(file, "w", format=format) as container:
        stream = container.add_stream(codec, rate=48000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def spoken():
    file = io.BytesIO()
    with wave.open(file, "wb") as opened:
        opened.setnchannels(1)
        opened.setsampwidth(2)
        opened.setframerate(8000)
        opened.writeframes(bytes(16000))
    return file.getvalue()


def pictured():
    file = io.BytesIO()
    Image.fromarray(scene(0)).save(file, "PNG")
    return file.getvalue()


def spoilt(data):
    """Overwrite the coded frames, whose lengths then make no sense."""
    place = data.index(b"mdat") + 4
    return data[:place] + bytes([255]) * 3000 + data[place + 3000 :]


HOSTILE = {
    "empty": (lambda: b"", "is empty"),
    "text": (lambda: b"no video at all\n" * 50, "not a video in a known format"),
    "noise": (lambda: np.random.default_rng(0).bytes(50_000), "not a video in a known format"),
    "picture": (pictured, "not a video in a known format"),
    "wave": (spoken, "only sound"),
    "m4a": (lambda: sounding("mp4", "aac"), "only sound"),
    "mp3": (lambda: sounding("mp3", "libmp3lame"), "only sound"),
    "cut": (lambda: filmed([scene(0)] * 20)[:2000], "damaged or incomplete"),
    "only the beginning": (lambda: filmed([scene(0)] * 2)[:20], "damaged or incomplete"),
    "spoilt": (lambda: spoilt(filmed([scene(number) for number in range(20)])), "damaged or incomplete"),
    "script": (lambda: b"ffconcat version 1.0\nfile '/etc/hostname'\n", "not a video in a known format"),
    "long": (lambda: filmed([scene(0)] * 8, rate=Fraction(1, 20)), "longer than 120 seconds"),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_are_refused_in_words(tmp_path, kind):
    make, words = HOSTILE[kind]
    with pytest.raises(ReaderError, match=words) as refused:
        annotate(io.BytesIO(make()), tmp_path / "out.mp4", Boxed(), name="clip.mp4")
    assert "clip.mp4" in str(refused.value)
    assert list(tmp_path.iterdir()) == []


def test_a_playlist_opens_no_other_file(tmp_path):
    secret = tmp_path / "secret.ts"
    secret.write_bytes(filmed([scene(0)] * 5, format="mpegts"))
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile://{secret}\n#EXT-X-ENDLIST\n"
    listed = tmp_path / "list.m3u8"
    listed.write_text(text)
    with av.open(str(listed), options={"extension_picky": "0"}) as container:
        assert container.streams.video, "FFmpeg itself would open it"
    for file in (io.BytesIO(text.encode()), listed):
        with pytest.raises(ReaderError, match="not a video in a known format"):
            VideoSource(file, "clip.mp4")


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"size": 1000}, "larger than"),
        ({"seconds": 0.1}, "longer than"),
        ({"frames": 10}, "more than 10 frames"),
        ({"pixels": 320 * 240 - 1}, "320 × 240 pixels"),
    ],
)
def test_limits_hold(limits, words):
    data = filmed([scene(number) for number in range(50)])
    with pytest.raises(ReaderError, match=words), source(data, **limits) as video:
        list(video)


@pytest.mark.parametrize(
    ("limits", "words"), [({"seconds": 0.1}, "longer than"), ({"frames": 10}, "more than 10 frames")]
)
def test_limits_hold_where_the_file_does_not_tell(limits, words):
    data = filmed([scene(number) for number in range(50)], format="mpegts")
    with source(data) as video:
        video.limits = replace(LIMITS, **limits)
        with pytest.raises(ReaderError, match=words):
            list(video)
