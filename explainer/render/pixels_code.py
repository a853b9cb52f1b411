"""The PyTorch code that reads a photo's numbers."""

from __future__ import annotations

from collections.abc import Sequence

from explainer.playground.pixels import IMAGENET, LONGEST, SIGNED


def pixels_code(
    image: str,
    imports: Sequence[str],
    *,
    place: tuple[int, int, int],
    bits: int,
    scale: str,
    shrunk: bool,
) -> str:
    """Return a script that prints the chosen pixel in every array, its grey and its code.

    It runs in a fresh interpreter in the project's folder.

    Args:
        image: an expression that gives the image.
        imports: lines that it needs.
        place: channel, row and column.
        bits: of a grey level's code.
        scale: ``"imagenet"``, ``"signed"`` or ``"photo"``.
        shrunk: whether the photo was larger than is shown.
    """
    c, y, x = place
    lines = [
        *dict.fromkeys((*imports, "import numpy as np", "import torch")),
        "",
        f"image = {image}.convert('RGB')",
    ]
    if shrunk:
        lines.append(f"image.thumbnail(({LONGEST}, {LONGEST}))  # as shown")
    lines += [
        "",
        "pixels = torch.from_numpy(np.array(image))  # uint8   (H, W, C)",
        "planes = pixels.permute(2, 0, 1)            # uint8   (C, H, W)",
        "x = planes[None].float() / 255              # float32 (N, C, H, W)",
        f"print(pixels[{y}, {x}, {c}], planes[{c}, {y}, {x}], x[0, {c}, {y}, {x}])",
        "",
    ]
    if scale == "photo":
        lines += [
            "mean = x.double().mean((0, 2, 3)).float()",
            "std = x.double().std((0, 2, 3), correction=0).float()",
        ]
    else:
        known = IMAGENET if scale == "imagenet" else SIGNED
        lines += [f"mean = torch.tensor({list(known.mean)})", f"std = torch.tensor({list(known.std)})"]
    lines += [
        "normalised = (x - mean[:, None, None]) / std[:, None, None]",
        f"print(normalised[0, {c}, {y}, {x}])",
        "",
        'grey = torch.from_numpy(np.array(image.convert("L")))  # 0.299 R + 0.587 G + 0.114 B, rounded',
        f"codes = grey >> {8 - bits}  # {2**bits} steps: floor(grey * {2**bits} / 256)",
        f'print(grey[{y}, {x}], codes[{y}, {x}], format(codes[{y}, {x}].item(), "0{bits}b"))',
        f'print(grey.numel() * {bits}, "bits")',
    ]
    return "\n".join(lines) + "\n"
