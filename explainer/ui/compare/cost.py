"""What two networks cost, side by side."""

from __future__ import annotations

from functools import partial

import streamlit as st

from explainer.ui.compare.choices import Twin
from explainer.ui.compare.kept import measured
from explainer.ui.compare.sides import titles
from explainer.ui.language import t
from explainer.ui.messages import guard, plain
from explainer.ui.subject import Subject


def draw(twin: Twin) -> None:
    """Draw a table of sizes and costs."""
    with guard():
        st.subheader(t("Size and cost"))
        first, second = (
            measured(f"cost/{subject.opened.key}", partial(_figures, subject))
            for subject in (twin.first, twin.second)
        )
        rows = [
            (t("Parameters"), first["parameters"], second["parameters"]),
            (t("FLOPs (2 per multiply-add)"), first["flops"], second["flops"]),
            (t("Bytes of all outputs"), first["bytes"], second["bytes"]),
            (t("Operations"), first["operations"], second["operations"]),
            (t("Layers with weights"), first["layers"], second["layers"]),
            (t("Input pixels"), first["pixels"], second["pixels"]),
            (t("Classes"), first["classes"], second["classes"]),
        ]
        one, two = titles(twin)
        lines = [f"| | {_cell(one)} | {_cell(two)} | {t('ratio')} |", "| --- | ---: | ---: | ---: |"]
        for name, a, b in rows:
            ratio = f"{b / a:.3g}×" if a else "–"
            lines.append(f"| {name} | {a:,} | {b:,} | {ratio} |")
        st.markdown("\n".join(lines))


def _figures(subject: Subject) -> dict[str, int]:
    from explainer.tracing import cost

    opened = subject.opened
    costs = cost(opened.trace)
    nodes = [
        node for node in opened.trace.nodes if node.kind != "input" and node.index <= opened.logits.index
    ]
    height, width = opened.loaded.preprocessing.size
    return {
        "parameters": sum(p.numel() for p in opened.loaded.model.parameters()),
        "flops": sum(one.flops for one in costs.values()),
        "bytes": sum(costs[node].activation_bytes for node in nodes),
        "operations": len(nodes),
        "layers": sum(node.kind.startswith(("conv", "linear")) for node in nodes),
        "pixels": height * width,
        "classes": opened.logits.shape[-1],
    }


def _cell(title: str) -> str:
    return plain(title).replace("|", "\\|")
