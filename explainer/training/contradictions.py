"""Augmentation that turns an image into one of another class, as far as the names of the classes show it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from explainer.tracing.arithmetic.text import Phrase
from explainer.training.recipe import Augmentation, Policy
from explainer.wording import later

UPSIDE_DOWN = 90.0
"""Degrees of rotation above which a 6 may be taken for a 9."""
TURNS_FAR: dict[Policy, float] = {"trivialaugment": 135.0}
"""Largest rotation in degrees of the policy that goes beyond it; the others stay below 10."""
_COLOURS = {
    "black", "blue", "brown", "cyan", "gold", "golden", "green", "grey", "gray", "magenta", "orange", "pink",
    "purple", "red", "silver", "violet", "white", "yellow",
}  # fmt: skip
_SIDES = re.compile(r"\b(left|right)\b", re.IGNORECASE)


def contradictions(classes: Sequence[str], settings: Augmentation) -> tuple[Phrase, ...]:
    """Return where changes would make the label wrong; nothing is claimed that the names do not say.

    Args:
        classes: names.
        settings: what is changed.
    """
    return tuple(_found(list(classes), settings))


def _found(classes: list[str], settings: Augmentation) -> list[Phrase]:
    found = []
    names = {name.strip().casefold() for name in classes}
    if settings.flip:
        if {"2", "3", "5", "7"} <= names:
            found.append(
                Phrase(
                    later(
                        "These are digits: hardly more than 0, 1 and 8 survive mirroring. A mirrored 3 or 7 "
                        "is no digit any more, and its label is wrong."
                    )
                )
            )
        elif pair := next((one for one in (("b", "d"), ("p", "q")) if set(one) <= names), None):
            found.append(
                Phrase(
                    later("These are letters: a mirrored {first} is a {second}."),
                    first=pair[0],
                    second=pair[1],
                )
            )
        if sides := _mirrored(classes):
            found.append(
                Phrase(
                    later("Mirroring turns “{first}” into “{second}”, and the label stays."),
                    first=sides[0],
                    second=sides[1],
                )
            )
    if {"6", "9"} <= names and max(settings.rotate, TURNS_FAR.get(settings.policy, 0.0)) > UPSIDE_DOWN:
        found.append(Phrase(later("Turned by more than 90°, a 6 looks like a 9.")))
    coloured = [name for name in classes if _COLOURS & set(re.findall(r"[a-z]+", name.casefold()))]
    if settings.colour and _told_apart_by_colour(coloured):
        found.append(
            Phrase(
                later("“{first}” and “{second}” differ by their colour, which is being changed."),
                first=coloured[0],
                second=coloured[1],
            )
        )
    return found


def _mirrored(classes: list[str]) -> tuple[str, str] | None:
    """Return two classes whose names differ in left and right alone."""
    known = {name.casefold(): name for name in classes}
    for name in classes:
        other = _SIDES.sub(
            lambda side: {"left": "right", "right": "left"}[side[0].casefold()], name.casefold()
        )
        if other != name.casefold() and other in known:
            return name, known[other]
    return None


def _told_apart_by_colour(names: list[str]) -> bool:
    """Whether two names are the same but for a word for a colour."""
    rest = [
        tuple(word for word in re.findall(r"\w+", name.casefold()) if word not in _COLOURS) for name in names
    ]
    return len(rest) > 1 and rest.count(rest[0]) > 1
