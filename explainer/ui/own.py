"""Networks beside the catalogue, as the pages list them: a reader's files, and a script's live ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from explainer.errors import ReaderError
from explainer.models import CatalogEntry, Preprocessing, shown
from explainer.models.entries import PROGRAM, find
from explainer.models.own import GONE, OWN
from explainer.ui.messages import message
from explainer.ui.opened import shelf

if TYPE_CHECKING:
    from PIL import Image

    from explainer.render.snippet import Origin


def own_entry(number: str = "") -> CatalogEntry | None:
    """Return what the list of networks says of the reader's file that the link names.

    ``None`` if it names none. Weights that are no longer here are taken out of the link, and the reader is
    told until another network is chosen.
    """
    model, weights, lost = f"model{number}", f"weights{number}", f"own_lost{number}"
    identity = st.query_params.get(weights, "")
    own = shelf().find(identity) if identity.startswith(OWN) else None
    if own is None:
        if identity.startswith(OWN):
            del st.query_params[weights]
            if st.query_params.get(model) == PROGRAM:
                del st.query_params[model]
            st.session_state[lost] = st.query_params.get(model)
        if st.session_state.get(lost, ...) == st.query_params.get(model):
            st.warning(message(ReaderError(GONE)), icon=":material/info:")
        return None
    st.session_state.pop(lost, None)
    key = st.query_params.get(model, own.key)
    try:
        entry = (
            CatalogEntry(PROGRAM, own.name, "file", 0, (224, 224), True, None)
            if key == PROGRAM
            else find(key)
        )
    except ReaderError:  # what the list says of a network that there is not
        return None
    size = own.preprocessing.size if own.preprocessing else entry.size
    title = own.name if key == PROGRAM else f"{entry.title} · {own.name}"
    return replace(entry, title=title, parameters=0, size=size)


def shown_entries() -> tuple[CatalogEntry, ...]:
    """Return the live networks that the process of this server shows."""
    found = []
    for key in shown.shown_keys():
        try:
            loaded = shown.find_shown(key).loaded
        except ReaderError:  # let go a moment ago
            continue
        found.append(CatalogEntry(key, loaded.title, "live", 0, loaded.preprocessing.size, True, None))
    return tuple(found)


def shown_image(key: str) -> Image.Image | None:
    """Return the image that a live network was given with."""
    return shown.find_shown(key).image if key in shown.shown_keys() else None


def with_own(origin: Origin) -> Origin:
    """Let code that reproduces a number open a reader's file by its name, or the live network."""
    if origin.model.startswith(shown.SHOWN):
        imports = (
            *origin.imports,
            "from explainer.models.live import wrap  # model, image: as given to show",
        )
        code = shown.find_shown(origin.model).code
        image = code.replace("[0]", "[1]") if origin.image == "image" else origin.image
        return replace(origin, imports=imports, image=image, loader=code)
    own = shelf().find(origin.weights) if origin.weights.startswith(OWN) else None
    if own is None:
        return origin
    told, imports = "", origin.imports
    if own.preprocessing is not None:
        told = f", preprocessing={_code(own.preprocessing)}"
        imports = (*imports, "from explainer.models import Preprocessing")
    loader = f"load_model({origin.model!r}, {own.name!r}{told})"
    return replace(origin, imports=imports, loader=loader, weights=own.name)


def _code(fed: Preprocessing) -> str:
    fields = (fed.size, fed.mean, fed.std, fed.mode, fed.resize, fed.interpolation)
    return f"Preprocessing({', '.join(map(repr, fields))})"
