"""What one change of an image does to a network: a layer, its Grad-CAM and the answers, before and after."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.augment_view import FOLDER, effect_view
from explainer.ui.class_names import class_names
from explainer.ui.fetching import loaded_in_view, say_untrained
from explainer.ui.language import current_language, t, texts_for
from explainer.ui.messages import plain
from explainer.ui.opened import Opened, network, open_image
from explainer.ui.pickers import DEFAULT_MODEL, choose_model
from explainer.ui.subject import PLACE, list_layers
from explainer.ui.watching import watched

if TYPE_CHECKING:
    from PIL import Image

    from explainer.models.weights import Progress
    from explainer.training.recipe import Recipe


def draw_effect(packed: dict[str, Any], chosen: tuple[int, int], recipe: Recipe) -> None:
    """Draw the section for one draw of an unpacked ``grid_frame``, chosen by row and draw."""
    from PIL import Image

    from explainer.render.augmented import picture_of

    row, number = chosen
    title = plain(packed["classes"][packed["rows"][row]["label"]])
    st.subheader(t("What it does to a network"))
    done = packed["rows"][row]["draws"][number]["done"]
    st.caption(
        t("Draw {number} of “{name}”", number=number + 1, name=title)
        + ": "
        + (listed(map(plain, done)) if done else t("Nothing was changed"))
    )
    before, after = (Image.fromarray(picture_of(packed, row, one)) for one in (-1, number))
    left, right = st.columns(2, gap="medium")
    with left:
        entry = choose_model(default=_default(recipe))
    if "model" not in st.query_params and entry.key != recipe.network:
        st.caption(
            t("A bundled network that has been trained is asked here. Choose any other, the recipe's too.")
        )
    digest = hashlib.sha256(before.tobytes() + after.tobytes()).hexdigest()
    opened = _opened(entry.key, before)
    if opened is None:
        return
    if not opened.loaded.trained:
        say_untrained()
    with right:
        layer = _choose_layer(opened)
    if layer is None:
        return
    name = ("augmentation_effect", opened.key, layer, digest, current_language())
    classes = class_names(opened.loaded.classes)  # here: a job has no reader whose language it could ask for
    found = watched(
        name,
        lambda job: _measured(opened, classes, layer, before, after),
        key="augmentation_effect",
        start=t("Measure"),
        light=True,
    )
    if found is not None:
        from explainer.render.wire import pack

        effect_view(
            pack(found | {"identity": repr(name), "texts": texts_for(FOLDER)}), key="augmentation_effect_view"
        )


def listed(done: Iterable[str]) -> str:
    """Return changes in one line; what ends in a colon introduces those after it."""
    return ", ".join(done).replace(":, ", ": ")


def _default(recipe: Recipe) -> str:
    """Return the network to begin with: the recipe's if it is here with weights that it has learned."""
    from explainer.models.entries import bundled

    return recipe.network if recipe.network in {one.key for one in bundled()} else DEFAULT_MODEL


def _opened(key: str, image: Image.Image) -> Opened | None:
    """Return the network with the unchanged image in it; ``None`` where the reader is told why not."""
    wanted = st.query_params.get("weights", "")
    weights = wanted if wanted == "none" or wanted.startswith("file-") else "default"
    digest = hashlib.sha256(repr(image.size).encode() + image.tobytes()).hexdigest()[:20]

    def load(progress: Progress) -> Opened:
        network(key, weights, progress)
        return open_image(key, weights, f"previewed-{digest}", image)

    return loaded_in_view(load, "weights")


def _choose_layer(opened: Opened) -> str | None:
    """Draw the list of layers; the choice is the node in ``?at=``, the last one without."""
    from explainer.render.heat_methods import last_layer, layers_with_place

    layers = layers_with_place(opened.trace, opened.logits) if opened.logits.output.ndim == 2 else ()
    if not layers:
        st.info(t("This network has no layers with rows and columns that lead to an answer."))
        return None
    offered = {node.name: node for node in layers}
    wanted = st.query_params.get(PLACE, "").split("/")[0]
    chosen = wanted if wanted in offered else last_layer(opened.trace, opened.logits, layers).name
    return list_layers(offered, chosen, label=t("Layer"), key="augmentation_layer").name


def _measured(
    opened: Opened, classes: tuple[str, ...], layer: str, before: Image.Image, after: Image.Image
) -> dict[str, Any]:
    """Return the frame of the effect; ``classes`` are the names that are shown."""
    from explainer.render.augmented import effect_frame
    from explainer.training.preview import effect

    prepared = opened.loaded.preprocessing
    first, second = prepared.apply(before), prepared.apply(after)
    found = effect(opened.loaded.model, first, second, layer)
    count = len(found.probabilities[0])
    names = [*classes, *(str(number) for number in range(len(classes), count))]
    return effect_frame(found, names, [prepared.as_seen(first), prepared.as_seen(second)])
