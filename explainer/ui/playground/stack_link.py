"""The chains of the stacking part in the link: as code, one layer after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.link import forget

if TYPE_CHECKING:
    from explainer.playground.layer_specs import LayerSpec
    from explainer.playground.stacking import Preset

CHAIN, AGAINST, SIDE = "chain", "against", "side"
SIDES = (32, 64, 128, 224)


@dataclass(frozen=True)
class Chains:
    """What the part shows."""

    chain: tuple[LayerSpec, ...]
    against: tuple[LayerSpec, ...]
    """Empty where there is nothing to compare with."""
    side: int

    def but(self, **changes: Any) -> Chains:
        """Return the same with other values."""
        return replace(self, **changes)


def of_preset(preset: Preset) -> Chains:
    """Return the chains of a preset."""
    from explainer.playground.layer_code import read_chain

    return Chains(read_chain(preset.chain), read_chain(preset.against) if preset.against else (), preset.side)


def default() -> Chains:
    """Return what is shown while the link says nothing."""
    from explainer.playground.stacking import PRESETS

    return of_preset(next(iter(PRESETS.values())))


def preset_of(chains: Chains) -> str:
    """Return the key of the preset that these chains are; empty for none."""
    from explainer.playground.stacking import PRESETS

    return next((key for key, preset in PRESETS.items() if of_preset(preset) == chains), "")


def read() -> Chains:
    """Return the chains in the link; what does not fit together there is as if it were not there."""
    from explainer.playground.stacking import stack

    if CHAIN not in st.query_params:
        return default()
    wanted = st.query_params.get(SIDE, "")
    side = int(wanted) if wanted in map(str, SIDES) else SIDES[0]
    chain, against = (_chain(st.query_params.get(name, "")) for name in (CHAIN, AGAINST))
    try:
        for one in filter(None, (chain, against)):
            stack(one, side)
    except ReaderError:
        return default()
    return Chains(chain, against, side) if chain else default()


def _chain(code: str) -> tuple[LayerSpec, ...]:
    from explainer.playground.layer_code import read_chain
    from explainer.playground.stacking import KINDS

    try:
        return read_chain(code, KINDS) if code else ()
    except ReaderError:
        return ()


def write(chains: Chains) -> None:
    """Put the chains into the link; nothing where they are what is shown without."""
    from explainer.playground.layer_code import write_layer

    reset()
    if chains == default():
        return
    for name, chain in ((CHAIN, chains.chain), (AGAINST, chains.against)):
        if chain:
            st.query_params[name] = ";".join(write_layer(spec).removeprefix("nn.") for spec in chain)
    if chains.side != SIDES[0]:
        st.query_params[SIDE] = str(chains.side)


def reset() -> None:
    """Take everything of this part out of the link."""
    forget(CHAIN, AGAINST, SIDE)
