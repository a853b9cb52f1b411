"""An attack as the page shows it: what it found, what the network looks at, the picture to take away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image
from torch import Tensor

from explainer.attribution import Adversarial, adversarial, along_the_sign, cam, has_place
from explainer.models import LoadedModel
from explainer.progress import Progress
from explainer.render.snippet import Origin, opening_lines
from explainer.tracing import Node, Trace, trace

_LARGEST_SIDE = 4096
"""Of a picture that is made around the changed part."""


@dataclass(frozen=True, eq=False)
class Attack:
    """What came of an attack, and what the page shows beside it."""

    found: Adversarial
    lengths: Tensor
    """Class scores after one FGSM step of each length, float [lengths, classes]."""
    heat_before: Tensor | None
    """Grad-CAM of the answer in the original, float [h, w]; ``None`` for layers without places."""
    heat_after: Tensor | None
    """Grad-CAM of the answer in the changed photo, likewise."""


def run(
    loaded: LoadedModel,
    recorded: Trace,
    node: Node,
    logits: Node,
    *,
    method: str,
    epsilon: float,
    steps: int,
    target: int | None,
    lengths: Sequence[float],
    progress: Progress | None = None,
) -> Attack:
    """Attack a network on the photo that it has been traced with.

    Args:
        loaded: the network.
        recorded: its forward pass.
        node: the layer to draw Grad-CAMs of.
        logits: the node with the class scores [N, classes].
        method: ``"fgsm"`` or ``"pgd"``.
        epsilon: the limit in pixel units, where white is 1.
        steps: of PGD.
        target: the class to lead to; ``None`` to lead away from the network's answer.
        lengths: of the single steps to try besides, in pixel units.
        progress: told the forward passes done.
    """
    answer = int(logits.output[0].argmax())
    aim = answer if target is None else target
    own = steps if method == "pgd" else 1
    total = own + len(lengths)

    def first(done: int, _: int) -> None:
        if progress is not None:
            progress(done, total)

    def second(done: int, _: int) -> None:
        if progress is not None:
            progress(own + done, total)

    model, images, scaling = loaded.model, recorded.input.output, loaded.preprocessing
    targeted = target is not None
    found = adversarial(
        model,
        images,
        aim,
        scaling,
        method=method,
        epsilon=epsilon,
        targeted=targeted,
        steps=steps,
        progress=first,
    )
    scores = along_the_sign(model, images, aim, scaling, lengths, targeted=targeted, progress=second)
    if not has_place(recorded, node):
        return Attack(found, scores, None, None)
    before = cam(recorded, node, logits, answer).map
    changed = trace(model, found.images)
    after = cam(changed, changed[node.name], changed[logits.name], int(found.after.argmax())).map
    return Attack(found, scores, before, after)


def in_photo(picture: np.ndarray, loaded: LoadedModel, photo: Image.Image) -> Image.Image | None:
    """Return a picture whose centre the network is fed, pixel for pixel, as ``picture``.

    That is the photo, resized as the network has it, with the changed part put in its place; so it stays an
    adversarial example when it is opened as a file. ``None`` where resizing would not leave it alone.

    Args:
        picture: uint8 [H, W, 3].
        loaded: the network.
        photo: what it was made from.
    """
    place = loaded.preprocessing.geometry(photo.size)
    if max(place.resized) > _LARGEST_SIDE or min(place.offset) < 0:
        return None
    whole = photo.convert("RGB").resize(place.resized)
    whole.paste(image_of(picture), place.offset)
    seen = np.asarray(loaded.preprocessing.picture(whole).convert("RGB"))
    return whole if np.array_equal(seen, picture) else None


def image_of(picture: np.ndarray) -> Image.Image:
    """Return uint8 [H, W, 3] as a picture."""
    return Image.fromarray(picture)


def code(origin: Origin, found: Adversarial) -> str:
    """Return a script that makes the same picture and prints what the network says of it."""
    epsilon = f"{round(found.epsilon * 255)} / 255"
    options = [f"epsilon={epsilon}"]
    if found.targeted:
        options.append("targeted=True")
    if found.method == "pgd":
        options += ['method="pgd"', f"steps={len(found.losses) - 1}"]
    sign = "-" if found.targeted else "+"
    return "\n".join(
        [
            *opening_lines(
                origin,
                "from explainer.attribution import adversarial",
                "from explainer.models import top_classes",
            ),
            "found = adversarial(",
            f"    loaded.model, images, {found.class_index}, loaded.preprocessing,",
            f"    {', '.join(options)},",
            ")",
            "print(top_classes(found.before, loaded.classes, k=1))",
            "print(top_classes(found.after, loaded.classes, k=1))",
            "",
            "# One step of it in plain PyTorch, as FGSM takes it:",
            "# leaf = images.clone().requires_grad_()",
            f"# target = torch.tensor([{found.class_index}])",
            "# loss = torch.nn.functional.cross_entropy(loaded.model(leaf), target)",
            "# (gradient,) = torch.autograd.grad(loss, leaf)",
            f"# changed = images {sign} {epsilon} / std * gradient.sign()",
            "",
        ]
    )
