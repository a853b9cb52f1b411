"""The moment wall: patches that excite a channel, each with its picture, the strongest first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from explainer.components.modules import link
from explainer.render.wire import pack

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.moment_wall",
    html='<div class="moments"></div>',
    css=(FOLDER / "moment_wall.css").read_text("utf-8"),
    js=link(FOLDER),
)


@dataclass(frozen=True, eq=False)
class Card:
    """One patch."""

    title: str
    value: float
    patch: np.ndarray
    """What the unit sees, uint8 [h, w, 3]."""
    picture: np.ndarray
    """The whole picture, uint8 [H, W, 3]."""
    box: tuple[float, float, float, float]
    """Top, left, bottom, right of the patch, as shares of the picture's height and width."""
    where: str
    """Row and column of the unit, in words."""
    opens: bool
    """Whether a click leads anywhere."""


def moment_wall(
    cards: Sequence[Card],
    *,
    key: str,
    label: str,
    texts: dict[str, str],
    on_choose: Callable[[int], None] = lambda _: None,
) -> None:
    """Show the cards.

    Args:
        cards: the strongest first.
        key: widget key.
        label: what the wall is called by a screen reader.
        texts: translations of what the ES modules say.
        on_choose: called with the number of the card that was clicked, before the script runs again.
    """

    def chosen() -> None:
        number = (st.session_state.get(key) or {}).get("card")
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < len(cards):
            on_choose(number)

    frame = {
        "label": label,
        "texts": texts,
        "cards": [
            {
                "title": card.title,
                "value": card.value,
                "patch": _picture(card.patch),
                "picture": _picture(card.picture),
                "box": list(card.box),
                "where": card.where,
                "opens": card.opens,
            }
            for card in cards
        ],
    }
    _component(data=pack(frame), key=key, on_card_change=chosen)


def _picture(pixels: np.ndarray) -> dict[str, object]:
    return {"height": pixels.shape[0], "width": pixels.shape[1], "pixels": pixels}
