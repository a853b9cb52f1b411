"""Plots of the reference results: means with their spread over seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING

from explainer.render.figures import COLOURS, NEUTRAL, figure
from explainer.training.reference.tables import Row

if TYPE_CHECKING:
    import plotly.graph_objects as go

_MARKS = ("circle", "square", "diamond", "triangle-up", "x")


def by_size(rows: Sequence[Row], titles: Mapping[str, str], *, x: str, y: str) -> go.Figure:
    """Return accuracy over the number of images of each class, a line for each way to train.

    Args:
        rows: the figures.
        titles: what each way is called.
        x: title of the horizontal axis, which is logarithmic.
        y: title of the vertical axis.
    """
    found = figure(x=x, y=y, height=380, y_format=".0%", legend=True)
    for place, (way, title) in enumerate(titles.items()):
        own = sorted((row for row in rows if row.way == way), key=lambda row: row.size)
        colour = COLOURS[place % len(COLOURS)]
        found.add_scatter(
            x=[row.size for row in own],
            y=[row.test.mean for row in own],
            error_y={"array": [row.test.spread or 0 for row in own], "thickness": 1.2, "width": 4},
            name=escape(title, quote=False),
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"symbol": _MARKS[place % len(_MARKS)], "size": 8, "color": colour},
            hovertemplate="%{y:.1%} ± %{error_y.array:.1%}",
        )
    sizes = sorted({row.size for row in rows})
    found.update_xaxes(type="log", tickvals=sizes, ticktext=[str(size) for size in sizes])
    return found


def by_way(rows: Sequence[Row], titles: Mapping[str, str], *, baseline: str, x: str) -> go.Figure:
    """Return the accuracy of each way: seeds as small dots, their mean as a large one.

    Args:
        rows: the figures, all for as many images; the first one on top.
        titles: what each way is called.
        baseline: the way that a line marks.
        x: title of the horizontal axis.
    """
    found = figure(x=x, height=70 + 30 * len(rows), x_format=".0%")
    places = list(range(len(rows)))
    seeds = [(share, place) for place, row in enumerate(rows) for share in row.tests]
    found.add_scatter(
        x=[share for share, _ in seeds],
        y=[place for _, place in seeds],
        mode="markers",
        marker={"color": NEUTRAL, "size": 6, "opacity": 0.65},
        hoverinfo="skip",
    )
    found.add_scatter(
        x=[row.test.mean for row in rows],
        y=places,
        error_x={
            "array": [row.test.spread or 0 for row in rows],
            "thickness": 1.4,
            "width": 5,
            "color": NEUTRAL,
        },
        mode="markers",
        marker={"color": [NEUTRAL if row.way == baseline else COLOURS[0] for row in rows], "size": 11},
        customdata=[escape(titles[row.way], quote=False) for row in rows],
        hovertemplate="%{customdata}: %{x:.1%} ± %{error_x.array:.1%}<extra></extra>",
    )
    for row in rows:
        if row.way == baseline:
            found.add_vline(x=row.test.mean, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    found.update_layout(hovermode="closest")
    found.update_yaxes(
        tickvals=places,
        ticktext=[escape(titles[row.way], quote=False) for row in rows],
        range=[len(rows) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
    )
    found.update_xaxes(showgrid=True)
    return found
