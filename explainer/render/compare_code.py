"""The PyTorch code that makes the numbers of a comparison."""

from __future__ import annotations

from dataclasses import dataclass

from explainer.render.snippet import Origin, opener, opening_lines


@dataclass(frozen=True)
class CodeSide:
    """One side of a comparison, in words that code can use."""

    origin: Origin
    layer: str
    class_index: int


def twins_code(first: CodeSide, second: CodeSide, *, linked: bool) -> str:
    """Return a script that prints both answers, both class maps and, of one layer, how alike it is.

    It runs in a fresh interpreter in the project's folder.
    """
    lines = [
        *dict.fromkeys([*first.origin.imports, *second.origin.imports]),
        "from explainer.attribution import grad_cam",
        "from explainer.models import load_model, top_classes",
        "from explainer.tracing import trace",
        "",
        "sides = (  # network, image, layer, class",
        *(
            f"    ({opener(side.origin)}, {side.origin.image}, {side.layer!r}, {side.class_index}),"
            for side in (first, second)
        ),
        ")",
        "outputs = []",
        "for loaded, image, layer, index in sides:",
        "    images = loaded.preprocessing.apply(image)  # [1, C, H, W]",
        "    recorded = trace(loaded.model, images)",
        "    outputs.append(recorded[layer].output.flatten())",
        "    best = top_classes(recorded.nodes[-1].output, loaded.classes, k=1)[0]",
        "    print(loaded.title, best.name, best.probability)",
        "    print(grad_cam(loaded.model, images, layer, index).max().item())  # highest value of the map",
    ]
    if linked:
        lines += [
            "",
            "a, b = outputs",
            "print(torch.cosine_similarity(a, b, dim=0).item(), ((b - a).norm() / a.norm()).item())",
        ]
        lines.insert(0, "import torch")
    return "\n".join(lines) + "\n"


def formats_code(side: CodeSide) -> str:
    """Return a script that prints a layer's relative error in both 16-bit formats."""
    return (
        "\n".join(
            [
                "import torch",
                *opening_lines(side.origin, "from explainer.tracing import trace"),
                f"exact = trace(loaded.model, images)[{side.layer!r}].output",
                "for dtype in (torch.bfloat16, torch.float16):",
                '    with torch.autocast("cpu", dtype=dtype):',
                f"        low = trace(loaded.model, images)[{side.layer!r}].output.float()",
                "    print(dtype, ((low - exact).norm() / exact.norm()).item())",
            ]
        )
        + "\n"
    )
