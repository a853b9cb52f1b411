"""Networks to look into: the catalogue, their weights, what they are fed and what they answer.

The catalogue needs no PyTorch; ``load_model`` imports it when it is first touched, so that a page can list
the networks before that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explainer.models.entries import CatalogEntry, catalog, search
from explainer.models.predictions import Prediction, top_classes
from explainer.models.preprocessing import Geometry, Preprocessing

if TYPE_CHECKING:
    from explainer.models.loading import LoadedModel, load_model

__all__ = [
    "CatalogEntry",
    "Geometry",
    "LoadedModel",
    "Prediction",
    "Preprocessing",
    "catalog",
    "load_model",
    "search",
    "top_classes",
]


def __getattr__(name: str) -> Any:
    if name in {"LoadedModel", "load_model"}:
        from explainer.models import loading

        return getattr(loading, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
