"""What can be set about an attack; all of it stands in the link."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.language import t
from explainer.ui.numbers import number_in

if TYPE_CHECKING:
    from explainer.ui.subject import Subject

METHODS = {"fgsm": "FGSM", "pgd": "PGD"}
LARGEST = 32
"""Of the limit, in steps of an 8-bit picture."""
MOST_STEPS = 40


def attack_controls(subject: Subject, class_index: int, key: str) -> tuple[str, int, int, int | None]:
    """Draw the controls; they follow the link: ``attack``, ``eps``, ``attack_steps`` and ``target``.

    Returns:
        The method, the limit in steps of an 8-bit picture, the steps of PGD, and the class to lead to, or
        ``None`` to lead away from the answer.
    """
    opened = subject.opened
    count = opened.logits.shape[-1]
    answer = opened.predictions[0].index
    ranked = opened.logits.output[0].argsort(descending=True, stable=True).tolist()
    first = [] if class_index == answer else [class_index]
    targets = [-1, *dict.fromkeys([*first, *(index for index in ranked if index != answer)])]
    link = st.query_params
    state = st.session_state
    state[f"{key}-attack"] = link.get("attack") if link.get("attack") in METHODS else "fgsm"
    epsilon = number_in(link.get("eps"), 0, LARGEST)
    state[f"{key}-eps"] = 4 if epsilon is None else epsilon
    state[f"{key}-attack_steps"] = number_in(link.get("attack_steps"), 1, MOST_STEPS) or 10
    wanted = number_in(link.get("target"), 0, count - 1)
    state[f"{key}-target"] = wanted if wanted in targets else -1

    def put(name: str) -> None:
        value = state[f"{key}-{name}"]
        if value in (None, -1):
            link.pop(name, None)
        else:
            link[name] = str(value)

    kind, size, many, aim = st.columns([2, 4, 3, 4], vertical_alignment="bottom")
    with kind:
        method = st.segmented_control(
            t("Method"),
            list(METHODS),
            format_func=METHODS.__getitem__,
            key=f"{key}-attack",
            required=True,
            on_change=put,
            args=("attack",),
            help=t("FGSM takes one step along the sign of the gradient; PGD takes many small ones."),
        )
    with size:
        epsilon = st.slider(
            t("Limit ε: no colour of a pixel changes by more"),
            0,
            LARGEST,
            key=f"{key}-eps",
            format="%d / 255",
            on_change=put,
            args=("eps",),
        )
    with many:
        steps = st.slider(
            t("Steps"),
            1,
            MOST_STEPS,
            key=f"{key}-attack_steps",
            disabled=method != "pgd",
            on_change=put,
            args=("attack_steps",),
        )
    with aim:
        chosen = st.selectbox(
            t("Make it say"),
            targets,
            key=f"{key}-target",
            format_func=lambda index: (
                t("anything but {name}", name=subject.class_name(answer))
                if index < 0
                else subject.class_name(index)
            ),
            on_change=put,
            args=("target",),
        )
    return str(method), int(epsilon), int(steps), None if chosen < 0 else int(chosen)
