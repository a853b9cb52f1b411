"""The film on the screen, and where in it the reader is, which stands in the link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.asking import newly_asked
from explainer.components.film_view import FOLDER, film_reel, film_view
from explainer.ui.language import texts_for
from explainer.ui.link import put
from explainer.ui.numbers import number_in
from explainer.ui.training.film_making import digest, opened

if TYPE_CHECKING:
    from explainer.ui.training.film_making import Film

EPOCH, PIN, SCALE, PAINT, PACE = "epoch", "pin", "scale", "paint", "pace"
"""Query parameters: the epoch shown, and the one beside it; where colours end; how filters are coloured;
epochs a second."""
_VIEW = "film_view"
_SCALES, _PAINTS, _PACES = ("all", "own"), ("rgb", "signed"), (1, 2, 4, 8)
_USUAL_PACE = 2


def draw(film: Film, packed: bytes, titles: Sequence[str]) -> None:
    """Draw a film.

    Args:
        film: what is shown.
        packed: made of it, or of its story so far.
        titles: of its classes, in the reader's language.
    """
    from explainer.render.wire import pack

    link = in_link()
    film_reel(packed, key="film_reel")
    frame: dict[str, Any] = {
        "reel": opened(packed)["reel"],
        "subject": digest(film.story),
        "told": "/".join(map(str, link.values())),
        **link,
        "classes": list(titles),
        "texts": dict(texts_for(FOLDER)),
    }
    film_view(pack(frame), key=_VIEW)


def in_link() -> dict[str, Any]:
    """Return where the reader is in the film, as the link says; an epoch that it does not say is -1."""
    pace = number_in(st.query_params.get(PACE), 1, 60)

    def number(name: str) -> int:
        found = number_in(st.query_params.get(name), 0, 100_000)
        return -1 if found is None else found

    def one(name: str, options: Sequence[str]) -> str:
        found = st.query_params.get(name, options[0])
        return found if found in options else options[0]

    return {
        "epoch": number(EPOCH),
        "pin": number(PIN),
        "scale": one(SCALE, _SCALES),
        "paint": one(PAINT, _PAINTS),
        "pace": pace if pace in _PACES else _USUAL_PACE,
    }


def take_over() -> None:
    """Put into the link where the reader has gone in the film."""
    ask: Mapping[str, Any] = newly_asked(_VIEW)
    for name, usual in ((EPOCH, "-1"), (PIN, "-1"), (PACE, str(_USUAL_PACE))):
        if isinstance(ask.get(name), int | float):
            put(name, str(int(ask[name])), usual)
    for name, options in ((SCALE, _SCALES), (PAINT, _PAINTS)):
        if ask.get(name) in options:
            put(name, ask[name], options[0])
