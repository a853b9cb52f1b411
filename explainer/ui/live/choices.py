"""What the network is asked to do with every frame; everything stands in the link."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import streamlit as st

from explainer.errors import ReaderError
from explainer.ui.class_names import class_names
from explainer.ui.detection.choosing import Opened, choose_detector, thresholds
from explainer.ui.detection.own_file import FILE
from explainer.ui.fetching import loaded_in_view, say_untrained
from explainer.ui.language import later, t
from explainer.ui.link import put
from explainer.ui.link_widgets import from_list, one_of
from explainer.ui.opened import network
from explainer.ui.pickers import choose_model
from explainer.ui.subject import CLASS, class_in_link

if TYPE_CHECKING:
    from explainer.live.modes import Mode
    from explainer.live.partial import MapLayer
    from explainer.models import LoadedModel

MODE, ONLY, SIDE, LAYER = "mode", "only", "side", "at"
"""Query parameters: what is shown, labels that are shown, a fixed input size, the layer."""
MODES = {
    "detection": later("Objects"),
    "cam": later("Grad-CAM"),
    "maps": later("Feature maps"),
    "bars": later("Classes"),
}
SAMPLES = {"detection": "astronaut", "cam": "coffee", "maps": "coffee", "bars": "coffee"}
"""The picture that shows a mode best."""
DETECTOR = "faces_yolox_nano"
ENGINE = "onnxruntime"
"""What runs a stream's detector, where it gives the same numbers."""
SMALLEST = 224
_FEW = 8
"""Classes that are offered as buttons; more of them as a list."""
_ACTIVATIONS = {"ReLU", "ReLU6", "SiLU", "GELU", "Hardswish", "Tanh", "LeakyReLU"}
_layers: WeakKeyDictionary[LoadedModel, tuple[MapLayer, ...]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class Choice:
    """What is done with every frame."""

    mode: Mode
    """For a stream."""
    still: Mode
    """For one picture: the same without what pays only for many."""
    identity: tuple[Hashable, ...]
    """The same for the same work: key of the network, and everything that changes a result."""
    code: str
    """An expression that makes the mode."""
    imports: tuple[str, ...]
    """Lines that it needs."""
    sample: str
    """Key of the picture that shows it best."""
    parameters: dict[str, str]
    """What the pages that explain a frame should be told of it."""

    def another(self) -> Mode:
        """Return a mode that does the same, for another thread: some remember what they saw last."""
        return replace(self.mode)  # type: ignore[type-var]


def choose_kind() -> str:
    """Draw the switch of modes; the choice is ``?mode=``."""
    return one_of(MODE, t("What the network shows"), MODES, "detection", hidden=True)


def choose(kind: str) -> Choice | None:
    """Draw what can be set of a mode; ``None`` while its network cannot be had, and the reader knows why."""
    if kind == "detection":
        opened = choose_detector(default=DETECTOR)
        return None if opened is None else _detection(opened)
    found = _open_classifier()
    if found is None:
        return None
    key, weights, loaded = found
    return {"cam": _cam, "maps": _maps, "bars": _bars}[kind](key, weights, loaded)


# --- a detector -------------------------------------------------------------------------------------------


def _detection(opened: Opened) -> Choice:
    from explainer.live.modes import Detection

    score, iou = thresholds()
    classes = class_names(opened.detector.classes)
    only = _choose_classes(classes)
    sides = _choose_side(opened)
    shown = f", only=frozenset({sorted(only)})" if only is not None else ""
    still = Detection(opened.detector, score, iou, only, sides, names=classes)
    return Choice(
        replace(still, engine=ENGINE),
        still,
        ("detection", opened.key, opened.weights, score, iou, only, sides, classes),
        f"Detection({opened.code}, score={score:g}, iou={iou:g}{shown})",
        (
            "from explainer.detection import load_detector",
            "from explainer.live.modes import Detection",
        ),
        SAMPLES["detection"],
        {
            "part": "yolo" if opened.entry.kind == "yolox" else "two_stage",
            "detector": opened.key,
            "score": f"{score:g}",
            "iou": f"{iou:g}",
        }
        | ({} if opened.own is None else {FILE: opened.weights}),
    )


def _choose_classes(classes: Sequence[str]) -> frozenset[int] | None:
    """Draw the filter of classes and return labels, ``None`` for all; the choice is ``?only=``."""
    options = [label for label, name in enumerate(classes) if name and name != "N/A"]
    named = {str(label): label for label in options}
    wanted = [named[one] for one in st.query_params.get(ONLY, "").split(",") if one in named]
    key = "live_only"
    few = len(options) <= _FEW
    st.session_state[key] = wanted

    def keep() -> None:
        put(ONLY, ",".join(map(str, sorted(st.session_state[key]))))

    def name(label: int) -> str:
        return classes[label] if label < len(classes) else str(label)

    title, hint = t("Only these classes"), t("Nothing chosen shows all of them.")
    if few:
        st.pills(title, options, key=key, selection_mode="multi", format_func=name, on_change=keep, help=hint)
    else:
        st.multiselect(
            title, options, key=key, format_func=name, on_change=keep, help=hint, placeholder=t("All classes")
        )
    return frozenset(wanted) or None


def _choose_side(opened: Opened) -> tuple[int, ...]:
    """Draw the choice of the input size, which is ``?side=``; return those to choose among while it runs."""
    if opened.entry.kind != "yolox":
        return ()
    sides = tuple(range(SMALLEST, opened.detector.side + 1, 32))
    automatic = {"auto": later("automatic: as large as is fast enough")}
    chosen = from_list(
        SIDE,
        t("Input size"),
        automatic | {str(side): f"{side} × {side}" for side in reversed(sides)},
        "auto",
        help=t(
            "A smaller input is quicker and misses small objects. Automatic keeps ten results a second "
            "where this machine can."
        ),
    )
    return sides if chosen == "auto" else (int(chosen),)


# --- a classifier -------------------------------------------------------------------------------------------


def _open_classifier() -> tuple[str, str, LoadedModel] | None:
    """Draw the list of networks; return key, weights and network, ``None`` where the reader knows why not."""
    entry = choose_model()
    asked = st.query_params.get("weights", "")
    weights = asked if asked == "none" or asked.startswith("file-") else "default"
    loaded = loaded_in_view(lambda progress: network(entry.key, weights, progress), "weights")
    if loaded is None:
        return None
    if not loaded.trained:
        say_untrained()
    return entry.key, weights, loaded


def _bars(key: str, weights: str, loaded: LoadedModel) -> Choice:
    from explainer.live.modes import ClassBars

    st.caption(t("{count} classes; the five likeliest are shown.", count=f"{len(loaded.classes):,}"))
    return _choice(key, weights, loaded, ClassBars(loaded), "ClassBars", ())


def _cam(key: str, weights: str, loaded: LoadedModel) -> Choice:
    from explainer.live.modes import GradCam

    layer = _choose_layer(loaded, last=True)
    index = _choose_class(loaded)
    return _choice(key, weights, loaded, GradCam(loaded, layer, index), "GradCam", (layer, index))


def _maps(key: str, weights: str, loaded: LoadedModel) -> Choice:
    from explainer.live.modes import FeatureMaps

    layer = _choose_layer(loaded, last=False)
    st.caption(t("Each map has its own scale: dark is zero, blue positive, red negative, orange magnitude."))
    return _choice(key, weights, loaded, FeatureMaps(loaded, layer), "FeatureMaps", (layer,))


def _choice(
    key: str, weights: str, loaded: LoadedModel, mode: Mode, name: str, arguments: tuple[object, ...]
) -> Choice:
    given = "" if weights == "default" else f', "{weights}"'
    given_more = [f'"{one}"' if isinstance(one, str) else repr(one) for one in arguments if one is not None]
    more = "".join(f", {one}" for one in given_more)
    parameters = {"model": key} | ({} if weights == "default" else {"weights": weights})
    return Choice(
        mode,
        mode,
        (name, key, weights, *arguments),
        f'{name}(load_model("{key}"{given}){more})',
        (f"from explainer.live.modes import {name}", "from explainer.models import load_model"),
        SAMPLES["bars"],
        parameters,
    )


def _choose_layer(loaded: LoadedModel, *, last: bool) -> str:
    """Draw the list of layers that have maps; the choice is ``?at=``.

    Raises:
        ReaderError: none has.
    """
    offered = {layer.name: layer for layer in layers_of(loaded)}
    if not offered:
        raise ReaderError("No layer of this network has maps to show. Choose another network.")
    first = next((one.name for one in offered.values() if one.kind in _ACTIVATIONS), next(iter(offered)))
    usual = list(offered)[-1] if last else first
    wanted = st.query_params.get(LAYER, "").split("/")[0]
    chosen = wanted if wanted in offered else usual
    st.session_state["live_layer"] = chosen
    titles = {name: layer.title for name, layer in offered.items()}
    st.selectbox(
        t("Layer"),
        list(offered),
        key="live_layer",
        format_func=lambda name: titles.get(name, name),
        on_change=lambda: put(LAYER, st.session_state["live_layer"], usual),
    )
    return chosen


def layers_of(loaded: LoadedModel) -> tuple[MapLayer, ...]:
    """Return the layers that have maps, found out once for each network."""
    found = _layers.get(loaded)
    if found is None:
        import torch

        from explainer.live.partial import map_layers

        fed = loaded.preprocessing
        found = _layers[loaded] = map_layers(loaded.model, torch.zeros(1, fed.channels, *fed.size))
    return found


def _choose_class(loaded: LoadedModel) -> int | None:
    """Draw the list of classes and return the one to explain; ``None`` for what the frame is taken for."""
    classes = loaded.classes
    wanted = class_in_link(len(classes))
    answer = -1
    st.session_state["live_class"] = answer if wanted is None else wanted

    def keep() -> None:
        chosen = st.session_state["live_class"]
        put(CLASS, "" if chosen == answer else str(chosen))

    said = t("whatever it takes the picture for")
    st.selectbox(
        t("Class"),
        [answer, *range(len(classes))],
        key="live_class",
        format_func=lambda index: said if index == answer else classes[index],
        on_change=keep,
    )
    return wanted
