"""A Faster R-CNN (Ren, He, Girshick and Sun, 2015) small enough for a laptop's camera.

Every part that detects is torchvision's own: proposals, RoIAlign, box head, losses. Only the backbone is
another: YOLOX-Nano's, so that one stage and two stages can be compared on the same features.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import Tensor, nn
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.faster_rcnn import FastRCNNPredictor, TwoMLPHead
from torchvision.ops import FeaturePyramidNetwork, MultiScaleRoIAlign

from explainer.detection.yolox import SIZES, CSPDarknet

CHANNELS = 64
"""Of every level of the pyramid."""
HIDDEN = 256
"""Units of both layers of the box head."""
ANCHORS = ((10, 17, 28), (42, 64, 96), (144, 208, 300))
"""Sides of the anchors of each level, in pixels."""
SHAPES = (1.0, 1.35)
"""Height over width: faces are higher than wide."""


class NanoBackbone(nn.Module):
    """YOLOX-Nano's backbone under a feature pyramid (Lin et al., 2017)."""

    def __init__(self) -> None:
        super().__init__()
        size = SIZES["yolox_nano"]
        self.body = CSPDarknet(size)
        self.out_channels = CHANNELS
        self.fpn = FeaturePyramidNetwork([int(c * size.width) for c in (256, 512, 1024)], CHANNELS)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Return float [N, 64, H / s, W / s] for the strides s = 8, 16, 32; images RGB in 0..255."""
        maps = self.body(images.flip(1))  # it was trained on blue, green, red
        return self.fpn(OrderedDict(zip("012", maps, strict=True)))


USED_SIDES = (448, 640)
"""Of pictures: the shorter side is scaled to the first, unless the longer one then exceeds the second."""
TRAINED_SIDES = (384, 512)
"""The same while training. Larger pictures afterwards show small objects better."""


def build_small_faster_rcnn(classes: int, *, sides: tuple[int, int] = USED_SIDES) -> FasterRCNN:
    """Return the network with new weights for so many classes, the background not counted."""
    roi_align = MultiScaleRoIAlign(featmap_names=["0", "1", "2"], output_size=7, sampling_ratio=2)
    return FasterRCNN(
        NanoBackbone(),
        min_size=sides[0],
        max_size=sides[1],
        image_mean=[0.0, 0.0, 0.0],
        image_std=[1 / 255] * 3,
        rpn_anchor_generator=AnchorGenerator(ANCHORS, (SHAPES,) * len(ANCHORS)),
        rpn_pre_nms_top_n_train=1000,
        rpn_post_nms_top_n_train=500,
        rpn_pre_nms_top_n_test=600,
        rpn_post_nms_top_n_test=200,
        box_roi_pool=roi_align,
        box_head=TwoMLPHead(CHANNELS * 7 * 7, HIDDEN),
        box_predictor=FastRCNNPredictor(HIDDEN, classes + 1),
        box_batch_size_per_image=128,
        box_score_thresh=0.05,
        box_nms_thresh=0.5,
    )
