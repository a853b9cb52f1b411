"""The wall on the page: the chosen maps beside each other, and beside them the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from explainer.components.heat_wall import FOLDER, heat_wall
from explainer.errors import ReaderError
from explainer.render.heat import Tile, code, wall
from explainer.render.heat_methods import METHODS, Heat
from explainer.render.wire import pack
from explainer.ui.language import t, texts_for
from explainer.ui.messages import message
from explainer.ui.subject import CLASS, Subject
from explainer.ui.why.choices import Choice
from explainer.ui.why.heats import Job, start, stopped

KEY = "heat_wall"
_BARS = 5


def draw_wall(subject: Subject, choice: Choice, found: Mapping[Job, Heat | ReaderError]) -> None:
    """Draw the wall with what has been found so far."""
    tiles = {_key(choice, job): job for job in choice.jobs}
    frame = wall(
        subject.opened.picture,
        [_tile(subject, choice, job, found.get(job)) for job in choice.jobs],
        opposed=choice.opposed,
        scale="shared" if choice.view == "classes" else "own",
        answers=_answers(subject, choice.classes),
        chosen=choice.classes,
        several=choice.view == "classes",
        text=texts_for(FOLDER),
    )
    heat_wall(
        pack(frame),
        key=KEY,
        on_choose=partial(_choose, choice),
        on_start=lambda name: start(subject, tiles[name]) if name in tiles else None,
    )


def _choose(choice: Choice, index: int) -> None:
    if choice.view != "classes":
        st.query_params[CLASS] = str(index)
        return
    others = [one for one in choice.classes if one != index]
    shown = others or [index] if index in choice.classes else [*others, index]
    st.query_params["classes"] = ",".join(map(str, shown))


def _key(choice: Choice, job: Job) -> str:
    if choice.view == "layers":
        return job.layer or ""
    return str(job.class_index) if choice.view == "classes" else job.method


def _tile(subject: Subject, choice: Choice, job: Job, found: Heat | ReaderError | None) -> Tile:
    subtitle = ""
    if choice.view == "layers":
        node = subject.trace[job.layer or ""]
        subtitle = f"{node.kind} · {'×'.join(map(str, node.shape[1:]))}"
    elif choice.view == "classes":
        subtitle = f"{_share(subject, job.class_index):.1%}"
    text = ""
    if isinstance(found, ReaderError):
        text = message(found)
    elif found is None and stopped(subject, job):
        text = t("Stopped")
    return Tile(
        key=_key(choice, job),
        title=title_of(subject, choice, job),
        subtitle=subtitle,
        method=job.method,
        heat=found if isinstance(found, Heat) else None,
        message=text,
        note=t(found.note) if isinstance(found, Heat) and found.note else "",
        stopped=found is None and bool(text),
        code=code(
            subject.origin,
            job.method,
            job.layer,
            job.class_index,
            dict(job.values),
            opposed=choice.opposed,
        ),
        file="-".join(
            ["convscope", subject.entry.key, job.method, *filter(None, [job.layer]), str(job.class_index)]
        ),
    )


def title_of(subject: Subject, choice: Choice, job: Job) -> str:
    """Return what a map is called among the others on the wall."""
    if choice.view == "layers":
        return job.layer or ""
    return subject.class_name(job.class_index) if choice.view == "classes" else t(METHODS[job.method].title)


def _share(subject: Subject, index: int) -> float:
    return float(subject.opened.logits.output[0].softmax(0)[index])


def _answers(subject: Subject, chosen: Sequence[int]) -> list[dict[str, Any]]:
    """Return the first classes, and those on the wall that are none of them, with their rank."""
    chances = subject.opened.logits.output[0].softmax(0)
    order = chances.argsort(descending=True, stable=True).tolist()
    rank = {index: place for place, index in enumerate(order, 1)}
    return [
        {
            "index": index,
            "name": subject.class_name(index),
            "probability": float(chances[index]),
            "rank": rank[index] if rank[index] > _BARS else 0,
        }
        for index in dict.fromkeys([*order[:_BARS], *chosen])
    ]
