"""What augmentation and mixing will do, before training: pictures, words, and a network's view of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explainer.attribution import grad_cam_parts
from explainer.attribution.cut import class_scores_node
from explainer.errors import ReaderError
from explainer.tracing import Node, Trace, trace
from explainer.tracing.arithmetic.text import Phrase
from explainer.training.augment import Changes, apply, draw_changes
from explainer.training.chance import generator_for
from explainer.training.geometry import CORNERS, Geometry
from explainer.training.mixing import Mixture, class_shares, draw_mixture, mixed
from explainer.training.policies import AUGMIX_LONGEST, OPERATIONS, SIGNED, Chosen
from explainer.training.recipe import Recipe
from explainer.wording import later

_MOVED = later("Moved by {across} pixels to the right and {down} down")
_ROTATED = later("Rotated by {amount}°")
_CONTRAST = later("Contrast × {amount}")
_BRIGHTNESS = later("Brightness × {amount}")
_SATURATION = later("Saturation × {amount}")
_WORDS = {
    "ShearX": later("Rows sheared by {amount}"),
    "ShearY": later("Columns sheared by {amount}"),
    "Rotate": _ROTATED,
    "Brightness": _BRIGHTNESS,
    "Color": _SATURATION,
    "Contrast": _CONTRAST,
    "Sharpness": later("Sharpness × {amount}"),
    "Posterize": later("Only {amount} bits of each value"),
    "Solarize": later("Inverted where brighter than {amount}"),
    "AutoContrast": later("Contrast stretched to the full range"),
    "Equalize": later("Histogram equalised"),
}
"""What the operations of ``policies`` do."""
_FACTORS = {"Brightness", "Color", "Contrast", "Sharpness"}
"""Operations whose strength is what a factor has over 1."""


@dataclass(frozen=True, eq=False)
class Shown:
    """One image as a step of training might see it."""

    image: Tensor
    """Float [C, H, W] in 0..1."""
    shares: tuple[tuple[str, float], ...]
    """Classes in it, the largest share first; one class of share 1 where nothing was mixed."""
    done: tuple[Phrase, ...]
    """What was done to it, in the order in which it was done."""


@dataclass(frozen=True, eq=False)
class Effect:
    """What a change of an image changes in a network; the first of each pair is before it."""

    activations: tuple[Tensor, Tensor]
    """[C, h, w]: what the layer says."""
    maps: tuple[Tensor, Tensor]
    """[h, w]: Grad-CAM of the layer for ``class_index``, at least 0."""
    probabilities: tuple[Tensor, Tensor]
    """[classes]: the answers."""
    class_index: int
    """The class that the image was taken for before it was changed."""

    @property
    def change(self) -> Tensor:
        """How far each channel moved, [C]: the norm of its difference by the norm that it had.

        0 where a channel was silent and stayed so, infinity where it was silent before.
        """
        before, after = (activation.flatten(1) for activation in self.activations)
        moved, had = (after - before).norm(dim=1), before.norm(dim=1)
        return torch.where(moved == 0, moved, moved / had)

    @property
    def likeness(self) -> float:
        """Cosine between the two activations, from -1 to 1: 1 where they differ by a factor at most."""
        before, after = (activation.flatten().double() for activation in self.activations)
        return float(F.cosine_similarity(before, after, dim=0))


def preview(
    images: Tensor,
    labels: Sequence[int],
    classes: Sequence[str],
    recipe: Recipe,
    draws: int,
    seed: int = 0,
) -> tuple[tuple[Shown, ...], ...]:
    """Return some images as ``draws`` steps of training might see them, step by step.

    They are changed and mixed with each other as a batch is in training. A draw depends on the seed and its
    place alone, not on how many there are.

    Args:
        images: [N, C, H, W], uint8 or float in 0..1.
        labels: the class of each.
        classes: names.
        recipe: its ``augmentation``, ``mixup`` and ``cutmix``.
        draws: how many.
        seed: of the draws.
    """
    return tuple(
        _drawn(images, labels, classes, recipe, generator_for(seed, "preview", number))
        for number in range(draws)
    )


def effect(model: nn.Module, before: Tensor, after: Tensor, layer: str) -> Effect:
    """Return what a changed image changes in a layer, in where it speaks for the class, and in the answer.

    Args:
        model: any eager classifier; it is only read.
        before: float [1, C, H, W], as the model takes it (``measuring.normalise``).
        after: the same image, changed.
        layer: name of a node of the model's trace, or of a module, which stands for the last that runs in it.

    Raises:
        ReaderError: no such layer, or it has no rows and columns of the picture.
    """
    first, second = trace(model, before), trace(model, after)
    answers = [class_scores_node(recorded) for recorded in (first, second)]
    class_index = int(answers[0].output[0].argmax())
    parts = [
        grad_cam_parts(recorded, _layer(recorded, layer), logits, class_index)
        for recorded, logits in zip((first, second), answers, strict=True)
    ]
    return Effect(
        (parts[0].activation, parts[1].activation),
        (parts[0].map, parts[1].map),
        (answers[0].output[0].softmax(0), answers[1].output[0].softmax(0)),
        class_index,
    )


def _layer(recorded: Trace, name: str) -> Node:
    if name in recorded:
        return recorded[name]
    inside = [node for node in recorded.nodes if f"{node.module}.".startswith(f"{name}.")]
    if not inside:
        raise ReaderError("There is no layer called {name} in this network.", name=name)
    return inside[-1]


def _drawn(
    images: Tensor, labels: Sequence[int], classes: Sequence[str], recipe: Recipe, generator: torch.Generator
) -> tuple[Shown, ...]:
    changes = draw_changes(recipe.augmentation, images.shape, generator)
    mixture = draw_mixture(images.shape, recipe, generator)
    seen = apply(images, changes)
    indices = torch.tensor(labels)
    shares = F.one_hot(indices, len(classes)).float()
    names = [classes[label] for label in labels]
    if mixture is not None:
        seen = mixed(seen, mixture)
        shares = class_shares(indices, len(classes), mixture)
    shown = []
    for place, (image, portions) in enumerate(zip(seen, shares, strict=True)):
        done = list(_changes(changes, place, images.shape))
        if mixture is not None:
            done += _mixing(mixture, place, names)
        present = [(classes[index], float(portions[index])) for index in portions.nonzero()[:, 0].tolist()]
        shown.append(Shown(image, tuple(sorted(present, key=lambda one: -one[1])), tuple(done)))
    return tuple(shown)


def _changes(changes: Changes, place: int, shape: tuple[int, ...]) -> Iterator[Phrase]:
    """Say what was done to one image of a batch."""
    yield from _moves(changes.geometry, place, shape)
    if changes.policy is not None:
        yield from _policy(changes.policy, place)
    for values, words in (
        (changes.contrast, _CONTRAST),
        (changes.brightness, _BRIGHTNESS),
        (changes.saturation, _SATURATION),
    ):
        if values is not None:
            yield Phrase(words, amount=_number(values[place], 2))
    if changes.hue is not None:
        yield Phrase(later("Hues turned by {amount}°"), amount=_number(360 * changes.hue[place]))
    for boxes, words in (
        (changes.hidden, later("{height} × {width} pixels set to the mean")),
        (changes.erased, later("{height} × {width} pixels filled with noise")),
    ):
        if boxes is not None:
            top, bottom, left, right = boxes[place].tolist()
            height, width = min(bottom, shape[2]) - max(top, 0), min(right, shape[3]) - max(left, 0)
            if height > 0 and width > 0:
                yield Phrase(words, height=height, width=width)


def _moves(moves: Geometry, place: int, shape: tuple[int, ...]) -> Iterator[Phrase]:
    half = torch.tensor([shape[3], shape[2]]) / 2
    if moves.box is not None:
        percent = 100 * moves.box[place, 2:].prod() / (shape[2] * shape[3])
        yield Phrase(later("Cropped to {amount} % of its area"), amount=_number(percent))
    if moves.mirrored is not None and moves.mirrored[place]:
        yield Phrase(later("Mirrored"))
    if moves.corners is not None:
        amount = _number(((CORNERS - moves.corners[place]).abs() * half).max(), 1)
        yield Phrase(later("In perspective: corners moved by up to {amount} pixels"), amount=amount)
    across, down = 0.0, 0.0
    if moves.moved is not None:
        down, across = moves.moved[place].tolist()
    elif moves.shift is not None:
        across, down = (_number(value, 1) for value in -moves.shift[place] * half)
    if across or down:
        yield Phrase(_MOVED, across=across, down=down)
    if moves.scale is not None and moves.scale[place] != 1:
        yield Phrase(later("Enlarged × {amount}"), amount=_number(moves.scale[place], 2))
    if moves.angle is not None and moves.angle[place]:
        yield Phrase(_ROTATED, amount=_number(moves.angle[place], 1))


def _policy(chosen: Chosen, place: int) -> Iterator[Phrase]:
    if chosen.weights is None:
        yield from _steps(chosen, place, range(chosen.operation.shape[1]))
        return
    kept, *portions = chosen.weights[place].tolist()
    for chain, portion in enumerate(portions):
        words = later("Chain {number}, {amount} % of the image:")
        yield Phrase(words, number=chain + 1, amount=_number(100 * portion))
        yield from _steps(chosen, place, range(chain * AUGMIX_LONGEST, (chain + 1) * AUGMIX_LONGEST))
    yield Phrase(later("The image as it was, {amount} %"), amount=_number(100 * kept))


def _steps(chosen: Chosen, place: int, steps: range) -> Iterator[Phrase]:
    for step in steps:
        name = OPERATIONS[int(chosen.operation[place, step])]
        strength = float(chosen.strength[place, step])
        if name in SIGNED and not strength:
            continue
        if name == "TranslateX":
            yield Phrase(_MOVED, across=int(strength), down=0)
        elif name == "TranslateY":
            yield Phrase(_MOVED, across=0, down=int(strength))
        elif name in _FACTORS:
            yield Phrase(_WORDS[name], amount=_number(1 + strength, 2))
        elif name != "Identity":
            yield Phrase(_WORDS[name], amount=_number(strength, 0 if name == "Posterize" else 2))


def _mixing(mixture: Mixture, place: int, names: Sequence[str]) -> Iterator[Phrase]:
    other = int(mixture.other[place])
    if other != place:
        words = (
            later("Mixed with {amount} % of “{name}”")
            if mixture.box is None
            else later("A rectangle of {amount} % from “{name}”")
        )
        yield Phrase(words, amount=_number(100 * (1 - mixture.share)), name=names[other])


def _number(value: Tensor | float, digits: int = 0) -> float:
    """Return a number as it is said: rounded, without a minus before zero."""
    rounded = round(float(value), digits) + 0.0
    return int(rounded) if digits == 0 else rounded
