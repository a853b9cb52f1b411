"""Walks down a surface for the browser, and the PyTorch code that walks the same way."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import torch

from explainer.playground.descent import Run, batches, descend, eigenvalues, hessians
from explainer.playground.descent_link import Walk
from explainer.playground.expressions import CONSTANT, VARIABLE, Graph, read_formula
from explainer.playground.surfaces import POINTS, line_data, loss_of
from explainer.render.graph_code import graph_nodes, node_code


def descent_frame(walk: Walk) -> dict[str, Any]:
    """Return what the component draws: surface, settings, and every optimiser's path by PyTorch.

    Numbers are computed in float64; arrays travel as float32.
    """
    surface = walk.surface
    order = batches(walk.batch, walk.steps, walk.shuffle) if walk.batch < POINTS else None
    paths = descend(surface, walk.start, walk.runs, walk.steps, order)
    x, y = line_data()
    return {
        "surface": {
            "key": walk.key,
            "formula": surface.formula,
            "graph": None if surface.has_data else graph_nodes(read_formula(surface.formula)),
            "data": {"x": x.tolist(), "y": y.tolist()} if surface.has_data else None,
            "low": surface.low,
            "high": surface.high,
            "minima": surface.minima,
            "lowest": _lowest(walk),
        },
        "settings": {
            "start": walk.start,
            "runs": [asdict(run) for run in walk.runs],
            "steps": walk.steps,
            "batch": walk.batch,
            "shuffle": walk.shuffle,
            "selected": walk.selected,
            "step": walk.step,
        },
        "order": None if order is None else order.to(torch.uint8),
        "paths": [
            {
                "points": path.points,
                "losses": path.losses,
                "gradients": path.gradients,
                "memory": dict(path.memory),
                "curvature": eigenvalues(hessians(surface, path.points)),
                "diverged": path.diverged,
            }
            for path in paths
        ],
    }


def _lowest(walk: Walk) -> float | None:
    """Return the smallest loss of a surface whose minima are known."""
    surface = walk.surface
    if not surface.minima:
        return None
    x, y = torch.tensor(surface.minima, dtype=torch.float64).T
    return float(loss_of(surface)(x, y, None).min())


def descent_code(walk: Walk) -> str:
    """Return a script that walks the path of the chosen optimiser with PyTorch alone."""
    surface, run = walk.surface, walk.runs[walk.selected]
    lines = ["import torch", ""]
    if surface.has_data:
        x, y = line_data()
        lines += [
            f"x = torch.tensor({x.tolist()}, dtype=torch.float64)",
            f"y = torch.tensor({y.tolist()}, dtype=torch.float64)",
            "",
            "def loss(p, batch=slice(None)):  # p: slope and intercept",
            "    return (p[0] * x[batch] + p[1] - y[batch]).square().mean()",
        ]
    else:
        lines += ["def loss(p):", *_body(read_formula(surface.formula))]
    lines += [
        "",
        f"p = torch.tensor([{walk.start[0]!r}, {walk.start[1]!r}], dtype=torch.float64, requires_grad=True)",
        f"optimiser = {optimiser_code(run)}",
    ]
    noisy = walk.batch < POINTS
    if noisy:
        lines += [
            f"generator = torch.Generator().manual_seed({walk.shuffle})",
            f"epochs = {-(-walk.steps * walk.batch // POINTS)}",
            f"order = torch.cat([torch.randperm({POINTS}, generator=generator) for _ in range(epochs)])",
            f"for step, batch in enumerate(order.split({walk.batch})[:{walk.steps}], start=1):",
        ]
    else:
        lines.append(f"for step in range(1, {walk.steps} + 1):")
    lines += [
        "    optimiser.zero_grad()",
        f"    loss(p{', batch' if noisy else ''}).backward()",
        "    optimiser.step()",
        "    print(step, p.tolist(), loss(p).item())",
    ]
    return "\n".join(lines) + "\n"


def optimiser_code(run: Run) -> str:
    """Return the line that makes an optimiser for the parameter ``p``."""
    if run.kind == "rmsprop":
        return f"torch.optim.RMSprop([p], lr={run.rate:g}, alpha={run.beta2:g})"
    if run.kind == "adam":
        return f"torch.optim.Adam([p], lr={run.rate:g}, betas=({run.beta1:g}, {run.beta2:g}))"
    momentum = "" if run.kind == "sgd" else f", momentum={run.momentum:g}"
    nesterov = ", nesterov=True" if run.kind == "nesterov" and run.momentum > 0 else ""
    return f"torch.optim.SGD([p], lr={run.rate:g}{momentum}{nesterov})"


def _body(graph: Graph) -> list[str]:
    """Return the lines of a function that unpacks x and y and computes a graph step by step."""
    lines = ["    x, y = p"]
    lines += [
        f"    {node.name} = {node_code(graph, node)}"
        for node in graph.nodes[:-1]
        if node.operation not in (CONSTANT, VARIABLE)
    ]
    last = graph.output
    value = last.name if last.operation == VARIABLE else node_code(graph, last)
    return [*lines, f"    return {value}"]
