"""The PyTorch code of one epoch of a film."""

from __future__ import annotations

from explainer.render.snippet import quoted


def film_code(
    run: str,
    epoch: int,
    start: int,
    *,
    image: str,
    imports: tuple[str, ...],
    layer: str,
    heat_class: int,
    method: str = "gradcam",
) -> str:
    """Return a script that opens the run's weights of an epoch and prints what the film shows.

    It runs in a fresh interpreter in the project's folder.

    Args:
        run: name of the run.
        epoch: the epoch.
        start: the first epoch that is kept.
        image: an expression with ``data`` and ``recipe`` that gives the input, float [1, C, H, W].
        imports: lines that the expression needs.
        layer: name of the layer in the trace.
        heat_class: the class of the class activation map.
        method: whose it is.
    """
    way = "" if method == "gradcam" else f", method={quoted(method)}"
    lines = [
        "import os",
        "from pathlib import Path",
        "",
        *sorted(
            {
                "from explainer.attribution import grad_cam",
                "from explainer.models.published import construct",
                "from explainer.tracing import maps, trace",
                "from explainer.training.data import load_dataset",
                "from explainer.training.runs import Run",
                *imports,
            }
        ),
        "",
        f'run = Run(Path(os.environ.get("CONVSCOPE_RUNS", "runs")) / {quoted(run)})',
        "recipe = run.recipe",
        "data = load_dataset(recipe.dataset, side=recipe.side)",
        f"images = {image}  # [1, C, H, W]",
        "",
        f"weights = run.history.weights({epoch})",
        "model = construct(recipe.network, len(data.classes)).eval()",
        "model.load_state_dict(weights)",
        "recorded = trace(model, images)",
        "",
        "first = next(node for node in recorded.nodes if node.kind == 'conv2d').arguments['weight']",
        'print("filters", tuple(first.shape), first.min().item(), first.max().item())',
        f"channels = maps(recorded[{quoted(layer)}])",
        'print("maps", tuple(channels.shape), channels.min().item(), channels.max().item())',
        f"heat = grad_cam(model, images, {quoted(layer)}, {heat_class}{way})  # [h, w], after the ReLU",
        'print("heat map", tuple(heat.shape), heat.max().item())',
        "for name, share in zip(data.classes, model(images).softmax(1)[0].tolist(), strict=True):",
        '    print(f"{share:7.2%}  {name}")',
        "",
        f"start = run.history.weights({start})",
        "for name, parameter in model.named_parameters():",
        "    moved = (parameter - start[name]).norm() / start[name].norm()",
        '    print(f"{name} moved by {moved.item():.3f} of its norm")',
    ]
    return "\n".join(lines) + "\n"
