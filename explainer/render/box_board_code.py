"""The PyTorch code of the board of boxes: the same IoU, the same boxes kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explainer.render.box_board import Placed, Setting


def boxes_code(boxes: Sequence[Placed], pair: tuple[int, int], setting: Setting) -> str:
    """Return a script that prints IoU, GIoU and DIoU of two boxes and what is left of all of them.

    Args:
        boxes: all of them; there may be none.
        pair: numbers of the two.
        setting: how they are suppressed.
    """
    if not boxes:
        return "import torch\n\nboxes = torch.zeros(0, 4)  # draw some\nprint(boxes)\n"
    lines = ["import torch", "from torchvision import ops", "", "boxes = torch.tensor("]
    lines += ["    [  # left, top, right, bottom"]
    lines += [f"        {list(one.box)},  # {name_of(i)}" for i, one in enumerate(boxes)]
    lines += ["    ],", "    dtype=torch.float,", ")"]
    lines += [f"scores = torch.tensor({_wrapped([f'{one.score:g}' for one in boxes])})"]
    lines += [f"labels = torch.tensor({_wrapped([str(one.label) for one in boxes])})"]
    if len(boxes) > 1:
        i, j = pair
        lines += [
            "",
            f"a, b = boxes[{i} : {i + 1}], boxes[{j} : {j + 1}]  # {name_of(i)} and {name_of(j)}",
            'print("IoU ", ops.box_iou(a, b).item())',
            'print("GIoU", ops.generalized_box_iou(a, b).item())',
            'print("DIoU", ops.distance_box_iou(a, b).item())',
        ]
    lines += ["", *(_nms(setting) if setting.method == "nms" else _soft(setting)), ""]
    return "\n".join(lines)


def name_of(index: int) -> str:
    """Return what a box is called on the board: A to Z, then AA and so on."""
    letter = chr(ord("A") + index % 26)
    return letter if index < 26 else name_of(index // 26 - 1) + letter


def _nms(setting: Setting) -> list[str]:
    if setting.aware:
        call = f"ops.batched_nms(boxes, scores, labels, iou_threshold={setting.iou:g})"
        return [f"kept = {call}  # each class by itself", 'print("kept", kept.tolist())']
    return [
        f"kept = ops.nms(boxes, scores, iou_threshold={setting.iou:g})  # all classes together",
        'print("kept", kept.tolist())',
    ]


def _soft(setting: Setting) -> list[str]:
    decay = (
        f"torch.where(iou > {setting.iou:g}, 1 - iou, 1)"
        if setting.method == "linear"
        else f"torch.exp(-(iou**2) / {setting.sigma:g})"
    )
    lowered = f"scores[i] * {decay}"
    lines = [
        "# Soft-NMS (Bodla et al., 2017), which torchvision does not have",
        "left = torch.ones_like(scores, dtype=torch.bool)",
        f"while (left := left & (scores >= {setting.least:g})).any():",
        "    i = scores.where(left, -1).argmax()",
        '    print("kept", i.item(), scores[i].item())',
        "    left[i] = False",
        "    iou = ops.box_iou(boxes[i : i + 1], boxes)[0]",
        f"    lowered = {lowered.replace('scores[i]', 'scores')}",
    ]
    others = "left & (labels == labels[i])" if setting.aware else "left"
    return [*lines, f"    scores = torch.where({others}, lowered, scores)"]


def _wrapped(items: Sequence[str]) -> str:
    """Return a list as code, over several lines where it is long."""
    whole = ", ".join(items)
    if len(whole) < 72:
        return f"[{whole}]"
    rows = [", ".join(items[start : start + 10]) for start in range(0, len(items), 10)]
    return "\n    [\n" + "".join(f"        {row},\n" for row in rows) + "    ]\n"
