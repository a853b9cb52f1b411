"""The second face of the sliders: a layer's line of code, or a chain's, which the reader may edit."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.language import t
from explainer.ui.messages import message

if TYPE_CHECKING:
    from explainer.playground.layer_specs import LayerSpec


def code_face(spec: LayerSpec, *, key: str, kinds: tuple[str, ...]) -> LayerSpec | None:
    """Draw the line of code of a layer to edit, and below it what is wrong with what was typed.

    The line follows ``spec`` wherever that has changed, and else keeps the reader's own spelling.

    Args:
        spec: the layer as the sliders have it now.
        key: of the field of text.
        kinds: the kinds of layer that may be typed here.

    Returns:
        The new layer, in the one run after the reader has changed the text to one; else ``None``. The caller
        moves its sliders and runs again (or draws this above them).
    """
    from explainer.playground.layer_code import read_layer, write_layer

    def field() -> str:
        return st.text_input(
            t("The same layer as code"),
            key=key,
            max_chars=400,
            help=t("Change the code and press Enter: the sliders follow. Move a slider: the code follows."),
        )

    return _face(spec, key, write_layer, lambda text: read_layer(text, kinds), field)


def chain_face(
    specs: tuple[LayerSpec, ...],
    *,
    key: str,
    kinds: tuple[str, ...],
    check: Callable[[tuple[LayerSpec, ...]], object] = lambda chain: None,
    label: str | None = None,
) -> tuple[LayerSpec, ...] | None:
    """Draw the code of a chain of layers to edit, as ``code_face`` does that of one.

    Args:
        specs: the chain now.
        key: of the field of text.
        kinds: the kinds of layer that may be typed here.
        check: raises ``ReaderError`` for a chain that cannot be taken.
        label: what the field is called.
    """
    from explainer.playground.layer_code import LONGEST, read_chain, write_chain

    def read(text: str) -> tuple[LayerSpec, ...]:
        found = read_chain(text, kinds)
        check(found)
        return found

    def field() -> str:
        return st.text_area(
            label or t("The same chain as code"),
            key=key,
            height=40 + 24 * min(14, 3 + len(specs)),
            max_chars=LONGEST,
            help=t("Change the code and press Ctrl + Enter: the layers follow. One layer a line is enough."),
        )

    return _face(specs, key, write_chain, read, field)


def _face(
    value: Any, key: str, write: Callable[[Any], str], read: Callable[[str], Any], field: Callable[[], str]
) -> Any:
    shown = f"{key}-shown"
    before: tuple[Any, str] | None = st.session_state.get(shown)
    if before is None or before[0] != value or key not in st.session_state:
        before = value, write(value)
        st.session_state[shown] = before
        st.session_state[key] = before[1]
    with st.container(key=f"{key}-face", gap="small"):
        st.html(
            f"<style>.st-key-{key} input, .st-key-{key} textarea"
            "{font-family: var(--st-code-font, monospace); font-size: 0.9rem}</style>"
        )
        text = field()
        if text == before[1]:
            return None
        try:
            found = read(text)
        except ReaderError as error:
            st.error(message(error), icon=":material/code_off:")
            return None
    st.session_state[shown] = found, text
    return found if found != value else None
