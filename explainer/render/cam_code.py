"""The PyTorch code of a Grad-CAM taken apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explainer.render.snippet import Origin, opening_lines

if TYPE_CHECKING:
    from explainer.tracing import Node


def cam_code(origin: Origin, node: Node, logits: Node, class_index: int) -> str:
    """Return a script that computes a layer's Grad-CAM twice: with ConvScope, and with PyTorch alone.

    It runs in a fresh interpreter in the project's folder.

    Args:
        origin: where model and image come from.
        node: the layer.
        logits: the node with the class scores.
        class_index: the class.
    """
    lines = [
        *opening_lines(
            origin,
            "from explainer.attribution import grad_cam_parts",
            "from explainer.tracing import trace",
        ),
        "recorded = trace(loaded.model, images)",
        f'layer, logits = recorded["{node.name}"], recorded["{logits.name}"]',
        f"parts = grad_cam_parts(recorded, layer, logits, {class_index})",
        "",
        "weights = parts.gradient.mean((1, 2))                             # [C]: one weight a channel",
        "total = (weights[:, None, None] * parts.activation).sum(0)        # [h, w]",
        "print(total.relu())                                               # equals parts.map",
    ]
    if node.name == node.module and len(node.shape) == 4:
        lines += [
            "",
            "# The same with PyTorch alone, for a layer whose output nothing overwrites:",
            "#   kept = []",
            f'#   layer = loaded.model.get_submodule("{node.module}")',
            "#   handle = layer.register_forward_hook(lambda module, args, output: kept.append(output))",
            "#   images.requires_grad_()",
            f"#   score = loaded.model(images)[0, {class_index}]",
            "#   handle.remove()",
            "#   (gradient,) = torch.autograd.grad(score, kept[0])",
            "#   print((gradient.mean((2, 3), keepdim=True) * kept[0].detach()).sum(1)[0].relu())",
        ]
    return "\n".join(lines) + "\n"
