"""A training recipe: everything that decides what comes out, in one typed record."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

RECIPES = Path(__file__).with_name("recipes")


@dataclass(frozen=True)
class Augmentation:
    """Random changes made to every training image; zero switches a change off."""

    flip: float = 0.0
    """Probability of a left-right mirror image."""
    shift: float = 0.0
    """Largest shift as a share of the image's side."""
    scale: float = 0.0
    """Largest zoom in or out; 0.2 means factors from 0.8 to 1.2."""
    rotate: float = 0.0
    """Largest rotation in degrees."""
    brightness: float = 0.0
    """Largest change of brightness and of contrast, as a share."""
    cutout: float = 0.0
    """Side of a square set to the mean, as a share of the image's side (DeVries and Taylor, 2017)."""


@dataclass(frozen=True)
class Recipe:
    """One training run. The file that holds it reproduces the weights."""

    name: str
    network: str
    dataset: str
    epochs: int
    batch_size: int
    optimizer: Literal["sgd", "adamw"]
    learning_rate: float
    """Peak of the one-cycle schedule (Smith and Topin, 2019)."""
    weight_decay: float
    start: str = ""
    """Name of the recipe whose finished run gives the first weights; empty for new ones."""
    warmup: float = 0.2
    """Share of all steps in which the learning rate rises."""
    momentum: float = 0.9
    label_smoothing: float = 0.0
    average: float = 0.0
    """Decay of the exponential moving average of the weights; 0 keeps the last weights themselves."""
    precision: Literal["float32", "bfloat16"] = "float32"
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    seed: int = 0
    note: str = ""
    """What the model card should say of how the settings were found."""
    augmentation: Augmentation = Augmentation()


def load_recipe(path: str | Path) -> Recipe:
    """Read a recipe from a TOML file, or by the bare name of one that comes with the project."""
    path = Path(path)
    if not path.suffix:
        path = RECIPES / f"{path}.toml"
    fields = tomllib.loads(path.read_text(encoding="utf-8"))
    augmentation = Augmentation(**fields.pop("augmentation", {}))
    for key in ("mean", "std"):
        if key in fields:
            fields[key] = tuple(fields[key])
    unknown = fields.keys() - {field.name for field in dataclasses.fields(Recipe)}
    if unknown:
        raise ValueError(f"{path.name}: unknown fields {', '.join(sorted(unknown))}")
    return Recipe(augmentation=augmentation, **fields)
