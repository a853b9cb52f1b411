"""A recipe as a link says it, ``epochs:20,flip:0.5``: only what differs from the usual one stands there."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, get_type_hints

from explainer.errors import ReaderError
from explainer.training.recipe import Augmentation, Recipe, recipe_from
from explainer.ui.training.storage import dataset_name

USUAL = Recipe(
    name="run",
    network="tiny_vgg",
    dataset="starter",
    epochs=12,
    batch_size=32,
    optimizer="adamw",
    learning_rate=0.003,
    weight_decay=0.001,
    validation=0.15,
)
CHANGES = frozenset(field.name for field in dataclasses.fields(Augmentation))
"""Settings of the augmentation; all others are the recipe's own."""
HINTS: Mapping[str, Any] = get_type_hints(Recipe) | get_type_hints(Augmentation)
"""The type of every setting."""
_USUAL_FIELDS = dataclasses.asdict(USUAL)
_NAMES = {
    "network": re.compile(r"[\w:.-]+"),
    "start": re.compile(r"[A-Za-z0-9_-]*"),
    "teacher": re.compile(r"[\w:-]*"),
    "device": re.compile(r"auto|cpu|cuda"),
}
"""How settings read that could otherwise name a file."""
_LEFT_OUT = {"name", "note", "augmentation", "milestones"}


def usual(field: str) -> Any:
    """Return a setting of the usual recipe or of its augmentation."""
    return getattr(USUAL.augmentation if field in CHANGES else USUAL, field)


def may_say(field: str, value: Any) -> bool:
    """Whether a link may say this of a setting: nothing that names a file of the server."""
    if field not in HINTS or field in _LEFT_OUT:
        return False
    if field == "dataset":
        try:
            dataset_name(str(value))
        except ReaderError:
            return False
    if field in _NAMES:
        return bool(_NAMES[field].fullmatch(str(value)))
    return True


@lru_cache(maxsize=256)  # a page asks for it some two hundred times a run, and each setting is checked
def read(text: str) -> Mapping[str, Any]:
    """Return what a link changes, in the types of the fields; what makes no sense is left out."""
    found: dict[str, Any] = {}
    for part in text.split(","):
        name, _, said = part.partition(":")
        if name != "dataset" and not may_say(name, said):
            continue  # of a data set that is no longer here the reader is told later
        try:
            value = _value(HINTS[name], said)
            _check(name, value)
        except (ValueError, ReaderError):
            continue
        found[name] = value
    return MappingProxyType(found)


def written(settings: Mapping[str, Any]) -> str:
    """Return what the link says of these settings."""
    return ",".join(f"{name}:{_text(value)}" for name, value in settings.items() if value != usual(name))


def _check(name: str, value: Any) -> None:
    """Refuse a value that no recipe may have.

    Raises:
        ReaderError: it is out of bounds, or none of the choices.
        ValueError: images would be divided by it, and it is not above zero.
    """
    if name == "std" and min(value) <= 0:
        raise ValueError(value)
    changed = {"augmentation": {name: value}} if name in CHANGES else {name: value}
    recipe_from(_USUAL_FIELDS | changed)


def _value(hint: Any, text: str) -> Any:
    if hint is bool:
        return text == "1"
    if hint is int:
        return int(text)
    if hint is float:
        return float(text)
    if hint == tuple[float, ...]:
        return _channels(text)
    return text


def _channels(text: str) -> tuple[float, ...]:
    """Read the numbers of one channel or three."""
    found = tuple(float(one) for one in text.split("/"))
    if len(found) not in {1, 3}:
        raise ValueError(text)
    return found


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return "/".join(f"{one:.4g}" for one in value)
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:g}" if isinstance(value, float) else str(value)
