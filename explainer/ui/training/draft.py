"""The recipe that a reader is writing, which stands in the link, and the widgets that change it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from explainer.training.recipe import Recipe, recipe_from
from explainer.ui.language import t
from explainer.ui.training import recipe_link
from explainer.ui.training.place import RECIPE, keep
from explainer.ui.training.recipe_link import CHANGES, HINTS, USUAL
from explainer.ui.training.storage import dataset_name


def data_key() -> str:
    """Return the key of the data set in the link, for ``storage.open_dataset``."""
    return str(value_of("dataset"))


def draft() -> Recipe:
    """Return the recipe as it is written so far; its ``dataset`` is what ``load_dataset`` takes.

    Raises:
        ReaderError: the link says what makes no sense, or the data set is no longer here.
    """
    changed = _changed()
    fields = {field.name: getattr(USUAL, field.name) for field in dataclasses.fields(Recipe)}
    fields |= {name: value for name, value in changed.items() if name not in CHANGES}
    fields["augmentation"] = {name: value for name, value in changed.items() if name in CHANGES}
    fields["dataset"] = dataset_name(str(fields["dataset"]))
    return recipe_from(fields, t("recipe"))


def value_of(field: str) -> Any:
    """Return one setting of the draft, of the recipe or of its augmentation."""
    changed = _changed()
    return changed[field] if field in changed else recipe_link.usual(field)


def change(**settings: Any) -> None:
    """Change settings of the draft. To be called before its widgets are drawn, as in a callback."""
    keep(RECIPE, recipe_link.written({**_changed(), **settings}))


def reset() -> None:
    """Make the recipe the usual one again."""
    keep(RECIPE, "")


def _changed() -> Mapping[str, Any]:
    return recipe_link.read(st.query_params.get(RECIPE, ""))


# --- widgets ----------------------------------------------------------------------------------------------


def slider(field: str, label: str, low: float, high: float, step: float, **more: Any) -> None:
    """Draw a slider of a setting; ``more`` is Streamlit's, ``label`` is translated."""
    whole = HINTS[field] is int
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
