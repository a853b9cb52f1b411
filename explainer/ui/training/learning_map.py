"""Which parameters will learn, drawn on the map of the network as it is before the training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from explainer.components.asking import asked
from explainer.components.network_map import FOLDER, network_map
from explainer.ui.class_names import class_names
from explainer.ui.language import current_language, t, texts_for
from explainer.ui.messages import guard
from explainer.ui.opened import Opened, kept_trace
from explainer.ui.training.storage import DRAFT, runs_folder

if TYPE_CHECKING:
    from explainer.training.data import Dataset
    from explainer.training.recipe import Recipe

_KEY = "learning_map"


def draw(recipe: Recipe, data: Dataset) -> None:
    """Draw the switch, and below it the map with an image of the data set in it."""
    if not st.toggle(
        t("Draw what learns on the network's map"),
        key="learning_map_on",
        help=t("An outline in the colour of the learning rate; what is frozen is pale, its outline broken."),
    ):
        return
    epoch = recipe.epochs - 1
    if recipe.unfreeze_every and recipe.epochs > 1:
        epoch = st.slider(t("In epoch"), 1, recipe.epochs, 1, key="learning_map_epoch") - 1
    with st.spinner(t("The network is built, and an image runs through it")):
        opened = _opened(recipe, data)
    if not recipe.start:
        st.caption(t("The weights are still random: what the map shows are answers of an untrained network."))
    _map(opened, recipe, epoch)


def _opened(recipe: Recipe, data: Dataset) -> Opened:
    from dataclasses import replace

    # What does not change the first weights does not make another network.
    plain = replace(
        recipe, epochs=1, batch_size=1, learning_rate=0.0, frozen_stages=0, unfreeze_every=0, rate_decay=1.0
    )
    return kept_trace(f"draft/{plain!r}", lambda: _trace(plain, data))


def _trace(recipe: Recipe, data: Dataset) -> Opened:
    from explainer.models import LoadedModel, top_classes
    from explainer.models.entries import find
    from explainer.render.photo import rgb
    from explainer.tracing import trace, with_softmax
    from explainer.training.beginning import new_network
    from explainer.training.measuring import normalise
    from explainer.training.replay import fed_by

    image = data.train.images[:1]
    model = new_network(recipe, len(data.classes), runs_folder() / DRAFT)
    model.eval().requires_grad_(False)
    recorded = trace(model, normalise(image.float() / 255, recipe))
    logits = recorded.nodes[-1]
    loaded = LoadedModel(
        key=recipe.network,
        title=find(recipe.network).title,
        model=model,
        preprocessing=fed_by(recipe, image.shape[1:]),
        classes=data.classes,
        trained=bool(recipe.start),
        card={},
        source="file",
        code="",
    )
    return Opened(
        key=f"draft/{recipe!r}",
        loaded=loaded,
        trace=with_softmax(recorded, logits),
        logits=logits,
        predictions=top_classes(logits.output[0], data.classes, k=10),
        picture=rgb(image[0]),
    )


@st.fragment
def _map(opened: Opened, recipe: Recipe, epoch: int) -> None:
    from explainer.render.answers import answer
    from explainer.render.overview import overview
    from explainer.render.snippet import Origin
    from explainer.render.wire import pack

    with guard():
        language, shares = current_language(), _shares(recipe, opened, epoch)
        key = f"{opened.key}/{sorted(shares.items())}"
        ask = asked(_KEY)
        sent = st.session_state.get(f"{_KEY}-sent")
        if (ask.get("trace"), ask.get("language")) == sent == (key, language):
            origin = Origin(recipe.network, "none", "image", ("# image: the first of the data set",))
            messages = answer(
                opened.trace, key, ask, logits=opened.logits, class_index=0, origin=origin, translate=t
            )
            network_map(pack({"messages": messages}), key=_KEY)
            return
        names = class_names(opened.loaded.classes)
        model = {
            "key": opened.loaded.key,
            "title": opened.loaded.title,
            "trained": opened.loaded.trained,
            "classes": list(names),
        }
        messages = overview(
            opened.trace,
            key=key,
            model=model,
            picture=opened.picture,
            predictions=[one._replace(name=names[one.index]) for one in opened.predictions],
            logits=opened.logits,
            learning=shares,
        )
        network_map(
            pack({"messages": messages, "text": dict(texts_for(FOLDER)), "language": language}), key=_KEY
        )
        st.session_state[f"{_KEY}-sent"] = (key, language)


def _shares(recipe: Recipe, opened: Opened, epoch: int) -> dict[str, float]:
    """Return how fast each module with weights learns in an epoch, as a share of the fastest."""
    from explainer.training.stages import learning, rates, stages_of

    stages = stages_of(opened.loaded.model)
    first, peaks = learning(recipe, stages, epoch), rates(recipe, stages)
    fastest = max(peaks) or 1.0  # a rate of 0 is possible
    found = {}
    for place, stage in enumerate(stages):
        share = peaks[place] / fastest if place >= first else 0.0
        for name in stage.parameters:
            found[name.rpartition(".")[0]] = share
    return found
