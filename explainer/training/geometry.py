"""Where each pixel of an augmented image comes from: all movements as one map, sampled once."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from explainer.training.recipe import Augmentation

CORNERS = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]], dtype=torch.float64)
"""Of an image, x and y from -1 to 1: as in ``grid_sample`` the outer edges, not the middles of pixels."""
_TRIES = 10
"""Rectangles that are drawn until one fits into the image, as torchvision does it."""


@dataclass(frozen=True, eq=False)
class Geometry:
    """How each image of a batch is moved; ``None`` where nothing of the kind is."""

    mirrored: Tensor | None = None
    """bool [N]: left and right change places, before all that follows."""
    moved: Tensor | None = None
    """int64 [N, 2]: whole pixels down and to the right; black comes in."""
    box: Tensor | None = None
    """int64 [N, 4]: top, left, height and width of the part that fills the result."""
    corners: Tensor | None = None
    """float64 [N, 4, 2]: the places that the corners show, in the order and the units of ``CORNERS``."""
    scale: Tensor | None = None
    """[N]: above one enlarges."""
    angle: Tensor | None = None
    """[N]: degrees, anticlockwise."""
    shift: Tensor | None = None
    """[N, 2]: the place that moves to the middle, x and y from -1 to 1."""

    @property
    def whole(self) -> bool:
        """Whether every pixel stays a pixel, so that nothing is to be resampled."""
        return self.scale is None and self.box is None

    @property
    def upright(self) -> bool:
        """Whether rectangles of the image fill the result, with rows that stay rows."""
        return self.scale is None and self.box is not None


def draw(count: int, generator: torch.Generator, low: float = 0.0, high: float = 1.0) -> Tensor:
    """Return so many random numbers, on the CPU, equally likely from ``low`` to ``high``."""
    return torch.rand(count, generator=generator) * (high - low) + low


def draw_geometry(
    settings: Augmentation, count: int, height: int, width: int, generator: torch.Generator
) -> Geometry:
    """Draw how ``count`` images of a size are moved."""
    moves = Geometry()
    if settings.flip:
        moves = dataclasses.replace(moves, mirrored=draw(count, generator) < settings.flip)
    if not (settings.scale or settings.rotate or settings.crop or settings.perspective):
        if settings.shift:
            moves = dataclasses.replace(
                moves, moved=_whole_shift(settings.shift, count, height, width, generator)
            )
        return moves
    if settings.crop:
        box = draw_box(count, height, width, (settings.crop, 1.0), (3 / 4, 4 / 3), generator)
        box = torch.where(box[:, 2:3] > 0, box, _middle(height, width))
        moves = dataclasses.replace(moves, box=box)
        if not (settings.shift or settings.scale or settings.rotate or settings.perspective):
            return moves
    scale = draw(count, generator, 1 - settings.scale, 1 + settings.scale)
    angle = draw(count, generator, -settings.rotate, settings.rotate)
    shift = torch.stack(
        [draw(count, generator, -2 * settings.shift, 2 * settings.shift) for _ in range(2)], 1
    )
    moves = dataclasses.replace(moves, scale=scale, angle=angle, shift=shift)
    if settings.perspective:
        inwards = settings.perspective * torch.rand(count, 4, 2, generator=generator, dtype=torch.float64)
        moves = dataclasses.replace(moves, corners=CORNERS * (1 - inwards))
    return moves


def draw_box(
    count: int,
    height: int,
    width: int,
    area: tuple[float, float],
    aspect: tuple[float, float],
    generator: torch.Generator,
) -> Tensor:
    """Draw a rectangle for each image, int64 [N, 4]: top, left, height, width; the last two 0 if none fits.

    As torchvision's ``RandomResizedCrop`` and ``RandomErasing`` do it: an area (a share of the image's) that
    is equally likely within its bounds, a ratio of the sides that is as likely as its inverse, sides in whole
    pixels; the first of ten such draws that fits.
    """
    areas = draw(_TRIES * count, generator, *area).reshape(_TRIES, count) * (height * width)
    low, high = (math.log(bound) for bound in aspect)
    aspects = draw(_TRIES * count, generator, low, high).reshape(_TRIES, count).exp()
    wide, tall = (areas * aspects).sqrt().round().long(), (areas / aspects).sqrt().round().long()
    fits = (wide > 0) & (wide <= width) & (tall > 0) & (tall <= height)
    first = fits.int().argmax(0, keepdim=True)
    tall, wide = ((side * fits).gather(0, first)[0] for side in (tall, wide))
    top, left = (
        torch.minimum((draw(count, generator) * (space + 1)).long(), space)
        for space in (height - tall, width - wide)
    )
    return torch.stack([top, left, tall, wide], 1)


def source_map(moves: Geometry, height: int, width: int) -> Tensor:
    """Return for each image the matrix [3, 3] from a place in the result to the place it shows.

    Places are (x, y, 1), x and y from -1 to 1, and are to be divided by their third number. For a geometry
    that is neither ``whole`` nor ``upright``. An image is cropped, mirrored, seen in perspective, shifted,
    and last of all scaled and rotated around its middle.
    """
    assert moves.scale is not None
    assert moves.angle is not None
    assert moves.shift is not None
    zoom, angle = 1 / moves.scale, moves.angle * math.pi / 180
    cos, sin = zoom * angle.cos(), zoom * angle.sin()
    tall, wide = height / width, width / height  # turned in pixels, also where the image is no square
    matrix = torch.eye(3).repeat(len(zoom), 1, 1)
    matrix[:, 0] = torch.stack([cos, -sin * tall, moves.shift[:, 0]], 1)
    matrix[:, 1] = torch.stack([sin * wide, cos, moves.shift[:, 1]], 1)
    if moves.corners is not None:
        matrix = _perspective(moves.corners) @ matrix
    if moves.mirrored is not None:
        matrix[:, 0] = torch.where(moves.mirrored[:, None], -matrix[:, 0], matrix[:, 0])
    if moves.box is not None:
        top, left, rows, columns = moves.box.double().unbind(1)
        crop = torch.eye(3, dtype=torch.float64).repeat(len(zoom), 1, 1)
        crop[:, 0, 0], crop[:, 1, 1] = columns / width, rows / height
        crop[:, 0, 2] = (2 * left + columns) / width - 1
        crop[:, 1, 2] = (2 * top + rows) / height - 1
        matrix = (crop @ matrix.double()).float()
    return matrix


def move(images: Tensor, moves: Geometry) -> Tensor:
    """Mirror images [N, C, H, W] of any type and shift them by whole pixels; for a ``whole`` geometry.

    Rows are copied as they lie in memory: they are not computed, and not gone through number by number.
    """
    count, channels, height, width = images.shape
    owner = torch.arange(count, device=images.device)
    if moves.mirrored is not None:
        images = torch.cat([images, images.flip(3)])
        owner = owner + count * moves.mirrored
    if moves.moved is None:
        return images if moves.mirrored is None else images.index_select(0, owner)
    down, right = (int(reach) for reach in moves.moved.abs().amax(0))
    padded = F.pad(images, (right, right, down, down)).contiguous()
    top, left = down - moves.moved[:, 0], right - moves.moved[:, 1]
    plane = owner[:, None] * channels + torch.arange(channels, device=images.device)  # [N, C]
    row = plane[:, :, None] * padded.shape[2] + top[:, None, None]
    row = row + torch.arange(height, device=images.device)  # [N, C, H]
    start = row * padded.shape[3] + left[:, None, None]
    rows = padded.view(-1).unfold(0, width, 1).index_select(0, start.reshape(-1))
    return rows.view(count, channels, height, width)


def cut(images: Tensor, moves: Geometry) -> Tensor:
    """Return the boxes of images [N, C, H, W] at the images' own size, mirrored where that is wanted.

    For an ``upright`` geometry. Bilinear, rows and columns one after the other: sooner than going through
    ``sample`` place by place, and for bytes on a CPU many times sooner. Bytes stay bytes, as in Pillow.
    """
    assert moves.box is not None
    size = images.shape[2:]
    given = images.dtype
    fast = given == torch.uint8 and images.device.type == "cpu"
    layout = torch.channels_last if fast else torch.contiguous_format
    images = images if fast else images.float()
    filled = torch.empty_like(images, memory_format=layout)
    flips = [False] * len(images) if moves.mirrored is None else moves.mirrored.tolist()
    for place, ((top, left, tall, wide), mirrored) in enumerate(zip(moves.box.tolist(), flips, strict=True)):
        box = images[place : place + 1, :, top : top + tall, left : left + wide]
        part = F.interpolate(
            box.contiguous(memory_format=layout),
            tuple(size),
            mode="bilinear",
            align_corners=False,
            antialias=fast,  # what is made for bytes; no box is larger than the result, so nothing is blurred
        )
        filled[place] = part[0].flip(2) if mirrored else part[0]
    return filled if fast or given != torch.uint8 else filled.round_().to(given)


def sample(images: Tensor, matrix: Tensor) -> Tensor:
    """Return images whose places show those of float images [N, C, H, W] that ``source_map`` names.

    Bilinear; beyond its edges an image goes on as its own mirror image. One that stays where it is keeps its
    bits.
    """
    still = (matrix == torch.eye(3, device=matrix.device)).flatten(1).all(1)
    if bool(still.all()):
        return images
    grid = _grid(matrix.to(images.device), images.shape[2], images.shape[3])
    # The same numbers, sooner, where nothing beyond the edges is seen.
    beyond = "border" if _stays_inside(matrix) else "reflection"
    sampled = F.grid_sample(images, grid, padding_mode=beyond, align_corners=False)
    if bool(still.any()):
        kept = still.nonzero()[:, 0].to(images.device)
        sampled.index_copy_(0, kept, images.index_select(0, kept))
    return sampled


def _whole_shift(share: float, count: int, height: int, width: int, generator: torch.Generator) -> Tensor:
    reach = [round(share * side) for side in (height, width)]
    start = [torch.randint(0, 2 * most + 1, (count,), generator=generator) for most in reach]
    return torch.stack([most - at for most, at in zip(reach, start, strict=True)], 1)


def _middle(height: int, width: int) -> Tensor:
    """Return the largest part in the middle that is not too long, for an image in which no crop fits."""
    tall, wide = height, width
    if width / height < 3 / 4:
        tall = round(width / (3 / 4))
    elif width / height > 4 / 3:
        wide = round(height * (4 / 3))
    return torch.tensor([(height - tall) // 2, (width - wide) // 2, tall, wide])


def _perspective(corners: Tensor) -> Tensor:
    """Return the maps [N, 3, 3] that bring the corners of an image to these places.

    Each corner gives two of the eight equations for u = (ax + by + c) / (gx + hy + 1) and
    v = (dx + ey + f) / (gx + hy + 1). Where the places are the corners of a convex figure, the divisor is
    positive within the image.
    """
    x, y = CORNERS.expand_as(corners).unbind(2)
    u, v = corners.unbind(2)  # [N, 4]
    one, zero = torch.ones_like(x), torch.zeros_like(x)
    across = torch.stack([x, y, one, zero, zero, zero, -u * x, -u * y], 2)
    down = torch.stack([zero, zero, zero, x, y, one, -v * x, -v * y], 2)
    solved = torch.linalg.solve(torch.cat([across, down], 1), torch.cat([u, v], 1))
    return torch.cat([solved, one[:, :1]], 1).view(-1, 3, 3).float()


def _stays_inside(matrix: Tensor) -> bool:
    """Whether the corners of all results show places within the image, but for rounding."""
    corners = torch.cat([CORNERS, torch.ones(4, 1)], 1).T.float().to(matrix.device)
    x, y, over = (matrix @ corners).unbind(1)
    return bool((torch.maximum(x.abs(), y.abs()) <= 1.0001 * over).all())


def _grid(matrix: Tensor, height: int, width: int) -> Tensor:
    """Return the places [N, H, W, 2] that the middles of the result's pixels show."""
    x, y = ((2 * torch.arange(side, device=matrix.device) + 1) / side - 1 for side in (width, height))
    across = (matrix[:, :, 0, None] * x)[:, :, None]  # [N, 3, 1, W]
    down = (matrix[:, :, 1, None] * y + matrix[:, :, 2, None])[..., None]  # [N, 3, H, 1]
    grid = torch.empty(len(matrix), height, width, 2, device=matrix.device)
    for axis in range(2):
        torch.add(across[:, axis], down[:, axis], out=grid[..., axis])
    if bool((matrix[:, 2] != torch.tensor([0.0, 0.0, 1.0], device=matrix.device)).any()):
        grid /= (across[:, 2] + down[:, 2])[..., None]
    return grid
