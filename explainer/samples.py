"""Pictures to begin with: scikit-image's public-domain photographs and this project's own drawings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from PIL import Image

from explainer import drawings
from explainer.errors import ReaderError
from explainer.images import read_image
from explainer.models.preprocessing import Preprocessing
from explainer.wording import later

_DRAWN = "Drawn by this project"


@dataclass(frozen=True)
class Sample:
    """A picture that needs no upload."""

    key: str
    """Stands in links: ``"chelsea"``."""
    title: str
    credit: str
    """Who made it and under which terms."""
    shows: tuple[str, ...]
    """Names of what it shows, in the words that the bundled networks and ImageNet use for their classes."""
    make: Callable[[], Image.Image] = field(repr=False, compare=False)

    def load(self) -> Image.Image:
        """Return the picture as RGB. It needs no network connection."""
        return self.make()


@cache
def samples() -> tuple[Sample, ...]:
    """Return all samples; none is loaded or drawn yet."""
    return (*_photographs(), *_scenes(), *_patterns(), *_digits())


def sample(key: str) -> Sample:
    """Return the sample of this key; ``ReaderError`` if there is none."""
    for one in samples():
        if one.key == key:
            return one
    raise ReaderError("There is no sample picture called {key}.", key=key)


def samples_for(preprocessing: Preprocessing, classes: Sequence[str]) -> tuple[Sample, ...]:
    """Return the samples to offer for a network, the most fitting first.

    Digits for a network of grey pictures. For any other network the pictures of its own classes (drawings
    only for small inputs: at 224 pixels and more a photograph says more), then the remaining photographs
    and patterns.
    """
    if preprocessing.mode == "L":
        return (*_digits(), *_patterns())
    own = {name.lower() for name in classes}
    small = max(preprocessing.size) <= 96
    known = [one for one in (*_photographs(), *_scenes()) if own.intersection(one.shows)]
    if small:
        known.sort(key=lambda one: one.credit != _DRAWN)
        by_class = {name.lower(): place for place, name in enumerate(classes)}
        known.sort(key=lambda one: min(by_class[name] for name in one.shows if name in by_class))
    else:
        known.sort(key=lambda one: one.credit == _DRAWN)
    rest = (*_photographs(), *_patterns())
    return (*known, *(one for one in rest if one not in known))


def _photograph(file: str) -> Image.Image:
    """Read one of the pictures that come inside scikit-image's package, without importing it."""
    spec = find_spec("skimage")
    places = (spec.submodule_search_locations or []) if spec else []
    for place in places:
        path = Path(place) / "data" / file
        if path.is_file():
            return read_image(path.read_bytes(), file)
    raise ReaderError("The picture {file} is missing: install scikit-image.", file=file)


def _photographs() -> tuple[Sample, ...]:
    table = (
        (
            "chelsea",
            later("Cat"),
            "chelsea.png",
            "Stéfan van der Walt, CC0",
            "tabby|tiger cat|egyptian cat|cat",
        ),
        (
            "coffee",
            later("Cup of coffee"),
            "coffee.png",
            "Rachel Michetti, Pikolo Espresso Bar, CC0",
            "espresso|cup",
        ),
        ("astronaut", later("Astronaut"), "astronaut.png", "Eileen Collins, NASA, public domain", ""),
        (
            "rocket",
            later("Rocket"),
            "rocket.jpg",
            "DSCOVR launch, SpaceX, public domain",
            "missile|projectile",
        ),
        ("camera", later("Photographer"), "camera.png", "Lav Varshney, CC0", "tripod"),
        ("coins", later("Coins"), "coins.png", "Brooklyn Museum, no known copyright restrictions", ""),
        (
            "clock",
            later("Moving clock"),
            "clock_motion.png",
            "Stéfan van der Walt, public domain",
            "wall clock",
        ),
        ("hubble", later("Deep field"), "hubble_deep_field.jpg", "NASA and ESA, public domain", ""),
        ("brick", later("Bricks"), "brick.png", "CC0 Textures, CC0", ""),
        ("grass", later("Grass"), "grass.png", "linolafett, CC0", ""),
    )
    return tuple(
        Sample(key, title, credit, tuple(filter(None, shows.split("|"))), partial(_photograph, file))
        for key, title, file, credit, shows in table
    )


def _scenes() -> tuple[Sample, ...]:
    table = (
        ("drawn-lifeboat", later("Lifeboat"), drawings.lifeboat, "lifeboat"),
        ("drawn-ladybug", later("Ladybug"), drawings.ladybug, "ladybug"),
        ("drawn-pizza", later("Pizza"), drawings.pizza, "pizza"),
        ("drawn-pepper", later("Bell pepper"), drawings.bell_pepper, "bell pepper"),
        ("drawn-bus", later("School bus"), drawings.school_bus, "school bus"),
        ("drawn-espresso", later("Espresso"), drawings.espresso, "espresso"),
        ("drawn-orange", later("Orange"), drawings.orange, "orange"),
        ("drawn-car", later("Sports car"), drawings.sports_car, "sport car|sports car|automobile|car"),
        ("drawn-aeroplane", later("Aeroplane"), drawings.aeroplane, "airplane|aeroplane|airliner"),
        ("drawn-ship", later("Ship"), drawings.ship, "ship|container ship"),
    )
    return tuple(
        Sample(key, title, _DRAWN, tuple(shows.split("|")), make) for key, title, make, shows in table
    )


def _patterns() -> tuple[Sample, ...]:
    return (
        Sample("gratings", later("Gratings"), _DRAWN, (), drawings.gratings),
        Sample("shapes", later("Shapes"), _DRAWN, (), drawings.shapes),
    )


def _digits() -> tuple[Sample, ...]:
    return tuple(
        Sample(f"digit-{value}", str(value), _DRAWN, (str(value),), partial(drawings.digit, value))
        for value in (7, 2, 1, 0, 4, 9, 5, 6, 3, 8)
    )
