"""Building blocks: two of them, fed with the same feature maps, traced and compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.asking import asked
from explainer.components.block_pair import FOLDER, MAP_FOLDER, block_pair
from explainer.ui.address import PLACE, hear
from explainer.ui.language import current_language, later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import forget, put
from explainer.ui.link_widgets import from_list, one_of, reset_button, switch
from explainer.ui.memory import Memory
from explainer.ui.messages import guard
from explainer.ui.opened import frame
from explainer.ui.pickers import ChosenImage, choose_photo

if TYPE_CHECKING:
    from explainer.playground.feeding import Choice, Fed
    from explainer.tracing import Trace

KEY = "block_pair"
_USUAL = {"a": "plain", "b": "residual"}
_MAPS = "maps"
_KNOBS: Mapping[str, str] = {
    "reduction": later("Reduction r"),
    "expansion": later("Expansion t"),
    "growth": later("Growth rate k"),
    "kernel": later("Kernel"),
    "stride": later("Stride"),
}
_SKIP = later("Skip connection")
_BUDGET = 256 << 20


def draw() -> None:
    """Draw the part: the photo, two blocks with their knobs, the comparison, the lesson."""
    chosen = choose_photo(default="chelsea")
    with guard():
        _compare(chosen)
    lesson("architectures_blocks", title=t("What a block is for"))


@st.fragment
def _compare(chosen: ChosenImage) -> None:
    from explainer.playground.feeding import SIDE_OF

    with guard():
        hear(KEY)
        sizes = {str(count): f"{count}×{side}×{side}" for count, side in SIDE_OF.items()}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            channels = int(
                one_of(
                    _MAPS,
                    t("Both are fed with"),
                    sizes,
                    "16",
                    help=t(
                        "Feature maps of the photo (channels × height × width) behind the first, second or "
                        "third stage's first block of this project's own ResNet-20."
                    ),
                )
            )
            st.space("stretch")
            st.button(t("Swap"), icon=":material/swap_vert:", on_click=_swap, type="tertiary")
            names = [f"{side}_{knob}" for side in _USUAL for knob in (*_KNOBS, "skip")]
            reset_button(*_USUAL, *names, _MAPS, PLACE, key="blocks_reset")
        choices: list[Choice] = []
        for letter, column in zip("ab", st.columns(2, gap="medium"), strict=True):
            with column, st.container(horizontal=True, vertical_alignment="bottom", key=f"side_{letter}"):
                choices.append(_choose(letter, channels))
        pair = choices[0], choices[1]
        block_pair(_frame(pair, chosen), key=KEY)
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            from explainer.render.blocks_code import blocks_code

            st.code(blocks_code(pair, chosen.code, chosen.imports), language="python")


def _choose(side: str, channels: int) -> Choice:
    """Draw the list of blocks and the knobs of the chosen one."""
    from explainer.playground.feeding import KINDS, Choice

    titles = {key: kind.title for key, kind in KINDS.items()}

    def forget_knobs() -> None:
        forget(*(f"{side}_{knob}" for knob in (*_KNOBS, "skip")))

    key = from_list(side, side.upper(), titles, _USUAL[side], changed=forget_knobs, width=230)
    kind = KINDS[key]
    knobs = []
    for name, values in kind.knobs.items():
        if name == "skip":
            value = int(switch(f"{side}_skip", t(_SKIP), usual=True))
        else:
            shown = {str(value): str(value) for value in sorted(values)}
            value = int(from_list(f"{side}_{name}", t(_KNOBS[name]), shown, str(values[0]), width=110))
        if value != values[0]:
            knobs.append((name, value))
    return Choice(key, channels, tuple(knobs))


def _swap() -> None:
    now = st.query_params.to_dict()
    other = {"a": "b", "b": "a"}
    sides = {side: now.get(side, usual) for side, usual in _USUAL.items()}
    kept = {
        (f"{other[name[0]]}{name[1:]}" if name[:2] in ("a_", "b_") else name): value
        for name, value in now.items()
        if name not in (*_USUAL, PLACE)
    }
    st.query_params.from_dict(kept)
    for side, usual in _USUAL.items():
        put(side, sides[other[side]], usual)


# --- what the browser gets ---------------------------------------------------------------------------------


def _frame(pair: tuple[Choice, Choice], chosen: ChosenImage) -> bytes:
    """Return the answer to what a side asked last, or both sides where the browser does not have these."""
    from explainer.render.wire import pack

    language = current_language()
    name = f"{_name(pair[0], chosen)}|{_name(pair[1], chosen)}|{language}"
    ask = asked(KEY)
    if ask.get("have") == name == st.session_state.get(f"{KEY}-sent"):
        return pack({"kind": "answer", "side": ask.get("side"), "messages": _answer(ask, pair, chosen)})
    found = frame(f"{KEY}/{name}", lambda: pack(_opening(pair, chosen, name, language)))
    st.session_state[f"{KEY}-sent"] = name
    return found


def _opening(pair: tuple[Choice, Choice], chosen: ChosenImage, name: str, language: str) -> dict[str, object]:
    from explainer.playground.feeding import KINDS
    from explainer.render.blocks import side

    sides = {}
    for letter, choice in zip("ab", pair, strict=True):
        fed, trace = _traced(choice, chosen)
        kind = KINDS[choice.kind]
        picture = fed.preprocessing.as_seen(trace.input.output)
        words = {"title": t(kind.title), "paper": kind.paper, "idea": t(kind.idea)}
        sides[letter] = side(fed, trace, _name(choice, chosen), picture) | words
    texts = dict(texts_for(MAP_FOLDER)) | dict(texts_for(FOLDER))
    return {"kind": "open", "key": name, "text": texts, "language": language, **sides}


def _answer(ask: Mapping[str, Any], pair: tuple[Choice, Choice], chosen: ChosenImage) -> list[dict[str, Any]]:
    from explainer.render.answers import answer
    from explainer.render.snippet import Origin

    if ask.get("side") not in ("a", "b"):
        return []
    choice = pair["ab".index(ask["side"])]
    _, trace = _traced(choice, chosen)
    return answer(
        trace,
        _name(choice, chosen),
        ask,
        logits=trace.nodes[-1],
        class_index=0,
        origin=Origin(choice.kind, "none", chosen.code, chosen.imports),
        translate=t,
    )


def _name(choice: Choice, chosen: ChosenImage) -> str:
    return f"{choice.code}/{chosen.identity}"


def _traced(choice: Choice, chosen: ChosenImage) -> tuple[Fed, Trace]:
    from explainer.playground.feeding import feed

    return _traces().get(_name(choice, chosen), lambda: feed(choice, chosen.image))


@st.cache_resource(show_spinner=False)
def _traces() -> Memory[tuple[Fed, Trace]]:
    return Memory(_BUDGET, lambda found: sum(4 * node.output.numel() for node in found[1].nodes))
