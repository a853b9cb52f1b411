"""The PyTorch code behind the steps of a two-stage detector, and behind two detectors side by side."""

from __future__ import annotations

from collections.abc import Sequence


def two_stage_code(
    detector: str, image: str, imports: Sequence[str], *, region: int, score: float, iou: float
) -> str:
    """Return a script that goes all steps by hand and ends where ``model([image])`` does.

    It runs in a fresh interpreter in the project's folder.

    Args:
        detector: an expression that opens it, as ``opener`` gives it.
        image: an expression that gives the photo as a PIL image.
        imports: lines that it needs.
        region: the proposal whose numbers are printed, the surest is 0.
        score: least score.
        iou: threshold of the last suppression.
    """
    lines = [
        *dict.fromkeys(
            (
                *imports,
                "import numpy as np",
                "import torch",
                "from torchvision.ops import batched_nms, clip_boxes_to_image",
                "from explainer.detection import load_detector",
            )
        ),
        "",
        f"model = {detector}.model  # torchvision's FasterRCNN",
        f'photo = torch.from_numpy(np.array({image}.convert("RGB"))).permute(2, 0, 1) / 255',
        "torch.set_grad_enabled(False)",
        "",
        "images, _ = model.transform([photo])  # resize, normalise, fill up",
        "features = model.backbone(images.tensors)  # the pyramid",
        "objectness, deltas = model.rpn.head(list(features.values()))",
        "anchors = model.rpn.anchor_generator(images, list(features.values()))[0]",
        "for (name, level), scores in zip(features.items(), objectness):",
        '    print("level", name, tuple(level.shape[1:]), "anchors", scores.numel())',
        'print("anchors", len(anchors))',
        "",
        "(proposals,), _ = model.rpn(images, features)  # decode, the surest, suppression",
        'print("proposals", len(proposals))',
        "",
        "heads = model.roi_heads",
        "pooled = heads.box_roi_pool(features, [proposals], images.image_sizes)  # RoIAlign",
        "logits, refinements = heads.box_predictor(heads.box_head(pooled))",
        "scores = logits.softmax(1)",
        f'print("proposal {region}:", proposals[{region}])',
        f'print("scores", scores[{region}])',
        "",
        "boxes = heads.box_coder.decode(refinements, [proposals])",
        "boxes = clip_boxes_to_image(boxes, images.image_sizes[0])[:, 1:].reshape(-1, 4)",
        "classes = scores.shape[1] - 1",
        "flat = scores[:, 1:].reshape(-1)",
        f"sure = torch.where(flat > {score:g})[0]",
        f"keep = sure[batched_nms(boxes[sure], flat[sure], sure % classes + 1, {iou:g})]",
        "height, width = images.image_sizes[0]",
        "back = torch.tensor([photo.shape[2] / width, photo.shape[1] / height] * 2)",
        'print("detections", len(keep))',
        "print(boxes[keep] * back, keep % classes, flat[keep])",
        "",
    ]
    return "\n".join(lines)
