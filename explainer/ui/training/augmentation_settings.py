"""What may be changed at random, as settings of the recipe: presets, and controls in groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from explainer.ui.language import later, t
from explainer.ui.link_widgets import one_of, reset_button
from explainer.ui.training import draft

GROUP = "changes"
"""Query parameter: the group of changes."""
_GROUPS = {
    "place": later("Place"),
    "tint": later("Colour"),
    "hide": later("Hide"),
    "policy": later("Policy"),
    "mix": later("Mix"),
}
_POLICIES = {
    "none": later("None"),
    "randaugment": "RandAugment",
    "trivialaugment": "TrivialAugment",
    "augmix": "AugMix",
}
_POLICY_WORDS = {
    "none": later("Only the changes that are set by hand."),
    "randaugment": later(
        "Two operations drawn from fourteen, one after the other, at a fixed strength (Cubuk et al., 2020)."
    ),
    "trivialaugment": later(
        "One operation drawn from fourteen, at a random strength that may be extreme "
        "(Müller and Hutter, 2021)."
    ),
    "augmix": later(
        "Three chains of up to three mild operations, blended with each other and with the image as it was "
        "(Hendrycks et al., 2020)."
    ),
}
_NAMES = {
    "flip": later("Mirror"),
    "crop": later("Crop"),
    "shift": later("Shift"),
    "scale": later("Zoom"),
    "rotate": later("Rotation"),
    "perspective": later("Perspective"),
    "brightness": later("Brightness, contrast"),
    "colour": later("Saturation, hue"),
    "cutout": later("Cutout"),
    "erase": later("Random erasing"),
    "policy": later("Policy"),
    "mixup": "Mixup",
    "cutmix": "CutMix",
}
"""All settings of this part, in the order in which they are shown."""
_NOTHING: dict[str, Any] = dict.fromkeys(_NAMES, 0.0) | {"policy": "none"}
PRESETS: Mapping[str, dict[str, Any]] = {
    "none": _NOTHING,
    "light": _NOTHING | {"flip": 0.5, "shift": 0.1, "brightness": 0.1},
    "photos": _NOTHING | {"flip": 0.5, "crop": 0.35, "brightness": 0.2, "colour": 0.2, "erase": 0.1},
    "strong": _NOTHING
    | {
        "flip": 0.5,
        "crop": 0.2,
        "policy": "trivialaugment",
        "erase": 0.25,
        "mixup": 0.2,
        "cutmix": 1.0,
    },
}
"""Settings by name of the preset."""
_PRESETS = {
    "none": later("None"),
    "light": later("Light"),
    "photos": later("Usual for photos"),
    "strong": later("Strong"),
}
_PRESET = "augmentation_preset"


def draw_presets(*shown: str) -> None:
    """Draw the choice of a preset, and what is switched on.

    Args:
        shown: query parameters of the preview, which are reset as well.
    """
    now = {name: draft.value_of(name) for name in _NAMES}
    st.session_state[_PRESET] = next((name for name, values in PRESETS.items() if values == now), None)
    with st.container(horizontal=True, vertical_alignment="center", key="augmentation_presets"):
        st.segmented_control(
            t("Preset"),
            list(PRESETS),
            key=_PRESET,
            format_func=lambda name: t(_PRESETS[name]) if name in _PRESETS else name,
            on_change=_take_preset,
            label_visibility="collapsed",
        )
        reset_button(
            GROUP,
            *shown,
            key="augmentation_reset",
            also=lambda: draft.change(**_NOTHING),
        )
    said = [_said(name, value) for name, value in now.items() if value != _NOTHING[name]]
    st.caption(
        t("Switched on: {changes}.", changes=" · ".join(said)) if said else t("Nothing is switched on.")
    )


def _take_preset() -> None:
    chosen = st.session_state[_PRESET]
    if chosen in PRESETS:
        draft.change(**PRESETS[chosen])


def _said(name: str, value: Any) -> str:
    if name == "policy":
        return t(_POLICIES[value])
    return f"{t(_NAMES[name])} {value:g}"


def draw_controls() -> None:
    """Draw the settings of the chosen group."""
    group = one_of(GROUP, t("Changes"), _GROUPS, "place", hidden=True)
    with st.container(key="augmentation_controls"):
        {
            "place": _draw_place,
            "tint": _draw_tint,
            "hide": _draw_hide,
            "policy": _draw_policy,
            "mix": _draw_mix,
        }[group]()


def _draw_place() -> None:
    first, second, third = st.columns(3, gap="medium")
    with first:
        _slider("flip", 1.0, 0.05, t("Probability that an image is mirrored, left to right."))
        _slider("shift", 1.0, 0.05, t("Largest shift, as a share of the side."))
    with second:
        draft.levels(
            "crop",
            t(_NAMES["crop"]),
            (0.0, 0.08, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9),
            help=t(
                "Smallest share of the area that a random cutting keeps, before it is brought back to the "
                "full size; 0 for no cutting."
            ),
        )
        _slider("scale", 0.9, 0.05, t("Largest zoom in or out: 0.2 means factors from 0.8 to 1.2."))
    with third:
        _slider("rotate", 180.0, 5.0, t("Largest rotation in degrees, either way."))
        _slider(
            "perspective",
            0.6,
            0.05,
            t("Largest distance of a corner from what is seen there, as a share of half the side."),
        )


def _draw_tint() -> None:
    first, second, _ = st.columns(3, gap="medium")
    with first:
        _slider("brightness", 1.0, 0.05, t("Largest change of brightness and of contrast, as a share."))
    with second:
        _slider(
            "colour",
            1.0,
            0.05,
            t("Largest change of saturation, as a share; hues turn by up to a tenth of it of the circle."),
        )


def _draw_hide() -> None:
    first, second, _ = st.columns(3, gap="medium")
    with first:
        _slider("cutout", 1.0, 0.05, t("Side of a square set to the mean, as a share of the image's side."))
    with second:
        _slider("erase", 1.0, 0.05, t("Probability that a random rectangle is filled with noise."))


def _draw_policy() -> None:
    draft.choice("policy", t("Policy"), _POLICIES)
    st.caption(t(_POLICY_WORDS[draft.value_of("policy")]))


def _draw_mix() -> None:
    first, second, third = st.columns(3, gap="medium")
    with first:
        draft.levels(
            "mixup",
            "Mixup",
            (0.0, 0.1, 0.2, 0.4, 1.0, 2.0),
            help=t(
                "Alpha: the share λ of two images laid over each other is drawn from Beta(α, α). Small "
                "values mostly leave one of them almost alone; 0 switches it off."
            ),
        )
    with second:
        draft.levels(
            "cutmix",
            "CutMix",
            (0.0, 0.2, 0.5, 1.0, 2.0),
            help=t(
                "Alpha: a rectangle of another image covers the share 1 − λ, λ drawn from Beta(α, α); 0 "
                "switches it off."
            ),
        )
    with third:
        if draft.value_of("mixup") and draft.value_of("cutmix"):
            st.caption(t("With both, every batch takes one of them at random."))


def _slider(field: str, most: float, step: float, help_text: str) -> None:
    draft.slider(field, t(_NAMES[field]), 0.0, most, step, help=help_text)
