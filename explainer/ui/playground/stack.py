"""Stacking: a chain of layers to compose, and how far one unit of it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.asking import newly_asked
from explainer.components.stack_view import FOLDER, stack_view
from explainer.errors import ReaderError
from explainer.ui.language import t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard, message
from explainer.ui.playground import stack_link as link
from explainer.ui.playground.code_face import chain_face
from explainer.ui.playground.layer_sliders import draw_adding, draw_sliders

if TYPE_CHECKING:
    from PIL import Image

    from explainer.playground.layer_specs import LayerSpec
    from explainer.playground.stacking import Stack

KEY = "stack_view"
OTHER = "stack_view_other"
_SELECTED = "stack_selected"
_REFUSED = "stack_refused"


def draw() -> None:
    """Draw the part."""
    _draw()
    lesson("playground_stack", title=t("What do layers in a row see?"))


@st.fragment
def _draw() -> None:
    with guard():
        from explainer.playground.stacking import stack

        _take_over()
        chains = link.read()
        with st.container(horizontal=True, vertical_alignment="bottom", key="stack_choices"):
            _choose_preset(chains)
            _choose_side(chains.side)
            _offer_comparison(chains)
        photo = _choose_photo()
        first = stack(chains.chain, chains.side)
        second = stack(chains.against, chains.side) if chains.against else None
        _show_refusal()
        _draw_views(first, second, photo)
        _draw_numbers(first, second)
        left, right = st.columns(2, gap="large")
        with left:
            _draw_editor(first)
        with right:
            _draw_code(first, "stack_code", link.CHAIN, second is not None)
            if second is not None:
                _draw_code(second, "stack_code_other", link.AGAINST, True)
        _draw_growth(first, second)
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            from explainer.render.stacking import stack_code

            st.code(stack_code(first), "python")


def _draw_views(first: Stack, second: Stack | None, photo: Image.Image) -> None:
    if second is None:
        _view(first, photo, KEY, editable=True)
    else:
        left, right = st.columns(2, gap="large")
        with left:
            _view(first, photo, KEY, editable=True)
        with right:
            _view(second, photo, OTHER, editable=False)
    if first.input_shape[0] not in (1, 3):
        st.caption(
            t("The input has {count} channels; the photo stands for all of them.", count=first.input_shape[0])
        )


def _view(stack: Stack, photo: Image.Image, key: str, *, editable: bool) -> None:
    from explainer.render.stacking import frame
    from explainer.render.wire import pack

    more = {
        "identity": f"{key}/{stack.input_shape}",
        "texts": texts_for(FOLDER),
        "label": t("A chain of layers and what a unit of it sees"),
        "editable": editable,
        "selected": _selected(stack) if editable else -1,
    }
    stack_view(pack(frame(stack, photo) | more), key=key)


# --- what the reader does -----------------------------------------------------------------------------------


def _selected(stack: Stack) -> int:
    """Return the number of the layer that the sliders belong to."""
    return min(max(0, int(st.session_state.get(_SELECTED, 0))), len(stack.steps) - 1)


def _take_over() -> None:
    """Do what the reader has asked for in the view, once."""
    ask = newly_asked(KEY)
    if not ask:
        return
    act, at = ask.get("act"), ask.get("at")
    chain = list(link.read().chain)
    if not isinstance(at, int) or not 0 <= at < len(chain):
        return
    other = {"up": at - 1, "down": at + 1}.get(str(act))
    if act == "remove" and len(chain) > 1:
        del chain[at]
    elif other is not None and 0 <= other < len(chain):
        chain[at], chain[other] = chain[other], chain[at]
    elif act == "select":
        st.session_state[_SELECTED] = at
        return
    else:
        return
    _try(tuple(chain), selected=at if other is None else other)


def _try(chain: tuple[LayerSpec, ...], *, selected: int | None = None) -> None:
    """Take a chain over if it fits, its channels made to fit; else keep the old one and say why."""
    from explainer.playground.stacking import mended, stack

    chains = link.read()
    chain = mended(chain, chains.side)
    try:
        stack(chain, chains.side)
    except ReaderError as error:
        st.session_state[_REFUSED] = error
        return
    link.write(chains.but(chain=chain))
    if selected is not None:
        st.session_state[_SELECTED] = selected


def _show_refusal() -> None:
    error = st.session_state.pop(_REFUSED, None)
    if error is not None:
        st.warning(t("This change was not made. {reason}", reason=message(error)), icon=":material/undo:")


def _choose_preset(chains: link.Chains) -> None:
    from explainer.playground.stacking import PRESETS

    key = "stack_preset"
    name = link.preset_of(chains)
    options = [*PRESETS] if name else ["", *PRESETS]
    st.session_state[key] = name

    def change() -> None:
        st.session_state.pop(_SELECTED, None)
        chosen = st.session_state[key]
        if chosen in PRESETS:
            link.write(link.of_preset(PRESETS[chosen]))

    st.selectbox(
        t("Chain"),
        options,
        key=key,
        format_func=lambda one: t(PRESETS[one].title) if one in PRESETS else t("Your own"),
        on_change=change,
        width=300,
    )
    st.session_state["stack_note"] = t(PRESETS[name].note) if name else ""


def _choose_side(side: int) -> None:
    key = "stack_side"
    st.session_state[key] = side

    def change() -> None:
        from explainer.playground.stacking import stack

        changed = link.read().but(side=st.session_state[key])
        try:
            for chain in filter(None, (changed.chain, changed.against)):
                stack(chain, changed.side)
        except ReaderError as error:
            st.session_state[_REFUSED] = error
            return
        link.write(changed)

    st.segmented_control(t("Side of the input"), link.SIDES, key=key, required=True, on_change=change)


def _offer_comparison(chains: link.Chains) -> None:
    label, icon, other = t("Compare with a copy"), ":material/compare:", chains.chain
    if chains.against:
        label, icon, other = t("One chain only"), ":material/close:", ()
    st.button(
        label,
        icon=icon,
        key="stack_compare",
        type="tertiary",
        on_click=lambda: link.write(link.read().but(against=other)),
    )
    st.button(
        t("Reset"), icon=":material/restart_alt:", type="tertiary", key="stack_reset", on_click=link.reset
    )


def _choose_photo() -> Image.Image:
    from explainer.ui.pickers import choose_photo

    if st.session_state.get("stack_note"):
        st.markdown(st.session_state["stack_note"])
    with st.expander(t("Another photo"), icon=":material/image:"):
        return choose_photo(default="chelsea").image


def _draw_editor(stack: Stack) -> None:
    at = _selected(stack)
    st.markdown(f"##### {t('Layer {number}', number=at + 1)}")
    draw_sliders(stack, at, _try)
    draw_adding(stack, at, lambda chain: _try(chain, selected=at + 1))


def _draw_code(stack: Stack, key: str, name: str, several: bool) -> None:
    from explainer.playground.stacking import KINDS

    side = stack.input_shape[1]
    label = None
    if several:
        label = t("The left chain as code") if name == link.CHAIN else t("The right chain as code")
    typed = chain_face(
        stack.specs, key=key, kinds=KINDS, check=lambda chain: _check(chain, side), label=label
    )
    if typed is not None:
        chains = link.read()
        link.write(chains.but(chain=typed) if name == link.CHAIN else chains.but(against=typed))
        st.rerun()


def _check(chain: tuple[LayerSpec, ...], side: int) -> None:
    from explainer.playground.stacking import stack

    stack(chain, side)


# --- what is said below -------------------------------------------------------------------------------------


def _draw_numbers(first: Stack, second: Stack | None) -> None:
    """Draw two chains beside each other in numbers; nothing for one, whose view says them."""
    from explainer.render.cost_bars import Bar, cost_bars

    if second is None:
        return
    st.markdown(
        t(
            "Left: a unit sees {left}, with {left_count} nonlinearities on the way. "
            "Right: {right}, with {right_count}.",
            left=_field(first),
            right=_field(second),
            left_count=first.nonlinearities,
            right_count=second.nonlinearities,
        ),
        help=t("Without a nonlinear layer in between, two convolutions are one larger one."),
    )
    names = (t("Left chain"), t("Right chain"))
    groups = [
        (title, [Bar(name, getattr(one, kind)) for name, one in zip(names, (first, second), strict=True)])
        for title, kind in ((t("Parameters"), "parameters"), (t("Multiply-adds"), "multiply_adds"))
    ]
    st.html(cost_bars(groups, logarithmic=False))


def _draw_growth(first: Stack, second: Stack | None) -> None:
    from explainer.render.stacking import growth

    with st.expander(t("How the receptive field grows, with these numbers"), icon=":material/function:"):
        st.markdown(
            t(
                r"$r_l = r_{l-1} + d_l\,(k_l - 1)\,j_{l-1}$ with kernel $k$, dilation $d$ and the step $j$: "
                "the product of all strides before. The last number of a line is that of the traced network."
            )
        )
        for title, one in ((t("Left chain"), first), (t("Right chain"), second)):
            if one is not None and (lines := growth(one)):
                if second is not None:
                    st.markdown(f"**{title}**")
                st.markdown("\n".join(f"- ${line}$" for line in lines))


def _field(stack: Stack) -> str:
    height, width = stack.steps[-1].size
    return f"{height:g} × {width:g}"
