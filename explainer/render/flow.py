"""Gradients, batch norm and dropout for the browser."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from explainer.playground.crops import CLASSES
from explainer.playground.dropping import masks
from explainer.playground.gradient_flow import Run
from explainer.playground.normalising import BINS, REACH, Spread, Statistics
from explainer.render.figures import COLOURS, Line, curves, figure
from explainer.wording import later

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from torch import Tensor

PLAIN, RESIDUAL = later("plain, {depth} layers"), later("residual, {depth} layers")
DRAWS = 200
_RIDGE = 2.4
"""Height of the tallest ridge, in rows."""

Translate = Callable[..., str]


def runs(
    found: Sequence[Run],
    *,
    key: str,
    steps: int,
    done: bool,
    text: Mapping[str, str],
    translate: Translate,
) -> dict[str, Any]:
    """Return what ``flow_view`` shows.

    Args:
        found: the networks, as far as they are.
        key: identifies the experiment.
        steps: optimiser steps that it has in all.
        done: whether it is over.
        text: translations of the component's own words.
        translate: puts a template and its fields into the reader's language.
    """
    return {
        "key": key,
        "steps": steps,
        "done": done,
        "guess": math.log(len(CLASSES)),
        "text": dict(text),
        "runs": [
            {
                "name": f"{run.network.residual:d}-{run.network.depth}",
                "title": translate(RESIDUAL if run.network.residual else PLAIN, depth=run.network.depth),
                "kind": "residual" if run.network.residual else "plain",
                "depth": run.network.depth,
                "losses": np.array(run.losses, np.float32),
                "norms": np.array(run.norms, np.float32),
            }
            for run in found
        ],
    }


def draws(x: Tensor, p: float, seed: int, channels: bool, *, text: Mapping[str, str]) -> dict[str, Any]:
    """Return what ``dropout_view`` shows: maps [C, H, W] and the masks of many draws."""
    count, height, width = x.shape
    found = masks((count, height, width), p, DRAWS, seed=seed, channels=channels)
    return {"x": x, "masks": found, "p": p, "height": height, "width": width, "text": dict(text)}


def ridges(
    with_norm: Sequence[Spread], without: Sequence[Spread], titles: tuple[str, str], layer: str
) -> go.Figure:
    """Return the densities of all layers, the first on top, with batch norm and without side by side.

    Args:
        with_norm: by layer.
        without: likewise.
        titles: of the two halves.
        layer: name of the vertical axis.
    """
    found = figure(y=layer, height=30 + 21 * len(with_norm))
    middles = (np.arange(BINS) + 0.5) * (2 * REACH / BINS) - REACH
    traces: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    for half, (spreads, title) in enumerate(zip((with_norm, without), titles, strict=True)):
        offset = half * (2 * REACH + 1.5)
        colour = COLOURS[half]
        for number, spread in enumerate(spreads):
            base = -(number + 1)
            # Heights up to one bin holding everything; its root, for tails are what one looks for.
            heights = np.sqrt(np.array(spread.density)) * _RIDGE
            x = middles + offset
            ground = {"y": np.full(BINS, base), "line": {"width": 0}, "hoverinfo": "skip"}
            ridge = {
                "y": base + heights,
                "fill": "tonexty",
                "line": {"color": colour, "width": 1.2},
                "fillcolor": _translucent(colour),
                "customdata": middles,
                "hovertemplate": f"{title} · {layer} {number + 1}<br>σ = {spread.deviation:.3g}, "
                f"μ = {spread.mean:.2g}<extra></extra>",
            }
            traces += [
                {"type": "scatter", "x": x, "mode": "lines", "showlegend": False} | one
                for one in (ground, ridge)
            ]
            notes.append(
                {
                    "x": offset + REACH, "y": base, "text": f"σ {spread.deviation:.2g}",
                    "xanchor": "right", "yanchor": "bottom", "font": {"size": 10}, "opacity": 0.75,
                }
            )  # fmt: skip
        notes.append(
            {"x": offset, "y": _RIDGE - 1 + 0.6, "text": title, "font": {"size": 12, "color": colour}}
        )
    found.add_traces(traces)  # together: one by one they cost the reader a fifth of a second
    rows = list(range(1, len(with_norm) + 1))
    found.update_yaxes(
        tickvals=[-row for row in rows], ticktext=[str(row) for row in rows], showgrid=False, zeroline=False,
        range=[-len(rows) - 0.4, _RIDGE],
    )  # fmt: skip
    places = [half * (2 * REACH + 1.5) + at for half in (0, 1) for at in (-4, -2, 0, 2, 4)]
    found.update_xaxes(
        tickvals=places, ticktext=[str(at) for _ in (0, 1) for at in (-4, -2, 0, 2, 4)], zeroline=False
    )
    found.update_layout(hovermode="closest", annotations=[{"showarrow": False} | note for note in notes])
    return found


def _translucent(colour: str) -> str:
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, 0.22)"


def running(found: Statistics, variance: bool, names: tuple[str, str], x: str, step: int) -> go.Figure:
    """Return the statistic of each batch and the running one.

    Args:
        found: of one channel.
        variance: the variance; else the mean.
        names: of the two curves, batch first.
        x: title of the axis of batches.
        step: batch to mark, from 1 on.
    """
    own = found.unbiased_variances if variance else found.batch_means
    kept = found.running_variances if variance else found.running_means
    numbers = list(range(1, len(own) + 1))
    lines = [Line(names[0], numbers, own), Line(names[1], [0, *numbers], kept)]
    drawn = curves(lines, x=x, height=230, mark=step)
    drawn.data[0].update(mode="markers", marker={"size": 6, "color": COLOURS[1]})
    drawn.data[1].update(line={"dash": "solid", "color": COLOURS[0]})
    return drawn
