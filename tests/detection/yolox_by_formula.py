"""Networks and pictures made by a formula, so that what comes out can be written down."""

import numpy as np
import torch

from explainer.detection.yolox import build_yolox


def network(name: str, classes: int = 3):
    """A YOLOX whose weights only look random; its batch normalisation has small variances: its eps counts."""
    model = build_yolox(name, classes)
    with torch.no_grad():
        for place, (key, value) in enumerate(model.state_dict().items()):
            if not value.is_floating_point():
                continue
            count = torch.arange(value.numel(), dtype=torch.float64)
            noise = ((torch.sin(12.9898 * count + 0.37 * place) * 43758.5453) % 1 - 0.5).view_as(value)
            if key.endswith("running_var"):
                value.copy_(0.01 + 0.01 * noise)
            elif key.endswith("bn.weight"):
                value.copy_(0.08 + 0.02 * noise)
            elif value.ndim == 4:
                value.copy_(noise * (24 / value[0].numel()) ** 0.5)
            else:
                value.copy_(0.2 * noise)
    return model.eval().requires_grad_(False)


def picture(height: int, width: int):
    """A photograph of waves: uint8 [height, width, 3]."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return (127.5 + 127.5 * np.sin(0.05 * x * (c + 1) + 0.03 * y)).astype(np.uint8)
