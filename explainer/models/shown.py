"""Live networks that a script or notebook shows: by what key the pages of this process find them."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explainer.errors import ReaderError

if TYPE_CHECKING:
    from PIL import Image

    from explainer.models.loading import LoadedModel

SHOWN = "shown-"
"""How the key of such a network begins."""


@dataclass(frozen=True, eq=False)
class Shown:
    """A network, and the image to begin with if one was given."""

    loaded: LoadedModel
    image: Image.Image | None
    code: str = "wrap(model)[0]"
    """An expression that gives ``loaded`` once more, with the names of ``explainer.show``'s arguments."""


_lock = threading.Lock()
_shown: dict[str, Shown] = {}
_numbers = itertools.count(1)


def new_key() -> str:
    """Return a key that no network of this process has had."""
    return f"{SHOWN}{next(_numbers)}"


def register(shown: Shown) -> None:
    """Let the pages find a network under its own key."""
    with _lock:
        _shown[shown.loaded.key] = shown


def forget(key: str) -> None:
    """Let go of a network."""
    with _lock:
        _shown.pop(key, None)


def find_shown(key: str) -> Shown:
    """Return a network by its key.

    Raises:
        ReaderError: the script that showed it has let it go, or it is another server's.
    """
    with _lock:
        found = _shown.get(key)
    if found is None:
        raise ReaderError("The network of this link is shown no longer. Call explainer.show again.")
    return found


def shown_keys() -> tuple[str, ...]:
    """Return the keys of all networks shown now, in order."""
    with _lock:
        return tuple(_shown)
