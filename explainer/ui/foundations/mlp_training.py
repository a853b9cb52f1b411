"""A network that a reader trains, between two runs of the script; and how it learns, as widgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui import link, link_widgets
from explainer.ui.language import t
from explainer.ui.numbers import number_in

if TYPE_CHECKING:
    from explainer.playground.learner import Learner, Rule, Shape

STATE = "mlp_learning"
ACTIVATION, SEED, TRAINED = "act", "init", "trained"
OPTIMISER, RATE, BATCH, DECAY = "opt", "lr", "batch", "decay"
RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
BATCHES = (1.0, 4.0, 16.0, 32.0, 64.0)
DECAYS = (0.0, 0.0001, 0.001, 0.01, 0.1)
LONGEST = 20_000
"""Steps after which training ends by itself."""
_BURST = 0.11
"""Seconds of training for each answer."""
_AT_ONCE = 500


@dataclass
class Learning:
    """One reader's network."""

    name: tuple[object, ...]
    """Network and data: for others a new network begins."""
    learner: Learner
    run: str
    """Another text for another network."""
    seen: int = 0
    """Serial number of the browser's last request."""
    until: int = 0
    """Steps that the link asks for."""
    painted: int = 0
    """Serial number of the last points taken over."""
    rules: set[Rule] = field(default_factory=set)
    """All rules it was trained with: a link can name the step only where there was one."""
    straight: bool = True
    """Whether it has seen the same points from the beginning."""


def begun(
    name: tuple[object, ...], setting: Callable[[], tuple[Shape, Any, Any]], *, kept: int = 160
) -> Learning:
    """Return the network of this name; a new one where the name is new.

    Args:
        name: of network and data.
        setting: gives network, training and held-out examples for a new one.
        kept: stages that are remembered.
    """
    from explainer.playground.learner import Learner

    known: Learning | None = st.session_state.get(STATE)
    if known is None or known.name != name:
        shape, train, held = setting()
        number = 1 + (int(known.run) if known is not None else 0)
        until = number_in(st.query_params.get(TRAINED), 1, LONGEST) or 0
        known = Learning(name, Learner(shape, train, held, kept=kept), str(number), until=until)
        st.session_state[STATE] = known
    return known


def rule_controls(optimiser: str, rate: float, batch: float, decays: Sequence[float] = DECAYS) -> Rule:
    """Draw how the network learns and return it; all of it may change on the way."""
    from explainer.playground.learner import OPTIMISERS, Rule

    with st.container(key="mlp_rule", horizontal=True, vertical_alignment="bottom", gap="medium"):
        chosen = link_widgets.one_of(OPTIMISER, t("Optimiser"), OPTIMISERS, optimiser)
        with st.container(width=230):
            rate = link_widgets.level(RATE, t("Learning rate"), RATES, rate)
        with st.container(width=150):
            batch = link_widgets.level(BATCH, t("Batch size"), BATCHES, batch)
        with st.container(width=170):
            decay = link_widgets.level(DECAY, t("Weight decay"), decays, 0.0)
        st.button(t("Reset"), icon=":material/restart_alt:", on_click=reset, key="mlp_reset")
    return Rule(chosen, rate, int(batch), decay)


def reset() -> None:
    """Put everything back to what is usual, and forget what was learnt."""
    for name in list(st.query_params):
        if name not in ("lang", "part", "seed", "data", "image", "model", "weights"):
            link.forget(name)
    st.session_state.pop(STATE, None)


def answer(learning: Learning, found: Mapping[str, Any], rule: Rule) -> None:
    """Do what the reader wishes: take steps, begin again, or note in the link where training stands."""
    serial, steps = found.get("serial"), found.get("steps")
    learning.seen = serial if isinstance(serial, int) else 0
    learner = learning.learner
    if found.get("reset"):
        learner.restart()
        learning.run = str(int(learning.run) + 1)
        learning.rules.clear()
        learning.straight = True
    elif isinstance(steps, int) and steps > 0:
        learning.rules.add(rule)
        learner.run(min(steps, _AT_ONCE, LONGEST - learner.step), rule, seconds=_BURST)
    if found.get("playing"):
        return
    if learner.step and learning.straight and learning.rules == {rule}:
        st.query_params[TRAINED] = str(learner.step)
    else:
        link.forget(TRAINED)
