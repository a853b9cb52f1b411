"""The catalogue of networks: what a reader can open, listed without importing PyTorch."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from explainer.errors import ReaderError

WEIGHTS = Path(__file__).resolve().parents[2] / "assets" / "weights"
"""The networks that this project trained: ``<key>.safetensors`` and its card ``<key>.json``."""

PROGRAM = "program"
"""Key of a network that is not of the catalogue: a reader's file made by ``torch.export.save``."""

_INDEX = Path(__file__).with_name("index.json")
_BUNDLED = {"tiny_vgg": "Tiny VGG", "lenet5": "LeNet-5", "resnet20": "ResNet-20"}
"""Titles, in the order of the catalogue; a card may give its own."""


@dataclass(frozen=True)
class CatalogEntry:
    """A network that ``load_model(entry.key)`` opens."""

    key: str
    """``"tiny_vgg"``, ``"resnet50"``, ``"timm:repvgg_a0"``."""
    title: str
    source: str
    """``"bundled"``, ``"torchvision"`` or ``"timm"``."""
    parameters: int
    size: tuple[int, int]
    """Height and width of the input its weights were trained for."""
    weights: bool
    """Whether trained weights exist; without, it opens with random ones."""
    licence: str | None
    """Licence of the weights as their publisher states it."""

    @property
    def bundled(self) -> bool:
        """Whether it opens without the internet."""
        return self.source == "bundled"


def catalog(folder: Path = WEIGHTS) -> tuple[CatalogEntry, ...]:
    """Return the networks to offer first: the bundled ones, all of torchvision, a selection of timm."""
    timm = {entry.key: entry for entry in _listed("timm")}
    return (*bundled(folder), *_listed("torchvision"), *(timm[key] for key in _index()["featured"]))


def search(text: str, folder: Path = WEIGHTS) -> tuple[CatalogEntry, ...]:
    """Return every network, all of timm included, whose key or title has all the words of ``text``.

    Best first: the exact name, then names that begin with the text, then the catalogue's order. An empty
    text gives ``catalog()``.
    """
    words = text.lower().replace("-", " ").replace("_", " ").split()
    if not words:
        return catalog(folder)
    first = catalog(folder)
    shown = {entry.key for entry in first}
    every = first + tuple(entry for entry in _listed("timm") if entry.key not in shown)
    wanted = "".join(words)

    def rank(entry: CatalogEntry) -> int:
        name = entry.key.removeprefix("timm:").replace("_", "")
        return 0 if name == wanted else 1 if name.startswith(wanted) else 2

    found = [entry for entry in every if all(word in _searchable(entry) for word in words)]
    return tuple(sorted(found, key=rank))


def find(key: str, folder: Path = WEIGHTS) -> CatalogEntry:
    """Return the entry of a key; ``timm:name.tag`` (one of several published weights) is its name's entry.

    Raises:
        ReaderError: there is no such network; the message names the nearest.
    """
    wanted = key.split(".")[0]
    every = (*bundled(folder), *_listed("torchvision"), *_listed("timm"))
    for entry in every:
        if entry.key == wanted and (wanted == key or entry.source == "timm"):
            return entry
    near = difflib.get_close_matches(key, [entry.key for entry in every], n=1, cutoff=0.0)[0]
    raise ReaderError("There is no network called {key}. Did you mean {near}?", key=key, near=near)


def bundled(folder: Path = WEIGHTS) -> tuple[CatalogEntry, ...]:
    """Return the networks whose weights lie in ``folder``, from their cards."""
    cards = {path.stem: path for path in folder.glob("*.json") if path.with_suffix(".safetensors").is_file()}
    order = {key: place for place, key in enumerate(_BUNDLED)}
    entries = []
    for key in sorted(cards, key=lambda key: (order.get(key, len(order)), key)):
        card = read_card(cards[key])
        if "preprocessing" not in card:  # a detector: see explainer.detection.catalog
            continue
        height, width = card["preprocessing"]["size"]
        title = card.get("title") or _BUNDLED.get(key, key)
        licence = card.get("licence")
        entries.append(
            CatalogEntry(key, title, "bundled", card["parameters"], (height, width), True, licence)
        )
    return tuple(entries)


def read_card(path: Path) -> dict[str, Any]:
    """Return a model card: what the network is, how it was trained, how accurate it was measured to be."""
    return json.loads(path.read_text(encoding="utf-8"))


@cache
def _index() -> dict[str, Any]:
    return json.loads(_INDEX.read_text(encoding="utf-8"))


@cache
def _listed(source: str) -> tuple[CatalogEntry, ...]:
    return tuple(
        CatalogEntry(
            row["key"],
            row["title"],
            source,
            row["parameters"],
            (row["size"][0], row["size"][1]),
            row["weights"],
            row["licence"],
        )
        for row in _index()[source]
    )


def _searchable(entry: CatalogEntry) -> str:
    text = f"{entry.key} {entry.title}".lower()
    return f"{text} {text.replace('_', ' ')} {text.replace('_', '').replace('-', '')}"
