"""What is known about a network: its model card in a few lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui.language import later, t

if TYPE_CHECKING:
    from explainer.ui.opened import Opened


_SPLITS = {
    "train": later("Accuracy, training images"),
    "validation": later("Accuracy, validation images"),
    "test": later("Accuracy, test images"),
}


def _accuracies(card: Mapping[str, Any]) -> dict[str, str]:
    """Return what a card says of each split; a reader's card may say anything, which is left out."""
    told = card.get("accuracy")
    found = {}
    for split in _SPLITS:
        try:
            measured = told[split]  # type: ignore[index]
            found[split] = f"{measured['top1']:.1%} ({measured['count']:,})"
        except (KeyError, TypeError, ValueError, IndexError):
            continue
    return found


def _some(names: Sequence[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def _row(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


def about_network(opened: Opened) -> None:
    """Draw where the weights come from, how good they are, and what the network is fed."""
    loaded, card = opened.loaded, opened.loaded.card
    rows: list[tuple[str, str]] = [(t("Architecture"), type(loaded.model).__name__)]
    count = sum(parameter.numel() for parameter in loaded.model.parameters())
    rows.append((t("Parameters"), f"{count:,}"))
    channels, height, width = opened.trace.input.shape[1:]
    rows.append((t("Input"), f"{channels} × {height} × {width}"))
    if loaded.classes:
        rows.append((t("Outputs"), f"{len(loaded.classes):,}: {_some(loaded.classes)}"))
    fed = loaded.preprocessing
    rows.append((t("Mean"), _row(fed.mean)))
    rows.append((t("Standard deviation"), _row(fed.std)))
    rows.append((t("Operations traced"), f"{len(opened.trace.nodes):,}"))
    if not loaded.trained:
        rows.append((t("Weights"), t("random, not trained")))
    rows += [(t(_SPLITS[split]), said) for split, said in _accuracies(card).items()]
    for title, field in (
        (t("Data"), "data"),
        (t("Checkpoint"), "how_chosen"),
        (t("Weights"), "weights"),
        (t("Source"), "url"),
        (t("Recipe"), "recipe"),
        (t("Licence"), "licence"),
    ):
        value = card.get(field)
        if isinstance(value, dict):
            value = value.get("name")
        if value:
            rows.append((title, str(value)))
    st.markdown(f"**{loaded.title}**")
    st.table({t("About"): [title for title, _ in rows], "": [value for _, value in rows]}, hide_index=True)
    st.code(loaded.code, language="python")
