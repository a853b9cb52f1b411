"""Two-stage networks with random weights that nevertheless say something, and pictures for them."""

import numpy as np
import torch
from torch import nn
from torchvision.models import detection as published

from explainer.detection.small_faster_rcnn import build_small_faster_rcnn
from explainer.detection.two_stage import SsdDetector, TwoStageDetector, as_input


def picture(seed, height=180, width=240):
    """Return soft blobs and hard edges: uint8 [H, W, 3]."""
    random = np.random.default_rng(seed)
    coarse = torch.from_numpy(random.integers(0, 256, (1, 3, 6, 8)).astype(np.float32))
    soft = nn.functional.interpolate(coarse, (height, width), mode="bilinear")[0].permute(1, 2, 0).numpy()
    top, left = random.integers(0, (height + 1) // 2), random.integers(0, (width + 1) // 2)
    soft[top : top + height // 3, left : left + width // 4] = random.integers(0, 256, 3)
    return soft.astype(np.uint8)


def small(classes=3, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = build_small_faster_rcnn(classes, sides=(384, 512)).eval()
    return lively(model, seed)


def mobilenet():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = published.fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None)
    return lively(model.eval())


@torch.no_grad()
def lively(model, seed=0):
    """Spread what a new network says: objectness and class scores from 0 to 1, boxes moved and stretched."""
    generator = torch.Generator().manual_seed(seed)
    images, _ = model.transform([as_input(picture(1000 + number)) for number in range(8)])
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    model.backbone.train()
    model.backbone(images.tensors)
    model.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
    features = model.backbone(images.tensors)

    def spread(layer, hidden, wide):
        layer.weight.normal_(0, 1, generator=generator)
        layer.bias.zero_()
        found = layer(hidden)
        every = [0, *range(2, found.dim())]
        layer.weight.mul_(wide / found.std())
        layer.bias.sub_(found.mean(every) * wide / found.std())

    rpn, heads = model.rpn, model.roi_heads
    hidden = torch.cat([rpn.head.conv(each).flatten(2) for each in features.values()], 2)[..., None]
    spread(rpn.head.cls_logits, hidden, 2.0)
    spread(rpn.head.bbox_pred, hidden, 0.3)
    proposals, _ = rpn(images, features)
    hidden = heads.box_head(heads.box_roi_pool(features, proposals, images.image_sizes))
    spread(heads.box_predictor.cls_score, hidden, 2.0)
    spread(heads.box_predictor.bbox_pred, hidden, 1.0)
    return model


def small_detector():
    return TwoStageDetector("small", ("a", "b", "c"), small(), trained=False, side=512)


def mobilenet_detector():
    names = tuple(f"class {number}" for number in range(1, 91))
    return TwoStageDetector("mobilenet", names, mobilenet(), trained=False, side=320)


def ssd_detector():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = published.ssdlite320_mobilenet_v3_large(weights=None, weights_backbone=None)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for head in model.head.classification_head.module_list:
            head[-1].bias.normal_(0, 1, generator=generator)
        for head in model.head.regression_head.module_list:
            head[-1].bias.normal_(0, 1, generator=generator)
    names = tuple(f"class {number}" for number in range(1, 91))
    return SsdDetector("ssdlite", names, model, trained=False, side=320)
