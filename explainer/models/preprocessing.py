"""From a photograph to the tensor a network receives, and back to where each input pixel came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

Box = tuple[float, float, float, float]
"""Left, top, right, bottom: in pixels, with pixel (0, 0) covering 0..1."""

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}

LARGEST_RESIZED = 4_000_000
"""Pixels of a resized picture that are still made whole before the crop (a 10 x 10,000 strip is not)."""


@dataclass(frozen=True)
class Geometry:
    """Where a photograph lies under the network's input: resized to ``resized``, then cut at ``offset``."""

    photo: tuple[int, int]
    """Width and height of the photograph."""
    resized: tuple[int, int]
    """Width and height after resizing."""
    offset: tuple[int, int]
    """Left and top of the crop in the resized picture; negative where the picture is padded with black."""
    size: tuple[int, int]
    """Width and height of the network's input."""

    def to_photo(self, box: Box) -> Box:
        """Return the part of the photograph, in its pixels, that ``box`` of the input shows."""
        left, top, right, bottom = box
        (dx, dy), x, y = self.offset, self.photo[0] / self.resized[0], self.photo[1] / self.resized[1]
        return (left + dx) * x, (top + dy) * y, (right + dx) * x, (bottom + dy) * y

    def to_input(self, box: Box) -> Box:
        """Return where ``box`` of the photograph lies in the network's input; may reach outside of it."""
        left, top, right, bottom = box
        (dx, dy), x, y = self.offset, self.resized[0] / self.photo[0], self.resized[1] / self.photo[1]
        return left * x - dx, top * y - dy, right * x - dx, bottom * y - dy


@dataclass(frozen=True)
class Preprocessing:
    """What a network was trained to be fed: resize, crop in the centre, scale to 0..1, normalise.

    ``apply`` returns the numbers of ``torchvision.transforms.Resize``, ``CenterCrop``, ``ToTensor`` and
    ``Normalize`` on a PIL image, bit for bit (pictures of an extreme shape excepted, where only the part
    that is kept is resized).
    """

    size: tuple[int, int]
    """Height and width of the input."""
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    mode: str = "RGB"
    """``"RGB"``, or ``"L"`` for networks that see one channel of grey."""
    resize: int | tuple[int, int] | None = None
    """The shorter side after resizing, an exact (height, width), or ``None`` to leave the size alone."""
    interpolation: str = "bilinear"

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> Preprocessing:
        """Read the ``preprocessing`` entry of a model card.

        ``resize`` may be a number (shorter side), ``[height, width]``, or be missing or null, which means
        the shorter side fits ``size``; with ``crop`` null or ``"none"`` the whole picture is squeezed into
        ``size`` instead.
        """
        height, width = (int(side) for side in card["size"])
        mode = str(card.get("mode", "RGB"))
        channels = 1 if mode == "L" else 3
        resize = card.get("resize")
        if card.get("crop", "center") in (None, False, "none"):
            resize = (height, width)
        elif isinstance(resize, Sequence) and not isinstance(resize, str):
            resize = (int(resize[0]), int(resize[1]))
        else:
            resize = int(resize) if isinstance(resize, int | float) else max(height, width)
        return cls(
            size=(height, width),
            mean=tuple(float(value) for value in card.get("mean") or [0.0] * channels),
            std=tuple(float(value) for value in card.get("std") or [1.0] * channels),
            mode=mode,
            resize=resize,
            interpolation=str(card.get("interpolation", "bilinear")),
        )

    @property
    def channels(self) -> int:
        """Number of input channels."""
        return len(self.mean)

    def geometry(self, photo: tuple[int, int]) -> Geometry:
        """Return how a photograph of ``(width, height)`` is placed under the input."""
        width, height = photo
        if self.resize is None:
            resized = photo
        elif isinstance(self.resize, int):
            short, long = sorted(photo)
            longer = max(1, int(self.resize * long / short))
            resized = (self.resize, longer) if width <= height else (longer, self.resize)
        else:
            resized = (self.resize[1], self.resize[0])
        size = (self.size[1], self.size[0])
        offset = (_crop_offset(resized[0], size[0]), _crop_offset(resized[1], size[1]))
        return Geometry(photo, resized, offset, size)

    def to_image_box(self, box: Box, photo: tuple[int, int]) -> Box:
        """Map ``box`` in input pixels to pixels of a photograph of ``(width, height)``."""
        return self.geometry(photo).to_photo(box)

    def picture(self, image: Image.Image) -> Image.Image:
        """Return the resized and cropped photograph: an 8-bit picture of the input's size."""
        image = image.convert(self.mode)
        place = self.geometry(image.size)
        resample = FILTERS[self.interpolation]
        (left, top), (width, height) = place.offset, place.size
        inside = left >= 0 and top >= 0
        if inside and place.resized[0] * place.resized[1] > LARGEST_RESIZED:
            return image.resize(place.size, resample, box=place.to_photo((0, 0, width, height)))
        if place.resized != image.size:
            image = image.resize(place.resized, resample)
        return image.crop((left, top, left + width, top + height))

    def apply(self, image: Image.Image) -> Tensor:
        """Return the network's input for a photograph: float32 [1, C, H, W]."""
        import torch

        pixels = np.asarray(self.picture(image))
        if pixels.ndim == 2:
            pixels = pixels[:, :, None]
        scaled = torch.from_numpy(pixels.transpose(2, 0, 1).copy()).to(torch.float32).div_(255)
        mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (self.mean, self.std))
        return scaled.sub_(mean).div_(std).unsqueeze(0)

    def as_seen(self, images: Tensor) -> np.ndarray:
        """Return the picture that an input tensor shows: uint8 [H, W, 3].

        The inverse of the normalisation, for [1, C, H, W] or [C, H, W]; values outside 0..1 (an adversarial
        step, a drawn input) are clipped.
        """
        import torch

        image = images.detach().to("cpu", torch.float32)
        image = image[0] if image.ndim == 4 else image
        mean, std = (torch.tensor(values).view(-1, 1, 1) for values in (self.mean, self.std))
        pixels = (image * std + mean).mul(255).round().clamp(0, 255).to(torch.uint8)
        return np.ascontiguousarray(pixels.expand(3, -1, -1).permute(1, 2, 0).numpy())

    def code(self, path: str = "photo.jpg") -> str:
        """Return plain torchvision code that makes the same tensor, ``images``, from a picture file."""
        steps = []
        if self.mode == "L":
            steps.append("transforms.Grayscale(),")
        if self.resize is not None:
            mode = f"transforms.InterpolationMode.{self.interpolation.upper()}"
            steps.append(f"transforms.Resize({self.resize}, interpolation={mode}),")
        if self.resize != self.size:
            steps.append(f"transforms.CenterCrop({self.size}),")
        steps.append("transforms.ToTensor(),")
        if any(self.mean) or any(value != 1 for value in self.std):
            steps.append(f"transforms.Normalize({list(self.mean)}, {list(self.std)}),")
        lines = "\n".join(f"    {step}" for step in steps)
        return (
            "from PIL import Image, ImageOps\n"
            "from torchvision import transforms\n\n"
            f"preprocess = transforms.Compose([\n{lines}\n])\n"
            f"photo = ImageOps.exif_transpose(Image.open({path!r})).convert('RGB')\n"
            "images = preprocess(photo).unsqueeze(0)\n"
        )


def _crop_offset(have: int, want: int) -> int:
    """Return where a centred crop begins, rounded as torchvision rounds it; negative where it must pad."""
    return -((want - have) // 2) if want > have else round((have - want) / 2)
