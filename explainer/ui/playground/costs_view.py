"""What a convolution costs, beside a dense layer of the same sizes and a depthwise separable convolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.ui.language import later, t

if TYPE_CHECKING:
    from explainer.playground.costs import Comparison
    from explainer.playground.layer_specs import LayerSpec

_NAMES = (
    later("Dense layer of the same sizes"),
    later("This convolution"),
    later("Depthwise separable"),
)
_EXPLAINED = (
    later("every number joined to every number"),
    later("one small kernel, used at every place"),
    later("first filter each channel alone, then mix the channels"),
)


def draw(spec: LayerSpec, input_shape: tuple[int, int, int], *, key: str) -> None:
    """Draw the section for a ``Conv2d`` or ``ConvTranspose2d`` and its input's channels, height and width.

    Raises:
        ReaderError: the layer does not fit data of this shape.
    """
    from explainer.playground.costs import compare
    from explainer.render.cost_bars import cost_bars

    found = compare(spec, input_shape)
    with st.container(key=f"{key}-costs"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"#### {t('What it costs')}", width="content")
            logarithmic = st.toggle(
                t("Logarithmic scale"),
                value=True,
                key=f"{key}-log",
                help=t("Every mark is ten times the one before. Switch it off to see the true proportions."),
            )
        st.markdown(
            t(
                "From {before} to {after} numbers. Multiply-adds are counted for one picture; "
                "adding the biases is left out.",
                before=_shape(found.input_shape), after=_shape(found.output_shape),
            )
        )  # fmt: skip
        st.html(cost_bars(_groups(found), logarithmic=logarithmic))
        _draw_note(found)
        with st.expander(t("The formulas with these numbers"), icon=":material/function:"):
            _draw_formulas(found)
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            from explainer.render.costs_code import costs_code

            st.code(costs_code(found), "python")


def _groups(found: Comparison) -> list[tuple[str, list]]:
    from explainer.render.cost_bars import Bar

    costs = (found.dense, found.itself, found.separable)

    def bars(kind: str) -> list[Bar]:
        own = getattr(found.itself, kind)
        made = []
        for name, one in zip(_NAMES, costs, strict=True):
            if one is not None:
                value = getattr(one, kind)
                note = "" if one is found.itself or not own else _ratio(value, own)
                made.append(Bar(t(name), value, note, strong=one is found.itself))
        return made

    return [(t("Parameters"), bars("parameters")), (t("Multiply-adds"), bars("multiply_adds"))]


def _ratio(value: int, own: int) -> str:
    """Return how many times a cost the convolution's own is."""
    times = value / own
    return f"× {times:,.0f}" if times >= 100 else f"× {times:.3g}" if times >= 0.01 else f"× {times:.1g}"


def _draw_note(found: Comparison) -> None:
    spec = found.spec
    if found.separable is not None and spec.kind == "Conv2d":
        kh, kw = spec["kernel_size"]
        share = found.separable.multiply_adds / found.itself.multiply_adds
        told = t(
            "Depthwise separable takes {percent} of the multiply-adds: "
            r"$\tfrac{{1}}{{C'}} + \tfrac{{1}}{{k_h k_w}} = "
            r"\tfrac{{1}}{{{channels}}} + \tfrac{{1}}{{{size}}}$. "
            "It can express less: every output channel mixes the same {inputs} filtered pictures.",
            percent=f"{share:.0%}" if share >= 0.1 else f"{share:.1%}",
            channels=spec["out_channels"],
            size=kh * kw,
            inputs=spec["in_channels"],
        )
        st.markdown(told)
    elif spec["groups"] > 1:
        told = t(
            "With {groups} groups every output channel reads only {count} of {inputs} input channels: "
            "the weights and the multiply-adds are 1/{groups} of those without groups.",
            groups=spec["groups"],
            count=spec["in_channels"] // spec["groups"],
            inputs=spec["in_channels"],
        )
        st.markdown(told)


def _draw_formulas(found: Comparison) -> None:
    from explainer.playground.costs import formulas

    for name, said, (parameters, multiply_adds) in zip(_NAMES, _EXPLAINED, formulas(found), strict=False):
        st.markdown(
            f"**{t(name)}**: {t(said)}\n"
            f"- {t('parameters')} ${parameters}$\n"
            f"- {t('multiply-adds')} ${multiply_adds}$"
        )


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
