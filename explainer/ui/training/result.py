"""What has come out of a run: its accuracies, the ways to the other pages, files to take along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.ui.language import later, t
from explainer.ui.offering import offer
from explainer.ui.opened import shelf
from explainer.ui.page import go_to_page
from explainer.ui.pickers import add_picture
from explainer.ui.training.storage import dataset_of
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from pathlib import Path

    from explainer.training.export import Exported, Kind
    from explainer.training.runs import Run

_FORMS: dict[Kind, str] = {
    "safetensors": later("safetensors: weights with their card, nothing in it is run"),
    "pth": later(".pth: a state dict for torch.load"),
    "onnx": later("ONNX, compared with PyTorch"),
    "pt2": later("torch.export: a whole network, compared with PyTorch"),
    "json": later("model card for programs"),
    "md": later("model card for people"),
    "py": later("Python code that uses the weights"),
}


def draw(run: Run) -> None:
    """Draw the section of a run that is finished or stopped."""
    from explainer.models.checkpoints import read_metadata

    card = read_metadata(run.weights)
    with st.container(border=True, key="run_result"):
        st.markdown(f"##### {t('What has come out')}")
        _accuracies(card)
        _ways(run, card)
        _files(run)


def _accuracies(card: dict[str, Any]) -> None:
    titles = {"train": t("training images"), "validation": t("validation images"), "test": t("test images")}
    with st.container(horizontal=True, gap="large", key="run_accuracies"):
        for split, title in titles.items():
            found = card.get("accuracy", {}).get(split)
            if found:
                st.metric(
                    title,
                    f"{found['top1']:.1%}",
                    help=t("{count} images", count=found["count"]),
                    width="content",
                )


def _ways(run: Run, card: dict[str, Any]) -> None:
    pages = {
        "network": (t("Network"), ":material/account_tree:", {}),
        "layers": (t("Layers & kernels"), ":material/layers:", {}),
        "why": (t("Why this answer?"), ":material/center_focus_strong:", {}),
        "live": (t("Live camera"), ":material/videocam:", {"mode": "cam"}),
        "compare": (t("Compare with before"), ":material/compare:", None),
    }
    if not run.history.epochs():
        del pages["compare"]
    st.caption(t("Open the trained network on"))
    with st.container(horizontal=True, key="run_ways"):
        for page, (label, icon, more) in pages.items():
            if not st.button(label, icon=icon, key=f"open_{page}"):
                continue
            model = run.recipe.network
            subject = {"model": model, "weights": _shelved(run, run.weights, run.name, card)}
            if page != "live":
                subject["image"] = _picture(run)
            if more is None:
                subject |= _before(run, card)
            go_to_page(page, **subject, **(more or {}))


def _shelved(run: Run, path: Path, name: str, card: dict[str, Any]) -> str:
    """Put weights where all pages find them; return their identity."""
    from explainer.models.own import OwnWeights
    from explainer.models.transforms import preprocessing_of_file

    classes = tuple(map(str, card["classes"]))
    kept = shelf().put(path.read_bytes())
    return shelf().tell(OwnWeights(kept, name, run.recipe.network, classes, preprocessing_of_file(card)))


def _before(run: Run, card: dict[str, Any]) -> dict[str, str]:
    """Return the second subject of a comparison: the network as it began, on the same picture."""
    first = run.history.path(run.history.epochs()[0])
    name = t("{name}, before training", name=run.name)
    return {"what": "models", "model2": run.recipe.network, "weights2": _shelved(run, first, name, card)}


def _picture(run: Run) -> str:
    """Put an image of the test into the reader's pictures; return its key."""
    from PIL import Image

    from explainer.render.photo import rgb

    data = dataset_of(run)
    split = data.test if len(data.test) else data.train
    return add_picture(f"{data.classes[int(split.labels[0])]}.png", Image.fromarray(rgb(split.images[0])))


def _files(run: Run) -> None:
    """Draw the choice of a form and the file in it, made in a process of its own."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="run_files"):
        kind: Kind = st.selectbox(
            t("Take it along as"),
            list(_FORMS),
            format_func=lambda one: t(_FORMS[one]),
            key="run_form",
            width=440,
        )
        made: Exported | None = watched(
            ("export", run.name, run.weights.stat().st_mtime, kind),
            lambda job: _exported(run, kind, job),
            key="run_export",
            start=t("Make the file"),
            light=kind not in {"onnx", "pt2"},
        )
        if made is not None:
            offer(t("Download {name}", name=made.name), lambda: made.data, made.name, key="run_download")
    if made is not None and made.difference is not None:
        st.caption(
            t(
                "Compared with PyTorch on several pictures: the largest difference of a logit is "
                "{difference}.",
                difference=f"{made.difference:.1e}",
            )
        )


def _exported(run: Run, kind: Kind, job: Any) -> Exported:
    from explainer.training.aside import aside
    from explainer.training.export import exported

    if kind in {"onnx", "pt2"}:
        return aside(exported, run, kind, progress=job.report)
    return exported(run, kind)
