"""How much of a network to train on the chosen images: the advice and its reason, put into the recipe."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.errors import ReaderError
from explainer.models.entries import CatalogEntry, find
from explainer.ui.jobs import Job
from explainer.ui.language import t
from explainer.ui.link_widgets import one_of
from explainer.ui.messages import message
from explainer.ui.training import draft
from explainer.ui.training.recipe_link import usual
from explainer.ui.training.storage import open_dataset
from explainer.ui.watching import watched
from explainer.wording import later

if TYPE_CHECKING:
    from explainer.training.advice import Advice, Likeness
    from explainer.training.checks import Checks

LIKE = "like"
"""Query parameter: how like the images are to those that the published weights know."""
_ANSWERS = {
    "measured": later("Measure it"),
    "near": later("Like them"),
    "far": later("Unlike them"),
    "none": later("Begin with random weights"),
}
_TOLD = "data_advice_told"
_NAMES = {
    "start": later("first weights"),
    "frozen_stages": later("frozen stages"),
    "unfreeze_every": later("a stage thaws every … epochs"),
    "rate_decay": later("learning rate from stage to stage"),
    "optimizer": later("optimiser"),
    "learning_rate": later("learning rate"),
    "weight_decay": later("weight decay"),
    "schedule": later("schedule"),
    "epochs": later("epochs"),
    "mean": later("mean"),
    "std": later("deviation"),
}
_CHANGES = {
    "flip": later("mirror"),
    "shift": later("shift"),
    "scale": later("zoom"),
    "rotate": later("rotation"),
    "brightness": later("brightness"),
}


def draw(key: str, checks: Checks) -> None:
    """Draw the question of likeness, the advice, and the button."""
    from explainer.models.at_hand import knows_imagenet, weights_at_hand

    st.markdown(f"##### {t('How much to train')}")
    network = str(draft.value_of("network"))
    try:
        entry = find(network)
    except ReaderError as error:
        st.info(message(error), icon=":material/info:")
        return
    wide = entry.source != "bundled" and entry.weights
    measurer = entry if wide and weights_at_hand(entry) else knows_imagenet() if wide else None
    answers = dict(_ANSWERS)
    if measurer is None:
        del answers["measured"]
    if not entry.weights:
        answers = {"none": _ANSWERS["none"]}
    usual = "measured" if measurer else "none"
    chosen = one_of(
        LIKE,
        t(
            "The images, compared with those that the published weights of {network} know",
            network=entry.title,
        ),
        answers,
        usual,
    )
    near: bool | None = {"near": True, "far": False}.get(chosen)
    if chosen == "measured" and measurer is not None:
        likeness = _measured(key, measurer)
        if likeness is None:
            return
        near = likeness.near
        _say_likeness(likeness, measurer)
    else:
        _say_why_not(entry, measurer is not None, wide)
    few = int(draft.value_of("images_per_class"))
    smallest = min(*checks.balance.train, few or max(checks.balance.train))
    advice = _advice(smallest, near, network, len(open_dataset(key).classes))
    reason = advice.reason.translated(t)
    if advice.kind == "scratch" and entry.weights:
        reason = t(
            "From random weights all stages are trained. The fewer images a class has (the smallest has "
            "{count}), the more it helps to change them at random.",
            count=smallest,
        )
    st.info(reason, icon=":material/lightbulb:")
    settings = _settings(advice, entry)
    st.button(
        t("Use this in the recipe"),
        icon=":material/input:",
        key="data_advice_use",
        on_click=_use,
        args=(key, settings),
    )
    told = st.session_state.get(_TOLD)
    if told and told == (key, settings):
        st.success(t("Set in the recipe: {settings}.", settings=_said(settings)), icon=":material/check:")


def _said(settings: dict[str, Any]) -> str:
    """Name what is now other than usual in the recipe."""
    new = {name: value for name, value in settings.items() if value != usual(name)}
    named = [f"{t(_NAMES[name])} {_value(value)}" for name, value in new.items() if name in _NAMES]
    changes = ", ".join(t(_CHANGES[name]) for name in new if name in _CHANGES)
    return ", ".join(named) + (f" · {t('random changes: {names}', names=changes)}" if changes else "")


# --- likeness ----------------------------------------------------------------------------------------------


def _measured(key: str, entry: CatalogEntry) -> Likeness | None:
    found: Likeness | None = watched(
        ("likeness", key, entry.key),
        lambda job: _likeness(key, entry, job),
        key="data_likeness",
        start=t("Measure it"),
        light=True,
    )
    return found


def _likeness(key: str, entry: CatalogEntry, job: Job) -> Likeness:
    from explainer.models import load_model
    from explainer.models.at_hand import weights_at_hand
    from explainer.training.advice import likeness_of

    loaded = load_model(entry.key, weights_at_hand(entry) or "default")
    job.report(1, 2)
    return likeness_of(loaded.model, loaded.preprocessing, open_dataset(key).train.images)


def _say_likeness(likeness: Likeness, entry: CatalogEntry) -> None:
    verdict = t("like those") if likeness.near else t("unlike those")
    st.caption(
        t(
            "{network} was surer of the whole image than of its pieces, shuffled, in {share} of the "
            "comparisons ({count} images): they are {verdict} that it knows. From 50 % on they count as "
            "like; objects in photographs reach 65 to 80 %.",
            network=entry.title,
            share=f"{likeness.share:.0%}",
            count=likeness.images,
            verdict=verdict,
        )
    )


def _say_why_not(entry: CatalogEntry, measurable: bool, wide: bool) -> None:
    if not entry.weights:
        st.caption(t("There are no published weights of {network}.", network=entry.title))
    elif not wide:
        st.caption(
            t(
                "The weights of {network} that come with this project know ten classes, too few to measure "
                "by them: the advice goes by the number of images, or by what you say.",
                network=entry.title,
            )
        )
    elif not measurable:
        st.caption(
            t(
                "No weights that know ImageNet are on this machine, so nothing is measured: the advice goes "
                "by the number of images, or by what you say. Those of {network} are downloaded when a run "
                "begins with them.",
                network=entry.title,
            )
        )


# --- the advice --------------------------------------------------------------------------------------------


def _advice(smallest: int, near: bool | None, network: str, classes: int) -> Advice:
    from explainer.training.advice import advise
    from explainer.training.outline import outline

    return advise(smallest, near, len(outline(network, classes)[1]))


def _settings(advice: Advice, entry: CatalogEntry) -> dict[str, Any]:
    """Return the advice as the draft knows settings; published weights come with their own scale."""
    settings = dict(advice.settings)
    settings |= asdict(settings.pop("augmentation"))
    if settings["start"] == "published":
        from explainer.models.loading import default_preprocessing

        fed = default_preprocessing(entry.key)
        settings |= {"mean": tuple(fed.mean), "std": tuple(fed.std)}
    return settings


def _use(key: str, settings: dict[str, Any]) -> None:
    draft.change(**settings)
    st.session_state[_TOLD] = (key, settings)


def _value(value: Any) -> str:
    if isinstance(value, tuple):
        return " / ".join(f"{one:.3g}" for one in value)
    if value == "":
        return t("random")
    if value == "published":
        return t("published")
    return f"{value:.3g}" if isinstance(value, float) else str(value)
