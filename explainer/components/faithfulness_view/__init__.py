"""Insertion and deletion: curves for several heat maps, and the picture at the place scrubbed to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.modules import link
from explainer.render.wire import pack

if TYPE_CHECKING:
    import numpy as np
    from torch import Tensor

    from explainer.attribution import Faithfulness

FOLDER = Path(__file__).parent

_component = st.components.v2.component(
    "convscope.faithfulness_view",
    html='<div class="faithfulness-view"></div>',
    css=(FOLDER / "faithfulness_view.css").read_text("utf-8"),
    js=link(FOLDER),
)


@dataclass(frozen=True, eq=False)
class Judged:
    """One order of the pixels, judged."""

    name: str
    curves: Faithfulness
    order: Tensor
    """At which step each pixel changes, uint8 [H, W], from 1."""
    pictured: Faithfulness | None = None
    """Curves of this very order where ``curves`` are a mean over several."""

    @property
    def neutral(self) -> bool:
        """Whether it is only there to compare with: a mean over orders that know nothing."""
        return self.pictured is not None


def faithfulness_view(
    judged: Sequence[Judged],
    picture: np.ndarray,
    hole: np.ndarray,
    ground: np.ndarray,
    name: str,
    *,
    key: str,
    texts: Mapping[str, str],
) -> None:
    """Show the curves and the pictures behind their points.

    Args:
        judged: the maps, all with the same steps.
        picture: the photo, uint8 [H, W, 3].
        hole: what deleted pixels show, uint8 [H, W, 3].
        ground: on what pixels are inserted, uint8 [H, W, 3].
        name: of the class.
        key: widget key.
        texts: translations of what the ES modules say.
    """
    from explainer.render.figures import COLOURS, NEUTRAL

    height, width, _ = picture.shape
    coloured = [one for one in judged if not one.neutral]
    frame = {
        "texts": dict(texts),
        "name": name,
        "width": width,
        "height": height,
        "photo": picture,
        "hole": hole,
        "ground": ground,
        "fractions": judged[0].curves.fractions,
        "curves": [
            {
                "name": one.name,
                "neutral": one.neutral,
                "colour": NEUTRAL if one.neutral else COLOURS[coloured.index(one) % len(COLOURS)],
                "insertion": one.curves.insertion,
                "deletion": one.curves.deletion,
                "insertionArea": one.curves.insertion_auc,
                "deletionArea": one.curves.deletion_auc,
                "order": one.order,
                "pictured": {
                    "insertion": (one.pictured or one.curves).insertion,
                    "deletion": (one.pictured or one.curves).deletion,
                },
            }
            for one in judged
        ],
    }
    _component(data=pack(frame), key=key)
