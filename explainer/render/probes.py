"""PyTorch code for what is asked below the heat maps: a photo covered, a map judged, a sum checked."""

from __future__ import annotations

from explainer.render.snippet import Origin, opening_lines


def occlusion_code(origin: Origin, class_index: int, size: int, stride: int, fill: str) -> str:
    """Return a script that covers the photo place by place and prints the class's scores."""
    return _script(
        origin,
        ("from explainer.attribution import baseline, occlusion",),
        f'cover = baseline("{fill}", images, loaded.preprocessing)',
        f"found = occlusion(loaded.model, images, {class_index}, size={size}, stride={stride}, fill=cover)",
        "print(found.intact.softmax(0)[found.class_index].item())  # the photo as it is",
        "print(found.probabilities)  # with the patch at every place, [rows, columns]",
    )


def faithfulness_code(origin: Origin, class_index: int, deleted: str, ground: str, steps: int) -> str:
    """Return a script that judges a heat map and prints the areas under its curves."""
    return _script(
        origin,
        (
            "from explainer.attribution import baseline, deletion_insertion, magnitude, saliency",
            "from explainer.tracing import trace",
        ),
        "recorded = trace(loaded.model, images)",
        f"heat = magnitude(saliency(recorded, recorded.nodes[-1], {class_index}))  # or any other map [h, w]",
        "found = deletion_insertion(",
        f"    loaded.model, images, {class_index}, heat, steps={steps},",
        f'    deleted=baseline("{deleted}", images, loaded.preprocessing),',
        f'    empty=baseline("{ground}", images, loaded.preprocessing),',
        ")",
        "print(found.deletion_auc, found.insertion_auc)",
    )


def completeness_code(origin: Origin, class_index: int, start: str, steps: int) -> str:
    """Return a script that prints the sum of integrated gradients and the change of the score."""
    return _script(
        origin,
        ("from explainer.attribution import baseline, integrated_gradients",),
        f'start = baseline("{start}", images, loaded.preprocessing)',
        f"found = integrated_gradients(loaded.model, images, {class_index}, baseline=start, steps={steps})",
        "print(found.total, found.difference, found.error)",
    )


def _script(origin: Origin, imports: tuple[str, ...], *lines: str) -> str:
    return "\n".join([*opening_lines(origin, *imports), *lines, ""])
