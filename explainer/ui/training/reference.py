"""What was measured with recipes like the reader's: pretrained features, and what regularisation brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui.language import t
from explainer.ui.messages import guard
from explainer.ui.plots import plot

if TYPE_CHECKING:
    from explainer.training.reference.tables import Row


def draw_head() -> None:
    """Draw pretrained features against training from random weights, by the number of images."""
    with guard():
        found, rows = _results("head")
        _question(found, rows)
        titles = _titles(rows)
        from explainer.render.reference import by_size

        figure = by_size(
            rows,
            titles,
            x=t("training images of each class"),
            y=t("accuracy on the test"),
        )
        plot(figure, key="reference_head")
        _table(_head_table(rows, titles))
        _fine_print(found)


def draw_ablation() -> None:
    """Draw what each kind of augmentation and regularisation brings, best first."""
    with guard():
        found, rows = _results("ablation")
        _question(found, rows)
        rows = tuple(sorted(rows, key=lambda row: -row.test.mean))
        titles = _titles(rows)
        from explainer.render.reference import by_way

        figure = by_way(rows, titles, baseline=found["baseline"], x=t("accuracy on the test"))
        left, right = st.columns(2, gap="large", vertical_alignment="center")
        with left:
            plot(figure, key="reference_ablation")
        with right:
            _table(_ablation_table(rows, titles))
        _fine_print(found)


def _results(name: str) -> tuple[dict[str, Any], tuple[Row, ...]]:
    from explainer.training.reference.running import results_of
    from explainer.training.reference.tables import rows_of

    found = results_of(name)
    return found, rows_of(found)


def _question(found: dict[str, Any], rows: tuple[Row, ...]) -> None:
    seeds = max(row.test.count for row in rows)
    st.markdown(f"##### {t(found['question'])}")
    said = (
        t("Ten classes of Tiny ImageNet at 64 × 64 pixels.")
        if found["name"] == "head"
        else t("ResNet-20 on 100 images of each class of CIFAR-10.")
    )
    more = t(
        "Means over {count} seeds; ± is the standard deviation between them. Each seed draws other training "
        "images and other first weights.",
        count=seeds,
    )
    st.caption(f"{said} {more}")


def _titles(rows: tuple[Row, ...]) -> dict[str, str]:
    return {row.way: t(row.title) for row in rows}


def _table(text: str) -> None:
    """Draw a table of Markdown that is pushed sideways where the screen is narrow, and not the page."""
    st.markdown(f'<div style="overflow-x: auto">\n\n{text}\n\n</div>', unsafe_allow_html=True)


def _head_table(rows: tuple[Row, ...], titles: dict[str, str]) -> str:
    from explainer.training.reference.tables import shares

    sizes = sorted({row.size for row in rows})
    cells = {(row.way, row.size): shares(row.test) for row in rows}
    lines = [
        "| " + " | ".join([t("Images of each class"), *map(str, sizes)]) + " |",
        "| --- |" + " ---: |" * len(sizes),
    ]
    for way, title in titles.items():
        lines.append("| " + " | ".join([title, *(cells.get((way, size), "–") for size in sizes)]) + " |")
    return "\n".join(lines)


def _ablation_table(rows: tuple[Row, ...], titles: dict[str, str]) -> str:
    from explainer.training.reference.tables import points, shares

    heads = ["", t("Test"), t("Against none"), t("Training images")]
    lines = ["| " + " | ".join(heads) + " |", "| --- | ---: | ---: | ---: |"]
    for row in rows:
        gain = points(row.gain) if row.gain else "–"
        cells = [titles[row.way], shares(row.test), gain, shares(row.train)]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _fine_print(found: dict[str, Any]) -> None:
    """Say what the figures do not show, and how to get them again."""
    st.caption("\n".join(f"- {t(note)}" for note in found["notes"]))
    st.caption(t("This command measures it again:"))
    st.code(found["command"], "bash")
