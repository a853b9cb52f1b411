"""The recipe that a reader is writing: what differs from the usual one stands in the link as ``?recipe=``."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_type_hints

import streamlit as st

from explainer.errors import ReaderError
from explainer.training.recipe import BOUNDS, Augmentation, Recipe, recipe_from
from explainer.ui.language import t
from explainer.ui.training.place import RECIPE, keep
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
_CHANGES = {field.name for field in dataclasses.fields(Augmentation)}
_HINTS = get_type_hints(Recipe) | get_type_hints(Augmentation)
_NAMES = {
    "network": re.compile(r"[\w:.-]+"),
    "start": re.compile(r"[A-Za-z0-9_-]*"),
    "teacher": re.compile(r"[\w:-]*"),
    "device": re.compile(r"auto|cpu|cuda"),
}
"""How settings read that could otherwise name a file."""
_LEFT_OUT = {"name", "note", "augmentation", "milestones"}


def data_key() -> str:
    """Return the key of the data set in the link, for ``storage.open_dataset``."""
    return str(_changes().get("dataset", USUAL.dataset))


def draft() -> Recipe:
    """Return the recipe as it is written so far; its ``dataset`` is what ``load_dataset`` takes.

    Raises:
        ReaderError: the link says what makes no sense, or the data set is no longer here.
    """
    fields = _changes()
    usual = {field.name: getattr(USUAL, field.name) for field in dataclasses.fields(Recipe)}
    usual["augmentation"] = {name: fields[name] for name in _CHANGES if name in fields}
    usual |= {name: value for name, value in fields.items() if name not in _CHANGES}
    usual["dataset"] = dataset_name(str(usual["dataset"]))
    return recipe_from(usual, t("recipe"))


def value_of(field: str) -> Any:
    """Return one setting of the draft, of the recipe or of its augmentation."""
    found = _changes()
    return found.get(field, _usual(field))


def change(**fields: Any) -> None:
    """Change settings of the draft. To be called before its widgets are drawn, as in a callback."""
    found = {**_changes(), **fields}
    keep(RECIPE, ",".join(f"{name}:{_text(value)}" for name, value in found.items() if value != _usual(name)))


def may_change(field: str, value: Any) -> bool:
    """Whether a link may say this of a setting: nothing that names a file of the server."""
    if field not in _HINTS or field in _LEFT_OUT:
        return False
    if field == "dataset":
        try:
            dataset_name(str(value))
        except ReaderError:
            return False
    if field in _NAMES:
        return bool(_NAMES[field].fullmatch(str(value)))
    return True


def reset() -> None:
    """Make the recipe the usual one again."""
    keep(RECIPE, "")


# --- widgets ----------------------------------------------------------------------------------------------


def slider(field: str, label: str, low: float, high: float, step: float, **more: Any) -> None:
    """Draw a slider of a setting; ``more`` is Streamlit's, ``label`` is translated."""
    whole = _HINTS[field] is int
    kind: Callable[[Any], Any] = int if whole else float
    value = min(max(kind(value_of(field)), kind(low)), kind(high))
    key = _follow(field, value)
    st.slider(label, kind(low), kind(high), step=kind(step), key=key, on_change=_taken, args=(field,), **more)


def levels(
    field: str, label: str, values: Sequence[float], words: Mapping[float, str] | None = None, **more: Any
) -> None:
    """Draw a slider over a few numbers; one that the link brings along is among them.

    ``words`` are shown in place of some numbers, translated.
    """
    value = value_of(field)
    key = _follow(field, value)
    options = sorted({*values, value})
    named = words or {}
    st.select_slider(
        label,
        options,
        key=key,
        format_func=lambda one: named.get(one, f"{one:g}"),
        on_change=_taken,
        args=(field,),
        **more,
    )


def choice(field: str, label: str, options: dict[str, str], *, unfolding: bool = False, **more: Any) -> None:
    """Draw a choice among keys; ``options`` gives their English titles, marked with ``later``."""
    value = value_of(field)
    if value not in options:
        options = {**options, value: str(value)}
    key = _follow(field, value)
    common: dict[str, Any] = {
        "key": key,
        "format_func": lambda one: t(options[one]) if one in options else str(one),
        "on_change": _taken,
        "args": (field,),
    }
    if unfolding:
        st.selectbox(label, list(options), **common, **more)
    else:
        st.segmented_control(label, list(options), required=True, **common, **more)


def toggle(field: str, label: str, on: Any = True, off: Any = False, **more: Any) -> None:
    """Draw a switch between two values of a setting; any value but ``off`` counts as on."""
    key = _follow(field, value_of(field) != off)
    st.toggle(
        label,
        key=key,
        on_change=lambda: change(**{field: on if st.session_state[key] else off}),
        **more,
    )


def _follow(field: str, value: Any) -> str:
    key = f"recipe_{field}"
    st.session_state[key] = value
    return key


def _taken(field: str) -> None:
    change(**{field: st.session_state[f"recipe_{field}"]})


def _usual(field: str) -> Any:
    return getattr(USUAL.augmentation if field in _CHANGES else USUAL, field)


def _changes() -> dict[str, Any]:
    """Return what the link changes, in the types of the fields; what makes no sense is left out."""
    found: dict[str, Any] = {}
    for part in st.query_params.get(RECIPE, "").split(","):
        name, _, text = part.partition(":")
        if name != "dataset" and not may_change(name, text):
            continue  # of a data set that is no longer here the reader is told later
        try:
            value = _read(_HINTS[name], text)
            if name in BOUNDS and not BOUNDS[name][0] <= value <= BOUNDS[name][1]:
                continue
            _checked(name, value)
            if name == "std" and min(value) <= 0:  # images are divided by it
                continue
        except (ValueError, ReaderError):
            continue
        found[name] = value
    return found


def _checked(name: str, value: Any) -> None:
    if name in _CHANGES:
        recipe_from({**_plain(USUAL), "augmentation": {name: value}})
    else:
        recipe_from({**_plain(USUAL), name: value})


def _plain(recipe: Recipe) -> dict[str, Any]:
    return dataclasses.asdict(recipe)


def _read(hint: Any, text: str) -> Any:
    if hint is bool:
        return text == "1"
    if hint is int:
        return int(text)
    if hint is float:
        return float(text)
    if hint == tuple[float, ...]:
        return _read_channels(text)
    return text


def _read_channels(text: str) -> tuple[float, ...]:
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
