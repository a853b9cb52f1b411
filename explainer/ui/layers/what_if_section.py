"""What if: change a channel or a kernel and watch everything downstream, and the answer."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.kernel_pad import FOLDER as KERNEL_PAD
from explainer.components.kernel_pad import kernel_pad
from explainer.components.what_if_view import FOLDER as WHAT_IF_VIEW
from explainer.components.what_if_view import what_if_view
from explainer.ui.language import later, t, texts_for
from explainer.ui.layers.changes import (
    can_undo,
    changes,
    describe,
    put_changes,
    text_of_changes,
    trace_of,
    undo,
)
from explainer.ui.layers.finding import operations
from explainer.ui.lesson import lesson
from explainer.ui.memory import Memory
from explainer.ui.messages import guard
from explainer.ui.subject import put_place
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from explainer.layers.intervention import Change, NodeChange
    from explainer.tracing import Node, Trace
    from explainer.ui.subject import Subject

SHOWN = "shown"
"""Name of the query parameter that says which layer is shown before and after."""
_REPLACEMENTS = {
    "mean": later("Its own mean"),
    "channel": later("Another channel"),
    "image": later("The same channel of another picture"),
}
_TURNED = "what_if_turned"
_FACTORS = (-2.0, 3.0)
_MOST_CHANNELS = 4096
_LIGHT = 2e10
"""Floating-point operations of what is done without being asked for: about a second on one core."""
_Result = tuple["Trace", tuple["NodeChange", ...]]


def draw(subject: Subject, node: Node, channel: int) -> None:
    """Draw the section about one channel of one layer."""
    _draw(subject, node.name, channel)


@st.fragment
def _draw(subject: Subject, layer: str, channel: int) -> None:
    with guard():
        node = subject.trace[layer]
        made = changes(subject)
        left, right = st.columns([4, 9], gap="large")
        with left:
            _controls(subject, node, channel, made)
        with right, guard():
            _consequences(subject, node, channel, made)
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            from explainer.render.layer_code import what_if_code

            st.code(what_if_code(subject.origin, subject.trace, made), language="python")
        lesson("what_if", title=t("What does a change prove?"))


# --- what to change ---------------------------------------------------------------------------------------


def _controls(subject: Subject, node: Node, channel: int, made: tuple[Change, ...]) -> None:
    from explainer.layers.intervention import weight_of

    st.markdown(f"**{t('Channel {channel} of {node}', channel=channel, node=f'`{node.name}`')}**")
    _scale(node.name, channel, made)
    with st.container(horizontal=True):
        st.button(
            t("Silence"),
            key="what_if_zero",
            icon=":material/volume_off:",
            on_click=_append_channel,
            args=(node.name, channel, made, "zero"),
        )
        with st.popover(t("Replace"), icon=":material/swap_horiz:"):
            _replace(subject, node, channel, made)
    if weight_of(node) is not None and "transpose" not in node.kind:
        with st.expander(t("Edit a kernel"), icon=":material/edit:", expanded=_edits_kernel(node, made)):
            _kernel(node, channel, made)
    _listing(subject, made)


def _scale(layer: str, channel: int, made: tuple[Change, ...]) -> None:
    from explainer.layers.intervention import ChannelChange

    here = made[-1] if made and isinstance(made[-1], ChannelChange) else None
    same = here is not None and here.how == "scale" and _is(here, layer, channel)
    factor = here.factor if same and here is not None else 1.0
    st.session_state["what_if_scale"] = min(max(factor, _FACTORS[0]), _FACTORS[1])  # a link may say more

    def scaled() -> None:
        factor = float(st.session_state["what_if_scale"])
        kept = made[:-1] if same else made
        put_changes(kept if factor == 1 else (*kept, ChannelChange(layer, channel, "scale", factor)))

    st.slider(t("Multiply by"), *_FACTORS, step=0.05, key="what_if_scale", on_change=scaled)


def _append_channel(layer: str, channel: int, made: tuple[Change, ...], how: str) -> None:
    from explainer.layers.intervention import ChannelChange

    put_changes((*made, ChannelChange(layer, channel, how)))  # type: ignore[arg-type]


def _replace(subject: Subject, node: Node, channel: int, made: tuple[Change, ...]) -> None:
    from explainer.layers.intervention import ChannelChange
    from explainer.samples import samples_for
    from explainer.tracing import extent

    how = st.radio(
        t("Replace by"),
        list(_REPLACEMENTS),
        format_func=lambda one: t(_REPLACEMENTS[one]),
        key="what_if_replacement",
    )
    count = extent(node)[0]
    source: int | None = None
    picture = ""
    if how == "channel":
        source = int(st.number_input(t("Channel"), 0, count - 1, (channel + 1) % count, key="what_if_source"))
    if how == "image":
        loaded = subject.opened.loaded
        titles = {
            one.key: t(one.title)
            for one in samples_for(loaded.preprocessing, loaded.classes)
            if one.key != subject.chosen.identity
        }
        picture = str(
            st.selectbox(
                t("Picture"),
                list(titles),
                format_func=lambda key: titles.get(key, key),
                key="what_if_picture",
            )
        )

    layer = node.name

    def replaced() -> None:
        change = ChannelChange(layer, channel, how, source=source, picture=picture)  # type: ignore[arg-type]
        if how == "image":
            change = replace(change, other=trace_of(subject, picture))
        put_changes((*made, change))

    st.button(t("Replace"), key="what_if_replace", type="primary", on_click=replaced)


def _edits_kernel(node: Node, made: tuple[Change, ...]) -> bool:
    from explainer.layers.intervention import ChannelChange

    return any(change.node == node.name and not isinstance(change, ChannelChange) for change in made)


def _kernel(node: Node, channel: int, made: tuple[Change, ...]) -> None:
    """Draw one kernel of the layer and the bias of its channel as fields."""
    from explainer.layers.intervention import KernelChange, bias_of, weight_of

    weight, bias = _values(weight_of(node)), _values(bias_of(node))
    row = min(channel, weight.shape[0] - 1)
    count = weight.shape[1]
    group = row // (weight.shape[0] // int(node.arguments.get("groups", 1)))
    first = group * count  # the channel's group begins here
    source = 0
    if count > 1:
        known = [one.source for one in made if isinstance(one, KernelChange) and _is(one, node.name, row)]
        begin = first + min(max(known[-1] if known else 0, 0), count - 1)
        key = f"what_if_from/{node.name}/{row}"
        source = (
            int(st.number_input(t("From input channel"), first, first + count - 1, begin, key=key)) - first
        )
    kernel = weight[row, source]
    edited = {(c.node, c.channel, c.source): c for c in made if isinstance(c, KernelChange)}
    mine = edited.get((node.name, row, source))
    original = tuple(float(number) for number in kernel.flatten())

    def without() -> tuple[Change, ...]:
        return tuple(change for change in made if change is not mine)

    layer = node.name

    def edit(values: tuple[float, ...]) -> None:
        put_changes((*without(), KernelChange(layer, row, source, values)))

    values = mine.values if mine is not None and len(mine.values) == len(original) else original
    shape = tuple(kernel.shape)
    kernel_pad(
        values,
        original,
        (prod(shape[:-1]), shape[-1]) if shape else (1, 1),
        peak=float(weight[row].abs().max()),
        key=f"kernel_pad/{node.name}/{row}/{source}",
        label=t("Kernel from channel {source} to channel {channel}", source=first + source, channel=row),
        texts=dict(texts_for(KERNEL_PAD)),
        on_edit=edit,
    )
    if bias is not None and row < len(bias):
        _bias(layer, row, float(bias[row]), made)
    if mine is not None:
        st.button(
            t("Back to the network's kernel"),
            key="what_if_kernel_back",
            icon=":material/restart_alt:",
            on_click=lambda: put_changes(without()),
        )
    st.caption(t("Enter takes a number, the up and down keys change it in steps."))


def _bias(layer: str, row: int, original: float, made: tuple[Change, ...]) -> None:
    from explainer.layers.intervention import BiasChange

    mine = next((c for c in made if isinstance(c, BiasChange) and _is(c, layer, row)), None)
    key = "what_if_bias"
    st.session_state[key] = original if mine is None else mine.value

    def edited() -> None:
        kept = tuple(change for change in made if change is not mine)
        put_changes((*kept, BiasChange(layer, row, float(st.session_state[key]))))

    st.number_input(t("Bias"), step=0.1, format="%.4g", key=key, on_change=edited)


def _is(change: Change, layer: str, channel: int) -> bool:
    return (change.node, change.channel) == (layer, channel)


def _values(parameter: Any) -> Any:
    """Return the tensor of a weight, which may be one that the network computes."""
    from explainer.tracing import Node

    return parameter.output.detach() if isinstance(parameter, Node) else parameter


def _listing(subject: Subject, made: tuple[Change, ...]) -> None:
    if made:
        st.markdown(f"**{t('Changes')}**")
    for number, change in enumerate(made):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                ":material/close:",
                key=f"what_if_drop_{number}",
                help=t("Take this change back"),
                type="tertiary",
                on_click=put_changes,
                args=((*made[:number], *made[number + 1 :]),),
            )
            st.text(describe(change), width="stretch")
    with st.container(horizontal=True):
        st.button(
            t("Undo"),
            key="what_if_undo",
            icon=":material/undo:",
            disabled=not can_undo(subject),
            on_click=undo,
            args=(subject,),
        )
        st.button(
            t("Reset"),
            key="what_if_reset",
            icon=":material/restart_alt:",
            disabled=not made,
            on_click=put_changes,
            args=((),),
        )


# --- what follows -----------------------------------------------------------------------------------------


def _consequences(subject: Subject, node: Node, channel: int, made: tuple[Change, ...]) -> None:
    from explainer.render.consequences import consequences

    opened = subject.opened
    after, moved = _result(subject, made)
    shown = _shown(node, made, moved)
    if not made:
        st.info(t("Change something and watch the answer."), icon=":material/tune:")
    own = channel if shown is not None and shown.name == node.name else None
    for change in made:
        if shown is not None and change.node == shown.name:
            own = change.channel
    message = consequences(
        after,
        moved,
        opened.logits,
        name=subject.class_name,
        shown=shown,
        channel=own,
        sweep=_sweep(subject, node, channel),
    )
    what_if_view(
        message,
        key="what_if_view",
        texts=dict(texts_for(WHAT_IF_VIEW)),
        on_choose=partial(st.query_params.__setitem__, SHOWN),
        on_turn=partial(_turn, node.name),
    )
    if st.session_state.pop(_TURNED, False):
        st.rerun()  # the channel is chosen above this section


def _turn(layer: str, channel: int) -> None:
    put_place(layer, channel)
    st.session_state[_TURNED] = True


def _sweep(subject: Subject, node: Node, channel: int) -> dict[str, Any] | None:
    """Return what each channel of the layer is worth to the network's answer, once that is known."""
    from explainer.layers.ablation import ablations
    from explainer.render.consequences import without_each
    from explainer.tracing import extent

    opened = subject.opened
    trace, logits = opened.trace, opened.logits
    if not opened.predictions or node.index > logits.index or not 1 < extent(node)[0] <= _MOST_CHANNELS:
        return None
    best = opened.predictions[0].index
    behind = operations(subject, logits) - operations(subject, node)
    found = watched(
        ("ablations", opened.key, node.name, best),
        lambda job: ablations(trace, node, logits, best, job.report),
        key="what_if_sweep",
        start=t("Silence each channel in turn"),
        light=behind * extent(node)[0] < _LIGHT,
    )
    return None if found is None else without_each(node.name, subject.class_name(best), found, channel)


def _result(subject: Subject, made: tuple[Change, ...]) -> _Result:
    """Return the changed trace and what differs; computed once for the same changes of the same picture."""
    from explainer.layers.intervention import difference, what_if

    opened = subject.opened

    def make() -> _Result:
        with st.spinner(t("Carrying the change through the network"), show_time=True):
            after = what_if(opened.trace, made)
            return after, difference(opened.trace, after)

    return _results().get((opened.key, text_of_changes()), make)


def _shown(node: Node, made: tuple[Change, ...], moved: tuple[NodeChange, ...]) -> NodeChange | None:
    """Return the layer to show: that of the link, else the next layer with weights, else the changed one."""
    if not moved:
        return None
    by_name = {one.name: one for one in moved}
    wanted = by_name.get(st.query_params.get(SHOWN, ""))
    changed = by_name.get(made[-1].node if made else node.name, moved[0])
    maps = [one for one in moved if len(one.before.shape) == 4 and one.before.shape[-1] > 1]
    following = (one for one in maps if one.before.index > changed.before.index and "conv" in one.before.kind)
    return wanted or next(following, changed)


@st.cache_resource(show_spinner=False)
def _results() -> Memory[_Result]:
    return Memory(512 << 20, _size)


def _size(result: _Result) -> int:
    """Return the bytes of what was computed anew."""
    return sum(2 * prod(one.after.shape) * one.after.dtype.itemsize for one in result[1]) + 1024
