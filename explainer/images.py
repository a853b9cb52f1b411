"""Read pictures that anyone may upload: the right RGB pixels, or a sentence that says what to do."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageOps

from explainer.errors import ReaderError

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
LARGEST_KEPT = 2048 * 2048
"""Pixels; larger pictures are shrunk to about so many."""
LARGEST_FILE = 20_000_000
"""Bytes."""
LARGEST_PICTURE = 50_000_000
"""Pixels: a little more than a 48-megapixel phone takes; 150 MB once decoded."""
_PIECE = 1 << 20
"""Numbers that are scaled at a time: a whole picture of them, eight bytes each, would take gigabytes."""

_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    EOFError,
    MemoryError,
    NotImplementedError,
    RuntimeError,
    AssertionError,
    struct.error,
    zlib.error,
)
"""What Pillow's decoders raise on damaged files."""

_EMPTY = "The file {name} is empty. Choose a picture file."
_HEAVY = "The file {name} is larger than {limit} MB. Save the picture smaller and try again."
_HUGE = (
    "The picture {name} has {width} × {height} pixels, more than {limit} million. "
    "Save it smaller and try again."
)
_BOMB = "The picture {name} has more than {limit} million pixels. Save it smaller and try again."
_UNKNOWN = "The file {name} is not a picture in a known format. Use PNG, JPEG, WebP, BMP, GIF or TIFF."
_HEIC = "The picture {name} is in a phone's HEIC or AVIF format. Export it as JPEG or PNG and try again."
_DAMAGED = "The picture {name} is damaged or incomplete. Open it elsewhere, save it again and try that file."
_COLOURS = (
    "The picture {name} uses a colour format ({mode}) that cannot be read. Save it as an RGB PNG or JPEG."
)


def read_image(data: bytes, name: str = "") -> Image.Image:
    """Return the picture in an uploaded file as an 8-bit RGB image, the way a viewer would show it.

    The first frame of an animation; turned as its EXIF orientation says; transparent parts over white; 16-bit
    and floating-point values scaled to 8 bits, not clipped; shrunk to about 4 million pixels. Nothing
    is decoded before its size is known to be harmless.

    Args:
        data: the file's bytes; its kind is told by them alone.
        name: what the file is called in messages.

    Raises:
        ReaderError: the file is empty, too large, damaged or no picture.
    """
    name = name or "(no name)"
    if not data:
        raise ReaderError(_EMPTY, name=name)
    if len(data) > LARGEST_FILE:
        raise ReaderError(_HEAVY, name=name, limit=LARGEST_FILE // 1_000_000)
    with _in_words(name, data):
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        if image.width * image.height > LARGEST_PICTURE:
            raise ReaderError(
                _HUGE, name=name, width=image.width, height=image.height, limit=LARGEST_PICTURE // 1_000_000
            )
        image.load()
    with _in_words(name, data):
        try:
            return _bounded(to_rgb(_upright(image)))
        except ValueError as error:
            raise ReaderError(_COLOURS, name=name, mode=image.mode) from error


def _bounded(image: Image.Image) -> Image.Image:
    """Shrink a picture that is larger than any network looks at, so that it can be kept."""
    shrink = (image.width * image.height / LARGEST_KEPT) ** 0.5
    if shrink > 1:
        image.thumbnail((image.width / shrink, image.height / shrink), Image.Resampling.LANCZOS)
    return image


def to_rgb(image: Image.Image) -> Image.Image:
    """Convert any of Pillow's modes to RGB over white; ``ValueError`` for a mode it cannot convert."""
    if image.mode == "F" or image.mode.startswith("I"):
        return _scaled(image)
    if image.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in image.info:
        if image.mode in {"La", "RGBa"}:  # premultiplied: Pillow undoes it only in this step
            image = image.convert({"La": "LA", "RGBa": "RGBA"}[image.mode])
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


@contextmanager
def _in_words(name: str, data: bytes) -> Iterator[None]:
    """Turn what Pillow raises into a sentence."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ReaderError(_BOMB, name=name, limit=LARGEST_PICTURE // 1_000_000) from error
    except Image.UnidentifiedImageError as error:
        phone = data[4:8] == b"ftyp"
        raise ReaderError(_HEIC if phone else _UNKNOWN, name=name) from error
    except _BROKEN as error:
        raise ReaderError(_DAMAGED, name=name) from error


def _upright(image: Image.Image) -> Image.Image:
    """Turn the picture as its EXIF orientation says; a broken EXIF block turns nothing."""
    try:
        return ImageOps.exif_transpose(image)
    except _BROKEN:
        return image


def _scaled(image: Image.Image) -> Image.Image:
    """Bring grey values of 16 or 32 bits or floating point to 0..255.

    Whole numbers in 0..65535 are 16-bit values and floats in 0..1 fractions of white; floats and 32-bit
    numbers within 0..255 stand as they are, and any other range is stretched from its least to its greatest.
    """
    flat = np.asarray(image).reshape(-1)
    pieces = np.array_split(flat, 1 + flat.size // _PIECE)

    def finite(piece: np.ndarray) -> np.ndarray:
        return np.nan_to_num(piece.astype(np.float64), posinf=0.0, neginf=0.0)

    low = min(float(finite(piece).min()) for piece in pieces)
    high = max(float(finite(piece).max()) for piece in pieces)
    gain, start = 1.0, 0.0
    if image.mode.startswith("I;16") or (image.mode == "I" and low >= 0 and 255 < high <= 65535):
        gain = 1 / 257
    elif image.mode == "F" and low >= 0 and high <= 1:
        gain = 255.0
    elif low < 0 or high > 255:
        gain, start = 255 / (high - low or 1), low
    scaled = [((finite(piece) - start) * gain).round().astype(np.uint8) for piece in pieces]
    return Image.fromarray(np.concatenate(scaled).reshape(image.height, image.width)).convert("RGB")
