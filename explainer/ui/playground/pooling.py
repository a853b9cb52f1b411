"""Pooling: windows and winners, the size of the output, and what becomes of a picture that is moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.asking import newly_asked, taken
from explainer.components.pool_view import FOLDER, pool_view
from explainer.errors import ReaderError
from explainer.ui.language import later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.link import forget, put
from explainer.ui.link_widgets import one_of
from explainer.ui.messages import guard
from explainer.ui.playground.code_face import code_face

if TYPE_CHECKING:
    from torch import Tensor

    from explainer.playground.layer_specs import LayerSpec
    from explainer.playground.pooling import Shifted
    from explainer.render.figures import Line

KEY = "pool_view"
LAYER, INPUT, DIGIT, CELLS, DOWN, RIGHT = "layer", "input", "digit", "cells", "dy", "dx"
"""Query parameters: the layer as code, what is pooled, the digit shown, painted cells, the move in pixels."""
_DEFAULT = "nn.MaxPool2d(2)"
_PAINTED = ("00000000", "03885200", "06999700", "00215910", "00004900", "00028600", "00079200", "00069000")
"""What the cells show before anyone has painted: a seven, brushed on."""
_SIDE = len(_PAINTED)
_PHOTO_SIDE = 64
_KINDS = {
    "MaxPool2d": later("Max"),
    "AvgPool2d": later("Average"),
    "AdaptiveMaxPool2d": later("Global max"),
    "AdaptiveAvgPool2d": later("Global average"),
}
_INPUTS = {"cells": later("Cells to paint"), "digit": later("Digit"), "photo": later("Photo")}


@dataclass(frozen=True, eq=False)
class _Input:
    """What is pooled."""

    kind: str
    values: Tensor
    """[H, W]"""
    code: str
    imports: tuple[str, ...]


def draw() -> None:
    """Draw the part."""
    _draw()
    lesson("playground_pooling", title=t("What is pooling?"))


@st.fragment
def _draw() -> None:
    with guard():
        from explainer.playground.pooling import KINDS

        _take_over()
        spec = _spec()
        with st.container(horizontal=True, vertical_alignment="bottom", key="pool_choices"):
            _choose_kind(spec)
            kind = one_of(INPUT, t("Input"), _INPUTS, "cells")
            st.button(
                t("Reset"), icon=":material/restart_alt:", type="tertiary", key="pool_reset", on_click=_reset
            )
        given = _input(kind)
        _draw_sliders(spec)
        typed = code_face(spec, key="pool_code", kinds=KINDS)
        if typed is not None:
            _put(typed)
            st.rerun()
        with guard():
            _show(spec, given)


def _show(spec: LayerSpec, given: _Input) -> None:
    from explainer.playground.pooling import compare_shift
    from explainer.render.pooling import frame, pooling_code, size_formula
    from explainer.render.wire import pack

    shift = _shift()
    sent = frame(spec, given.values, shift, kind=given.kind, serial=taken(KEY))
    pool_view(pack(sent | {"texts": texts_for(FOLDER)}), key=KEY)
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown(f"##### {t('How large is the output?')}")
        st.latex(size_formula(spec, *given.values.shape))
        _explain_size(spec, given.values)
    with right:
        st.markdown(f"##### {t('What does the move change?')}")
        _draw_changes(spec, compare_shift(spec, given.values, *shift), sent["after"].numel())
    _draw_sweep(spec, given.values)
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(pooling_code(spec, given.code, given.imports, shift), "python")


# --- what the reader chooses --------------------------------------------------------------------------------


def _spec() -> LayerSpec:
    from explainer.playground.layer_code import read_layer
    from explainer.playground.pooling import KINDS

    try:
        return read_layer(st.query_params.get(LAYER, _DEFAULT), KINDS)
    except ReaderError:
        return read_layer(_DEFAULT)


def _put(spec: LayerSpec) -> None:
    from explainer.playground.layer_code import write_layer

    put(LAYER, write_layer(spec), _DEFAULT)


def _reset() -> None:
    forget(LAYER, INPUT, DIGIT, CELLS, DOWN, RIGHT)


def _choose_kind(spec: LayerSpec) -> None:
    key = "pool_kind"
    st.session_state[key] = spec.kind

    def change() -> None:
        from explainer.playground.layer_code import layer

        kind = st.session_state[key]
        if kind.startswith("Adaptive"):
            return _put(layer(kind, output_size=1))
        same = ("kernel_size", "stride", "padding", "ceil_mode")
        return _put(layer(kind, **({"kernel_size": 2} | {n: spec[n] for n in same if n in spec.arguments})))

    st.segmented_control(
        t("Pooling"),
        list(_KINDS),
        key=key,
        format_func=lambda name: t(_KINDS[name]),
        required=True,
        on_change=change,
    )


def _draw_sliders(spec: LayerSpec) -> None:
    """Draw the sliders of a layer with a window; a global one has none."""
    if "kernel_size" not in spec.arguments:
        return
    half = min(spec["kernel_size"]) // 2
    with st.container(horizontal=True, gap="medium", key="pool_sliders"):
        _slider(spec, "kernel_size", t("Size"), 1, 8)
        _slider(spec, "stride", t("Stride"), 1, 8)
        _slider(spec, "padding", t("Padding"), 0, max(1, half), disabled=half == 0)
        with st.container(key="pool_flags", gap="small", width=330):
            _flag(spec, "ceil_mode", t("A last window that is not full, too (ceil_mode)"))
            if spec.kind == "AvgPool2d":
                _flag(spec, "count_include_pad", t("Padding counts in the average (count_include_pad)"))


def _slider(spec: LayerSpec, name: str, label: str, low: int, high: int, *, disabled: bool = False) -> None:
    key = f"pool_{name}"
    value = spec[name][0]
    st.session_state[key] = value

    def change() -> None:
        changes = {name: st.session_state[key]}
        if name == "kernel_size":
            if spec["stride"] == spec["kernel_size"]:
                changes["stride"] = changes[name]  # windows side by side stay side by side
            changes["padding"] = tuple(min(one, changes[name] // 2) for one in spec["padding"])
        _put(spec.but(**changes))

    st.slider(label, low, max(high, value), key=key, on_change=change, width=165, disabled=disabled)


def _flag(spec: LayerSpec, name: str, label: str) -> None:
    key = f"pool_{name}"
    st.session_state[key] = spec[name]
    st.toggle(label, key=key, on_change=lambda: _put(spec.but(**{name: st.session_state[key]})))


def _shift() -> tuple[int, int]:
    """Return the move in the link, pixels down and right; one to the right where it names none."""
    from explainer.render.pooling import LONGEST

    wanted = {str(number): number for number in range(-LONGEST, LONGEST + 1)}
    return wanted.get(st.query_params.get(DOWN, "0"), 0), wanted.get(st.query_params.get(RIGHT, "1"), 1)


def _take_over() -> None:
    """Put what the reader has moved or painted into the link, once."""
    ask = newly_asked(KEY)
    shift = ask.get("shift")
    if isinstance(shift, list) and len(shift) == 2:
        put(DOWN, str(shift[0]), "0")
        put(RIGHT, str(shift[1]), "1")
    cells = ask.get("cells")
    if isinstance(cells, list) and len(cells) == _SIDE**2:
        _keep_cells(cells)


def _keep_cells(cells: list[object]) -> None:
    import torch

    from explainer.playground.cells import write_cells

    if all(isinstance(one, int | float) and 0 <= one <= 9 for one in cells):
        st.query_params[CELLS] = write_cells(torch.tensor(cells).reshape(1, _SIDE, _SIDE))


def _input(kind: str) -> _Input:
    import torch

    from explainer.playground.cells import fitted_cells, picture, read_cells
    from explainer.samples import sample
    from explainer.ui.pickers import choose_photo

    small = "from explainer.playground.cells import picture"
    if kind == "photo":
        chosen = choose_photo()
        code = f"picture({chosen.code}, {_PHOTO_SIDE}, 1)[0]  # grey, 0 to 1"
        return _Input(kind, picture(chosen.image, _PHOTO_SIDE, 1)[0], code, (small, *chosen.imports))
    if kind == "digit":
        name = f"digit-{one_of(DIGIT, t('Digit'), {one: one for one in '0123456789'}, '3', hidden=True)}"
        code = f'picture(sample("{name}").load(), 28, 1)[0]  # grey, 0 to 1'
        imports = (small, "from explainer.samples import sample")
        return _Input(kind, picture(sample(name).load(), 28, 1)[0], code, imports)
    painted = read_cells(st.query_params.get(CELLS, ""))
    if painted is None:
        values = torch.tensor([[float(one) for one in row] for row in _PAINTED])
    else:
        values = fitted_cells(painted.nan_to_num(0).clamp(0, 9).round(), 1, _SIDE, _SIDE)[0]
    rows = ",\n".join("    " + str([int(one) for one in row]) for row in values.tolist())
    return _Input(kind, values, f"torch.tensor([\n{rows},\n], dtype=torch.float)", ("import torch",))


# --- what is said beside the maps ---------------------------------------------------------------------------


def _explain_size(spec: LayerSpec, values: Tensor) -> None:
    from explainer.playground.pooling import output_size

    if "output_size" in spec.arguments:
        st.caption(t("One window as large as the map: one number for each channel, whatever the size."))
        return
    sizes = [output_size(spec, size, direction) for direction, size in enumerate(values.shape)]
    st.caption(t("H size of the input, p padding, d dilation, k size of the window, s stride."))
    if any(size.dropped for size in sizes):
        st.caption(
            t("ceil_mode would add a window, but it would begin behind the input: PyTorch leaves it out.")
        )
    elif not spec["ceil_mode"] and any(size.positions % 1 for size in sizes):
        st.caption(
            t("The division leaves a remainder: the last rows and columns have no window of their own. "
              "ceil_mode gives them one.")
        )  # fmt: skip


def _draw_changes(spec: LayerSpec, found: Shifted, outputs: int) -> None:
    rows = [(t("Input"), found.input), (t("Output, at the same places"), found.output)]
    if outputs > 1 and found.moved is not None:
        rows.append((t("Output, moved along by whole cells"), found.moved))
    lines = [f"| | {t('unchanged')} | {t('mean change')} |", "| :-- | --: | --: |"]
    lines += [f"| {name} | {change.same:.0%} | {change.mean:.1%} |" for name, change in rows]
    st.markdown("\n".join(lines))
    if found.input.same == 1 and found.input.mean == 0:
        told = t("The move changes nothing here. Move the picture with the arrows.")
    elif outputs == 1:
        told = t(
            "A global pooling does not care where something is: only what comes and goes at the edge counts."
        )
    elif found.whole and found.moved is not None:
        told = t(
            "The move is a whole number of strides: the output moves along (by {down} down, {right} right) "
            "and is otherwise the same. Pooling is equivariant to such moves.",
            down=found.cells[0], right=found.cells[1],
        )  # fmt: skip
    else:
        told = t(
            "The move is no whole number of strides: windows have other members than before, and no shift "
            "of the old output gives the new one."
        )
    st.caption(told)
    st.caption(
        t("Changes are shares of the range of the input. The last line leaves out cells near the edge.")
    )


def _draw_sweep(spec: LayerSpec, values: Tensor) -> None:
    from explainer.playground.pooling import sweep
    from explainer.render.figures import Line, curves
    from explainer.render.pooling import LONGEST
    from explainer.ui.plots import plot

    found = sweep(spec, values, LONGEST)
    x = list(range(len(found)))
    lines = [
        Line(t("Input"), x, [one.input.mean for one, _ in found], neutral=True),
        Line(t("Output, at the same places"), x, [one.output.mean for one, _ in found]),
    ]
    if "stride" in spec.arguments:
        lines.append(_moved_line(t("Output, moved along by whole cells"), [one for one, _ in found]))
    blurred = [other for _, other in found if other is not None]
    if blurred:
        lines.append(_moved_line(t("The same, blurred before the stride (Zhang 2019)"), blurred))
    st.markdown(f"##### {t('How does it go on with longer moves?')}")
    figure = curves(
        lines, x=t("move to the right, in pixels"), y=t("mean change"), y_format=".0%", height=280
    )
    figure.update_xaxes(dtick=1)
    plot(figure, key="pool_sweep")


def _moved_line(name: str, found: list[Shifted]) -> Line:
    from explainer.render.figures import Line

    known = [(x, one.moved.mean) for x, one in enumerate(found) if one.moved is not None]
    return Line(name, [x for x, _ in known], [y for _, y in known])
