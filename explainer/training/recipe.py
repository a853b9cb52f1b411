"""A training recipe: everything that decides what comes out, in one typed record."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

import tomli_w

from explainer.errors import ReaderError

RECIPE_FILE = "recipe.toml"
"""In the folder of a run."""
RECIPES = Path(__file__).with_name("recipes")

Optimizer = Literal["sgd", "adam", "adamw"]
Schedule = Literal["one_cycle", "constant", "step", "cosine"]
Precision = Literal["float32", "bfloat16", "float16"]
Policy = Literal["none", "randaugment", "trivialaugment", "augmix"]


BOUNDS: dict[str, tuple[float, float]] = {
    "epochs": (1, 10_000),
    "batch_size": (1, 65_536),
    "learning_rate": (0, math.inf),
    "weight_decay": (0, math.inf),
    "side": (0, 1024),
    "images_per_class": (0, 10_000_000),
    "validation": (0, 0.9),
    "frozen_stages": (-1, 10_000),
    "unfreeze_every": (0, 10_000),
    "rate_decay": (0, 1),
    "warmup": (0, 1),
    "momentum": (0, 1),
    "label_smoothing": (0, 1),
    "dropout": (-1, 0.99),
    "stochastic_depth": (0, 0.99),
    "mixup": (0, 100),
    "cutmix": (0, 100),
    "clip": (0, math.inf),
    "average": (0, 0.99999),
    "patience": (0, 10_000),
    "temperature": (0.1, 100),
    "teacher_share": (0, 1),
    "adversarial": (0, 1),
    "flip": (0, 1),
    "shift": (0, 1),
    "scale": (0, 0.9),
    "rotate": (0, 180),
    "brightness": (0, 1),
    "cutout": (0, 1),
    "crop": (0, 1),
    "colour": (0, 1),
    "perspective": (0, 0.6),
    "erase": (0, 1),
}
"""The least and the most of every setting that has them."""


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
    crop: float = 0.0
    """Smallest share of the area that a random crop keeps; sides are 3:4 to 4:3 (Szegedy et al., 2015)."""
    colour: float = 0.0
    """Largest change of saturation, as a share, and of hue, as a tenth of it of the colour circle."""
    perspective: float = 0.0
    """Largest distance from a corner of the image to the place that is seen there, as a share of half the
    side; above 0.6 the picture could fold."""
    erase: float = 0.0
    """Probability that a random rectangle is filled with noise (Zhong et al., 2020)."""
    policy: Policy = "none"
    """A policy of torchvision's: RandAugment (Cubuk et al., 2020), TrivialAugment (Müller and Hutter, 2021),
    AugMix (Hendrycks et al., 2020)."""


@dataclass(frozen=True)
class Recipe:
    """One training run. The file that holds it reproduces the weights."""

    name: str
    network: str
    """As in the catalogue: ``"tiny_vgg"``, ``"resnet18"``, ``"timm:repvgg_a0"``."""
    dataset: str
    """Name of a data set, or path of a folder or a zip with one folder of images for each class."""
    epochs: int
    batch_size: int
    """Images of a step, those of all processes together."""
    optimizer: Optimizer
    learning_rate: float
    """The highest of the schedule."""
    weight_decay: float
    start: str = ""
    """Where the first weights come from: empty for new ones, ``"published"`` for those of the catalogue, a
    file of weights, or the name of the recipe whose finished run lies beside this one."""
    side: int = 0
    """Height and width that images are resized to, in pixels; 0 for what the data set has."""
    images_per_class: int = 0
    """Training images of each class that are used, drawn by the seed; 0 for all. Fewer of the same seed are
    among more of it. What is held out for validation comes from them; the test stays whole."""
    validation: float = 0.0
    """Share of the training images held out, class by class, to watch and to choose the best epoch by."""
    # What learns
    frozen_stages: int = 0
    """Stages counted from the input that keep their weights; -1 for all but the head (feature extraction)."""
    unfreeze_every: int = 0
    """Epochs after which one more stage learns, the last first (Howard and Ruder, 2018); 0 for never."""
    rate_decay: float = 1.0
    """Factor of the learning rate from one stage to the one before it."""
    # How the learning rate goes
    schedule: Schedule = "one_cycle"
    """``one_cycle``: Smith and Topin (2019); ``cosine``: Loshchilov and Hutter (2017)."""
    warmup: float = 0.2
    """Share of all steps in which the learning rate rises."""
    milestones: tuple[float, ...] = (0.5, 0.75)
    """Shares of all steps after which ``step`` lowers the rate."""
    drop: float = 0.1
    """Factor by which ``step`` lowers it."""
    momentum: float = 0.9
    # Regularisation
    label_smoothing: float = 0.0
    dropout: float = -1.0
    """Probability of every dropout layer; below zero: as the network is built."""
    stochastic_depth: float = 0.0
    """Probability that the last residual branch is left out; it grows linearly to it (Huang et al., 2016)."""
    mixup: float = 0.0
    """Alpha of Mixup (Zhang et al., 2018); 0 for none."""
    cutmix: float = 0.0
    """Alpha of CutMix (Yun et al., 2019); 0 for none. With both, each batch takes one of them at random."""
    clip: float = 0.0
    """Largest norm of the gradient; 0 for any."""
    average: float = 0.0
    """Decay of the exponential moving average of the weights; 0 keeps the last weights themselves."""
    patience: int = 0
    """Epochs without a better validation loss after which the run ends; 0 for never."""
    # Other teachers
    teacher: str = ""
    """A network of the catalogue whose softened answers are learned (Hinton et al., 2015); ``=`` and a
    file of weights stand behind it where they are not the published ones."""
    temperature: float = 4.0
    teacher_share: float = 0.7
    """Share of the teacher in the loss."""
    adversarial: float = 0.0
    """Largest change of a pixel (0..1) by an attack that every image is trained on: one step of FGSM from a
    random start (Wong et al., 2020); 0 for none."""
    # How it is computed
    precision: Precision = "float32"
    channels_last: bool = True
    compile: bool = False
    device: str = "auto"
    """``"auto"`` for a GPU where there is one, or as PyTorch names it."""
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    seed: int = 0
    note: str = ""
    """What the model card should say of how the settings were found."""
    augmentation: Augmentation = Augmentation()


def load_recipe(path: str | Path) -> Recipe:
    """Read a recipe from a TOML file, or by the bare name of one that comes with the project.

    Raises:
        ReaderError: there is no such file, it is no TOML, or a field is unknown, missing or of no use.
    """
    path = Path(path)
    if not path.suffix:
        path = RECIPES / f"{path}.toml"
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ReaderError("There is no recipe {name}.", name=path.name) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ReaderError("The recipe {name} is no TOML: {problem}", name=path.name, problem=error) from error
    return recipe_from(fields, path.name)


def recipe_from(fields: dict[str, Any], name: str = "") -> Recipe:
    """Return the recipe with these fields, each checked; ``name`` is what it is called in messages."""
    fields = dict(fields)
    augmentation = fields.pop("augmentation", {})
    if not isinstance(augmentation, dict):
        raise ReaderError("{name}: augmentation must be a table of settings.", name=name)
    return Recipe(
        **_checked(Recipe, fields, name),
        augmentation=Augmentation(**_checked(Augmentation, augmentation, name)),
    )


def dump_recipe(recipe: Recipe) -> str:
    """Return the recipe as TOML; ``load_recipe`` reads the same recipe from it."""
    return tomli_w.dumps(dataclasses.asdict(recipe))


def _checked(kind: type, fields: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the fields in the types that ``kind`` declares."""
    declared = {field.name: field for field in dataclasses.fields(kind)}
    if unknown := sorted(fields.keys() - declared.keys()):
        raise ReaderError("{name}: unknown fields {fields}.", name=name, fields=", ".join(unknown))
    needed = {field.name for field in declared.values() if field.default is dataclasses.MISSING} - {
        "augmentation"
    }
    if missing := sorted(needed - fields.keys()):
        raise ReaderError("{name}: the fields {fields} are missing.", name=name, fields=", ".join(missing))
    hints = get_type_hints(kind)
    found = {field: _as(hints[field], value, field, name) for field, value in fields.items()}
    for field, (least, most) in BOUNDS.items():
        if field in found and not least <= found[field] <= most:
            raise ReaderError(
                "{name}: {field} must be between {least} and {most}.",
                name=name,
                field=field,
                least=least,
                most=most,
            )
    return found


def _as(hint: Any, value: Any, field: str, name: str) -> Any:
    """Return a value as the type of its field."""
    if choices := get_args(hint):
        if choices[-1] is Ellipsis:
            if isinstance(value, list | tuple) and all(_is_number(one) for one in value):
                return tuple(float(one) for one in value)
            raise ReaderError("{name}: {field} must be a list of numbers.", name=name, field=field)
        if value in choices:
            return value
        raise ReaderError(
            "{name}: {field} must be one of {choices}.", name=name, field=field, choices=", ".join(choices)
        )
    if hint is float:
        if _is_number(value):
            return float(value)
    elif isinstance(value, hint) and (hint is bool or not isinstance(value, bool)):
        return value
    raise ReaderError("{name}: {field} must be of type {type}.", name=name, field=field, type=hint.__name__)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
