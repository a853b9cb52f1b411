"""A perceptron to touch: the line in the plane of its inputs, points, the learning rule look by look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.modules import link, styles
from explainer.render.wire import pack

if TYPE_CHECKING:
    from explainer.playground.perceptron import Point, Run, Weights

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.perceptron_view",
    html='<div class="perceptron-view plain"></div>',
    css=styles(FOLDER),
    js=link(FOLDER),
)


def perceptron_view(
    points: Sequence[Point],
    run: Run,
    *,
    rate: float,
    bound: float | None,
    zero_mistakes: int,
    obstacle: tuple[tuple[int, ...], tuple[float, float]] | None,
    look: int,
    away: str,
    most: int,
    key: str,
    texts: Mapping[str, str],
    on_edit: Callable[[Any, Any], None],
    on_look: Callable[[int], None],
) -> None:
    """Show points, line and the run of the learning rule that starts at the line.

    Args:
        points: the examples.
        run: the run from the present line.
        rate: its learning rate.
        bound: how many mistakes a run from zeros makes at most; ``None`` if no line is wanted or possible.
        zero_mistakes: how many it makes.
        obstacle: why no line divides the classes, as ``explainer.playground.perceptron.obstacle`` says it.
        look: after how many looks to begin.
        away: address of the part about hidden layers.
        most: how many points there may be.
        key: widget key.
        texts: translations of what the ES modules say.
        on_edit: called with points ``[x1, x2, target]`` and weights ``[w1, w2, b]`` that the reader has
            changed, before the script runs again; whoever takes them checks them.
        on_look: called with the number of looks that the reader has gone to.
    """

    def state() -> Mapping[str, Any]:
        found = st.session_state.get(key)
        return found if isinstance(found, Mapping) else {}

    def edited() -> None:
        edit = state().get("edit") or {}
        on_edit(edit.get("points"), edit.get("start"))

    def gone() -> None:
        wanted = state().get("look")
        if isinstance(wanted, int):
            on_look(wanted)

    frame = {
        "texts": dict(texts),
        "serial": (state().get("edit") or {}).get("serial", 0),
        "points": [[point.x1, point.x2, point.target] for point in points],
        "start": _list(run.start),
        "looks": [
            [one.point, one.total, one.output, one.error, *_list(one.change), *_list(one.after)]
            for one in run.looks
        ],
        "converged": run.converged,
        "cycle": run.cycle,
        "rate": rate,
        "bound": bound,
        "zeroMistakes": zero_mistakes,
        "obstacle": None if obstacle is None else {"points": obstacle[0], "place": obstacle[1]},
        "look": look,
        "away": away,
        "most": most,
    }
    _component(data=pack(frame), key=key, on_edit_change=edited, on_look_change=gone)


def _list(weights: Weights) -> list[float]:
    return [weights.w1, weights.w2, weights.b]
