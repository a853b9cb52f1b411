"""Which network learns, from which weights, and which of its layers."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from explainer.models import catalog, search
from explainer.ui.language import later, t
from explainer.ui.training import draft
from explainer.ui.training.storage import my_runs

_STRATEGIES = {
    "all": later("All layers"),
    "late": later("The last stages"),
    "gradual": later("Stage by stage"),
    "head": later("Head only"),
}
_SETTINGS_OF: dict[str, dict[str, Any]] = {
    "all": {"frozen_stages": 0, "unfreeze_every": 0},
    "late": {"frozen_stages": 2, "unfreeze_every": 0},
    "gradual": {"frozen_stages": -1, "unfreeze_every": 1},
    "head": {"frozen_stages": -1, "unfreeze_every": 0},
}
"""What each strategy makes of the recipe; how many stages, and how often one thaws, can be set then."""
_NETWORK, _STRATEGY = "recipe_network", "recipe_strategy"


def draw() -> None:
    """Draw the settings."""
    st.markdown(f"##### {t('Network, and what of it learns')}")
    _choose_network()
    _choose_start()
    _choose_what_learns()


def meant(typed: str) -> str:
    """Return the key of the network that a reader has typed a part of; else the text as a link takes it."""
    found = search(typed)
    return found[0].key if found else re.sub(r"[^\w:.-]", "_", typed)


def _choose_network() -> None:
    titles = {entry.key: entry.title for entry in catalog()}
    network = str(draft.value_of("network"))
    listed = list(dict.fromkeys([*titles, network]))
    st.session_state[_NETWORK] = network

    def taken() -> None:
        typed = str(st.session_state[_NETWORK])
        key = typed if typed in titles else meant(typed)
        draft.change(network=key, start="", **_SETTINGS_OF["all"])

    st.selectbox(
        t("Network"),
        listed,
        key=_NETWORK,
        format_func=lambda key: titles.get(key, key),
        accept_new_options=True,
        on_change=taken,
        help=t("Type to search. Any timm architecture can be typed in: timm:name."),
    )


def _choose_start() -> None:
    network = draft.value_of("network")
    starts = {"": later("New weights"), "published": later("Published weights")}
    earlier = [run.name for run in my_runs() if run.weights.is_file() and run.recipe.network == network]
    starts |= {name: t("Run {name}", name=name) for name in earlier}
    draft.choice(
        "start",
        t("Begins with"),
        starts,
        unfolding=len(starts) > 4,
        help=t(
            "Published weights have learned from other images, usually ImageNet; only the head is new. An "
            "earlier run of this network can be trained on."
        ),
    )


def _choose_what_learns() -> None:
    now = _strategy()
    st.session_state[_STRATEGY] = now
    st.segmented_control(
        t("What learns"),
        list(_STRATEGIES),
        key=_STRATEGY,
        format_func=lambda one: t(_STRATEGIES[one]),
        required=True,
        on_change=lambda: draft.change(**_SETTINGS_OF[st.session_state[_STRATEGY]]),
        help=t("Frozen stages keep their weights, and the statistics of their batch normalisation."),
    )
    if now == "late":
        draft.slider("frozen_stages", t("Frozen stages, from the input"), 1, 12, 1)
    if now == "gradual":
        draft.slider("unfreeze_every", t("Epochs until one more stage learns"), 1, 10, 1)
    if now != "head":
        draft.levels(
            "rate_decay",
            t("Learning rate from a stage to the one before it, ×"),
            (1.0, 0.95, 0.9, 0.8, 0.65, 0.5, 0.3),
            help=t("Early layers know what holds for all images: they should move less."),
        )


def _strategy() -> str:
    """Return which strategy the recipe's settings come to."""
    frozen = draft.value_of("frozen_stages")
    if draft.value_of("unfreeze_every"):
        return "gradual"
    if frozen < 0:
        return "head"
    return "late" if frozen else "all"
