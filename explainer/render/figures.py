"""Plots with one look: quiet axes, no background of their own, colours that hold on light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import plotly.graph_objects as go

COLOURS = ("#3a86c8", "#d9772b", "#2a9d7c", "#a46bc9", "#c9485b", "#8a8f1d")
"""Told apart by people who do not see all colours, and at least 3 : 1 against both page backgrounds."""
NEUTRAL = "#848b95"
"""For what is only there to compare with."""
CONFIG: dict[str, Any] = {"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset"}
"""For ``st.plotly_chart(..., config=CONFIG)``."""

_GRID = "rgba(128, 138, 150, 0.18)"
_LINE = "rgba(128, 138, 150, 0.55)"
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")


@dataclass(frozen=True, eq=False)
class Line:
    """One curve."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    neutral: bool = False
    """Grey and dashed: something to compare with."""


def figure(
    *,
    x: str = "",
    y: str = "",
    height: int = 260,
    x_format: str = "",
    y_format: str = "",
    legend: bool = False,
) -> go.Figure:
    """Return an empty figure in the project's look; the page's theme gives font and ink.

    Args:
        x: title of the horizontal axis.
        y: title of the vertical axis.
        height: in pixels.
        x_format: how numbers on the axis read, such as ``".0%"``.
        y_format: likewise.
        legend: whether to name the traces above the plot.
    """
    import plotly.graph_objects as go

    axis = {
        "gridcolor": _GRID,
        "linecolor": _LINE,
        "zerolinecolor": _LINE,
        "zerolinewidth": 1,
        "ticks": "",
        "automargin": True,
        "fixedrange": True,
        "tickfont": {"size": 11},
    }
    layout = {
        "height": height,
        "margin": {"l": 8, "r": 24, "t": 34 if legend else 10, "b": 8},
        "paper_bgcolor": "rgba(0, 0, 0, 0)",
        "plot_bgcolor": "rgba(0, 0, 0, 0)",
        "colorway": list(COLOURS),
        "showlegend": legend,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 12},
            "title": {"text": ""},
        },
        "hovermode": "x unified",
        "hoverlabel": {"font": {"size": 12}},
        "bargap": 0.25,
        "dragmode": False,
        "xaxis": axis | {"showgrid": False, "tickformat": x_format, "title": _title(x, 8)},
        # Clear of the numbers, which the page's theme moves outwards.
        "yaxis": axis | {"showgrid": True, "tickformat": y_format, "title": _title(y, 18)},
    }
    return go.Figure(layout=layout)  # at once: every later update is checked anew, milliseconds each


def _title(text: str, standoff: int) -> dict[str, Any]:
    return {"text": text, "font": {"size": 12}, "standoff": standoff}


def curves(
    lines: Sequence[Line],
    *,
    x: str = "",
    y: str = "",
    height: int = 260,
    x_format: str = "",
    y_format: str = "",
    y_range: tuple[float, float] | None = None,
    mark: float | None = None,
) -> go.Figure:
    """Return curves over one axis. They differ in dash as well as in colour.

    Args:
        lines: the curves.
        x: title of the horizontal axis.
        y: title of the vertical axis.
        height: in pixels.
        x_format: how numbers on the axis read, such as ``".0%"``.
        y_format: likewise.
        y_range: ends of the vertical axis; by the data without.
        mark: a place on the horizontal axis to mark with a line.
    """
    found = figure(x=x, y=y, height=height, x_format=x_format, y_format=y_format, legend=len(lines) > 1)
    coloured = 0
    for line in lines:
        colour, dash = NEUTRAL, "dot"
        if not line.neutral:
            colour, dash = COLOURS[coloured % len(COLOURS)], _DASHES[coloured % len(_DASHES)]
            coloured += 1
        found.add_scatter(
            x=list(line.x),
            y=list(line.y),
            name=escape(line.name, quote=False),
            mode="lines",
            line={"color": colour, "width": 2, "dash": dash},
        )
    if y_range is not None:
        found.update_yaxes(range=list(y_range))
    if mark is not None:
        found.add_vline(x=mark, line={"color": NEUTRAL, "width": 1, "dash": "dot"})
    return found


def bars(
    names: Sequence[str],
    groups: Sequence[tuple[str, Sequence[float]]],
    *,
    x: str = "",
    height: int | None = None,
    x_format: str = ".0%",
    x_range: tuple[float, float] | None = None,
) -> go.Figure:
    """Return horizontal bars, the first name on top; several groups stand below each other for each name.

    Args:
        names: what the bars stand for.
        groups: title and values of each group; the first is drawn in grey if there are two (before, after).
        x: title of the horizontal axis.
        height: in pixels; by the number of bars without.
        x_format: how values read.
        x_range: ends of the horizontal axis; by the data without.
    """
    several = len(groups) > 1
    found = figure(
        x=x,
        height=height or 56 + len(names) * (18 + 14 * len(groups)) + 24 * several,
        x_format=x_format,
        legend=several,
    )
    # Equal names are different bars: the axis counts, its labels name.
    rows = list(range(len(names)))
    labels = [escape(name, quote=False) for name in names]  # plotly would set marks and links
    colours = (NEUTRAL, COLOURS[0]) if len(groups) == 2 else COLOURS
    for (title, values), colour in zip(groups, colours, strict=False):
        shown = f"%{{x:{x_format}}}" if x_format else "%{x}"
        found.add_bar(
            y=rows,
            x=list(values),
            name=title,
            orientation="h",
            marker={"color": colour, "cornerradius": 3},
            texttemplate=shown,
            textposition="outside",
            textfont={"size": 11},
            cliponaxis=False,
            customdata=labels,
            hovertemplate="%{customdata}: " + shown,
        )
    found.update_layout(hovermode="closest", barmode="group", legend_traceorder="normal")
    found.update_yaxes(tickvals=rows, ticktext=labels, autorange="reversed", showgrid=False, zeroline=False)
    found.update_xaxes(showgrid=True)
    if x_range is not None:
        found.update_xaxes(range=list(x_range))
    return found


def histogram(
    edges: Sequence[float], counts: Sequence[float], *, x: str = "", y: str = "", height: int = 220
) -> go.Figure:
    """Return a histogram of counts between edges (one more than counts)."""
    found = figure(x=x, y=y, height=height)
    middles = [(low + high) / 2 for low, high in pairwise(edges)]
    widths = [high - low for low, high in pairwise(edges)]
    found.add_bar(
        x=middles,
        y=list(counts),
        width=widths,
        marker={"color": COLOURS[0], "line": {"width": 0}},
        hovertemplate="%{x:.4g}: %{y}<extra></extra>",
    )
    found.update_layout(bargap=0, hovermode="closest")
    if edges and edges[0] < 0 < edges[-1]:
        found.add_vline(x=0, line={"color": NEUTRAL, "width": 1})
    return found
