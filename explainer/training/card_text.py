"""A model card as a page of Markdown, for whoever gets the weights."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~$])")
_SURE = 1.959964
"""Standard deviations on both sides that hold 95 % of a normal distribution."""
_SPLITS = {
    "train": "training (learned from)",
    "validation": "validation (watched and chosen by)",
    "test": "test (only reported on)",
}


def as_markdown(card: Mapping[str, Any]) -> str:
    """Return a model card as Markdown in English; what the reader named cannot mark anything up."""
    return "\n".join(_lines(card)) + "\n"


def wilson(share: float, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share seen in ``count`` independent cases (Wilson, 1927)."""
    square = _SURE**2 / count
    middle = (share + square / 2) / (1 + square)
    reach = _SURE * math.sqrt(share * (1 - share) / count + square / (4 * count)) / (1 + square)
    return min(share, max(0.0, middle - reach)), max(share, min(1.0, middle + reach))


def _lines(card: Mapping[str, Any]) -> Iterator[str]:
    classes = [plain(name) for name in card.get("classes", ())]
    yield f"# {plain(card.get('name', ''))}"
    yield ""
    yield f"- Network: {plain(card.get('architecture', '')).rstrip('.')}, key `{card.get('network', '')}`"
    if "parameters" in card:
        yield f"- Parameters: {card['parameters']:,}"
    yield f"- Data: {plain(card.get('data', ''))}"
    yield f"- Classes, in the order of the outputs: {', '.join(classes)}"
    yield from _course(card.get("run") or {})
    yield f"- Made with: {plain(card.get('created_with', ''))}"
    if card.get("licence"):
        yield f"- Licence: {plain(card['licence'])}"
    yield from ("", "## Accuracy", "")
    yield from _accuracy(card.get("accuracy") or {})
    yield f"How the weights were chosen: {plain(card.get('how_chosen', ''))}"
    yield from ("", "## What the network is fed", "")
    yield from _fed(card.get("preprocessing") or {})
    yield from ("", "## Limits", "")
    yield from _limits(card)
    yield from ("", "## Recipe", "", "| setting | value |", "| --- | --- |")
    yield from (f"| {plain(name)} | {plain(value)} |" for name, value in _flat(card.get("recipe") or {}))


def _course(run: Mapping[str, Any]) -> Iterator[str]:
    if "epochs" in run:
        best = f", the best of them epoch {run['best_epoch']}" if "best_epoch" in run else ""
        length = f"{run['epochs']} epochs ({run['steps']} steps)"
        yield f"- Trained: {length}{best}, in {run['seconds']:.0f} seconds"
    if "device" in run:
        yield f"- Trained on: {plain(run['device'])}"


def _accuracy(accuracy: Mapping[str, Any]) -> Iterator[str]:
    yield "| images | count | top-1 | 95 % interval |"
    yield "| --- | ---: | ---: | --- |"
    for split, found in accuracy.items():
        low, high = wilson(found["top1"], found["count"])
        yield (
            f"| {_SPLITS.get(split, plain(split))} | {found['count']:,} | {found['top1']:.1%} "
            f"| {low:.1%} to {high:.1%} |"
        )
    yield ""
    yield "The interval (Wilson, 1927) says what chance in the choice of so many images can do, nothing more."
    yield ""


def _fed(fed: Mapping[str, Any]) -> Iterator[str]:
    height, width = fed.get("size", (0, 0))
    grey = fed.get("mode", "RGB") == "L"
    squeezed = fed.get("crop", "center") in (None, False, "none")
    yield f"- One batch of pictures, float32 [N, {1 if grey else 3}, {height}, {width}]"
    yield f"- {'Grey' if grey else 'Red, green and blue'}, scaled to 0..1"
    if squeezed:
        yield f"- The whole picture is resized to {height} × {width}, whatever its proportions"
    else:
        shorter = fed.get("resize") or max(height, width)
        way = fed.get("interpolation", "bilinear")
        yield f"- Resized ({way}) so that its shorter side has {shorter} pixels"
        yield f"- Cut in the centre to {height} × {width}"
    yield f"- Then mean {_numbers(fed.get('mean'))} is subtracted, and divided by {_numbers(fed.get('std'))}"


def _limits(card: Mapping[str, Any]) -> Iterator[str]:
    accuracy = card.get("accuracy") or {}
    count = len(card.get("classes", ()))
    yield (
        f"- It knows {count} classes and nothing else: every picture is given to one of them, also one that "
        "shows none."
    )
    yield "- A high probability is no proof: networks like this one are often surer than they are right."
    if "test" in accuracy:
        yield (
            f"- Its accuracy was measured on {accuracy['test']['count']:,} images of the same source as "
            "those it learned from. On pictures from elsewhere (another camera, light, background), expect "
            "less."
        )
    else:
        yield "- No images were kept for a report: how good it is on new ones has not been measured."
    if "validation" in accuracy:
        yield (
            "- The epoch was chosen by the validation images, so the accuracy on them flatters it; that on "
            "the training images does so all the more."
        )
    yield "- What the images show more or less often than the world does, it has learned with them."


def _flat(recipe: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in recipe.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", _numbers(value) if isinstance(value, list | tuple) else str(value)


def _numbers(values: Any) -> str:
    return ", ".join(f"{value:g}" for value in values or ())


def plain(text: Any) -> str:
    """Return a text that Markdown shows as it is, in one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))
