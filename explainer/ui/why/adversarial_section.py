"""Adversarial examples: a change too small to see, what the network says then, and where it looks."""

from __future__ import annotations

import io
from math import inf
from typing import TYPE_CHECKING, Any

import streamlit as st

from explainer.components.picture_row import FOLDER, Picture, picture_row
from explainer.ui.language import link_parameters, t, texts_for
from explainer.ui.lesson import lesson
from explainer.ui.messages import guard, plain
from explainer.ui.offering import offer
from explainer.ui.pickers import add_picture
from explainer.ui.plots import plot
from explainer.ui.why.attack_controls import LARGEST, METHODS, attack_controls
from explainer.ui.why.work import operations, worked

if TYPE_CHECKING:
    from PIL import Image

    from explainer.attribution import Adversarial
    from explainer.progress import Progress
    from explainer.render.attack import Attack
    from explainer.ui.subject import Subject

LENGTHS = tuple(range(0, LARGEST + 1, 2))
"""Of the single steps that the curve is drawn from, in the same unit."""
_SHOWN = 5
"""Classes in the bars."""


@st.fragment
def draw(subject: Subject, layer: str, class_index: int, *, key: str = "adversarial") -> None:
    """Draw the section.

    Args:
        subject: network and photo.
        layer: name of the one whose Grad-CAM is shown before and after.
        class_index: the class that the page is about; offered first as a target unless it is the answer.
        key: prefix of the widgets' keys.
    """
    with guard():
        _draw(subject, layer, class_index, key)


def _draw(subject: Subject, layer: str, class_index: int, key: str) -> None:
    from explainer.render.attack import run

    opened = subject.opened
    if not opened.predictions:
        st.info(t("This network gives no class scores, so there is no answer to change."))
        return
    method, epsilon, steps, target = attack_controls(subject, class_index, key)
    answer = opened.predictions[0].index
    aim = answer if target is None else target
    passes = 3 * (steps if method == "pgd" else 1) + len(LENGTHS) + 8
    attack = worked(
        ("adversarial", opened.key, layer, method, epsilon, steps, target),
        lambda progress: run(
            opened.loaded,
            opened.trace,
            opened.trace[layer],
            opened.logits,
            method=method,
            epsilon=epsilon / 255,
            steps=steps,
            target=target,
            lengths=[length / 255 for length in LENGTHS],
            progress=progress,
        ),
        key=key,
        start=t("Attack the network"),
        operations=operations(opened, passes),
    )
    if attack is None:
        st.caption(t("This is a large network: the attack takes a few seconds."))
        return
    found = attack.found
    _verdict(subject, found, aim, epsilon)
    _smallest(subject, method, steps, target, key)
    _pictures(subject, attack, epsilon, key)
    left, right = st.columns(2, gap="large")
    with left:
        _bars(subject, found, key)
    with right:
        _lengths(subject, attack, aim, epsilon, key)
    _take_away(subject, found, key)
    lesson("adversarial", title=t("What is an adversarial example?"))


def _verdict(subject: Subject, found: Adversarial, aim: int, epsilon: int) -> None:
    """Say in one sentence what came of it, also where nothing did."""
    before, after, noise = (
        plain(subject.class_name(int(scores.argmax()))) for scores in (found.before, found.after, found.noise)
    )
    sure = float(found.after.softmax(0).max())
    if epsilon == 0:
        st.info(t("A limit of 0 changes nothing: the network still says {name}.", name=before))
    elif found.success and found.survives:
        st.success(
            t(
                "It worked. No colour of any pixel has moved by more than {epsilon} of 255 steps, and the "
                "network now says {after} ({share}) instead of {before}. It still does with the picture "
                "saved in 8 bits.",
                epsilon=epsilon,
                after=after,
                before=before,
                share=f"{sure:.0%}",
            ),
            icon=":material/check_circle:",
        )
    elif found.success:
        st.warning(
            t(
                "It worked only on paper: the network says {after} ({share}) instead of {before}, but no "
                "longer once the picture is rounded to 8 bits, as in a file.",
                after=after,
                before=before,
                share=f"{sure:.0%}",
            ),
            icon=":material/rule:",
        )
    elif found.targeted:
        st.info(
            t(
                "It did not work: within this limit the attack found no picture that the network takes for "
                "{target}. It says {after} ({share}). A larger limit, or PGD with more steps, may find one.",
                target=plain(subject.class_name(aim)),
                after=after,
                share=f"{sure:.0%}",
            ),
            icon=":material/shield:",
        )
    else:
        st.info(
            t(
                "It did not work: the network still says {after} ({share}). That does not prove that no such "
                "change exists; a larger limit, or PGD with more steps, may find one.",
                after=after,
                share=f"{sure:.0%}",
            ),
            icon=":material/shield:",
        )
    if epsilon:
        st.caption(
            t(
                "Noise of the same strength, with random signs: the network says {noise} ({share}).",
                noise=noise,
                share=f"{float(found.noise.softmax(0).max()):.0%}",
            )
        )


def _smallest(subject: Subject, method: str, steps: int, target: int | None, key: str) -> None:
    """Look for the smallest limit with which the attack works, when the reader asks for it."""
    opened = subject.opened
    model, scaling = opened.loaded.model, opened.loaded.preprocessing
    images, answer = opened.trace.input.output, opened.predictions[0].index

    def search(progress: Progress) -> tuple[int | None]:
        from explainer.attribution import smallest_epsilon

        return (
            smallest_epsilon(
                model,
                images,
                answer if target is None else target,
                scaling,
                method=method,
                targeted=target is not None,
                steps=steps,
                largest=LARGEST,
                progress=progress,
            ),
        )

    found = worked(
        ("smallest limit", opened.key, method, steps, target),
        search,
        key=f"{key}-smallest",
        start=t("Find the smallest limit that works"),
        operations=inf,
    )
    if found is None:
        return
    (smallest,) = found
    if smallest is None:
        st.markdown(
            t(
                "No limit up to {largest} / 255 was enough for {method}.",
                largest=LARGEST,
                method=METHODS[method],
            )
        )
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            t(
                "**{smallest} / 255** is the smallest limit with which {method} works. A better attack may "
                "need less.",
                smallest=smallest,
                method=METHODS[method],
            ),
            width="content",
        )
        st.button(
            t("Set it"),
            key=f"{key}-set",
            on_click=lambda: st.query_params.__setitem__("eps", str(smallest)),
        )


def _pictures(subject: Subject, attack: Attack, epsilon: int, key: str) -> None:
    found, opened = attack.found, subject.opened
    factor = round(127.5 / max(1, epsilon), 1)
    names = [
        subject.class_name(int(scores.argmax())) for scores in (found.before, found.rounded, found.after)
    ]
    pictures = [
        Picture(t("The photo"), t("The network says {name}", name=names[0]), pixels=opened.picture),
        Picture(
            t("What was added, {factor:g} times as strong", factor=factor),
            t("Grey is no change, white and black are ±{epsilon} / 255", epsilon=max(1, epsilon)),
            change=found.perturbation,
            peak=max(1, epsilon) / 255,
            unit="/ 255",
        ),
        Picture(
            t("The changed photo, in 8 bits"),
            t("The network says {name}", name=names[1]),
            pixels=found.picture,
        ),
    ]
    if attack.heat_before is not None and attack.heat_after is not None:
        peak = max(float(attack.heat_before.max()), float(attack.heat_after.max()))
        scale = t("Both maps on one scale, full colour at {peak:.3g}", peak=peak)
        pictures += [
            Picture(
                t("Grad-CAM before, for {name}", name=names[0]),
                scale,
                pixels=opened.picture,
                heat=attack.heat_before,
                peak=peak,
            ),
            Picture(
                t("Grad-CAM after, for {name}", name=names[2]),
                scale,
                pixels=found.picture,
                heat=attack.heat_after,
                peak=peak,
            ),
        ]
    picture_row(
        pictures,
        key=f"{key}-pictures",
        label=t("The photo, the change, and what the network makes of it"),
        texts=dict(texts_for(FOLDER)),
    )


def _bars(subject: Subject, found: Adversarial, key: str) -> None:
    from explainer.render.figures import bars

    before, after = found.before.softmax(0), found.after.softmax(0)
    best = [
        index for scores in (after, before) for index in scores.argsort(descending=True).tolist()[:_SHOWN]
    ]
    if found.targeted:
        best.insert(0, found.class_index)
    shown = sorted(dict.fromkeys(best), key=lambda index: -max(float(before[index]), float(after[index])))
    shown = shown[: _SHOWN + 2]
    st.markdown(f"**{t('Probabilities before and after')}**")
    plot(
        bars(
            [subject.class_name(index) for index in shown],
            [
                (t("before"), [float(before[index]) for index in shown]),
                (t("after"), [float(after[index]) for index in shown]),
            ],
            x_range=(0, 1.12),
        ),
        key=f"{key}-bars",
    )


def _lengths(subject: Subject, attack: Attack, aim: int, epsilon: int, key: str) -> None:
    """Draw what one step along the sign does, the longer it gets."""
    from explainer.render.figures import Line, curves

    scores = attack.lengths
    first, *second = attack.found.before.argsort(descending=True).tolist()[:2]
    others = [int(attack.found.after.argmax()), aim, *scores.argmax(1).tolist(), *second]
    shown = list(dict.fromkeys([first, *others]))[:4]
    st.markdown(f"**{t('One FGSM step of every length')}**")
    plot(
        curves(
            [Line(subject.class_name(index), LENGTHS, scores[:, index].tolist()) for index in shown],
            x=t("ε in steps of 255"),
            y=t("class score"),
            mark=epsilon,
        ),
        key=f"{key}-lengths",
    )
    st.caption(
        t(
            "Where the lines are straight, the network is linear along the gradient, and one step goes a "
            "long way (Goodfellow et al., 2015, figure 4). Where they bend, a longer step can undo the "
            "attack."
        )
    )


def _take_away(subject: Subject, found: Adversarial, key: str) -> None:
    """Offer the picture as a file, and on the Network page where it arrives unchanged."""
    from explainer.render.attack import code, image_of, in_photo

    whole = in_photo(found.picture, subject.opened.loaded, subject.chosen.image)
    model = subject.entry.key

    def written() -> bytes:
        file = io.BytesIO()
        (whole or image_of(found.picture)).save(file, "PNG")
        return file.getvalue()

    with st.container(horizontal=True):
        offer(
            t("Download the picture (PNG)"),
            written,
            f"{model}-adversarial.png",
            key=f"{key}-download",
            mime="image/png",
        )
        if whole is not None and st.button(
            t("Look at it on the Network page"), key=f"{key}-network", icon=":material/account_tree:"
        ):
            _send(subject, whole)
    with st.expander(t("Show the PyTorch code"), icon=":material/code:"):
        st.code(code(subject.origin, found), language="python")


def _send(subject: Subject, whole: Image.Image) -> None:
    picture = add_picture(f"{subject.entry.key}-adversarial.png", whole)
    query: dict[str, Any] = {**link_parameters(), "model": subject.entry.key, "image": picture}
    if subject.weights != "default":
        query["weights"] = subject.weights
    st.switch_page("app.py", query_params=query)
