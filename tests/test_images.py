"""Uploads of every kind: the right pixels, or a sentence."""

import contextlib
import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from explainer.errors import ReaderError
from explainer.images import read_image

rng = np.random.default_rng(0)
PIXELS = np.kron(rng.integers(0, 256, (4, 6, 3)), np.ones((8, 8, 1))).astype(
    np.uint8
)  # 32 x 48, flat patches
PHOTO = Image.fromarray(PIXELS)


def encode(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width: int, height: int, bits: int, colour: int, rows: bytes) -> bytes:
    """A PNG written by hand: 16-bit colour is more than Pillow writes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def assert_close(image: Image.Image, pixels: np.ndarray, tolerance: float = 0.0) -> None:
    assert image.mode == "RGB"
    difference = np.abs(np.asarray(image).astype(float) - pixels)
    assert difference.mean() <= tolerance


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_lossless_formats_come_back_exactly(kind):
    assert_close(read_image(encode(PHOTO, kind), "a"), PIXELS)


@pytest.mark.parametrize(
    ("kind", "options"), [("JPEG", {"quality": 95, "subsampling": 0}), ("WEBP", {"quality": 95})]
)
def test_lossy_formats_come_back_closely(kind, options):
    assert_close(read_image(encode(PHOTO, kind, **options)), PIXELS, 12)


def test_gif_and_palette():
    few = PHOTO.quantize(24)
    assert_close(read_image(encode(few, "GIF")), np.asarray(few.convert("RGB")))
    assert_close(read_image(encode(few, "PNG")), np.asarray(few.convert("RGB")))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_an_animation_gives_its_first_frame(kind):
    frames = [Image.new("RGB", (9, 7), colour) for colour in ("red", "lime", "blue")]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    assert_close(read_image(data), np.asarray(frames[0]))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_rotation_is_applied(orientation, kind):
    small = Image.fromarray(np.kron(PIXELS[::8, ::8], np.ones((16, 16, 1))).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"quality": 95} if kind == "JPEG" else {"lossless": True} if kind == "WEBP" else {}
    stored = np.asarray(small)
    # What a viewer shows, from the meaning of the tag's eight values.
    shown = {
        1: stored,
        2: stored[:, ::-1],
        3: stored[::-1, ::-1],
        4: stored[::-1],
        5: stored.transpose(1, 0, 2),
        6: stored[::-1].transpose(1, 0, 2),
        7: stored[::-1, ::-1].transpose(1, 0, 2),
        8: stored[:, ::-1].transpose(1, 0, 2),
    }[orientation]
    image = read_image(encode(small, kind, exif=exif, **options))
    assert_close(image, shown, 12 if kind == "JPEG" else 0)


def test_sixteen_bits_are_scaled_not_clipped():
    ramp = np.arange(0, 65536, 257 * 5, dtype=np.uint16).reshape(1, -1)
    expected = np.repeat((ramp / 257).round()[:, :, None], 3, axis=2)
    for kind in ("PNG", "TIFF"):
        assert_close(read_image(encode(Image.fromarray(ramp), kind)), expected)
    big_endian = encode(Image.fromarray(ramp.astype(">u2")), "TIFF")
    assert_close(read_image(big_endian), expected)


def test_sixteen_bit_colour():
    values = rng.integers(0, 65536, (5, 7, 3), dtype=np.uint16)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    assert_close(read_image(png(7, 5, 16, 2, rows)), values / 257, 1)


def test_float_and_32_bit_tiff():
    fractions = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    expected = np.repeat((fractions * 255).round()[:, :, None], 3, axis=2)
    assert_close(read_image(encode(Image.fromarray(fractions), "TIFF")), expected)
    assert_close(read_image(encode(Image.fromarray(fractions * 1000 - 500), "TIFF")), expected)
    hole = fractions.copy()
    hole[0, 0] = np.nan
    assert np.isfinite(np.asarray(read_image(encode(Image.fromarray(hole), "TIFF")))).all()
    whole = (fractions * 1_000_000).astype(np.int32)
    assert_close(read_image(encode(Image.fromarray(whole), "TIFF")), expected, 1)


def test_cmyk():
    data = encode(PHOTO.convert("CMYK"), "JPEG", quality=95)
    assert_close(read_image(data), PIXELS, 15)
    assert_close(read_image(encode(PHOTO.convert("CMYK"), "TIFF")), PIXELS, 1)


def test_transparency_is_over_white():
    red = np.zeros((4, 4, 4), np.uint8)
    red[..., 0] = 255
    red[:, 2:, 3] = 255
    red[0, 0, 3] = 51  # a fifth of red over white
    expected = np.full((4, 4, 3), 255)
    expected[:, 2:, 1:] = 0
    expected[0, 0, 1:] = 204
    for kind in ("PNG", "TIFF"):
        assert_close(read_image(encode(Image.fromarray(red), kind)), expected)
    grey = Image.fromarray(
        np.dstack([np.zeros((2, 2), np.uint8), np.array([[0, 255], [255, 0]], np.uint8)]), "LA"
    )
    assert np.asarray(read_image(encode(grey, "PNG")))[..., 0].tolist() == [[255, 0], [0, 255]]


def test_transparent_palette_and_colour_key():
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 200, 100, 50])
    palette.putpixel((1, 0), 1)
    assert np.asarray(read_image(encode(palette, "PNG", transparency=0))).tolist() == [
        [[255] * 3, [200, 100, 50]]
    ]
    assert np.asarray(read_image(encode(palette, "GIF", transparency=0))).tolist() == [
        [[255] * 3, [200, 100, 50]]
    ]
    keyed = Image.fromarray(np.array([[[1, 2, 3], [9, 8, 7]]], np.uint8))
    data = encode(keyed, "PNG", transparency=(1, 2, 3))
    assert np.asarray(read_image(data)).tolist() == [[[255] * 3, [9, 8, 7]]]


@pytest.mark.parametrize("mode", ["1", "L"])
def test_grey_and_black_and_white(mode):
    image = PHOTO.convert(mode)
    assert_close(read_image(encode(image, "PNG")), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("size", [(1, 1), (10_000, 10), (10, 10_000), (1, 3)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_extreme_shapes_work(size, kind):
    assert read_image(encode(Image.new("RGB", size, "teal"), kind)).size == size


def refusal(data: bytes) -> str:
    with pytest.raises(ReaderError) as caught:
        read_image(data, "holiday.jpg")
    assert "holiday.jpg" in str(caught.value)
    return str(caught.value)


def test_what_is_no_picture_is_refused_in_words():
    assert "empty" in refusal(b"")
    assert "not a picture" in refusal(b"Dear diary, today I renamed a text file.")
    assert "not a picture" in refusal(b"%PDF-1.7 nothing more")
    assert "HEIC" in refusal(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    assert "20 MB" in refusal(bytes(20_000_001))


def test_a_bomb_is_refused_before_it_is_decoded():
    message = refusal(png(20_000, 20_000, 8, 0, b"\0" * 100))
    assert "50 million" in message
    assert "8000 × 8000" in refusal(png(8_000, 8_000, 8, 0, b"\0" * 100))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_truncated_files_are_refused(kind):
    noise = Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8))
    data = encode(noise, kind)
    for part in (0.9, 0.5, 0.1):
        assert any(word in refusal(data[: int(len(data) * part)]) for word in ("damaged", "not a picture"))


@pytest.mark.filterwarnings("ignore")  # Pillow also warns about what it repairs
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_damaged_bytes_never_escape_as_another_error(kind):
    data = encode(PHOTO, kind)
    dice = random.Random(0)
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(dice.choice((1, 3, 20))):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        with contextlib.suppress(ReaderError):
            assert read_image(bytes(damaged)).mode == "RGB"


def test_large_photos_are_shrunk_in_proportion():
    image = read_image(encode(Image.new("RGB", (4800, 3200), "teal"), "JPEG"))
    assert image.width * image.height <= 2048 * 2048
    assert image.width / image.height == pytest.approx(1.5, abs=0.002)
