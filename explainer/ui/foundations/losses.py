"""Loss functions against the prediction, why one of them gets stuck, and cross entropy with softmax."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from explainer.components import curve_view as curves
from explainer.ui import link, link_widgets
from explainer.ui.foundations.softmax import PARAMETERS as SCORES
from explainer.ui.foundations.softmax import softmax_section
from explainer.ui.language import later, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard
from explainer.ui.numbers import finite

if TYPE_CHECKING:
    from torch import Tensor

KIND, TARGET, ANSWER, DELTA, PLACE, CHOSEN = "of", "target", "y", "delta", "at_y", "read"
FIRST, RATE, BALLS = "from", "rate", "steps"
SOURCE, NETWORK = "source", "net"
SOURCES = {"own": later("Scores to drag"), "network": later("A network's scores for a photo")}
NETWORKS = {"tiny_vgg": "Tiny VGG", "lenet5": "LeNet-5"}
ANSWERS = {"1": "1", "0": "0"}
TARGETS = (-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0)
DELTAS = (0.25, 0.5, 1.0, 1.5, 2.0)
STARTS = (-7.0, -6.0, -5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
RATES = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
STEPS = 80
_USUAL_RATES = {"number": 0.25, "logit": 1.0}
_USUAL_STARTS = {"number": -1.0, "logit": -5.0}

_PANES = {
    "number": ((-0.3, 6.0), (-4.5, 4.5)),
    "probability": ((-0.15, 5.0), (-10.0, 10.0)),
    "logit": ((-0.3, 7.2), (-1.15, 1.15)),
}
_LETTERS = {"number": "ŷ", "probability": "p", "logit": "z"}
_PLACES = {"number": -1.5, "probability": 0.25, "logit": -4.0}
_NOTES = {
    "squared": later(
        "The gradient grows with the error: a single outlier can pull harder than all the rest."
    ),
    "absolute": later(
        "The gradient has the same size for every error, however small; at 0 PyTorch takes the slope 0."
    ),
    "huber": later("A parabola near the target, straight lines from δ on: outliers pull no harder than δ."),
    "entropy_p": later(
        "A confident wrong answer costs without limit: the loss is the surprise at the truth."
    ),
    "squared_p": later("Being certain and wrong costs 1, hardly more than being unsure."),
    "absolute_p": later("Every hundredth of probability counts the same."),
    "entropy_z": later("The gradient is σ(z) − y: the error itself. It only fades when the answer is right."),
    "squared_z": later(
        "The gradient has the factor σ(z)(1 − σ(z)), which is nearly 0 also where the answer is confidently "
        "wrong: learning gets stuck there."
    ),
    "absolute_z": later("The same factor of the sigmoid: flat where it is confidently wrong."),
}


def draw() -> None:
    """Draw the part."""
    with guard():
        _losses()
    st.divider()
    with guard():
        _scores()
    lesson("foundations_losses", title=t("What a loss asks for"))


@st.fragment
def _losses() -> None:
    from explainer.playground.losses import VIEWS, curve, descend
    from explainer.render.basics_code import loss_code

    with guard():
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            kind = link_widgets.one_of(
                KIND,
                t("The prediction is"),
                {name: view.title for name, view in VIEWS.items()},
                "logit",
                changed=lambda: link.forget(PLACE, CHOSEN, FIRST, RATE),
            )
            target, delta = _target(kind)
            start, rate = _balls(kind)
            link_widgets.reset_button(
                KIND, TARGET, ANSWER, DELTA, PLACE, CHOSEN, FIRST, RATE, key="losses_reset"
            )
        view = VIEWS[kind]
        high = view.low + (view.count - 1) * view.step
        place = finite(st.query_params.get(PLACE))
        place = min(high, max(view.low, _PLACES[kind] if place is None else place))
        names = list(view.losses)
        chosen = st.query_params.get(CHOSEN, "")
        chosen = chosen if chosen in names else names[0]
        shown = []
        for number, (name, loss) in enumerate(view.losses.items()):
            found = curve(kind, name, target, delta)
            path: list[float] = []
            if start is not None:
                path = descend(kind, name, start, target, rate=rate, steps=STEPS, parameter=delta).tolist()
            shown.append(
                curves.Shown(
                    name,
                    t(loss.name),
                    found.value,
                    found.derivative,
                    number,
                    {"target": target, "delta": delta},
                    t(_NOTES[name]),
                    path,
                )
            )
        values, slopes = _PANES[kind]
        curves.curve_view(
            shown,
            curves.Axis(t(view.axis), view.low, view.step, view.digits),
            (
                curves.Pane(t("Loss L"), *values),
                curves.Pane(t("Derivative {formula}", formula=f"dL/d{_LETTERS[kind]}"), *slopes),
            ),
            at=place,
            chosen=chosen,
            key=f"loss_curves_{kind}",
            label=t("Losses and their derivatives"),
            texts=texts_for(curves.FOLDER),
            on_read=_read,
            mark=None if kind == "logit" else target,
            ball=t("Gradient descent, step"),
        )
        if start is not None:
            _race(kind, shown, target)
        with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
            st.code(loss_code(chosen, place, target, delta, start, rate, STEPS), language="python")


def _target(kind: str) -> tuple[float, float]:
    """Draw the controls of the target and of the Huber loss."""
    if kind != "number":
        return float(link_widgets.one_of(ANSWER, t("Right answer y"), ANSWERS, "1")), 1.0
    with st.container(width=200):
        target = link_widgets.level(TARGET, t("Target t"), TARGETS, 1.0)
    with st.container(width=170):
        delta = link_widgets.level(DELTA, t("δ of Huber"), DELTAS, 1.0)
    return target, delta


def _balls(kind: str) -> tuple[float | None, float]:
    """Draw where gradient descent starts and its learning rate; there is none on probabilities."""
    if kind == "probability":
        return None, 0.0
    starts = STARTS if kind == "logit" else tuple(one for one in STARTS if abs(one) < 4)
    with st.container(width=210):
        start = link_widgets.level(FIRST, t("Gradient descent from"), starts, _USUAL_STARTS[kind])
    with st.container(width=180):
        rate = link_widgets.level(RATE, t("Learning rate η"), RATES, _USUAL_RATES[kind])
    return start, rate


def _race(kind: str, shown: list[curves.Shown], target: float) -> None:
    """Say how far gradient descent gets on each loss."""
    from torch import sigmoid, tensor

    lines = []
    for one in shown:
        path: Tensor = tensor(one.path).double()
        answers = sigmoid(path) if kind == "logit" else path
        near = ((answers - target).abs() < 0.1).nonzero()
        end = f"{float(answers[-1]):.4g}"
        if len(near):
            lines.append(
                t(
                    "**{loss}**: within 0.1 of the target after {steps} steps",
                    loss=one.name,
                    steps=int(near[0]),
                )
            )
        else:
            lines.append(t("**{loss}**: at {end} after {steps} steps", loss=one.name, end=end, steps=STEPS))
    st.markdown(" · ".join(lines))


def _read(place: float, name: str) -> None:
    st.query_params[PLACE] = f"{place:g}"
    st.query_params[CHOSEN] = name


@st.fragment
def _scores() -> None:
    with guard():
        st.subheader(t("Cross entropy with softmax: the gradient is p − y"))
        source = link_widgets.one_of(
            SOURCE,
            t("Scores"),
            SOURCES,
            "own",
            changed=lambda: link.forget(*SCORES),
            hidden=True,
        )
        if source == "own":
            softmax_section(target=0, key="entropy")
            return
        found = _network_scores()
        if found is not None:
            softmax_section(
                found.names, found.logits, target=found.best, source=found.identity, key="entropy"
            )


@dataclass(frozen=True)
class _Found:
    names: list[str]
    logits: list[float]
    best: int
    identity: str


def _network_scores() -> _Found | None:
    """Draw the choice of a network and a photo; return the scores of its ten strongest classes."""
    from explainer.ui.opened import open_image
    from explainer.ui.pickers import choose_photo

    network = link_widgets.one_of(
        NETWORK, t("Network"), NETWORKS, "tiny_vgg", changed=lambda: link.forget(*SCORES)
    )
    photo = choose_photo()
    opened = open_image(network, "default", photo.identity, photo.image)
    scores = opened.logits.output[0]
    strongest = sorted(scores.topk(min(10, len(scores))).indices.tolist())
    if len(scores) > len(strongest):
        st.caption(t("The ten largest of {count} scores; softmax is over these ten.", count=len(scores)))
    names = [opened.loaded.classes[number] for number in strongest]
    logits = [float(f"{float(scores[number]):.6g}") for number in strongest]
    return _Found(names, logits, logits.index(max(logits)), f"{network}/{photo.identity}")
